"""Amazon MSK, including MSK Connect."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::MSK::Cluster",
    kind="encryption_in_transit",
    severity="medium",
    fix="Remove `encryption_in_transit`, or set `client_broker=ClientBrokerEncryption.TLS` and "
    "`enable_in_cluster=True` (EncryptionInfo.EncryptionInTransit: ClientBroker TLS, InCluster true).",
    config_rule="MSK_IN_CLUSTER_NODE_REQUIRE_TLS",
    prowler=("kafka_cluster_in_transit_encryption_enabled",),
    also_mapped={"inferred": ("CC6.7",)},
)
def msk_cluster_encryption_in_transit_with_tls_enabled(cluster: Resource) -> Verdict:
    """Kafka brokers use TLS with clients and between brokers.

    Messages in plain text can be read and changed on the network.

    TLS is the default for both. `TLS_PLAINTEXT` keeps the plaintext port open. The client setting can be changed at any
    time and disconnects plaintext clients. The setting between brokers is fixed at creation; a change replaces the
    cluster. Serverless clusters always use TLS.
    """
    transit = cluster["EncryptionInfo.EncryptionInTransit"]
    return transit["ClientBroker"].default("TLS").equals("TLS") & transit["InCluster"].default(True).equals(True)


@control(
    resource_types="AWS::KafkaConnect::Connector",
    kind="encryption_in_transit",
    severity="medium",
    fix='Set `kafka_cluster_encryption_in_transit` with `encryption_type="TLS"` on `CfnConnector` '
    "(KafkaClusterEncryptionInTransit.EncryptionType: TLS).",
    config_rule="MSK_CONNECT_CONNECTOR_ENCRYPTED",
    prowler=("kafka_connector_in_transit_encryption_enabled",),
    also_mapped={"Prowler": ("CC6.7",)},
)
def mskconnect_connector_encryption_in_transit_with_tls_enabled(connector: Resource) -> Verdict:
    """MSK Connect connectors use TLS.

    A connector transfers whole topics. Without TLS, the messages can be read and changed on the network.

    The cluster must offer its TLS port. The change replaces the connector.
    """
    return connector["KafkaClusterEncryptionInTransit.EncryptionType"].equals("TLS")
