"""AWS Secrets Manager: all of `aws_cdk.aws_secretsmanager`, with secrets under a customer managed key."""

from __future__ import annotations

from soc2_constructs.hardening import Hardening, PropsContext, default, hardened, provide

import aws_cdk as cdk
from aws_cdk import aws_secretsmanager as secretsmanager

from soc2_constructs.aws_kms import data_key, is_data_key, let_in

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_secretsmanager import *

    __all__ = ["Secret"]
    __all__ += secretsmanager.__all__


def _after_secret(secret: secretsmanager.Secret, context: PropsContext) -> None:
    if is_data_key(context.props.get("encryption_key")):
        resource = secret.node.default_child
        assert isinstance(resource, secretsmanager.CfnSecret)
        let_in(resource, context.props["encryption_key"], "secretsmanager", "KmsKeyId")


SECRET = Hardening(
    secretsmanager.Secret,
    provide(
        "encryption_key",
        lambda context: data_key(context.scope, "secretsmanager"),
        None,
        required="a KMS key; by default one per stack",
    ),
    default("removal_policy", cdk.RemovalPolicy.RETAIN),
    after=_after_secret,
    enforced=False,
)


@hardened(SECRET)
class Secret(secretsmanager.Secret):
    """A secret that is encrypted with a customer managed key and retained when its stack is deleted.

    Principals of the account that may read the secret may use the default key of the stack for it, in other stacks too.

    The secret is not rotated by default: call `secret.add_rotation_schedule(...)`.
    """


if MYPY:
    from aws_cdk.aws_secretsmanager import *  # type: ignore[assignment]
