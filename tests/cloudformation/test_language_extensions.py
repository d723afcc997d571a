"""Loops, Fn::ToJsonString and Fn::Length of the transform AWS::LanguageExtensions."""

from __future__ import annotations

from typing import Any

import pytest

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import Assembly
from soc2_constructs.cloudformation import language_extensions as module
from soc2_constructs.cloudformation.documents import parse_document
from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.cloudformation.language_extensions import expand
from soc2_constructs.cloudformation.values import Text, Unresolved
from support.evaluated import only_scope

LOOP = "Fn::ForEach::"


def looped(collection: Any, body: Any = None, **document: Any) -> dict[str, Any]:
    """The resources of a template with one loop over queues."""
    body = body or {"Q${Name}": {"Type": "AWS::SQS::Queue"}}
    resources: dict[str, Any] = expand({"Resources": {f"{LOOP}L": ["Name", collection, body]}, **document})["Resources"]
    return resources


LISTED = {"L": {"Type": "CommaDelimitedList", "Default": "A, B"}}


@pytest.mark.parametrize(
    ("collection", "document"),
    [
        (["A", "B"], {}),
        ({"Ref": "L"}, {"Parameters": LISTED}),
        ([{"Ref": "L"}], {"Parameters": LISTED}),
        (["A", {"Ref": "P"}], {"Parameters": {"P": {"Type": "String", "Default": "B"}}}),
        (["A", {"Ref": "P"}], {"Parameters": {"P": {"Type": "String", "Default": "B", "AllowedValues": ["B"]}}}),
        ({"Fn::FindInMap": ["M", "x", "y"]}, {"Mappings": {"M": {"x": {"y": ["A", "B"]}}}}),
        (["A", {"Fn::FindInMap": ["M", "x", "y"]}], {"Mappings": {"M": {"x": {"y": "B"}}}}),
    ],
)
def test_collections(collection: Any, document: dict[str, Any]) -> None:
    assert list(looped(collection, **document)) == ["QA", "QB"]


@pytest.mark.parametrize(
    ("collection", "document"),
    [
        ({"Ref": "L"}, {"Parameters": {"L": {"Type": "CommaDelimitedList"}}}),
        ({"Ref": "L"}, {"Parameters": {"L": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/x"}}}),
        ({"Ref": "P"}, {"Parameters": {"P": {"Type": "String", "Default": "A"}}}),
        (["A", {"Ref": "P"}], {"Parameters": {"P": {"Type": "String", "Default": "A", "AllowedValues": ["A", "B"]}}}),
        (["A", {"Ref": "AWS::Region"}], {}),
        (["A", {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "y"]}], {"Mappings": {"M": {"x": {"y": "B"}}}}),
        (["A", {"Fn::GetAZs": ""}], {}),
        (["A", ["B"]], {}),
        ("A", {}),
        (None, {}),
    ],
)
def test_collections_that_a_deployment_decides_stay(collection: Any, document: dict[str, Any]) -> None:
    assert list(looped(collection, **document)) == [f"{LOOP}L"]
    resources = {f"{LOOP}L": ["Name", collection, {"Q${Name}": {"Type": "AWS::SQS::Queue"}}]}
    (gap,) = [gap for _, gap in Assembly.of_document({"Resources": resources, **document}).gaps]
    assert "Fn::ForEach::L is expanded only at deployment" in gap.reason


@pytest.mark.parametrize("loop", [5, [], ["Name", ["A"]], [1, ["A"], {}], ["Name", ["A"], []]])
def test_loops_of_the_wrong_shape_stay(loop: Any) -> None:
    assert expand({"Resources": {f"{LOOP}L": loop}})["Resources"] == {f"{LOOP}L": loop}


def test_identifiers_are_replaced_everywhere() -> None:
    body = {
        "Q&{Name}": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": {"Fn::Sub": "q-${Name}-${Other}"},
                "Tags": [{"Key": "name", "Value": {"Ref": "Name"}}, {"Key": "${Name}", "Value": {"Ref": "Other"}}],
                "${Name}": 5,
            },
        }
    }
    assert looped(["a.b-1"], body)["Qab1"]["Properties"] == {
        "QueueName": {"Fn::Sub": "q-a.b-1-${Other}"},
        "Tags": [{"Key": "name", "Value": "a.b-1"}, {"Key": "a.b-1", "Value": {"Ref": "Other"}}],
        "a.b-1": 5,
    }


def test_loops_nest() -> None:
    inner = {f"{LOOP}Inner": ["Y", ["1", {"Ref": "Name"}], {"Q${Name}${Y}": {"Type": "T"}}]}
    assert list(looped(["A", "B"], inner)) == ["QA1", "QAA", "QB1", "QBB"]


def test_loops_in_other_sections_and_in_properties() -> None:
    document = {
        "Conditions": {f"{LOOP}C": ["N", ["A"], {"Is${N}": {"Fn::Equals": ["${N}", "A"]}}]},
        "Outputs": {f"{LOOP}O": ["N", ["A"], {"Out${N}": {"Value": {"Fn::GetAtt": ["Q${N}", "Arn"]}}}]},
        "Resources": {
            "R": {"Type": "T", "Properties": {"Kept": 1, f"{LOOP}P": ["N", ["A", "B"], {"Key${N}": {"Ref": "N"}}]}},
        },
    }
    found = expand(document)
    assert found["Conditions"] == {"IsA": {"Fn::Equals": ["A", "A"]}}
    assert found["Outputs"] == {"OutA": {"Value": {"Fn::GetAtt": ["QA", "Arn"]}}}
    assert found["Resources"]["R"]["Properties"] == {"Kept": 1, "KeyA": "A", "KeyB": "B"}


def test_a_template_without_loops_is_the_same_object() -> None:
    document = {"Resources": {"A": {"Type": "T", "Properties": {"Text": "Fn::ForEach::L"}}}}
    assert expand(document) is document


def test_loops_that_expand_too_far_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LOOP_NODES", 1_000)
    names = [str(number) for number in range(50)]
    inner = {f"{LOOP}Inner": ["Y", names, {"Q${Name}${Y}": {"Type": "T"}}]}
    assert list(looped(names, inner)) == [f"{LOOP}L"]


def test_what_a_loop_adds_has_the_shape_of_a_resource() -> None:
    with pytest.raises(InputError, match="QA"):
        Assembly.of_document({"Resources": {f"{LOOP}L": ["Name", ["A"], {"Q${Name}": 5}]}})


def test_the_resources_of_loops_are_judged() -> None:
    text = """
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Buckets:
    - Name
    - [Alpha, Beta]
    - "Bucket${Name}": {Type: "AWS::S3::Bucket"}
"""
    outcome = audit(assembly=Assembly.of_document(parse_document(text, "t.yaml")))
    found = [r.logical_id for r in outcome.results if r.control.id == "s3_bucket_versioning_enabled"]
    assert found == ["BucketAlpha", "BucketBeta"]
    assert outcome.assembly.gaps == []


# -- functions


def value(node: Any) -> Any:
    resources = {"R": {"Type": "T", "Properties": {"V": node}}, "B": {"Type": "AWS::S3::Bucket"}}
    parameters = {"P": {"Type": "String"}, "L": {"Type": "CommaDelimitedList", "Default": "a,b"}}
    assembly = Assembly.of_document({"Parameters": parameters, "Resources": resources})
    return only_scope(assembly).resources["R"]["V"]


@pytest.mark.parametrize(
    ("node", "length"),
    [
        (["a", "b"], 2),
        ([], 0),
        ({"Ref": "L"}, 2),
        ({"Fn::Split": ["-", "a-b-c"]}, 3),
        ([{"Ref": "P"}, {"Ref": "B"}], 2),
    ],
)
def test_length(node: Any, length: int) -> None:
    assert value({"Fn::Length": node}).node == length


@pytest.mark.parametrize(
    "node",
    [{"Ref": "P"}, "x", {"Fn::Split": ["-", {"Fn::Sub": "a-${P}"}]}, ["a", {"Ref": "AWS::NoValue"}], {"Ref": "B"}],
)
def test_lengths_that_are_unknown(node: Any) -> None:
    assert type(value({"Fn::Length": node}).node) is Unresolved


def test_json_text_of_known_values() -> None:
    node = {"Fn::ToJsonString": {"b": [1, True, {"Ref": "L"}], "a": {"Ref": "AWS::NoValue"}, "c": 'quoted "ü"'}}
    assert value(node).node == '{"b":[1,true,["a","b"]],"c":"quoted \\"ü\\""}'


def test_json_text_of_unknown_values_can_be_parsed_again() -> None:
    document = {"Statement": [{"Effect": "Allow", "Resource": {"Fn::Sub": "${B.Arn}/*"}, "Sid": {"Ref": "P"}}]}
    found = value({"Fn::ToJsonString": document})
    assert type(found.node) is Text
    (statement,) = found.parsed()["Statement"].each()
    assert statement["Effect"].known == "Allow"
    assert statement["Resource"].node.parts[1] == "/*"
    assert type(statement["Sid"].node) is Unresolved


def test_json_text_of_an_unknown_object() -> None:
    assert type(value({"Fn::ToJsonString": {"Ref": "P"}}).node) is Unresolved
