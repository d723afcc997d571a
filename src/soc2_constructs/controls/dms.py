"""AWS Database Migration Service."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, all_of
from soc2_constructs.controls import control

TASK = "AWS::DMS::ReplicationTask"

_FINE_SEVERITIES = ("LOGGER_SEVERITY_DEFAULT", "LOGGER_SEVERITY_DEBUG", "LOGGER_SEVERITY_DETAILED_DEBUG")


@control(
    resource_types="AWS::DMS::ReplicationInstance",
    kind="network_boundary",
    severity="high",
    fix="Set `publicly_accessible=False` (PubliclyAccessible: false).",
    config_rule="DMS_REPLICATION_NOT_PUBLIC",
    prowler=("dms_instance_no_public_access",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def dms_replication_instance_not_publicly_accessible(instance: Resource) -> Verdict:
    """Replication instances have no public address.

    A replication instance holds the passwords of two databases and copies everything between them. Where nothing is
    said it gets a public address. To change that replaces the instance; its tasks are stopped meanwhile. Databases
    elsewhere are reached by VPN, Direct Connect or peering.
    """
    return instance["PubliclyAccessible"].equals(False)


@control(
    resource_types="AWS::DMS::Endpoint",
    kind="encryption_in_transit",
    severity="medium",
    fix='Leave out `ssl_security_protocol`, or set it to "ssl-encryption" (RedisSettings.SslSecurityProtocol).',
    config_rule="DMS_REDIS_TLS_ENABLED",
    prowler=("dms_endpoint_redis_in_transit_encryption_enabled",),
    also_mapped={"inferred": ("CC6.7",)},
)
def dms_endpoint_redis_tls_enabled(endpoint: Resource) -> Verdict:
    """Redis endpoints of DMS use TLS.

    Everything that is migrated goes through this connection, and the password of Redis with it. Where nothing is said
    DMS uses TLS. The Redis behind it must offer TLS as well. The change replaces nothing. Endpoints of other engines
    pass.
    """
    redis = endpoint["EngineName"].satisfies(lambda found: str(found).lower() == "redis", "redis")
    protocol = endpoint["RedisSettings.SslSecurityProtocol"]
    return redis.implies(protocol.default("ssl-encryption").equals("ssl-encryption"))


@control(
    resource_types=TASK,
    kind="logging",
    severity="medium",
    fix='Set `replication_task_settings=json.dumps({"Logging": {"EnableLogging": True}})` '
    "(ReplicationTaskSettings: Logging.EnableLogging true, SOURCE_CAPTURE and SOURCE_UNLOAD at "
    "LOGGER_SEVERITY_DEFAULT or finer).",
    config_rule="DMS_REPLICATION_TASK_SOURCEDB_LOGGING",
    prowler=("dms_replication_task_source_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def dms_replication_task_source_database_logging_enabled(task: Resource) -> Verdict:
    """Replication tasks log what they read from the source.

    When rows are missing on the other side, the log tells whether they were ever read. DMS logs nothing unless asked;
    once asked, it logs each component at the default severity unless the settings name a coarser one. The settings of a
    task can be changed while it is stopped.
    """
    return _logs(task, "SOURCE_CAPTURE", "SOURCE_UNLOAD")


@control(
    resource_types=TASK,
    kind="logging",
    severity="medium",
    fix='Set `replication_task_settings=json.dumps({"Logging": {"EnableLogging": True}})` '
    "(ReplicationTaskSettings: Logging.EnableLogging true, TARGET_APPLY and TARGET_LOAD at "
    "LOGGER_SEVERITY_DEFAULT or finer).",
    config_rule="DMS_REPLICATION_TASK_TARGETDB_LOGGING",
    prowler=("dms_replication_task_target_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def dms_replication_task_target_database_logging_enabled(task: Resource) -> Verdict:
    """Replication tasks log what they write to the target.

    The log tells which rows the target refused, and why. As with the source: DMS logs nothing unless asked, and then
    each component at the default severity unless the settings name a coarser one.
    """
    return _logs(task, "TARGET_APPLY", "TARGET_LOAD")


def _logs(task: Resource, *components: str) -> Verdict:
    logging = task["ReplicationTaskSettings"].parsed()["Logging"]
    return all_of(
        logging["EnableLogging"].equals(True),
        *(
            entry["Id"]
            .one_of(*components)
            .implies(entry["Severity"].default(_FINE_SEVERITIES[0]).one_of(*_FINE_SEVERITIES))
            for entry in logging["LogComponents"].each()
        ),
    )
