"""What other judges say of our constructs: cdk-nag's own packs, and the CDK's own template validator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from soc2_constructs.hardening import RECOVERY_REGION

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import aws_apigatewayv2_integrations as integrations

from soc2_constructs import Soc2Checks, patterns
from soc2_constructs import aws_apigateway as apigateway
from soc2_constructs import aws_apigatewayv2 as apigatewayv2
from soc2_constructs import aws_backup as backup
from soc2_constructs import aws_cloudtrail as cloudtrail
from soc2_constructs import aws_dynamodb as dynamodb
from soc2_constructs import aws_ec2 as ec2
from soc2_constructs import aws_ecr as ecr
from soc2_constructs import aws_efs as efs
from soc2_constructs import aws_elasticloadbalancingv2 as elb
from soc2_constructs import aws_kinesis as kinesis
from soc2_constructs import aws_lambda as lambda_
from soc2_constructs import aws_rds as rds
from soc2_constructs import aws_secretsmanager as secretsmanager
from soc2_constructs import aws_sns as sns
from soc2_constructs import aws_sqs as sqs
from soc2_constructs import aws_stepfunctions as sfn

HERE = cdk.Environment(account="111111111111", region="eu-central-1")

#: The stacks that hold constructs of ours.
STACKS = ("Network", "Product", "ProductRecovery", "Others", "OthersRecovery", "Services", "ServicesRecovery")

#: What the packs find in our constructs, and why it stays. A pack's prefix is left out where packs agree.
PINNED = {
    "AwsSolutions-APIG2": "Which requests are valid is known to the user of the API only.",
    "AwsSolutions-CFR1": "Where viewers may live is a decision of the user's.",
    "AwsSolutions-CFR2": "A web ACL for distributions can be made in us-east-1 only; this stack stands elsewhere.",
    "AwsSolutions-CFR4": "Without a certificate of the user's, CloudFront takes no minimum protocol.",
    "AwsSolutions-COG4": "The default authorizer is IAM; Cognito is one of several that a user may choose.",
    "AwsSolutions-EC29": "Termination protection stops deployments that have to replace an instance.",
    "AwsSolutions-IAM4": "Service roles have AWS's own policies, which AWS keeps up to date with its services.",
    "AwsSolutions-IAM5": "Replication and restores are about every object of a bucket.",
    "AwsSolutions-KDS3": "AWS's own key costs less; a key of one's own can be taken away from who may read.",
    "AwsSolutions-RDS2": "A replica, and what is made of a snapshot, is encrypted as that is, and takes no word on it.",
    "AwsSolutions-RDS11": "Another port hides nothing from a port scan.",
    "AwsSolutions-RDS14": "Backtracking costs by the hour; any second of 35 days comes back without it.",
    "ALBWAFEnabled": "The rule wants a web ACL for internal load balancers too.",
    "APIGWCacheEnabledAndEncrypted": "The rule wants a cache on every stage; ours encrypts whatever cache is on.",
    "APIGWSSLEnabled": "Client certificates of API Gateway are for HTTP backends; a function needs none.",
    "RDSStorageEncrypted": "As AwsSolutions-RDS2.",
    "EC2EBSInBackupPlan": "The rule follows no selection by tag.",
    "EC2RestrictedCommonPorts": "The rule takes the port of a database, which is known at deployment, for every port.",
    "EC2RestrictedSSH": "As above.",
    "DynamoDBInBackupPlan": "The rule follows no selection by tag.",
    "EFSInBackupPlan": "The rule does not see automatic backups, which AWS's own plan makes.",
    "LambdaConcurrency": "Not every function can have it; which ones is for the user to say.",
    "LambdaDLQ": "As above.",
    "LambdaInsideVPC": "As above.",
    "RDSInBackupPlan": "The rule follows no selection by tag, and wants members of a cluster to be selected.",
    "S3BucketReplicationEnabled": "A bucket of access logs, and a replica itself, are copied no further.",
    "S3DefaultEncryptionKMS": "S3 delivers access logs to no bucket with a KMS key as default encryption.",
    "IAMPolicyNoStatementsWithFullAccess": "What a bastion host may say to Session Manager, in the CDK's words.",
    "IAMNoInlinePolicy": "The CDK writes grants as inline policies of the role that they belong to.",
}


def product(scope: cdk.App) -> cdk.Stack:
    """Every construct of ours with its defaults, a disaster-recovery region named."""
    network = cdk.Stack(scope, "Network", env=HERE)
    subnets = [ec2.SubnetConfiguration(name="Data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)]
    vpc = ec2.Vpc(network, "Vpc", subnet_configuration=subnets)
    stack = cdk.Stack(scope, "Product", env=HERE)
    handler = lambda_.Function.from_function_name(stack, "Handler", "handler")
    patterns.StaticWebsite(stack, "Site")
    patterns.RestService(stack, "Service", handler=handler)
    postgres = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9)
    aurora = rds.DatabaseClusterEngine.aurora_mysql(version=rds.AuroraMysqlEngineVersion.VER_3_08_0)
    patterns.RelationalDatabase(stack, "Accounts", engine=postgres, vpc=vpc, backup_plan=False)
    patterns.RelationalDatabase(stack, "Events", engine=aurora, vpc=vpc, backup_plan=False)
    patterns.BackupPolicy(stack, "Backup")
    apigatewayv2.HttpApi(stack, "Http")
    connect = {"integration": integrations.WebSocketLambdaIntegration("Connect", handler)}
    sockets = apigatewayv2.WebSocketApi(stack, "Sockets", connect_route_options=connect)
    apigatewayv2.WebSocketStage(stack, "Live", web_socket_api=sockets, stage_name="live")
    others(cdk.Stack(scope, "Others", env=HERE), vpc)
    services(cdk.Stack(scope, "Services", env=HERE), vpc)
    return stack


def services(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    """What stores, carries and runs, each with its defaults."""
    backup.BackupPlan(stack, "Plan").add_tagged()
    where = {"vpc": vpc, "vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)}
    root = ec2.BlockDevice(device_name="/dev/xvda", volume=ec2.BlockDeviceVolume.ebs(20))
    image = ec2.MachineImage.latest_amazon_linux2023()
    kind = ec2.InstanceType("m7i.large")
    ec2.Instance(stack, "Server", instance_type=kind, machine_image=image, block_devices=[root], **where)
    ec2.BastionHostLinux(stack, "Bastion", vpc=vpc, subnet_selection=where["vpc_subnets"])
    zone = cdk.Fn.select(0, cdk.Fn.get_azs())
    ec2.Volume(stack, "Disk", availability_zone=zone, size=cdk.Size.gibibytes(20))
    efs.FileSystem(stack, "Files", **where)
    elb.ApplicationLoadBalancer(stack, "Web", **where)
    elb.NetworkLoadBalancer(stack, "Inner", **where)
    ecr.Repository(stack, "Images")
    trail = cloudtrail.Trail(stack, "Trail")
    trail.log_all_s3_data_events()
    trail.log_all_lambda_data_events()
    code = lambda_.Code.from_inline("def handler(event, context): pass")
    lambda_.Function(stack, "Function", runtime=lambda_.Runtime.PYTHON_3_14, handler="index.handler", code=code)
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    dynamodb.Table(stack, "Table", partition_key=key, billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST)
    dynamodb.TableV2(stack, "Globe", partition_key=key)
    kinesis.Stream(stack, "Stream")
    failed = sqs.Queue(stack, "Failed")
    sqs.Queue(stack, "Queue", dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=3, queue=failed))
    sns.Topic(stack, "Topic")
    handler = lambda_.Function.from_function_name(stack, "Rotator", "rotator")
    secretsmanager.Secret(stack, "Secret").add_rotation_schedule("Rotation", rotation_lambda=handler)


def others(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    """What no pattern is made of."""
    isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    where = {"vpc": vpc, "vpc_subnets": isolated}
    mysql = rds.DatabaseInstanceEngine.mysql(version=rds.MysqlEngineVersion.VER_8_4_9)
    aurora = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_9)
    # Of this engine alone RDS makes replicas although it manages the password.
    server = rds.DatabaseInstanceEngine.sql_server_ee(version=rds.SqlServerEngineVersion.VER_16_00_4236_2_V1)
    source = rds.DatabaseInstance(stack, "Source", engine=server, **where)
    rds.DatabaseInstanceReadReplica(
        stack,
        "Replica",
        source_database_instance=source,
        instance_type=ec2.InstanceType("m7g.large"),
        **where,
    )
    rds.DatabaseInstanceFromSnapshot(stack, "Restored", snapshot_identifier="snapshot", engine=mysql, **where)
    rds.DatabaseClusterFromSnapshot(
        stack,
        "RestoredCluster",
        snapshot_identifier="snapshot",
        engine=aurora,
        writer=rds.ClusterInstance.serverless_v2("Writer"),
        **where,
    )
    assert source.secret is not None
    rds.DatabaseProxy(
        stack, "Proxy", proxy_target=rds.ProxyTarget.from_instance(source), secrets=[source.secret], **where
    )
    backup.BackupPlan(stack, "Plan").add_tagged()
    handler = lambda_.Function.from_function_name(stack, "Handler", "handler")
    apigateway.LambdaRestApi(stack, "Lambda", handler=handler)
    machine = sfn.StateMachine(
        stack,
        "Machine",
        state_machine_type=sfn.StateMachineType.EXPRESS,
        definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "Pass")),
    )
    apigateway.StepFunctionsRestApi(stack, "StepFunctions", state_machine=machine)
    document = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/": {"get": {"responses": {}}}}}
    apigateway.SpecRestApi(stack, "Spec", api_definition=apigateway.ApiDefinition.from_inline(document))
    api = apigateway.RestApi(stack, "Staged", deploy=False)
    api.root.add_method("GET", apigateway.LambdaIntegration(handler))
    apigateway.Stage(stack, "Stage", deployment=apigateway.Deployment(stack, "Deployment", api=api))


@pytest.fixture(scope="module")
def app() -> cdk.App:
    app = cdk.App(context={RECOVERY_REGION: "eu-west-1"})
    product(app)
    return app


@pytest.mark.parametrize(
    "pack",
    [
        cdk_nag.AwsSolutionsChecks,
        cdk_nag.NIST80053R5Checks,
        cdk_nag.HIPAASecurityChecks,
        cdk_nag.PCIDSS321Checks,
    ],
)
def test_other_packs_find_nothing_but_what_is_pinned(pack: type[cdk_nag.NagPack], app: cdk.App) -> None:
    found: dict[str, list[str]] = {}
    for stack in STACKS:
        for violation in pack().validate_scope(app.node.find_child(stack)).violations:
            rule = violation.rule_name.partition("[")[0]
            if not rule.startswith("AwsSolutions"):
                rule = rule.rpartition("-")[2]
            found.setdefault(rule, []).extend(str(r.construct_path) for r in violation.violating_resources)
    assert {rule: places for rule, places in found.items() if rule not in PINNED} == {}
    replicated = {path for path in found.get("S3BucketReplicationEnabled", ()) if path.startswith("Product/")}
    assert replicated <= {"Product/Soc2/AccessLogs/Resource"}


def test_every_pin_is_needed(app: cdk.App) -> None:
    names = set()
    for pack in (cdk_nag.AwsSolutionsChecks, cdk_nag.NIST80053R5Checks):
        for stack in STACKS:
            for violation in pack().validate_scope(app.node.find_child(stack)).violations:
                rule = violation.rule_name.partition("[")[0]
                names.add(rule if rule.startswith("AwsSolutions") else rule.rpartition("-")[2])
    assert set(PINNED) <= names


def test_our_own_pack_finds_what_only_the_user_can_decide(app: cdk.App) -> None:
    report = Soc2Checks(strict=True, fail_on="low").validate_scope(app)
    found = {v.rule_name for v in report.violations if "created by the CDK itself" not in v.description}
    # Which fields are sensitive, whether the snapshot is encrypted, what a bastion host keeps: nobody else knows.
    # On which events of a trail an account raises alarms is no matter of the trail.
    assert {name for name in found if not name.startswith("log_metric_filter_")} == {
        "cloudfront_distribution_field_level_encryption_enabled",
        "ec2_instance_protected_by_backup_plan",
        "lambda_function_concurrent_execution_limit_configured",
        "lambda_function_dead_letter_queue_configured",
        "lambda_function_in_vpc",
        "rds_db_instance_encryption_at_rest_enabled",
        "rds_db_snapshot_encrypted_at_rest",
    }


def test_cfn_lint_finds_nothing(tmp_path: Path, cfn_lint: Callable[..., list[str]]) -> None:
    app = cdk.App(outdir=str(tmp_path), context={RECOVERY_REGION: "eu-west-1"})
    product(app)
    app.synth()
    assert cfn_lint(tmp_path) == []
    pinned = {finding.split()[1] for finding in cfn_lint(tmp_path, pinned=True)}
    assert pinned == {"W3005", "W3010"}, "a pin that is not needed goes"


def test_the_frameworks_validator_finds_nothing(tmp_path: Path) -> None:
    """In a process of its own: elsewhere in the tests the validator is switched off, for it takes seconds."""
    outdir = tmp_path / "cdk.out"
    program = (
        "import sys, aws_cdk as cdk\n"
        f"sys.path.insert(0, {str(Path(__file__).parent.parent)!r})\n"
        "import test_second_opinion as here\n"
        f"app = cdk.App(outdir={str(outdir)!r}, context={{here.RECOVERY_REGION: 'eu-west-1'}})\n"
        "here.product(app)\n"
        "app.synth()\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, capture_output=True, timeout=300)
    report = json.loads((outdir / "validation-report.json").read_text())
    found = [violation for plugin in report["pluginReports"] for violation in plugin["violations"]]
    assert [(violation["ruleName"], violation["description"]) for violation in found] == []
