"""Findings of other tools in drop-in classes and patterns: the packs of cdk-nag, cfn-lint and the CDK's validator."""

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

from soc2_constructs import Soc2Checks, patterns
from soc2_constructs import aws_ec2 as ec2
from soc2_constructs import aws_lambda as lambda_
from soc2_constructs import aws_rds as rds
from support.minimal import constructors

TESTS = Path(__file__).parent.parent
HERE = cdk.Environment(account="111111111111", region="eu-central-1")

#: The rules that other packs report, with the reason. The prefix of a pack is omitted, except that of AwsSolutions.
PINNED = {
    "AwsSolutions-APIG2": "The user knows which requests are valid.",
    "AwsSolutions-CFR1": "The user decides on geographic restrictions.",
    "AwsSolutions-CFR2": "A web ACL for distributions can be created in us-east-1 only.",
    "AwsSolutions-CFR4": "CloudFront requires a certificate of the user for a minimum protocol version.",
    "AwsSolutions-COG4": "The default authorizer is IAM; Amazon Cognito is one of several others.",
    "AwsSolutions-EC29": "Termination protection blocks deployments that replace an instance.",
    "AwsSolutions-IAM4": "Service roles use AWS managed policies, which AWS keeps up to date.",
    "AwsSolutions-IAM5": "Replication and restores need all objects of a bucket.",
    "AwsSolutions-KDS3": "The AWS managed key costs less, but access to it cannot be revoked.",
    "AwsSolutions-RDS11": "A non-default port does not stop a port scan.",
    "AwsSolutions-RDS14": "Backtracking has an hourly cost; point-in-time recovery covers 35 days.",
    "AwsSolutions-RDS2": "A replica or a restored snapshot has the encryption of its source.",
    "AwsSolutions-S1": "A bucket for access logs writes no access logs.",
    "AwsSolutions-SMG4": "The user provides the rotation function of a secret.",
    "AwsSolutions-SQS3": "The user decides how failed messages are handled.",
    "ALBWAFEnabled": "The rule requires a web ACL for internal load balancers too.",
    "APIGWCacheEnabledAndEncrypted": "The rule requires a cache on every stage; a cache is encrypted if there is one.",
    "APIGWSSLEnabled": "Client certificates of API Gateway are for HTTP backends; a function needs none.",
    "DynamoDBAutoScalingEnabled": "The user decides on the capacity mode of a table.",
    "DynamoDBInBackupPlan": "The rule does not evaluate selections by tag.",
    "EC2EBSInBackupPlan": "The rule does not evaluate selections by tag.",
    "EFSInBackupPlan": "The rule does not evaluate automatic backups.",
    "ELBDeletionProtectionEnabled": "A first deployment that fails could not be rolled back.",
    "IAMNoInlinePolicy": "The CDK writes grants as inline policies.",
    "IAMPolicyNoStatementsWithFullAccess": "The CDK writes the Session Manager policy of a bastion host.",
    "LambdaConcurrency": "The user knows the expected load.",
    "LambdaDLQ": "The user decides how failed events are handled.",
    "LambdaInsideVPC": "The user decides on the network.",
    "RDSInBackupPlan": "The rule does not evaluate selections by tag, and requires one for members of a cluster.",
    "RDSStorageEncrypted": "As AwsSolutions-RDS2.",
    "S3BucketLoggingEnabled": "A bucket for access logs writes no access logs.",
    "S3BucketReplicationEnabled": "Buckets for access logs and replicas are not replicated.",
    "S3DefaultEncryptionKMS": "S3 delivers no access logs to a bucket with a KMS key as default encryption.",
    "SecretsManagerRotationEnabled": "The user provides the rotation function of a secret.",
    "VPCNoUnrestrictedRouteToIGW": "A public subnet has a route to the internet gateway.",
}


#: The controls that the rule pack reports, with the reason.
DECISIONS = {
    "vpc_default_security_group_restricts_all_traffic": "A resource of the app uses the default security group.",
    "lambda_function_cloudtrail_logging_enabled": "A trail with data events belongs to an account.",
    "secretsmanager_secret_automatic_rotation_enabled": "The user provides the rotation function.",
    "cloudfront_distribution_field_level_encryption_enabled": "The user knows which fields are sensitive.",
    # To be removed once the listeners of `aws_elasticloadbalancingv2` have a default policy.
    "elb_listener_tls_1_2": "The user knows which versions of TLS the clients support.",
    "ec2_instance_protected_by_backup_plan": "A bastion host keeps no data.",
    "lambda_function_concurrent_execution_limit_configured": "The user knows the expected load.",
    "lambda_function_dead_letter_queue_configured": "The user decides how failed events are handled.",
    "lambda_function_in_vpc": "The user decides on the network.",
    "rds_db_instance_encryption_at_rest_enabled": "The encryption of the snapshot is not in the template.",
}

#: The minimal constructors of the drop-in classes. AWS offers no new clusters of Aurora Serverless v1.
CLASSES = {name: make for name, make in constructors(drop_in=True).items() if "Serverless" not in name}


def product(scope: cdk.App) -> None:
    """All patterns, and all drop-in classes with their defaults, with a disaster recovery region."""
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
    for name, make in CLASSES.items():
        module, _, cls = name.partition(".")
        id = module.replace("_", "-")
        existing = scope.node.try_find_child(id)
        make(existing if isinstance(existing, cdk.Stack) else cdk.Stack(scope, id, env=HERE), cls)


def is_under_test(path: str) -> bool:
    """Whether a construct belongs to a drop-in class; minimal constructors also create networks and sources."""
    stack, _, rest = path.partition("/")
    id = rest.partition("/")[0]
    return not stack.startswith("aws-") or id == "Soc2" or f"{stack.replace('-', '_')}.{id}" in CLASSES


@pytest.fixture(scope="module")
def app() -> cdk.App:
    app = cdk.App(context={RECOVERY_REGION: "eu-west-1"})
    product(app)
    return app


def violations(pack: type[cdk_nag.NagPack], app: cdk.App) -> dict[str, list[str]]:
    """The construct paths that a pack reports, by rule."""
    found: dict[str, list[str]] = {}
    for stack in app.node.children:
        for violation in pack().validate_scope(stack).violations:
            rule = violation.rule_name.partition("[")[0]
            if not rule.startswith("AwsSolutions"):
                rule = rule.rpartition("-")[2]
            paths = [str(each.construct_path) for each in violation.violating_resources]
            found.setdefault(rule, []).extend(path for path in paths if is_under_test(path))
    return {rule: paths for rule, paths in found.items() if paths}


@pytest.mark.parametrize(
    "pack",
    [
        cdk_nag.AwsSolutionsChecks,
        cdk_nag.NIST80053R5Checks,
        cdk_nag.HIPAASecurityChecks,
        cdk_nag.PCIDSS321Checks,
    ],
)
def test_other_packs_report_only_pinned_rules(pack: type[cdk_nag.NagPack], app: cdk.App) -> None:
    found = violations(pack, app)
    assert {rule: paths for rule, paths in found.items() if rule not in PINNED} == {}
    replicated = {path for path in found.get("S3BucketReplicationEnabled", ()) if path.startswith("Product/")}
    assert replicated <= {"Product/Soc2/AccessLogs/Resource"}


def test_every_pin_is_needed(app: cdk.App) -> None:
    packs = (cdk_nag.AwsSolutionsChecks, cdk_nag.NIST80053R5Checks, cdk_nag.PCIDSS321Checks)
    assert set(PINNED) - {rule for pack in packs for rule in violations(pack, app)} == set()


def test_our_own_pack_reports_only_decisions_of_the_user(app: cdk.App) -> None:
    report = Soc2Checks(strict=True, fail_on="low").validate_scope(app)
    found = {
        violation.rule_name
        for violation in report.violations
        if "created by the CDK itself" not in violation.description
        and any(is_under_test(str(each.construct_path)) for each in violation.violating_resources)
    }
    # Metric filters and data events belong to an account, not to a trail: `patterns.SecurityTrail` adds them.
    of_account = ("log_metric_filter_", "cloudtrail_")
    own = {name for name in found if not name.startswith(of_account)}
    assert own == {*DECISIONS}


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
        f"sys.path[:0] = {[str(TESTS / 'constructs'), str(TESTS), str(TESTS.parent / 'scripts')]!r}\n"
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
