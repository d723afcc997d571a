"""Every row of every hardening table, three ways.

The default passes its control, the opposite value raises and names it, and an override of the opposite on the
CloudFormation resource, which no constructor sees, is caught by the catalogue. Where there is no such value or no such
override, `UNPROVED` says why; there is nothing else to say so, and nothing in it that is not needed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from soc2_constructs.hardening import RECOVERY_REGION, Hardening, NonCompliantError, Requirement, format_value

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn

from soc2_constructs import (
    aws_apigateway,
    aws_backup,
    aws_cloudfront,
    aws_cloudtrail,
    aws_dynamodb,
    aws_ec2,
    aws_ecr,
    aws_efs,
    aws_elasticloadbalancingv2,
    aws_kinesis,
    aws_kms,
    aws_logs,
    aws_rds,
    aws_s3,
    aws_sns,
    aws_stepfunctions,
)
from soc2_constructs.audit import audit
from soc2_constructs.controls import catalogue

Make = Callable[..., Any]


def nested(property: str, value: Any) -> dict[str, Any]:
    """`{"deploy_options": {"tracing_enabled": value}}` of `deploy_options.tracing_enabled`."""
    head, *rest = property.replace("*", "/path").split(".")
    return {head: nested(".".join(rest), value) if rest else value}


def vpc(stack: cdk.Stack) -> ec2.IVpc:
    found = stack.node.try_find_child("Vpc")
    return found if isinstance(found, ec2.Vpc) else ec2.Vpc(stack, "Vpc")


def log_bucket(stack: cdk.Stack, id: str, **props: Any) -> Any:
    logs = aws_s3.AccessLogsBucket(stack, id, **props)
    aws_s3.Bucket(stack, f"{id}Source", server_access_logs_bucket=logs)
    return logs


def instance(stack: cdk.Stack, id: str, **props: Any) -> Any:
    engine = aws_rds.DatabaseInstanceEngine.postgres(version=aws_rds.PostgresEngineVersion.VER_17_9)
    return aws_rds.DatabaseInstance(stack, id, **{"engine": engine, "vpc": vpc(stack), **props})


def from_snapshot(stack: cdk.Stack, id: str, **props: Any) -> Any:
    engine = aws_rds.DatabaseInstanceEngine.postgres(version=aws_rds.PostgresEngineVersion.VER_17_9)
    return aws_rds.DatabaseInstanceFromSnapshot(
        stack, id, **{"engine": engine, "vpc": vpc(stack), "snapshot_identifier": "snapshot", **props}
    )


def replica(stack: cdk.Stack, id: str, **props: Any) -> Any:
    source = stack.node.try_find_child("Source") or instance(
        stack, "Source", credentials=aws_rds.Credentials.from_generated_secret("postgres")
    )
    given = {"source_database_instance": source, "instance_type": ec2.InstanceType("m7g.large"), "vpc": vpc(stack)}
    return aws_rds.DatabaseInstanceReadReplica(stack, id, **{**given, **props})


def cluster_with(engine: aws_rds.IClusterEngine, cls: type[Any] = aws_rds.DatabaseCluster, **more: Any) -> Make:
    def make(stack: cdk.Stack, id: str, **props: Any) -> Any:
        if "instance_props" in props:
            props["instance_props"] = {"vpc": vpc(stack), **props["instance_props"]}
            return cls(stack, id, engine=engine, **more, **props)
        writer = aws_rds.ClusterInstance.serverless_v2("Writer")
        return cls(stack, id, **{"engine": engine, "vpc": vpc(stack), "writer": writer, **more, **props})

    return make


def distribution(stack: cdk.Stack, id: str, **props: Any) -> Any:
    if "minimum_protocol_version" in props:
        arn = "arn:aws:acm:us-east-1:111111111111:certificate/c"
        props["certificate"] = acm.Certificate.from_certificate_arn(stack, f"{id}Certificate", arn)
    behavior = {"origin": origins.HttpOrigin("example.com"), **props.pop("default_behavior", {})}
    return aws_cloudfront.Distribution(stack, id, default_behavior=behavior, **props)


def with_method(api: Any) -> Any:
    api.root.add_method("GET", aws_apigateway.MockIntegration())
    return api


def rest_api(stack: cdk.Stack, id: str, **props: Any) -> Any:
    return with_method(aws_apigateway.RestApi(stack, id, **props))


def lambda_rest_api(stack: cdk.Stack, id: str, **props: Any) -> Any:
    handler = lambda_.Function.from_function_name(stack, f"{id}Handler", "handler")
    return aws_apigateway.LambdaRestApi(stack, id, handler=handler, **props)


def step_functions_rest_api(stack: cdk.Stack, id: str, **props: Any) -> Any:
    machine = sfn.StateMachine(
        stack,
        f"{id}Machine",
        state_machine_type=sfn.StateMachineType.EXPRESS,
        definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(stack, f"{id}Pass")),
    )
    return aws_apigateway.StepFunctionsRestApi(stack, id, state_machine=machine, **props)


def spec_rest_api(stack: cdk.Stack, id: str, **props: Any) -> Any:
    document = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {}}
    return aws_apigateway.SpecRestApi(
        stack, id, api_definition=aws_apigateway.ApiDefinition.from_inline(document), **props
    )


def stage_of(stack: cdk.Stack, id: str, **props: Any) -> Any:
    api = with_method(aws_apigateway.RestApi(stack, f"{id}Api", deploy=False))
    return aws_apigateway.Stage(stack, id, deployment=aws_apigateway.Deployment(stack, f"{id}D", api=api), **props)


def serverless(stack: cdk.Stack, id: str, **props: Any) -> Any:
    return aws_rds.ServerlessCluster(
        stack, id, engine=aws_rds.DatabaseClusterEngine.AURORA_POSTGRESQL, vpc=vpc(stack), **{**_GROUP(stack), **props}
    )


def keyed(cls: type[Any]) -> Make:
    def make(stack: cdk.Stack, id: str, **props: Any) -> Any:
        key = aws_dynamodb.Attribute(name="id", type=aws_dynamodb.AttributeType.STRING)
        return cls(stack, id, partition_key=key, **props)

    return make


def server(stack: cdk.Stack, id: str, **props: Any) -> Any:
    root = ec2.BlockDevice(device_name="/dev/xvda", volume=ec2.BlockDeviceVolume.ebs(20))
    given = {
        "vpc": vpc(stack),
        "instance_type": ec2.InstanceType("m7g.large"),
        "machine_image": ec2.MachineImage.latest_amazon_linux2023(),
        "block_devices": [root],
    }
    return aws_ec2.Instance(stack, id, **{**given, **props})


def bastion(stack: cdk.Stack, id: str, **props: Any) -> Any:
    return aws_ec2.BastionHostLinux(stack, id, vpc=vpc(stack), **props)


def volume(stack: cdk.Stack, id: str, **props: Any) -> Any:
    return aws_ec2.Volume(
        stack, id, availability_zone=cdk.Fn.select(0, cdk.Fn.get_azs()), size=cdk.Size.gibibytes(20), **props
    )


def balancer(stack: cdk.Stack, id: str, **props: Any) -> Any:
    return aws_elasticloadbalancingv2.ApplicationLoadBalancer(stack, id, vpc=vpc(stack), **props)


def file_system(stack: cdk.Stack, id: str, **props: Any) -> Any:
    return aws_efs.FileSystem(stack, id, vpc=vpc(stack), **props)


def state_machine(stack: cdk.Stack, id: str, **props: Any) -> Any:
    steps = sfn.DefinitionBody.from_chainable(sfn.Pass(stack, f"{id}Pass"))
    return aws_stepfunctions.StateMachine(stack, id, definition_body=steps, **props)


def _GROUP(stack: cdk.Stack) -> dict[str, Any]:
    group = aws_rds.ParameterGroup.from_parameter_group_name(stack, f"Group{len(stack.node.children)}", "theirs")
    return {"parameter_group": group}


POSTGRES = aws_rds.DatabaseClusterEngine.aurora_postgres(version=aws_rds.AuroraPostgresEngineVersion.VER_17_9)
MYSQL = aws_rds.DatabaseClusterEngine.aurora_mysql(version=aws_rds.AuroraMysqlEngineVersion.VER_3_08_0)

#: Every hardened class: its table, and how to make one with no more than the CDK demands.
CLASSES: dict[str, tuple[Hardening, Make]] = {
    "Bucket": (aws_s3.BUCKET, aws_s3.Bucket),
    "AccessLogsBucket": (aws_s3.ACCESS_LOGS_BUCKET, log_bucket),
    "Key": (aws_kms.KEY, aws_kms.Key),
    "LogGroup": (aws_logs.LOG_GROUP, aws_logs.LogGroup),
    "BackupVault": (aws_backup.BACKUP_VAULT, aws_backup.BackupVault),
    "BackupPlan": (aws_backup.BACKUP_PLAN, aws_backup.BackupPlan),
    "DatabaseInstance": (aws_rds.DATABASE_INSTANCE, instance),
    "DatabaseInstanceFromSnapshot": (aws_rds.DATABASE_INSTANCE_FROM_SNAPSHOT, from_snapshot),
    "DatabaseInstanceReadReplica": (aws_rds.DATABASE_INSTANCE_READ_REPLICA, replica),
    "DatabaseCluster": (aws_rds.DATABASE_CLUSTER, cluster_with(POSTGRES)),
    "DatabaseClusterFromSnapshot": (
        aws_rds.DATABASE_CLUSTER_FROM_SNAPSHOT,
        cluster_with(POSTGRES, aws_rds.DatabaseClusterFromSnapshot, snapshot_identifier="snapshot"),
    ),
    "Distribution": (aws_cloudfront.DISTRIBUTION, distribution),
    "RestApi": (aws_apigateway.REST_API, rest_api),
    "LambdaRestApi": (aws_apigateway.LAMBDA_REST_API, lambda_rest_api),
    "StepFunctionsRestApi": (aws_apigateway.STEP_FUNCTIONS_REST_API, step_functions_rest_api),
    "SpecRestApi": (aws_apigateway.SPEC_REST_API, spec_rest_api),
    "Stage": (aws_apigateway.STAGE, stage_of),
    "ServerlessCluster": (aws_rds.SERVERLESS_CLUSTER, serverless),
    "Table": (aws_dynamodb.TABLE, keyed(aws_dynamodb.Table)),
    "TableV2": (aws_dynamodb.TABLE_V2, keyed(aws_dynamodb.TableV2)),
    "Topic": (aws_sns.TOPIC, aws_sns.Topic),
    "Stream": (aws_kinesis.STREAM, aws_kinesis.Stream),
    "Vpc": (aws_ec2.VPC, aws_ec2.Vpc),
    "Instance": (aws_ec2.INSTANCE, server),
    "BastionHostLinux": (aws_ec2.BASTION_HOST_LINUX, bastion),
    "Volume": (aws_ec2.VOLUME, volume),
    "ApplicationLoadBalancer": (aws_elasticloadbalancingv2.APPLICATION_LOAD_BALANCER, balancer),
    "Trail": (aws_cloudtrail.TRAIL, aws_cloudtrail.Trail),
    "FileSystem": (aws_efs.FILE_SYSTEM, file_system),
    "Repository": (aws_ecr.REPOSITORY, aws_ecr.Repository),
    "StateMachine": (aws_stepfunctions.STATE_MACHINE, state_machine),
}

#: Why a row has no value that raises (refuses), or no override that is caught (override): by property, control and way.
UNPROVED = {
    ("access_log_destination", "apigateway_stage_logging_enabled", "refuses"): "Every destination complies.",
    (
        "deploy_options.access_log_destination",
        "apigateway_stage_logging_enabled",
        "refuses",
    ): "Every destination complies.",
    (
        "backup_plan_rules",
        "backup_recovery_point_min_retention_35_days",
        "override",
    ): "The lock of our vault refuses recovery points that live for less than 35 days, which passes.",
    ("encryption", "s3_bucket_logging_enabled", "override"): "The control judges buckets that log, not where to.",
    ("encryption_key", "backup_recovery_point_encryption_enabled", "refuses"): "Every key complies.",
    ("encryption_key", "log_group_encryption_at_rest_enabled", "refuses"): "Every key complies.",
    ("encryption_key", "s3_bucket_default_encryption_enabled_kms", "refuses"): "Every key complies.",
    ("encryption_key", "cloudtrail_trail_logs_encrypted_with_kms_cmk", "refuses"): "Every key complies.",
    ("bucket", "cloudtrail_s3_logging_enabled", "refuses"): "What a bucket writes is judged at the bucket.",
    (
        "enable_automatic_backups",
        "efs_file_system_in_backup_plan",
        "refuses",
    ): "A plan of the user's may select the file system.",
    ("master_key", "sns_topic_encrypted_at_rest", "refuses"): "Every key complies.",
    (
        "encryption_key",
        "s3_bucket_default_encryption_enabled_kms",
        "override",
    ): "Without a key of ours S3 encrypts with AWS's own KMS key, which passes.",
    (
        "minimum_protocol_version",
        "cloudfront_distribution_encryption_in_transit_enabled",
        "override",
    ): "The control judges the protocol of viewers, not its version.",
    (
        "minimum_tls_version",
        "s3_bucket_enforces_ssl",
        "override",
    ): "The control wants a denial of plain HTTP, which another statement makes.",
    (
        "pending_window",
        "kms_key_not_pending_deletion",
        "refuses",
    ): "Takes two properties: see test_aws_kms.test_a_key_that_dies_with_its_stack_takes_its_time.",
    (
        "pending_window",
        "kms_key_not_pending_deletion",
        "override",
    ): "Takes a deletion policy, which is no property: see test_aws_kms as well.",
    (
        "replication_rules",
        "s3_bucket_cross_region_replication_enabled",
        "refuses",
    ): "Whoever writes rules knows where to; what region that is no constructor can tell.",
}


_SUBNETS = "What an override would have to name is a subnet of the user's: as associate_public_ip_address."
UNPROVED |= {
    ("vpc_subnets", "ec2_instance_not_publicly_accessible", "override"): _SUBNETS,
    ("subnet_selection", "ec2_instance_not_publicly_accessible", "override"): _SUBNETS,
}


def rows(wanted: Callable[[Requirement], bool] = lambda _: True) -> list[Any]:
    return [
        pytest.param(make, row, id=f"{name}-{row.property}-{row.control}")
        for name, (table, make) in CLASSES.items()
        for row in table
        if row.control and wanted(row)
    ]


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), context={RECOVERY_REGION: "eu-west-1"})
    return cdk.Stack(app, "S", env=cdk.Environment(account="111111111111", region="eu-central-1"))


def maker(make: Make, row: Requirement) -> Make:
    """How to make one that the row is about: there are rows for one engine only."""
    return cluster_with(MYSQL) if row.control == "rds_db_cluster_aurora_mysql_audit_logging_enabled" else make


def statuses(outdir: Path, id: str, *controls: str) -> dict[str, set[str]]:
    """What the catalogue says of a construct and of all below it, by control."""
    found: dict[str, set[str]] = {control: set() for control in controls}
    for result in audit(outdir, include=controls).results:
        path = result.construct_path
        if result.control.scope == "account" or (path and path.split("/")[:2] == ["S", id]):
            found[result.control.id].add(result.status)
    return found


@pytest.mark.parametrize("table", [pytest.param(table, id=name) for name, (table, _) in CLASSES.items()])
def test_a_table_is_about_what_there_is(table: Hardening) -> None:
    for row in table:
        assert row.steps[0] in table.names, f"{row.property} is no property of {table.construct.__name__}"
        assert row.property in row.describe()
        assert row.wanted in row.describe()
    assert not set(table.controls) - set(catalogue())


def test_every_hardened_class_is_here() -> None:
    from soc2_constructs import hardening

    known = {id(table) for table, _ in CLASSES.values()}
    paths = sorted(Path(hardening.__file__).parent.parent.glob("aws_*.py"))
    modules = [importlib.import_module(f"soc2_constructs.{path.stem}") for path in paths]
    tables = {
        name: table
        for module in modules
        for name, table in vars(module).items()
        if isinstance(table, hardening.Hardening) and table.controls
    }
    missing = {name for name, table in tables.items() if id(table) not in known}
    # Made of a snapshot they take no more than what their sisters take; behaviors that are added later, and origins,
    # are no constructs, and have tests of their own.
    assert missing == {"ADDED_BEHAVIOR", "ORIGIN", "SERVERLESS_CLUSTER_FROM_SNAPSHOT"}


def test_every_row_is_proved_or_says_why_not() -> None:
    lacking = {
        (row.property, row.control, way)
        for table, _ in CLASSES.values()
        for row in table
        if row.control
        for way, there_is_one in (("refuses", row.has_bad_value), ("override", row.bad_override is not None))
        if not there_is_one
    }
    assert lacking == set(UNPROVED)
    assert all(reason.endswith(".") for reason in UNPROVED.values())


@pytest.mark.parametrize(
    ("make", "controls"),
    [pytest.param(make, table.controls, id=name) for name, (table, make) in CLASSES.items()],
)
def test_the_default_passes(make: Make, controls: tuple[str, ...], stack: cdk.Stack, tmp_path: Path) -> None:
    make(stack, "Good")
    cdk.App.of(stack).synth()  # type: ignore[union-attr]
    found = statuses(tmp_path / "cdk.out", "Good", *controls)
    assert {control: said for control, said in found.items() if said != {"PASS"}} == {}


def test_cfn_lint_finds_nothing(tmp_path: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    app = cdk.App(outdir=str(tmp_path), context={RECOVERY_REGION: "eu-west-1"})
    for name, (_, make) in CLASSES.items():
        make(cdk.Stack(app, name, env=cdk.Environment(account="111111111111", region="eu-central-1")), "Good")
    app.synth()
    assert cfn_lint(tmp_path) == []


@pytest.mark.parametrize(("make", "row"), rows(lambda row: row.has_bad_value))
def test_the_opposite_raises(make: Make, row: Requirement, stack: cdk.Stack) -> None:
    value = row.bad_value(stack)
    with pytest.raises(NonCompliantError) as caught:
        maker(make, row)(stack, "Bad", **nested(row.property, value))
    error = caught.value
    assert (error.control, error.construct_path) == (row.control, "S/Bad")
    assert error.property == row.property.replace("*", "/path")
    assert (error.criteria, error.wanted) == (catalogue()[error.control].criteria, row.wanted)
    assert error.found == format_value(value)
    assert f'soc2.waive(<scope>, "{row.control}", reason="…", owner="…", expires="YYYY-MM-DD")' in str(error)


@pytest.mark.parametrize(("make", "row"), rows(lambda row: row.bad_override is not None))
def test_an_override_of_the_opposite_is_caught(make: Make, row: Requirement, stack: cdk.Stack, tmp_path: Path) -> None:
    row.oppose(maker(make, row)(stack, "Bad"))
    cdk.App.of(stack).synth()  # type: ignore[union-attr]
    assert row.control is not None
    assert "FAIL" in statuses(tmp_path / "cdk.out", "Bad", row.control)[row.control]
