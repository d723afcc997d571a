"""Amazon DynamoDB Accelerator."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::DAX::Cluster",
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="Clusters are reachable only from inside their VPC.",
    fix='Set `cluster_endpoint_encryption_type="TLS"` (ClusterEndpointEncryptionType: TLS).',
    config_rule="DAX_TLS_ENDPOINT_ENCRYPTION",
    prowler=("dynamodb_accelerator_cluster_in_transit_encryption_enabled",),
    also_mapped={"inferred": ("CC6.7",)},
)
def dax_cluster_encryption_in_transit_enabled(cluster: Resource) -> Verdict:
    """DAX clusters accept only TLS connections.

    Without TLS, the default, items are sent between application and cache in plaintext.

    Changing the setting replaces the cluster. The new cluster is empty and has another endpoint, and clients must
    support TLS.
    """
    return cluster["ClusterEndpointEncryptionType"].equals("TLS")
