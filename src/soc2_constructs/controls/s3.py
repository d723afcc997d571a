"""Amazon S3."""

from __future__ import annotations

from soc2_constructs.aws.log_delivery import accepts_logs
from soc2_constructs.aws.policies import Statement, statements_of
from soc2_constructs.aws.public_access import grants_public, no_public_grant
from soc2_constructs.aws.transport import denies_plain_http
from soc2_constructs.cloudformation import (
    FAIL,
    PASS,
    Reference,
    Resource,
    Text,
    Unresolved,
    Value,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    unresolved,
)
from soc2_constructs.cloudformation.wildcards import pattern_contains
from soc2_constructs.controls import control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "AWS::S3::Bucket"
BUCKET_POLICY = "AWS::S3::BucketPolicy"

_PUBLIC_ACCESS_FLAGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_PUBLIC_READ_ACLS = ("PublicRead", "PublicReadWrite", "AuthenticatedRead")
_WRITES = ("s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy", "s3:PutObjectAcl")

#: Services that cannot deliver logs to a bucket with a KMS key: the type, and the property that names the bucket.
_WITHOUT_KMS = (
    (BUCKET, "LoggingConfiguration.DestinationBucketName"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "AccessLoggingPolicy.S3BucketName"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerAttributes[].Value"),
    ("AWS::Redshift::Cluster", "LoggingProperties.BucketName"),
)
ACCESS_POINT = "AWS::S3::AccessPoint"
MULTI_REGION_POLICY = "AWS::S3::MultiRegionAccessPointPolicy"


@control(
    resource_types=(ACCESS_POINT, MULTI_REGION_POLICY),
    kind="public_data",
    severity="high",
    fix="Set the account or service in `principals` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": organization}}` '
    "(AccessPoint.Policy).",
    config_rule="S3_ACCESS_POINT_PUBLIC_ACCESS_BLOCKS",
    prowler=("s3_access_point_public_access_block",),
)
def s3_access_point_not_publicly_accessible(point: Resource) -> Verdict:
    """Access points do not allow public access.

    Everyone could read or change objects through a public access point.

    Fixed values of an account, an organization, a network or a source narrow a statement for everyone. The
    change takes effect at once.
    RestrictPublicBuckets, which is true by default, blocks public policies of an access point.
    """
    private = no_public_grant(statements_of(point, "Policy"), "s3")
    if point.type == MULTI_REGION_POLICY:
        return private
    block = point["PublicAccessBlockConfiguration.RestrictPublicBuckets"]
    return block.default(True).equals(True) | private


@control(
    resource_types=BUCKET,
    kind="encryption_at_rest",
    severity="low",
    severity_reason="S3 encrypts every new object in any case.",
    fix="Set `encryption=s3.BucketEncryption.KMS` (BucketEncryption.ServerSideEncryptionConfiguration).",
    config_rule="S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED",
    prowler=("s3_bucket_default_encryption",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "PI1.4")},
)
def s3_bucket_default_encryption_enabled(bucket: Resource) -> Verdict:
    """Buckets declare default encryption.

    The template documents the encryption of the bucket, so that a reviewer can see it.

    S3 encrypts every new object with its own keys since January 2023, also without a declaration. The change affects no
    existing objects and needs neither a replacement nor downtime.
    """
    return any_of(
        rule["ServerSideEncryptionByDefault.SSEAlgorithm"].one_of("AES256", "aws:kms", "aws:kms:dsse")
        for rule in bucket["BucketEncryption.ServerSideEncryptionConfiguration"].each()
    ).with_message("BucketEncryption declares no default encryption", path=("BucketEncryption",))


@control(
    resource_types=BUCKET,
    kind="encryption_at_rest",
    severity="low",
    severity_reason="S3 encrypts every new object in any case; a KMS key adds control over access.",
    fix="Set `encryption=s3.BucketEncryption.KMS` and `encryption_key=key` (SSEAlgorithm: aws:kms).",
    implies=("s3_bucket_default_encryption_enabled",),
    config_rule="S3_DEFAULT_ENCRYPTION_KMS",
    prowler=("s3_bucket_kms_encryption",),
    also_mapped={"inferred": ("PI1.4",)},
)
def s3_bucket_default_encryption_enabled_kms(bucket: Resource) -> Verdict:
    """Default encryption of buckets uses a KMS key.

    KMS lets you withdraw access to the data in one place, and CloudTrail records each use of the key.

    Buckets that receive logs of S3, load balancers or Redshift pass with encryption by S3 keys. Those services cannot
    deliver to a bucket with a KMS key. Existing objects keep their encryption. Requests to KMS cost; a bucket key
    reduces them.
    """
    verdict = any_of(
        rule["ServerSideEncryptionByDefault.SSEAlgorithm"].one_of("aws:kms", "aws:kms:dsse")
        for rule in bucket["BucketEncryption.ServerSideEncryptionConfiguration"].each()
    )
    if verdict.status is PASS or not any(bucket.referrers(source, via=via) for source, via in _WITHOUT_KMS):
        return verdict.with_message("SSEAlgorithm is neither aws:kms nor aws:kms:dsse", path=("BucketEncryption",))
    # The bucket receives logs that cannot be delivered to a bucket with a KMS key.
    return s3_bucket_default_encryption_enabled(bucket)


@control(
    resource_types=(BUCKET, BUCKET_POLICY),
    kind="encryption_in_transit",
    severity="high",
    severity_reason="Plain HTTP exposes objects on the internet, not only inside the network of the account.",
    fix="Set `enforce_ssl=True` (a BucketPolicy that denies s3:* where aws:SecureTransport is false).",
    config_rule="S3_BUCKET_SSL_REQUESTS_ONLY",
    prowler=("s3_bucket_secure_transport_policy",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def s3_bucket_enforces_ssl(resource: Resource) -> Verdict:
    """Buckets reject requests without TLS.

    S3 accepts plain HTTP unless a bucket policy denies it to everyone, on the bucket and on its objects.

    A policy of a bucket outside the assembly must deny it as well, because a bucket has one policy. Clients that use
    plain HTTP are rejected as soon as the policy is deployed.
    """
    if resource.type == BUCKET_POLICY:
        if resource["Bucket"].target_of(BUCKET) is not None:
            return passed("does not apply: the bucket is part of the assembly and judged itself")
        policies, name = [resource], resource["Bucket"]
    else:
        policies, name = resource.referrers(BUCKET_POLICY, via="Bucket"), resource["BucketName"]
    document = [statement for policy in policies for statement in statements_of(policy, "PolicyDocument")]
    return denies_plain_http(
        document,
        "s3:*",
        lambda statement: _covers_bucket(statement, resource, name, ""),
        # The key of an object has at least one character.
        lambda statement: _covers_bucket(statement, resource, name, "/?*"),
    ).with_message("no bucket policy denies requests without TLS")


def _covers_bucket(statement: Statement, bucket: Resource, name: Value, keys: str) -> Verdict:
    """Whether a statement covers the bucket with a name, or a pattern of keys in it."""
    marks = _Marks(bucket)
    wanted = [mark + keys for mark in (_ITSELF, marks.text(name.node)[0]) if mark]
    spelled = [marks.text(resource) for resource in statement.resources]
    if any(pattern_contains(pattern, text) for pattern, _ in spelled for text in wanted):
        return passed("the statement covers the bucket and its objects")
    if not all(known for _, known in spelled):
        return unresolved("the resources of the bucket policy are known only at deployment")
    return failed("the statement does not cover both the bucket and its objects")


#: The placeholder for a reference to the bucket, and the first one for other unknown parts.
_ITSELF, _FIRST_MARK = "\ue000", 0xE001


class _Marks:
    """Names with a placeholder for each unknown part; parts that are equal once deployed have equal placeholders."""

    def __init__(self, bucket: Resource) -> None:
        self._bucket = bucket
        self._marks: dict[object, str] = {}

    def text(self, arn: object) -> tuple[str, bool]:
        """Bucket and key of an ARN, or a name; and whether all of it is known or refers to a resource."""
        text, known = "", True
        for part in arn.parts if type(arn) is Text else (arn,):
            if type(part) is str:
                # The text before the colons is the partition, known or not.
                _, colons, end = part.rpartition(":::")
                text, known = (end, True) if colons else (text + end, known)
            elif type(part) is Reference:
                text += _ITSELF if part.resource is self._bucket else self._mark(part)
            elif type(part) is Unresolved:
                text, known = text + self._mark(part), False
        return text, known

    def _mark(self, part: Reference | Unresolved) -> str:
        return self._marks.setdefault(part, chr(_FIRST_MARK + len(self._marks)))


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
    """Buckets send event notifications.

    Events let a workload or a security tool react when objects are created or deleted.

    EventBridge notifications cost nothing until a rule matches them. The change interrupts nothing.
    """
    notifications = bucket["NotificationConfiguration"]
    bridge = notifications["EventBridgeConfiguration"]
    return any_of(
        # An empty object enables EventBridge, because its only property is true by default.
        bridge["EventBridgeEnabled"].default(not bridge.is_absent).equals(True),
        notifications["LambdaConfigurations"].is_set(),
        notifications["QueueConfigurations"].is_set(),
        notifications["TopicConfigurations"].is_set(),
    ).with_message("NotificationConfiguration has no destination")


@control(
    resource_types=BUCKET,
    kind="disposal",
    severity="low",
    fix="Add `lifecycle_rules=[s3.LifecycleRule(...)]` (LifecycleConfiguration.Rules with Status: Enabled).",
    implies=("s3_bucket_versioning_and_lifecycle_policy_enabled",),
    config_rule="S3_LIFECYCLE_POLICY_CHECK",
    prowler=("s3_bucket_lifecycle_enabled",),
    also_mapped={"Powerpipe": ("C1.2",)},
)
def s3_bucket_lifecycle_policy_enabled(bucket: Resource) -> Verdict:
    """Buckets have an enabled lifecycle rule.

    A lifecycle rule deletes data at the end of its retention period, and removes incomplete uploads.

    A new rule also applies to existing objects. Before deployment, check which objects it expires.
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

    Server access logs record which requests read, changed or deleted objects.

    A bucket that receives access logs of other buckets or of load balancers passes, because a log of logs never ends.
    Logging interrupts nothing; storage costs.
    """
    if is_log_destination(bucket):
        return passed("does not apply: the bucket receives access logs")
    logging = bucket["LoggingConfiguration"]
    # Without a destination, S3 writes no logs, even if LoggingConfiguration is set.
    return logging["DestinationBucketName"].is_set() & accepts_logs(logging["DestinationBucketName"])


def is_log_destination(bucket: Resource) -> bool:
    """Whether the bucket receives the access logs of another bucket or of a load balancer."""
    return any(source is not bucket for type_, via in _LOG_SOURCES for source in bucket.referrers(type_, via=via))


#: The resources that write access logs: type, and the property that names the bucket.
_LOG_SOURCES = (
    (BUCKET, "LoggingConfiguration.DestinationBucketName"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerAttributes[].Value"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "AccessLoggingPolicy.S3BucketName"),
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
    """Buckets have Object Lock enabled.

    With Object Lock, a retention period or a legal hold protects objects from changes and deletion.

    Enabling it locks nothing by itself, and needs no replacement. A bucket that receives server access logs passes,
    because S3 may fail to deliver to a bucket with default retention.
    """
    if is_log_destination(bucket):
        return passed("does not apply: the bucket receives access logs")
    return bucket["ObjectLockEnabled"].equals(True)


@control(
    resource_types=BUCKET,
    kind="public_data",
    severity="high",
    fix="Set `block_public_access=s3.BlockPublicAccess.BLOCK_ALL` (PublicAccessBlockConfiguration, all four true).",
    implies=(
        "s3_bucket_restrict_public_read_access",
        "s3_bucket_restrict_public_write_access",
    ),
    config_rule="S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
    prowler=("s3_bucket_level_public_access_block", "s3_bucket_public_access"),
    also_mapped={"inferred": ("CC6.1",)},
)
def s3_public_access_block_bucket(bucket: Resource) -> Verdict:
    """Buckets block public access.

    The four settings override access control lists and bucket policies that grant public access.

    CloudFormation sets each missing setting to false. Existing public access ends immediately.
    """
    block = bucket["PublicAccessBlockConfiguration"]
    return all_of(block[flag].equals(True) for flag in _PUBLIC_ACCESS_FLAGS)


@control(
    resource_types=(BUCKET_POLICY,),
    kind="public_data",
    severity="high",
    fix="List the `principals`, or narrow the statement with a condition on the account, organization, network "
    'or source: `conditions={"StringEquals": {"aws:PrincipalOrgID": org}}` '
    "(PolicyDocument.Statement[].Principal or Condition).",
    config_rule="S3_BUCKET_POLICY_GRANTEE_CHECK",
    prowler=("s3_bucket_policy_public_write_access", "s3_bucket_public_access"),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.3", "CC6.6")},
)
def s3_bucket_policy_restrict_public_access(policy: Resource) -> Verdict:
    """Bucket policies do not allow public access.

    A statement that allows access to the principal `*`, or to everyone except a NotPrincipal, is public. A condition
    can narrow it.

    Public access that relies on the statement ends at once.
    """
    return no_public_grant(statements_of(policy, "PolicyDocument"), "s3")


@control(
    resource_types=BUCKET,
    kind="public_data",
    severity="high",
    fix="Set `block_public_access=s3.BlockPublicAccess.BLOCK_ALL` and remove public ACLs and policy statements "
    "(PublicAccessBlockConfiguration, AccessControl, BucketPolicy).",
    config_rule="S3_BUCKET_PUBLIC_READ_PROHIBITED",
    prowler=("s3_bucket_public_access", "s3_bucket_public_list_acl"),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def s3_bucket_restrict_public_read_access(bucket: Resource) -> Verdict:
    """Buckets are not publicly readable.

    A public bucket exposes its objects to anyone on the internet.

    A bucket passes if neither its access control list nor its policy lets everyone read or list. It also passes if
    IgnorePublicAcls and RestrictPublicBuckets override them. Public access ends at once.
    """
    return _no_public_grant(bucket, _PUBLIC_READ_ACLS, ("s3:GetObject", "s3:ListBucket"))


@control(
    resource_types=BUCKET,
    kind="public_data",
    severity="high",
    fix="Set `block_public_access=s3.BlockPublicAccess.BLOCK_ALL` and remove public ACLs and policy statements "
    "(PublicAccessBlockConfiguration, AccessControl, BucketPolicy).",
    config_rule="S3_BUCKET_PUBLIC_WRITE_PROHIBITED",
    prowler=("s3_bucket_public_access", "s3_bucket_public_write_acl", "s3_bucket_policy_public_write_access"),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def s3_bucket_restrict_public_write_access(bucket: Resource) -> Verdict:
    """Buckets are not publicly writable.

    Anyone on the internet can change or delete objects in a publicly writable bucket.

    A bucket passes if neither its access control list nor its policy lets everyone write, delete or change permissions.
    It also passes if IgnorePublicAcls and RestrictPublicBuckets override them. Public access ends at once.
    """
    return _no_public_grant(bucket, ("PublicReadWrite",), _WRITES)


def _no_public_grant(bucket: Resource, acls: tuple[str, ...], actions: tuple[str, ...]) -> Verdict:
    block = bucket["PublicAccessBlockConfiguration"]
    acl = bucket["AccessControl"].default("Private").one_of(*acls)
    return all_of(
        (block["IgnorePublicAcls"].equals(True) | ~acl).with_message("AccessControl makes the bucket public"),
        any_of(_policies_deny_public(bucket, block, actions)).with_message(
            "the bucket policy allows access to everyone"
        ),
    )


def _policies_deny_public(bucket: Resource, block: Value, actions: tuple[str, ...]) -> Iterator[Verdict]:
    yield block["RestrictPublicBuckets"].equals(True)
    yield ~any_of(
        _allows_everyone(statement, actions)
        for policy in bucket.referrers(BUCKET_POLICY, via="Bucket")
        for statement in statements_of(policy, "PolicyDocument")
    )


def _allows_everyone(statement: Statement, actions: tuple[str, ...]) -> Verdict:
    if (public := grants_public(statement, "s3")).status is FAIL or statement.malformed:
        return public
    return public & any_of(statement.covers_action(action) for action in actions)


@control(
    resource_types=BUCKET,
    kind="backups",
    severity="high",
    severity_reason="Without versions, overwritten and deleted objects are lost.",
    fix="Set `versioned=True` (VersioningConfiguration.Status: Enabled).",
    config_rule="S3_BUCKET_VERSIONING_ENABLED",
    prowler=("s3_bucket_object_versioning",),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2", "C1.2", "PI1.5")},
)
def s3_bucket_versioning_enabled(bucket: Resource) -> Verdict:
    """Buckets keep previous object versions.

    Objects that are overwritten or deleted, by mistake or in an attack, can be restored.

    The change needs neither a replacement nor downtime. Each version costs storage; add a lifecycle rule for noncurrent
    versions.
    """
    return bucket["VersioningConfiguration.Status"].equals("Enabled")


@control(
    resource_types=BUCKET,
    kind="disposal",
    severity="low",
    fix="Add `lifecycle_rules` (LifecycleConfiguration.Rules).",
    config_rule="S3_VERSION_LIFECYCLE_POLICY_CHECK",
    prowler=("s3_bucket_lifecycle_enabled",),
    also_mapped={"inferred": ("CC7.4", "A1.2", "C1.1", "C1.2", "PI1.5")},
)
def s3_bucket_versioning_and_lifecycle_policy_enabled(bucket: Resource) -> Verdict:
    """Versioned buckets have a lifecycle rule.

    Without a lifecycle rule, previous versions are kept forever, also after the retention period. A bucket without
    versioning passes.

    The change needs neither a replacement nor downtime. A new rule also applies to existing objects.
    """
    return s3_bucket_versioning_enabled(bucket).implies(s3_bucket_lifecycle_policy_enabled(bucket))


@control(
    resource_types=BUCKET,
    kind="backups",
    severity="low",
    severity_reason="S3 stores objects in several zones; whether a second region is needed is a decision of the "
    "workload.",
    fix="Add `replication_rules` to a bucket in another region (ReplicationConfiguration.Rules), and set the "
    "context key `soc2:dr-region`.",
    config_rule="S3_BUCKET_CROSS_REGION_REPLICATION_ENABLED",
    prowler=("s3_bucket_cross_region_replication",),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def s3_bucket_cross_region_replication_enabled(bucket: Resource) -> Verdict:
    """Buckets replicate to another region.

    A copy in a second region survives the loss of the first region.

    A bucket that is a replica or receives access logs passes. Replication applies to new objects, and costs transfer
    and storage.
    """
    if is_log_destination(bucket) or is_replica(bucket):
        return passed("does not apply: the bucket holds access logs or replicas")
    rules = bucket["ReplicationConfiguration.Rules"].each()
    return any_of(
        rule["Status"].equals("Enabled") & _is_elsewhere(rule["Destination.Bucket"].target, bucket) for rule in rules
    ).with_message("no enabled replication rule has a destination in another region")


def is_replica(bucket: Resource) -> bool:
    """Whether the bucket is the destination of a replication rule of another bucket."""
    return bool(bucket.referrers(BUCKET, via="ReplicationConfiguration.Rules[].Destination.Bucket"))


def _is_elsewhere(destination: Resource | None, bucket: Resource) -> Verdict:
    if destination is None:
        return unresolved("the region of the destination bucket is not known before deployment")
    if destination.template.root is bucket.template.root:
        return failed("the destination bucket is in the same stack, and so in the same region")
    if None in (destination.region, bucket.region):
        return unresolved("the region of the stack is not known before deployment")
    if destination.region == bucket.region:
        return failed("the destination bucket is in the same region")
    return passed("the destination bucket is in {}", destination.region)


@control(
    kind="public_data",
    severity="medium",
    severity_reason="Each bucket has its own setting, which s3_public_access_block_bucket requires as high.",
    fix="Enable the public access block of the account (`aws s3control put-public-access-block`), and deploy the "
    "AWS Config rule S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC.",
    config_rule="S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC",
    prowler=("s3_account_level_public_access_blocks",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def s3_public_access_block_account() -> None:
    """The account blocks public access to S3.

    The setting of the account overrides every bucket, also buckets that are created by hand.

    CloudFormation has no resource type for the setting; the AWS Config rule checks the live account. Public access ends
    at once.
    """
