"""Amazon ElastiCache."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, unresolved
from soc2_constructs.controls import control

REPLICATION_GROUP = "AWS::ElastiCache::ReplicationGroup"
CACHE_CLUSTER = "AWS::ElastiCache::CacheCluster"
SERVERLESS_CACHE = "AWS::ElastiCache::ServerlessCache"


@control(
    resource_types=(REPLICATION_GROUP, CACHE_CLUSTER, SERVERLESS_CACHE),
    kind="backups",
    severity="medium",
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

    Redis and Valkey often hold what stands nowhere else: sessions, queues, counters. Where nothing is said ElastiCache
    takes no snapshots. Switching them on interrupts nothing and costs storage. Clusters of Memcached cannot be
    snapshotted and pass; serverless caches can, whatever their engine.
    """
    kept = cache["SnapshotRetentionLimit"].default(0).at_least(cache_snapshot_retention_days)
    if cache.type != CACHE_CLUSTER:
        return kept
    engine = cache["Engine"]
    return engine.satisfies(lambda found: str(found).lower() != "memcached", "Redis or Valkey").implies(kept)


@control(
    resource_types=(REPLICATION_GROUP, CACHE_CLUSTER),
    kind="encryption_in_transit",
    severity="medium",
    fix="Set `transit_encryption_enabled=True` (TransitEncryptionEnabled: true) and leave out TransitEncryptionMode, "
    "or make it `required`. A single Redis node has TLS as a CfnReplicationGroup of one node only.",
    config_rule="ELASTICACHE_REPL_GRP_ENCRYPTED_IN_TRANSIT",
    prowler=("elasticache_redis_cluster_in_transit_encryption_enabled",),
    also_mapped={"inferred": ("CC6.7",)},
)
def elasticache_replication_group_encryption_in_transit_enabled(cache: Resource) -> Verdict:
    """Caches take connections over TLS only.

    What is in the cache travels in plain text unless TLS is on, and without it no password can protect the cache. The
    mode `preferred` still lets plain text in: it is there to move clients over, so move on to `required`. By that way
    a replication group that exists is changed without interruption; a cache cluster has to be made anew. Serverless
    caches always have TLS. A secondary of a global datastore has what its primary has.
    """
    enabled = cache["TransitEncryptionEnabled"]
    if enabled.is_absent and not cache["GlobalReplicationGroupId"].is_absent:
        return unresolved("it is encrypted if the primary of its global datastore is")
    return enabled.equals(True) & cache["TransitEncryptionMode"].default("required").equals("required")
