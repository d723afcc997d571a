"""Amazon SNS: all of `aws_cdk.aws_sns`, with compliant topics and the notification topic of a stack."""

from __future__ import annotations

from soc2_constructs.hardening import (
    Hardening,
    Phase,
    PropsContext,
    View,
    as_list,
    default,
    finish,
    hardened,
    keep_one_policy,
    provide,
    stack_singleton,
)

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct

from soc2_constructs.aws_kms import data_key, is_data_key, let_in, let_service_use, of_account

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_sns import *

    __all__ = ["Topic", "notification_topic"]
    __all__ += sns.__all__


#: The services that publish on behalf of the account, without a role.
_SERVICES = ("cloudwatch.amazonaws.com", "events.amazonaws.com")
#: The services that the default policy of a topic lets in without a statement of their own.
_BY_DEFAULT = ("cloudwatch.amazonaws.com", "dms.amazonaws.com", "events.rds.amazonaws.com", "redshift.amazonaws.com")
#: The actions of the default policy of a topic.
#: Amazon SNS Developer Guide, "Example cases for Amazon SNS access control".
_DEFAULT_ACTIONS = (
    "AddPermission",
    "DeleteTopic",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "Publish",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
)
_CONTROL = "sns_topic_encrypted_at_rest"
#: Resources that publish to a topic without KMS: type, property of the topic, and name.
_WITHOUT_KMS = (
    ("AWS::Config::DeliveryChannel", "SnsTopicARN", "AWS Config"),
    ("AWS::ElastiCache::CacheCluster", "NotificationTopicArn", "Amazon ElastiCache"),
    ("AWS::ElastiCache::ReplicationGroup", "NotificationTopicArn", "Amazon ElastiCache"),
)
_NEVER = {"config.amazonaws.com": "AWS Config", "elasticache.amazonaws.com": "Amazon ElastiCache"}


def _topic_key(scope: IConstruct) -> kms.Key:
    """The default key of the stack, with permission for the services that the default policy of a topic lets in."""

    def make(_: Construct, __: str) -> kms.Key:
        key = data_key(scope, "sns")
        for service in _BY_DEFAULT:
            let_service_use(key, service)
        return key

    return stack_singleton(scope, "TopicKey", make)


def _after_topic(topic: sns.Topic, context: PropsContext) -> None:
    """Register the finishing steps of a drop-in topic; `enforce` leaves encryption and transport as they are."""
    if context.injected:
        return
    resource = topic.node.default_child
    assert isinstance(resource, sns.CfnTopic)
    if context.props.get("enforce_ssl"):
        _keep_default_policy(topic)
    keep_one_policy(topic, resource)
    if is_data_key(context.props.get("master_key")):
        finish(topic, Phase.TAKE_BACK, lambda view: _check_publishers(view, resource, context))
        let_in(resource, context.props["master_key"], "sns", "KmsMasterKeyId")


def _keep_default_policy(topic: sns.Topic) -> None:
    """Write the statement of the default topic policy, which the policy with the TLS statement replaces."""
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            sid="DefaultPolicy",
            principals=[iam.AnyPrincipal()],
            actions=[f"sns:{action}" for action in _DEFAULT_ACTIONS],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"AWS:SourceOwner": cdk.Stack.of(topic).account}},
        )
    )


def _check_publishers(view: View, resource: sns.CfnTopic, context: PropsContext) -> None:
    """Take the default key back where a service publishes to the topic that cannot use encrypted topics.

    AWS pages: "Permissions for the Amazon SNS topic" (AWS Config), "Managing ElastiCache Amazon SNS notifications".
    """
    publishers = [name for type_, path, name in _WITHOUT_KMS if view.referrers(resource, type_, path)]
    publishers += [
        _NEVER[service]
        for statement in view.statements(resource)
        if statement.get("Effect") == "Allow" and isinstance(statement.get("Principal"), dict)
        for service in as_list(statement["Principal"].get("Service"))
        if service in _NEVER
    ]
    if publishers:
        resource.kms_master_key_id = None
        view.forget(resource)
        context.take_back(
            "master_key",
            f"{publishers[0]} publishes to the topic, and does not publish to encrypted topics",
            _CONTROL,
            "To keep the topic encrypted, use another topic for that service.",
        )


TOPIC = Hardening(
    sns.Topic,
    provide(
        "master_key",
        lambda context: _topic_key(context.scope),
        _CONTROL,
        required="a KMS key that the publishers may use; by default one per stack",
        bad_override=("KmsMasterKeyId", None),
        leave="publishers outside the app would need permission for the key",
    ),
    default("enforce_ssl", True),
    after=_after_topic,
)


@hardened(TOPIC)
class Topic(sns.Topic):
    """A topic that is encrypted with a customer managed key and requires TLS by default.

    The principals that may publish can use the default key of the stack: principals of the account, services that
    publish by the default topic policy, and those that the topic policy lets in. If you pass a key, allow them in its
    key policy. AWS Config and ElastiCache cannot publish to an encrypted topic: such a topic is not encrypted, with a
    warning.

    Controls: sns_topic_encrypted_at_rest. AWS page: "Securing Amazon SNS data with server-side encryption".
    """


def notification_topic(scope: IConstruct) -> Topic:
    """The default topic for the alarms and failures of a stack; one per stack, created on the first call.

    It is encrypted with the default key of the stack and requires TLS. It has no subscriptions: add yours.
    """

    def make(holder: Construct, id: str) -> Topic:
        topic = Topic(holder, id)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Notifications",
                principals=[iam.ServicePrincipal(name) for name in _SERVICES],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions=of_account(scope),
            )
        )
        return topic

    return stack_singleton(scope, "Notifications", make)


if MYPY:
    from aws_cdk.aws_sns import *  # type: ignore[assignment]
