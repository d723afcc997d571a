"""The bucket for the access logs of other buckets."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import (
    Hardening,
    Init,
    PropsContext,
    hardened,
    provide,
    require,
    stack_singleton,
)

from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from soc2_constructs.aws_s3.base import BaseBucket, finish_bucket, prepare_bucket
from soc2_constructs.aws_s3.requirements import bucket_requirements, days, has_enabled_rule, lifecycle_rules

ACCESS_LOGS_BUCKET = Hardening(
    s3.Bucket,
    *bucket_requirements(),
    # S3 delivers access logs only to buckets with SSE-S3 as default encryption and without Object Lock.
    # Amazon S3 User Guide, "Enabling Amazon S3 server access logging".
    require(
        "encryption",
        s3.BucketEncryption.S3_MANAGED,
        "s3_bucket_logging_enabled",
        # S3 encrypts the objects of a bucket without default encryption in the same way.
        accepts=lambda value, _: value in (s3.BucketEncryption.S3_MANAGED, s3.BucketEncryption.UNENCRYPTED),
        required="BucketEncryption.S3_MANAGED (S3 delivers no access logs to a bucket with a KMS key)",
        bad_value=s3.BucketEncryption.KMS,
    ),
    provide(
        "lifecycle_rules",
        lambda _: lifecycle_rules(
            s3.LifecycleRule(
                id="ExpireLogs", expiration=days(400), noncurrent_version_expiration=days(30)
            )
        ),
        "s3_bucket_lifecycle_policy_enabled",
        accepts=has_enabled_rule,
        required="at least one enabled rule (by default logs expire after 400 days)",
        bad_value=[],
        bad_override=("LifecycleConfiguration", None),
    ),
    before=prepare_bucket,
    after=finish_bucket,
)  # fmt: skip


def _build_log_bucket(bucket: AccessLogsBucket, init: Init, context: PropsContext) -> None:
    init(context.props)
    bucket._receive_logs()


@hardened(ACCESS_LOGS_BUCKET, _build_log_bucket)
class AccessLogsBucket(BaseBucket):
    """A bucket for the server access logs of other buckets of its account and region.

    As `Bucket`, except for features that S3 does not support in a destination of logs: it uses SSE-S3, has no Object
    Lock and writes no access logs. Logs expire after 400 days by default.

    AWS page: "Enabling Amazon S3 server access logging".
    """


def access_logs_bucket(scope: IConstruct) -> AccessLogsBucket:
    """The default bucket for the access logs of a stack; one per stack, created on the first call."""
    return stack_singleton(scope, "AccessLogs", lambda holder, id: AccessLogsBucket(holder, id))


def accepts_logs(logs: Any, _: PropsContext) -> bool:
    """Whether S3 can deliver logs to a bucket; buckets of other libraries are accepted without a check."""
    return not isinstance(logs, BaseBucket) or logs._accepts_logs
