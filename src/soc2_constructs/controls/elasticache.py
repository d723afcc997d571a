"""Amazon ElastiCache."""

from __future__ import annotations

from soc2_constructs.aws.end_of_support import REDIS, is_supported
from soc2_constructs.cloudformation import Resource, Verdict, unresolved
from soc2_constructs.controls import control

REPLICATION_GROUP = "AWS::ElastiCache::ReplicationGroup"
CACHE_CLUSTER = "AWS::ElastiCache::CacheCluster"
SERVERLESS_CACHE = "AWS::ElastiCache::ServerlessCache"


@control(
    resource_types=REPLICATION_GROUP,
    kind="encryption_at_rest",
    severity="medium",
    severity_reason="Caches write data to disk only during backups, swapping and synchronization.",
    fix="Set `at_rest_encryption_enabled=True` on `CfnReplicationGroup` (AtRestEncryptionEnabled: true).",
    config_rule="ELASTICACHE_REPL_GRP_ENCRYPTED_AT_REST",
    prowler=("elasticache_redis_cluster_rest_encryption_enabled",),
)
def elasticache_replication_group_encryption_at_rest_enabled(group: Resource) -> Verdict:
    """Caches are encrypted at rest.

    Caches hold sessions and personal data, which backups and swap files contain too.

    Valkey encrypts by default, Redis OSS does not. Serverless caches are always encrypted. A secondary replication
    group of a global datastore has the setting of its primary. The change replaces the replication group, and the new
    one is empty.
    """
    enabled = group["AtRestEncryptionEnabled"]
    if not enabled.is_absent:
        return enabled.equals(True)
    if not group["GlobalReplicationGroupId"].is_absent:
        return unresolved("{} is not set; the primary of the global datastore decides", enabled, path=enabled.path)
    is_valkey = group["Engine"].default("redis").satisfies(lambda name: str(name).lower() == "valkey", "Valkey")
    return is_valkey.with_message("AtRestEncryptionEnabled is not set; only Valkey encrypts by default", enabled.path)


@control(
    resource_types=(REPLICATION_GROUP, CACHE_CLUSTER, SERVERLESS_CACHE),
    kind="backups",
    severity="medium",
    severity_reason="Missing backups are an exception in an audit. Data is lost only after another failure.",
    fix="Set `snapshot_retention_limit=15` or more (SnapshotRetentionLimit: 15 or more).",
    config_rule="ELASTICACHE_REDIS_CLUSTER_AUTOMATIC_BACKUP_CHECK",
    config_parameters={"snapshotRetentionPeriod": "15"},
    prowler=("elasticache_redis_cluster_backup_enabled",),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def elasticache_redis_cluster_automatic_backup_retention_15_days(
    cache: Resource, *, cache_snapshot_retention_days: int = 15
) -> Verdict:
    """Caches keep automatic snapshots for 15 days or longer.

    Redis and Valkey caches often hold data that is stored nowhere else, such as sessions, queues and counters. By
    default, ElastiCache takes no snapshots. Memcached clusters do not support snapshots, and pass. Serverless caches
    support them with every engine.

    Nothing is interrupted. Snapshot storage is charged.
    """
    keeps_snapshots = cache["SnapshotRetentionLimit"].default(0).at_least(cache_snapshot_retention_days)
    if cache.type != CACHE_CLUSTER:
        return keeps_snapshots
    engine = cache["Engine"]
    has_snapshots = engine.satisfies(lambda name: str(name).lower() != "memcached", "Redis or Valkey")
    return has_snapshots.implies(keeps_snapshots)


@control(
    resource_types=(REPLICATION_GROUP, CACHE_CLUSTER),
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="Caches are reachable only from inside their VPC.",
    fix="Set `transit_encryption_enabled=True` and omit `transit_encryption_mode`, on a `CfnReplicationGroup` "
    "also for a single Redis node (TransitEncryptionEnabled: true, TransitEncryptionMode: required).",
    config_rule="ELASTICACHE_REPL_GRP_ENCRYPTED_IN_TRANSIT",
    prowler=("elasticache_redis_cluster_in_transit_encryption_enabled",),
    also_mapped={"inferred": ("CC6.7",)},
)
def elasticache_replication_group_encryption_in_transit_enabled(cache: Resource) -> Verdict:
    """Caches accept only TLS connections.

    Without TLS, data is sent in plaintext, and password authentication is not available. The mode `preferred` also
    accepts plaintext connections and is meant for migration. Serverless caches always use TLS. A secondary replication
    group of a global datastore has the setting of its primary.

    A replication group is changed without interruption in two steps: first `preferred`, then `required`. A cache
    cluster is replaced.
    """
    enabled = cache["TransitEncryptionEnabled"]
    if enabled.is_absent and not cache["GlobalReplicationGroupId"].is_absent:
        return unresolved("{} is not set; the primary of the global datastore decides", enabled, path=enabled.path)
    return enabled.equals(True) & cache["TransitEncryptionMode"].default("required").equals("required")


@control(
    resource_types=(REPLICATION_GROUP, CACHE_CLUSTER),
    kind="vulnerabilities",
    severity="low",
    severity_reason="AWS still patches critical vulnerabilities in extended support, at an additional price.",
    fix='Set `engine="valkey"` and `engine_version="8.0"` on `CfnReplicationGroup` '
    "(Engine: valkey, EngineVersion: 8.0).",
    config_rule="ELASTICACHE_SUPPORTED_ENGINE_VERSION",
)
def elasticache_cluster_engine_version_supported(cache: Resource) -> Verdict:
    """Redis caches run an engine version in standard support.

    Afterwards, ElastiCache upgrades the cache or charges for extended support, which covers critical vulnerabilities
    only. The day of the audit decides. Valkey and Memcached have no announced end, and pass.

    The upgrade is done in place. It interrupts a cache without replicas.
    """
    is_redis = cache["Engine"].default("redis").satisfies(lambda name: str(name).lower() == "redis", "redis")
    return is_redis.implies(is_supported(cache["EngineVersion"], REDIS))
