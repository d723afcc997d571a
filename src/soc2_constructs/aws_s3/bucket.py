"""The bucket."""

from __future__ import annotations

from soc2_constructs.hardening import (
    Hardening,
    PropsContext,
    default,
    format_value,
    hardened,
    provide,
    require,
    stack_singleton,
    tag_for_backup,
)

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct

from soc2_constructs.aws_kms import data_key, let_use
from soc2_constructs.aws_s3.access_logs import accepts_logs, access_logs_bucket
from soc2_constructs.aws_s3.base import BaseBucket, finish_bucket, log_targets, prepare_bucket
from soc2_constructs.aws_s3.replication import allow_replication, replication_role, replication_rules
from soc2_constructs.aws_s3.requirements import (
    DSSE_ENCRYPTION,
    KMS_ENCRYPTION,
    bucket_requirements,
    days,
    has_enabled_rule,
    lifecycle_rules,
)

#: The services that write to buckets on behalf of the account, without a role: inventories, flow logs.
_WRITERS = ("delivery.logs.amazonaws.com", "s3.amazonaws.com")


def _takes_key(context: PropsContext) -> bool:
    return context.props.get("encryption") in (None, s3.BucketEncryption.KMS, s3.BucketEncryption.DSSE)


def _prefix(context: PropsContext) -> str | None:
    """The construct path in the stack, which distinguishes the logs in a shared bucket."""
    if "server_access_logs_bucket" in context.props:
        return None
    if isinstance(context.scope, cdk.Stack):
        return f"{context.id}/"
    stack = cdk.Stack.of(context.scope).node.path
    return f"{context.path.removeprefix(stack).strip('/')}/"


def _before_bucket(context: PropsContext) -> None:
    context.scratch["role"] = replication_role(context)
    prepare_bucket(context)


def _after_bucket(bucket: s3.Bucket, context: PropsContext) -> None:
    finish_bucket(bucket, context)
    if context.scratch["role"] is not None:
        allow_replication(context.scratch["role"], bucket, context)
    if isinstance(bucket, Bucket):
        bucket.access_logs_bucket = context.scratch["logs"]
    if bucket in log_targets and not isinstance(bucket, Bucket):
        if "encryption" not in context.user_set:
            _make_log_target(context.scratch["resource"], context)
    # AWS Backup supports only buckets with versioning.
    elif context.props.get("versioned") is not False:
        tag_for_backup(context.scratch["resource"], context, "backup_plan_region_configured")


def _make_log_target(resource: s3.CfnBucket, context: PropsContext) -> None:
    """Replace defaults that S3 does not support in a destination of access logs."""
    resource.bucket_encryption = s3.CfnBucket.BucketEncryptionProperty(
        server_side_encryption_configuration=[
            s3.CfnBucket.ServerSideEncryptionRuleProperty(
                server_side_encryption_by_default=s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                    sse_algorithm="AES256"
                )
            )
        ]
    )
    context.record_change("encryption", format_value(s3.BucketEncryption.S3_MANAGED), "s3_bucket_logging_enabled")
    if "object_lock_enabled" not in context.user_set:
        resource.object_lock_enabled = False
        context.record_change("object_lock_enabled", "False", "s3_bucket_logging_enabled")


def _bucket_key(scope: IConstruct) -> kms.Key:
    """The default key of the stack, with permission for S3 and log delivery."""

    def make(_: Construct, __: str) -> kms.Key:
        key = data_key(scope)
        services = [iam.ServicePrincipal(name) for name in _WRITERS]
        # Amazon CloudWatch Logs User Guide, "Logs sent to Amazon S3".
        let_use(key, "BucketWriters", services, scope, "kms:DescribeKey", "kms:Encrypt", "kms:ReEncrypt*")
        return key

    return stack_singleton(scope, "BucketKey", make)


def _expire_versions(context: PropsContext) -> list[s3.LifecycleRule]:
    """The default lifecycle rules; under `enforce`, they delete incomplete uploads only."""
    if context.injected:
        return lifecycle_rules()
    return lifecycle_rules(s3.LifecycleRule(id="ExpireNoncurrentVersions", noncurrent_version_expiration=days(365)))


BUCKET = Hardening(
    s3.Bucket,
    *bucket_requirements(),
    require(
        "encryption",
        s3.BucketEncryption.KMS,
        "s3_bucket_default_encryption_enabled_kms",
        accepts=lambda value, _: value in KMS_ENCRYPTION + DSSE_ENCRYPTION,
        required="BucketEncryption.KMS (for a bucket that receives access logs, use s3.AccessLogsBucket)",
        bad_value=s3.BucketEncryption.S3_MANAGED,
        bad_override=(
            "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm",
            "AES256",
        ),
    ),
    provide(
        "encryption_key",
        lambda context: _bucket_key(context.scope),
        "s3_bucket_default_encryption_enabled_kms",
        required="a KMS key; by default one per stack",
        when=_takes_key,
        only_with="encryption",
    ),
    # A bucket key reduces requests to KMS; dual-layer encryption (DSSE) does not support it.
    default(
        "bucket_key_enabled",
        True,
        when=lambda context: context.props.get("encryption") in KMS_ENCRYPTION,
        only_with="encryption",
    ),
    provide(
        "lifecycle_rules",
        _expire_versions,
        "s3_bucket_lifecycle_policy_enabled",
        accepts=has_enabled_rule,
        required="at least one enabled rule (by default noncurrent versions expire after 365 days, incomplete uploads "
        "after 7 days)",
        bad_value=[],
        bad_override=("LifecycleConfiguration", None),
    ),
    provide(
        "server_access_logs_prefix",
        _prefix,
        None,
        required="by default the construct path",
        only_with="server_access_logs_bucket",
    ),
    provide(
        "server_access_logs_bucket",
        lambda context: access_logs_bucket(context.scope),
        "s3_bucket_logging_enabled",
        accepts=accepts_logs,
        required="a bucket without a KMS key and Object Lock, such as an s3.AccessLogsBucket",
        bad_value=lambda scope: Bucket(scope, "Locked"),
        bad_override=("LoggingConfiguration", None),
    ),
    provide(
        "replication_rules",
        lambda context: replication_rules(context, Bucket),
        "s3_bucket_cross_region_replication_enabled",
        required="replication to the region of the context key `soc2:dr-region`, if it is set",
        bad_override=("ReplicationConfiguration", None),
        when=lambda context: context.props.get("versioned") is not False,
    ),
    # Object Lock alone retains no objects: a default retention or the writer of an object does.
    require(
        "object_lock_enabled",
        True,
        "s3_bucket_object_lock_enabled",
        bad_value=False,
        bad_override=("ObjectLockEnabled", False),
        when=lambda context: context.props.get("versioned") is not False,
    ),
    before=_before_bucket,
    after=_after_bucket,
)  # fmt: skip


@hardened(BUCKET)
class Bucket(BaseBucket):
    """A private, versioned bucket with a customer managed key, access logs and Object Lock, which requires TLS.

    It has the backup tag, so that a `BackupPolicy` selects it. With the context key `soc2:dr-region`, in a stack with
    an explicit account and region, it replicates to a bucket in that region.

    Controls: s3_bucket_default_encryption_enabled_kms, s3_public_access_block_bucket, s3_bucket_enforces_ssl,
    s3_bucket_versioning_enabled, s3_bucket_logging_enabled, s3_bucket_lifecycle_policy_enabled and further s3_bucket_*.
    AWS page: "Security best practices for Amazon S3".
    """

    #: The bucket for access logs: the one that was passed, or the one that the stack shares.
    access_logs_bucket: s3.IBucket | None
