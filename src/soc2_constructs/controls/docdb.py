"""Amazon DocumentDB."""

from __future__ import annotations

from soc2_constructs.aws.audit_exports import exports_audit_log
from soc2_constructs.cloudformation import Resource, Verdict, unresolved
from soc2_constructs.controls import control

CLUSTER = "AWS::DocDB::DBCluster"
PARAMETER_GROUP = "AWS::DocDB::DBClusterParameterGroup"


@control(
    resource_types=CLUSTER,
    kind="encryption_at_rest",
    severity="high",
    severity_reason="Without the setting, data is stored unencrypted, and encryption cannot be enabled later "
    "without a replacement.",
    fix="Set `storage_encrypted=True` (StorageEncrypted: true).",
    config_rule="DOCDB_CLUSTER_ENCRYPTED",
    prowler=("documentdb_cluster_storage_encrypted",),
)
def docdb_cluster_encryption_at_rest_enabled(cluster: Resource) -> Verdict:
    """DocumentDB clusters are encrypted at rest.

    Unencrypted snapshots can be copied or shared without a key.

    Encryption is fixed at creation, and enabling it replaces the cluster. To keep the data, restore a snapshot with a
    key. A cluster that is restored without a key inherits the encryption of its source.
    """
    sources = [cluster[name] for name in ("SnapshotIdentifier", "SourceDBClusterIdentifier")]
    if any(not source.is_absent for source in sources):
        return cluster["KmsKeyId"].is_set() | unresolved("encryption depends on the snapshot or source")
    return cluster["StorageEncrypted"].equals(True)


@control(
    resource_types=CLUSTER,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `export_audit_logs_to_cloud_watch=True` and `parameter_group` to a "
    '`docdb.ClusterParameterGroup(..., parameters={"audit_logs": "enabled"})` '
    "(EnableCloudwatchLogsExports with audit, DBClusterParameterGroupName).",
    config_rule="DOCDB_CLUSTER_AUDIT_LOGGING_ENABLED",
    prowler=("documentdb_cluster_cloudwatch_log_export",),
)
def docdb_cluster_audit_logging_enabled(cluster: Resource) -> Verdict:
    """DocumentDB clusters write audit logs to CloudWatch.

    Audit logs show logins and changes of users and collections, which an investigation needs.

    The export needs the parameter `audit_logs`, which is disabled in the default parameter group. The AWS Config rule
    sees only the export. The change of the parameter needs no restart; log volume costs.
    """
    return exports_audit_log(cluster, PARAMETER_GROUP, "audit_logs", lambda value: value not in ("disabled", "none"))
