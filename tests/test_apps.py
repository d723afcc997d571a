"""Realistic apps in plain `aws_cdk`, with their findings pinned, so that a change of the catalogue is visible.

Each app is a module in `tests/apps`, written with the defaults of the CDK.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

import soc2_constructs as soc2
from soc2_constructs.audit import Audit, audit
from soc2_constructs.controls import find
from soc2_constructs.patterns import BackupPolicy
from support.fixes import DECISIONS, TYPED, decided, fixed
from support.programs import run

ROOT = Path(__file__).parent.parent
APPS = Path(__file__).parent / "apps"
#: The feature flags that `cdk init` writes into the cdk.json of a new app.
FLAGS = json.loads((ROOT / "node_modules/aws-cdk/lib/init-templates/.recommended-feature-flags.json").read_text())
#: The content of the cdk.context.json that a team commits.
ZONES = {"availability-zones:account=111111111111:region=eu-central-1": ["eu-central-1a", "eu-central-1b"]}

#: The controls of severity high and medium that each app fails.
FAILS = {
    "static_site": {
        # The files come from the repository: a team may well say so in a waiver.
        "backup_plan_region_configured",
        "cloudfront_distribution_logging_enabled",
        "s3_bucket_enforces_ssl",
        "s3_bucket_logging_enabled",
        "s3_bucket_versioning_enabled",
    },
    "serverless_api": {
        # Anyone can list and create orders.
        "apigateway_method_authorization",
        "apigateway_stage_logging_enabled",
        "backup_plan_region_configured",
        "dynamodb_table_in_backup_plan",
        "dynamodb_table_point_in_time_recovery_enabled",
        "gatewayv2_route_authorization_configured",
        # The stage is the one that HttpApi makes unasked.
        "gatewayv2_stage_access_logging_enabled",
        # The CDK creates log groups for functions with a feature flag; without it Lambda creates them at run time.
        "log_group_encryption_at_rest_enabled",
        "sfn_state_machine_logging_enabled",
    },
    "ecs_service": {
        "backup_plan_region_configured",
        "cloudwatch_log_group_retention_period_365",
        "ecr_repository_image_scan_on_push_enabled",
        "elb_application_classic_lb_logging_enabled",
        "elb_application_lb_drop_http_headers",
        "elb_application_lb_redirect_http_request_to_https",
        "elb_application_lb_waf_enabled",
        "log_group_encryption_at_rest_enabled",
        "s3_bucket_enforces_ssl",
        "s3_bucket_logging_enabled",
        "s3_bucket_versioning_enabled",
        # S3 itself blocks public access to new buckets; a bucket that does not say so can be opened by a policy.
        "s3_public_access_block_bucket",
        "vpc_flow_logs_enabled",
    },
    "rds_app": {
        "backup_plan_region_configured",
        "efs_file_system_in_backup_plan",
        "elasticache_redis_cluster_automatic_backup_retention_15_days",
        "elasticache_replication_group_encryption_at_rest_enabled",
        "elasticache_replication_group_encryption_in_transit_enabled",
        "log_group_encryption_at_rest_enabled",
        "rds_db_cluster_aurora_mysql_audit_logging_enabled",
        "rds_db_cluster_aurora_protected_by_backup_plan",
        "rds_db_cluster_encryption_at_rest_enabled",
        # Three controls ask for the logs of PostgreSQL, and one property settles them.
        "rds_db_instance_cloudwatch_logs_enabled",
        "rds_db_instance_logging_enabled",
        "rds_db_instance_postgres_logging_enabled",
        "rds_db_instance_deletion_protection_enabled",
        "rds_db_instance_encryption_at_rest_enabled",
        "rds_db_instance_in_backup_plan",
        "rds_db_snapshot_encrypted_at_rest",
        # The passwords of both databases, and the key of a partner, for which only a function of the team's can do it.
        "secretsmanager_secret_automatic_rotation_enabled",
        "vpc_flow_logs_enabled",
    },
    "vpc_bastion": {
        "backup_plan_region_configured",
        "cloudtrail_s3_logging_enabled",
        "cloudtrail_trail_integrated_with_logs",
        "cloudwatch_alarm_action_enabled",
        "ebs_snapshot_encryption_enabled",
        "ebs_volume_encryption_at_rest_enabled",
        "ebs_volume_in_backup_plan",
        # A bastion host in a public subnet is what the control is about: Session Manager needs none.
        "ec2_instance_not_publicly_accessible",
        "ec2_instance_uses_imdsv2",
        # The bucket is created by Trail by default; `bucket` of Trail takes another.
        "s3_bucket_logging_enabled",
        "s3_bucket_versioning_enabled",
        "s3_public_access_block_bucket",
        "vpc_flow_logs_enabled",
        "vpc_security_group_restrict_ingress_public_ports",
        "vpc_security_group_restrict_ingress_ssh_all",
    },
}
#: The same apps as they were before the CDK had its feature flags.
GONE_WITHOUT_FLAGS = {
    "serverless_api": {"log_group_encryption_at_rest_enabled"},
    "rds_app": {"log_group_encryption_at_rest_enabled"},
}
_OPEN_GROUP = {"vpc_default_security_group_restricts_all_traffic"}
NEW_WITHOUT_FLAGS = {"ecs_service": _OPEN_GROUP, "rds_app": _OPEN_GROUP, "vpc_bastion": _OPEN_GROUP}


def source(name: str) -> str:
    return (APPS / name / "app.py").read_text()


def synthesize(
    name: str, outdir: Path, flags: dict[str, object], text: str | None = None, *, enforced: bool = False
) -> Path:
    """Run an app, or another version of its text; with `enforced=True`, add `soc2.enforce` and a BackupPolicy."""
    path = APPS / name / "app.py"
    names: dict[str, Any] = {"__name__": f"apps.{name}", "__file__": str(path)}
    exec(compile(text or source(name), str(path), "exec"), names)
    app = cdk.App(outdir=str(outdir), context={**ZONES, **flags})
    if enforced:
        soc2.enforce(app, report_only=True)
    names["build"](app)
    if enforced:
        BackupPolicy(next(each for each in app.node.children if isinstance(each, cdk.Stack)), "Backup")
    app.synth()
    return outdir


@pytest.fixture(scope="module")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("apps")
    return {name: synthesize(name, out / name, FLAGS) for name in FAILS}


def failing(found: Audit) -> set[str]:
    return {result.control.id for result in found.failures()}


def test_every_app_is_pinned() -> None:
    assert {path.parent.name for path in APPS.glob("*/app.py")} == set(FAILS)


@pytest.mark.parametrize("name", FAILS)
def test_what_an_app_fails_is_pinned(assemblies: dict[str, Path], name: str) -> None:
    assert failing(audit(assemblies[name])) == FAILS[name]


@pytest.mark.parametrize("name", FAILS)
def test_no_check_breaks(assemblies: dict[str, Path], name: str) -> None:
    assert [result for result in audit(assemblies[name]).results if "please report it" in result.message] == []


@pytest.mark.parametrize("name", FAILS)
def test_cfn_lint_finds_nothing(assemblies: dict[str, Path], name: str, cfn_lint: Callable[[Path], list[str]]) -> None:
    assert cfn_lint(assemblies[name]) == []


@pytest.mark.parametrize("name", FAILS)
def test_an_older_app_fails_nearly_the_same(tmp_path: Path, name: str) -> None:
    """An app keeps the flags that it was begun with."""
    expected = FAILS[name] - GONE_WITHOUT_FLAGS.get(name, set()) | NEW_WITHOUT_FLAGS.get(name, set())
    assert failing(audit(synthesize(name, tmp_path, {}))) == expected


@pytest.mark.parametrize("name", FAILS)
def test_an_app_that_does_as_it_is_told_complies(
    tmp_path: Path, name: str, cfn_lint: Callable[[Path], list[str]]
) -> None:
    """The fixes of all controls work together: none breaks another control, and the CDK accepts each."""
    synthesize(name, tmp_path, FLAGS, fixed(name, source(name)))
    assert audit(tmp_path).failures() == []
    assert cfn_lint(tmp_path) == []


#: The findings that remain if an app calls `soc2.enforce(app)` first and creates one BackupPolicy: those whose fix
#: would replace a database, values that the app sets explicitly, and decisions that only the team can make.
LEFT = {
    "static_site": set(),
    "serverless_api": {"apigateway_method_authorization", "gatewayv2_route_authorization_configured"},
    "ecs_service": {
        "cloudwatch_log_group_retention_period_365",
        "elb_application_lb_redirect_http_request_to_https",
        "elb_application_lb_waf_enabled",
    },
    "rds_app": {
        "elasticache_redis_cluster_automatic_backup_retention_15_days",
        "elasticache_replication_group_encryption_at_rest_enabled",
        "elasticache_replication_group_encryption_in_transit_enabled",
        "rds_db_cluster_aurora_mysql_audit_logging_enabled",
        "rds_db_cluster_encryption_at_rest_enabled",
        "rds_db_instance_encryption_at_rest_enabled",
        "rds_db_snapshot_encrypted_at_rest",
        "secretsmanager_secret_automatic_rotation_enabled",
    },
    "vpc_bastion": {
        "cloudwatch_alarm_action_enabled",
        "ebs_snapshot_encryption_enabled",
        "ebs_volume_encryption_at_rest_enabled",
        "ec2_instance_not_publicly_accessible",
        "vpc_security_group_restrict_ingress_public_ports",
        "vpc_security_group_restrict_ingress_ssh_all",
    },
}


@pytest.mark.parametrize("name", FAILS)
def test_two_lines_leave_decisions(name: str, tmp_path: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    synthesize(name, tmp_path, FLAGS, enforced=True)
    left = failing(audit(tmp_path))
    assert left == LEFT[name] <= FAILS[name]
    assert cfn_lint(tmp_path) == []


@pytest.mark.parametrize("name", FAILS)
def test_the_line_and_a_handful_of_decisions_comply(
    assemblies: dict[str, Path], name: str, tmp_path: Path, cfn_lint: Callable[[Path], list[str]]
) -> None:
    """Each app as a program, without relaxed or waived controls; the documentation gives the number of findings."""
    counts = [len(audit(assemblies[name]).failures())]
    program = Path(shutil.copytree(APPS / name, tmp_path / name)) / "app.py"
    for status, outdir, text in (
        (1, tmp_path / "line", decided(name, source(name), decisions=False)),
        (0, tmp_path / "decided", decided(name, source(name))),
    ):
        program.write_text(text)
        done = run(program, outdir, {**ZONES, **FLAGS})
        assert done.returncode == status, done.stderr
        found = audit(outdir)
        counts.append(len(found.failures()))
        assert "WAIVED" not in {result.status for result in found.results}
    assert cfn_lint(outdir) == []
    *taken, left = counts
    assert left == 0
    decisions = [each for each in DECISIONS[name] if each]
    assert len(decisions) <= 5, "more than a handful"
    rows = [row for row in (ROOT / "docs" / "adoption.md").read_text().splitlines() if row.startswith(f"| `{name}` |")]
    assert rows == [f"| `{name}` | {taken[0]} | {taken[1]} | {len(decisions)}: {'; '.join(decisions)} |"]


#: Settled by naming in `allow_replacement` what was never deployed.
NEVER_DEPLOYED = {
    "ebs_snapshot_encryption_enabled",
    "ebs_volume_encryption_at_rest_enabled",
    "rds_db_cluster_encryption_at_rest_enabled",
    "rds_db_instance_encryption_at_rest_enabled",
    "rds_db_snapshot_encrypted_at_rest",
}


@pytest.mark.parametrize("name", FAILS)
def test_what_is_decided_stands_in_the_fixes(name: str) -> None:
    text = "".join(decided(name, source(name)).split())
    plain = "".join(source(name).split())
    for control in LEFT[name] - NEVER_DEPLOYED:
        typed = [each for each in map("".join, map(str.split, TYPED[control])) if each not in plain]
        assert any(each in text for each in typed), control
    assert bool(LEFT[name] & NEVER_DEPLOYED) == ("allow_replacement=" in text)


def test_every_failure_has_a_fix_that_was_followed() -> None:
    assert set().union(*FAILS.values()) <= set(TYPED)


@pytest.mark.parametrize("control", sorted(TYPED))
def test_a_fix_says_what_to_type(control: str) -> None:
    """The fix contains the edits that made the apps comply, and an app that needed the fix contains each of them.

    Controls of low severity are not pinned for each app, so any app counts for them.
    """
    low = find(control).severity == "low"
    texts = ["".join(fixed(name, source(name)).split()) for name, fails in FAILS.items() if low or control in fails]
    for typed in TYPED[control]:
        assert typed in find(control).fix
        assert any("".join(typed.split()) in text for text in texts), f"no app types {typed}"
