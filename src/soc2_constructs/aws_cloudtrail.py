"""AWS CloudTrail: all of `aws_cdk.aws_cloudtrail`, with trails that comply."""

from __future__ import annotations

from soc2_constructs.hardening import Hardening, PropsContext, hardened, provide, refuse, require, stack_singleton

import aws_cdk as cdk
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, IConstruct

from soc2_constructs.aws_kms import data_key
from soc2_constructs.aws_logs import LogGroup
from soc2_constructs.aws_s3 import Bucket

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_cloudtrail import *

    __all__ = ["Trail", "allow_trails", "trail_bucket"]
    __all__ += cloudtrail.__all__


def allow_trails(key: kms.IKey, scope: IConstruct) -> None:
    """Let CloudTrail encrypt with a key, for trails of the scope's account only."""
    stack = cdk.Stack.of(scope)
    trails = f"arn:{stack.partition}:cloudtrail:*:{stack.account}:trail/*"
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="CloudTrail",
            principals=[iam.ServicePrincipal("cloudtrail.amazonaws.com")],
            actions=["kms:GenerateDataKey*"],
            resources=["*"],
            conditions={"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": trails}},
        )
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="CloudTrailDescribe",
            principals=[iam.ServicePrincipal("cloudtrail.amazonaws.com")],
            actions=["kms:DescribeKey"],
            resources=["*"],
        )
    )


def _trail_key(scope: IConstruct) -> kms.Key:
    """The stack's key, which CloudTrail may use once there is a trail."""

    def make(_: Construct, __: str) -> kms.Key:
        key = data_key(scope)
        allow_trails(key, scope)
        return key

    return stack_singleton(scope, "TrailKey", make)


def trail_bucket(scope: IConstruct) -> Bucket:
    """The bucket that gets the log files of a stack's trails, unless they are context one; one per stack."""
    return stack_singleton(scope, "Trails", lambda holder, id: Bucket(holder, id))


def _log_group(context: PropsContext) -> LogGroup:
    """The log group of a stack's trails; one of its own for a trail with another retention."""
    retention = context.props.get("cloud_watch_logs_retention")
    if retention is not None:
        return LogGroup(context.scope, f"{context.id}Soc2Logs", retention=retention)
    return stack_singleton(context.scope, "TrailLogs", lambda holder, id: LogGroup(holder, id))


def _bucket(context: PropsContext) -> Bucket | None:
    """None where there may be a trail already: the bucket that it made for itself holds its log files."""
    return None if context.injected else trail_bucket(context.scope)


def _is_true(value: object, _: PropsContext) -> bool:
    return value is True


TRAIL = Hardening(
    cloudtrail.Trail,
    provide(
        "encryption_key",
        lambda context: _trail_key(context.scope),
        "cloudtrail_trail_logs_encrypted_with_kms_cmk",
        required="a KMS key that CloudTrail may use (allow_trails); one per stack unless you give one",
        bad_override=("KMSKeyId", None),
    ),
    refuse(
        "is_multi_region_trail",
        "cloudtrail_multi_region_trail_enabled",
        accepts=_is_true,
        required="True",
        bad_value=False,
        bad_override=("IsMultiRegionTrail", False),
    ),
    refuse(
        "enable_file_validation",
        "cloudtrail_trail_validation_enabled",
        accepts=_is_true,
        required="True",
        bad_value=False,
        bad_override=("EnableLogFileValidation", False),
    ),
    require(
        "send_to_cloud_watch_logs",
        True,
        "cloudtrail_trail_integrated_with_logs",
        bad_value=False,
        bad_override=("CloudWatchLogsLogGroupArn", None),
    ),
    provide(
        "cloud_watch_log_group",
        _log_group,
        None,
        required="an encrypted log group that keeps a year; one per stack unless you give one",
        when=lambda context: context.props.get("send_to_cloud_watch_logs") is True,
    ),
    provide(
        "bucket",
        _bucket,
        "cloudtrail_s3_logging_enabled",
        required="a bucket that writes access logs; one per stack unless you give one",
        bad_override=("S3BucketName", None),
    ),
)


@hardened(TRAIL)
class Trail(cloudtrail.Trail):
    """A trail of every region, validated, encrypted with a customer managed key, and kept in a bucket that complies.

    It streams into CloudWatch Logs, where metric filters can raise alarms.

    Beware with a trail that is deployed already as one of the CDK's: without `bucket` it had one of its own, which
    gives way to that of the stack. CloudFormation then leaves the old one behind, with the log files in it. Likewise
    with the log group of one that has `send_to_cloud_watch_logs`. `soc2.enforce(app)` fill_nested both where they are.
    """


if MYPY:
    from aws_cdk.aws_cloudtrail import *  # type: ignore[assignment]
