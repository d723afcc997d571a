"""AWS Secrets Manager: all of `aws_cdk.aws_secretsmanager`, with secrets that are encrypted with a key of yours."""

from __future__ import annotations

from soc2_constructs.hardening import Hardening, default, hardened, provide

import aws_cdk as cdk
from aws_cdk import aws_secretsmanager as secretsmanager

from soc2_constructs.aws_kms import data_key

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_secretsmanager import *

    __all__ = ["Secret"]
    __all__ += secretsmanager.__all__

SECRET = Hardening(
    secretsmanager.Secret,
    provide(
        "encryption_key",
        lambda context: data_key(context.scope),
        None,
        required="a KMS key; one per stack unless you give one",
    ),
    default("removal_policy", cdk.RemovalPolicy.RETAIN),
)


@hardened(SECRET)
class Secret(secretsmanager.Secret):
    """A secret that is encrypted with a customer managed key, and outlives its stack.

    Who of the account may read the secret may use the stack's key for that, in other stacks too.

    How it is rotated nobody can know but you: `secret.add_rotation_schedule(...)`.
    """


if MYPY:
    from aws_cdk.aws_secretsmanager import *  # type: ignore[assignment]
