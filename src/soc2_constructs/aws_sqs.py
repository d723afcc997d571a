"""Amazon SQS: all of `aws_cdk.aws_sqs`, with queues that are encrypted and require TLS."""

from __future__ import annotations

from soc2_constructs.hardening import Hardening, Init, PropsContext, default, existing_helper, hardened, provide

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from soc2_constructs.aws_kms import data_key, let_senders_use

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_sqs import *

    __all__ = ["Queue"]
    __all__ += sqs.__all__

QUEUE = Hardening(
    sqs.Queue,
    provide(
        "encryption_master_key",
        lambda context: data_key(context.scope),
        None,
        required="a KMS key; by default one per stack",
        when=lambda context: context.props.get("encryption") in (None, sqs.QueueEncryption.KMS),
    ),
    default("enforce_ssl", True),
)


def _build_queue(queue: Queue, init: Init, context: PropsContext) -> None:
    init(context.props)
    key = context.props.get("encryption_master_key")
    queue._has_our_key = key is not None and key is existing_helper(context.scope, "DataKey")


@hardened(QUEUE, _build_queue)
class Queue(sqs.Queue):
    """A queue that is encrypted with a customer managed key and requires TLS by default.

    Services that the queue policy allows to send may use the default key of the stack, such as EventBridge for events
    that it could not deliver. If you pass a key, allow them in its key policy.

    AWS page: "Encryption at rest in Amazon SQS".
    """

    _has_our_key = False

    def add_to_resource_policy(self, statement: iam.PolicyStatement) -> iam.AddToResourcePolicyResult:
        """Add a statement to the queue policy; services that it allows to send may use the default key."""
        if self._has_our_key:
            let_senders_use(cdk.Stack.of(self).resolve(statement.to_json()), self)
        return super().add_to_resource_policy(statement)


if MYPY:
    from aws_cdk.aws_sqs import *  # type: ignore[assignment]
