"""Alarms on calls: each call that a control names counts, and how many those are."""

from __future__ import annotations

from typing import Any

import pytest

from soc2_constructs.audit import Result, audit
from soc2_constructs.cloudformation import Assembly
from soc2_constructs.controls import catalogue, cloudwatch

#: How many calls each control asks for: one that gets lost would be missed by nobody else.
CALLS = {
    "log_metric_filter_bucket_policy": 9,
    "log_metric_filter_cloudtrail_configuration": 5,
    "log_metric_filter_config_configuration": 4,
    "log_metric_filter_iam_policy": 16,
    "log_metric_filter_network_acl": 6,
    "log_metric_filter_network_gateway": 6,
    "log_metric_filter_organization": 18,
    "log_metric_filter_route_table": 7,
    "log_metric_filter_security_group": 6,
    "log_metric_filter_vpc": 7,
}


def events(control: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = getattr(cloudwatch, f"{control.removeprefix('log_metric_filter_').upper()}_CALLS")
    return found


def judged(control: str, names: list[str]) -> Result:
    """What a control says of a trail whose filter matches these calls, and of its alarm."""
    pattern = " || ".join(f"($.eventName = {name})" for name in names)
    resources = {
        "Logs": {"Type": "AWS::Logs::LogGroup"},
        "Trail": {
            "Type": "AWS::CloudTrail::Trail",
            "Properties": {
                "IsLogging": True,
                "IsMultiRegionTrail": True,
                "S3BucketName": "b",
                "CloudWatchLogsLogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]},
                "CloudWatchLogsRoleArn": "arn:aws:iam::111111111111:role/logs",
            },
        },
        "Filter": {
            "Type": "AWS::Logs::MetricFilter",
            "Properties": {
                "LogGroupName": {"Ref": "Logs"},
                "FilterPattern": f"{{ {pattern} }}",
                "MetricTransformations": [{"MetricName": "m", "MetricNamespace": "n", "MetricValue": "1"}],
            },
        },
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "MetricName": "m",
                "Namespace": "n",
                "Statistic": "Sum",
                "Period": 300,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "AlarmActions": ["arn:aws:sns:eu-central-1:111111111111:alarms"],
            },
        },
    }
    found = audit(assembly=Assembly.of_document({"Resources": resources}), include=[control]).results
    (result,) = (each for each in found if each.control.id == control)
    return result


def test_every_control_about_calls_is_counted() -> None:
    assert {name: len(events(name)) for name in CALLS} == CALLS
    assert set(CALLS) < {name for name in catalogue() if name.startswith("log_metric_filter_")}


@pytest.mark.parametrize("control", CALLS)
def test_each_call_counts(control: str) -> None:
    names = [event["eventName"] for event in events(control)]
    assert judged(control, names).status == "PASS"
    for name in names:
        result = judged(control, [each for each in names if each != name])
        assert result.status == "FAIL"
        assert f"no alarm is raised for {name}:" in result.message
