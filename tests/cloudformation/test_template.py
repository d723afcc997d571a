"""Intrinsic functions, parameters and conditions, each decided as CloudFormation decides it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from soc2_constructs.cloudformation import Assembly, Resource, Template
from soc2_constructs.cloudformation.metadata import Metadata
from soc2_constructs.cloudformation.scenarios import scenarios
from soc2_constructs.cloudformation.values import ABSENT, Reference, Text, Unresolved
from support.evaluated import only_scope


def resource_with(value: Any, place: dict[str, Any] | None = None, **sections: Any) -> Resource:
    document = {"Resources": {"R": {"Type": "T", "Properties": {"V": value}}, "Other": {"Type": "O"}}, **sections}
    return only_scope(Assembly.of_document(document, **(place or {}))).resources["R"]


def found(value: Any, place: dict[str, Any] | None = None, **sections: Any) -> Any:
    return resource_with(value, place, **sections)["V"].node


def in_every_scenario(value: Any, place: dict[str, Any] | None = None, **sections: Any) -> list[Any]:
    """What the value is in each world, sorted; `unresolved` where it is not known."""
    resource = resource_with(value, place, **sections)
    seen = []
    for scenario in scenarios():
        resource._scope.context.scenario = scenario
        node = resource["V"].node
        seen.append("unresolved" if type(node) is Unresolved else node)
    return sorted(seen, key=str)


def reason(value: Any, **sections: Any) -> str:
    node = found(value, **sections)
    assert type(node) is Unresolved
    return node.reason


# -- Ref


def test_ref_to_a_resource() -> None:
    node = found({"Ref": "Other"})
    assert type(node) is Reference
    assert (node.resource.logical_id, node.attribute) == ("Other", "Ref")


def test_ref_to_nothing() -> None:
    assert "neither a resource nor a parameter" in reason({"Ref": "Gone"})
    assert "takes the name" in reason({"Ref": ["Other"]})
    assert "not a pseudo parameter" in reason({"Ref": "AWS::Nope"})
    assert found({"Ref": "AWS::Nope"}).present is False


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AWS::Region", "eu-central-1"),
        ("AWS::AccountId", "123456789012"),
        ("AWS::StackName", "shop"),
        ("AWS::Partition", "aws"),
        ("AWS::URLSuffix", "amazonaws.com"),
    ],
)
def test_pseudo_parameters(name: str, expected: str) -> None:
    place = {"region": "eu-central-1", "account": "123456789012", "stack_name": "shop"}
    assert found({"Ref": name}, place) == expected
    unknown = found({"Ref": name})
    assert type(unknown) is Unresolved
    assert unknown.present


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
        ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
    ],
)
def test_partitions(region: str, partition: str, suffix: str) -> None:
    assert found({"Ref": "AWS::Partition"}, {"region": region}) == partition
    assert found({"Ref": "AWS::URLSuffix"}, {"region": region}) == suffix


@pytest.mark.parametrize("value", [{"Ref": "AWS::NoValue"}, None, {"Fn::If": ["C", {"Ref": "AWS::NoValue"}, None]}])
def test_no_value_is_absent(value: Any) -> None:
    assert found(value) is ABSENT
    resource = resource_with({"a": value, "b": [value, 1]})
    assert resource["V"].known == {"b": [1]}
    assert resource["V.a"].is_absent
    assert resource["V.a.deeper"].is_absent
    assert [item.node for item in resource["V.b"].each()] == [1]


def test_a_path_through_something_else_is_unresolved() -> None:
    assert "is not an object with" in str(resource_with("text")["V.a"].unresolved)
    assert "is not an object with" in str(resource_with([1])["V.a"].unresolved)
    assert resource_with({"Ref": "Gone"})["V.a"].unresolved == reason({"Ref": "Gone"})


# -- parameters


def test_a_parameter_without_allowed_values_is_its_default() -> None:
    assert in_every_scenario({"Ref": "P"}, Parameters={"P": {"Type": "String", "Default": "x"}}) == ["x"]
    assert in_every_scenario({"Ref": "P"}, Parameters={"P": {"Default": 5}}) == [5]


def test_a_parameter_is_judged_on_its_default_and_all_allowed_values() -> None:
    parameters = {"P": {"Type": "String", "Default": "b", "AllowedValues": ["a", "b", "c", "a"]}}
    assert in_every_scenario({"Ref": "P"}, Parameters=parameters) == ["a", "b", "c"]
    del parameters["P"]["Default"]
    assert in_every_scenario({"Ref": "P"}, Parameters=parameters) == ["a", "b", "c"]
    mixed = {"P": {"Type": "Number", "Default": "1", "AllowedValues": [1, 2, "2", True, "true"]}}
    assert len(in_every_scenario({"Ref": "P"}, Parameters=mixed)) == 3


def test_the_world_says_which_value_it_is_about() -> None:
    resource = resource_with({"Ref": "P"}, Parameters={"P": {"AllowedValues": ["a", "b"]}})
    descriptions = []
    for scenario in scenarios():
        resource._scope.context.scenario = scenario
        assert resource["V"].node
        descriptions.append(" and ".join(scenario.notes.values()))
    assert sorted(descriptions) == ["parameter P is 'a'", "parameter P is 'b'"]


@pytest.mark.parametrize(
    ("declaration", "present"),
    [
        ({"Type": "String"}, False),
        ({}, False),
        ({"Type": "String", "MinLength": "1"}, True),
        ({"Type": "String", "MinLength": 0}, False),
        ({"Type": "Number"}, True),
        ({"Type": "CommaDelimitedList"}, False),
        ({"Type": "AWS::EC2::VPC::Id"}, True),
        ({"Type": "List<AWS::EC2::Subnet::Id>"}, True),
        ({"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/x"}, True),
        ({"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/x"}, True),
        ({"Type": "String", "Default": None}, False),
        ({"Type": "String", "Default": {"Ref": "P"}}, False),
        ({"Type": "String", "Default": ["x"], "AllowedValues": "y"}, False),
        ({"Type": "String", "AllowedValues": [{"Ref": "P"}, None, []]}, False),
        ({"Type": 1}, False),
        ([], False),
        ("x", False),
        (None, False),
    ],
)
def test_parameters_that_nobody_can_know(declaration: Any, present: bool) -> None:
    node = found({"Ref": "P"}, Parameters={"P": declaration})
    assert type(node) is Unresolved
    assert node.present is present
    assert "parameter P" in node.reason


@pytest.mark.parametrize("kind", ["CommaDelimitedList", "List<Number>", "List<AWS::EC2::Subnet::Id>"])
def test_list_parameters(kind: str) -> None:
    parameters = {"P": {"Type": kind, "Default": "1, 2,3"}}
    assert found({"Ref": "P"}, Parameters=parameters) == ["1", "2", "3"]
    assert found({"Fn::Select": [1, {"Ref": "P"}]}, Parameters=parameters) == "2"
    assert found({"Fn::Join": ["-", {"Ref": "P"}]}, Parameters=parameters) == "1-2-3"
    assert found({"Ref": "P"}, Parameters={"P": {"Type": kind, "Default": 5}}) == ["5"]


# -- GetAtt


@pytest.mark.parametrize("argument", [["Other", "Arn"], "Other.Arn", ["Other", {"Ref": "P"}]])
def test_get_att(argument: Any) -> None:
    node = found({"Fn::GetAtt": argument}, Parameters={"P": {"Default": "Arn"}})
    assert type(node) is Reference
    assert (node.resource.logical_id, node.attribute) == ("Other", "Arn")


def test_get_att_of_nothing() -> None:
    assert "'Gone'" in reason({"Fn::GetAtt": ["Gone", "Arn"]})
    for argument in ("Other", ["Other"], ["Other", "a", "b"], [1, "a"], {"a": 1}, None):
        assert "takes a logical id" in reason({"Fn::GetAtt": argument})
    assert "the attribute" in reason({"Fn::GetAtt": ["Other", {"Ref": "Gone"}]})


# -- Sub, Join, Split, Select, Base64


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        ("a-${P}-${AWS::Region}", "a-p-eu-west-1"),
        ("${!P}", "${P}"),
        ("${!P}${P}", "${P}p"),
        ("${P", "${P"),
        ("$P {P} $", "$P {P} $"),
        (["${X}-${P}", {"X": "x"}], "x-p"),
        (["${P}", {"P": "shadowed"}], "shadowed"),
        (["${X}", {"X": {"Fn::Sub": "${P}"}}], "p"),
        (["${N}${B}", {"N": 5, "B": True}], "5true"),
        (["${X}", {"X": {"Ref": "AWS::NoValue"}}], ""),
    ],
)
def test_sub(argument: Any, expected: str) -> None:
    place = {"region": "eu-west-1"}
    assert found({"Fn::Sub": argument}, place, Parameters={"P": {"Default": "p"}}) == expected


def test_sub_with_resources_is_a_text() -> None:
    node = found({"Fn::Sub": "arn:${Other.Arn}/${Other}/*"})
    assert type(node) is Text
    assert [part if type(part) is str else part.attribute for part in node.parts] == ["arn:", "Arn", "/", "Ref", "/*"]
    assert type(found({"Fn::Sub": "${Other}"})) is Reference


def test_sub_in_an_unknown_region_keeps_what_is_known() -> None:
    node = found({"Fn::Sub": "logs-${AWS::Region}"})
    assert type(node) is Text
    assert node.parts[0] == "logs-"
    assert type(node.parts[1]) is Unresolved


@pytest.mark.parametrize("argument", [None, 5, [], ["x"], ["x", []], [{"Ref": "P"}, {}], {"a": 1}])
def test_sub_of_something_else(argument: Any) -> None:
    assert "Fn::Sub takes" in reason({"Fn::Sub": argument})


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (["", ["a", "b"]], "ab"),
        ([",", ["a", {"Ref": "P"}, 5, True]], "a,p,5,true"),
        ([",", []], ""),
        ([",", ["", ""]], ","),
        ([",", ["a", {"Ref": "AWS::NoValue"}, "b"]], "a,b"),
        ([",", {"Fn::Split": ["-", "a-b"]}], "a,b"),
    ],
)
def test_join(argument: Any, expected: str) -> None:
    assert found({"Fn::Join": argument}, Parameters={"P": {"Default": "p"}}) == expected


def test_join_that_cannot_be_known() -> None:
    for argument in (None, ["a"], [1, []], ["", [], []], [{"Ref": "Other"}, []]):
        assert "takes a delimiter" in reason({"Fn::Join": argument})
    assert "takes a list" in reason({"Fn::Join": ["", "abc"]})
    assert "only at deployment" in reason({"Fn::Join": ["", {"Fn::GetAtt": ["Other", "List"]}]})
    assert "neither a resource" in reason({"Fn::Join": ["", {"Ref": "Gone"}]})
    assert "not a list or an object" in reason({"Fn::Join": ["", [["nested"]]]})


def test_dynamic_references_are_read_at_deployment() -> None:
    for value in (
        "{{resolve:ssm:/x}}",
        {"Fn::Join": ["", ["{{", "resolve:ssm:x}}"]]},
        {"Fn::Sub": "{{resolve:ssm:/x}}"},
        {"Fn::FindInMap": ["M", "a", "b"]},
    ):
        node = found(value, Mappings={"M": {"a": {"b": "{{resolve:ssm:/x}}"}}})
        assert type(node) is Unresolved
        assert node.present
        assert "dynamic reference" in node.reason
    split = resource_with({"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Other"}, "}}"]]})["V"]
    assert split.unresolved
    assert split.is_set().status == "PASS"


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ([0, ["a", "b"]], "a"),
        (["1", ["a", "b"]], "b"),
        ([{"Ref": "Zero"}, ["a"]], "a"),
        ([1, {"Fn::Split": [":", "a:b:c"]}], "b"),
        ([1, {"Fn::Split": [":", {"Fn::Sub": "a:${P}:${Other}"}]}], "p"),
        ([0, [{"Ref": "P"}]], "p"),
    ],
)
def test_select(argument: Any, expected: str) -> None:
    parameters = {"P": {"Default": "p"}, "Zero": {"Type": "Number", "Default": "0"}}
    assert found({"Fn::Select": argument}, Parameters=parameters) == expected


def test_select_that_cannot_be_known() -> None:
    for argument in (None, [0], [0, [], 1]):
        assert "takes an index" in reason({"Fn::Select": argument})
    for index in (-1, 2, "x", True, None, "9" * 5000, {"Ref": "Other"}):
        assert "not known or outside" in reason({"Fn::Select": [index, ["a", "b"]]})
    assert "Fn::Select takes a list" in reason({"Fn::Select": [0, "abc"]})
    assert "availability zones" in reason({"Fn::Select": [0, {"Fn::GetAZs": ""}]})


def test_split_counts_only_as_far_as_the_text_is_known() -> None:
    """What a reference stands for may hold delimiters of its own."""
    text = {"Fn::Sub": "a/b${Other.Arn}/c"}
    assert found({"Fn::Select": [0, {"Fn::Split": ["/", text]}]}) == "a"
    for index in (1, 2):
        assert "unresolved" in in_every_scenario({"Fn::Select": [index, {"Fn::Split": ["/", text]}]})
    assert "only at deployment" in reason({"Fn::Split": ["/", {"Ref": "Other"}]})
    assert "takes a string" in reason({"Fn::Split": ["/", ["a"]]})
    for argument in (None, ["", "a"], ["a"], [1, "a"]):
        assert "takes a delimiter" in reason({"Fn::Split": argument})


def test_base64() -> None:
    assert (
        base64.b64decode(found({"Fn::Base64": {"Fn::Sub": "ü${P}"}}, Parameters={"P": {"Default": "p"}}))
        == "üp".encode()
    )
    assert found({"Fn::Base64": {"Ref": "Other"}}).present
    assert not found({"Fn::Base64": {"Ref": "Gone"}}).present


@pytest.mark.parametrize("name", ["Fn::GetAZs", "Fn::Cidr", "Fn::GetStackOutput", "Fn::ToJsonString", "Fn::Transform"])
def test_functions_that_are_decided_at_deployment(name: str) -> None:
    assert "only at deployment" in reason({name: "x"})


# -- FindInMap

MAPPINGS = {"M": {"eu-west-1": {"a": "A", "list": ["x", "y"], "1": "one", "true": "yes"}, "b": "no object"}}


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (["M", {"Ref": "AWS::Region"}, "a"], "A"),
        (["M", "eu-west-1", "list"], ["x", "y"]),
        (["M", "eu-west-1", 1], "one"),
        (["M", "eu-west-1", True], "yes"),
        ([{"Ref": "P"}, "eu-west-1", "a"], "A"),
        (["M", "gone", "a", {"DefaultValue": {"Ref": "P"}}], "M"),
        (["M", "eu-west-1", "a", {"DefaultValue": "x"}], "A"),
    ],
)
def test_find_in_map(argument: Any, expected: Any) -> None:
    parameters = {"P": {"Default": "M"}}
    value = {"Fn::FindInMap": argument}
    assert found(value, {"region": "eu-west-1"}, Mappings=MAPPINGS, Parameters=parameters) == expected


def test_find_in_map_that_finds_nothing() -> None:
    for argument in (
        ["M", "gone", "a"],
        ["Gone", "a", "b"],
        ["M", "b", "c"],
        ["M", "gone", "a", {}],
        ["M", "x", "y", 1],
    ):
        assert "finds nothing" in reason({"Fn::FindInMap": argument}, Mappings=MAPPINGS)
    for argument in (None, ["M", "a"], [1, 2, 3, 4, 5]):
        assert "takes a map" in reason({"Fn::FindInMap": argument}, Mappings=MAPPINGS)
    for key in ({"Ref": "AWS::Region"}, {"Ref": "Other"}, ["x"], {"a": 1}, None):
        assert "a key of Fn::FindInMap" in reason({"Fn::FindInMap": ["M", key, "a"]}, Mappings=MAPPINGS)
    deep = {"M": {"a": {"b": {"c": 1}}}}
    assert "finds an object" in reason({"Fn::FindInMap": ["M", "a", "b"]}, Mappings=deep)


# -- conditions

YES = {"Fn::Equals": ["a", "a"]}
NO = {"Fn::Equals": ["a", "b"]}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (YES, ["yes"]),
        (NO, ["no"]),
        ({"Fn::Not": [YES]}, ["no"]),
        ({"Fn::And": [YES, YES]}, ["yes"]),
        ({"Fn::And": [YES, NO]}, ["no"]),
        ({"Fn::Or": [NO, YES]}, ["yes"]),
        ({"Fn::Or": [NO, NO]}, ["no"]),
        ({"Condition": "Yes"}, ["yes"]),
        ({"Fn::And": [{"Condition": "Yes"}, {"Fn::Not": [{"Condition": "No"}]}]}, ["yes"]),
        ({"Fn::Equals": [True, "true"]}, ["yes"]),
        ({"Fn::Equals": ["True", "true"]}, ["no"]),
        ({"Fn::Equals": [1, "1"]}, ["yes"]),
        ({"Fn::Equals": ["1.0", 1]}, ["no"]),
        ({"Fn::Equals": [{"Fn::Join": ["", ["a", "b"]]}, "ab"]}, ["yes"]),
        ({"Fn::Equals": [{"Ref": "Other"}, ""]}, ["no"]),
        ({"Fn::Equals": ["", {"Fn::Sub": "x${AWS::Region}"}]}, ["no"]),
        ({"Fn::Equals": [{"Ref": "AWS::Region"}, {"Ref": "AWS::Region"}]}, ["yes"]),
        ({"Fn::Equals": [{"Fn::GetAtt": ["Other", "A"]}, {"Fn::GetAtt": ["Other", "A"]}]}, ["yes"]),
        # Nobody can tell: both ways are looked at.
        ({"Fn::Equals": [{"Fn::GetAtt": ["Other", "A"]}, {"Fn::GetAtt": ["Other", "B"]}]}, ["no", "yes"]),
        ({"Fn::Equals": [{"Ref": "Other"}, "x"]}, ["no", "yes"]),
        ({"Fn::Equals": ["x", {"Ref": "Gone"}]}, ["no", "yes"]),
        ({"Fn::Equals": [["a"], ["a"]]}, ["no", "yes"]),
        ({"Fn::Equals": ["a"]}, ["no", "yes"]),
        ({"Fn::Equals": "a"}, ["no", "yes"]),
        ({"Fn::Not": [YES, NO]}, ["no", "yes"]),
        ({"Fn::And": []}, ["no", "yes"]),
        ({"Fn::Or": []}, ["no", "yes"]),
        ({"Condition": "Gone"}, ["no", "yes"]),
        ({"Fn::Nope": []}, ["no", "yes"]),
        (True, ["no", "yes"]),
        (None, ["no", "yes"]),
        ([], ["no", "yes"]),
        # A circle.
        ({"Condition": "C"}, ["no", "yes"]),
        ({"Fn::Not": [{"Condition": "C"}]}, ["no", "yes"]),
        # A parameter equals what this scenario has chosen for it.
        ({"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, ["no", "yes"]),
        (
            {"Fn::And": [{"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}]},
            ["no"] * 3,
        ),
    ],
)
def test_conditions(condition: Any, expected: list[str]) -> None:
    conditions = {"C": condition, "Yes": YES, "No": NO}
    parameters = {"Stage": {"Type": "String"}}
    value = {"Fn::If": ["C", "yes", "no"]}
    assert in_every_scenario(value, Conditions=conditions, Parameters=parameters) == expected


def test_if_with_a_condition_that_is_not_there() -> None:
    assert in_every_scenario({"Fn::If": ["Gone", 1, 2]}) == [1, 2]
    for argument in (None, ["C"], ["C", 1], [{"Ref": "C"}, 1, 2], ["C", 1, 2, 3]):
        assert "Fn::If takes" in reason({"Fn::If": argument})


def test_if_in_a_list_drops_or_replaces_an_item() -> None:
    resource = resource_with(
        [{"Fn::If": ["Yes", "a", "b"]}, {"Fn::If": ["No", "c", {"Ref": "AWS::NoValue"}]}, "d"],
        Conditions={"Yes": YES, "No": NO},
    )
    assert [(item.path, item.node) for item in resource["V"].each()] == [(("V", 0), "a"), (("V", 2), "d")]


def test_branches_of_the_same_condition_agree() -> None:
    branch = {"Fn::If": ["C", "yes", "no"]}
    value = {"Fn::Join": ["", [branch, branch, {"Fn::If": ["NotC", "no", "yes"]}]]}
    conditions = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}, "NotC": {"Fn::Not": [{"Condition": "C"}]}}
    assert set(in_every_scenario(value, Conditions=conditions)) == {"yesyesyes", "nonono"}


def test_conditions_that_nobody_can_tell_apart_only_by_their_end_are_two() -> None:
    long = "x" * 300
    one, two = ({"Fn::Equals": [{"Fn::Sub": f"{long}${{Other}}"}, f"{long}{end}"]} for end in "ab")
    value = {"Fn::Join": ["", [{"Fn::If": ["A", 1, 0]}, {"Fn::If": ["B", 1, 0]}]]}
    assert in_every_scenario(value, Conditions={"A": one, "B": two}) == ["00", "01", "10", "11"]
    turned = {"Fn::Equals": one["Fn::Equals"][::-1]}
    assert in_every_scenario(value, Conditions={"A": one, "B": turned}) == ["00", "11"]


def test_equals_on_a_parameter_with_allowed_values() -> None:
    parameters = {"P": {"Default": "dev", "AllowedValues": ["dev", "prod"]}}
    conditions = {"IsProd": {"Fn::Equals": [{"Ref": "P"}, "prod"]}, "IsTest": {"Fn::Equals": [{"Ref": "P"}, "test"]}}
    value = {"Fn::Join": ["", [{"Ref": "P"}, {"Fn::If": ["IsProd", "!", ""]}]]}
    assert in_every_scenario(value, Conditions=conditions, Parameters=parameters) == ["dev", "prod!"]
    assert in_every_scenario({"Fn::If": ["IsTest", 1, 2]}, Conditions=conditions, Parameters=parameters) == [2, 2]


def test_equals_on_a_parameter_that_may_be_anything() -> None:
    conditions = {"IsProd": {"Fn::Equals": [{"Ref": "P"}, "prod"]}}
    value = {"Fn::Join": ["", [{"Ref": "P"}, {"Fn::If": ["IsProd", "!", ""]}]]}
    for default, expected in (
        ("dev", ["dev", "prod!"]),
        # The default is what the condition asks for: anything else is possible, and not the default.
        ("prod", ["prod!", "unresolved"]),
        (None, ["prod!", "unresolved"]),
    ):
        parameters = {"P": {"Type": "String", "Default": default}}
        assert in_every_scenario(value, Conditions=conditions, Parameters=parameters) == expected


def test_a_region_that_is_not_known_is_one_of_those_compared_with() -> None:
    conditions = {
        "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
        "There": {"Fn::Equals": ["us-east-1", {"Ref": "AWS::Region"}]},
    }
    value = {"Fn::Join": ["", [{"Fn::If": ["Here", "h", "-"]}, {"Fn::If": ["There", "t", "-"]}]]}
    assert in_every_scenario(value, Conditions=conditions) == ["--", "-t", "h-"]
    assert in_every_scenario(value, {"region": "us-east-1"}, Conditions=conditions) == ["-t"]


def test_a_world_names_only_the_conditions_that_differ() -> None:
    value = [{"Fn::If": ["Known", 1, 2]}, {"Fn::If": ["Open", 1, 2]}]
    resource = resource_with(value, Conditions={"Known": YES, "Open": {"Fn::Equals": [{"Ref": "Other"}, "x"]}})
    descriptions = []
    for scenario in scenarios():
        resource._scope.context.scenario = scenario
        assert resource["V"].known
        descriptions.append(" and ".join(scenario.notes.values()))
    assert sorted(descriptions) == ["condition Open is false", "condition Open is true"]


def test_the_condition_of_a_resource() -> None:
    document = {
        "Conditions": {"No": NO},
        "Resources": {
            "A": {"Type": "T", "Condition": "No"},
            "B": {"Type": "T"},
            "C": {"Type": "T", "Condition": ["No"]},
        },
    }
    resources = only_scope(Assembly.of_document(document)).resources
    assert [resource.exists for resource in resources.values()] == [False, True, True]
    assert [peer.logical_id for peer in resources["B"].all_of_type("T")] == ["B", "C"]


# -- circles and growth


def test_conditions_that_double_end_soon() -> None:
    conditions: dict[str, Any] = {f"C{n}": {"Fn::And": [{"Condition": f"C{n + 1}"}] * 2} for n in range(40)}
    conditions["C40"] = YES
    assert in_every_scenario({"Fn::If": ["C0", 1, 2]}, Conditions=conditions) == [1]


def test_a_chain_of_conditions_beyond_every_limit_is_open() -> None:
    conditions: dict[str, Any] = {f"C{n}": {"Condition": f"C{n + 1}"} for n in range(5000)}
    assert in_every_scenario({"Fn::If": ["C0", 1, 2]}, Conditions=conditions) == [1, 2]


def test_functions_that_nest_too_deeply_are_unresolved() -> None:
    value: Any = "x"
    for _ in range(200):
        value = {"Fn::Join": ["", [value]]}
    assert "nest too deeply" in reason(value)
    for _ in range(200):
        value = [value]
    assert "nest too deeply" in repr(resource_with(value)["V"].known)
    condition: Any = YES
    for _ in range(300):
        condition = {"Fn::Not": [condition]}
    assert in_every_scenario({"Fn::If": ["C", 1, 2]}, Conditions={"C": condition}) == [1, 2]


def test_texts_that_double_end_soon() -> None:
    document: dict[str, Any] = {"Resources": {"R": {"Type": "T", "Properties": {"V": {"Fn::ImportValue": "O0"}}}}}
    document["Outputs"] = {
        f"O{n}": {"Value": {"Fn::Join": ["", [{"Fn::ImportValue": f"O{n + 1}"}] * 2]}, "Export": {"Name": f"O{n}"}}
        for n in range(60)
    }
    document["Outputs"]["O60"] = {"Value": "x", "Export": {"Name": "O60"}}
    value = only_scope(Assembly.of_document(document)).resources["R"]["V"]
    assert value.unresolved
    assert value.known is None


def test_a_chain_of_exports_leaves_room_on_the_stack() -> None:
    """Also for a caller who has used up a good part of it, as a CDK app has when its validation runs."""
    outputs: dict[str, Any] = {
        f"O{n}": {
            "Value": {"Fn::ImportValue": f"O{n + 1}"},
            "Export": {"Name": f"O{n}"},
            "Condition": f"C{n}",
        }
        for n in range(500)
    }
    conditions = {f"C{n}": {"Fn::Equals": [{"Fn::ImportValue": f"O{n + 1}"}, ""]} for n in range(500)}
    document = {"Resources": {"R": {"Type": "T", "Properties": {"V": {"Fn::ImportValue": "O0"}}}}, "Outputs": outputs}

    def unresolved_below(frames: int) -> str | None:
        if frames:
            return unresolved_below(frames - 1)
        resource = only_scope(Assembly.of_document({**document, "Conditions": conditions})).resources["R"]
        for scenario in scenarios():
            resource._scope.context.scenario = scenario
            assert resource["V"].unresolved
        for output in outputs.values():
            output.pop("Condition", None)
        return only_scope(Assembly.of_document(document)).resources["R"]["V"].unresolved

    assert "nest too deeply" in str(unresolved_below(200))


def test_exports_in_a_circle_are_unresolved() -> None:
    document = {
        "Resources": {"R": {"Type": "T", "Properties": {"V": {"Fn::ImportValue": "A"}}}},
        "Outputs": {
            "A": {"Value": {"Fn::ImportValue": "B"}, "Export": {"Name": "A"}},
            "B": {"Value": {"Fn::ImportValue": "A"}, "Export": {"Name": "B"}},
        },
    }
    node = only_scope(Assembly.of_document(document)).resources["R"]["V"].node
    assert "circle" in node.reason


# -- what is expanded elsewhere


def unexpanded(**document: Any) -> list[str]:
    return [gap.reason for gap in Assembly.of_document({"Resources": {}, **document}).templates[0].gaps]


def test_what_may_add_resources_is_said() -> None:
    assert unexpanded() == []
    assert "the transform 'AWS::Serverless-2016-10-31'" in unexpanded(Transform="AWS::Serverless-2016-10-31")[0]
    assert "Fn::ForEach::Buckets" in unexpanded(Resources={"Fn::ForEach::Buckets": []})[0]
    assert "Fn::Transform" in unexpanded(Resources={"Fn::Transform": {}})[0]
    assert "A is expanded by Fn::Transform" in unexpanded(Resources={"A": {"Fn::Transform": {}}})[0]
    assert "Fn::Transform" in unexpanded(**{"Fn::Transform": {}})[0]


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Transform": {"Name": "X"}},
        {"Fn::Transform": {"Name": "X"}, "a": 1},
        {"Fn::ForEach::X": [], "a": 1},
        {"Fn::ForEach::X": []},
    ],
)
def test_properties_that_a_transform_makes_are_unresolved(value: Any) -> None:
    resource = resource_with(value, Transform="AWS::LanguageExtensions")
    assert "expanded only at" in str(resource["V"].unresolved)
    assert "expanded only at" in str(resource["V.b"].unresolved)


def test_attributes_beside_the_properties() -> None:
    document = {"Resources": {"R": {"Type": "T", "DeletionPolicy": {"Fn::If": ["C", "Retain", "Delete"]}}}}
    document["Conditions"] = {"C": YES}
    resource = only_scope(Assembly.of_document(document)).resources["R"]
    assert resource.attribute("DeletionPolicy").node == "Retain"
    assert resource.attribute("UpdateReplacePolicy").is_absent


# -- construct paths


def test_construct_paths() -> None:
    metadata = {
        "/Stack/A/Resource": [{"type": "aws:cdk:logicalId", "data": "A"}, {"type": "other", "data": "X"}],
        "/Stack/B/Resource": [{"type": "aws:cdk:logicalId", "data": 5}, {}],
    }
    document = {
        "Resources": {
            "A": {"Type": "T"},
            "B": {"Type": "T", "Metadata": {"aws:cdk:path": "Stack/Own"}},
            "C": {"Type": "T", "Metadata": {"aws:cdk:path": 5}},
            "D": {"Type": "T", "Metadata": "x"},
        }
    }
    resources = only_scope(Assembly.of_document(document, notes=Metadata(metadata))).resources
    paths = [resource.construct_path for resource in resources.values()]
    assert paths == ["Stack/A/Resource", "Stack/Own", None, None]


def test_repr_is_short() -> None:
    resource = resource_with("x")
    assert repr(resource) == "<T R>"
    assert repr(resource.template) == "<Template template>"
    assert isinstance(resource.template, Template)
    assert resource._scope.context.scenario.choices == {}
    assert resource.region is None
