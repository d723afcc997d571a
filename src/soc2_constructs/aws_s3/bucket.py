"""The bucket."""

from __future__ import annotations

from soc2_constructs.hardening import (
    Hardening,
    Phase,
    PropsContext,
    default,
    finish,
    hardened,
    keep_one_policy,
    member,
    provide,
    require,
    stack_singleton,
    tag_for_backup,
)

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct

from soc2_constructs.aws_kms import data_key, is_data_key, let_in, let_service_use
from soc2_constructs.aws_s3.access_logs import accepts_logs, access_logs_bucket
from soc2_constructs.aws_s3.base import BaseBucket, finish_bucket, log_targets, prepare_bucket
from soc2_constructs.aws_s3.replication import allow_replication, replication_role, replication_rules
from soc2_constructs.aws_s3.requirements import (
    DSSE_ENCRYPTION,
    KMS_ENCRYPTION,
    bucket_requirements,
    days,
    has_enabled_rule,
    is_website,
    lifecycle_rules,
)
from soc2_constructs.aws_s3.users import ENCRYPTION_KEY, check_users

_INVENTORIES = "InventoryConfigurations"
_KMS_CONTROL = "s3_bucket_default_encryption_enabled_kms"


def _can_use_kms(context: PropsContext) -> bool:
    """Whether all users of a bucket that its properties show can use a KMS key.

    A website endpoint and a public reader cannot. A replication rule must select the encrypted objects, and name a key
    for the replicas. Amazon S3 User Guide, "Replicating encrypted objects".
    """
    props = context.props
    rules = props.get("replication_rules") or ()
    return not (
        is_website(context)
        or props.get("public_read_access")
        or any(not (member(rule, "sse_kms_encrypted_objects") and member(rule, "kms_key")) for rule in rules)
    )


def _encryption(context: PropsContext) -> s3.BucketEncryption:
    # Without KMS the value is explicit: the bucket is encrypted by a decision.
    return s3.BucketEncryption.KMS if _can_use_kms(context) else s3.BucketEncryption.S3_MANAGED


def _takes_key(context: PropsContext) -> bool:
    encryption = context.props.get("encryption")
    if encryption is None:
        return _can_use_kms(context)
    return encryption in (s3.BucketEncryption.KMS, s3.BucketEncryption.DSSE)


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
    resource = context.scratch["resource"]
    if "bucket_name" in context.props and not context.scratch["emits"] and "event_bridge_enabled" not in context.given:
        reason = "the bucket has a fixed name, so another stack or app may set its notifications"
        context.leave("event_bridge_enabled", reason, "s3_bucket_event_notifications_enabled")
    if is_website(context) and "enforce_ssl" not in context.given:
        context.leave("enforce_ssl", "a website endpoint supports HTTP only", "s3_bucket_enforces_ssl")
    keep_one_policy(bucket, resource)
    if is_data_key(context.props.get("encryption_key")):
        # The CDK adds the statement for an inventory to the policy of its destination when it resolves the inventory.
        finish(bucket, Phase.COMPLETE, lambda view: view.referrers(resource, "AWS::S3::Bucket", _INVENTORIES))
        let_in(resource, context.props["encryption_key"], "s3", ENCRYPTION_KEY)
    finish(bucket, Phase.TAKE_BACK, lambda view: check_users(view, bucket, context))
    # Access logs are no data to restore.
    if bucket not in log_targets and context.props.get("versioned") is not False:
        # AWS Backup supports only buckets with versioning.
        tag_for_backup(resource, context, "backup_plan_region_configured")


def _bucket_key(scope: IConstruct) -> kms.Key:
    """The default key of the stack, with permission for log delivery.

    Log delivery adds its statement to a bucket policy itself, so that the app shows none.
    Amazon CloudWatch Logs User Guide, "Logs sent to Amazon S3".
    """

    def make(_: Construct, __: str) -> kms.Key:
        key = data_key(scope, "s3")
        actions = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
        let_service_use(key, "delivery.logs.amazonaws.com", *actions)
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
    provide(
        "encryption",
        _encryption,
        _KMS_CONTROL,
        accepts=lambda value, _: value in KMS_ENCRYPTION + DSSE_ENCRYPTION,
        required="BucketEncryption.KMS (for a bucket that receives access logs, use s3.AccessLogsBucket)",
        bad_value=s3.BucketEncryption.S3_MANAGED,
        bad_override=(
            "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm",
            "AES256",
        ),
        leave="Amazon S3 encrypts all objects with SSE-S3; readers and writers outside the app would need permission "
        "for a key",
    ),
    provide(
        "encryption_key",
        lambda context: _bucket_key(context.scope),
        _KMS_CONTROL,
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
        bad_value=lambda scope: Bucket(scope, "Locked", encryption=s3.BucketEncryption.KMS),
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
