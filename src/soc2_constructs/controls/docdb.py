"""Amazon DocumentDB."""

from __future__ import annotations

from soc2_constructs.aws.audit_exports import exports_audit_log
from soc2_constructs.cloudformation import Resource, Verdict, passed, unresolved
from soc2_constructs.controls import control

CLUSTER = "AWS::DocDB::DBCluster"
PARAMETER_GROUP = "AWS::DocDB::DBClusterParameterGroup"


@control(
    resource_types=CLUSTER,
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="Clusters are reachable only from inside their VPC.",
    fix='Remove `tls` from the parameters of the `ClusterParameterGroup`, or set `"tls": "enabled"` '
    "(DBClusterParameterGroup.Parameters.tls: enabled).",
    config_rule="DOCDB_CLUSTER_ENCRYPTED_IN_TRANSIT",
)
def docdb_cluster_encryption_in_transit_enabled(cluster: Resource) -> Verdict:
    """DocumentDB clusters require TLS.

    Otherwise passwords and documents are sent in plaintext. TLS is on in the default parameter groups, and in others
    unless the parameter `tls` disables it.

    The parameter takes effect after a restart, and disconnects clients without TLS.
    """
    name = cluster["DBClusterParameterGroupName"]
    group = name.target_of(PARAMETER_GROUP)
    if group is not None:
        # Amazon DocumentDB Developer Guide, "Managing Amazon DocumentDB cluster TLS settings".
        return ~group["Parameters.tls"].default("enabled").equals("disabled")
    if name.is_absent or str(name.known).startswith("default."):
        return passed("TLS is on in the default parameter group")
    return unresolved("the parameter group is not part of the assembly", path=name.path)


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
