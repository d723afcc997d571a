"""Amazon SQS: all of `aws_cdk.aws_sqs`, with queues that are encrypted and take messages over TLS only."""

from __future__ import annotations

from aws_cdk import aws_sqs as sqs

from soc2_constructs.aws_kms import data_key
from soc2_constructs.hardening import Default, Hardening, Provide, hardened

MYPY = False  # see hardening.py, "Drop-in modules"
if not MYPY:
    from aws_cdk.aws_sqs import *

QUEUE = Hardening(
    sqs.Queue,
    Provide(
        "encryption_master_key",
        lambda given: data_key(given.scope),
        None,
        wanted="a KMS key, one per stack, unless you say otherwise",
        when=lambda given: given.props.get("encryption") in (None, sqs.QueueEncryption.KMS),
    ),
    Default("enforce_ssl", True),
)


@hardened(QUEUE)
class Queue(sqs.Queue):
    """A queue that is encrypted with a customer managed key and reached over TLS only, unless you say otherwise.

    What the CDK lets send to it may use the key as well; a service that sends by other means has to be let in.
    """


if MYPY:
    from aws_cdk.aws_sqs import *  # type: ignore[assignment]
