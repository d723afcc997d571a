"""The effect of changing a property of a deployed resource: no interruption, some interruptions, or replacement.

The words are those of "Update behaviors of stack resources" in the CloudFormation User Guide. The resource schemas list
the properties that can only be set at creation; `_updates` holds them for every type. Effects that the schemas omit or
that contradict the documentation are in a table below, with their source.

    >>> effect_of("AWS::SQS::Queue", "FifoQueue", None, True)
    'replacement'
"""

from __future__ import annotations

from soc2_constructs.cloudformation.values import as_number, as_string, same
from soc2_constructs.cloudformation.values import is_intrinsic as is_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Rule = str | Callable[[Any, Any], str]

#: CloudFormation creates a new resource, updates references to it, and deletes the old one.
REPLACE = "replacement"
#: CloudFormation replaces the resource depending on facts that no template contains.
MAY_REPLACE = "conditional replacement"
#: The update fails: the change requires a new resource with another logical id.
REFUSED = "not supported"
#: The resource stays, and is unavailable for a while.
INTERRUPT = "some interruptions"
#: The type is in no schema and not in this module.
UNKNOWN = "unknown"
#: The resource stays available.
IN_PLACE = "no interruption"

#: The most severe first.
EFFECTS = (REPLACE, MAY_REPLACE, REFUSED, INTERRUPT, UNKNOWN, IN_PLACE)


class _NotKnown:
    """The type of NOT_KNOWN: a value that is only known at deployment."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOT_KNOWN"


#: In `effect_of`, a value that changes, with both values known only at deployment.
NOT_KNOWN = _NotKnown()


def is_intrinsic(node: Any) -> bool:
    """Return whether a value is an intrinsic function, or otherwise known only at deployment."""
    if type(node) is _NotKnown or is_function(node):
        return True
    return type(node) is dict and len(node) == 1 and "Condition" in node


def _is_set(node: Any) -> bool:
    return node is not None and not same(node, False)


def _backups(before: Any, after: Any) -> str:
    """Return an interruption only if backups are turned on or off. The default of RDS is one day."""
    days = [as_number(1 if value is None else value) for value in (before, after)]
    return IN_PLACE if None not in days and bool(days[0]) == bool(days[1]) else INTERRUPT


def _unless_off(before: Any, after: Any) -> str:  # noqa: ARG001 - every rule takes both values
    return IN_PLACE if is_intrinsic(after) or _is_set(after) else REFUSED


def _unless_new(before: Any, after: Any) -> str:  # noqa: ARG001
    return IN_PLACE if before is None else REPLACE


def _unless_gone(before: Any, after: Any) -> str:  # noqa: ARG001
    return IN_PLACE if after is None else MAY_REPLACE


#: Effects by type and property where the schemas are silent or contradict the documentation. Each block names its page
#: in https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/, or gives a whole address.
CORRECTIONS: dict[str, dict[str, Rule]] = {
    # aws-resource-dynamodb-table
    "AWS::DynamoDB::Table": {"SSESpecification": INTERRUPT},
    # aws-resource-ec2-instance; instances with an instance store as root volume are replaced instead;
    # this is a generation that AWS no longer offers.
    "AWS::EC2::Instance": {
        "BlockDeviceMappings": REPLACE,
        "BlockDeviceMappings.Ebs.DeleteOnTermination": IN_PLACE,
        "EbsOptimized": INTERRUPT,
        "InstanceType": INTERRUPT,
        "UserData": INTERRUPT,
    },
    # aws-resource-ec2-volume: "Updates are not supported"
    "AWS::EC2::Volume": {
        "AvailabilityZone": REFUSED,
        "AvailabilityZoneId": REFUSED,
        "Encrypted": REFUSED,
        "KmsKeyId": REFUSED,
        "OutpostArn": REFUSED,
        "SnapshotId": REFUSED,
    },
    # aws-properties-elasticsearch-domain-encryptionatrestoptions and aws-resource-elasticsearch-domain: a new version
    # needs the update policy EnableVersionUpgrade, else the domain is replaced.
    "AWS::Elasticsearch::Domain": {
        "ElasticsearchVersion": MAY_REPLACE,
        "EncryptionAtRestOptions.Enabled": _unless_new,
        "EncryptionAtRestOptions.KmsKeyId": _unless_new,
    },
    # aws-resource-kms-key: the update fails, so that no key is deleted by accident.
    "AWS::KMS::Key": {"KeySpec": REFUSED, "KeyUsage": REFUSED, "MultiRegion": REFUSED, "Origin": REFUSED},
    # aws-resource-neptune-dbinstance
    "AWS::Neptune::DBInstance": {"DBInstanceClass": INTERRUPT},
    # aws-resource-docdb-dbinstance, in the description of the property
    "AWS::DocDB::DBInstance": {"DBInstanceClass": INTERRUPT},
    # aws-properties-opensearchservice-domain-encryptionatrestoptions and aws-resource-opensearchservice-domain: a new
    # version needs the update policy EnableVersionUpgrade, else the domain is replaced.
    "AWS::OpenSearchService::Domain": {
        "EncryptionAtRestOptions.Enabled": _unless_new,
        "EncryptionAtRestOptions.KmsKeyId": _unless_new,
        "EngineVersion": MAY_REPLACE,
    },
    # aws-resource-rds-dbcluster
    "AWS::RDS::DBCluster": {
        "DBInstanceParameterGroupName": INTERRUPT,
        "EngineLifecycleSupport": INTERRUPT,
        "EngineVersion": INTERRUPT,
    },
    # aws-resource-rds-dbinstance; of backups, and of a new certificate, also
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html
    # (an outage only if backups are turned on or off).
    "AWS::RDS::DBInstance": {
        "AutoMinorVersionUpgrade": INTERRUPT,
        "BackupRetentionPeriod": _backups,
        "CACertificateIdentifier": INTERRUPT,
        "DBInstanceClass": INTERRUPT,
        "DBParameterGroupName": INTERRUPT,
        "EngineLifecycleSupport": INTERRUPT,
        "EngineVersion": INTERRUPT,
        "MultiAZ": INTERRUPT,
        "PerformanceInsightsKMSKeyId": _unless_gone,
        "PreferredMaintenanceWindow": INTERRUPT,
        "StorageType": INTERRUPT,
    },
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html: it can be enabled later,
    # and never disabled.
    "AWS::S3::Bucket": {"ObjectLockEnabled": _unless_off},
}

#: Types that hold data, messages, or the keys to read them.
STATEFUL = frozenset(
    (
        "AWS::AmazonMQ::Broker",
        "AWS::Backup::BackupVault",
        "AWS::Backup::LogicallyAirGappedBackupVault",
        "AWS::Cassandra::Keyspace",
        "AWS::Cassandra::Table",
        "AWS::CloudFormation::Stack",
        "AWS::CloudTrail::EventDataStore",
        "AWS::CodeCommit::Repository",
        "AWS::Cognito::UserPool",
        "AWS::DSQL::Cluster",
        "AWS::DocDB::DBCluster",
        "AWS::DocDBElastic::Cluster",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Instance",
        "AWS::EC2::Volume",
        "AWS::ECR::Repository",
        "AWS::EFS::FileSystem",
        "AWS::EMR::Cluster",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::ElastiCache::ServerlessCache",
        "AWS::Elasticsearch::Domain",
        "AWS::FSx::FileSystem",
        "AWS::FSx::Volume",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::Logs::LogGroup",
        "AWS::MSK::Cluster",
        "AWS::MSK::ServerlessCluster",
        "AWS::MemoryDB::Cluster",
        "AWS::Neptune::DBCluster",
        "AWS::NeptuneGraph::Graph",
        "AWS::OpenSearchServerless::Collection",
        "AWS::OpenSearchService::Domain",
        "AWS::Organizations::Account",
        "AWS::QLDB::Ledger",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
        "AWS::RedshiftServerless::Namespace",
        "AWS::S3::Bucket",
        "AWS::S3Express::DirectoryBucket",
        "AWS::S3Tables::TableBucket",
        "AWS::SDB::Domain",
        "AWS::SQS::Queue",
        "AWS::SageMaker::Domain",
        "AWS::SageMaker::NotebookInstance",
        "AWS::SecretsManager::Secret",
        "AWS::Timestream::Database",
        "AWS::Timestream::InfluxDBInstance",
        "AWS::Timestream::Table",
        "AWS::WorkSpaces::Workspace",
    )
)

#: Types of which CloudFormation takes a final snapshot if the resource has no deletion policy.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
SNAPSHOT_BY_DEFAULT = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")

_tables: dict[str, dict[tuple[str, ...], Rule] | None] = {}


def effect_of(kind: str, path: str, before: Any, after: Any) -> str:
    """Return what CloudFormation does to a resource when one of its properties changes: one of EFFECTS.

    Args:
        kind: The resource type, such as `AWS::RDS::DBInstance`.
        path: The property that changes, such as `EncryptionInfo.EncryptionAtRest` or `BlockDeviceMappings[0].Ebs`; it
            may contain the property that decides, or be part of it.
        before: Its value in the deployed template; None if it is not set.
        after: Its value in the new template; None if it is not set.

    A property without an entry is updated with no interruption: schemas list only properties that cannot be updated.
    """
    table = _table(kind)
    if table is None:
        return UNKNOWN
    steps = tuple(step for step in path.replace("[", ".[").split(".") if not step.startswith("["))
    above = [rule for rule in table if _begins(steps, rule)]
    if above:
        return _applied(table[max(above, key=len)], before, after)
    below = [rule for rule in table if len(rule) > len(steps) and _begins(rule, steps)]
    effects = [_below(table[rule], rule[len(steps) :], before, after) for rule in below]
    return min(effects, key=EFFECTS.index, default=IN_PLACE)


def _table(kind: str) -> dict[tuple[str, ...], Rule] | None:
    """Return the rules of a type by property path without indices; None for an unknown type."""
    if kind not in _tables:
        from soc2_constructs.deployment._updates import CREATE_ONLY

        texts = CREATE_ONLY.get(kind)
        table: dict[tuple[str, ...], Rule] = {}
        for text in (texts or "").split():
            steps = tuple(step for step in text.removeprefix("?").split(".") if step != "*")
            table[steps] = MAY_REPLACE if text.startswith("?") else REPLACE
        for path, rule in CORRECTIONS.get(kind, {}).items():
            table[tuple(path.split("."))] = rule
        _tables[kind] = None if texts is None else table
    return _tables[kind]


def _begins(steps: tuple[str, ...], beginning: tuple[str, ...]) -> bool:
    return steps[: len(beginning)] == beginning


def _applied(rule: Rule, before: Any, after: Any) -> str:
    effect = rule if type(rule) is str else rule(before, after)  # type: ignore[operator]
    if effect == REPLACE and _undecided(before, after):
        return MAY_REPLACE
    return effect


def _undecided(before: Any, after: Any) -> bool:
    """Return whether the two may have the same value although their texts differ."""
    if before is None or after is None:
        other = after if before is None else before
        return is_intrinsic(other) and (type(other) is not dict or "Fn::If" in other)
    if not is_intrinsic(before) and not is_intrinsic(after):
        return False
    # A reference to another resource has another value.
    return not _is_reference(before) or not _is_reference(after)


def _is_reference(node: Any) -> bool:
    return type(node) is dict and len(node) == 1 and ("Ref" in node or "Fn::GetAtt" in node)


def _below(rule: Rule, rest: tuple[str, ...], before: Any, after: Any) -> str:
    """Return the effect of a rule on a nested property whose parent is added, removed, or changes its type."""
    if is_intrinsic(before) or is_intrinsic(after):
        effect = rule if type(rule) is str else rule(NOT_KNOWN, NOT_KNOWN)  # type: ignore[operator]
        return MAY_REPLACE if effect == REPLACE else effect
    old, new = _values(before, rest), _values(after, rest)
    if plain(old) == plain(new):
        return IN_PLACE
    return _applied(rule, old[0] if len(old) == 1 else old or None, new[0] if len(new) == 1 else new or None)


def _values(node: Any, rest: tuple[str, ...]) -> list[Any]:
    """Return all values at a path; lists on the path are traversed."""
    nodes = [node]
    for step in rest:
        nodes = [item for node in nodes for item in (node if type(node) is list else [node])]
        nodes = [node if is_intrinsic(node) else node.get(step) for node in nodes if type(node) is dict]
        nodes = [node for node in nodes if node is not None]
    return nodes


def plain(node: Any) -> Any:
    """Return a value with scalars in one form: CloudFormation treats "1" and 1, or "true" and true, as equal."""
    if type(node) is dict:
        return {key: plain(child) for key, child in node.items() if child is not None}
    if type(node) is list:
        return [plain(child) for child in node]
    return node if node is None or type(node) is str else as_string(node)
