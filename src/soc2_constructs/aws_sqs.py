"""Amazon SQS: all of `aws_cdk.aws_sqs`, with queues that are encrypted and require TLS."""

from __future__ import annotations

from soc2_constructs.hardening import Hardening, PropsContext, default, hardened, keep_one_policy, provide

from aws_cdk import aws_sqs as sqs

from soc2_constructs.aws_kms import data_key, is_data_key, let_in

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_sqs import *

    __all__ = ["Queue"]
    __all__ += sqs.__all__


def _after_queue(queue: sqs.Queue, context: PropsContext) -> None:
    resource = queue.node.default_child
    assert isinstance(resource, sqs.CfnQueue)
    keep_one_policy(queue, resource)
    if is_data_key(context.props.get("encryption_master_key")):
        let_in(resource, context.props["encryption_master_key"], "sqs", "KmsMasterKeyId")


QUEUE = Hardening(
    sqs.Queue,
    provide(
        "encryption_master_key",
        lambda context: data_key(context.scope, "sqs"),
        None,
        required="a KMS key; by default one per stack",
        when=lambda context: context.props.get("encryption") in (None, sqs.QueueEncryption.KMS),
    ),
    default("enforce_ssl", True),
    after=_after_queue,
    enforced=False,
)


@hardened(QUEUE)
class Queue(sqs.Queue):
    """A queue that is encrypted with a customer managed key and requires TLS by default.

    The principals that may send or receive can use the default key of the stack: principals of the account, and those
    that the queue policy lets in. If you pass a key, allow them in its key policy.

    AWS page: "Encryption at rest in Amazon SQS".
    """


if MYPY:
    from aws_cdk.aws_sqs import *  # type: ignore[assignment]
