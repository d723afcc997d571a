"""One line for an app that exists: what it sets, what it leaves alone, and what it holds back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from soc2_constructs.hardening import BACKUP_TAG, RECOVERY_REGION

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_backup as backup
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_efs as efs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

import soc2_constructs as soc2
from soc2_constructs import aws_s3 as our_s3
from soc2_constructs import enforcement
from soc2_constructs.audit import audit
from soc2_constructs.controls import catalogue
from soc2_constructs.enforcement._index import CLASSES
from soc2_constructs.patterns import BackupPolicy
from support.minimal import constructors, hardened

HERE = cdk.Environment(account="111111111111", region="eu-central-1")
POSTGRES = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9)
ID = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
AURORA = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_9)


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    return cdk.App(outdir=str(tmp_path / "cdk.out"), context={RECOVERY_REGION: "eu-west-1"})


def stack_of(app: Construct, id: str = "S") -> cdk.Stack:
    return cdk.Stack(app, id, env=HERE)


def vpc(stack: cdk.Stack, id: str = "Vpc") -> ec2.IVpc:
    return ec2.Vpc(stack, id)


def synth(app: cdk.App) -> dict[str, Any]:
    """The resources of every stack, by stack and logical id."""
    assembly = app.synth()
    return {each.hierarchical_id: each.template.get("Resources", {}) for each in assembly.stacks_recursively}


def only(resources: dict[str, Any], kind: str, start: str = "") -> dict[str, Any]:
    (found,) = (body for name, body in resources.items() if body["Type"] == kind and name.startswith(start))
    properties: dict[str, Any] = found["Properties"]
    return properties


def failing(app: cdk.App, path: str) -> set[str]:
    return {
        result.control.id
        for result in audit(app.outdir).results
        if result.status == "FAIL" and (result.construct_path or "").startswith(path)
    }


# Constructs of the CDK


def rest_api(stack: cdk.Stack) -> Any:
    api = apigateway.RestApi(stack, "Good")
    api.root.add_method("GET", apigateway.MockIntegration())
    return api


def instance(stack: cdk.Stack, id: str, **more: Any) -> Any:
    given = {
        "vpc": stack.node.try_find_child("Vpc") or vpc(stack),
        "instance_type": ec2.InstanceType("m7g.large"),
        "machine_image": ec2.MachineImage.latest_amazon_linux2023(),
    }
    return ec2.Instance(stack, id, **{**given, **more})


def disk(**more: Any) -> ec2.BlockDevice:
    return ec2.BlockDevice(device_name="/dev/xvda", volume=ec2.BlockDeviceVolume.ebs(20, **more))


def volume(stack: cdk.Stack, id: str, **more: Any) -> Any:
    return ec2.Volume(stack, id, availability_zone="eu-central-1a", size=cdk.Size.gibibytes(8), **more)


def network_balancer(stack: cdk.Stack) -> Any:
    made = elb.NetworkLoadBalancer(stack, "Good", vpc=vpc(stack))
    certificate = elb.ListenerCertificate.from_arn("arn:aws:acm:eu-central-1:111111111111:certificate/c")
    group = elb.NetworkTargetGroup(stack, "Group", vpc=made.vpc, port=443)
    made.add_listener("Tls", port=443, certificates=[certificate], default_target_groups=[group])
    return made


def table(stack: Construct, cls: Any, **more: Any) -> Any:
    return cls(stack, "Good", partition_key=ID, **more)


# Every class

#: The classes that `enforce` completes, and how to create one with no more arguments than the CDK requires.
PLAIN = {
    f"{module}.{name}": constructors(drop_in=False)[f"{module}.{name}"]
    for module, names in CLASSES.items()
    for name in names
}

#: The controls of an encryption that enforcement leaves as it is.
LOW_ENCRYPTION = {"s3_bucket_default_encryption_enabled", "s3_bucket_default_encryption_enabled_kms"}

#: What enforcement leaves, and why: by class and control.
NOT_TO_BE_SEEN = {
    ("aws_s3.Bucket", "s3_bucket_default_encryption_enabled"): "S3 encrypts all objects with SSE-S3.",
    ("aws_ec2.Vpc", "vpc_subnet_auto_assign_public_ip_disabled"): "What stands there may live by its address.",
    ("aws_rds.DatabaseInstanceReadReplica", "rds_db_instance_encryption_at_rest_enabled"): "Its source is held back.",
}


def test_the_index_has_every_hardened_class_that_enforcement_can_complete() -> None:
    """A class of another name is one that the user chooses; a table without controls and hooks completes nothing."""
    enforced = {
        name
        for name, cls in hardened().items()
        for table in (cls.hardening,)
        if table.enforced and (table.controls or table.after) and cls.__name__ == table.construct.__name__
    }
    assert set(PLAIN) == enforced
    assert set(hardened()) - enforced == {
        "aws_apigateway.DomainName",
        "aws_apigatewayv2.DomainName",
        "aws_apigatewayv2.HttpApi",
        "aws_apigatewayv2.WebSocketApi",
        "aws_backup.BackupPlan",
        "aws_lambda.DockerImageFunction",
        "aws_lambda.Function",
        "aws_rds.DatabaseProxy",
        "aws_s3.AccessLogsBucket",
        "aws_secretsmanager.Secret",
        "aws_sqs.Queue",
    }


def test_the_index_loads_no_drop_in_module() -> None:
    loaded = "[name for name in sys.modules if name.startswith('soc2_constructs.aws_')]"
    code = f"import sys, soc2_constructs.enforcement; print({loaded})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_construct_passes_the_controls_of_its_table(name: str, app: cdk.App) -> None:
    enforced = soc2.enforce(app, report_only=True)
    PLAIN[name](stack_of(app), "Good")
    app.synth()
    held = {change.control for change in (*enforced.held_back, *enforced.left)}
    table = hardened()[name].hardening
    failed = failing(app, "S/Good") & set(table.controls)
    assert {each for each in failed - held if (name, each) not in NOT_TO_BE_SEEN} == set()
    assert any(change.path.startswith("S/Good") for change in enforced.changes)


@pytest.mark.parametrize("name", PLAIN)
def test_a_new_construct_can_be_completed_with_allow_replacement(name: str, app: cdk.App) -> None:
    enforced = soc2.enforce(app, allow_replacement=True, report_only=True)
    PLAIN[name](stack_of(app), "Good")
    app.synth()
    assert enforced.held_back == []
    failed = failing(app, "S/Good") & set(hardened()[name].hardening.controls)
    failed -= {change.control for change in enforced.left}
    assert {each for each in failed if (name, each) not in NOT_TO_BE_SEEN} == set()


def test_cfn_lint_finds_nothing_that_was_not_there(tmp_path: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    found = {}
    for enforced in (False, True):
        app = cdk.App(outdir=str(tmp_path / str(enforced)), context={RECOVERY_REGION: "eu-west-1"})
        if enforced:
            soc2.enforce(app, allow_replacement=True, report_only=True)
        for name, make in PLAIN.items():
            make(stack_of(app, name.replace(".", "-").replace("_", "-")), "Good")
        app.synth()
        found[enforced] = set(cfn_lint(Path(app.outdir)))
    assert found[True] - found[False] == set()


# What the user says


def test_a_wrong_value_stays_and_fails_the_synthesis_with_its_place(app: cdk.App) -> None:
    soc2.enforce(app)
    s3.Bucket(stack_of(app), "Bad", versioned=False)
    with pytest.raises(RuntimeError, match="keep previous object versions"):
        app.synth()
    template = json.loads(Path(app.outdir, "S.template.json").read_text())["Resources"]
    assert "VersioningConfiguration" not in only(template, "AWS::S3::Bucket", "Bad")
    (result,) = (
        result
        for result in audit(app.outdir, include=["s3_bucket_versioning_enabled"]).results
        if result.construct_path == "S/Bad/Resource"
    )
    assert result.status == "FAIL"
    assert result.source is not None
    assert result.source.startswith("tests/enforcement/test_enforcement.py:")


def test_values_of_the_user_stay(app: cdk.App) -> None:
    soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    key = kms.Key(stack, "Key")
    rule = s3.LifecycleRule(
        expiration=cdk.Duration.days(3),
        transitions=[
            s3.Transition(storage_class=s3.StorageClass.GLACIER, transition_after=cdk.Duration.days(1)),
        ],
    )
    s3.Bucket(stack, "Mine", encryption=s3.BucketEncryption.KMS, encryption_key=key, lifecycle_rules=[rule])
    logs.LogGroup(stack, "Log", retention=logs.RetentionDays.ONE_MONTH)
    api = apigateway.RestApi(
        stack,
        "Api",
        deploy_options=apigateway.StageOptions(
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            stage_name="live",
            method_options={"/a/GET": apigateway.MethodDeploymentOptions(caching_enabled=True)},
        ),
    )
    api.root.add_method("GET", apigateway.MockIntegration())
    resources = synth(app)["S"]
    bucket = only(resources, "AWS::S3::Bucket", "Mine")
    assert [each["ExpirationInDays"] for each in bucket["LifecycleConfiguration"]["Rules"]] == [3]
    assert "BucketKeyEnabled" not in json.dumps(bucket["BucketEncryption"])
    assert stack.get_logical_id(key.node.default_child) in json.dumps(bucket["BucketEncryption"])  # type: ignore[arg-type]
    assert only(resources, "AWS::Logs::LogGroup", "Log")["RetentionInDays"] == 30
    stage = only(resources, "AWS::ApiGateway::Stage")
    assert stage["StageName"] == "live"
    general, method = stage["MethodSettings"]
    assert (general["LoggingLevel"], general["CacheDataEncrypted"]) == ("ERROR", True)
    assert (method["CachingEnabled"], method["CacheDataEncrypted"]) == (True, True)


def test_nothing_of_taste_is_set(app: cdk.App) -> None:
    soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    rest_api(stack)
    kms.Key(stack, "Key")
    resources = synth(app)["S"]
    kinds = {body["Type"] for body in resources.values()}
    assert not {kind for kind in kinds if kind.startswith("AWS::WAFv2")}
    assert only(resources, "AWS::ApiGateway::Method")["AuthorizationType"] == "NONE"
    assert "PendingWindowInDays" not in only(resources, "AWS::KMS::Key", "Key")
    assert "ThrottlingRateLimit" not in json.dumps(resources)


def test_no_data_is_deleted(app: cdk.App) -> None:
    soc2.enforce(app, report_only=True)
    s3.Bucket(stack_of(app), "Bucket")
    bucket = only(synth(app)["S"], "AWS::S3::Bucket", "Bucket")
    assert [each["Id"] for each in bucket["LifecycleConfiguration"]["Rules"]] == ["AbortIncompleteUploads"]


def test_a_backup_plan_has_the_rules_that_the_user_gives_it(app: cdk.App) -> None:
    soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    backup.BackupPlan.daily35_day_retention(stack, "Plan")
    assert len(only(synth(app)["S"], "AWS::Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]) == 1


def test_events_go_beside_notifications_that_the_user_adds_later(app: cdk.App) -> None:
    from aws_cdk import aws_s3_notifications as notifications
    from aws_cdk import aws_sqs as sqs

    soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    bucket = s3.Bucket(stack, "Mine")
    bucket.add_event_notification(s3.EventType.OBJECT_CREATED, notifications.SqsDestination(sqs.Queue(stack, "Queue")))
    resources = synth(app)["S"]
    assert "NotificationConfiguration" not in only(resources, "AWS::S3::Bucket", "Mine")
    notified = only(resources, "Custom::S3BucketNotifications")["NotificationConfiguration"]
    assert set(notified) == {"EventBridgeConfiguration", "QueueConfigurations"}


def test_a_bucket_that_gets_access_logs_is_one_that_s3_delivers_to(app: cdk.App) -> None:
    soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    target = s3.Bucket(stack, "Logs")
    s3.Bucket(stack, "Source", server_access_logs_bucket=target)
    resources = synth(app)["S"]
    bucket = only(resources, "AWS::S3::Bucket", "Logs")
    assert "BucketEncryption" not in bucket
    assert bucket["ObjectLockEnabled"] is False


def test_constructs_of_other_libraries_are_covered(app: cdk.App) -> None:
    class TheirSite(Construct):
        def __init__(self, scope: Construct, id: str) -> None:
            super().__init__(scope, id)
            self.bucket = s3.Bucket(self, "Bucket")

    soc2.enforce(app, report_only=True)
    TheirSite(stack_of(app), "Site")
    app.synth()
    assert failing(app, "S/Site/Bucket") & set(our_s3.BUCKET.controls) == LOW_ENCRYPTION


def test_drop_in_classes_are_left_alone(tmp_path: Path) -> None:
    from soc2_constructs import aws_apigateway as our_apigateway
    from soc2_constructs import aws_apigatewayv2 as our_apigatewayv2
    from soc2_constructs import aws_ec2 as our_ec2
    from soc2_constructs import aws_rds as our_rds

    def templates(*, enforced: bool) -> dict[str, Any]:
        app = cdk.App(outdir=str(tmp_path / str(enforced)), context={RECOVERY_REGION: "eu-west-1"})
        if enforced:
            enforcement = soc2.enforce(app, report_only=True)
        stack = stack_of(app)
        our_s3.Bucket(stack, "Bucket")
        our_apigateway.RestApi(stack, "Api").root.add_method("GET", apigateway.MockIntegration())
        our_apigatewayv2.HttpApi(stack, "Http")
        our_rds.DatabaseInstance(stack, "Db", engine=POSTGRES, vpc=our_ec2.Vpc(stack, "Vpc"))
        found = synth(app)
        if enforced:
            assert enforcement.changes == []
        return found

    assert templates(enforced=True) == templates(enforced=False)


# Networks


def test_a_network_records_its_traffic_once(app: cdk.App) -> None:
    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    group = logs.LogGroup(stack, "Log")
    destination = ec2.FlowLogDestination.to_cloud_watch_logs(group)
    ec2.Vpc(stack, "Later").add_flow_log("Mine", destination=destination)
    ec2.FlowLog(
        stack,
        "Beside",
        resource_type=ec2.FlowLogResourceType.from_vpc(ec2.Vpc(stack, "Other")),
        destination=destination,
    )
    ec2.Vpc(stack, "None", flow_logs={})
    ec2.Vpc(stack, "Ours")
    names = {name for name, body in synth(app)["S"].items() if body["Type"] == "AWS::EC2::FlowLog"}
    assert {name[:-8] for name in names} == {"LaterMineFlowLog", "BesideFlowLog", "OursSoc2FlowLog"}
    assert [change.path for change in enforced.changes if change.property == "flow_logs"] == ["S/Ours"]
    assert "vpc_flow_logs_enabled" in failing(app, "S/None")


def test_public_subnets_are_left_to_the_user(app: cdk.App) -> None:
    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    subnets = [
        ec2.SubnetConfiguration(name="Quiet", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=28),
        ec2.SubnetConfiguration(name="Open", subnet_type=ec2.SubnetType.PUBLIC, map_public_ip_on_launch=True),
        ec2.SubnetConfiguration(name="Inner", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
    ]
    ec2.Vpc(stack, "Mine", subnet_configuration=subnets, max_azs=1)
    ec2.Vpc(
        stack,
        "Nat",
        nat_gateway_provider=ec2.NatProvider.instance_v2(instance_type=ec2.InstanceType("t4g.small")),
        subnet_configuration=[
            ec2.SubnetConfiguration(name="Nat", subnet_type=ec2.SubnetType.PUBLIC),
            ec2.SubnetConfiguration(name="Inner", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        ],
    )
    resources = synth(app)["S"]

    def maps(start: str) -> bool:
        found: bool = only(resources, "AWS::EC2::Subnet", start)["MapPublicIpOnLaunch"]
        return found

    # What stands there may live by its address.
    assert (maps("MineQuiet"), maps("MineOpen"), maps("MineInner")) == (True, True, False)
    assert maps("NatNatSubnet1"), "an instance there is the way out"
    assert "vpc_subnet_auto_assign_public_ip_disabled" in failing(app, "S/Mine/QuietSubnet1")
    assert not [change for change in enforced.changes if change.property == "subnet_configuration"]


def test_the_network_of_a_construct_of_another_library_is_completed(app: cdk.App) -> None:
    from aws_cdk import aws_ecs as ecs

    soc2.enforce(app, report_only=True)
    cluster = ecs.Cluster(stack_of(app), "Cluster")
    assert cluster.vpc
    app.synth()
    left = failing(app, "S/Cluster/Vpc") & set(hardened()["aws_ec2.Vpc"].hardening.controls)
    assert left == {"vpc_subnet_auto_assign_public_ip_disabled"}


# Instances and volumes


def test_an_instance_is_completed_in_place(app: cdk.App) -> None:

    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    instance(stack, "Plain")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    instance(stack, "Mine", role=role, http_tokens=ec2.HttpTokens.OPTIONAL, detailed_monitoring=False)
    instance(stack, "Simple", require_imdsv2=True)
    resources = synth(app)["S"]
    plain = only(resources, "AWS::EC2::Instance", "Plain")
    assert (plain["MetadataOptions"], plain["Monitoring"]) == ({"HttpTokens": "required"}, True)
    assert "BlockDeviceMappings" not in plain
    assert {"Key": "soc2:backup", "Value": "true"} in plain["Tags"]
    assert "AmazonSSMManagedInstanceCore" in json.dumps(only(resources, "AWS::IAM::Role", "PlainInstanceRole"))
    mine = only(resources, "AWS::EC2::Instance", "Mine")
    assert (mine["MetadataOptions"], mine["Monitoring"]) == ({"HttpTokens": "optional"}, False)
    assert "AmazonSSM" not in json.dumps(only(resources, "AWS::IAM::Role", "Role")), "it may serve others too"
    assert failing(app, "S/Mine") >= {"ec2_instance_uses_imdsv2", "ec2_instance_ssm_managed"}
    assert "MetadataOptions" not in only(resources, "AWS::EC2::Instance", "Simple"), (
        "the CDK's launch template has them"
    )
    assert {change.property for change in enforced.changes if change.path == "S/Plain"} == {
        "http_tokens",
        "detailed_monitoring",
        "ssm_session_permissions",
        "tags['soc2:backup']",
    }
    assert {change.effect for change in enforced.changes} == {"no interruption"}


@pytest.mark.parametrize("allowed", [False, True])
def test_volumes_are_encrypted_only_with_allow_replacement(allowed: bool, app: cdk.App) -> None:
    enforced = soc2.enforce(app, allow_replacement=allowed, report_only=True)
    stack = stack_of(app)
    data = ec2.BlockDevice(device_name="/dev/sdb", volume=ec2.BlockDeviceVolume.ebs(8, encrypted=False))
    scratch = ec2.BlockDevice(device_name="/dev/sdc", volume=ec2.BlockDeviceVolume.ephemeral(0))
    instance(stack, "Server", block_devices=[disk(iops=3000, volume_type=ec2.EbsDeviceVolumeType.GP3), data, scratch])
    ec2.BastionHostLinux(stack, "Bastion", vpc=ec2.Vpc(stack, "Net"), block_devices=[disk()])
    volume(stack, "Data")
    volume(stack, "Theirs", encrypted=True)
    resources = synth(app)["S"]
    devices = only(resources, "AWS::EC2::Instance", "Server")["BlockDeviceMappings"]
    root, second, third = devices
    assert root["Ebs"] == {
        "Iops": 3000,
        "VolumeSize": 20,
        "VolumeType": "gp3",
        **({"Encrypted": True} if allowed else {}),
    }
    assert second["Ebs"]["Encrypted"] is False
    assert third == {"DeviceName": "/dev/sdc", "VirtualName": "ephemeral0"}
    assert "ebs_attached_volume_encryption_enabled" in failing(app, "S/Server"), "the user said so of one"
    (root,) = only(resources, "AWS::EC2::Instance", "Bastion")["BlockDeviceMappings"]
    assert root["Ebs"].get("Encrypted", False) is allowed
    data_volume = only(resources, "AWS::EC2::Volume", "Data")
    assert (data_volume.get("Encrypted", False), "KmsKeyId" in data_volume) == (allowed, allowed)
    theirs = only(resources, "AWS::EC2::Volume", "Theirs")
    assert (theirs["Encrypted"], "KmsKeyId" in theirs) == (True, False), "the key goes with a choice of ours"
    held = {(change.path, change.property, change.effect) for change in enforced.held_back}
    assert held == (
        set()
        if allowed
        else {
            ("S/Server", "block_devices", "replacement"),
            ("S/Bastion/Resource", "block_devices", "replacement"),
            ("S/Data", "encrypted", "not supported"),
        }
    )


def test_a_bastion_host_is_completed_as_the_instance_that_it_is(app: cdk.App) -> None:
    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    network = vpc(stack)
    for id in ("One", "Two"):
        ec2.BastionHostLinux(stack, id, vpc=network)
    image = ec2.MachineImage.latest_amazon_linux2()
    ec2.BastionHostLinux(stack, "Other", vpc=network, machine_image=image)
    resources = synth(app)["S"]
    assert not [body for body in resources.values() if body["Type"] == "AWS::EC2::LaunchTemplate"]
    one = only(resources, "AWS::EC2::Instance", "One")
    assert (one["MetadataOptions"], one["Monitoring"]) == ({"HttpTokens": "required"}, True)
    assert "AmazonSSM" not in json.dumps(resources), "the CDK gives it what Session Manager needs"
    assert not failing(app, "S/One") & set(hardened()["aws_ec2.Instance"].hardening.controls)
    held = {change.path for change in enforced.held_back}
    assert held == {"S/One", "S/Two"}, "what the root device of another image is called, nobody tells"


# Load balancers

LOGS_OF_BALANCERS = "elb_application_classic_lb_logging_enabled"


def attributes(resources: dict[str, Any], start: str) -> dict[str, Any]:
    found = only(resources, "AWS::ElasticLoadBalancingV2::LoadBalancer", start)
    return {entry["Key"]: entry["Value"] for entry in found.get("LoadBalancerAttributes", ())}


def of_logs(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name.startswith("access_logs")}


@pytest.mark.parametrize("env", [HERE, None], ids=["region", "agnostic"])
def test_load_balancers_write_access_logs_to_the_bucket_of_the_stack(env: cdk.Environment | None, app: cdk.App) -> None:
    enforced = soc2.enforce(app, report_only=True)
    stack = cdk.Stack(app, "S", env=env)
    network_balancer(stack)
    elb.ApplicationLoadBalancer(stack, "Web", vpc=ec2.Vpc(stack, "WebVpc"))
    resources = synth(app)["S"]
    (bucket,) = (name for name, body in resources.items() if body["Type"] == "AWS::S3::Bucket")
    for id in ("Web", "Good"):
        assert of_logs(attributes(resources, id)) == {
            "access_logs.s3.enabled": "true",
            "access_logs.s3.bucket": {"Ref": bucket},
            "access_logs.s3.prefix": id,
        }
        assert LOGS_OF_BALANCERS not in failing(app, f"S/{id}")
        assert [each.path for each in enforced.applied if each.control == LOGS_OF_BALANCERS] == ["S/Good", "S/Web"]
    assert "deletion_protection.enabled" not in {
        name for name, value in attributes(resources, "Web").items() if value == "true"
    }, "that is taste"
    policy = only(resources, "AWS::S3::BucketPolicy")
    assert policy["Bucket"] == {"Ref": bucket}
    allowed = {
        statement["Principal"].get("Service")
        for statement in policy["PolicyDocument"]["Statement"]
        if "AWSLogs" in str(statement["Resource"])
    }
    assert allowed == {"logdelivery.elasticloadbalancing.amazonaws.com", "delivery.logs.amazonaws.com"}
    waits = {name: body.get("DependsOn", ()) for name, body in resources.items()}
    (web,) = (name for name in waits if name.startswith("Web") and resources[name]["Type"].endswith(":LoadBalancer"))
    assert any(resources[name]["Type"] == "AWS::S3::BucketPolicy" for name in waits[web]), "it writes when it is made"


def test_access_log_settings_of_the_user_stay(app: cdk.App) -> None:
    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    network = vpc(stack)
    mine = our_s3.AccessLogsBucket(stack, "Mine")
    elb.ApplicationLoadBalancer(stack, "Elsewhere", vpc=network).log_access_logs(mine, "web")
    elb.ApplicationLoadBalancer(stack, "Without", vpc=network).set_attribute("access_logs.s3.enabled", "false")
    delivered = elb.ApplicationLoadBalancer(stack, "Delivered", vpc=network)
    logs.CfnDeliverySource(
        stack, "Source", name="web", log_type="ALB_ACCESS_LOGS", resource_arn=delivered.load_balancer_arn
    )
    elb.NetworkLoadBalancer(stack, "Plain", vpc=network)
    elb.ApplicationLoadBalancer(stack, "Lenient", vpc=network, drop_invalid_header_fields=False)
    resources = synth(app)["S"]
    elsewhere = of_logs(attributes(resources, "Elsewhere"))
    assert elsewhere["access_logs.s3.bucket"] == {"Ref": stack.get_logical_id(mine.node.default_child)}  # type: ignore[arg-type]
    assert elsewhere["access_logs.s3.prefix"] == "web"
    assert of_logs(attributes(resources, "Without")) == {"access_logs.s3.enabled": "false"}
    assert LOGS_OF_BALANCERS in failing(app, "S/Without")
    assert of_logs(attributes(resources, "Delivered")) == {}
    assert of_logs(attributes(resources, "Plain")) == {}, "it has none to write without a TLS listener"
    assert attributes(resources, "Lenient")["routing.http.drop_invalid_header_fields.enabled"] == "false"
    assert "elb_application_lb_drop_http_headers" in failing(app, "S/Lenient")
    assert [each.path for each in enforced.applied if each.control == LOGS_OF_BALANCERS] == ["S/Lenient"]


def test_the_load_balancer_of_a_pattern_of_the_cdks_is_completed(app: cdk.App) -> None:
    from aws_cdk import aws_ecs as ecs
    from aws_cdk import aws_ecs_patterns as patterns

    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    patterns.ApplicationLoadBalancedFargateService(
        stack,
        "Shop",
        task_image_options=patterns.ApplicationLoadBalancedTaskImageOptions(
            image=ecs.ContainerImage.from_registry("nginx")
        ),
    )
    found = attributes(synth(app)["S"], "Shop")
    assert found["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert found["access_logs.s3.prefix"] == "Shop/LB"
    failed = failing(app, "S/Shop/LB")
    assert not {LOGS_OF_BALANCERS, "elb_application_lb_drop_http_headers"} & failed
    assert "elb_application_lb_waf_enabled" in failed, "a web ACL is the user's decision"
    changed = {(each.path, each.property) for each in enforced.applied if each.path == "S/Shop/LB"}
    assert changed == {("S/Shop/LB", "drop_invalid_header_fields"), ("S/Shop/LB", "access_logs_bucket")}


def test_a_table_keeps_its_readers(app: cdk.App) -> None:
    """A key of the stack's would shut out whoever has a policy that the CDK did not write."""
    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    table(stack, dynamodb.Table)
    late = table(Construct(stack, "Late"), dynamodb.TableV2)
    late.add_replica(region="eu-west-1")
    key = kms.Key(stack, "Key")
    table(Construct(stack, "Keyed"), dynamodb.Table, encryption_key=key)
    mine = dynamodb.TableEncryption.DEFAULT
    table(Construct(stack, "Mine"), dynamodb.Table, encryption=mine, point_in_time_recovery=False)
    resources = synth(app)["S"]
    good = only(resources, "AWS::DynamoDB::Table", "Good")
    assert "SSESpecification" not in good
    assert "DeletionProtectionEnabled" not in good, "a matter of taste"
    replicas = only(resources, "AWS::DynamoDB::GlobalTable", "Late")["Replicas"]
    assert {each["Region"] for each in replicas} == {"eu-central-1", "eu-west-1"}
    assert not [each for each in replicas if "SSESpecification" in each]
    assert all(each["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] for each in replicas)
    keyed = only(resources, "AWS::DynamoDB::Table", "Keyed")
    assert stack.get_logical_id(key.node.default_child) in json.dumps(keyed["SSESpecification"])  # type: ignore[arg-type]
    left = only(resources, "AWS::DynamoDB::Table", "Mine")
    assert left["SSESpecification"] == {"SSEEnabled": False}
    assert left["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}
    (change,) = (each for each in enforced.changes if each.path == "S/Good" and each.property == "encryption")
    assert not change.applied
    assert change.reason is not None
    assert "encryption stays as it is: DynamoDB encrypts all tables" in enforced.report()


def test_a_trail_keeps_the_bucket_and_the_log_group_that_it_made(app: cdk.App) -> None:
    """What holds the log files of a deployed trail is completed in its place."""
    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    cloudtrail.Trail(stack, "Good", send_to_cloud_watch_logs=True)
    resources = synth(app)["S"]
    trail = only(resources, "AWS::CloudTrail::Trail")
    assert trail["S3BucketName"]["Ref"].startswith("GoodS3")
    assert json.dumps(trail["CloudWatchLogsLogGroupArn"]).startswith('{"Fn::GetAtt": ["GoodLogGroup')
    assert "KmsKeyId" in only(resources, "AWS::Logs::LogGroup")
    assert {name[:14] for name, body in resources.items() if body["Type"] == "AWS::S3::Bucket"} == {
        trail["S3BucketName"]["Ref"][:14],
        "Soc2AccessLogs",
    }
    (key,) = (body for name, body in resources.items() if name.startswith("Soc2DataKey"))
    assert "cloudtrail.amazonaws.com" in json.dumps(key)
    assert failing(app, "S/Good") & set(our_s3.BUCKET.controls) == LOW_ENCRYPTION
    found = {(change.path, change.property) for change in enforced.applied}
    assert {("S/Good", "encryption_key"), ("S/Good/S3", "versioned"), ("S/Good/LogGroup", "encryption_key")} <= found
    assert ("S/Good", "is_multi_region_trail") not in found, "what the CDK sets itself is no change"


def test_trail_settings_of_the_user_stay(app: cdk.App) -> None:
    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    bucket = s3.Bucket.from_bucket_name(stack, "Theirs", "theirs")
    cloudtrail.Trail(
        stack,
        "Good",
        bucket=bucket,
        is_multi_region_trail=False,
        enable_file_validation=False,
        cloud_watch_logs_retention=logs.RetentionDays.ONE_WEEK,
    )
    resources = synth(app)["S"]
    trail = only(resources, "AWS::CloudTrail::Trail")
    assert (trail["S3BucketName"], trail["IsMultiRegionTrail"], trail["EnableLogFileValidation"]) == (
        "theirs",
        False,
        False,
    )
    assert only(resources, "AWS::Logs::LogGroup")["RetentionInDays"] == 7
    assert not [change for change in enforced.changes if "bucket" in change.property]


def test_a_repository_keeps_its_images(app: cdk.App) -> None:
    """Its encryption would replace it, and no control asks for that."""
    soc2.enforce(app, allow_replacement=True, report_only=True)
    ecr.Repository(stack_of(app), "Good")
    assert only(synth(app)["S"], "AWS::ECR::Repository") == {"ImageScanningConfiguration": {"ScanOnPush": True}}


def test_a_file_system_is_backed_up_once(app: cdk.App) -> None:
    soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    network = vpc(stack)
    efs.FileSystem(stack, "Good", vpc=network)
    efs.FileSystem(stack, "Mine", vpc=network, enable_automatic_backups=False)
    BackupPolicy(stack, "Backup")
    resources = synth(app)["S"]
    good, mine = (only(resources, "AWS::EFS::FileSystem", name) for name in ("Good", "Mine"))
    tag = {"Key": BACKUP_TAG, "Value": "true"}
    assert (good["BackupPolicy"]["Status"], tag in good["FileSystemTags"]) == ("ENABLED", True)
    assert ("BackupPolicy" in mine, tag in mine["FileSystemTags"]) == (False, True)
    assert (good["Encrypted"], "KmsKeyId" in good) == (True, False)
    assert "efs_file_system_in_backup_plan" not in failing(app, "S")


def test_a_stream_keeps_the_key_that_the_user_chose(app: cdk.App) -> None:
    soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    kinesis.Stream(stack, "Own", encryption=kinesis.StreamEncryption.KMS, retention_period=cdk.Duration.days(30))
    kinesis.Stream(stack, "Managed", encryption=kinesis.StreamEncryption.MANAGED)
    resources = synth(app)["S"]
    own, managed = (only(resources, "AWS::Kinesis::Stream", name) for name in ("Own", "Managed"))
    assert json.dumps(own["StreamEncryption"]["KeyId"]).startswith('{"Fn::GetAtt": ["OwnKey')
    assert own["RetentionPeriodHours"] == 720
    assert managed["StreamEncryption"]["KeyId"] == "alias/aws/kinesis"
    assert managed["RetentionPeriodHours"] == 168
    assert failing(app, "S/Managed") == {"kinesis_stream_encrypted_with_kms_cmk"}


def test_encryption_stays_as_it_is_for_controls_of_low_severity(app: cdk.App) -> None:
    """A key would take access from everybody with a policy that the CDK did not write."""
    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    s3.Bucket(stack, "Bucket")
    sns.Topic(stack, "Topic")
    stream = kinesis.Stream(stack, "Stream")
    resources = synth(app)["S"]
    assert "BucketEncryption" not in only(resources, "AWS::S3::Bucket", "Bucket")
    assert not [each for each in resources.values() if each["Type"] in ("AWS::KMS::Key", "AWS::SNS::TopicPolicy")]
    assert "alias/aws/kinesis" in str(only(resources, "AWS::Kinesis::Stream")["StreamEncryption"])
    assert stream.encryption_key is None
    assert {(change.path, change.property) for change in enforced.left} >= {
        ("S/Bucket", "encryption"),
        ("S/Topic", "master_key"),
        ("S/Stream", "encryption"),
    }


def test_a_construct_that_another_aspect_creates_is_completed(app: cdk.App) -> None:
    """CDK Pipelines create their constructs during the synthesis."""
    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    s3.Bucket(stack, "Early")

    @jsii.implements(cdk.IAspect)
    class Late:
        def visit(self, node: Any) -> None:
            if node is stack and stack.node.try_find_child("Late") is None:
                s3.Bucket(stack, "Late")

    cdk.Aspects.of(stack).add(Late())
    late = only(synth(app)["S"], "AWS::S3::Bucket", "Late")
    assert late["Tags"] == [{"Key": BACKUP_TAG, "Value": "true"}]
    assert late["NotificationConfiguration"]
    assert ("S/Late", "tags['soc2:backup']") in {(change.path, change.property) for change in enforced.applied}


def test_notifications_that_another_stack_sets_stay(app: cdk.App) -> None:
    enforced = soc2.enforce(app, report_only=True)
    s3.Bucket(stack_of(app), "Named", bucket_name="inbox")
    assert "NotificationConfiguration" not in only(synth(app)["S"], "AWS::S3::Bucket", "Named")
    assert "event_bridge_enabled stays as it is: the bucket has a fixed name" in enforced.report()


def test_access_to_the_default_keys_is_an_option(app: cdk.App) -> None:
    soc2.enforce(app, report_only=True, key_access="grants")
    our_s3.Bucket(stack_of(app), "Bucket")
    key = only(synth(app)["S"], "AWS::KMS::Key", "Soc2DataKey")
    assert not [each for each in key["KeyPolicy"]["Statement"] if each["Principal"] == {"AWS": "*"}]
    with pytest.raises(ValueError, match='"account" or "grants"'):
        soc2.enforce(cdk.App(), key_access="all")


def test_a_state_machine_keeps_the_logs_that_the_user_chose(app: cdk.App) -> None:
    soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    steps = sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "Pass"))
    group = logs.LogGroup(stack, "Group")
    chosen = sfn.LogOptions(destination=group, level=sfn.LogLevel.ERROR)
    sfn.StateMachine(stack, "Mine", definition_body=steps, logs=chosen)
    machine = only(synth(app)["S"], "AWS::StepFunctions::StateMachine")
    assert machine["LoggingConfiguration"]["Level"] == "ERROR"
    assert "TracingConfiguration" not in machine, "a matter of taste"
    assert "Soc2Executions" not in json.dumps(machine)


# Backups

#: Of what holds data: how an app of the CDK's own says it.
KEEPS_DATA = {
    "aws_dynamodb.Table": "AWS::DynamoDB::Table",
    "aws_dynamodb.TableV2": "AWS::DynamoDB::GlobalTable",
    "aws_rds.DatabaseCluster": "AWS::RDS::DBCluster",
    "aws_rds.DatabaseInstance": "AWS::RDS::DBInstance",
    "aws_s3.Bucket": "AWS::S3::Bucket",
}


@pytest.mark.parametrize("stabilized", [True, False])
@pytest.mark.parametrize("name", KEEPS_DATA)
def test_stateful_constructs_have_the_backup_tag(name: str, stabilized: bool, app: cdk.App) -> None:
    app.node.set_context("@aws-cdk/core:aspectStabilization", stabilized)
    enforced = soc2.enforce(app, report_only=True)
    PLAIN[name](stack_of(app), "Good")
    other = stack_of(app, "Out")
    PLAIN[name](other, "Good")
    cdk.Tags.of(other).add(BACKUP_TAG, "false")
    found = synth(app)
    for stack, value in (("S", "true"), ("Out", "false")):
        properties = only(found[stack], KEEPS_DATA[name], "Good")
        for tags in [properties.get("Tags"), *(each.get("Tags") for each in properties.get("Replicas", ()))]:
            assert tags in (None, [{"Key": BACKUP_TAG, "Value": value}])
        assert json.dumps({"Key": BACKUP_TAG, "Value": value}) in json.dumps(properties)
    assert ("S/Good", f"tags[{BACKUP_TAG!r}]") in {(change.path, change.property) for change in enforced.applied}


def test_one_line_backs_up_an_enforced_app(app: cdk.App) -> None:
    soc2.enforce(app, report_only=True)
    for name in KEEPS_DATA:
        PLAIN[name](stack_of(app, name.replace(".", "-").replace("_", "-")), "Good")
    app.synth()
    demanded = {each for each in failing(app, "") if "backup_plan" in each}
    assert "backup_plan_region_configured" in demanded
    again = cdk.App(outdir=f"{app.outdir}-again")
    soc2.enforce(again, report_only=True)
    for name in KEEPS_DATA:
        PLAIN[name](stack_of(again, name.replace(".", "-").replace("_", "-")), "Good")
    BackupPolicy(stack_of(again, "Backups"), "Backup")
    again.synth()
    assert {each for each in failing(again, "") if each in demanded and not catalogue()[each].live_only} == set()


# Injectors of the user's


@jsii.implements(cdk.IPropertyInjector)
class Named:
    """Gives every bucket a name, and says that it has no versions."""

    @property
    @jsii.member(jsii_name="constructUniqueId")
    def construct_unique_id(self) -> str:
        return str(s3.Bucket.PROPERTY_INJECTION_ID)

    @jsii.member(jsii_name="inject")
    def inject(self, original_props: Any, *, scope: Construct, id: str) -> Any:  # noqa: ARG002
        return {"bucketName": f"theirs-{id.lower()}", "versioned": False, **(original_props or {})}


@pytest.mark.parametrize("place", ["same", "above"])
def test_an_earlier_injector_is_called_first(place: str, app: cdk.App) -> None:
    scope = cdk.Stage(app, "Prod", env=HERE) if place == "above" else app
    cdk.PropertyInjectors.of(app).add(Named())  # type: ignore[arg-type]
    soc2.enforce(scope, report_only=True)
    s3.Bucket(stack_of(scope), "Mine")
    (resources,) = synth(app).values()
    bucket = only(resources, "AWS::S3::Bucket", "Mine")
    assert bucket["BucketName"] == "theirs-mine"
    assert "VersioningConfiguration" not in bucket
    assert "PublicAccessBlockConfiguration" in bucket


def test_an_injector_below_takes_our_place_and_the_pack_judges(app: cdk.App) -> None:
    soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    cdk.PropertyInjectors.of(stack).add(Named())  # type: ignore[arg-type]
    s3.Bucket(stack, "Theirs")
    s3.Bucket(stack_of(app, "Other"), "Ours")
    app.synth()
    assert "s3_bucket_enforces_ssl" in failing(app, "S/Theirs")
    assert "s3_bucket_enforces_ssl" not in failing(app, "Other/Ours")


def remarks(app: cdk.App, rule: str = "soc2_enforcement_reaches") -> list[dict[str, Any]]:
    """What the pack says of enforcement by one rule, in the report that users get."""
    report = json.loads(Path(app.outdir, "validation-report.json").read_text())
    return [
        violation
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        if violation["ruleName"] == rule
    ]


class Site(Construct):
    """A construct of the user's that brings its own injector."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        cdk.PropertyInjectors.of(self).add(Named())  # type: ignore[arg-type]
        s3.Bucket(self, "Bucket")


def shadow_app(app: cdk.App) -> None:
    stack_of(app)
    cdk.PropertyInjectors.of(app).add(Named())  # type: ignore[arg-type]


def shadow_stacks(app: cdk.App) -> None:
    for id in ("S", "T"):
        cdk.Stack(app, id, env=HERE, property_injectors=[Named()])  # type: ignore[list-item]


def shadow_in_stage(app: cdk.App) -> None:
    stage = cdk.Stage(app, "Prod", env=HERE, property_injectors=[Named()])  # type: ignore[list-item]
    Site(stack_of(stage), "Site")


@pytest.mark.parametrize(
    ("shadow", "places", "fix"),
    [
        (shadow_app, [""], "Call soc2.enforce after adding that injector"),
        (shadow_stacks, ["S", "T"], "Add that injector to the app itself, before soc2.enforce"),
        (shadow_in_stage, ["Prod", "Prod/S/Site"], "Add that injector to the app itself, before soc2.enforce"),
    ],
)
def test_a_shadowing_injector_is_reported_once(
    shadow: Callable[[cdk.App], None], places: list[str], fix: str, app: cdk.App
) -> None:
    enforced = soc2.enforce(app, report_only=True)
    shadow(app)
    app.synth()
    assert enforced.shadowed == {"aws_s3.Bucket": places}
    (remark,) = remarks(app)
    assert remark["severity"] == "warning"
    assert f"completes no aws_s3.Bucket in {', '.join(places) or 'the app'}" in remark["description"]
    assert fix in remark["suggestedFix"]
    assert [each["constructPath"] for each in remark["violatingConstructs"]] == places
    assert json.loads(Path(app.outdir, enforcement.FILE).read_text())["shadowed"] == enforced.shadowed
    assert "! aws_s3.Bucket is not completed in" in enforced.report()


def test_an_injector_that_shadows_nothing_is_not_reported(app: cdk.App) -> None:
    cdk.PropertyInjectors.of(app).add(Named())  # type: ignore[arg-type]
    enforced = soc2.enforce(stack_of(app), report_only=True)
    shadow_stacks(cdk.Stage(app, "Beside"))  # type: ignore[arg-type]
    app.synth()
    assert enforced.shadowed == {}
    assert remarks(app) == []


# Scopes


@pytest.mark.parametrize("kind", ["app", "stage", "stack"])
def test_it_holds_below_its_scope(kind: str, app: cdk.App) -> None:
    stage = cdk.Stage(app, "Prod", env=HERE)
    if kind != "stack":
        soc2.enforce({"app": app, "stage": stage}[kind], report_only=True)
    stack = stack_of(stage, "In")
    if kind == "stack":
        soc2.enforce(stack, report_only=True)
    s3.Bucket(stack, "Bucket")
    s3.Bucket(stack_of(app, "Out"), "Bucket")
    app.synth()
    assert "s3_bucket_event_notifications_enabled" not in failing(app, "Prod/In/Bucket")
    assert ("s3_bucket_enforces_ssl" in failing(app, "Out/Bucket")) is (kind != "app")


@pytest.mark.parametrize(("first", "second"), [("app", "app"), ("app", "stack"), ("stack", "app")])
def test_a_second_call_is_refused(first: str, second: str, app: cdk.App) -> None:
    scopes: dict[str, Construct] = {"app": app, "stack": stack_of(app)}
    soc2.enforce(scopes[first])
    with pytest.raises(ValueError, match="one call covers all of it"):
        soc2.enforce(scopes[second])


def test_stacks_side_by_side_may_each_have_it(app: cdk.App) -> None:
    for id in ("A", "Ab"):
        soc2.enforce(stack_of(app, id))


def test_without_defaults_it_only_judges(app: cdk.App) -> None:
    enforced = soc2.enforce(app, defaults=False, report_only=True)
    s3.Bucket(stack_of(app), "Bucket")
    app.synth()
    assert enforced.changes == []
    assert "s3_bucket_versioning_enabled" in failing(app, "S/Bucket")


def test_options_go_to_the_pack(app: cdk.App) -> None:
    assert (
        "s3_bucket_versioning_enabled" not in soc2.enforce(app, exclude=["s3_bucket_versioning_enabled"]).pack.rule_ids
    )
    with pytest.raises(ValueError, match="fail_on"):
        soc2.enforce(cdk.App(), fail_on="never")


def test_helpers_have_the_same_ids_as_those_of_our_classes(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path / "plain"))
    soc2.enforce(app, report_only=True)
    s3.Bucket(stack_of(app), "Bucket")
    ours = cdk.App(outdir=str(tmp_path / "ours"))
    our_s3.Bucket(stack_of(ours), "Bucket")
    left = {id for id in synth(ours)["S"] if id.startswith("Soc2DataKey")}
    assert synth(app)["S"].keys() == synth(ours)["S"].keys() - left


# What it would replace


def test_a_replacement_is_held_back_and_reported(app: cdk.App) -> None:
    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    backup.BackupVault(stack, "Vault")
    rds.DatabaseInstance(stack, "Db", engine=POSTGRES, vpc=vpc(stack))
    resources = synth(app)["S"]
    database = only(resources, "AWS::RDS::DBInstance")
    assert not {"StorageEncrypted", "KmsKeyId", "DBInstanceIdentifier"} & set(database)
    assert "EncryptionKeyArn" not in only(resources, "AWS::Backup::BackupVault")
    held = {(change.path, change.property, change.effect) for change in enforced.held_back}
    assert held == {("S/Vault", "encryption_key", "replacement"), ("S/Db", "storage_encrypted", "replacement")}
    held_back = "! storage_encrypted=True  rds_db_instance_encryption_at_rest_enabled  [held back: replacement]"
    assert held_back in enforced.report()
    assert 'soc2.enforce(app, allow_replacement=["S/Vault", "S/Db"])' in enforced.report()
    remark, _ = remarks(app, "soc2_enforcement_completes")
    assert remark["severity"] == "warning"
    assert (
        "holds back encryption_key: CloudFormation would replace a resource that may be deployed already"
        in remark["description"]
    )
    assert 'soc2.enforce(app, allow_replacement=["S/Vault"])' in remark["suggestedFix"]
    assert [each["constructPath"] for each in remark["violatingConstructs"]] == ["S/Vault"]


def test_replacement_can_be_allowed(app: cdk.App) -> None:
    enforced = soc2.enforce(app, allow_replacement=True, report_only=True)
    stack = stack_of(app)
    backup.BackupVault(stack, "Vault")
    rds.DatabaseInstance(stack, "Db", engine=POSTGRES, vpc=vpc(stack))
    resources = synth(app)["S"]
    database = only(resources, "AWS::RDS::DBInstance")
    assert database["StorageEncrypted"] is True
    assert "Soc2DataKey" in json.dumps(database["KmsKeyId"])
    assert "DBInstanceIdentifier" not in database
    assert "EncryptionKeyArn" in only(resources, "AWS::Backup::BackupVault")
    assert enforced.held_back == []
    assert "allow_replacement" not in enforced.report()


def test_replacement_can_be_allowed_by_construct_path(app: cdk.App) -> None:
    enforced = soc2.enforce(app, allow_replacement=["*/Vault", "S/D?", "New"], report_only=True)
    for name in ("New", "Newer"):
        backup.BackupVault(stack_of(app, name), "Copies")
    stack = stack_of(app)
    backup.BackupVault(stack, "Vault")
    for name in ("Db", "Standing"):
        rds.DatabaseInstance(stack, name, engine=POSTGRES, vpc=vpc(stack, f"{name}Vpc"))
    app.synth()
    assert {change.path for change in enforced.held_back} == {"S/Standing", "Newer/Copies"}
    places = [
        each["constructPath"]
        for remark in remarks(app, "soc2_enforcement_completes")
        for each in remark["violatingConstructs"]
    ]
    assert places == ["Newer/Copies", "S/Standing"]
    assert "2 held back" in enforced.report()


def test_a_database_with_a_key_is_encrypted_without_a_change(app: cdk.App) -> None:
    enforced = soc2.enforce(app, report_only=True)
    stack = stack_of(app)
    key = kms.Key(stack, "Key")
    rds.DatabaseInstance(stack, "Db", engine=POSTGRES, vpc=vpc(stack), storage_encryption_key=key)
    assert only(synth(app)["S"], "AWS::RDS::DBInstance")["StorageEncrypted"] is True
    assert enforced.held_back == []


def test_an_unused_path_in_allow_replacement_is_reported(app: cdk.App) -> None:
    soc2.enforce(app, allow_replacement=["S/Vault", "S/Valut"], report_only=True)
    backup.BackupVault(stack_of(app), "Vault")
    app.synth()
    (remark,) = remarks(app, "soc2_enforcement_allowance_is_used")
    assert remark["severity"] == "warning"
    assert "allows the replacement of S/Valut, but holds nothing back there" in remark["description"]


def test_a_string_in_allow_replacement_is_refused(app: cdk.App) -> None:
    with pytest.raises(ValueError, match=r'must be a list of construct paths\. Write \["S/Db"\]'):
        soc2.enforce(app, allow_replacement="S/Db")


def test_the_changes_are_in_the_assembly(app: cdk.App) -> None:
    enforced = soc2.enforce(app, report_only=True)
    s3.Bucket(stack_of(app), "Bucket")
    app.synth()
    found = json.loads(Path(app.outdir, enforcement.FILE).read_text())["changes"]
    assert found == [change.as_dict() for change in enforced.changes]
    assert {
        "path": "S/Bucket",
        "property": "versioned",
        "before": None,
        "after": "True",
        "control": "s3_bucket_versioning_enabled",
        "effect": "no interruption",
        "applied": True,
        "reason": None,
    } in found
    assert " at 0x" not in json.dumps(found)


def test_an_error_in_the_injector_leaves_the_app_as_it_was(app: cdk.App, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise LookupError("nothing there")

    soc2.enforce(app, report_only=True)
    monkeypatch.setattr(our_s3.BUCKET, "complete", broken)
    stack = stack_of(app)
    s3.Bucket(stack, "Bucket", bucket_name="mine")
    bucket = only(synth(app)["S"], "AWS::S3::Bucket")
    assert bucket == {"BucketName": "mine"}
    warnings = [entry.data for entry in stack.node.metadata if entry.type == "aws:cdk:warning"]
    assert "could not complete Bucket (LookupError: nothing there)" in str(warnings)
