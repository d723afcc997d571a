"""Amazon SNS: all of `aws_cdk.aws_sns`, with topics that comply, and one for what a stack's constructs have to tell."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct

from soc2_constructs.aws_kms import data_key
from soc2_constructs.hardening import Default, Given, Hardening, Provide, hardened, shared

MYPY = False  # see hardening.py, "Drop-in modules"
if not MYPY:
    from aws_cdk.aws_sns import *


def _here(scope: IConstruct) -> dict[str, dict[str, str]]:
    return {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}}


def _services() -> list[iam.IPrincipal]:
    """What publishes without a role, in the name of the account."""
    return [iam.ServicePrincipal(f"{name}.amazonaws.com") for name in ("cloudwatch", "events")]


def _let_use(key: kms.Key, sid: str | None, services: Sequence[iam.IPrincipal], scope: IConstruct) -> None:
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid=sid,
            principals=services,
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],
            conditions=_here(scope),
        )
    )


def _topic_key(scope: IConstruct) -> kms.Key:
    """The stack's key, which CloudWatch and EventBridge may use once there is a topic."""

    def make(_: Construct, __: str) -> kms.Key:
        key = data_key(scope)
        _let_use(key, "Notifications", _services(), scope)
        return key

    return shared(scope, "TopicKey", make)


def _after_topic(topic: sns.Topic, given: Given) -> None:
    """Let the services that the app lets publish use the key that the topic got from us: else they no longer could."""
    if not given.enforced or "master_key" in given.kept:
        return
    stack = cdk.Stack.of(topic)
    for service in _publishers(topic):

        def make(_: Construct, __: str, service: str = service) -> str:
            _let_use(_topic_key(given.scope), None, [iam.ServicePrincipal(service)], given.scope)
            return service

        shared(stack, f"TopicKey-{service}", make)


def _publishers(topic: sns.Topic) -> list[str]:
    """The services that the topic's policy lets publish."""
    policy = topic.node.try_find_child("Policy")
    if not isinstance(policy, sns.TopicPolicy):
        return []
    found: dict[str, None] = {}
    for statement in (cdk.Stack.of(topic).resolve(policy.document) or {}).get("Statement", ()):
        principal = statement.get("Principal")
        services = principal.get("Service") if isinstance(principal, dict) else None
        for service in services if isinstance(services, list) else [services]:
            if isinstance(service, str) and statement.get("Effect") != "Deny":
                found[service] = None
    return list(found)


TOPIC = Hardening(
    sns.Topic,
    Provide(
        "master_key",
        lambda given: _topic_key(given.scope),
        "sns_topic_encrypted_at_rest",
        wanted="a KMS key that those who publish may use; one per stack unless you give one",
        override=("KmsMasterKeyId", None),
    ),
    Default("enforce_ssl", True),
    after=_after_topic,
)


@hardened(TOPIC)
class Topic(sns.Topic):
    """A topic that is encrypted with a customer managed key, and takes messages over TLS only unless you say otherwise.

    Alarms of CloudWatch and rules of EventBridge may use the stack's key, in the name of its account. Another service
    that publishes without a role has to be let in: `topic.master_key` is the key.
    """


def notification_topic(scope: IConstruct) -> Topic:
    """The topic for the alarms and failures of a stack's constructs, unless they are given one; one per stack.

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
                conditions=_here(scope),
            )
        )
        return topic

    return shared(scope, "Notifications", make)


if MYPY:
    from aws_cdk.aws_sns import *  # type: ignore[assignment]
