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

#: What writes to buckets without a role, in the name of the account: inventories, flow logs.
_WRITERS = ("delivery.logs.amazonaws.com", "s3.amazonaws.com")


def _takes_key(context: PropsContext) -> bool:
    return context.props.get("encryption") in (None, s3.BucketEncryption.KMS, s3.BucketEncryption.DSSE)


def _prefix(context: PropsContext) -> str | None:
    """The construct's place in its stack: in a bucket that many share, logs have nothing else to be told apart by."""
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
            _let_logs_in(context.scratch["resource"], context)
    # AWS Backup takes buckets only that keep versions.
    elif context.props.get("versioned") is not False:
        tag_for_backup(context.scratch["resource"], context, "backup_plan_region_configured")


def _let_logs_in(resource: s3.CfnBucket, context: PropsContext) -> None:
    """What we chose for a bucket before anybody said that it gets access logs, S3 does not support there."""
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
    """The stack's key, which S3 and the delivery of logs may use once there is a bucket: its policy lets them write."""

    def make(_: Construct, __: str) -> kms.Key:
        key = data_key(scope)
        services = [iam.ServicePrincipal(name) for name in _WRITERS]
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-S3.html
        let_use(key, "BucketWriters", services, scope, "kms:DescribeKey", "kms:Encrypt", "kms:ReEncrypt*")
        return key

    return stack_singleton(scope, "BucketKey", make)


def _expire_versions(context: PropsContext) -> list[s3.LifecycleRule]:
    """Of a bucket that may hold data already, nothing is deleted but what was never a whole object."""
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
    # A bucket key takes the place of most requests to KMS; dual-layer encryption (DSSE) knows none.
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
        required="at least one enabled rule (earlier versions expire after 365 days, incomplete uploads after 7, "
        "unless you say otherwise)",
        bad_value=[],
        bad_override=("LifecycleConfiguration", None),
    ),
    provide(
        "server_access_logs_prefix",
        _prefix,
        None,
        required="the construct's path unless you say otherwise",
        only_with="server_access_logs_bucket",
    ),
    provide(
        "server_access_logs_bucket",
        lambda context: access_logs_bucket(context.scope),
        "s3_bucket_logging_enabled",
        accepts=accepts_logs,
        required="a bucket that S3 can deliver to, such as an s3.AccessLogsBucket: one without KMS key and Object Lock",
        bad_value=lambda scope: Bucket(scope, "Locked"),
        bad_override=("LoggingConfiguration", None),
    ),
    provide(
        "replication_rules",
        lambda context: replication_rules(context, Bucket),
        "s3_bucket_cross_region_replication_enabled",
        required="a copy in the region that the context key `soc2:dr-region` names; none without it",
        bad_override=("ReplicationConfiguration", None),
        when=lambda context: context.props.get("versioned") is not False,
    ),
    # On its own Object Lock holds nothing: objects are held by a default retention, or by who puts them.
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
    """A bucket that is encrypted, private, versioned, logged, lockable, and reached over TLS only.

    It carries the tag by which a backup plan of ours selects it. With the context key `soc2:dr-region`, in a stack that
    tells its account and region, it replicates to a bucket there.
    """

    #: Where the bucket's access logs go: the bucket that was context, or the one that the buckets of a stack share.
    access_logs_bucket: s3.IBucket | None
