"""A trail, and alarms on what somebody should know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudtrail as plain_cloudtrail
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from soc2_constructs import aws_cloudtrail as cloudtrail
from soc2_constructs import patterns
from soc2_constructs.audit import audit
from soc2_constructs.controls import catalogue
from soc2_constructs.patterns import security_trail

HERE = cdk.Environment(account="111111111111", region="eu-central-1")
TRAIL = "AWS::CloudTrail::Trail"
ALARM = "AWS::CloudWatch::Alarm"
#: What the catalogue says of trails, metric filters and alarms.
CONTROLS = [
    control.id
    for control in catalogue().values()
    if {TRAIL, ALARM, "AWS::Logs::MetricFilter"} & set(control.resource_types)
]
FILTERS = [name for name in CONTROLS if name.startswith("log_metric_filter_")]

NAMES = (
    "NetworkAcls",
    "Gateways",
    "RouteTables",
    "Vpcs",
    "SecurityGroups",
    "Config",
    "Trails",
    "Organization",
    "BucketPolicies",
    "IamPolicies",
    "RootUser",
    "FailedLogins",
    "RefusedCalls",
)


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    return cdk.Stack(cdk.App(outdir=str(tmp_path)), "S", env=HERE)


def synth(stack: cdk.Stack) -> str:
    app = stack.node.root
    assert isinstance(app, cdk.App)
    app.synth()
    return app.outdir


def failing(stack: cdk.Stack) -> set[str]:
    return {result.control.id for result in audit(synth(stack), include=CONTROLS).results if result.status != "PASS"}


def rows(name: str) -> tuple[Any, ...]:
    return next(row for row in security_trail.WATCHED if row[0] == name)


def test_its_trail_filters_and_alarms_pass_their_controls(
    stack: cdk.Stack, cfn_lint: Callable[[Path], list[str]]
) -> None:
    patterns.SecurityTrail(stack, "Audit")
    found = audit(synth(stack))
    seen = {result.control.id for result in found.results if "does not apply" not in result.message}
    # Bedrock is not used, and threats are for a live account.
    assert set(CONTROLS) - seen == {"cloudtrail_bedrock_logging_enabled"}
    assert len(FILTERS) == 13
    left = [result for result in found.results if result.status != "PASS" and result.template]
    # What any stack with a bucket and a role has: the region's backups, the copy elsewhere.
    assert {result.control.id for result in left} == {
        "backup_plan_region_configured",
        "s3_bucket_cross_region_replication_enabled",
    }
    assert cfn_lint(Path(stack.node.root.outdir)) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [name for name, *_ in security_trail.WATCHED])
def test_each_alarm_passes_its_control(name: str, stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    _, control, _, _, pattern = rows(name)
    assert len(pattern) <= 1024, "CloudWatch Logs takes no longer one"
    others = tuple(row for row in security_trail.WATCHED if row[0] != name)
    monkeypatch.setattr(security_trail, "WATCHED", others)
    patterns.SecurityTrail(stack, "Audit")
    assert failing(stack) == {control}


def test_every_filter_that_the_catalogue_asks_for_is_there_once() -> None:
    assert sorted(control for _, control, *_ in security_trail.WATCHED) == sorted(FILTERS)
    assert len({name for name, *_ in security_trail.WATCHED}) == len(FILTERS)


def test_its_names_stay(stack: cdk.Stack) -> None:
    """They are what dashboards and users of the metrics name."""
    patterns.SecurityTrail(stack, "Audit")
    template = Template.from_stack(stack)
    found = {
        (metric["MetricNamespace"], metric["MetricName"])
        for each in template.find_resources("AWS::Logs::MetricFilter").values()
        for metric in each["Properties"]["MetricTransformations"]
    }
    assert found == {("Soc2/SecurityTrail", name) for name in NAMES}
    ids = {each.split("Alarm")[0] for each in template.find_resources(ALARM)}
    assert ids == {f"Audit{name}" for name in NAMES}


def test_alarms_go_to_the_topic_of_the_stack_or_to_yours(stack: cdk.Stack) -> None:
    ours = patterns.SecurityTrail(stack, "Audit")
    pager: Any = sns.Topic(stack, "Pager")
    theirs = patterns.SecurityTrail(stack, "Paged", topic=pager, namespace="Pager")
    assert theirs.topic is pager
    template = Template.from_stack(stack)
    for pattern in (ours, theirs):
        reference = {"Ref": stack.get_logical_id(pattern.topic.node.default_child)}  # type: ignore[arg-type]
        for alarm in pattern.alarms.values():
            id = stack.get_logical_id(alarm.node.default_child)  # type: ignore[arg-type]
            assert template.to_json()["Resources"][id]["Properties"]["AlarmActions"] == [reference]


def test_limits_are_yours(stack: cdk.Stack) -> None:
    patterns.SecurityTrail(stack, "Audit", limits={"RefusedCalls": 50, "Vpcs": 2})
    found = {
        each["Properties"]["MetricName"]: each["Properties"]["Threshold"]
        for each in Template.from_stack(stack).find_resources(ALARM).values()
    }
    assert {name: limit for name, limit in found.items() if limit != 1} == {
        "FailedLogins": 5,
        "RefusedCalls": 50,
        "Vpcs": 2,
    }


def test_a_limit_of_no_alarm_is_refused(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match=r"limits has unknown alarms: Refused. Use one of NetworkAcls, .*Refused"):
        patterns.SecurityTrail(stack, "Audit", limits={"Refused": 50})


# The trail


@pytest.mark.parametrize("more", [[], ["AWS::Lambda::Function", "AWS::Bedrock::AgentAlias"]])
def test_data_events_are_recorded_except_those_of_the_trails_bucket(more: Sequence[str], stack: cdk.Stack) -> None:
    trail = patterns.SecurityTrail(stack, "Audit", data_events=["AWS::S3::Object", *more]).trail
    ((_, resource),) = Template.from_stack(stack).find_resources(TRAIL).items()
    selectors = [
        {field["Field"]: field.get("Equals", field.get("NotStartsWith")) for field in selector["FieldSelectors"]}
        for selector in resource["Properties"]["AdvancedEventSelectors"]
    ]
    bucket = stack.get_logical_id(cloudtrail.trail_bucket(stack).node.default_child)  # type: ignore[arg-type]
    own = {"Fn::Join": ["", [{"Fn::GetAtt": [bucket, "Arn"]}, "/"]]}
    assert resource["Properties"]["S3BucketName"] == {"Ref": bucket}
    assert selectors == [
        {"eventCategory": ["Management"]},
        {"eventCategory": ["Data"], "resources.type": ["AWS::S3::Object"], "resources.ARN": [own]},
        *({"eventCategory": ["Data"], "resources.type": [kind]} for kind in more),
    ]
    assert "EventSelectors" not in resource["Properties"]
    assert trail.log_group is not None


def test_without_data_events_selectors_are_yours(stack: cdk.Stack) -> None:
    trail = patterns.SecurityTrail(stack, "Audit", data_events=()).trail
    trail.log_all_lambda_data_events()
    template = Template.from_stack(stack)
    template.has_resource_properties(
        TRAIL,
        {
            "AdvancedEventSelectors": Match.absent(),
            "EventSelectors": [Match.object_like({"DataResources": [Match.any_value()]})],
        },
    )


def test_selectors_that_would_get_lost_are_refused(stack: cdk.Stack) -> None:
    patterns.SecurityTrail(stack, "Audit").trail.log_all_lambda_data_events()
    with pytest.raises(RuntimeError, match="Add the type to data_events"):
        synth(stack)


def test_a_trail_of_yours_is_read_and_stays(stack: cdk.Stack) -> None:
    trail = cloudtrail.Trail(stack, "Mine", is_organization_trail=False)
    trail.log_all_s3_data_events()
    pattern = patterns.SecurityTrail(stack, "Audit", trail=trail)
    assert pattern.trail is trail
    assert pattern.log_group is trail.log_group
    Template.from_stack(stack).resource_count_is(TRAIL, 1)
    assert failing(stack) == set()


def test_a_trail_without_a_log_group_is_refused(stack: cdk.Stack) -> None:
    trail: Any = plain_cloudtrail.Trail(stack, "Mine")
    with pytest.raises(ValueError, match=r"S/Audit: S/Mine has no log group, .*Write send_to_cloud_watch_logs"):
        patterns.SecurityTrail(stack, "Audit", trail=trail)
