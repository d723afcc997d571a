"""Keys that comply."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as plain
from aws_cdk.assertions import Template

from soc2_constructs import aws_kms as kms
from soc2_constructs.acknowledge import waive
from soc2_constructs.controls import catalogue
from soc2_constructs.hardening import NonCompliantError

ROTATION = "kms_cmk_rotation_enabled"


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def test_everything_of_the_cdk_is_there() -> None:
    assert set(plain.__all__) <= set(dir(kms))
    assert kms.Alias is plain.Alias
    assert issubclass(kms.Key, plain.Key)
    assert kms.Key is not plain.Key


def test_defaults(stack: cdk.Stack) -> None:
    kms.Key(stack, "Key")
    Template.from_stack(stack).has_resource(
        "AWS::KMS::Key",
        {
            "Properties": {"EnableKeyRotation": True, "PendingWindowInDays": 30},
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
    )


def test_without_rotation_it_raises(stack: cdk.Stack) -> None:
    with pytest.raises(NonCompliantError) as caught:
        kms.Key(stack, "Key", enable_key_rotation=False)
    assert caught.value.control == ROTATION


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    kms.Key(
        stack,
        "Key",
        rotation_period=cdk.Duration.days(90),
        pending_window=cdk.Duration.days(30),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    Template.from_stack(stack).has_resource(
        "AWS::KMS::Key",
        {
            "Properties": {"EnableKeyRotation": True, "RotationPeriodInDays": 90, "PendingWindowInDays": 30},
            "DeletionPolicy": "Delete",
        },
    )


@pytest.mark.parametrize(
    ("spec", "usage"),
    [
        (plain.KeySpec.RSA_2048, plain.KeyUsage.SIGN_VERIFY),
        (plain.KeySpec.HMAC_256, plain.KeyUsage.GENERATE_VERIFY_MAC),
    ],
)
def test_keys_that_kms_cannot_rotate_do_not(stack: cdk.Stack, spec: plain.KeySpec, usage: plain.KeyUsage) -> None:
    kms.Key(stack, "Key", key_spec=spec, key_usage=usage)
    kms.Key(stack, "Said", key_spec=spec, key_usage=usage, enable_key_rotation=False)
    for key in Template.from_stack(stack).find_resources("AWS::KMS::Key").values():
        assert key["Properties"].get("EnableKeyRotation") is not True


def test_a_symmetric_spec_rotates(stack: cdk.Stack) -> None:
    kms.Key(stack, "Key", key_spec=plain.KeySpec.SYMMETRIC_DEFAULT)
    Template.from_stack(stack).has_resource_properties("AWS::KMS::Key", {"EnableKeyRotation": True})


@pytest.mark.skipif(ROTATION not in catalogue(), reason="the catalogue has no control of AWS KMS yet")
def test_a_waiver_is_accepted(stack: cdk.Stack) -> None:
    waive(stack, ROTATION, reason="r", owner="o", expires=datetime.now(UTC).date().isoformat())
    kms.Key(stack, "Key", enable_key_rotation=False)
    Template.from_stack(stack).has_resource_properties("AWS::KMS::Key", {"EnableKeyRotation": False})


def test_helper_keys_are_shared_and_comply(stack: cdk.Stack) -> None:
    assert kms.data_key(stack) is kms.data_key(stack)
    assert kms.logs_key(stack) is kms.logs_key(stack)
    assert kms.data_key(stack) is not kms.logs_key(stack)
    keys = Template.from_stack(stack).find_resources("AWS::KMS::Key")
    assert len(keys) == 2
    assert all(key["Properties"]["EnableKeyRotation"] and key["DeletionPolicy"] == "Retain" for key in keys.values())


def test_a_key_that_dies_with_its_stack_takes_its_time(tmp_path: Path) -> None:
    from soc2_constructs.audit import audit

    stack = cdk.Stack(cdk.App(outdir=str(tmp_path)), "S")
    week = cdk.Duration.days(7)
    kms.Key(stack, "Kept", pending_window=week)
    with pytest.raises(NonCompliantError) as caught:
        kms.Key(stack, "Bad", pending_window=week, removal_policy=cdk.RemovalPolicy.DESTROY)
    assert (caught.value.control, caught.value.property) == ("kms_key_not_pending_deletion", "pending_window")
    hasty = kms.Key(stack, "Hasty", removal_policy=cdk.RemovalPolicy.DESTROY)
    assert isinstance(hasty.node.default_child, plain.CfnKey)
    hasty.node.default_child.pending_window_in_days = 7
    cdk.App.of(stack).synth()  # type: ignore[union-attr]
    results = audit(tmp_path, include=["kms_key_not_pending_deletion"]).results
    assert {r.construct_path: r.status for r in results if r.resource} == {
        "S/Kept/Resource": "PASS",
        "S/Hasty/Resource": "FAIL",
    }
