"""Amazon MQ."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::AmazonMQ::Broker",
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
