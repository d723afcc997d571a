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
    """The CloudFormation resource of the database itself, without the members of a cluster."""
    kinds = (rds.CfnDBInstance, rds.CfnDBCluster)
    resource = database.node.default_child
    if isinstance(resource, kinds):
        return [resource]
    return [child for child in database.node.children if isinstance(child, kinds)]


def name_for_logs(context: PropsContext, property: str) -> str | None:
    """The name of the database, where it is known beforehand and its log groups are ours to make.

    RDS names the log groups after the database, and makes them itself with the first line that it writes: unencrypted,
    and kept for ever. So ours have to stand before, and the database needs a name. It is one that no other database of
    the account and region has. The price: CloudFormation does not replace what has a name, and a database that stands
    already would be replaced by one with a name. For those there is the CDK's way, `cloudwatch_logs_retention`: a
    function sets the retention afterwards, and no name is needed.
    """
    props = context.props
    if "cloudwatch_logs_retention" in props or not props.get("cloudwatch_logs_exports"):
        return None
    if property not in props:
        # Members of a cluster are named after it in one of the CDK's ways: there has to be room.
        props[property] = unique_name(deployed_path(context.scope, context.path), limit=50)
    return None if cdk.Token.is_unresolved(props[property]) else str(props[property])


def create_log_groups(database: Any, prefix: str, name: str | None, context: PropsContext) -> dict[str, LogGroup]:
    """Log groups that stand before RDS writes the first line: encrypted, and kept for a year."""
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
