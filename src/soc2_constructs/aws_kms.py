"""AWS KMS: all of `aws_cdk.aws_kms`, with keys that comply."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, IConstruct

from soc2_constructs.hardening import Default, Given, Hardening, Provide, Refuse, Require, hardened, shared

MYPY = False  # see hardening.py, "Drop-in modules"
if not MYPY:
    from aws_cdk.aws_kms import *


def _rotates(given: Given) -> bool:
    """Whether KMS can rotate the key: it rotates symmetric encryption keys only."""
    return given.props.get("key_spec") in (None, kms.KeySpec.SYMMETRIC_DEFAULT)


def _dies_with_its_stack(given: Given) -> bool:
    return given.props.get("removal_policy") == cdk.RemovalPolicy.DESTROY


def _waits_a_month(window: Any, _: Given) -> bool:
    return not isinstance(window, cdk.Duration) or bool(window.is_unresolved() or window.to_days() >= 30)


KEY = Hardening(
    kms.Key,
    Require(
        "enable_key_rotation",
        True,
        "kms_cmk_rotation_enabled",
        refuses=False,
        override=("EnableKeyRotation", False),
        when=_rotates,
    ),
    Default("removal_policy", cdk.RemovalPolicy.RETAIN),
    Refuse(
        "pending_window",
        "kms_key_not_pending_deletion",
        accepts=_waits_a_month,
        wanted="30 days, the longest there is, where the key is deleted with its stack",
        refuses=None,
        when=_dies_with_its_stack,
    ),
    Provide("pending_window", lambda _: cdk.Duration.days(30), None, wanted="30 days unless you say otherwise"),
)


@hardened(KEY)
class Key(kms.Key):
    """A key that rotates every year, outlives its stack, and takes 30 days to die."""


def data_key(scope: IConstruct) -> kms.Key:
    """The key that encrypts the data of a stack's constructs, unless they are given one; one per stack."""
    return shared(
        scope, "DataKey", lambda holder, id: Key(holder, id, description="Data of this stack (soc2-constructs)")
    )


def is_own(key: Any, _: Given) -> bool:
    """Whether a key is one of the user's, not one that AWS manages, which an alias may stand for."""
    return not str(getattr(key, "alias_name", "")).startswith("alias/aws/")


def logs_key(scope: IConstruct) -> kms.Key:
    """The key that encrypts a stack's log groups, unless they are given one; one per stack."""

    def make(holder: Construct, id: str) -> kms.Key:
        key = Key(holder, id, description="Log groups of this stack (soc2-constructs)")
        allow_logs(key, scope)
        return key

    return shared(scope, "LogsKey", make)


def allow_logs(key: kms.IKey, scope: IConstruct) -> None:
    """Let CloudWatch Logs use a key, for log groups of the scope's account and region only."""
    stack = cdk.Stack.of(scope)
    groups = stack.format_arn(
        service="logs", resource="log-group", resource_name="*", arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="CloudWatchLogs",
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        )
    )


if MYPY:
    from aws_cdk.aws_kms import *  # type: ignore[assignment]
