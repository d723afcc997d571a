"""The default security group of a VPC, which stays as it is where the app uses it.

A resource without security groups gets the default one. Without rules in it, the resource can neither connect nor be
reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from soc2_constructs.hardening import PropsContext

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from constructs import IValidation

CONTROL = "vpc_default_security_group_restricts_all_traffic"
#: The child of a VPC that removes the rules, and the construct of its function, which the stack shares.
_CHILD, _PROVIDER = "RestrictDefaultSecurityGroupCustomResource", "Custom::VpcRestrictDefaultSGCustomResourceProvider"

#: The types that get the default security group of their VPC without a value of one of these properties.
#: CloudFormation Template Reference, the page of each type.
_IMPLICIT = {
    "AWS::DAX::Cluster": ("securityGroupIds",),
    "AWS::DMS::ReplicationInstance": ("vpcSecurityGroupIds",),
    "AWS::DocDB::DBCluster": ("vpcSecurityGroupIds",),
    "AWS::EC2::Instance": ("securityGroupIds", "networkInterfaces"),
    "AWS::EC2::NetworkInterface": ("groupSet",),
    "AWS::EFS::MountTarget": ("securityGroups",),
    "AWS::ElastiCache::CacheCluster": ("vpcSecurityGroupIds",),
    "AWS::ElastiCache::ReplicationGroup": ("securityGroupIds",),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("securityGroups",),
    "AWS::Neptune::DBCluster": ("vpcSecurityGroupIds",),
    "AWS::RDS::DBCluster": ("vpcSecurityGroupIds",),
    "AWS::RDS::DBInstance": ("vpcSecurityGroups", "dbClusterIdentifier"),
    "AWS::Redshift::Cluster": ("vpcSecurityGroupIds",),
}


def leave_if_used(vpc: ec2.Vpc, context: PropsContext) -> None:
    """Take back the removal of the rules if the app uses the default security group; called at synthesis.

    A value of the user stays.
    """
    user = next(_users(vpc), None)
    if user is not None and vpc.node.try_remove_child(_CHILD):
        context.record_change("restrict_default_security_group", "False", CONTROL)
        cdk.Annotations.of(vpc).add_warning_v2(
            f"soc2:{CONTROL}",
            f"The default security group keeps its rules, because {user} uses it. {CONTROL} requires a group without "
            "rules. Give that resource a security group of its own, or write restrict_default_security_group=False.",
        )


def check_at_synthesis(vpc: ec2.Vpc, context: PropsContext) -> None:
    """Call `leave_if_used` when the app is complete."""
    vpc.node.add_validation(cast(Any, _Check(vpc, context)))


@jsii.implements(IValidation)
class _Check:
    """The validation of a construct runs after all methods of the user, and before the templates are written."""

    def __init__(self, vpc: ec2.Vpc, context: PropsContext) -> None:
        self._vpc = vpc
        self._context = context

    @jsii.member(jsii_name="validate")
    def validate(self) -> list[str]:
        leave_if_used(self._vpc, self._context)
        return []


def _users(vpc: ec2.Vpc) -> Iterator[str]:
    """The paths of the resources that use the default security group, or that may do so."""
    stage = cdk.Stage.of(vpc)
    assert stage is not None
    group = cdk.Stack.of(vpc).get_logical_id(cast(cdk.CfnElement, vpc.node.default_child))
    for resource in stage.node.find_all():
        if not isinstance(resource, cdk.CfnResource):
            continue
        path = resource.node.path
        if path.startswith(f"{vpc.node.path}/{_CHILD}/") or _PROVIDER in path:
            continue
        properties = cdk.Stack.of(resource).resolve(resource._cfn_properties) or {}
        text = str(properties)
        if ("DefaultSecurityGroup" in text and group in text) or _gets_default_group(resource, properties):
            yield path


def _gets_default_group(resource: cdk.CfnResource, properties: Any) -> bool:
    kind = resource.cfn_resource_type
    if kind == "AWS::EC2::VPCEndpoint":
        return properties.get("vpcEndpointType") == "Interface" and not properties.get("securityGroupIds")
    if kind == "AWS::ElasticLoadBalancingV2::LoadBalancer" and properties.get("type") != "application":
        return False
    return kind in _IMPLICIT and not any(properties.get(name) for name in _IMPLICIT[kind])
