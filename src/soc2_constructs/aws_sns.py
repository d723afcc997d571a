"""Amazon SNS: all of `aws_cdk.aws_sns`, with compliant topics and the notification topic of a stack."""

from __future__ import annotations

from soc2_constructs.hardening import (
    Hardening,
    Init,
    PropsContext,
    default,
    existing_helper,
    hardened,
    provide,
    stack_singleton,
)

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct

from soc2_constructs.aws_kms import data_key, let_senders_use, let_use, of_account

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_sns import *

    __all__ = ["Topic", "notification_topic"]
    __all__ += sns.__all__


#: The services that publish on behalf of the account, without a role.
_SERVICES = ("cloudwatch.amazonaws.com", "events.amazonaws.com")


def _services() -> list[iam.IPrincipal]:
    return [iam.ServicePrincipal(name) for name in _SERVICES]


def _topic_key(scope: IConstruct) -> kms.Key:
    """The default key of the stack, with permission for CloudWatch and EventBridge."""

    def make(_: Construct, __: str) -> kms.Key:
        key = data_key(scope)
        let_use(key, "Notifications", _services(), scope)
        return key

    return stack_singleton(scope, "TopicKey", make)


def _after_topic(topic: sns.Topic, context: PropsContext) -> None:
    """Allow the services that may publish to use the default key, which enforcement added to the topic."""
    if not context.injected or "master_key" in context.user_set:
        return
    policy = topic.node.try_find_child("Policy")
    if isinstance(policy, sns.TopicPolicy):
        for statement in (cdk.Stack.of(topic).resolve(policy.document) or {}).get("Statement", ()):
            let_senders_use(statement, context.scope, but=_SERVICES)


TOPIC = Hardening(
    sns.Topic,
    provide(
        "master_key",
        lambda context: _topic_key(context.scope),
        "sns_topic_encrypted_at_rest",
        required="a KMS key that the publishers may use; by default one per stack",
        bad_override=("KmsMasterKeyId", None),
    ),
    default("enforce_ssl", True),
    after=_after_topic,
)


def _build_topic(topic: Topic, init: Init, context: PropsContext) -> None:
    init(context.props)
    key = context.props.get("master_key")
    topic._has_our_key = key is not None and key is existing_helper(context.scope, "TopicKey")


@hardened(TOPIC, _build_topic)
class Topic(sns.Topic):
    """A topic that is encrypted with a customer managed key and requires TLS by default.

    CloudWatch alarms, EventBridge rules and services that the topic policy allows to publish may use the default key of
    the stack, on behalf of the account. If you pass a key, allow them in its key policy.

    Controls: sns_topic_encrypted_at_rest. AWS page: "Securing Amazon SNS data with server-side encryption".
    """

    _has_our_key = False

    def add_to_resource_policy(self, statement: iam.PolicyStatement) -> iam.AddToResourcePolicyResult:
        """Add a statement to the topic policy; services that it allows to publish may use the default key."""
        if self._has_our_key:
            let_senders_use(cdk.Stack.of(self).resolve(statement.to_json()), self, but=_SERVICES)
        return super().add_to_resource_policy(statement)


def notification_topic(scope: IConstruct) -> Topic:
    """The default topic for the alarms and failures of a stack; one per stack, created on the first call.

    It is encrypted with the default key of the stack and requires TLS. It has no subscriptions: add yours.
    """

    def make(holder: Construct, id: str) -> Topic:
        topic = Topic(holder, id)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Notifications",
                principals=_services(),
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions=of_account(scope),
            )
        )
        return topic

    return stack_singleton(scope, "Notifications", make)


if MYPY:
    from aws_cdk.aws_sns import *  # type: ignore[assignment]
