"""No format shows a secret that a template contains, whichever controls and properties it is about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from soc2_constructs.audit import audit
from soc2_constructs.audit.baseline import Baseline
from soc2_constructs.cloudformation import Assembly, Template
from soc2_constructs.deployment import compare
from soc2_constructs.reports import FORMATS, Settings, plan, render
from support.cases import all_cases, assembly_of

#: The text of the secrets in the cases of the controls.
SECRET = "correct-horse"
CASES = [
    pytest.param(case, id=f"{control}-{case['name']}")
    for control, _, case in all_cases()
    if control.startswith("cloudformation_") and SECRET in json.dumps(case)
]
CONDITIONS = """
Parameters:
  Password: {Type: String, Default: correct-horse}
  Hidden: {Type: String, NoEcho: true, AllowedValues: [correct-horse, correct-horse-2]}
Conditions:
  Has: !Not [!Equals [!Ref Password, ""]]
  IsHidden: !Equals [!Ref Hidden, correct-horse]
  IsShown: !Equals [!Ref Password, correct-horse-3]
Resources:
  Bucket: {Type: "AWS::S3::Bucket", Properties: {VersioningConfiguration: {Status: !If [Has, Suspended, Enabled]}}}
  Topic: {Type: "AWS::SNS::Topic", Properties: {KmsMasterKeyId: !If [IsHidden, !Ref "AWS::NoValue", key]}}
  Queue: {Type: "AWS::SQS::Queue", Properties: {SqsManagedSseEnabled: !If [IsShown, false, true]}}
  Database: {Type: "AWS::RDS::DBInstance", Properties: {MasterUserPassword: !If [IsHidden, !Ref Hidden, !Ref Password]}}
"""


def test_there_are_secrets() -> None:
    assert len(CASES) > 8


@pytest.mark.parametrize("case", [*CASES, pytest.param({"template": CONDITIONS}, id="conditions")])
def test_no_report_shows_a_secret(case: dict[str, Any]) -> None:
    found = audit(assembly=assembly_of(case))
    assert any(result.status != "PASS" for result in found.results)
    texts = {form: render(found, form, Settings(verbose=True, strict=True)) for form in FORMATS}
    baseline = Baseline()
    baseline.add(found.results)
    texts["baseline"] = baseline.render()
    for form, text in texts.items():
        assert SECRET not in text, form


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", plan.FORMATS)
def test_no_plan_shows_a_secret(case: dict[str, Any], form: str) -> None:
    """Every secret is replaced, once as the new value and once as the old one."""
    (new,) = assembly_of(case).templates
    old = Template(new.path, _another(new.document), stack_name=new.stack_name)
    for before, after in ((old, new), (new, old)):
        changes = compare(Assembly([before]), Assembly([after]))
        assert changes.steps or "Conditions" in new.document, "a changed default alone is no step"
        assert SECRET not in plan.render(changes, form)


def _another(node: Any) -> Any:
    """The same document with other secrets."""
    if isinstance(node, dict):
        return {key: _another(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_another(item) for item in node]
    return node.replace(SECRET, "another") if isinstance(node, str) else node
