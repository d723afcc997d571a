"""Features of the database engines, as far as requirements depend on them."""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_rds as rds

from soc2_constructs.controls.rds import LOG_TYPES
from soc2_constructs.hardening import (
    PropsContext,
    stack_singleton,
)

#: What Aurora's engines can export, by engine type.
_AURORA_LOG_TYPES = {
    "aurora": ("audit", "error", "general", "slowquery"),
    "aurora-mysql": ("audit", "error", "general", "slowquery"),
    "aurora-postgresql": ("postgresql",),
}


_IAM_ENGINES = ("mariadb", "mysql", "postgres")


#: SQL Server has no multi-AZ deployment in these editions.
SINGLE_ZONE_ENGINES = ("sqlserver-ex", "sqlserver-web")


#: The instance classes on which Performance Insights does not run, by engine.
#: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.Engines.html
_WITHOUT_INSIGHTS = {
    "aurora": ("t2.", "t3.", "t4g.micro", "t4g.small"),
    "aurora-mysql": ("t2.", "t3.", "t4g.micro", "t4g.small"),
    "mariadb": ("t2.micro", "t2.small", "t3.micro", "t3.small", "t4g.micro", "t4g.small"),
    "mysql": ("t2.micro", "t2.small", "t3.micro", "t3.small", "t4g.micro", "t4g.small"),
}


#: Parameters that refuse connections without TLS, and write what is exported, by engine family.
_PARAMETERS = {
    "aurora": {"require_secure_transport": "ON", "server_audit_logging": "1"},
    "aurora-mysql": {
        "require_secure_transport": "ON",
        "server_audit_logging": "1",
        "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL",
        "slow_query_log": "1",
    },
    "aurora-postgresql": {"rds.force_ssl": "1", "log_statement": "ddl"},
    "mariadb": {"require_secure_transport": "1", "slow_query_log": "1", "log_output": "FILE"},
    "mysql": {"require_secure_transport": "1", "slow_query_log": "1", "log_output": "FILE"},
    "postgres": {"rds.force_ssl": "1", "log_statement": "ddl"},
    "sqlserver": {"rds.force_ssl": "1"},
}


#: Options that do the same where a parameter cannot.
OPTIONS = {
    "mariadb": ("MARIADB_AUDIT_PLUGIN", {"SERVER_AUDIT_EVENTS": "CONNECT,QUERY_DCL,QUERY_DDL"}),
    "mysql": ("MARIADB_AUDIT_PLUGIN", {"SERVER_AUDIT_EVENTS": "CONNECT,QUERY_DCL,QUERY_DDL"}),
    "oracle": ("NATIVE_NETWORK_ENCRYPTION", {"SQLNET.ENCRYPTION_SERVER": "REQUIRED"}),
}


def engine_type(props: dict[str, Any]) -> str:
    """The type of the engine, such as `postgres` or `sqlserver-se`; empty where a replica's source does not tell."""
    engine = props.get("engine")
    if engine is None and "source_database_instance" in props:
        engine = props["source_database_instance"].engine
    return "" if engine is None else str(engine.engine_type)


def of_engine(table: dict[str, Any], engine: str) -> Any:
    return table.get(engine) or table.get(engine if engine.startswith("aurora") else engine.partition("-")[0])


def log_types(context: PropsContext) -> list[str] | None:
    found = of_engine({**LOG_TYPES, **_AURORA_LOG_TYPES}, engine_type(context.props))
    return list(found) if found else None


def exports_all(exports: Any, context: PropsContext) -> bool:
    return set(log_types(context) or ()) <= set(exports)


def supports_iam(context: PropsContext) -> bool:
    return engine_type(context.props).startswith(("aurora", *_IAM_ENGINES))


def supports_insights(context: PropsContext) -> bool:
    instance_type = context.props.get("instance_type")
    return instance_type is None or class_supports_insights(engine_type(context.props), instance_type.to_string())


def class_supports_insights(engine: str, instance_class: str) -> bool:
    return not instance_class.removeprefix("db.").startswith(_WITHOUT_INSIGHTS.get(engine, ()))


def has_version(props: dict[str, Any]) -> bool:
    """Whether the engine has a version: without one the CDK makes neither parameter groups nor option groups."""
    return "engine" in props and props["engine"].engine_version is not None


def add_parameters(props: dict[str, Any], engine: str) -> None:
    """A parameter group of the user's stays as it is; single parameters of theirs win over ours."""
    if "parameter_group" in props or not has_version(props):
        return
    ours = of_engine(_PARAMETERS, engine)
    if ours:
        props["parameters"] = {**ours, **props.get("parameters", {})}


def option_group(context: PropsContext, name: str, settings: dict[str, str]) -> rds.IOptionGroup:
    """One option group for each engine and version of a stack: they are few, and take long to delete."""
    engine = context.props["engine"]
    version = engine.engine_version.major_version or engine.engine_version.full_version
    return stack_singleton(
        context.scope,
        f"Options-{engine.engine_type}-{version}",
        lambda holder, id: rds.OptionGroup(
            holder, id, engine=engine, configurations=[rds.OptionConfiguration(name=name, settings=settings)]
        ),
    )
