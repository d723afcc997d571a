"""Amazon SNS: all of `aws_cdk.aws_sns`, and a topic for what the constructs of a stack have to tell."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct

from soc2_constructs.aws_kms import data_key
from soc2_constructs.hardening import shared

MYPY = False  # see hardening.py, "Drop-in modules"
if not MYPY:
    from aws_cdk.aws_sns import *


def notification_topic(scope: IConstruct) -> sns.Topic:
    """The topic for the alarms and failures of a stack's constructs, unless they are given one; one per stack.

    It is encrypted with the stack's key, which CloudWatch and EventBridge may use, and takes messages over TLS only.
    Nobody subscribes to it but you.
    """

    def make(holder: Construct, id: str) -> sns.Topic:
        services = [iam.ServicePrincipal(f"{name}.amazonaws.com") for name in ("cloudwatch", "events")]
        here = {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}}
        key = data_key(scope)
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Notifications",
                principals=list(services),
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],
                conditions=here,
            )
        )
        topic = sns.Topic(holder, id, master_key=key, enforce_ssl=True)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Notifications",
                principals=list(services),
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions=here,
            )
        )
        return topic

    return shared(scope, "Notifications", make)


if MYPY:
    from aws_cdk.aws_sns import *
