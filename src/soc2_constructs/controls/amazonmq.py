"""Amazon MQ."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

BROKER = "AWS::AmazonMQ::Broker"


@control(
    resource_types=BROKER,
    kind="network_boundary",
    severity="high",
    fix="Set `publicly_accessible=False` on `amazonmq.CfnBroker` (PubliclyAccessible: false).",
    config_rule="MQ_NO_PUBLIC_ACCESS",
    prowler=("mq_broker_not_publicly_accessible",),
)
def mq_broker_not_publicly_accessible(broker: Resource) -> Verdict:
    """Brokers are not publicly accessible.

    The console and the messaging ports of a public broker can be attacked from the internet.

    The change replaces the broker; messages on it are lost. Clients outside of the VPC need a VPN or another way in.
    """
    return broker["PubliclyAccessible"].default(False).equals(False)


@control(
    resource_types=BROKER,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `logs=amazonmq.CfnBroker.LogListProperty(general=True, audit=True)` for ActiveMQ, or only `general=True` "
    "for RabbitMQ (Logs.General: true, Logs.Audit: true).",
    config_rule="MQ_CLOUDWATCH_AUDIT_LOG_ENABLED",
    prowler=("mq_broker_logging_enabled",),
    also_mapped={"inferred": ("A1.2",)},
)
def mq_broker_audit_log_enabled(broker: Resource) -> Verdict:
    """Brokers publish general logs, and ActiveMQ brokers audit logs.

    The audit log records management actions on the broker, and the general log its operation. Without them an incident
    on the broker cannot be reconstructed. RabbitMQ brokers have no audit log.

    The change takes effect when the broker is rebooted. CloudWatch Logs charges for ingestion and storage.
    """
    is_activemq = broker["EngineType"].satisfies(lambda engine: str(engine).lower() == "activemq", "ActiveMQ")
    return broker["Logs.General"].equals(True) & is_activemq.implies(broker["Logs.Audit"].equals(True))
