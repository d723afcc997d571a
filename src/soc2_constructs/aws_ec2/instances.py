"""Instances and bastion hosts."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import (
    Hardening,
    Init,
    PropsContext,
    Requirement,
    hardened,
    member,
    provide,
    refuse,
    require,
    tag_for_backup,
)

from aws_cdk import aws_ec2 as ec2

from soc2_constructs.aws_ec2.devices import all_encrypted, encrypt_devices, unencrypted_device

_TOKENS = "ec2_instance_uses_imdsv2"


_ENCRYPTED = "ebs_attached_volume_encryption_enabled"


_PRIVATE = "ec2_instance_not_publicly_accessible"


_INSTANCE = "AWS::EC2::Instance"


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
        accepts=all_encrypted,
        required="encrypted=True on each volume, which is what they have unless they say otherwise",
        bad_value=unencrypted_device,
        bad_override=("BlockDeviceMappings.0.Ebs.Encrypted", False),
        fill_nested=encrypt_devices,
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
        accepts=all_encrypted,
        required="encrypted=True on each volume, which is what they have unless they say otherwise",
        bad_value=unencrypted_device,
        bad_override=("BlockDeviceMappings.0.Ebs.Encrypted", False, "Resource/Resource"),
        when=_knows_devices,
        fill_nested=lambda devices, context: devices if context.injected else encrypt_devices(devices, context),
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
