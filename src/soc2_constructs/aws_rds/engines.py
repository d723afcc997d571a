"""Features of the database engines, as far as requirements depend on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from soc2_constructs.hardening import (
    PropsContext,
    stack_singleton,
)

from aws_cdk import aws_rds as rds

from soc2_constructs.aws.rds_engines import IAM_ENGINES, base_engine, cluster_log_types, instance_log_types

T = TypeVar("T")

#: The engines without Multi-AZ deployments: SQL Server Express and Web.
SINGLE_ZONE_ENGINES = ("sqlserver-ex", "sqlserver-web")


#: The instance classes that do not support Performance Insights, by engine.
#: Amazon RDS User Guide, "Amazon RDS DB engine, Region, and instance class support for Performance Insights".
_WITHOUT_INSIGHTS = {
    "aurora-mysql": ("t2.", "t3.", "t4g.micro", "t4g.small"),
    "mariadb": ("t2.micro", "t2.small", "t3.micro", "t3.small", "t4g.micro", "t4g.small"),
    "mysql": ("t2.micro", "t2.small", "t3.micro", "t3.small", "t4g.micro", "t4g.small"),
}


#: Parameters that require TLS and enable the logs that are exported, by engine without edition.
_PARAMETERS = {
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


#: Options for TLS and audit logs, for engines that have no parameter for them.
OPTIONS = {
    "mariadb": ("MARIADB_AUDIT_PLUGIN", {"SERVER_AUDIT_EVENTS": "CONNECT,QUERY_DCL,QUERY_DDL"}),
    "mysql": ("MARIADB_AUDIT_PLUGIN", {"SERVER_AUDIT_EVENTS": "CONNECT,QUERY_DCL,QUERY_DDL"}),
    "oracle": ("NATIVE_NETWORK_ENCRYPTION", {"SQLNET.ENCRYPTION_SERVER": "REQUIRED"}),
}


def engine_type(props: Mapping[str, Any]) -> str:
    """The engine, such as `postgres` or `sqlserver-se`; empty if the source of a replica is imported without one."""
    engine = props.get("engine")
    if engine is None and "source_database_instance" in props:
        engine = props["source_database_instance"].engine
    return "" if engine is None else str(engine.engine_type)


def of_engine(settings: Mapping[str, T], engine: str) -> T | None:
    """The settings of an engine, or those of the engine without its edition."""
    return settings.get(engine) or settings.get(base_engine(engine))


def log_types(context: PropsContext) -> list[str] | None:
    """The log types that the engine can export; None if there are none."""
    engine = engine_type(context.props)
    return list(instance_log_types(engine) or cluster_log_types(engine)) or None


def exports_all(exports: Collection[str], context: PropsContext) -> bool:
    """Whether all log types of the engine are exported."""
    return set(log_types(context) or ()) <= set(exports)


def supports_iam(context: PropsContext) -> bool:
    """Whether the engine supports IAM database authentication."""
    return engine_type(context.props) in IAM_ENGINES


def supports_insights(context: PropsContext) -> bool:
    """Whether the instance class supports Performance Insights; an instance without a class has one that does."""
    instance_type = context.props.get("instance_type")
    return instance_type is None or class_supports_insights(engine_type(context.props), instance_type.to_string())


def class_supports_insights(engine: str, instance_class: str) -> bool:
    """Whether an instance class supports Performance Insights for an engine."""
    return not instance_class.removeprefix("db.").startswith(_WITHOUT_INSIGHTS.get(engine, ()))


def has_version(props: Mapping[str, Any]) -> bool:
    """Whether the engine has a version, without which the CDK creates neither parameter groups nor option groups."""
    return "engine" in props and props["engine"].engine_version is not None


def add_parameters(props: dict[str, Any], engine: str) -> None:
    """Add the parameters that require TLS, unless the user passes a parameter group; parameters of the user win."""
    if "parameter_group" in props or not has_version(props):
        return
    parameters = of_engine(_PARAMETERS, engine)
    if parameters:
        props["parameters"] = {**parameters, **props.get("parameters", {})}


def option_group(context: PropsContext, name: str, settings: Mapping[str, str]) -> rds.IOptionGroup:
    """The option group of an engine version; one per stack, because an account has a quota of 20 option groups."""
    engine = context.props["engine"]
    version = engine.engine_version.major_version or engine.engine_version.full_version
    return stack_singleton(
        context.scope,
        f"Options-{engine.engine_type}-{version}",
        lambda holder, id: rds.OptionGroup(
            holder, id, engine=engine, configurations=[rds.OptionConfiguration(name=name, settings=settings)]
        ),
    )
