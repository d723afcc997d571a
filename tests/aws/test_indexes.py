"""Checks that look up an index give the same results as those that scan all resources."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soc2_constructs.audit import audit
from soc2_constructs.aws import alarms, arns, backup_selection
from soc2_constructs.cloudformation import Assembly, Resource

LETTERS = st.sampled_from(["a", "b", "ab", "a*", "b*", "?", "?b", "*", "*b", ""])
NAMES = st.none() | st.sampled_from(["a", "ab", "b", 1]) | st.just({"Ref": "Name"})
ARNS = (
    st.sampled_from([{"Fn::GetAtt": [name, "Arn"]} for name in ("T0", "T1", "F")])
    | st.builds("arn:aws:dynamodb:eu-central-1:1:table/{}".format, LETTERS)
    | st.builds("arn:*:{}".format, LETTERS)
    | st.builds(lambda end: {"Fn::Sub": f"arn:aws:dynamodb:${{AWS::Region}}:1:table/{end}"}, LETTERS)
    | st.sampled_from([{"Ref": "Name"}, {"Fn::Sub": "arn:aws:dynamodb:*:*:table/${T0}"}])
    | st.just({"Fn::If": ["Is", {"Fn::GetAtt": ["T0", "Arn"]}, {"Fn::GetAtt": ["T1", "Arn"]}]})
)
VALUES = st.sampled_from(["a", "b", 1, "1", True, {"Ref": "Name"}, {"Fn::If": ["Is", "a", "b"]}])
KEYS = st.sampled_from(["a", "b", {"Ref": "Name"}])
TAGS = st.lists(st.builds(lambda key, value: {"Key": key, "Value": value}, KEYS, VALUES), max_size=2)
WANTED = st.lists(
    st.builds(lambda key, value: {"ConditionKey": key, "ConditionValue": value, "ConditionType": "X"}, KEYS, VALUES),
    max_size=2,
)


def table(name: Any, tags: Any) -> dict[str, Any]:
    properties = {"TableName": name, "Tags": tags}
    return {"Type": "AWS::DynamoDB::Table", "Properties": {key: value for key, value in properties.items() if value}}


def selection(arns: Any, tags: Any) -> dict[str, Any]:
    body = {key: value for key, value in (("Resources", arns), ("ListOfTags", tags)) if value}
    return {"Type": "AWS::Backup::BackupSelection", "Properties": {"BackupPlanId": "p", "BackupSelection": body}}


def logging(kind: str, via: str) -> Any:
    ends = st.sampled_from(["x/a/id", "x/b/id", "*", "a", "a/*"])
    values = ends.map(lambda end: f"arn:aws:{kind}:eu-central-1:1:{end}") | st.sampled_from(
        [{"Ref": "Name"}, {"Fn::GetAtt": ["T0", "Arn"]}, {"Fn::GetAtt": ["T1", "Arn"]}]
    )
    return values.map(lambda value: {via: value, "LogDestinationConfigs": ["arn"]})


RULES = st.lists(
    st.sampled_from(['"a"', "b", "arn:aws:cloudwatch:eu-central-1:1:alarm:a", "${T0.Arn}", "${Name}"]), max_size=3
).map(lambda names: {"AlarmRule": {"Fn::Sub": " OR ".join(f"ALARM({name})" for name in names)}, "AlarmActions": ["t"]})

TEMPLATES = {
    "backup": st.fixed_dictionaries(
        {
            "T0": st.builds(table, NAMES, TAGS),
            "T1": st.builds(table, NAMES, TAGS),
            "F": st.just({"Type": "AWS::EFS::FileSystem"}),
            "S": st.lists(ARNS, min_size=1, max_size=2).map(lambda arns: selection(arns, []))
            | WANTED.map(lambda tags: selection([], tags))
            | st.builds(selection, st.lists(ARNS, max_size=1), WANTED),
        }
    ),
    "logging": st.fixed_dictionaries(
        {
            "T0": NAMES.map(lambda name: {"Type": "AWS::WAFv2::WebACL", "Properties": {"Name": name} if name else {}}),
            "T1": NAMES.map(lambda name: {"Type": "AWS::WAFv2::WebACL", "Properties": {"Name": name} if name else {}}),
            "L": logging("wafv2", "ResourceArn").map(
                lambda properties: {"Type": "AWS::WAFv2::LoggingConfiguration", "Properties": properties}
            ),
        }
    ),
    "alarms": st.fixed_dictionaries(
        {
            "T0": st.just({"Type": "AWS::CloudWatch::Alarm"}),
            "T1": NAMES.map(lambda name: {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": name or "z"}}),
            "C0": RULES.map(lambda rule: {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": rule}),
            "C1": RULES.map(lambda rule: {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": rule}),
            "H": st.sampled_from(["a", "b", {"Ref": "T0"}, {"Ref": "Name"}]).map(
                lambda name: {
                    "Type": "AWS::Route53::HealthCheck",
                    "Properties": {"HealthCheckConfig": {"AlarmIdentifier": {"Name": name}}},
                }
            ),
        }
    ),
}
CONTROLS = ["dynamodb_table_in_backup_plan", "wafv2_web_acl_logging_enabled", "cloudwatch_alarm_action_enabled"]


def outcome(resources: dict[str, Any]) -> list[tuple[str | None, str, str]]:
    document = {
        "Parameters": {"Name": {"Type": "String"}, "Stage": {"Type": "String", "AllowedValues": ["a", "b"]}},
        "Conditions": {"Is": {"Fn::Equals": [{"Ref": "Stage"}, "a"]}},
        "Resources": resources,
    }
    assembly = Assembly.of_document(document, account="1", region="eu-central-1")
    results = audit(assembly=assembly, include=CONTROLS).results
    return [(result.logical_id, result.status, result.message) for result in results if result.resource]


def scan(resource: Resource, resource_type: str, *_: Any) -> list[Resource]:
    return resource.all_of_type(resource_type)


@pytest.mark.parametrize("kind", TEMPLATES)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_an_index_leaves_out_only_failures(kind: str, data: st.DataObject) -> None:
    resources = data.draw(TEMPLATES[kind])
    found = outcome(resources)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backup_selection, "with_keys", scan)
        patch.setattr(arns, "with_keys", scan)
        patch.setattr(alarms, "with_keys", scan)
        scanned = outcome(resources)
    assert [result[:2] for result in found] == [result[:2] for result in scanned]
