"""The plan: which resource is which on both sides, what happens to it, and which controls hold afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import Assembly, InputError
from soc2_constructs.deployment import Plan, Step, compare
from soc2_constructs.reports.plan import document, render, schema
from support.cases import all_cases, assembly_of

BUCKET = "AWS::S3::Bucket"
VALIDATOR = jsonschema.Draft202012Validator(schema())


def resource(kind: str, *, path: str | None = None, **body: Any) -> dict[str, Any]:
    attributes = {
        name: body.pop(name) for name in ("DeletionPolicy", "UpdateReplacePolicy", "Condition") if name in body
    }
    metadata = {"Metadata": {"aws:cdk:path": path}} if path else {}
    return {"Type": kind, "Properties": body, **attributes, **metadata}


def of(resources: dict[str, Any], **sections: Any) -> Assembly:
    return Assembly.of_document({"Resources": resources, **sections})


def plan(old: dict[str, Any], new: dict[str, Any]) -> Plan:
    return compare(of(old), of(new))


def only(found: Plan) -> Step:
    (step,) = found.steps
    return step


def effects(found: Plan) -> dict[str, str]:
    return {step.resource.logical_id: step.effect for step in found.steps}


def test_a_change_tells_its_property_its_effect_and_what_it_fixes() -> None:
    old = {"Db": resource("AWS::RDS::DBInstance", BackupRetentionPeriod=0, DBInstanceClass="db.t3.micro")}
    new = {"Db": resource("AWS::RDS::DBInstance", BackupRetentionPeriod=35, DBInstanceClass="db.t3.micro")}
    found = plan(old, new)
    (change,) = only(found).changes
    assert (change.path, change.before, change.after, change.effect) == (
        "BackupRetentionPeriod",
        0,
        35,
        "some interruptions",
    )
    assert change.controls == ["rds_db_instance_backup_enabled"]
    assert found.fixed == [("rds_db_instance_backup_enabled", "template", "Db")]
    assert found.losses == []


def test_what_is_fixed_is_what_the_audit_of_both_sides_says() -> None:
    old = {"B": resource(BUCKET)}
    new = {"B": resource(BUCKET, VersioningConfiguration={"Status": "Enabled"}, BucketName="b")}
    found = plan(old, new)
    before, after = (
        {r.control.id: r.status for r in audit(assembly=of(side)).results if r.logical_id == "B"} for side in (old, new)
    )
    fixed = sorted(name for name in before if (before[name], after[name]) == ("FAIL", "PASS"))
    assert [name for name, *_ in found.fixed] == fixed != []
    assert only(found).fixed == fixed
    name, versioning = only(found).changes
    assert (name.path, name.controls) == ("BucketName", [])
    assert "s3_bucket_versioning_enabled" in versioning.controls


def test_a_control_that_breaks_is_told() -> None:
    found = plan({"B": resource(BUCKET, VersioningConfiguration={"Status": "Enabled"})}, {"B": resource(BUCKET)})
    assert "s3_bucket_versioning_enabled" in only(found).broken
    assert ("s3_bucket_versioning_enabled", "template", "B") in found.broken


def test_what_another_resource_fixes_is_counted() -> None:
    deny = {
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [{"Fn::GetAtt": ["B", "Arn"]}, {"Fn::Sub": "${B.Arn}/*"}],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]
    }
    policy = resource("AWS::S3::BucketPolicy", Bucket={"Ref": "B"}, PolicyDocument=deny)
    found = plan({"B": resource(BUCKET)}, {"B": resource(BUCKET), "P": policy})
    assert effects(found) == {"P": "add"}
    assert [(stack, name) for _, stack, name in found.fixed] == [("template", "B")]


def test_a_stateful_resource_that_is_replaced_comes_first() -> None:
    old = {name: resource(kind) for name, kind in (("A", "AWS::IAM::Role"), ("Z", "AWS::EFS::FileSystem"))}
    old["R"] = resource("AWS::IAM::Role", RoleName="one")
    new = {"A": resource("AWS::IAM::Role", MaxSessionDuration=3600), "R": resource("AWS::IAM::Role", RoleName="two")}
    new["Z"] = resource("AWS::EFS::FileSystem", Encrypted=True)
    found = plan(old, new)
    assert effects(found) == {"Z": "replacement", "R": "replacement", "A": "no interruption"}
    assert [step.resource.logical_id for step in found.steps] == ["Z", "R", "A"]
    assert [step.resource.logical_id for step in found.losses] == ["Z"]


@pytest.mark.parametrize(
    ("kind", "old", "new", "fate"),
    [
        ("AWS::EFS::FileSystem", {}, {}, "deleted"),
        ("AWS::EFS::FileSystem", {"UpdateReplacePolicy": "Retain"}, {"UpdateReplacePolicy": "Retain"}, "kept"),
        ("AWS::EFS::FileSystem", {"UpdateReplacePolicy": "Retain"}, {}, "deleted"),
        ("AWS::EFS::FileSystem", {"DeletionPolicy": "Retain"}, {"DeletionPolicy": "Retain"}, "deleted"),
        ("AWS::RDS::DBCluster", {}, {}, "deleted"),
        ("AWS::RDS::DBCluster", {"UpdateReplacePolicy": "Snapshot"}, {"UpdateReplacePolicy": "Snapshot"}, "snapshot"),
        (
            "AWS::RDS::DBCluster",
            {"UpdateReplacePolicy": {"Fn::If": ["C", "Retain", "Delete"]}},
            {"UpdateReplacePolicy": "Retain"},
            "not known",
        ),
    ],
)
def test_what_becomes_of_a_replaced_one(kind: str, old: Any, new: Any, fate: str) -> None:
    found = plan({"A": resource(kind, KmsKeyId="a", **old)}, {"A": resource(kind, KmsKeyId="b", **new)})
    assert only(found).effect == "replacement"
    assert only(found).data_outcome == fate


@pytest.mark.parametrize(
    ("kind", "body", "stateful", "fate"),
    [
        (BUCKET, {}, True, "deleted"),
        (BUCKET, {"DeletionPolicy": "Retain"}, True, "kept"),
        (BUCKET, {"DeletionPolicy": "RetainExceptOnCreate"}, True, "kept"),
        ("AWS::RDS::DBInstance", {}, True, "snapshot"),
        ("AWS::RDS::DBInstance", {"DeletionPolicy": "Delete"}, True, "deleted"),
        ("AWS::RDS::DBInstance", {"DBClusterIdentifier": {"Ref": "C"}}, False, "deleted"),
        ("AWS::IAM::Role", {}, False, "deleted"),
    ],
)
def test_what_becomes_of_a_removed_one(kind: str, body: Any, stateful: bool, fate: str) -> None:
    found = plan({"A": resource(kind, **body), "T": resource("AWS::SNS::Topic")}, {"T": resource("AWS::SNS::Topic")})
    step = only(found)
    assert (step.effect, step.data_outcome, step.is_stateful) == ("remove", fate, stateful)
    assert bool(found.losses) is stateful


def test_another_logical_id_deletes_and_creates() -> None:
    old = {"Old1": resource(BUCKET, path="S/B/Resource")}
    new = {"New2": resource(BUCKET, path="S/B/Resource", VersioningConfiguration={"Status": "Enabled"})}
    found = plan(old, new)
    step = only(found)
    assert step.deployed is not None
    assert (step.effect, step.deployed.logical_id, step.resource.logical_id) == ("rename", "Old1", "New2")
    assert step.data_outcome == "deleted"
    assert "s3_bucket_versioning_enabled" in step.controls
    text = render(found)
    assert text.startswith("DELETE AND CREATE  S/B/Resource")
    assert 'override_logical_id("Old1")' in text


def test_another_type_under_the_same_id_is_refused() -> None:
    found = plan({"A": resource(BUCKET)}, {"A": resource("AWS::SNS::Topic")})
    assert [(change.path, change.effect) for change in only(found).changes] == [("Type", "not supported")]


def test_what_refers_to_a_replaced_resource_follows_it() -> None:
    def side(encrypted: bool) -> dict[str, Any]:
        return {
            "Fs": resource("AWS::EFS::FileSystem", Encrypted=encrypted),
            "Mount": resource("AWS::EFS::MountTarget", FileSystemId={"Ref": "Fs"}),
            "Policy": resource("AWS::IAM::Policy", PolicyDocument={"Resource": {"Fn::Sub": "${Fs.Arn}/*"}}),
            "Other": resource("AWS::SNS::Topic", DisplayName={"Ref": "AWS::StackName"}),
        }

    found = plan(side(False), side(True))
    assert effects(found) == {"Fs": "replacement", "Mount": "replacement", "Policy": "no interruption"}
    reasons = {step.resource.logical_id: [change.reason for change in step.changes] for step in found.steps}
    assert reasons == {"Fs": [""], "Mount": ["Fs is replaced"], "Policy": ["Fs is replaced"]}


def test_what_follows_is_followed_too() -> None:
    """A replaced role may have another name, and so on down the line; circles of references end."""

    def side(name: str) -> dict[str, Any]:
        return {
            "Api": resource("AWS::ApiGateway::RestApi", Name=name),
            "A": resource("AWS::EC2::SecurityGroup", GroupDescription=name),
            "B": resource("AWS::EC2::SecurityGroupIngress", GroupId={"Fn::GetAtt": ["A", "GroupId"]}),
            "C": resource("AWS::SSM::Parameter", Name={"Ref": "B"}, Value={"Ref": "C"}),
        }

    assert effects(plan(side("a"), side("b"))) == {
        "Api": "no interruption",
        "A": "replacement",
        "B": "conditional replacement",
        "C": "conditional replacement",
    }


def test_changed_mappings_and_conditions_change_what_uses_them() -> None:
    properties = {"Encrypted": {"Fn::FindInMap": ["M", "a", "on"]}, "KmsKeyId": {"Fn::If": ["C", "a", "b"]}}
    resources = {"Fs": resource("AWS::EFS::FileSystem", **properties), "Q": resource("AWS::SQS::Queue", Condition="C")}
    conditions = {"C": {"Fn::Not": [{"Condition": "D"}]}, "D": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}
    old = of(resources, Mappings={"M": {"a": {"on": False}}}, Conditions=conditions)
    new = of(resources, Mappings={"M": {"a": {"on": True}}}, Conditions=conditions)
    (change,) = only(compare(old, new)).changes
    assert (change.path, change.before, change.after, change.effect) == ("Encrypted", False, True, "replacement")
    other = {**conditions, "D": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-2"]}}
    found = compare(old, of(resources, Mappings={"M": {"a": {"on": False}}}, Conditions=other))
    assert {step.resource.logical_id: [c.path for c in step.changes] for step in found.steps} == {
        "Fs": ["KmsKeyId"],
        "Q": ["Condition"],
    }
    assert effects(found) == {"Fs": "conditional replacement", "Q": "unknown"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (True, "true"),
        (35, "35"),
        (None, {"Ref": "AWS::NoValue"}),
        ({"A": 1, "B": None}, {"B": {"Ref": "AWS::NoValue"}, "A": "1"}),
        ([{"Ref": "AWS::NoValue"}, "a"], ["a"]),
    ],
)
def test_what_cloudformation_takes_for_the_same_is_no_change(before: Any, after: Any) -> None:
    old, new = ({"A": resource("AWS::EFS::FileSystem", Encrypted=value)} for value in (before, after))
    assert plan(old, new).steps == []


INTRINSICS = [
    None,
    "a",
    {"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]},
    {"Fn::If": ["C", {"Enabled": True}, {"Ref": "AWS::NoValue"}]},
    {"Fn::If": "broken"},
    {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "x"]},
    {"Fn::GetAtt": "Key.Arn"},
    {"Fn::GetAtt": []},
    {"Fn::Sub": ["${A}${B", {"A": {"Ref": "P"}}]},
    {"Fn::Transform": {"Name": "X"}},
    {"Ref": ["odd"]},
]


@pytest.mark.parametrize("before", INTRINSICS)
@pytest.mark.parametrize("after", INTRINSICS)
def test_functions_on_either_side_never_raise(before: Any, after: Any) -> None:
    def side(value: Any) -> dict[str, Any]:
        return {
            "D": resource("AWS::OpenSearchService::Domain", EncryptionAtRestOptions=value),
            "R": resource("AWS::RDS::DBInstance", BackupRetentionPeriod=value, KmsKeyId=value),
            "I": resource("AWS::EC2::Instance", BlockDeviceMappings=[{"Ebs": value}]),
        }

    found = plan(side(before), side(after))
    assert [step.resource.logical_id for step in found.steps] == [] if before == after else found.steps
    render(found)
    json.dumps(document(found))


def stack(template: str, **parameters: Any) -> dict[str, Any]:
    body = resource("AWS::CloudFormation::Stack", TemplateURL={"Fn::Sub": template}, Parameters=parameters)
    return {**body, "Metadata": {"aws:asset:path": template}}


def write(folder: Path, **templates: Any) -> Path:
    folder.mkdir()
    for name, resources in templates.items():
        document = {"Resources": resources, "Parameters": {"P": {"Type": "String"}}}
        (folder / f"{name}.template.json").write_text(json.dumps(document))
    return folder


def test_nested_stacks_are_compared_with_what_they_are_given(tmp_path: Path) -> None:
    fs = resource("AWS::EFS::FileSystem", KmsKeyId={"Ref": "P"})
    old = write(tmp_path / "old", S={"N": stack("a1.template.json", P="a")}, a1={"Fs": fs, "B": resource(BUCKET)})
    new = write(tmp_path / "new", S={"N": stack("b2.template.json", P="b")}, b2={"Fs": fs})
    found = compare(old, new)
    assert {(step.stack, step.resource.logical_id): step.effect for step in found.steps} == {
        ("S", "N"): "no interruption",
        ("S/N", "B"): "remove",
        ("S/N", "Fs"): "conditional replacement",
    }
    assert [change.path for step in found.steps if step.stack == "S" for change in step.changes] == ["Parameters.P"]
    assert [step.resource.logical_id for step in found.losses] == ["B"]


def test_a_nested_stack_that_goes_takes_its_resources_along(tmp_path: Path) -> None:
    topic = {"T": resource("AWS::SNS::Topic")}
    old = write(tmp_path / "old", S={"N": stack("a1.template.json"), **topic}, a1={"B": resource(BUCKET)})
    new = write(tmp_path / "new", S=topic)
    found = compare(old, new)
    assert {(step.stack, step.resource.logical_id): step.effect for step in found.steps} == {
        ("S", "N"): "remove",
        ("S/N", "B"): "remove",
    }
    assert [step.resource.logical_id for step in found.losses] == ["B"]


def test_a_nested_template_that_is_not_at_hand_is_told(tmp_path: Path) -> None:
    new = write(tmp_path / "new", S={"N": stack("a1.template.json")}, a1={"B": resource(BUCKET)})
    old = write(tmp_path / "old", S={"N": stack("gone.json")})
    found = compare(old, new)
    assert [(name, "deployed version does not include" in note) for name, note in found.notes] == [("S/N", True)]
    assert all(step.stack == "S" for step in found.steps)
    removed = compare(old, write(tmp_path / "empty", S={"T": resource("AWS::SNS::Topic")}))
    assert [step.resource.logical_id for step in removed.losses] == ["N"]


def test_stacks_are_found_by_their_names(tmp_path: Path) -> None:
    app = tmp_path / "cdk.out"
    write(app, File1={"B": resource(BUCKET)}, File2={"T": resource("AWS::SNS::Topic")})
    artifacts = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111111111111/eu-central-1",
            "properties": {"templateFile": f"{file}.template.json", "stackName": name},
        }
        for name, file in (("prod-data", "File1"), ("prod-app", "File2"))
    }
    (app / "manifest.json").write_text(json.dumps({"version": "1", "artifacts": artifacts}))
    deployed = write(tmp_path / "deployed", **{"prod-data": {"Q": resource(BUCKET)}, "old": {"X": resource(BUCKET)}})
    found = compare(deployed, app)
    assert {(step.stack, step.resource.logical_id): step.effect for step in found.steps} == {
        ("prod-data", "B"): "add",
        ("prod-data", "Q"): "remove",
        ("prod-app", "T"): "add",
    }
    assert dict(found.notes) == {
        "old": "not part of the new version; the stack stays unchanged",
        "prod-app": "not part of the deployed version; all its resources are new",
    }
    assert compare(app, app).steps == []


def test_stacks_that_have_nothing_in_common_are_refused(tmp_path: Path) -> None:
    old = write(tmp_path / "old", A={"B": resource(BUCKET)}, C={"B": resource(BUCKET)})
    new = write(tmp_path / "new", D={"B": resource(BUCKET)}, E={"B": resource(BUCKET)})
    with pytest.raises(InputError, match="no stack in common"):
        compare(old, new)


def test_secrets_are_not_shown() -> None:
    old = {"A": resource("AWS::RDS::DBInstance", MasterUserPassword="hunter2")}
    new = {"A": resource("AWS::RDS::DBInstance", MasterUserPassword={"Fn::If": ["C", "hunter3", "hunter4"]})}
    found = plan(old, new)
    assert only(found).changes
    for text in (render(found), render(found, "json")):
        assert "hunter" not in text


def test_the_metadata_of_the_cdk_is_no_change() -> None:
    topic = {"T": resource("AWS::SNS::Topic")}
    old = {"M": resource("AWS::CDK::Metadata", Analytics="a"), **topic}
    assert plan(old, {"M": resource("AWS::CDK::Metadata", Analytics="b"), **topic}).steps == []
    assert plan(old, topic).steps == []


def test_what_is_expanded_at_deployment_is_told() -> None:
    found = plan({"T": resource("AWS::SNS::Topic")}, {"T": resource("AWS::SNS::Topic"), "Fn::ForEach::X": []})
    assert [note for _, note in found.notes] == ["not compared: Fn::ForEach::X is expanded only at deployment"]


CASES = [case for _, _, case in all_cases() if "elsewhere" not in case]


@settings(max_examples=200)
@given(st.integers(0, len(CASES) - 1))
def test_every_case_against_itself_changes_nothing(number: int) -> None:
    case = CASES[number]
    found = compare(assembly_of(case), assembly_of(case))
    assert found.steps == found.fixed == found.broken == []


NODES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "P", "R0", "C", "${R0}", "${P.Arn}"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Ref", "Fn::If", "Fn::Sub", "Fn::GetAtt", "Fn::FindInMap", "Encrypted", "KmsKeyId", "a.b[0]"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)
RESOURCES = st.dictionaries(
    st.sampled_from(["R0", "R1", "R2"]),
    st.fixed_dictionaries(
        {
            "Type": st.sampled_from([BUCKET, "AWS::EFS::FileSystem", "AWS::MSK::Cluster", "Custom::X"]),
            "Properties": st.dictionaries(
                st.sampled_from(["Encrypted", "KmsKeyId", "EncryptionInfo"]), NODES, max_size=3
            ),
        },
        optional={"DeletionPolicy": NODES, "Condition": NODES, "Metadata": NODES},
    ),
)
TEMPLATES = st.fixed_dictionaries(
    {"Resources": RESOURCES},
    optional={
        "Conditions": st.dictionaries(st.sampled_from(["C", "D"]), NODES, max_size=2),
        "Mappings": st.dictionaries(st.sampled_from(["C", "a"]), NODES, max_size=2),
        "Parameters": st.just({"P": {"Type": "String"}}),
    },
)


@settings(max_examples=100, deadline=None)
@given(TEMPLATES, TEMPLATES)
def test_no_template_raises_and_none_differs_from_itself(one: dict[str, Any], other: dict[str, Any]) -> None:
    old, same, new = (Assembly.of_document(json.loads(json.dumps(each))) for each in (one, one, other))
    assert compare(old, same).steps == []
    found = compare(old, new)
    assert render(found, "json") == render(compare(old, new), "json")
    VALIDATOR.validate(json.loads(render(found, "json")))
    for step in found.steps:
        assert step.effect
        assert (step.data_outcome is None) == (
            step.effect not in ("remove", "rename", "replacement", "conditional replacement")
        )
