"""Amazon S3: all of `aws_cdk.aws_s3`, with buckets that comply."""

from __future__ import annotations

import functools
from typing import Any
from weakref import WeakSet

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from constructs import Construct, IConstruct
from soc2_constructs.aws_kms import data_key, let_use
from soc2_constructs.hardening import (
    NAMED_REMOVAL_POLICY,
    Hardening,
    Init,
    Override,
    PropsContext,
    Requirement,
    at_least,
    default,
    deployed_path,
    format_value,
    hardened,
    member,
    provide,
    recovery_stack,
    refuse,
    require,
    stack_singleton,
    tag_for_backup,
    unique_name,
)

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_s3 import *

#: Buckets of which the user said that they get access logs.
_log_targets: WeakSet[Any] = WeakSet()
_PUBLIC_ACCESS_FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_KMS = (s3.BucketEncryption.KMS, s3.BucketEncryption.KMS_MANAGED)
_DSSE = (s3.BucketEncryption.DSSE, s3.BucketEncryption.DSSE_MANAGED)
#: The access control lists that S3 still takes where the bucket owner owns every object.
_OWNER_ACLS = (
    None,
    s3.BucketAccessControl.PRIVATE,
    s3.BucketAccessControl.BUCKET_OWNER_READ,
    s3.BucketAccessControl.BUCKET_OWNER_FULL_CONTROL,
)
_POLICY = "Policy/Resource"
#: What writes to buckets without a role, in the name of the account: inventories, flow logs.
_WRITERS = ("delivery.logs.amazonaws.com", "s3.amazonaws.com")


@functools.cache
def _block_all() -> s3.BlockPublicAccess:
    return s3.BlockPublicAccess.BLOCK_ALL


def _blocks_all(block: s3.BlockPublicAccess, context: PropsContext) -> bool:
    flags = [getattr(block, flag) for flag in _PUBLIC_ACCESS_FLAGS]
    if all(flags):
        return True
    # What is left out counts as true where the app has this feature flag, and as false where it has not.
    left_out = context.scope.node.try_get_context("@aws-cdk/aws-s3:publicAccessBlockedByDefault")
    return False not in flags and left_out in (True, "true")


def _has_rule(rules: Any, _: PropsContext) -> bool:
    return any(member(rule, "enabled", True) for rule in rules)


def _enforces_tls(context: PropsContext) -> bool:
    return context.props.get("enforce_ssl", True) is not False


def _takes_key(context: PropsContext) -> bool:
    return context.props.get("encryption") in (None, s3.BucketEncryption.KMS, s3.BucketEncryption.DSSE)


def _without_acls(context: PropsContext) -> bool:
    return context.props.get("access_control") in _OWNER_ACLS


def _public_acl(acl: str) -> list[Override]:
    """An access control list that is public as soon as nothing blocks it."""
    return [("PublicAccessBlockConfiguration", None), ("AccessControl", acl)]


def _rows() -> tuple[Requirement, ...]:
    """What every bucket has to be, one for access logs included."""
    return (
        refuse(
            "encryption",
            "s3_bucket_default_encryption_enabled",
            accepts=lambda value, _: value != s3.BucketEncryption.UNENCRYPTED,
            required="BucketEncryption.KMS or another way of encryption",
            bad_value=s3.BucketEncryption.UNENCRYPTED,
            bad_override=("BucketEncryption", None),
        ),
        provide(
            "block_public_access",
            lambda _: _block_all(),
            "s3_public_access_block_bucket",
            accepts=_blocks_all,
            required="BlockPublicAccess.BLOCK_ALL",
            bad_value=lambda _: s3.BlockPublicAccess(
                block_public_acls=True,
                block_public_policy=False,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            ),
            bad_override=("PublicAccessBlockConfiguration.BlockPublicPolicy", False),
        ),
        refuse(
            "public_read_access",
            "s3_bucket_restrict_public_read_access",
            accepts=lambda value, _: not value,
            required="False",
            bad_value=True,
            bad_override=_public_acl("PublicRead"),
        ),
        refuse(
            "access_control",
            "s3_bucket_restrict_public_read_access",
            accepts=lambda value, _: (
                value not in (s3.BucketAccessControl.PUBLIC_READ, s3.BucketAccessControl.AUTHENTICATED_READ)
            ),
            required="an access control list that lets nobody else read",
            bad_value=s3.BucketAccessControl.PUBLIC_READ,
            bad_override=_public_acl("AuthenticatedRead"),
        ),
        refuse(
            "access_control",
            "s3_bucket_restrict_public_write_access",
            accepts=lambda value, _: value != s3.BucketAccessControl.PUBLIC_READ_WRITE,
            required="an access control list that lets nobody else write",
            bad_value=s3.BucketAccessControl.PUBLIC_READ_WRITE,
            bad_override=_public_acl("PublicReadWrite"),
        ),
        require(
            "enforce_ssl",
            True,
            "s3_bucket_enforces_ssl",
            bad_value=False,
            bad_override=("PolicyDocument.Statement.0.Effect", "Allow", _POLICY),
        ),
        at_least(
            "minimum_tls_version",
            1.2,
            "s3_bucket_enforces_ssl",
            bad_value=1.1,
            when=_enforces_tls,
            only_with="enforce_ssl",
        ),
        require(
            "versioned",
            True,
            "s3_bucket_versioning_enabled",
            bad_value=False,
            bad_override=("VersioningConfiguration.Status", "Suspended"),
        ),
        require(
            "event_bridge_enabled",
            True,
            "s3_bucket_event_notifications_enabled",
            bad_value=False,
            bad_override=("NotificationConfiguration", None),
        ),
        default("removal_policy", cdk.RemovalPolicy.RETAIN),
        default("object_ownership", s3.ObjectOwnership.BUCKET_OWNER_ENFORCED, when=_without_acls),
    )


def _lifecycle(*rules: s3.LifecycleRule) -> list[s3.LifecycleRule]:
    return [*rules, s3.LifecycleRule(id="AbortIncompleteUploads", abort_incomplete_multipart_upload_after=_days(7))]


@functools.cache
def _days(days: int) -> cdk.Duration:
    return cdk.Duration.days(days)


def _before(context: PropsContext) -> None:
    """Take from the CDK what it would do by a custom resource or by a growing policy: `_after` says it directly."""
    props, notes = context.props, context.scratch
    logs = props.get("server_access_logs_bucket")
    notes["logs"] = logs
    if "server_access_logs_bucket" in context.user_set:
        _log_targets.add(logs)
    notes["emits"] = context.pop("event_bridge_enabled") is True
    # Without the feature flag the CDK lets log delivery in by access control list, which our buckets do not take.
    said = {"server_access_logs_bucket", "server_access_logs_prefix"} & context.user_set
    if refuses_acls(logs) and props.get("target_object_key_format") is None and not said:
        notes["ours"] = context.pop("server_access_logs_bucket")
        notes["prefix"] = context.pop("server_access_logs_prefix")


def _after(bucket: s3.Bucket, context: PropsContext) -> None:
    props, notes = context.props, context.scratch
    resource = notes["resource"] = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    ours = notes.get("ours")
    if ours is not None:
        ours._receive_logs()
        resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=ours.bucket_name, log_file_prefix=notes["prefix"]
        )
    if isinstance(bucket, _Emitting):
        bucket._resource = resource
        bucket._emits = notes["emits"]
        bucket._takes_logs = (
            props.get("object_lock_enabled") is not True and props.get("encryption") not in _KMS + _DSSE
        )
        bucket._without_acls = props.get("object_ownership") == s3.ObjectOwnership.BUCKET_OWNER_ENFORCED
        bucket._emit()
    elif notes["emits"]:
        if bucket.node.try_find_child("Notifications") is None:
            _send_events(resource)
        else:
            bucket.enable_event_bridge_notification()


def _send_events(resource: s3.CfnBucket) -> None:
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )


ACCESS_LOGS_BUCKET = Hardening(
    s3.Bucket,
    *_rows(),
    # S3 delivers server access logs only to buckets whose default encryption is with its own keys (SSE-S3): a KMS key
    # as default encryption is not supported for a destination, and neither is Object Lock, so there is none here.
    require(
        "encryption",
        s3.BucketEncryption.S3_MANAGED,
        "s3_bucket_logging_enabled",
        required="BucketEncryption.S3_MANAGED, since S3 delivers access logs to no bucket with a KMS key",
        bad_value=s3.BucketEncryption.KMS,
    ),
    provide(
        "lifecycle_rules",
        lambda _: _lifecycle(
            s3.LifecycleRule(
                id="ExpireLogs", expiration=_days(400), noncurrent_version_expiration=_days(30)
            )
        ),
        "s3_bucket_lifecycle_policy_enabled",
        accepts=_has_rule,
        required="at least one enabled rule (logs expire after 400 days unless you say otherwise)",
        bad_value=[],
        bad_override=("LifecycleConfiguration", None),
    ),
    before=_before,
    after=_after,
)  # fmt: skip


class _Emitting(s3.Bucket):
    """Events of a bucket without the function that the CDK deploys for them, as long as that can be."""

    _resource: s3.CfnBucket
    _emits: bool
    _takes_logs: bool
    _without_acls: bool
    _receives_logs: bool = False

    def _receive_logs(self) -> None:
        """Let S3 deliver access logs here, for every bucket of the account.

        One statement for all sources: one for each, as the CDK writes them, meets the size limit of a policy (20 KB)
        at some forty buckets.
        """
        if not self._receives_logs:
            self._receives_logs = True
            self.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="ServerAccessLogs",
                    principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
                    actions=["s3:PutObject"],
                    resources=[self.arn_for_objects("*")],
                    conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
                )
            )

    def _emit(self) -> None:
        if self._emits:
            _send_events(self._resource)

    def enable_event_bridge_notification(self) -> None:
        """Send the bucket's events to EventBridge."""
        if self.node.try_find_child("Notifications") is not None:
            super().enable_event_bridge_notification()
        else:
            self._emits = True
            self._emit()

    def add_event_notification(
        self,
        event: s3.EventType,
        dest: s3.IBucketNotificationDestination,
        *filters: s3.NotificationKeyFilter,
    ) -> None:
        """Send events to a function, topic or queue.

        The CDK does that by a custom resource that replaces the whole configuration of the bucket: so EventBridge
        moves there too.
        """
        if self.node.try_find_child("Notifications") is None:
            self._resource.notification_configuration = None
            if self._emits:
                super().enable_event_bridge_notification()
        super().add_event_notification(event, dest, *filters)


def _build_log_bucket(bucket: AccessLogsBucket, init: Init, context: PropsContext) -> None:
    init(context.props)
    bucket._receive_logs()


@hardened(ACCESS_LOGS_BUCKET, _build_log_bucket)
class AccessLogsBucket(_Emitting):
    """A bucket for the server access logs of other buckets of its account and region.

    It complies as `Bucket` does, but for what S3 does not support where it delivers logs: it is encrypted with S3's
    own keys, has no Object Lock, and writes no access logs itself.
    """


def access_logs_bucket(scope: IConstruct) -> AccessLogsBucket:
    """The bucket that gets the access logs of a stack's buckets, unless they are context one; one per stack."""
    return stack_singleton(scope, "AccessLogs", lambda holder, id: AccessLogsBucket(holder, id))


def refuses_acls(bucket: Any) -> bool:
    """Whether a bucket is one of ours, and its owner owns every object: such a bucket takes no access control list."""
    return isinstance(bucket, _Emitting) and bucket._without_acls


def _takes_logs(logs: Any, _: PropsContext) -> bool:
    """Whether S3 can deliver logs to the bucket, as far as we know: of a bucket that is not ours we know nothing."""
    return not isinstance(logs, _Emitting) or logs._takes_logs


def _replication(context: PropsContext) -> list[s3.ReplicationRule] | None:
    """A copy of every object in the disaster-recovery region, where one is named and the stack tells its account."""
    recovery = recovery_stack(context.scope)
    if recovery is None or cdk.Token.is_unresolved(recovery.account):
        return None
    # What stands in another region has to be named before it is made; no other account may have that name.
    name = unique_name(
        f"{deployed_path(context.scope, context.path)}/replica", str(recovery.account), str(recovery.region), limit=63
    )

    def make(holder: Construct, id: str) -> Bucket:
        # AWS's own key for S3, which every role of the account may use through S3: a key of the stack's could be
        # named from another region by custom resources only.
        return Bucket(
            holder,
            id,
            bucket_name=name,
            encryption=s3.BucketEncryption.KMS_MANAGED,
            removal_policy=NAMED_REMOVAL_POLICY,
        )

    place = context.path.removeprefix(cdk.Stack.of(context.scope).node.path).strip("/")
    stack_singleton(recovery, f"Replica-{place.replace('/', '-')}", make)
    key = stack_singleton(recovery, "S3Key", lambda holder, id: kms.Alias.from_alias_name(holder, id, "alias/aws/s3"))
    destination = stack_singleton(
        context.scope, f"Replica-{name}", lambda holder, id: s3.Bucket.from_bucket_name(holder, id, name)
    )
    return [
        s3.ReplicationRule(id="DisasterRecovery", destination=destination, sse_kms_encrypted_objects=True, kms_key=key)
    ]


def _prefix(context: PropsContext) -> str | None:
    """The construct's place in its stack: in a bucket that many share, logs have nothing else to be told apart by."""
    if "server_access_logs_bucket" in context.props:
        return None
    if isinstance(context.scope, cdk.Stack):
        return f"{context.id}/"
    stack = cdk.Stack.of(context.scope).node.path
    return f"{context.path.removeprefix(stack).strip('/')}/"


def _before_bucket(context: PropsContext) -> None:
    context.scratch["role"] = _replication_role(context)
    _before(context)


def _after_bucket(bucket: s3.Bucket, context: PropsContext) -> None:
    _after(bucket, context)
    if context.scratch["role"] is not None:
        _let_replicate(context.scratch["role"], bucket, context)
    if isinstance(bucket, Bucket):
        bucket.access_logs_bucket = context.scratch["logs"]
    if bucket in _log_targets and not isinstance(bucket, Bucket):
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
        return _lifecycle()
    return _lifecycle(s3.LifecycleRule(id="ExpireNoncurrentVersions", noncurrent_version_expiration=_days(365)))


def _replication_role(context: PropsContext) -> iam.Role | None:
    """The role that replicates, where there are rules and the user gave none.

    The CDK gives its own a fixed name in apps without a certain feature flag: a second bucket would fail to deploy.
    """
    if not context.props.get("replication_rules") or "replication_role" in context.props:
        return None
    role = iam.Role(context.scope, f"{context.id}Soc2Replication", assumed_by=iam.ServicePrincipal("s3.amazonaws.com"))
    context.props["replication_role"] = role
    return role


def _let_replicate(role: iam.Role, bucket: s3.Bucket, context: PropsContext) -> None:
    rules = context.props["replication_rules"]
    bucket.grant_replication_permission(
        role,
        source_decryption_key=bucket.encryption_key,
        destinations=[
            s3.GrantReplicationPermissionDestinationProps(
                bucket=member(rule, "destination"), encryption_key=member(rule, "kms_key")
            )
            for rule in rules
        ],
    )
    if context.props.get("object_lock_enabled"):
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:GetObjectLegalHold", "s3:GetObjectRetention"], resources=[bucket.arn_for_objects("*")]
            )
        )


BUCKET = Hardening(
    s3.Bucket,
    *_rows(),
    require(
        "encryption",
        s3.BucketEncryption.KMS,
        "s3_bucket_default_encryption_enabled_kms",
        accepts=lambda value, _: value in _KMS + _DSSE,
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
        required="a KMS key; one per stack unless you give one",
        when=_takes_key,
        only_with="encryption",
    ),
    # A bucket key takes the place of most requests to KMS; dual-layer encryption (DSSE) knows none.
    default(
        "bucket_key_enabled",
        True,
        when=lambda context: context.props.get("encryption") in _KMS,
        only_with="encryption",
    ),
    provide(
        "lifecycle_rules",
        _expire_versions,
        "s3_bucket_lifecycle_policy_enabled",
        accepts=_has_rule,
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
        accepts=_takes_logs,
        required="a bucket that S3 can deliver to, such as an s3.AccessLogsBucket: one without KMS key and Object Lock",
        bad_value=lambda scope: Bucket(scope, "Locked"),
        bad_override=("LoggingConfiguration", None),
    ),
    provide(
        "replication_rules",
        _replication,
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
class Bucket(_Emitting):
    """A bucket that is encrypted, private, versioned, logged, lockable, and reached over TLS only.

    It carries the tag by which a backup plan of ours selects it. With the context key `soc2:dr-region`, in a stack that
    tells its account and region, it replicates to a bucket there.
    """

    #: Where the bucket's access logs go: the bucket that was context, or the one that the buckets of a stack share.
    access_logs_bucket: s3.IBucket | None


if MYPY:
    from aws_cdk.aws_s3 import *  # type: ignore[assignment]
