"""Retention of the resources that a database uses."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import IConstruct

from soc2_constructs.aws_rds.logs import database_resources

_RETAINS = (cdk.CfnDeletionPolicy.RETAIN, cdk.CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE)
#: The resources without which a database cannot be used, or that AWS refuses to delete while a database uses them.
_COMPANIONS = (
    ec2.CfnSecurityGroup,
    iam.CfnRole,
    rds.CfnDBClusterParameterGroup,
    rds.CfnDBInstance,
    rds.CfnDBParameterGroup,
    rds.CfnDBSubnetGroup,
    rds.CfnOptionGroup,
    secretsmanager.CfnSecret,
)


def retain_companions(database: Any, *shared: IConstruct) -> None:
    """Retain the resources of a database that is itself retained when its stack is deleted.

    Without them, the deletion of the stack fails: security groups, subnet groups, parameter groups and option groups
    cannot be deleted while a database uses them. The monitoring role and the secret would be missing afterward.

    Args:
        database: The database.
        shared: Further constructs that the database uses, such as an option group that a stack shares.
    """
    (resource,) = database_resources(database)
    policy, path = resource.cfn_options.deletion_policy, resource.node.path
    if policy in _RETAINS:
        for node in (each for construct in (database, *shared) for each in construct.node.find_all()):
            if isinstance(node, _COMPANIONS) and node.node.path != path:
                node.cfn_options.deletion_policy = policy
                # An update that replaces one of them moves the database first. Only a secret contains data.
                holds_data = isinstance(node, secretsmanager.CfnSecret)
                node.cfn_options.update_replace_policy = (
                    cdk.CfnDeletionPolicy.RETAIN if holds_data else cdk.CfnDeletionPolicy.DELETE
                )
