"""Amazon Neptune."""

from __future__ import annotations

from soc2_constructs.aws.audit_exports import exports_audit_log
from soc2_constructs.cloudformation import Resource, Verdict, unresolved
from soc2_constructs.controls import control

CLUSTER = "AWS::Neptune::DBCluster"
INSTANCE = "AWS::Neptune::DBInstance"
GRAPH = "AWS::NeptuneGraph::Graph"

_PUBLIC = {INSTANCE: "PubliclyAccessible", GRAPH: "PublicConnectivity"}
PARAMETER_GROUP = "AWS::Neptune::DBClusterParameterGroup"


@control(
    resource_types=CLUSTER,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `cloudwatch_logs_exports=[neptune.LogType.AUDIT]` and `cluster_parameter_group` to a "
    '`neptune.ClusterParameterGroup(..., parameters={"neptune_enable_audit_log": "1"})` '
    "(EnableCloudwatchLogsExports with audit, DBClusterParameterGroupName).",
    config_rule="NEPTUNE_CLUSTER_CLOUDWATCH_LOG_EXPORT_ENABLED",
    prowler=("neptune_cluster_integration_cloudwatch_logs",),
)
def neptune_db_cluster_audit_logging_enabled(cluster: Resource) -> Verdict:
    """Neptune clusters write audit logs to CloudWatch.

    Audit logs show which client ran which query, which an investigation needs.

    The export needs the parameter `neptune_enable_audit_log`, which is 0 in the default parameter group. The AWS Config
    rule sees only the export. The change of the parameter takes effect after a restart; log volume costs.
    """
    return exports_audit_log(cluster, PARAMETER_GROUP, "neptune_enable_audit_log", lambda value: str(value) == "1")


@control(
    resource_types=(INSTANCE, GRAPH),
    kind="network_boundary",
    severity="high",
    fix="Set `publicly_accessible=False` on `neptune.CfnDBInstance`, or `public_connectivity=False` on "
    "`neptunegraph.CfnGraph` (DBInstance.PubliclyAccessible: false, Graph.PublicConnectivity: false).",
)
def neptune_instance_not_publicly_accessible(resource: Resource) -> Verdict:
    """Neptune instances and Neptune Analytics graphs are not publicly accessible.

    A public graph database can be attacked from the internet.

    The default is private. The change needs no replacement and disconnects clients outside of the VPC.
    """
    return resource[_PUBLIC[resource.type]].default(False).equals(False)


@control(
    resource_types=CLUSTER,
    kind="inventory",
    severity="low",
    fix="Set `copy_tags_to_snapshot=True` (CopyTagsToSnapshot: true).",
    config_rule="NEPTUNE_CLUSTER_COPY_TAGS_TO_SNAPSHOT_ENABLED",
    prowler=("neptune_cluster_copy_tags_to_snapshots",),
    also_mapped={"inferred": ("CC7.5",)},
)
def neptune_db_cluster_copy_tags_to_snapshot_enabled(cluster: Resource) -> Verdict:
    """Neptune clusters copy their tags to snapshots.

    Tags identify the owner of a snapshot, and access policies based on tags then apply to snapshots too.

    The change applies to new snapshots and interrupts nothing.
    """
    return cluster["CopyTagsToSnapshot"].equals(True)


@control(
    resource_types=CLUSTER,
    kind="encryption_at_rest",
    severity="high",
    severity_reason="Without the setting, data is stored unencrypted, and encryption cannot be enabled later "
    "without a replacement.",
    fix="Set `storage_encrypted=True` (StorageEncrypted: true), and deploy the AWS Config rule "
    "NEPTUNE_CLUSTER_SNAPSHOT_ENCRYPTED.",
    config_rule="NEPTUNE_CLUSTER_SNAPSHOT_ENCRYPTED",
    prowler=("neptune_cluster_snapshot_encrypted",),
    live_only=True,
    also_mapped={"Prowler": ("CC7.5",)},
)
def neptune_db_cluster_snapshot_encryption_at_rest_enabled(cluster: Resource) -> Verdict:
    """Neptune clusters and their snapshots are encrypted.

    A snapshot is encrypted if its cluster is. An unencrypted snapshot can be copied or shared without a key.

    Encryption is fixed at creation, and enabling it replaces the cluster. To keep the data, restore a snapshot with a
    key. A restored cluster inherits the encryption of its source. Only the live account shows older snapshots.
    """
    return _is_encrypted(cluster)


def _is_encrypted(cluster: Resource, follow: bool = True) -> Verdict:
    """Whether the cluster is encrypted, or is restored from a cluster that is."""
    own = cluster["StorageEncrypted"].equals(True)
    source = cluster["SourceDBClusterIdentifier"].target_of(CLUSTER)
    if follow and source is not None:
        # A key encrypts what is restored from a source without encryption.
        return cluster["KmsKeyId"].is_set() | _is_encrypted(source, follow=False)
    if cluster["SnapshotIdentifier"].is_absent and cluster["SourceDBClusterIdentifier"].is_absent:
        return own
    # A restored cluster inherits encryption, whatever the property is, unless it has a key.
    return cluster["KmsKeyId"].is_set() | unresolved(
        "encryption depends on the snapshot or source, which is not part of the assembly"
    )
