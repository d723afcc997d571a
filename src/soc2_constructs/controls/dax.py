"""Amazon DynamoDB Accelerator."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::DAX::Cluster",
    kind="encryption_in_transit",
    severity="medium",
    fix='Set `cluster_endpoint_encryption_type="TLS"` (ClusterEndpointEncryptionType: TLS).',
    config_rule="DAX_TLS_ENDPOINT_ENCRYPTION",
    prowler=("dynamodb_accelerator_cluster_in_transit_encryption_enabled",),
    also_mapped={"inferred": ("CC6.7",)},
)
def dax_cluster_encryption_in_transit_enabled(cluster: Resource) -> Verdict:
    """DAX clusters take connections over TLS only.

    Items travel between application and cache as they are, unless the endpoint has TLS; where nothing is said it has
    none. It is decided when a cluster is made: to switch it on replaces the cluster, which then is an empty cache at
    another address, and clients need a version that knows TLS.
    """
    return cluster["ClusterEndpointEncryptionType"].equals("TLS")
