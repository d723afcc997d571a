"""Amazon MQ."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::AmazonMQ::Broker",
    kind="logging",
    severity="medium",
    fix="Set `logs=amazonmq.CfnBroker.LogListProperty(general=True, audit=True)`, for RabbitMQ `general=True` alone "
    "(Logs.General and Logs.Audit: true).",
    config_rule="MQ_CLOUDWATCH_AUDIT_LOG_ENABLED",
    prowler=("mq_broker_logging_enabled",),
    also_mapped={"inferred": ("A1.2",)},
)
def mq_broker_audit_log_enabled(broker: Resource) -> Verdict:
    """Brokers publish general logs, ActiveMQ audit logs too.

    The audit log tells who managed the broker, the general log what happened to it. RabbitMQ has no audit log of its
    own. The change takes effect with the broker's next reboot.
    """
    active = broker["EngineType"].satisfies(lambda engine: str(engine).lower() == "activemq", "ActiveMQ")
    return broker["Logs.General"].equals(True) & active.implies(broker["Logs.Audit"].equals(True))
