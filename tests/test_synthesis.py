"""`soc2.synth`: an app that ends with a gate, under Python, under pytest, and under the CDK's own command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct, IValidation

import soc2_constructs as soc2
from soc2_constructs.audit import audit
from soc2_constructs.pack import Soc2Checks
from support.dates import LATER

ROOT = Path(__file__).parent.parent
CDK = ROOT / "node_modules" / ".bin" / "cdk"
ENCRYPTION = "log_group_encryption_at_rest_enabled"
Captured = pytest.CaptureFixture[str]
#: An app whose stacks all live in stages; what it does is told by its arguments.
PROGRAM = """
import sys

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs

import soc2_constructs as soc2

app = cdk.App()
for name in ("Test", "Prod"):
    stack = cdk.Stack(cdk.Stage(app, name), "S")
    key = kms.Key(stack, "Key", enable_key_rotation=True) if "good" in sys.argv else None
    logs.LogGroup(stack, "Group", encryption_key=key)
if "pack" in sys.argv:
    cdk.Validations.of(app).add_plugins(soc2.Soc2Checks(app))
if "broken" in sys.argv:
    cdk.CfnOutput(stack, "Out", value=cdk.Lazy.string(cdk.IStableStringProducer()))
app.synth() if "plain" in sys.argv else print(type(soc2.synth(app)).__name__)
"""


@jsii.implements(IValidation)
class Refuses:
    """What stops a synthesis before any pack is asked."""

    def validate(self) -> list[str]:
        return ["not like this"]


@pytest.fixture
def outdir(tmp_path: Path) -> Path:
    return tmp_path / "cdk.out"


@pytest.fixture
def app(outdir: Path) -> cdk.App:
    return cdk.App(outdir=str(outdir))


def group(scope: Construct, id: str = "Group", **props: Any) -> logs.LogGroup:
    return logs.LogGroup(scope, id, **{"retention": logs.RetentionDays.INFINITE, **props})


def stopped(app: cdk.App, **options: Any) -> None:
    with pytest.raises(SystemExit) as caught:
        soc2.synth(app, **options)
    assert caught.value.code == 1


def summary(capsys: Captured) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    return err[err.index("\n") + 1 :] if err.startswith("\n") else err


def reported(outdir: Path) -> list[tuple[str, str]]:
    report = json.loads((outdir / "validation-report.json").read_text())
    return [
        (violation["ruleName"], violation["severity"])
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
    ]


def test_a_finding_stops_the_app_and_is_shown(app: cdk.App, outdir: Path, capsys: Captured) -> None:
    group(cdk.Stack(app, "S"))
    stopped(app)
    text = summary(capsys)
    assert f"MEDIUM  {ENCRYPTION}" in text
    assert "    S/Group/Resource" in text
    assert text.splitlines()[-1].startswith("1 to fix: 1 finding; ")
    assert "\x1b" not in text
    assert reported(outdir) == [(ENCRYPTION, "error")]


def test_a_compliant_app_gets_its_assembly(app: cdk.App, capsys: Captured) -> None:
    stack = cdk.Stack(app, "S")
    group(stack, encryption_key=kms.Key(stack, "Key", enable_key_rotation=True))
    assembly = soc2.synth(app)
    assert [artifact.stack_name for artifact in assembly.stacks] == ["S"]
    assert summary(capsys).splitlines()[-1].startswith("nothing to fix: 0 findings; ")


def test_an_app_without_stacks_is_compliant(app: cdk.App) -> None:
    assert soc2.synth(app, strict=True).stacks == []


def test_a_pack_that_the_app_has_is_the_one_that_judges(app: cdk.App, outdir: Path, capsys: Captured) -> None:
    group(cdk.Stack(cdk.Stage(app, "Prod"), "S"))
    cdk.Validations.of(app).add_plugins(Soc2Checks(app, fail_on="high"))
    soc2.synth(app)
    assert "nothing to fix: 1 finding; " in summary(capsys)
    assert reported(outdir) == [(ENCRYPTION, "warning")], "once, by the app's own pack"


def test_stages_that_a_pack_leaves_out_are_judged(app: cdk.App, outdir: Path, capsys: Captured) -> None:
    stages = {name: cdk.Stage(app, name) for name in ("Test", "Prod")}
    for stage in stages.values():
        group(cdk.Stack(stage, "S"))
    cdk.Validations.of(stages["Test"]).add_plugins(Soc2Checks(stages["Test"], report_only=True))
    stopped(app)
    lines = [line for line in summary(capsys).splitlines() if line.startswith("    ") and "Group" in line]
    assert len(lines) == 1
    assert lines[0].startswith("    Prod/S/Group/Resource")
    assert sorted(reported(outdir)) == [(ENCRYPTION, "error"), (ENCRYPTION, "warning")]


def test_options_are_for_the_pack_that_judges(app: cdk.App) -> None:
    group(cdk.Stack(app, "S"))
    cdk.Validations.of(app).add_plugins(Soc2Checks(app, report_only=True))
    with pytest.raises(ValueError, match="registers a Soc2Checks"):
        soc2.synth(app, strict=True)


def test_an_app_that_was_synthesized_before_is_judged(app: cdk.App) -> None:
    group(cdk.Stack(app, "S"))
    app.synth()
    stopped(app)
    stopped(app)


def test_waived_and_acknowledged_findings_do_not_stop(app: cdk.App, capsys: Captured) -> None:
    stack = cdk.Stack(cdk.Stage(app, "Prod"), "S")
    soc2.waive(group(stack, "Waived"), ENCRYPTION, reason="r", owner="o", expires=LATER)
    acknowledgement = cdk.Acknowledgment(id=f"SOC2::{ENCRYPTION}", reason="r")
    cdk.Validations.of(group(stack, "Acknowledged")).acknowledge(acknowledgement)
    soc2.synth(app)
    # What is waived is counted: a summary that says nothing of it would hide a risk.
    assert " 1 waived, " in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [{"fail_on": "high"}, {"report_only": True}, {"exclude": [ENCRYPTION]}, {"include": ["s3_bucket_enforces_ssl"]}],
)
def test_options(options: dict[str, Any], app: cdk.App) -> None:
    group(cdk.Stack(app, "S"))
    soc2.synth(app, **options)


def test_options_that_do_not_exist_are_refused(app: cdk.App) -> None:
    with pytest.raises(ValueError, match="never"):
        soc2.synth(app, fail_on="never")


def test_a_baseline(app: cdk.App, outdir: Path, tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "b.json"
    entry = {"control": ENCRYPTION, "at": "S/Group/Resource", "property": "KmsKeyId"}
    file.write_text(json.dumps({"version": 1, "findings": [entry]}))
    stack = cdk.Stack(app, "S")
    group(stack)
    soc2.synth(app, baseline=file)
    assert "nothing to fix: 1 finding (1 known); " in summary(capsys)
    report = json.loads((outdir / "validation-report.json").read_text())
    (violation,) = report["pluginReports"][0]["violations"]
    assert violation["severity"] == "warning"
    assert violation["description"].endswith("; known in the baseline: reported, does not fail the check")


def test_a_baseline_lets_nothing_new_through(app: cdk.App, tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    entry = {"control": ENCRYPTION, "at": "S/Group/Resource", "property": "KmsKeyId"}
    file.write_text(json.dumps({"version": 1, "findings": [entry]}))
    stack = cdk.Stack(app, "S")
    group(stack)
    group(stack, "New")
    stopped(app, baseline=file)


@pytest.mark.parametrize("option", ["baseline", "waivers"])
def test_a_pack_that_breaks_stops_the_app(option: str, app: cdk.App, tmp_path: Path, capsys: Captured) -> None:
    stack = cdk.Stack(app, "S")
    group(stack, encryption_key=kms.Key(stack, "Key", enable_key_rotation=True))
    stopped(app, **{option: tmp_path / "gone"})
    assert "soc2: the rule pack could not audit the app: " in summary(capsys)


def test_what_is_no_finding_stays_an_exception(app: cdk.App) -> None:
    stack = cdk.Stack(app, "S")
    group(stack)
    stack.node.add_validation(Refuses())
    with pytest.raises(RuntimeError, match="not like this"):
        soc2.synth(app)


def test_another_pack_that_stops_the_app_still_does(app: cdk.App) -> None:
    import cdk_nag

    stack = cdk.Stack(app, "S")
    group(stack, encryption_key=kms.Key(stack, "Key", enable_key_rotation=True))
    cdk.CfnResource(stack, "Bucket", type="AWS::None::Such")
    cdk.aws_s3.CfnBucket(stack, "Files")
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="AwsSolutions"):
        soc2.synth(app, include=[ENCRYPTION])


def test_a_run_for_which_the_command_looks_something_up_is_let_through(
    outdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As the command runs an app: it reads the report itself.
    app = cdk.App(outdir=str(outdir), context={"@aws-cdk/core:failSynthOnValidationErrors": False})
    env = cdk.Environment(account="111111111111", region="eu-central-1")
    stack = cdk.Stack(cdk.Stage(app, "Prod", env=env), "S")
    ec2.Vpc.from_lookup(stack, "Network", vpc_id="vpc-1")
    group(stack)
    monkeypatch.setenv("CDK_OUTDIR", "x")
    soc2.synth(app)
    monkeypatch.delenv("CDK_OUTDIR")
    stopped(app)


# Without pytest around it, and under the real command


def environment() -> dict[str, str]:
    found = {key: value for key, value in os.environ.items() if "PYTEST" not in key}
    found["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), found["PATH"]])
    return {**found, "CDK_VALIDATION": "false"}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "app.py"
    path.write_text(PROGRAM)
    return path


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("pack", ["", "pack"])
def test_under_python_there_is_no_stack_trace(pack: str, program: Path) -> None:
    done = run(sys.executable, str(program), pack, cwd=program.parent)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "jsii" not in done.stderr
    # Node, which shares the terminal, may come to its end after us.
    assert any(line.startswith("2 to fix: 2 findings; ") for line in done.stderr.splitlines())


@pytest.mark.parametrize("pack", ["", "pack"])
def test_under_python_a_compliant_app_goes_on(pack: str, program: Path) -> None:
    done = run(sys.executable, str(program), "good", pack, cwd=program.parent)
    assert (done.returncode, done.stdout) == (0, "CloudAssembly\n")
    assert any(line.startswith("nothing to fix: 0 findings; ") for line in done.stderr.splitlines())


def synthesized(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """By the CDK's own command, without the pattern that reaches into stages."""
    assert CDK.exists(), "run `make setup` first: the CDK command is part of the toolchain"
    app = " ".join((sys.executable, str(program), *arguments))
    return run(str(CDK), "synth", "--quiet", "--no-notices", "--app", app, "--output", "out", cwd=program.parent)


@pytest.mark.parametrize("arguments", [(), ("pack",)])
def test_the_command_cannot_overlook_stages(arguments: tuple[str, ...], program: Path) -> None:
    done = synthesized(program, *arguments)
    assert done.returncode == 1
    assert f"MEDIUM  {ENCRYPTION}" in done.stderr
    assert "    Prod/S/Group/Resource" in done.stderr
    assert "2 to fix: 2 findings; " in done.stderr
    assert "Traceback" not in done.stderr
    # The assembly is whole: a check of it finds the same.
    found = audit(program.parent / "out")
    assert {result.construct_path for result in found.failures()} == {"Prod/S/Group/Resource", "Test/S/Group/Resource"}


def test_without_it_the_command_overlooks_them(program: Path) -> None:
    """Should this fail one day, the CDK has closed the hole itself."""
    assert synthesized(program, "pack", "plain").returncode == 0


def test_the_command_lets_a_compliant_app_through(program: Path) -> None:
    done = synthesized(program, "good")
    assert done.returncode == 0, done.stderr
    assert "nothing to fix: 0 findings; " in done.stderr
