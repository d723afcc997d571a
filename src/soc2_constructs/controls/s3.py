"""Amazon S3."""

from __future__ import annotations

from soc2_constructs.aws.policies import Statement, statements_of
from soc2_constructs.cloudformation import (
    FAIL,
    PASS,
    Reference,
    Resource,
    Text,
    Value,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    unresolved,
)
from soc2_constructs.cloudformation.wildcards import wildcard_match
from soc2_constructs.controls import control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "AWS::S3::Bucket"
BUCKET_POLICY = "AWS::S3::BucketPolicy"

_PUBLIC_ACCESS_FLAGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_PUBLIC_READ_ACLS = ("PublicRead", "PublicReadWrite", "AuthenticatedRead")
_WRITES = ("s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy", "s3:PutObjectAcl")

#: What delivers logs only to buckets that are encrypted with S3's own keys, and how it names them.
_WITHOUT_KMS = (
    (BUCKET, "LoggingConfiguration.DestinationBucketName"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "AccessLoggingPolicy.S3BucketName"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerAttributes[].Value"),
    ("AWS::Redshift::Cluster", "LoggingProperties.BucketName"),
)


@control(
    resource_types=BUCKET,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `encryption=s3.BucketEncryption.KMS` (BucketEncryption.ServerSideEncryptionConfiguration).",
    config_rule="S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED",
    prowler=("s3_bucket_default_encryption",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "PI1.4")},
)
def s3_bucket_default_encryption_enabled(bucket: Resource) -> Verdict:
    """Buckets declare default encryption.

    S3 encrypts every new object with its own keys since January 2023, declared or not. Declaring it puts the decision
    into the template, where a reviewer sees it. Switching it on changes nothing for objects that exist, and needs
    neither replacement nor downtime.
    """
    return any_of(
        rule["ServerSideEncryptionByDefault.SSEAlgorithm"].one_of("AES256", "aws:kms", "aws:kms:dsse")
        for rule in bucket["BucketEncryption.ServerSideEncryptionConfiguration"].each()
    ).with_message("BucketEncryption is not declared")


@control(
    resource_types=BUCKET,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `encryption=s3.BucketEncryption.KMS` and `encryption_key=key` (SSEAlgorithm: aws:kms).",
    config_rule="S3_DEFAULT_ENCRYPTION_KMS",
    prowler=("s3_bucket_kms_encryption",),
    also_mapped={"inferred": ("PI1.4",)},
)
def s3_bucket_default_encryption_enabled_kms(bucket: Resource) -> Verdict:
    """Bucket default encryption uses KMS.

    With a KMS key each use of the key stands in CloudTrail and access can be withdrawn in one place. Buckets that
    receive the logs of S3 itself, of load balancers or of Redshift pass with S3's own keys: those deliver to no bucket
    whose default encryption is a KMS key. Objects that exist keep their encryption; requests to KMS cost money, which a
    bucket key cuts down.
    """
    verdict = any_of(
        rule["ServerSideEncryptionByDefault.SSEAlgorithm"].one_of("aws:kms", "aws:kms:dsse")
        for rule in bucket["BucketEncryption.ServerSideEncryptionConfiguration"].each()
    )
    if verdict.status is PASS or not any(bucket.referrers(kind, via=via) for kind, via in _WITHOUT_KMS):
        return verdict.with_message("default encryption does not use KMS")
    return passed("does not apply: the logs that it receives cannot be delivered to a bucket with a KMS key")


@control(
    resource_types=BUCKET,
    kind="encryption_in_transit",
    severity="high",
    fix="Set `enforce_ssl=True` (a BucketPolicy that denies s3:* where aws:SecureTransport is false).",
    config_rule="S3_BUCKET_SSL_REQUESTS_ONLY",
    prowler=("s3_bucket_secure_transport_policy",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def s3_bucket_enforces_ssl(bucket: Resource) -> Verdict:
    """Buckets refuse requests that are not over TLS.

    S3 answers plain HTTP unless a bucket policy denies it, to everyone, on the bucket and on its objects. Clients that
    still use HTTP are refused from the moment the policy is in place.
    """
    policies = bucket.referrers(BUCKET_POLICY, via="Bucket")
    denials = [
        _denies_plain_http(statement, bucket)
        for policy in policies
        for statement in statements_of(policy, "PolicyDocument")
    ]
    return any_of(denials).with_message("no bucket policy denies requests without TLS")


def _denies_plain_http(statement: Statement, bucket: Resource) -> Verdict:
    if statement.malformed:
        return unresolved("a statement of the bucket policy is not known: {}", statement.malformed)
    verdict = _is_about_plain_http(statement)
    return verdict if verdict.status is FAIL else verdict & _covers_bucket(statement, bucket)


def _is_about_plain_http(statement: Statement) -> Verdict:
    """Whether a statement denies everyone every request without TLS, on whatever it is about."""
    insecure = {
        key: [str(value).lower() for value in values]
        for (operator, key), values in statement.conditions.items()
        if operator in ("Bool", "BoolIfExists")
    }
    # Another condition beside it would let some plain HTTP through.
    if not statement.denies or insecure != {"aws:securetransport": ["false"]} or len(statement.conditions) > 1:
        return failed("the statement denies something else")
    return statement.is_for_everyone() & statement.covers_action("s3:*")


def _covers_bucket(statement: Statement, bucket: Resource) -> Verdict:
    """Whether a statement is about the bucket and about every object in it."""
    patterns = [_name_in(resource, bucket) for resource in statement.resources]
    names = (_ITSELF, bucket["BucketName"].known or "")
    if all(any(_covers(pattern, name + key) for pattern in patterns for name in names) for key in ("", "/any key")):
        return passed("it is about the bucket and its objects")
    if None in patterns:
        return unresolved("the resources of the bucket policy are known only when the template is deployed")
    return failed("it is not about both the bucket and its objects")


def _covers(pattern: str | None, name: str) -> bool:
    return pattern is not None and wildcard_match(pattern, name)


#: Stands for a reference to the bucket, and for one to something else.
_ITSELF, _OTHER = "<itself>", "<other>"


def _name_in(arn: object, bucket: Resource) -> str | None:
    """Bucket and key in an ARN; None where they are not known."""
    text, known = "", True
    for part in arn.parts if type(arn) is Text else (arn,):
        if type(part) is str:
            # Before the colons stands the partition, known or not.
            _, colons, end = part.rpartition(":::")
            text, known = (end, True) if colons else (text + end, known)
        elif type(part) is Reference:
            text += _ITSELF if part.resource is bucket else _OTHER
        else:
            known = False
    return text if known else None


@control(
    resource_types=BUCKET,
    kind="logging",
    severity="low",
    fix="Set `event_bridge_enabled=True` (NotificationConfiguration.EventBridgeConfiguration).",
    config_rule="S3_EVENT_NOTIFICATIONS_ENABLED",
    prowler=("s3_bucket_event_notifications_enabled",),
    also_mapped={"inferred": ("CC7.3",)},
)
def s3_bucket_event_notifications_enabled(bucket: Resource) -> Verdict:
    """Buckets emit events.

    With events, something can react when objects appear or vanish. EventBridge notifications cost nothing until a rule
    matches them, and switching them on interrupts nothing.
    """
    notifications = bucket["NotificationConfiguration"]
    bridge = notifications["EventBridgeConfiguration"]
    return any_of(
        # An empty object switches the bridge on: that is the default of the one property inside it.
        bridge["EventBridgeEnabled"].default(not bridge.is_absent).equals(True),
        notifications["LambdaConfigurations"].is_set(),
        notifications["QueueConfigurations"].is_set(),
        notifications["TopicConfigurations"].is_set(),
    ).with_message("NotificationConfiguration sends no events")


@control(
    resource_types=BUCKET,
    kind="disposal",
    severity="low",
    fix="Add `lifecycle_rules=[s3.LifecycleRule(...)]` (LifecycleConfiguration.Rules with Status: Enabled).",
    config_rule="S3_LIFECYCLE_POLICY_CHECK",
    prowler=("s3_bucket_lifecycle_enabled",),
    also_mapped={"Powerpipe": ("C1.2",)},
)
def s3_bucket_lifecycle_policy_enabled(bucket: Resource) -> Verdict:
    """Buckets have a lifecycle rule in force.

    Data that is no longer needed is a liability: a lifecycle rule disposes of it on time, and of what failed uploads
    leave behind. A new rule also takes hold of objects that exist: read what it expires before it is deployed.
    """
    return any_of(
        rule["Status"].equals("Enabled") for rule in bucket["LifecycleConfiguration.Rules"].each()
    ).with_message("no rule of LifecycleConfiguration is enabled")


@control(
    resource_types=BUCKET,
    kind="logging",
    severity="medium",
    fix="Set `server_access_logs_bucket=log_bucket` (LoggingConfiguration.DestinationBucketName).",
    config_rule="S3_BUCKET_LOGGING_ENABLED",
    prowler=("s3_bucket_server_access_logging_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC7.2", "CC7.3", "A1.2")},
)
def s3_bucket_logging_enabled(bucket: Resource) -> Verdict:
    """Buckets write server access logs.

    Access logs tell who read what, long after the fact. A bucket that receives the logs of others passes without: a
    bucket that logs to itself never stops writing. Logging changes nothing else on the bucket and costs storage.
    """
    if is_log_destination(bucket):
        return passed("does not apply: the bucket itself receives access logs")
    logging = bucket["LoggingConfiguration"]
    # An empty LoggingConfiguration object is not logging: without a destination S3 writes nothing.
    return logging["DestinationBucketName"].is_set()


def is_log_destination(bucket: Resource) -> bool:
    """Whether another bucket writes its server access logs here."""
    return any(
        source is not bucket for source in bucket.referrers(BUCKET, via="LoggingConfiguration.DestinationBucketName")
    )


@control(
    resource_types=BUCKET,
    kind="deletion_protection",
    severity="low",
    fix="Set `object_lock_enabled=True` (ObjectLockEnabled: true).",
    config_rule="S3_BUCKET_DEFAULT_LOCK_ENABLED",
    prowler=("s3_bucket_object_lock",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "C1.1", "PI1.5")},
)
def s3_bucket_object_lock_enabled(bucket: Resource) -> Verdict:
    """Buckets can hold objects immutable.

    Object Lock lets a retention period or a legal hold keep an object from being changed or deleted by anyone. On its
    own it locks nothing. Changing the property on a bucket that exists needs no replacement. A bucket that receives
    server access logs passes without: S3 may refuse to deliver to a bucket that holds what it gets.
    """
    if is_log_destination(bucket):
        return passed("does not apply: the bucket receives access logs")
    return bucket["ObjectLockEnabled"].equals(True)


@control(
    resource_types=BUCKET,
    kind="public_data",
    severity="high",
    fix="Set `block_public_access=s3.BlockPublicAccess.BLOCK_ALL` (PublicAccessBlockConfiguration, all four true).",
    config_rule="S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
    prowler=("s3_bucket_level_public_access_block", "s3_bucket_public_access"),
    also_mapped={"inferred": ("CC6.1",)},
)
def s3_public_access_block_bucket(bucket: Resource) -> Verdict:
    """Public access is blocked on each bucket.

    The four flags override whatever an access control list or a bucket policy grants to the public. CloudFormation
    leaves each flag that is not set at false. Whatever was public stops being so at once.
    """
    block = bucket["PublicAccessBlockConfiguration"]
    return all_of(block[flag].equals(True) for flag in _PUBLIC_ACCESS_FLAGS)


@control(
    resource_types=(BUCKET_POLICY,),
    kind="public_data",
    severity="high",
    fix="Name the `principals`, or narrow the statement by a condition on account, organisation, network or source: "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": org}}` (PolicyDocument.Statement[].Principal or Condition).',
    config_rule="S3_BUCKET_POLICY_GRANTEE_CHECK",
    prowler=("s3_bucket_policy_public_write_access", "s3_bucket_public_access"),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.3", "CC6.6")},
)
def s3_bucket_policy_restrict_public_access(policy: Resource) -> Verdict:
    """Bucket policies grant nothing to everyone.

    A statement that allows something to the principal `*`, or to everyone but a few by NotPrincipal, is public unless a
    condition narrows it. Whoever relied on the statement loses access when it goes.
    """
    return all_of(statement.is_private() for statement in statements_of(policy, "PolicyDocument"))


@control(
    resource_types=BUCKET,
    kind="public_data",
    severity="high",
    fix="Set `block_public_access=s3.BlockPublicAccess.BLOCK_ALL` and drop public ACLs and policy statements "
    "(PublicAccessBlockConfiguration, AccessControl, BucketPolicy).",
    config_rule="S3_BUCKET_PUBLIC_READ_PROHIBITED",
    prowler=("s3_bucket_public_access", "s3_bucket_public_list_acl"),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def s3_bucket_restrict_public_read_access(bucket: Resource) -> Verdict:
    """Nobody outside can read from buckets.

    Passes where neither the access control list nor a bucket policy lets everyone list the bucket or read its objects,
    or where the public access block makes them void: IgnorePublicAcls the one, RestrictPublicBuckets the other.
    """
    return _no_public_grant(bucket, _PUBLIC_READ_ACLS, ("s3:GetObject", "s3:ListBucket"))


@control(
    resource_types=BUCKET,
    kind="public_data",
    severity="high",
    fix="Set `block_public_access=s3.BlockPublicAccess.BLOCK_ALL` and drop public ACLs and policy statements "
    "(PublicAccessBlockConfiguration, AccessControl, BucketPolicy).",
    config_rule="S3_BUCKET_PUBLIC_WRITE_PROHIBITED",
    prowler=("s3_bucket_public_access", "s3_bucket_public_write_acl", "s3_bucket_policy_public_write_access"),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def s3_bucket_restrict_public_write_access(bucket: Resource) -> Verdict:
    """Nobody outside can write to buckets.

    Passes where neither the access control list nor a bucket policy lets everyone put or delete objects or change who
    may, or where the public access block makes them void: IgnorePublicAcls the one, RestrictPublicBuckets the other.
    """
    return _no_public_grant(bucket, ("PublicReadWrite",), _WRITES)


def _no_public_grant(bucket: Resource, acls: tuple[str, ...], actions: tuple[str, ...]) -> Verdict:
    block = bucket["PublicAccessBlockConfiguration"]
    acl = bucket["AccessControl"].default("Private").one_of(*acls)
    return all_of(
        (block["IgnorePublicAcls"].equals(True) | ~acl).with_message("AccessControl makes the bucket public"),
        any_of(_policies_let_in_nobody(bucket, block, actions)).with_message("the bucket policy lets everyone in"),
    )


def _policies_let_in_nobody(bucket: Resource, block: Value, actions: tuple[str, ...]) -> Iterator[Verdict]:
    yield block["RestrictPublicBuckets"].equals(True)
    yield ~any_of(
        _lets_in_everyone(statement, actions)
        for policy in bucket.referrers(BUCKET_POLICY, via="Bucket")
        for statement in statements_of(policy, "PolicyDocument")
    )


def _lets_in_everyone(statement: Statement, actions: tuple[str, ...]) -> Verdict:
    if statement.malformed:
        return ~statement.is_private()
    return ~statement.is_private() & any_of(statement.covers_action(action) for action in actions)


@control(
    resource_types=BUCKET,
    kind="backups",
    severity="high",
    fix="Set `versioned=True` (VersioningConfiguration.Status: Enabled).",
    config_rule="S3_BUCKET_VERSIONING_ENABLED",
    prowler=("s3_bucket_object_versioning",),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2", "C1.2", "PI1.5")},
)
def s3_bucket_versioning_enabled(bucket: Resource) -> Verdict:
    """Buckets keep earlier versions of objects.

    With versions, what was overwritten or deleted by mistake or in malice comes back. Switching it on needs neither
    replacement nor downtime; from then on each version costs storage, so add a lifecycle rule for earlier versions.
    """
    return bucket["VersioningConfiguration.Status"].equals("Enabled")


@control(
    resource_types=BUCKET,
    kind="disposal",
    severity="low",
    fix="Set `versioned=True` and add `lifecycle_rules` (VersioningConfiguration and LifecycleConfiguration).",
    config_rule="S3_VERSION_LIFECYCLE_POLICY_CHECK",
    prowler=("s3_bucket_lifecycle_enabled", "s3_bucket_object_versioning"),
    also_mapped={"inferred": ("CC7.4", "A1.2", "C1.1", "C1.2", "PI1.5")},
)
def s3_bucket_versioning_and_lifecycle_policy_enabled(bucket: Resource) -> Verdict:
    """Versioned buckets also expire old data.

    Versions pile up for ever unless a lifecycle rule disposes of them: both belong together.
    """
    return s3_bucket_versioning_enabled(bucket) & s3_bucket_lifecycle_policy_enabled(bucket)


@control(
    resource_types=BUCKET,
    kind="backups",
    severity="low",
    fix="Add `replication_rules` to a bucket in another region (ReplicationConfiguration.Rules), and set the context "
    "key `soc2:dr-region`.",
    config_rule="S3_BUCKET_CROSS_REGION_REPLICATION_ENABLED",
    prowler=("s3_bucket_cross_region_replication",),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def s3_bucket_cross_region_replication_enabled(bucket: Resource) -> Verdict:
    """Buckets replicate to another region.

    A copy in a second region outlives the loss of the first. A bucket that is itself a replica or receives access logs
    passes without. Replication copies new objects only, and costs transfer and storage.
    """
    if is_log_destination(bucket) or is_replica(bucket):
        return passed("does not apply: the bucket holds access logs or replicas")
    rules = bucket["ReplicationConfiguration.Rules"].each()
    return any_of(
        rule["Status"].equals("Enabled") & _is_elsewhere(rule["Destination.Bucket"].target, bucket) for rule in rules
    ).with_message("no enabled replication rule leads to another region")


def is_replica(bucket: Resource) -> bool:
    """Whether another bucket replicates to this one."""
    return bool(bucket.referrers(BUCKET, via="ReplicationConfiguration.Rules[].Destination.Bucket"))


def _is_elsewhere(destination: Resource | None, bucket: Resource) -> Verdict:
    if destination is None:
        return unresolved("the template does not tell the region of the destination bucket")
    if destination.template.root is bucket.template.root:
        return failed("the destination bucket is in the same stack, so in the same region")
    if None in (destination.region, bucket.region):
        return unresolved("the template does not tell the region of its stack")
    if destination.region == bucket.region:
        return failed("the destination bucket is in the same region")
    return passed("the destination bucket is in {}", destination.region)


@control(
    kind="public_data",
    severity="medium",
    fix="Switch on the account's public access block (`aws s3control put-public-access-block`) and deploy "
    "the AWS Config rule S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC.",
    config_rule="S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC",
    prowler=("s3_account_level_public_access_blocks",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def s3_public_access_block_account() -> None:
    """Public access is blocked for the whole account.

    No CloudFormation type exists for the account's public access block, so a template cannot show it: the AWS Config
    rule does, in the live account.
    """
