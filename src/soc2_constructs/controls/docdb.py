"""Amazon DocumentDB."""

from __future__ import annotations

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
