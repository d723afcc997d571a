"""Networks."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import (
    Hardening,
    Init,
    PropsContext,
    hardened,
    member,
    provide,
    stack_singleton,
)

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from soc2_constructs.aws_ec2.default_group import CONTROL, check_at_synthesis, leave_if_used
from soc2_constructs.aws_ec2.devices import complete_each, is_unset, with_members
from soc2_constructs.aws_logs import LogGroup

_FLOW_LOG = "Soc2FlowLog"


def flow_log_group(scope: IConstruct) -> LogGroup:
    """The default log group for the flow logs of a stack; one per stack, created on the first call."""
    return stack_singleton(scope, "FlowLogs", lambda holder, id: LogGroup(holder, id))


def _flow_log_role(scope: IConstruct) -> iam.Role:
    """The role for flow logs, which a stack shares, for flow logs of the account only.

    AWS page: "IAM role for publishing flow logs to CloudWatch Logs".
    """

    def make(holder: Construct, id: str) -> iam.Role:
        stack = cdk.Stack.of(holder)
        conditions = {
            "StringEquals": {"aws:SourceAccount": stack.account},
            "ArnLike": {"aws:SourceArn": stack.format_arn(service="ec2", resource="vpc-flow-log", resource_name="*")},
        }
        service = iam.ServicePrincipal("vpc-flow-logs.amazonaws.com")
        return iam.Role(holder, id, assumed_by=service.with_conditions(conditions))

    return stack_singleton(scope, "FlowLogsRole", make)


def _flow_log_destination(context: PropsContext) -> ec2.FlowLogDestination:
    scope = context.scope
    return ec2.FlowLogDestination.to_cloud_watch_logs(flow_log_group(scope), _flow_log_role(scope))


def _has_nat_instances(context: PropsContext) -> bool:
    """Whether the VPC has NAT instances, which need the public addresses of their subnets."""
    return isinstance(context.props.get("nat_gateway_provider"), (ec2.NatInstanceProvider, ec2.NatInstanceProviderV2))


def _gives_no_addresses(subnets: Any, context: PropsContext) -> bool:
    return _has_nat_instances(context) or not any(member(subnet, "map_public_ip_on_launch") for subnet in subnets)


def _subnets(context: PropsContext) -> list[ec2.SubnetConfiguration] | None:
    """The default subnets of the CDK, with public subnets that assign no public addresses."""
    if _has_nat_instances(context):
        return None
    without_nat = context.props.get("nat_gateways") == 0
    return [_closed(each) for each in (ec2.Vpc.DEFAULT_SUBNETS_NO_NAT if without_nat else ec2.Vpc.DEFAULT_SUBNETS)]


def _close(subnets: Any, context: PropsContext) -> Any:
    return subnets if _has_nat_instances(context) else complete_each(_closed, subnets)


def _closed(subnet: Any) -> Any:
    """A public subnet that assigns no public addresses, unless the user sets it."""
    public = member(subnet, "subnet_type") == ec2.SubnetType.PUBLIC
    return (
        with_members(subnet, map_public_ip_on_launch=False)
        if public and is_unset(subnet, "map_public_ip_on_launch")
        else subnet
    )


def _restricts(context: PropsContext) -> bool:
    context.scratch["restricts"] = True
    return True


def _after_vpc(vpc: ec2.Vpc, context: PropsContext) -> None:
    if context.injected and "flow_logs" not in context.user_set and not _has_flow_log(vpc):
        vpc.add_flow_log(_FLOW_LOG, destination=_flow_log_destination(context))
        context.record_change("flow_logs", "all traffic, to a log group", "vpc_flow_logs_enabled")
    if context.injected and context.scratch.get("restricts"):
        leave_if_used(vpc, context)


def _has_flow_log(vpc: ec2.Vpc) -> bool:
    """Whether the stage has a flow log for the VPC, which may be in another stack."""
    stage = cdk.Stage.of(vpc)
    assert stage is not None
    return any(isinstance(each, ec2.CfnFlowLog) and each.resource_id == vpc.vpc_id for each in stage.node.find_all())


VPC = Hardening(
    ec2.Vpc,
    # Under `enforce` the `after` hook adds the flow log: users may call `add_flow_log(...)` after the constructor.
    provide(
        "flow_logs",
        lambda context: {_FLOW_LOG: ec2.FlowLogOptions(destination=_flow_log_destination(context))},
        "vpc_flow_logs_enabled",
        accepts=lambda value, _: len(value) > 0,
        required="at least one flow log (by default all traffic, to a log group)",
        bad_value={},
        bad_override=("ResourceType", "Subnet", f"{_FLOW_LOG}/FlowLog"),
        when=lambda context: not context.injected,
    ),
    provide(
        "restrict_default_security_group",
        _restricts,
        CONTROL,
        accepts=lambda value, _: value is True,
        required="True (unless the app uses the default security group)",
        bad_value=False,
        bad_override=("DefaultSecurityGroupId", "sg-1", "RestrictDefaultSecurityGroupCustomResource/Default"),
    ),
    provide(
        "subnet_configuration",
        _subnets,
        "vpc_subnet_auto_assign_public_ip_disabled",
        accepts=_gives_no_addresses,
        required="no subnet with map_public_ip_on_launch=True",
        bad_value=lambda _: [
            ec2.SubnetConfiguration(name="Open", subnet_type=ec2.SubnetType.PUBLIC, map_public_ip_on_launch=True)
        ],
        bad_override=("MapPublicIpOnLaunch", True, "PublicSubnet1/Subnet"),
        fill_nested=_close,
        # Deployed public subnets may need public addresses: instances that start later would have none.
        when=lambda context: not context.injected,
    ),
    after=_after_vpc,
)


def _build_vpc(vpc: Any, init: Init, context: PropsContext) -> None:
    init(context.props)
    if context.scratch.get("restricts"):
        check_at_synthesis(vpc, context)
    vpc.flow_log_group = flow_log_group(context.scope) if _FLOW_LOG in context.props["flow_logs"] else None


@hardened(VPC, _build_vpc)
class Vpc(ec2.Vpc):
    """A VPC with flow logs and a default security group without rules.

    The default security group keeps its rules if the app uses it; this is a warning of the synthesis. Its public
    subnets assign no public addresses, unless NAT instances need them.

    Controls: vpc_flow_logs_enabled, vpc_default_security_group_restricts_all_traffic,
    vpc_subnet_auto_assign_public_ip_disabled. AWS page: "Security best practices for your VPC".
    """

    #: The log group that the VPCs of the stack share; None if you pass `flow_logs`.
    flow_log_group: LogGroup | None
