"""The key."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import Hardening, PropsContext, default, hardened, provide, refuse, require

import aws_cdk as cdk
from aws_cdk import aws_kms as kms


def _rotates(context: PropsContext) -> bool:
    """Whether KMS can rotate the key: automatic rotation supports symmetric encryption keys only."""
    return context.props.get("key_spec") in (None, kms.KeySpec.SYMMETRIC_DEFAULT)


def _is_deleted_with_its_stack(context: PropsContext) -> bool:
    return context.props.get("removal_policy") == cdk.RemovalPolicy.DESTROY


def _waits_a_month(window: Any, _: PropsContext) -> bool:
    return not isinstance(window, cdk.Duration) or bool(window.is_unresolved() or window.to_days() >= 30)


KEY = Hardening(
    kms.Key,
    require(
        "enable_key_rotation",
        True,
        "kms_cmk_rotation_enabled",
        bad_value=False,
        bad_override=("EnableKeyRotation", False),
        when=_rotates,
    ),
    default("removal_policy", cdk.RemovalPolicy.RETAIN),
    refuse(
        "pending_window",
        "kms_key_not_pending_deletion",
        accepts=_waits_a_month,
        required="a waiting period of 30 days (the maximum) for a key that is deleted with its stack",
        bad_value=None,
        when=_is_deleted_with_its_stack,
    ),
    provide("pending_window", lambda _: cdk.Duration.days(30), None, required="30 days by default"),
)


@hardened(KEY)
class Key(kms.Key):
    """A key with yearly rotation, which is retained when its stack is deleted.

    A deleted key has a waiting period of 30 days.

    Controls: kms_cmk_rotation_enabled, kms_key_not_pending_deletion.
    """


def is_own(key: Any, _: PropsContext) -> bool:
    """Whether a key is customer managed; an alias may refer to an AWS managed key."""
    return not str(getattr(key, "alias_name", "")).startswith("alias/aws/")
