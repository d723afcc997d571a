"""Features of Amazon RDS engines, shared by controls and constructs.

An engine is named as in CloudFormation: `postgres`, `sqlserver-se`, `aurora-mysql`.
"""

from __future__ import annotations

#: The log types that the engines of instances can export. Editions of an engine have a suffix, such as `sqlserver-se`.
#: Amazon RDS User Guide, "Publishing database logs to Amazon CloudWatch Logs".
_INSTANCE_LOG_TYPES = {
    "db2": ("diag.log", "notify.log"),
    "mariadb": ("audit", "error", "general", "slowquery"),
    "mysql": ("audit", "error", "general", "slowquery"),
    "oracle": ("alert", "audit", "listener", "trace"),
    "postgres": ("postgresql", "upgrade"),
    "sqlserver": ("agent", "error"),
    "sqlserver-ex": ("error",),
}

#: The log types that the engines of Aurora clusters can export.
#: Amazon Aurora User Guide, "Monitoring Amazon Aurora log files".
_CLUSTER_LOG_TYPES = {
    "aurora-mysql": ("audit", "error", "general", "slowquery"),
    "aurora-postgresql": ("postgresql",),
}

#: The engines that support IAM database authentication.
#: Amazon RDS User Guide, "Supported Regions and DB engines for IAM database authentication in Amazon RDS".
#: Amazon Aurora User Guide, "Supported Regions and Aurora DB engines for IAM database authentication".
IAM_ENGINES = ("aurora-mysql", "aurora-postgresql", "mariadb", "mysql", "postgres")


def base_engine(engine: str) -> str:
    """An engine without its edition: `sqlserver` for `sqlserver-se`. The engines of Aurora have no editions."""
    return engine if engine.startswith("aurora") else engine.partition("-")[0]


def instance_log_types(engine: str) -> tuple[str, ...]:
    """The log types that an instance can export; none for an engine that exports none, or of a cluster."""
    return _INSTANCE_LOG_TYPES.get(engine) or _INSTANCE_LOG_TYPES.get(base_engine(engine), ())


def cluster_log_types(engine: str) -> tuple[str, ...]:
    """The log types that a cluster can export; none for an engine that exports none, or of an instance."""
    return _CLUSTER_LOG_TYPES.get(engine, ())
