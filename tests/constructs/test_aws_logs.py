"""Log groups that comply."""

from __future__ import annotations

from datetime import UTC, datetime

from soc2_constructs.hardening import NonCompliantError
from soc2_constructs.hardening.waive import waive

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms
from aws_cdk import aws_logs as plain
from aws_cdk.assertions import Template

from soc2_constructs import aws_logs as logs
from soc2_constructs.controls import catalogue

RETENTION = "cloudwatch_log_group_retention_period_365"
LOG_GROUP = "AWS::Logs::LogGroup"
SHORT = {"DAY", "DAYS", "WEEK", "WEEKS", "MONTH", "MONTHS"}
LONG_MONTHS = {"THIRTEEN_MONTHS", "EIGHTEEN_MONTHS"}


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="111122223333", region="eu-west-1"))


def test_everything_of_the_cdk_is_there() -> None:
    assert set(plain.__all__) <= set(dir(logs))
    assert logs.RetentionDays is plain.RetentionDays
    assert issubclass(logs.LogGroup, plain.LogGroup)


def test_defaults(stack: cdk.Stack) -> None:
    logs.LogGroup(stack, "One")
    logs.LogGroup(stack, "Two")
    template = Template.from_stack(stack)
    keys = list(template.find_resources("AWS::KMS::Key"))
    assert len(keys) == 1, "one key for all log groups of a stack"
    groups = template.find_resources(LOG_GROUP)
    assert len(groups) == 2
    for group in groups.values():
        assert group["Properties"] == {"RetentionInDays": 365, "KmsKeyId": {"Fn::GetAtt": [keys[0], "Arn"]}}
        assert group["DeletionPolicy"] == "Retain"


def test_the_key_lets_only_log_groups_of_this_account_and_region_in(stack: cdk.Stack) -> None:
    logs.LogGroup(stack, "One")
    (key,) = Template.from_stack(stack).find_resources("AWS::KMS::Key").values()
    statement = key["Properties"]["KeyPolicy"]["Statement"][1]
    assert statement["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    arn = statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert arn["Fn::Join"][1][-1] == ":logs:eu-west-1:111122223333:log-group:*"


@pytest.mark.parametrize("retention", list(plain.RetentionDays), ids=lambda retention: retention.name)
def test_every_retention(stack: cdk.Stack, retention: plain.RetentionDays) -> None:
    if retention.name.rpartition("_")[2] in SHORT and retention.name not in LONG_MONTHS:
        with pytest.raises(NonCompliantError) as caught:
            logs.LogGroup(stack, "Group", retention=retention)
        assert caught.value.control == RETENTION
        assert caught.value.value == f"RetentionDays.{retention.name}"
    else:
        logs.LogGroup(stack, "Group", retention=retention)
        (group,) = Template.from_stack(stack).find_resources(LOG_GROUP).values()
        assert group["Properties"].get("RetentionInDays", 365) >= 365


def test_a_key_of_the_users_wins(stack: cdk.Stack) -> None:
    arn = "arn:aws:kms:eu-west-1:111122223333:key/1234"
    logs.LogGroup(stack, "Group", encryption_key=aws_kms.Key.from_key_arn(stack, "Key", arn))
    template = Template.from_stack(stack)
    template.has_resource_properties(LOG_GROUP, {"KmsKeyId": arn})
    template.resource_count_is("AWS::KMS::Key", 0)


def test_a_delivery_group_takes_no_retention(stack: cdk.Stack) -> None:
    logs.LogGroup(stack, "Group", log_group_class=plain.LogGroupClass.DELIVERY)
    (group,) = Template.from_stack(stack).find_resources(LOG_GROUP).values()
    assert "RetentionInDays" not in group["Properties"]


@pytest.mark.skipif(RETENTION not in catalogue(), reason="the catalogue has no control of CloudWatch Logs yet")
def test_a_waiver_is_accepted(stack: cdk.Stack) -> None:
    waive(stack, RETENTION, reason="r", owner="o", expires=datetime.now(UTC).date().isoformat())
    logs.LogGroup(stack, "Group", retention=plain.RetentionDays.ONE_WEEK)
    Template.from_stack(stack).has_resource_properties(LOG_GROUP, {"RetentionInDays": 7})
