"""Amazon MSK, MSK Connect included."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::MSK::Cluster",
    kind="encryption_in_transit",
    severity="medium",
    fix="Leave out `encryption_in_transit`, or set `client_broker=ClientBrokerEncryption.TLS` and "
    "`enable_in_cluster=True` (EncryptionInfo.EncryptionInTransit: ClientBroker TLS, InCluster true).",
    config_rule="MSK_IN_CLUSTER_NODE_REQUIRE_TLS",
    prowler=("kafka_cluster_in_transit_encryption_enabled",),
    also_mapped={"inferred": ("CC6.7",)},
)
def msk_cluster_encryption_in_transit_with_tls_enabled(cluster: Resource) -> Verdict:
    """Kafka brokers talk TLS only, to clients and to each other.

    Both are the default, so whoever fails has switched it off. `TLS_PLAINTEXT` leaves the plain port open beside the
    other. Between clients and brokers it can be changed at any time, and clients on the plain port are cut off; between
    brokers it is decided when the cluster is made, and a change replaces it. Serverless clusters always have TLS.
    """
    transit = cluster["EncryptionInfo.EncryptionInTransit"]
    return transit["ClientBroker"].default("TLS").equals("TLS") & transit["InCluster"].default(True).equals(True)


@control(
    resource_types="AWS::KafkaConnect::Connector",
    kind="encryption_in_transit",
    severity="medium",
    fix='Set `kafka_cluster_encryption_in_transit` to `encryption_type="TLS"` '
    "(KafkaClusterEncryptionInTransit.EncryptionType: TLS).",
    config_rule="MSK_CONNECT_CONNECTOR_ENCRYPTED",
    prowler=("kafka_connector_in_transit_encryption_enabled",),
    also_mapped={"Prowler": ("CC6.7",)},
)
def mskconnect_connector_encryption_in_transit_with_tls_enabled(connector: Resource) -> Verdict:
    """MSK Connect connectors reach their cluster over TLS.

    A connector reads or writes whole topics: in plain text anybody on the way reads along. The cluster has to listen on
    its TLS port. A change replaces the connector.
    """
    return connector["KafkaClusterEncryptionInTransit.EncryptionType"].equals("TLS")
