"""Amazon Kinesis Data Streams: all of `aws_cdk.aws_kinesis`, with compliant streams."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import Hardening, PropsContext, default, hardened, provide, require

import aws_cdk as cdk
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from constructs import Construct

from soc2_constructs.aws_kms import data_key, is_data_key, is_own, let_in

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_kinesis import *

    __all__ = ["Stream"]
    __all__ += kinesis.__all__

_CMK = "kinesis_stream_encrypted_with_kms_cmk"
_WHY_LEFT = "producers and consumers outside the app would need permission for the key"


def _can_be_encrypted(context: PropsContext) -> bool:
    """Whether the region supports encryption; the CDK sets none in the regions of China."""
    return not cdk.Stack.of(context.scope).region.startswith("cn-")


def _aws_key(scope: Construct) -> kms.IKey:
    return kms.Alias.from_alias_name(scope, "AwsKey", "alias/aws/kinesis")


def _keeps_a_week(period: Any, _: PropsContext) -> bool:
    return not isinstance(period, cdk.Duration) or bool(period.is_unresolved() or period.to_hours() >= 168)


def _after_stream(stream: kinesis.Stream, context: PropsContext) -> None:
    if is_data_key(context.props.get("encryption_key")):
        resource = stream.node.default_child
        assert isinstance(resource, kinesis.CfnStream)
        let_in(resource, context.props["encryption_key"], "kinesis", "StreamEncryption.KeyId")


STREAM = Hardening(
    kinesis.Stream,
    # Without a value the CDK uses the AWS managed key, which lets in all principals that may use the stream.
    require(
        "encryption",
        kinesis.StreamEncryption.KMS,
        _CMK,
        bad_value=kinesis.StreamEncryption.MANAGED,
        bad_override=("StreamEncryption.KeyId", "alias/aws/kinesis"),
        when=_can_be_encrypted,
        leave=_WHY_LEFT,
    ),
    require(
        "encryption",
        kinesis.StreamEncryption.KMS,
        "kinesis_stream_server_side_encryption_enabled",
        accepts=lambda value, _: value != kinesis.StreamEncryption.UNENCRYPTED,
        required="StreamEncryption.KMS",
        bad_value=kinesis.StreamEncryption.UNENCRYPTED,
        bad_override=("StreamEncryption", None),
        when=_can_be_encrypted,
    ),
    provide(
        "encryption_key",
        lambda context: data_key(context.scope, "kinesis"),
        _CMK,
        accepts=is_own,
        required="a customer managed key; by default one per stack",
        bad_value=_aws_key,
        bad_override=("StreamEncryption.KeyId", "alias/aws/kinesis"),
        when=lambda context: (
            context.props.get("encryption") in (None, kinesis.StreamEncryption.KMS) and _can_be_encrypted(context)
        ),
        only_with="encryption",
        leave=_WHY_LEFT,
    ),
    provide(
        "retention_period",
        lambda _: cdk.Duration.days(7),
        "kinesis_stream_retention_period_168_hours",
        accepts=_keeps_a_week,
        required="7 days or longer",
        bad_value=lambda _: cdk.Duration.days(1),
        bad_override=("RetentionPeriodHours", 24),
    ),
    default("removal_policy", cdk.RemovalPolicy.RETAIN),
    after=_after_stream,
)


@hardened(STREAM)
class Stream(kinesis.Stream):
    """A stream that is encrypted with a customer managed key and retains records for 7 days by default.

    Controls: kinesis_stream_server_side_encryption_enabled, kinesis_stream_encrypted_with_kms_cmk,
    kinesis_stream_retention_period_168_hours. AWS page: "Data protection in Amazon Kinesis Data Streams".
    """


if MYPY:
    from aws_cdk.aws_kinesis import *  # type: ignore[assignment]
