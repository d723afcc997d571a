"""The plan as JSON: its published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from soc2_constructs.deployment import compare
from soc2_constructs.reports.plan import render, schema

BUCKET = "AWS::S3::Bucket"
FILES = "AWS::EFS::FileSystem"
DATABASE = "AWS::RDS::DBInstance"


def resource(kind: str, *, path: str | None = None, policy: Any = None, **properties: Any) -> dict[str, Any]:
    return {
        "Type": kind,
        "Properties": properties,
        **({"Metadata": {"aws:cdk:path": path}} if path else {}),
        **({"DeletionPolicy": policy} if policy else {}),
    }


def nested(template: str) -> dict[str, Any]:
    return {**resource("AWS::CloudFormation::Stack"), "Metadata": {"aws:asset:path": template}}


#: What is deployed, and what would be: everything that can happen to a resource, and every fate of its data.
OLD = {
    "Replaced": resource(FILES),
    "Follows": resource("AWS::EFS::MountTarget", FileSystemId={"Ref": "Replaced"}),
    "MayBe": resource(FILES, KmsKeyId={"Fn::If": ["C", "a", "b"]}),
    "Refused": resource("AWS::EC2::Volume"),
    "Interrupted": resource(DATABASE, BackupRetentionPeriod=0),
    "Changed": resource("Custom::Thing", Depth=1),
    "InPlace": resource(BUCKET),
    "Worse": resource(BUCKET, path="S/Worse/Resource", VersioningConfiguration={"Status": "Enabled"}),
    "Removed": resource(DATABASE),
    "Kept": resource(BUCKET, policy="Retain"),
    "Decided": resource(BUCKET, policy={"Fn::If": ["C", "Retain", "Delete"]}),
    "NameA1B2C3D4": resource(BUCKET, path="S/Name/Resource"),
    "Nested": nested("gone.template.json"),
}
NEW = {
    "Replaced": resource(FILES, Encrypted=True),
    "Follows": OLD["Follows"],
    "MayBe": resource(FILES, KmsKeyId={"Fn::If": ["C", "a", "c"]}),
    "Refused": resource("AWS::SNS::Topic"),
    "Interrupted": resource(DATABASE, BackupRetentionPeriod=35),
    "Changed": resource("Custom::Thing", Depth=2),
    "InPlace": resource(BUCKET, VersioningConfiguration={"Status": "Enabled"}),
    "Worse": resource(BUCKET, path="S/Worse/Resource"),
    "NameE5F6A7B8": resource(BUCKET, path="S/Name/Resource"),
    "Added": resource("AWS::SQS::Queue"),
    "Nested": nested("here.template.json"),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("plan")
    conditions = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}
    sides: list[Path] = []
    for name, resources in (("old", OLD), ("new", NEW)):
        side = folder / name
        side.mkdir()
        (side / "S.template.json").write_text(json.dumps({"Conditions": conditions, "Resources": resources}))
        sides.append(side)
    (sides[1] / "here.template.json").write_text(json.dumps({"Resources": {"B": resource(BUCKET)}}))
    found: dict[str, Any] = json.loads(render(compare(*sides), "json"))
    return found


def test_it_is_what_the_schema_says(report: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(report)


def test_the_example_holds_everything_that_the_schema_knows(report: dict[str, Any]) -> None:
    step = schema()["properties"]["resources"]["items"]["properties"]
    for name in ("action", "effect", "old_resource"):
        assert {each[name] for each in report["resources"]} == set(step[name]["enum"]), name
    effects = {change["effect"] for each in report["resources"] for change in each["changes"]}
    assert effects == set(schema()["$defs"]["effect"]["enum"])
    assert any(change["reason"] for each in report["resources"] for change in each["changes"])
    assert any(each["broken"] for each in report["resources"])
    assert report["notes"]
    assert report["controls"]["fixed"]
    assert report["controls"]["broken"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"time": "now"},
        {"schema_version": 2},
        {"summary": {}},
        {"notes": [{"stack": "S"}]},
        {"controls": {"fixed": [], "broken": ["s3_bucket_versioning_enabled"]}},
    ],
)
def test_the_schema_refuses_what_it_does_not_know(wrong: dict[str, Any], report: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate({**report, **wrong})


@pytest.mark.parametrize(("field", "value"), [("effect", "vanish"), ("old_resource", "gone"), ("stack", None)])
def test_nor_a_resource_of_another_kind(field: str, value: Any, report: dict[str, Any]) -> None:
    first, *others = report["resources"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate({**report, "resources": [{**first, field: value}, *others]})
