"""`assert_compliant` on everything that can be given to it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from soc2_constructs.hardening.waive import waive

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct, RootConstruct

from soc2_constructs.pack import Soc2Checks
from soc2_constructs.testing import assert_compliant, findings
from soc2_constructs.waivers import Waiver
from support.dates import LATER

ENCRYPTION = "log_group_encryption_at_rest_enabled"
RETENTION = "cloudwatch_log_group_retention_period_365"
#: A log group without a key.
BAD: dict[str, Any] = {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}}}
GOOD: dict[str, Any] = {
    "Resources": {
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": "arn:aws:kms:eu-central-1:1:key/k"}}
    }
}


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    return cdk.App(outdir=str(tmp_path / "cdk.out"))


def group(scope: Construct, id: str = "Group", **props: Any) -> logs.LogGroup:
    return logs.LogGroup(scope, id, **{"retention": logs.RetentionDays.INFINITE, **props})


def found(subject: Any, **options: Any) -> list[tuple[str, str | None]]:
    return [(result.control.id, result.construct_path or result.logical_id) for result in findings(subject, **options)]


def test_a_template_as_a_dict() -> None:
    assert found(BAD) == [(ENCRYPTION, "Group")]
    assert_compliant(GOOD)
    with pytest.raises(AssertionError):
        assert_compliant(BAD)


def test_a_path(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(BAD))
    assert found(path) == found(str(path)) == found(tmp_path) == [(ENCRYPTION, "Group")]


def test_a_stack_without_resources_complies_either_way(app: cdk.App) -> None:
    from aws_cdk import assertions

    stack = cdk.Stack(app, "Empty")
    assert_compliant(assertions.Template.from_stack(stack))
    assert_compliant(stack)


def test_a_template_of_the_cdks_assertions(app: cdk.App) -> None:
    stack = cdk.Stack(app, "S")
    group(stack)
    template = assertions.Template.from_stack(stack)
    ((control, resource),) = found(template)
    assert control == ENCRYPTION
    assert resource is not None
    assert resource.startswith("Group")


def test_a_stack_an_app_a_stage_and_a_construct(app: cdk.App) -> None:
    stages = {name: cdk.Stage(app, name) for name in ("Test", "Prod")}
    stacks = {name: cdk.Stack(stage, "S") for name, stage in stages.items()}
    bad = group(stacks["Prod"])
    good = group(stacks["Prod"], "Good", encryption_key=kms.Key(stacks["Prod"], "Key", enable_key_rotation=True))
    expected = [(ENCRYPTION, "Prod/S/Group/Resource")]
    assert found(app) == found(stages["Prod"]) == found(stacks["Prod"]) == found(bad) == expected
    for compliant in (stages["Test"], stacks["Test"], good):
        assert_compliant(compliant)


def test_a_stack_without_an_app_of_its_own() -> None:
    stack = cdk.Stack()
    group(stack)
    assert [control for control, _ in found(stack)] == [ENCRYPTION]


def test_a_pack_that_the_app_has_does_not_interfere(app: cdk.App) -> None:
    stack = cdk.Stack(app, "S")
    group(stack)
    cdk.Validations.of(app).add_plugins(Soc2Checks(app))
    assert found(stack) == [(ENCRYPTION, "S/Group/Resource")]
    with pytest.raises(AssertionError):
        assert_compliant(stack)


def test_what_is_waived_or_acknowledged_does_not_fail(app: cdk.App) -> None:
    stack = cdk.Stack(app, "S")
    waive(group(stack, "Waived"), ENCRYPTION, reason="r", owner="o", expires=LATER)
    acknowledgement = cdk.Acknowledgment(id=f"SOC2::{ENCRYPTION}", reason="r")
    cdk.Validations.of(group(stack, "Acknowledged")).acknowledge(acknowledgement)
    assert_compliant(stack, include=[ENCRYPTION])
    group(stack, "Neither")
    fresh = cdk.App()
    group(cdk.Stack(fresh, "S"))
    assert found(fresh) == [(ENCRYPTION, "S/Group/Resource")]


def test_waivers_beside_the_subject(tmp_path: Path) -> None:
    waivers = [Waiver(ENCRYPTION, "r", "o", LATER, resource="Group")]
    assert_compliant(BAD, waivers=waivers)
    file = tmp_path / "w.toml"
    file.write_text(
        f'[[waiver]]\ncontrol = "{ENCRYPTION}"\nresource = "Group"\nreason = "r"\nowner = "o"\nexpires = {LATER}\n'
    )
    assert_compliant(BAD, waivers=file)


def test_options() -> None:
    assert_compliant(BAD, exclude=[ENCRYPTION])
    assert_compliant(BAD, include=[RETENTION])
    assert_compliant(BAD, fail_on="high")
    short = {"Resources": {"Group": {**BAD["Resources"]["Group"], "Properties": {"RetentionInDays": 365}}}}
    assert found(short, include=[RETENTION]) == []
    assert found(short, include=[RETENTION], thresholds={"log_retention_days": 400}) == [(RETENTION, "Group")]
    with_key = {"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": {"Ref": "Key"}}}
    open_ = {"Parameters": {"Key": {"Type": "String"}}, "Resources": {"Group": with_key}}
    assert_compliant(open_, include=[ENCRYPTION])
    assert found(open_, include=[ENCRYPTION], strict=True) == [(ENCRYPTION, "Group")]
    assert found(BAD, categories=["Security"]) == [(ENCRYPTION, "Group")]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fail_on": "never"}, "fail_on"),
        ({"include": ["nope"]}, "nope"),
        ({"thresholds": {"nope": 1}}, "nope"),
        ({"categories": ["Nope"]}, "Nope"),
    ],
)
def test_options_that_do_not_exist_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        assert_compliant(GOOD, **options)


@pytest.mark.parametrize("subject", [None, 5, [BAD], object()])
def test_what_cannot_be_judged_is_refused(subject: Any) -> None:
    with pytest.raises(ValueError, match=f"a {type(subject).__name__} cannot be audited"):
        assert_compliant(subject)


def test_a_construct_without_an_app_is_refused() -> None:
    with pytest.raises(ValueError, match="is not part of an app"):
        assert_compliant(RootConstruct("Alone"))


def test_the_message_reads_like_the_table() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_compliant(BAD)
    lines = str(caught.value).splitlines()
    assert lines[:2] == ["not compliant", ""]
    assert lines[2].startswith(f"MEDIUM  {ENCRYPTION}  CC6.1")
    assert lines[3] == "  Log groups are encrypted with a KMS key."
    assert lines[4].startswith("    Group")
    assert lines[5] == "      KmsKeyId is not set"
    assert lines[6].startswith("  Fix: Set `encryption_key=key`")
    assert lines[-1].startswith("1 to fix: 1 finding; ")
    assert "not covered by a template" not in str(caught.value)


def test_pytest_shows_the_message_and_the_line_of_the_test(tmp_path: Path) -> None:
    test = tmp_path / "test_it.py"
    test.write_text(
        "from soc2_constructs.testing import assert_compliant\n\n\n"
        "def test_it():\n"
        "    template = {'Resources': {'Group': {'Type': 'AWS::Logs::LogGroup'}}}\n"
        "    assert_compliant(template)\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no", str(test)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert ">       assert_compliant(template)" in lines
    shown = [line[1:].strip() for line in lines if line.startswith("E ")]
    assert shown[0] == "AssertionError: not compliant"
    assert any(line.startswith(f"MEDIUM  {ENCRYPTION}") for line in shown)
    assert any(line.startswith("Fix: Set `encryption_key=key`") for line in shown)
    assert "_judged(" not in done.stdout
    assert "raise AssertionError" not in done.stdout
