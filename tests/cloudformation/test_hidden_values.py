"""Values that CloudFormation keeps out of sight: dynamic references, and parameters with NoEcho."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from soc2_constructs.audit import audit

CONTROL = "cloudformation_property_no_plaintext_secret"


def database(password: Any) -> dict[str, Any]:
    return {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": password}}


@pytest.mark.parametrize(
    ("parent", "given", "child", "status"),
    [
        ({"NoEcho": True}, {"Ref": "P"}, {"NoEcho": True}, "PASS"),
        # The nested stack shows the value that its parent hides.
        ({"NoEcho": True}, {"Ref": "P"}, {}, "FAIL"),
        ({}, {"Ref": "P"}, {"NoEcho": True}, "FAIL"),
        ({}, "correct-horse", {"NoEcho": True}, "FAIL"),
        ({}, "{{resolve:secretsmanager:db}}", {}, "PASS"),
        ({}, "{{resolve:secretsmanager:db}}", {"NoEcho": True}, "PASS"),
    ],
)
def test_a_value_must_be_hidden_in_the_parent_and_in_the_nested_stack(
    tmp_path: Path, parent: dict[str, Any], given: Any, child: dict[str, Any], status: str
) -> None:
    nested: dict[str, Any] = {"Type": "AWS::CloudFormation::Stack"}
    nested["Properties"] = {"TemplateURL": "child.json", "Parameters": {"Password": given}}
    documents = {
        "parent.json": {"Parameters": {"P": {"Type": "String", **parent}}, "Resources": {"Nested": nested}},
        "child.json": {
            "Parameters": {"Password": {"Type": "String", **child}},
            "Resources": {"Database": database({"Ref": "Password"})},
        },
    }
    for name, document in documents.items():
        (tmp_path / name).write_text(json.dumps(document))
    results = audit(tmp_path / "parent.json", include=[CONTROL]).results
    assert [result.status for result in results if result.logical_id == "Database"] == [status]
