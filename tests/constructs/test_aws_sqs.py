"""Queues that are encrypted, and reached over TLS only."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk.assertions import Match, Template

from soc2_constructs import aws_kms as kms
from soc2_constructs import aws_sns as sns
from soc2_constructs import aws_sqs as sqs

PLAIN = sqs.QueueEncryption.SQS_MANAGED


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def test_defaults(stack: cdk.Stack) -> None:
    queue = sqs.Queue(stack, "Queue")
    assert queue.encryption_master_key is kms.data_key(stack)
    template = Template.from_stack(stack)
    (key,) = template.find_resources("AWS::KMS::Key")
    template.has_resource_properties("AWS::SQS::Queue", {"KmsMasterKeyId": {"Fn::GetAtt": [key, "Arn"]}})
    denial = Match.object_like({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    template.has_resource_properties(
        "AWS::SQS::QueuePolicy", {"PolicyDocument": {"Statement": Match.array_with([denial])}}
    )


def test_services_that_may_send_can_use_the_key(stack: cdk.Stack) -> None:
    queue = sqs.Queue(stack, "Queue")
    sns.Topic(stack, "Topic").add_subscription(subscriptions.SqsSubscription(queue))
    rule = events.Rule(stack, "Rule", schedule=events.Schedule.rate(cdk.Duration.days(1)))
    rule.add_target(targets.SqsQueue(queue))
    (key,) = Template.from_stack(stack).find_resources("AWS::KMS::Key").values()
    statements = [each for each in key["Properties"]["KeyPolicy"]["Statement"] if "Sid" not in each]
    services = {str(each["Principal"].get("Service")) for each in statements}
    assert {"sns.amazonaws.com", "events.amazonaws.com"} <= services


@pytest.mark.parametrize(
    ("encryption", "expected"),
    [
        (sqs.QueueEncryption.SQS_MANAGED, {"SqsManagedSseEnabled": True}),
        (sqs.QueueEncryption.KMS_MANAGED, {"KmsMasterKeyId": "alias/aws/sqs"}),
    ],
)
def test_values_of_the_users_win(
    stack: cdk.Stack, encryption: sqs.QueueEncryption, expected: dict[str, object]
) -> None:
    sqs.Queue(stack, "Queue", encryption=encryption, enforce_ssl=False)
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::SQS::Queue", expected)
    template.resource_count_is("AWS::KMS::Key", 0)
    template.resource_count_is("AWS::SQS::QueuePolicy", 0)


@pytest.mark.parametrize("own", [False, True])
def test_undelivered_events_reach_a_queue_under_the_default_key(own: bool) -> None:
    stack = cdk.Stack(cdk.App(), "S")
    key = kms.Key(stack, "Key") if own else None
    dead, target = sqs.Queue(stack, "Dead", encryption_master_key=key), sqs.Queue(stack, "Target", encryption=PLAIN)
    for name in ("One", "Two"):
        rule = events.Rule(stack, name, schedule=events.Schedule.rate(cdk.Duration.days(1)))
        rule.add_target(targets.SqsQueue(target, dead_letter_queue=dead))
    sns.Topic(stack, "Topic", master_key=kms.Key(stack, "TopicKey")).add_subscription(
        subscriptions.SqsSubscription(target, dead_letter_queue=dead)
    )
    keys = Template.from_stack(stack).find_resources("AWS::KMS::Key")
    let_in = [
        (statement["Principal"]["Service"], statement.get("Condition"))
        for id, each in keys.items()
        for statement in each["Properties"]["KeyPolicy"]["Statement"]
        if id.startswith("Soc2DataKey") and "Service" in statement["Principal"]
    ]
    here = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert let_in == ([] if own else [("events.amazonaws.com", None), ("sns.amazonaws.com", here)])
