"""AWS Database Migration Service."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, all_of
from soc2_constructs.controls import control

TASK = "AWS::DMS::ReplicationTask"

#: AWS DMS User Guide, "Using SSL with AWS Database Migration Service".
_TLS_ENGINES = (
    *("aurora", "aurora-postgresql", "db2", "db2-zos", "docdb", "mariadb", "mongodb", "mysql", "oracle", "postgres"),
    *("sqlserver", "sybase"),
)
_ACCEPTED_SEVERITIES = ("LOGGER_SEVERITY_DEFAULT", "LOGGER_SEVERITY_DEBUG", "LOGGER_SEVERITY_DETAILED_DEBUG")


@control(
    resource_types="AWS::DMS::ReplicationInstance",
    kind="network_boundary",
    severity="high",
    severity_reason="A public IP address opens a way in from the internet.",
    fix="Set `publicly_accessible=False` (PubliclyAccessible: false).",
    config_rule="DMS_REPLICATION_NOT_PUBLIC",
    prowler=("dms_instance_no_public_access",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def dms_replication_instance_not_publicly_accessible(instance: Resource) -> Verdict:
    """Replication instances have no public IP address.

    A replication instance has credentials for two databases and access to their data. By default it gets a public IP
    address. Use VPN, Direct Connect or peering to reach databases outside the VPC.

    Changing the setting replaces the instance, and its tasks stop until the new instance is available.
    """
    return instance["PubliclyAccessible"].equals(False)


@control(
    resource_types="AWS::DMS::Endpoint",
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="Connections usually stay inside a VPC or a private network.",
    fix='Set `redis_settings=dms.CfnEndpoint.RedisSettingsProperty(ssl_security_protocol="ssl-encryption", ...)`, or '
    "omit the protocol (RedisSettings.SslSecurityProtocol: ssl-encryption).",
    config_rule="DMS_REDIS_TLS_ENABLED",
    prowler=("dms_endpoint_redis_in_transit_encryption_enabled",),
    also_mapped={"inferred": ("CC6.7",)},
)
def dms_endpoint_redis_tls_enabled(endpoint: Resource) -> Verdict:
    """Redis endpoints of DMS use TLS.

    The connection carries all migrated data and the Redis password. DMS uses TLS by default. Endpoints of other engines
    pass.

    Nothing is replaced. The Redis server must support TLS.
    """
    is_redis = endpoint["EngineName"].satisfies(lambda engine: str(engine).lower() == "redis", "redis")
    protocol = endpoint["RedisSettings.SslSecurityProtocol"]
    return is_redis.implies(protocol.default("ssl-encryption").equals("ssl-encryption"))


@control(
    resource_types=TASK,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix='Set `replication_task_settings=json.dumps({"Logging": {"EnableLogging": True}})` '
    "(ReplicationTaskSettings: Logging.EnableLogging true, SOURCE_CAPTURE and SOURCE_UNLOAD at "
    "LOGGER_SEVERITY_DEFAULT or finer).",
    config_rule="DMS_REPLICATION_TASK_SOURCEDB_LOGGING",
    prowler=("dms_replication_task_source_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def dms_replication_task_source_database_logging_enabled(task: Resource) -> Verdict:
    """Replication tasks log reads from the source database.

    Where rows are missing in the target, the log shows whether they were read. Logging is off by default. When it is
    on, each component logs at the default severity, and the settings must not set a coarser one.

    The task must be stopped to change its settings. CloudWatch Logs charges for ingestion and storage.
    """
    return _logs(task, "SOURCE_CAPTURE", "SOURCE_UNLOAD")


@control(
    resource_types=TASK,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix='Set `replication_task_settings=json.dumps({"Logging": {"EnableLogging": True}})` '
    "(ReplicationTaskSettings: Logging.EnableLogging true, TARGET_APPLY and TARGET_LOAD at "
    "LOGGER_SEVERITY_DEFAULT or finer).",
    config_rule="DMS_REPLICATION_TASK_TARGETDB_LOGGING",
    prowler=("dms_replication_task_target_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def dms_replication_task_target_database_logging_enabled(task: Resource) -> Verdict:
    """Replication tasks log writes to the target database.

    The log shows which rows the target rejected, and why. Logging is off by default. When it is on, each component logs
    at the default severity, and the settings must not set a coarser one.

    The task must be stopped to change its settings. CloudWatch Logs charges for ingestion and storage.
    """
    return _logs(task, "TARGET_APPLY", "TARGET_LOAD")


def _logs(task: Resource, *components: str) -> Verdict:
    logging = task["ReplicationTaskSettings"].parsed()["Logging"]
    return all_of(
        logging["EnableLogging"].equals(True),
        *(
            entry["Id"]
            .one_of(*components)
            .implies(entry["Severity"].default(_ACCEPTED_SEVERITIES[0]).one_of(*_ACCEPTED_SEVERITIES))
            for entry in logging["LogComponents"].each()
        ),
    )


@control(
    resource_types="AWS::DMS::Endpoint",
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="Connections usually stay inside a VPC or a private network.",
    fix='Set `ssl_mode="require"`, or `"verify-full"` with `certificate_arn`, on `CfnEndpoint` '
    "(SslMode: require, verify-ca or verify-full).",
    config_rule="DMS_ENDPOINT_SSL_CONFIGURED",
    prowler=("dms_endpoint_ssl_enabled",),
)
def dms_endpoint_ssl_configured(endpoint: Resource) -> Verdict:
    """Database endpoints of DMS use TLS.

    The connection carries all migrated data and the password. By default, DMS connects without TLS. Endpoints of other
    stores, such as S3, Kinesis and Kafka, have no `SslMode`, and pass.

    The task must be stopped for the change. The database must support TLS.
    """
    is_database = endpoint["EngineName"].satisfies(lambda engine: str(engine).lower() in _TLS_ENGINES, "a database")
    return is_database.implies(endpoint["SslMode"].default("none").one_of("require", "verify-ca", "verify-full"))
