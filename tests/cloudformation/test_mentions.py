"""Which resources mention another one, wherever in their properties they do."""

from __future__ import annotations

from typing import Any

import pytest

from soc2_constructs.cloudformation import Assembly
from soc2_constructs.cloudformation.template import Template
from support.evaluated import only_scope, scopes


def mentions(value: Any) -> list[str]:
    resources = {
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupName": {"Ref": "Group"}}},
        "User": {"Type": "AWS::Lambda::Function", "Properties": {"VpcConfig": {"SecurityGroupIds": value}}},
    }
    document = {"Conditions": {"Used": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}}, "Resources": resources}
    group = only_scope(Assembly.of_document(document)).resources["Group"]
    return [resource.logical_id for resource in group.referenced_by()]


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Group"},
        [{"Fn::GetAtt": ["Group", "GroupId"]}],
        [{"Fn::Sub": "arn/${Group.GroupId}/x"}],
        {"Fn::Split": [",", {"Fn::Join": [",", ["a", {"Ref": "Group"}]]}]},
        [{"deep": [{"Fn::If": ["Used", {"Ref": "Group"}, "other"]}]}],
    ],
)
def test_a_resource_is_mentioned(value: Any) -> None:
    assert mentions(value) == ["User"]


@pytest.mark.parametrize("value", ["Group", ["sg-0123"], {"Ref": "AWS::NoValue"}, [{"Fn::GetAtt": ["User", "Arn"]}]])
def test_a_resource_is_not_mentioned(value: Any) -> None:
    """Not by its own properties, nor by a text that looks like its name."""
    assert mentions(value) == []


def test_a_mention_in_the_other_branch_is_none_in_this_world() -> None:
    assert mentions([{"Fn::If": ["Used", "other", {"Ref": "Group"}]}]) == []


def test_a_resource_is_mentioned_across_stacks() -> None:
    group = {"Type": "AWS::EC2::SecurityGroup"}
    user = {"Type": "AWS::Lambda::Function", "Properties": {"Groups": [{"Fn::ImportValue": "id"}]}}
    export = {"Id": {"Value": {"Ref": "Group"}, "Export": {"Name": "id"}}}
    one = Template("one", {"Resources": {"Group": group}, "Outputs": export})
    two = Template("two", {"Resources": {"User": user}})
    found = scopes(Assembly([one, two]))[0].resources["Group"].referenced_by()
    assert [resource.logical_id for resource in found] == ["User"]
