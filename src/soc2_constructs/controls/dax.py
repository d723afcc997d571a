"""Amazon DynamoDB Accelerator."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::DAX::Cluster",
    kind="encryption_at_rest",
    severity="medium",
    severity_reason="A cluster writes only parts of a table to disk.",
    fix='Set `sse_specification={"sseEnabled": True}` on `dax.CfnCluster` (SSESpecification.SSEEnabled: true).',
    config_rule="DAX_ENCRYPTION_ENABLED",
    prowler=("dynamodb_accelerator_cluster_encryption_enabled",),
)
def dax_cluster_encryption_at_rest_enabled(cluster: Resource) -> Verdict:
    """DAX clusters are encrypted at rest.

    A cluster writes cached items to disk when it replicates them from the primary node.

    The change replaces the cluster. The new cluster is empty and has another endpoint.
    """
    return cluster["SSESpecification.SSEEnabled"].equals(True)


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
