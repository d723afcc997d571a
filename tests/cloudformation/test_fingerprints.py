"""What parts of templates have in common, and what they plainly refer to."""

from __future__ import annotations

from typing import Any

import pytest

from soc2_constructs.cloudformation import Assembly
from soc2_constructs.cloudformation.fingerprints import plain_references, shape
from soc2_constructs.cloudformation.template import Template


def template(path: str = "template") -> Template:
    document = {
        "Parameters": {"P": {"Type": "String"}, "Both": {"Type": "String"}},
        "Resources": {name: {"Type": "AWS::S3::Bucket"} for name in ("A", "B", "Both")},
    }
    return Assembly.of_document(document, path).templates[0]


HERE = template()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Ref": "A"}, {"Ref": "B"}),
        ([{"Fn::GetAtt": ["A", "Arn"]}, "x"], [{"Fn::GetAtt": ["B", "Arn"]}, "x"]),
        ({"Fn::Join": ["", [{"Ref": "A"}, "/*"]]}, {"Fn::Join": ["", [{"Ref": "B"}, "/*"]]}),
    ],
)
def test_it_does_not_count_which_resource_is_named(one: Any, other: Any) -> None:
    assert shape(one, HERE) == shape(other, HERE) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Ref": "A"}, {"Ref": "P"}),
        ({"Ref": "A"}, {"Ref": "Both"}),
        ({"Ref": "A"}, {"Fn::GetAtt": ["A", "Arn"]}),
        ({"Fn::GetAtt": ["A", "Arn"]}, {"Fn::GetAtt": ["A", "Name"]}),
        ({"Ref": "A"}, "<>"),
        ({"Ref": "A"}, '{"Ref": "A"}'),
        ({"Ref": "A"}, {"Ref": "A", "More": 1}),
        (1, "1"),
        (True, 1),
        ({"Fn::Sub": "${A}"}, {"Fn::Sub": "${B}"}),
    ],
)
def test_all_else_counts(one: Any, other: Any) -> None:
    assert shape(one, HERE) != shape(other, HERE)


def test_functions_count_for_their_own_template() -> None:
    there = template("other")
    assert shape({"Ref": "A"}, HERE) == shape({"Ref": "A"}, there)
    for node in ({"Ref": "P"}, {"Ref": "AWS::Region"}, {"Fn::Join": ["", ["a", {"Ref": "A"}]]}):
        assert shape(node, HERE) != shape(node, there)


def test_what_is_no_plain_data_is_like_nothing() -> None:
    assert shape({"a": object()}, HERE) is None


@pytest.mark.parametrize(
    ("node", "found"),
    [
        ({}, []),
        ({"a": [{"Ref": "B"}, {"b": {"Ref": "A"}}, {"Ref": "B"}]}, ["A", "B"]),
        ({"Ref": "A", "More": 1}, []),
        ({"a": {"Fn::GetAtt": ["A", "Arn"]}}, ["A"]),
        ({"a": {"Fn::Join": [",", ["x", {"Ref": "AWS::Region"}, {"Fn::GetAtt": ["B", "Arn"]}]]}}, ["B"]),
    ],
)
def test_plain_references_are_found(node: Any, found: list[str]) -> None:
    references = plain_references(node, HERE)
    assert references is not None
    assert sorted(references) == found


@pytest.mark.parametrize(
    "node",
    [
        {"Ref": "P"},
        {"Ref": "Both"},
        {"Ref": "Nobody"},
        {"Ref": ["A"]},
        {"Fn::GetAtt": ["A", {"Ref": "P"}]},
        {"Fn::GetAtt": ["A", "Outputs.X"]},
        {"Fn::GetAtt": "A.Arn"},
        {"Fn::GetAtt": ["Nobody", "Arn"]},
        {"Fn::GetAtt": ["A"]},
        {"Fn::If": ["C", {"Ref": "A"}, "x"]},
        {"Fn::Sub": "${A}"},
        {"Fn::ImportValue": "x"},
        {"Fn::Transform": {}, "More": {"Ref": "A"}},
        {"Fn::Split": [",", {"Ref": "A"}]},
    ],
)
def test_what_has_to_be_decided_is_left_to_others(node: Any) -> None:
    assert plain_references({"a": [node]}, HERE) is None
