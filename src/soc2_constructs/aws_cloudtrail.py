"""AWS CloudTrail: all of `aws_cdk.aws_cloudtrail`, with compliant trails."""

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
    """Allow CloudTrail to encrypt with a key, for trails in the account of a scope.

    AWS page: "Configure AWS KMS key policies for CloudTrail".
    """
    trails = _trails_of(scope)
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="CloudTrail",
            principals=[iam.ServicePrincipal("cloudtrail.amazonaws.com")],
            actions=["kms:GenerateDataKey*"],
            resources=["*"],
            conditions={"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": trails}},
        )
    )
    # CloudTrail refuses a bucket with an S3 Bucket Key unless it may decrypt. The encryption context of a bucket key is
    # the bucket, so the condition names the trails in another way.
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="CloudTrailBucketKey",
            principals=[iam.ServicePrincipal("cloudtrail.amazonaws.com")],
            actions=["kms:Decrypt"],
            resources=["*"],
            conditions={"StringLike": {"aws:SourceArn": trails}},
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


def _trails_of(scope: IConstruct) -> str:
    """The ARN of all trails in the account of a scope. The ARN of one trail would create a circular dependency."""
    stack = cdk.Stack.of(scope)
    return f"arn:{stack.partition}:cloudtrail:*:{stack.account}:trail/*"


class _TrailBucket(Bucket):
    """A bucket whose policy allows CloudTrail to deliver log files of trails in its account only.

    AWS page: "Amazon S3 bucket policy for CloudTrail".
    """

    def add_to_resource_policy(self, statement: iam.PolicyStatement) -> iam.AddToResourcePolicyResult:
        """Add a statement; those for CloudTrail, which the CDK writes without it, get the condition."""
        written = cdk.Stack.of(self).resolve(statement.to_json())
        principal = written.get("Principal")
        of_service = isinstance(principal, dict) and principal.get("Service") == "cloudtrail.amazonaws.com"
        if of_service and "aws:SourceArn" not in str(written.get("Condition")):
            statement.add_condition("StringLike", {"aws:SourceArn": _trails_of(self)})
        return super().add_to_resource_policy(statement)


def _trail_key(scope: IConstruct) -> kms.Key:
    """The default key of the stack, with permission for CloudTrail."""

    def make(_: Construct, __: str) -> kms.Key:
        key = data_key(scope, "s3")
        allow_trails(key, scope)
        return key

    return stack_singleton(scope, "TrailKey", make)


def trail_bucket(scope: IConstruct) -> Bucket:
    """The default bucket for the log files of the trails of a stack; one per stack, created on the first call."""
    return stack_singleton(scope, "Trails", lambda holder, id: _TrailBucket(holder, id))


def _log_group(context: PropsContext) -> LogGroup:
    """The log group that the trails of a stack share; a separate one for a trail with another retention."""
    retention = context.props.get("cloud_watch_logs_retention")
    if retention is not None:
        return LogGroup(context.scope, f"{context.id}Soc2Logs", retention=retention)
    return stack_singleton(context.scope, "TrailLogs", lambda holder, id: LogGroup(holder, id))


def _bucket(context: PropsContext) -> Bucket | None:
    """The default bucket; None under `enforce`, because a deployed trail has its log files in a bucket of its own."""
    return None if context.injected else trail_bucket(context.scope)


def _is_true(value: object, _: PropsContext) -> bool:
    return value is True


TRAIL = Hardening(
    cloudtrail.Trail,
    provide(
        "encryption_key",
        lambda context: _trail_key(context.scope),
        "cloudtrail_trail_logs_encrypted_with_kms_cmk",
        required="a KMS key that CloudTrail may use (allow_trails); by default one per stack",
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
        required="an encrypted log group with a retention of one year; by default one per stack",
        when=lambda context: context.props.get("send_to_cloud_watch_logs") is True,
    ),
    provide(
        "bucket",
        _bucket,
        "cloudtrail_s3_logging_enabled",
        required="a bucket with access logs; by default one per stack",
        bad_override=("S3BucketName", None),
    ),
)


@hardened(TRAIL)
class Trail(cloudtrail.Trail):
    """A multi-Region trail with log file validation and a customer managed key, which streams to CloudWatch Logs.

    Metric filters on the log group can raise alarms: see `patterns.SecurityTrail`.

    For a trail that is already deployed, pass its `bucket` and `cloud_watch_log_group`. Otherwise the trail writes to
    those that the stack shares; CloudFormation retains the old bucket with its log files. `soc2.enforce(app)` completes
    the trail without changing them.

    Controls: cloudtrail_trail_logs_encrypted_with_kms_cmk, cloudtrail_multi_region_trail_enabled,
    cloudtrail_trail_validation_enabled, cloudtrail_trail_integrated_with_logs, cloudtrail_s3_logging_enabled.
    """


if MYPY:
    from aws_cdk.aws_cloudtrail import *  # type: ignore[assignment]
