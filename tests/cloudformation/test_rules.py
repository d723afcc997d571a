"""The section Rules: parameters that a rule does not accept are no scenario."""

from __future__ import annotations

from typing import Any

import pytest

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import Assembly

VERSIONING = "s3_bucket_versioning_enabled"
V, W = {"Ref": "V"}, {"Ref": "W"}


def verdict(*assertions: Any, condition: Any = None, parameters: dict[str, Any] | None = None) -> Any:
    """The result on a bucket whose versioning is the parameter V."""
    rule: dict[str, Any] = {"Assertions": [{"Assert": each, "AssertDescription": "x"} for each in assertions]}
    if condition is not None:
        rule["RuleCondition"] = condition
    document = {
        "Parameters": {
            "V": {"Type": "String", "AllowedValues": ["Suspended", "Enabled"]},
            "W": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]},
            **(parameters or {}),
        },
        "Rules": {"R": rule},
        "Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": V}}}},
    }
    (result,) = [r for r in audit(assembly=Assembly.of_document(document)).results if r.control.id == VERSIONING]
    return result


IS_ENABLED = {"Fn::Equals": [V, "Enabled"]}


@pytest.mark.parametrize(
    "assertion",
    [
        IS_ENABLED,
        {"Fn::Contains": [["Enabled", "On"], V]},
        {"Fn::Not": [{"Fn::Equals": [V, "Suspended"]}]},
        {"Fn::Not": [{"Fn::Contains": [["Suspended", "Off"], V]}]},
        {"Fn::EachMemberIn": [[V, "On"], ["Enabled", "On"]]},
        {"Fn::EachMemberEquals": [[V, "Enabled"], "Enabled"]},
        {"Fn::And": [IS_ENABLED, {"Fn::Equals": [W, "prod"]}]},
    ],
)
def test_an_assertion_narrows_the_values(assertion: Any) -> None:
    assert verdict(assertion).status == "PASS"


@pytest.mark.parametrize(
    "assertion",
    [
        {"Fn::Equals": [W, "prod"]},
        {"Fn::Or": [IS_ENABLED, {"Fn::Equals": [W, "prod"]}]},
        {"Fn::Contains": [["Suspended", "Enabled"], V]},
        {"Fn::EachMemberIn": [{"Fn::RefAll": "AWS::EC2::VPC::Id"}, ["Enabled"]]},
        {"Fn::EachMemberEquals": [{"Fn::ValueOfAll": ["AWS::EC2::VPC::Id", "Tags.Stage"]}, "prod"]},
        5,
    ],
)
def test_an_assertion_that_leaves_another_value(assertion: Any) -> None:
    assert verdict(assertion).status == "FAIL"


def test_all_assertions_count() -> None:
    result = verdict({"Fn::Or": [IS_ENABLED, {"Fn::Equals": [W, "prod"]}]}, {"Fn::Equals": [W, "dev"]})
    assert result.status == "PASS"


def test_a_rule_applies_under_its_condition() -> None:
    assert verdict(IS_ENABLED, condition={"Fn::Equals": [W, "prod"]}).status == "FAIL"
    production = {"W": {"Type": "String", "Default": "prod", "AllowedValues": ["prod"]}}
    assert verdict(IS_ENABLED, condition={"Fn::Equals": [W, "prod"]}, parameters=production).status == "PASS"


@pytest.mark.parametrize("parameter", [{"Type": "String"}, {"Type": "String", "Default": "Suspended"}])
def test_a_rule_gives_the_value_of_a_parameter_without_allowed_values(parameter: dict[str, Any]) -> None:
    assert verdict(IS_ENABLED, parameters={"V": parameter}).status == "PASS"


def test_rules_that_accept_nothing_pass_nothing() -> None:
    result = verdict(IS_ENABLED, {"Fn::Equals": [V, "Suspended"]})
    assert result.status == "UNRESOLVED"
    assert "the rules of the template accept no value" in result.message


@pytest.mark.parametrize(
    "rules", [5, [], {"R": 5}, {"R": {}}, {"R": {"Assertions": {}}}, {"R": {"Assertions": [5, {}]}}]
)
def test_rules_of_the_wrong_shape_narrow_nothing(rules: Any) -> None:
    document = {
        "Parameters": {"V": {"Type": "String", "AllowedValues": ["Suspended", "Enabled"]}},
        "Rules": rules,
        "Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": V}}}},
    }
    (result,) = [r for r in audit(assembly=Assembly.of_document(document)).results if r.control.id == VERSIONING]
    assert result.status == "FAIL"


def test_the_rule_of_the_cdk_about_its_bootstrap_stack_adds_no_scenario() -> None:
    document = {
        "Parameters": {
            # With the values of BootstrapVersion, the combinations would exceed the limit.
            "V": {"Type": "String", "AllowedValues": ["Enabled", *(f"Enabled{number}" for number in range(100))]},
            "BootstrapVersion": {
                "Type": "AWS::SSM::Parameter::Value<String>",
                "Default": "/cdk-bootstrap/hnb659fds/version",
            },
        },
        "Rules": {
            "CheckBootstrapVersion": {
                "Assertions": [{"Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2"], {"Ref": "BootstrapVersion"}]}]}}]
            }
        },
        "Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": V}}}},
    }
    (result,) = [r for r in audit(assembly=Assembly.of_document(document)).results if r.control.id == VERSIONING]
    assert result.status == "FAIL"
    assert "combination" not in result.message
