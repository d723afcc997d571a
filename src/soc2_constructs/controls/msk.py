"""Amazon MSK, including MSK Connect."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, any_of
from soc2_constructs.controls import control

CLUSTER = "AWS::MSK::Cluster"
CONNECTOR = "AWS::KafkaConnect::Connector"

_LOGS = {CLUSTER: "LoggingInfo.BrokerLogs", CONNECTOR: "LogDelivery.WorkerLogDelivery"}


@control(
    resource_types=(CLUSTER, CONNECTOR),
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `logging=msk.BrokerLogging(cloudwatch_log_group=log_group)`, or `log_delivery` on `CfnConnector` "
    "(LoggingInfo.BrokerLogs, Connector.LogDelivery.WorkerLogDelivery).",
)
def msk_cluster_logging_enabled(resource: Resource) -> Verdict:
    """Kafka brokers and connectors write logs.

    Logs show failed authentication and errors of brokers and workers, which an investigation needs.

    CloudWatch Logs, S3 or Firehose suffice. The change updates the brokers one after another and replaces a connector;
    log volume costs.
    """
    logs = resource[_LOGS[resource.type]]
    return any_of(
        logs[f"{target}.Enabled"].equals(True) for target in ("CloudWatchLogs", "Firehose", "S3")
    ).with_message("no destination of logs is enabled", path=logs.path)


@control(
    resource_types=CLUSTER,
    kind="network_boundary",
    severity="high",
    fix='Set `type="DISABLED"` in `public_access` of `connectivity_info`, or remove it '
    "(BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type: DISABLED).",
    config_rule="MSK_CLUSTER_PUBLIC_ACCESS_DISABLED",
    prowler=("kafka_cluster_is_public",),
)
def msk_cluster_not_publicly_accessible(cluster: Resource) -> Verdict:
    """Kafka brokers are not publicly accessible.

    Public brokers have internet addresses, so that credentials of a client suffice to read whole topics.

    The change updates the brokers one after another and disconnects clients outside of the VPC.
    """
    access = cluster["BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type"]
    return access.default("DISABLED").equals("DISABLED")


@control(
    resource_types=CLUSTER,
    kind="authentication",
    severity="medium",
    severity_reason="Brokers are reachable only from inside their VPC.",
    fix="Set `client_authentication=msk.ClientAuthentication.sasl(iam=True)` "
    "(ClientAuthentication.Sasl.Iam.Enabled: true, ClientAuthentication.Unauthenticated.Enabled: false).",
    config_rule="MSK_UNRESTRICTED_ACCESS_CHECK",
    prowler=("kafka_cluster_unrestricted_access_disabled",),
)
def msk_cluster_unauthenticated_access_disabled(cluster: Resource) -> Verdict:
    """Kafka brokers authenticate their clients.

    Without authentication, every client that reaches a broker can read and write all topics.

    A cluster without ClientAuthentication accepts clients without authentication. The change updates the brokers one
    after another. Clients must support IAM, SCRAM or client certificates first.
    """
    authentication = cluster["ClientAuthentication"]
    methods = any_of(
        authentication[f"{method}.Enabled"].equals(True) for method in ("Sasl.Iam", "Sasl.Scram", "Tls")
    ).with_message("no method of authentication is enabled", path=authentication.path)
    return methods & authentication["Unauthenticated.Enabled"].default(False).equals(False)


@control(
    resource_types=CLUSTER,
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
