"""Amazon SNS: all of `aws_cdk.aws_sns`, with topics that comply, and one for what a stack's constructs have to tell."""

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


#: What publishes without a role, in the name of the account.
_SERVICES = ("cloudwatch.amazonaws.com", "events.amazonaws.com")


def _services() -> list[iam.IPrincipal]:
    return [iam.ServicePrincipal(name) for name in _SERVICES]


def _topic_key(scope: IConstruct) -> kms.Key:
    """The stack's key, which CloudWatch and EventBridge may use once there is a topic."""

    def make(_: Construct, __: str) -> kms.Key:
        key = data_key(scope)
        let_use(key, "Notifications", _services(), scope)
        return key

    return stack_singleton(scope, "TopicKey", make)


def _after_topic(topic: sns.Topic, context: PropsContext) -> None:
    """Let the services that the app lets publish use the key that the topic got from us: else they no longer could."""
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
        required="a KMS key that those who publish may use; one per stack unless you give one",
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
    """A topic that is encrypted with a customer managed key, and takes messages over TLS only unless you say otherwise.

    Alarms of CloudWatch and rules of EventBridge may use the stack's key, in the name of its account, and so may a
    service that the topic's policy lets publish, such as S3. With a key of yours you let them in.
    """

    _has_our_key = False

    def add_to_resource_policy(self, statement: iam.PolicyStatement) -> iam.AddToResourcePolicyResult:
        """Add a statement to the topic's policy; a service that it lets publish may use the stack's key."""
        if self._has_our_key:
            let_senders_use(cdk.Stack.of(self).resolve(statement.to_json()), self, but=_SERVICES)
        return super().add_to_resource_policy(statement)


def notification_topic(scope: IConstruct) -> Topic:
    """The topic for the alarms and failures of a stack's constructs, unless they are context one; one per stack.

    It is encrypted with the stack's key, which CloudWatch and EventBridge may use, and takes messages over TLS only.
    Nobody subscribes to it but you.
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
