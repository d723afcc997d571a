"""Checks of each requirement of each hardening table.

The default passes its control. A non-compliant value raises an error that names it, or stays if the control has low
severity. A violating override on the CloudFormation resource, which no constructor can refuse, fails the control in the
template. `UNPROVED` gives the reason for a requirement without such a value or override.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from soc2_constructs.hardening import (
    RAISING_SEVERITIES,
    RECOVERY_REGION,
    Hardening,
    NonCompliantError,
    Requirement,
    format_value,
)

import aws_cdk as cdk
import pytest
from aws_cdk import aws_rds as rds

from soc2_constructs.audit import audit
from soc2_constructs.controls import catalogue
from support.minimal import Make, check_complete, constructors, hardened

#: The hardened classes, by module and name.
CLASSES = hardened()
#: The table of each class, and its minimal constructor.
TABLES: dict[str, tuple[Hardening, Make]] = {
    name: (CLASSES[name].hardening, make) for name, make in constructors(drop_in=True).items() if name in CLASSES
}
#: A requirement that applies to this engine only.
MYSQL_ONLY = "rds_db_cluster_aurora_mysql_audit_logging_enabled"

#: The reason why a requirement has no non-compliant value or no violating override: by property, control and kind.
UNPROVED = {
    ("access_log_destination", "apigateway_stage_logging_enabled", "value"): "Every destination complies.",
    (
        "deploy_options.access_log_destination",
        "apigateway_stage_logging_enabled",
        "value",
    ): "Every destination complies.",
    (
        "backup_plan_rules",
        "backup_recovery_point_min_retention_35_days",
        "override",
    ): "The lock of the vault rejects recovery points with a retention below 35 days, so the control passes.",
    (
        "encryption",
        "s3_bucket_logging_enabled",
        "override",
    ): "The control checks the bucket that writes logs, not the target.",
    ("encryption_key", "backup_recovery_point_encryption_enabled", "value"): "Every key complies.",
    ("encryption_key", "log_group_encryption_at_rest_enabled", "value"): "Every key complies.",
    ("encryption_key", "s3_bucket_default_encryption_enabled_kms", "value"): "Every key complies.",
    ("encryption_key", "cloudtrail_trail_logs_encrypted_with_kms_cmk", "value"): "Every key complies.",
    ("bucket", "cloudtrail_s3_logging_enabled", "value"): "The control checks the bucket, not the trail.",
    (
        "enable_automatic_backups",
        "efs_file_system_in_backup_plan",
        "value",
    ): "A backup plan of the user may select the file system.",
    ("master_key", "sns_topic_encrypted_at_rest", "value"): "Every key complies.",
    (
        "encryption_key",
        "s3_bucket_default_encryption_enabled_kms",
        "override",
    ): "Without a key, S3 uses the AWS managed KMS key, which complies.",
    (
        "minimum_protocol_version",
        "cloudfront_distribution_encryption_in_transit_enabled",
        "override",
    ): "The control checks the viewer protocol, not the TLS version.",
    (
        "minimum_tls_version",
        "s3_bucket_enforces_ssl",
        "override",
    ): "The control requires a denial of HTTP, which another statement contains.",
    (
        "pending_window",
        "kms_key_not_pending_deletion",
        "value",
    ): "It takes two properties: see tests/constructs/test_aws_kms.py.",
    (
        "pending_window",
        "kms_key_not_pending_deletion",
        "override",
    ): "It takes a deletion policy, which is no property: see tests/constructs/test_aws_kms.py.",
    (
        "replication_rules",
        "s3_bucket_cross_region_replication_enabled",
        "value",
    ): "A constructor cannot resolve the region of the destination.",
}


_SUBNETS = "An override would name a subnet of the user; associate_public_ip_address has the override."
UNPROVED |= {
    ("vpc_subnets", "ec2_instance_not_publicly_accessible", "override"): _SUBNETS,
    ("subnet_selection", "ec2_instance_not_publicly_accessible", "override"): _SUBNETS,
}


def nested(property: str, value: Any) -> dict[str, Any]:
    """`deploy_options.tracing_enabled` as `{"deploy_options": {"tracing_enabled": value}}`."""
    head, *rest = property.replace("*", "/path").split(".")
    return {head: nested(".".join(rest), value) if rest else value}


def requirements(selects: Callable[[Requirement], bool] = lambda _: True) -> list[Any]:
    """The requirements that a control demands, as parameters of a test."""
    return [
        pytest.param(make, row, id=f"{name}-{row.property}-{row.control}")
        for name, (table, make) in TABLES.items()
        for row in table
        if row.control and selects(row)
    ]


def raises(row: Requirement) -> bool:
    return row.control is not None and catalogue()[row.control].severity in RAISING_SEVERITIES


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), context={RECOVERY_REGION: "eu-west-1"})
    return cdk.Stack(app, "S", env=cdk.Environment(account="111111111111", region="eu-central-1"))


def create(make: Make, row: Requirement, stack: cdk.Stack, **props: Any) -> Any:
    """Create a construct to which the requirement applies."""
    if row.control == MYSQL_ONLY:
        props["engine"] = rds.DatabaseClusterEngine.aurora_mysql(version=rds.AuroraMysqlEngineVersion.VER_3_08_0)
    return make(stack, "Bad", **props)


def statuses(stack: cdk.Stack, id: str, *controls: str) -> dict[str, set[str]]:
    """The results of a construct and its descendants, by control."""
    app = cdk.App.of(stack)
    assert app is not None
    app.synth()
    found: dict[str, set[str]] = {control: set() for control in controls}
    for result in audit(app.outdir, include=controls).results:
        path = result.construct_path
        if result.control.scope == "account" or (path and path.split("/")[:2] == ["S", id]):
            found[result.control.id].add(result.status)
    return found


def test_every_hardened_class_has_a_minimal_constructor() -> None:
    check_complete(CLASSES, constructors(drop_in=True))


def test_a_class_without_a_minimal_constructor_fails_with_the_place_to_add_it() -> None:
    known = constructors(drop_in=True)
    with pytest.raises(AssertionError) as caught:
        check_complete([*CLASSES, "aws_kms.Alias"], known)
    assert str(caught.value) == (
        "aws_kms.Alias has no minimal constructor. In tests/programs/aws_kms.py, write a function that creates a Alias "
        'with no more arguments than the CDK requires, and add "Alias" to MINIMAL.'
    )
    with pytest.raises(
        AssertionError, match=r'aws_kms\.Key is no hardened class\. Remove "Key" from MINIMAL in tests/prog'
    ):
        check_complete(set(CLASSES) - {"aws_kms.Key"}, known)


@pytest.mark.parametrize("table", [pytest.param(table, id=name) for name, (table, _) in TABLES.items()])
def test_a_table_names_existing_properties_and_controls(table: Hardening) -> None:
    for row in table:
        assert row.steps[0] in table.names, f"{row.property} is no property of {table.construct.__name__}"
        assert row.required
    assert not set(table.controls) - set(catalogue())


def test_every_requirement_is_proved_or_has_a_reason() -> None:
    lacking = {
        (row.property, row.control, way)
        for table, _ in TABLES.values()
        for row in table
        if row.control
        for way, exists in (("value", row.bad_value is not None), ("override", bool(row.overrides)))
        if not exists
    }
    assert lacking == set(UNPROVED)
    assert all(reason.endswith(".") for reason in UNPROVED.values())


@pytest.mark.parametrize(
    ("make", "controls"),
    [pytest.param(make, table.controls, id=name) for name, (table, make) in TABLES.items() if table.controls],
)
def test_the_default_passes(make: Make, controls: tuple[str, ...], stack: cdk.Stack) -> None:
    make(stack, "Good")
    found = statuses(stack, "Good", *controls)
    assert {control: results for control, results in found.items() if results != {"PASS"}} == {}


def test_cfn_lint_finds_nothing(tmp_path: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    app = cdk.App(outdir=str(tmp_path), context={RECOVERY_REGION: "eu-west-1"})
    for name, (_, make) in TABLES.items():
        id = name.replace(".", "-").replace("_", "-")
        make(cdk.Stack(app, id, env=cdk.Environment(account="111111111111", region="eu-central-1")), "Good")
    app.synth()
    assert cfn_lint(tmp_path) == []


@pytest.mark.parametrize(("make", "row"), requirements(lambda row: row.bad_value is not None and raises(row)))
def test_a_non_compliant_value_raises(make: Make, row: Requirement, stack: cdk.Stack) -> None:
    value = row.make_bad_value(stack)
    with pytest.raises(NonCompliantError) as caught:
        create(make, row, stack, **nested(row.property, value))
    error = next(each for each in caught.value.violations if each.control == row.control)
    assert error.construct_path == "S/Bad"
    assert error.property == row.property.replace("*", "/path")
    assert (error.criteria, error.required) == (catalogue()[error.control].criteria, row.required)
    assert error.value == format_value(value)
    waiver = f'soc2.waive(<scope>, "{row.control}", reason="…", owner="…", expires="YYYY-MM-DD")'
    assert waiver in str(caught.value)


@pytest.mark.parametrize(("make", "row"), requirements(lambda row: row.bad_value is not None and not raises(row)))
def test_a_non_compliant_value_of_low_severity_stays_and_fails_its_control(
    make: Make, row: Requirement, stack: cdk.Stack
) -> None:
    create(make, row, stack, **nested(row.property, row.make_bad_value(stack)))
    assert row.control is not None
    assert "FAIL" in statuses(stack, "Bad", row.control)[row.control]


@pytest.mark.parametrize(("make", "row"), requirements(lambda row: bool(row.overrides)))
def test_a_violating_override_fails_its_control(make: Make, row: Requirement, stack: cdk.Stack) -> None:
    row.violate(create(make, row, stack))
    assert row.control is not None
    assert "FAIL" in statuses(stack, "Bad", row.control)[row.control]
