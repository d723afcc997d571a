"""Amazon EC2 and Amazon VPC: all of `aws_cdk.aws_ec2`, with networks, instances and volumes that comply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from constructs import IConstruct
from soc2_constructs.aws_kms import data_key
from soc2_constructs.aws_logs import LogGroup
from soc2_constructs.hardening import (
    Hardening,
    Init,
    PropsContext,
    Requirement,
    default,
    hardened,
    member,
    provide,
    refuse,
    require,
    stack_singleton,
    tag_for_backup,
)

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_ec2 import *

_FLOW_LOG = "Soc2FlowLog"
_TOKENS = "ec2_instance_uses_imdsv2"
_ENCRYPTED = "ebs_attached_volume_encryption_enabled"
_PRIVATE = "ec2_instance_not_publicly_accessible"
_INSTANCE = "AWS::EC2::Instance"


def flow_log_group(scope: IConstruct) -> LogGroup:
    """The log group that gets the flow logs of a stack's VPCs, unless they are context some; one per stack."""
    return stack_singleton(scope, "FlowLogs", lambda holder, id: LogGroup(holder, id))


def _flow_log_destination(context: PropsContext) -> ec2.FlowLogDestination:
    return ec2.FlowLogDestination.to_cloud_watch_logs(flow_log_group(context.scope))


def _has_nat_instances(context: PropsContext) -> bool:
    """Whether instances of the VPC's own stand in its public subnets, and need the addresses that those give out."""
    return isinstance(context.props.get("nat_gateway_provider"), (ec2.NatInstanceProvider, ec2.NatInstanceProviderV2))


def _gives_no_addresses(subnets: Any, context: PropsContext) -> bool:
    return _has_nat_instances(context) or not any(member(subnet, "map_public_ip_on_launch") for subnet in subnets)


def _subnets(context: PropsContext) -> list[ec2.SubnetConfiguration] | None:
    """The CDK's default subnets, of which the public ones give out no addresses."""
    if _has_nat_instances(context):
        return None
    without_nat = context.props.get("nat_gateways") == 0
    return [_closed(each) for each in (ec2.Vpc.DEFAULT_SUBNETS_NO_NAT if without_nat else ec2.Vpc.DEFAULT_SUBNETS)]


def _close(subnets: Any, context: PropsContext) -> Any:
    return subnets if _has_nat_instances(context) else _each(_closed, subnets)


def _closed(subnet: Any) -> Any:
    """A public subnet that gives out no addresses by itself, unless the user said that it does."""
    public = member(subnet, "subnet_type") == ec2.SubnetType.PUBLIC
    return (
        _with(subnet, map_public_ip_on_launch=False)
        if public and _unsaid(subnet, "map_public_ip_on_launch")
        else subnet
    )


def _each(complete: Callable[[Any], Any], found: list[Any]) -> list[Any]:
    """The list with each of its members completed; itself where nothing is missing."""
    made = [complete(one) for one in found]
    return made if any(new is not old for new, old in zip(made, found, strict=True)) else found


def _unsaid(struct: Any, name: str) -> bool:
    return member(struct, name) is None


def _with(struct: Any, **more: Any) -> Any:
    """A copy of a struct with more of its members set."""
    return {**struct, **more} if isinstance(struct, dict) else type(struct)(**{**struct._values, **more})


def _after_vpc(vpc: ec2.Vpc, context: PropsContext) -> None:
    if context.injected and "flow_logs" not in context.user_set and not _has_flow_log(vpc):
        vpc.add_flow_log(_FLOW_LOG, destination=_flow_log_destination(context))
        context.record_change("flow_logs", "all traffic, to a log group of the stack's", "vpc_flow_logs_enabled")


def _has_flow_log(vpc: ec2.Vpc) -> bool:
    """Whether a flow log of the stage is about the VPC: one need not stand below it."""
    stage = cdk.Stage.of(vpc)
    assert stage is not None
    return any(isinstance(each, ec2.CfnFlowLog) and each.resource_id == vpc.vpc_id for each in stage.node.find_all())


VPC = Hardening(
    ec2.Vpc,
    # Enforcement waits until the app is complete: users call `add_flow_log(...)` on a VPC that stands.
    provide(
        "flow_logs",
        lambda context: {_FLOW_LOG: ec2.FlowLogOptions(destination=_flow_log_destination(context))},
        "vpc_flow_logs_enabled",
        accepts=lambda value, _: len(value) > 0,
        required="at least one flow log (all traffic, to a log group of the stack's, unless you say otherwise)",
        bad_value={},
        bad_override=("ResourceType", "Subnet", f"{_FLOW_LOG}/FlowLog"),
        when=lambda context: not context.injected,
    ),
    require(
        "restrict_default_security_group",
        True,
        "vpc_default_security_group_restricts_all_traffic",
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
        # What stands in public subnets may live by its address, and the next one to start there would have none.
        when=lambda context: not context.injected,
    ),
    after=_after_vpc,
)


def _build_vpc(vpc: Any, init: Init, context: PropsContext) -> None:
    init(context.props)
    vpc.flow_log_group = flow_log_group(context.scope) if _FLOW_LOG in context.props["flow_logs"] else None


@hardened(VPC, _build_vpc)
class Vpc(ec2.Vpc):
    """A network that records its traffic, whose default security group lets nothing through.

    Its public subnets give out no addresses by themselves, but where NAT instances need them.
    """

    #: Where its traffic is recorded: the log group that the VPCs of a stack share; None where you gave flow logs.
    flow_log_group: LogGroup | None


def _is_plain(device: Any) -> bool:
    ebs = member(member(device, "volume"), "ebs_device")
    return ebs is not None and member(ebs, "encrypted") is False


def _all_encrypted(devices: Any, _: PropsContext) -> bool:
    return not any(_is_plain(device) for device in devices)


def _plain_device(_: Any) -> list[ec2.BlockDevice]:
    return [ec2.BlockDevice(device_name="/dev/xvda", volume=ec2.BlockDeviceVolume.ebs(20, encrypted=False))]


def _encrypt(devices: Any, _: PropsContext) -> Any:
    return _each(_encrypted, devices)


def _encrypted(device: Any) -> Any:
    """A device whose volume is encrypted, unless it is none of EBS."""
    volume = member(device, "volume")
    ebs = member(volume, "ebs_device")
    if ebs is None or not _unsaid(ebs, "encrypted"):
        return device
    made = ec2.BlockDeviceVolume(_with(ebs, encrypted=True), member(volume, "virtual_name"))
    return _with(device, volume=made)


def _is_private(subnets: Any, context: PropsContext) -> bool:
    if context.props.get("associate_public_ip_address") is False:
        return True
    return bool(member(subnets, "subnet_type") != ec2.SubnetType.PUBLIC)


def _public(_: Any) -> ec2.SubnetSelection:
    return ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)


def _subnet_row(property: str) -> Requirement:
    return refuse(
        property,
        _PRIVATE,
        accepts=_is_private,
        required="subnets of type PRIVATE_WITH_EGRESS or PRIVATE_ISOLATED (Session Manager reaches instances there)",
        bad_value=_public,
    )


def _may_add_permissions(context: PropsContext) -> bool:
    """Whether the instance's role is its own: enforcement adds nothing to one of the user's, or of a bastion host."""
    ours = not {"role", "instance_profile"} & context.user_set and not isinstance(context.scope, ec2.BastionHostLinux)
    return not context.injected or ours


def _select_instance(instance: Any, context: PropsContext) -> None:
    # A bastion host holds nothing that anybody would restore.
    if not isinstance(context.scope, ec2.BastionHostLinux):
        tag_for_backup(instance.instance, context, "ec2_instance_protected_by_backup_plan")


INSTANCE = Hardening(
    ec2.Instance,
    refuse(
        "require_imdsv2",
        _TOKENS,
        accepts=lambda value, context: value is True or context.props.get("http_tokens") == ec2.HttpTokens.REQUIRED,
        required="True",
        bad_value=False,
        bad_override=("MetadataOptions", None),
    ),
    # As metadata options of the instance itself: for `require_imdsv2` the CDK makes a launch template, and to name
    # another one replaces an instance.
    require(
        "http_tokens",
        ec2.HttpTokens.REQUIRED,
        _TOKENS,
        accepts=lambda value, context: value == ec2.HttpTokens.REQUIRED or context.props.get("http_endpoint") is False,
        bad_value=ec2.HttpTokens.OPTIONAL,
        bad_override=("MetadataOptions", None),
        when=lambda context: context.props.get("require_imdsv2") is not True,
    ),
    require(
        "detailed_monitoring",
        True,
        "ec2_instance_detailed_monitoring_enabled",
        bad_value=False,
        bad_override=("Monitoring", False),
    ),
    refuse(
        "block_devices",
        _ENCRYPTED,
        accepts=_all_encrypted,
        required="encrypted=True on each volume, which is what they have unless they say otherwise",
        bad_value=_plain_device,
        bad_override=("BlockDeviceMappings.0.Ebs.Encrypted", False),
        fill_nested=_encrypt,
    ),
    refuse(
        "associate_public_ip_address",
        _PRIVATE,
        accepts=lambda value, _: value is False,
        required="False",
        bad_value=True,
        bad_override=("NetworkInterfaces", [{"DeviceIndex": "0", "AssociatePublicIpAddress": True}]),
    ),
    _subnet_row("vpc_subnets"),
    require(
        "ssm_session_permissions",
        True,
        "ec2_instance_ssm_managed",
        # The role of the user's may allow it already.
        accepts=lambda value, context: value is True or bool({"role", "instance_profile"} & set(context.props)),
        bad_value=False,
        bad_override=("ManagedPolicyArns", None, "InstanceRole/Resource"),
        when=_may_add_permissions,
    ),
    after=_select_instance,
    types=(_INSTANCE,),
)


@hardened(INSTANCE)
class Instance(ec2.Instance):
    """An instance without a public address, that demands session tokens, and that Session Manager reaches.

    It is monitored by the minute, the volumes that you give it are encrypted, and it carries the tag by which a backup
    plan of ours selects it. The root device is encrypted if its image is: to be sure, name it in `block_devices`.

    An instance that stands already, with volumes in `block_devices` that are not encrypted, is replaced by one whose
    volumes are empty: say `encrypted=False` of them, with a waiver, until you have moved what they hold.
    """


def _root_device(_: PropsContext) -> list[ec2.BlockDevice]:
    root = ec2.BlockDeviceVolume.ebs(10, encrypted=True, volume_type=ec2.EbsDeviceVolumeType.GP3)
    return [ec2.BlockDevice(device_name="/dev/xvda", volume=root)]


def _knows_devices(context: PropsContext) -> bool:
    """Whether it is told what the root device is called: by the CDK's own image, or by the user."""
    return "machine_image" not in context.props or "block_devices" in context.props


# Enforcement fill_nested the instance within by the table for instances.
BASTION_HOST_LINUX = Hardening(
    ec2.BastionHostLinux,
    require(
        "require_imdsv2",
        True,
        _TOKENS,
        bad_value=False,
        bad_override=("MetadataOptions", None, "Resource/Resource"),
        when=lambda context: not context.injected,
    ),
    provide(
        "block_devices",
        _root_device,
        _ENCRYPTED,
        accepts=_all_encrypted,
        required="encrypted=True on each volume, which is what they have unless they say otherwise",
        bad_value=_plain_device,
        bad_override=("BlockDeviceMappings.0.Ebs.Encrypted", False, "Resource/Resource"),
        when=_knows_devices,
        fill_nested=lambda devices, context: devices if context.injected else _encrypt(devices, context),
    ),
    _subnet_row("subnet_selection"),
    types=(_INSTANCE,),
)


def _build_bastion(bastion: Any, init: Init, context: PropsContext) -> None:
    init({name: value for name, value in context.props.items() if name != "require_imdsv2"})
    resource = bastion.instance.instance
    resource.monitoring = True
    # As metadata options of the instance itself: the CDK's launch template has the same name for every bastion host.
    if context.props.get("require_imdsv2"):
        resource.metadata_options = ec2.CfnInstance.MetadataOptionsProperty(http_tokens="required")


@hardened(BASTION_HOST_LINUX, _build_bastion)
class BastionHostLinux(ec2.BastionHostLinux):
    """A bastion host without a public address or an open port, reached by Session Manager; encrypted and monitored.

    One that stands already is replaced by one with an encrypted root device.
    """


VOLUME = Hardening(
    ec2.Volume,
    require(
        "encrypted", True, "ebs_volume_encryption_at_rest_enabled", bad_value=False, bad_override=("Encrypted", False)
    ),
    provide(
        "encryption_key",
        lambda context: data_key(context.scope),
        None,
        required="a KMS key; one per stack unless you give one",
        when=lambda context: context.props.get("encrypted") is True,
        only_with="encrypted",
    ),
    default("removal_policy", cdk.RemovalPolicy.RETAIN),
    after=lambda volume, context: tag_for_backup(volume.node.default_child, context, "ebs_volume_in_backup_plan"),
)


@hardened(VOLUME)
class Volume(ec2.Volume):
    """A volume that is encrypted with a customer managed key, and carries the tag by which a backup plan selects it.

    EC2 encrypts no volume that stands already, and CloudFormation fails to update it: take a snapshot, and make another
    volume of it under another id, with `snapshot_id`. One that another key encrypts names it in `encryption_key`.
    """


if MYPY:
    from aws_cdk.aws_ec2 import *  # type: ignore[assignment]
