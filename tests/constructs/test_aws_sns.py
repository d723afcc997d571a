"""Topics that comply."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_config as config
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk.assertions import Match, Template

from soc2_constructs import aws_kms as kms
from soc2_constructs import aws_sns as sns


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="111122223333", region="eu-central-1"))


def test_defaults(stack: cdk.Stack) -> None:
    topic = sns.Topic(stack, "Topic")
    assert topic.master_key is kms.data_key(stack)
    template = Template.from_stack(stack)
    (key,) = template.find_resources("AWS::KMS::Key")
    template.has_resource_properties("AWS::SNS::Topic", {"KmsMasterKeyId": {"Fn::GetAtt": [key, "Arn"]}})
    statements = Match.array_with(
        [Match.object_like({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})]
    )
    template.has_resource_properties("AWS::SNS::TopicPolicy", {"PolicyDocument": {"Statement": statements}})


def test_topics_let_services_use_the_key_once(stack: cdk.Stack) -> None:
    sns.Topic(stack, "One")
    sns.Topic(stack, "Two")
    sns.notification_topic(stack)
    (key,) = Template.from_stack(stack).find_resources("AWS::KMS::Key").values()
    conditions = {
        each["Principal"]["Service"]: each.get("Condition")
        for each in key["Properties"]["KeyPolicy"]["Statement"]
        if "Service" in each["Principal"]
    }
    here = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    assert conditions == {
        "cloudwatch.amazonaws.com": here,
        "dms.amazonaws.com": here,
        "events.rds.amazonaws.com": here,
        "redshift.amazonaws.com": here,
        # It passes no source to KMS.
        "events.amazonaws.com": None,
    }


def test_the_default_policy_stays_beside_the_tls_statement(stack: cdk.Stack) -> None:
    sns.Topic(stack, "Topic")
    (policy,) = Template.from_stack(stack).find_resources("AWS::SNS::TopicPolicy").values()
    (allowed,) = (each for each in policy["Properties"]["PolicyDocument"]["Statement"] if each["Effect"] == "Allow")
    assert "sns:Publish" in allowed["Action"]
    assert allowed["Condition"] == {"StringEquals": {"AWS:SourceOwner": "111122223333"}}


@pytest.mark.parametrize("service", ["config", "elasticache"])
def test_a_topic_of_a_service_without_kms_is_not_encrypted(stack: cdk.Stack, service: str) -> None:
    topic = sns.Topic(stack, "Topic")
    sns.Topic(stack, "Other")
    if service == "config":
        config.CfnDeliveryChannel(stack, "Channel", s3_bucket_name="b", sns_topic_arn=topic.topic_arn)
    else:
        elasticache.CfnReplicationGroup(
            stack, "Cache", replication_group_description="c", notification_topic_arn=topic.topic_arn
        )
    topics = Template.from_stack(stack).find_resources("AWS::SNS::Topic")
    assert {name[:5]: "KmsMasterKeyId" in each.get("Properties", {}) for name, each in topics.items()} == {
        "Topic": False,
        "Other": True,
    }
    (warning,) = (entry.data for entry in topic.node.metadata if entry.type == "aws:cdk:warning")
    assert "sns_topic_encrypted_at_rest" in str(warning)


def test_the_policy_of_the_user_is_the_only_one(stack: cdk.Stack) -> None:
    topic = sns.Topic(stack, "Topic")
    sns.TopicPolicy(stack, "Own", topics=[topic]).document.add_statements(
        iam.PolicyStatement(
            principals=[iam.AccountPrincipal("222222222222")], actions=["sns:Publish"], resources=[topic.topic_arn]
        )
    )
    (policy,) = Template.from_stack(stack).find_resources("AWS::SNS::TopicPolicy").values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    assert sorted(each["Effect"] for each in statements) == ["Allow", "Allow", "Deny"]


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    arn = "arn:aws:kms:eu-central-1:111122223333:key/1234"
    sns.Topic(stack, "Topic", master_key=kms.Key.from_key_arn(stack, "Key", arn), enforce_ssl=False)
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::SNS::Topic", {"KmsMasterKeyId": arn})
    template.resource_count_is("AWS::KMS::Key", 0)
    template.resource_count_is("AWS::SNS::TopicPolicy", 0)


def _let_in(stack: cdk.Stack, service: str) -> int:
    (key,) = (each for each in Template.from_stack(stack).find_resources("AWS::KMS::Key").values())
    statements = key["Properties"]["KeyPolicy"]["Statement"]
    return sum(service in str(each["Principal"].get("Service")) for each in statements)


def test_services_that_may_publish_can_use_the_default_key(stack: cdk.Stack) -> None:
    topics = [sns.Topic(stack, "One"), sns.Topic(stack, "Two")]
    for number, topic in enumerate(topics):
        bucket = s3.Bucket(stack, f"Bucket{number}")
        bucket.add_event_notification(s3.EventType.OBJECT_CREATED, notifications.SnsDestination(topic))
        backup = iam.PolicyStatement(
            effect=iam.Effect.DENY if number else iam.Effect.ALLOW,
            principals=[iam.ServicePrincipal("backup.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
        )
        topic.add_to_resource_policy(backup)
    assert _let_in(stack, "s3.amazonaws.com") == 1
    assert _let_in(stack, "backup.amazonaws.com") == 1
    assert _let_in(stack, "cloudwatch.amazonaws.com") == 1


def test_a_key_of_the_users_stays_as_it_is(stack: cdk.Stack) -> None:
    topic = sns.Topic(stack, "Topic", master_key=kms.Key(stack, "Key"))
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("s3.amazonaws.com")], actions=["sns:Publish"], resources=[topic.topic_arn]
        )
    )
    assert _let_in(stack, "s3.amazonaws.com") == 0
