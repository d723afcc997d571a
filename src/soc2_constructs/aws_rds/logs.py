"""Log groups of databases."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import (
    NAMED_REMOVAL_POLICY,
    PropsContext,
    deployed_path,
    unique_name,
)

import aws_cdk as cdk
from aws_cdk import aws_rds as rds

from soc2_constructs.aws_logs import LogGroup


def database_resources(database: Any) -> list[rds.CfnDBInstance | rds.CfnDBCluster]:
    """The CloudFormation resource of the database, without the members of a cluster."""
    kinds = (rds.CfnDBInstance, rds.CfnDBCluster)
    resource = database.node.default_child
    if isinstance(resource, kinds):
        return [resource]
    return [child for child in database.node.children if isinstance(child, kinds)]


def name_for_logs(context: PropsContext, property: str) -> str | None:
    """The name of the database if its log groups can be created beforehand; set it if the user sets none.

    The names of the log groups contain the name of the database. RDS creates missing log groups with the first event,
    without a customer managed key and without expiry. To create them beforehand, the database needs a name that is
    unique in the account and region. CloudFormation cannot replace a resource with a custom name, and replaces a
    deployed database that gets one. With `cloudwatch_logs_retention`, a function of the CDK sets the retention later,
    and no name is needed.

    Args:
        context: The database.
        property: The property for the name.

    Returns:
        The name; None if there are no exports, with `cloudwatch_logs_retention`, or if the name is a token.
    """
    props = context.props
    if "cloudwatch_logs_retention" in props or not props.get("cloudwatch_logs_exports"):
        return None
    if property not in props:
        # The CDK may append a suffix for the members of a cluster; the maximum of RDS is 63 characters.
        props[property] = unique_name(deployed_path(context.scope, context.path), limit=50)
    return None if cdk.Token.is_unresolved(props[property]) else str(props[property])


def create_log_groups(database: Any, prefix: str, name: str | None, context: PropsContext) -> dict[str, LogGroup]:
    """Create encrypted log groups with a retention of one year, before the database."""
    if name is None:
        return {}
    groups = {
        log: LogGroup(
            database,
            f"Log-{log}",
            log_group_name=f"{prefix}/{name.lower()}/{log}",
            removal_policy=NAMED_REMOVAL_POLICY,
        )
        for log in context.props["cloudwatch_logs_exports"]
    }
    (resource,) = database_resources(database)
    for group in groups.values():
        resource.node.add_dependency(group)
    return groups
