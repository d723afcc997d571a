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


def _forwards(context: PropsContext) -> bool:
    """Whether the instance forwards traffic of others, such as a NAT instance, which must be public."""
    return context.props.get("source_dest_check") is False


def _is_private(subnets: Any, context: PropsContext) -> bool:
    if context.props.get("associate_public_ip_address") is False or _forwards(context):
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
    # A bastion host keeps no data.
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
    # Metadata options of the instance: for `require_imdsv2` the CDK creates a launch template, and another launch
    # template replaces the instance.
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
        required="encrypted=True for each volume, which is the default",
        bad_value=unencrypted_device,
        bad_override=("BlockDeviceMappings.0.Ebs.Encrypted", False),
        fill_nested=encrypt_devices,
    ),
    refuse(
        "associate_public_ip_address",
        _PRIVATE,
        accepts=lambda value, context: value is False or _forwards(context),
        required="False (True with source_dest_check=False, for a NAT instance)",
        bad_value=True,
        bad_override=("NetworkInterfaces", [{"DeviceIndex": "0", "AssociatePublicIpAddress": True}]),
    ),
    _subnet_row("vpc_subnets"),
    require(
        "ssm_session_permissions",
        True,
        "ec2_instance_ssm_managed",
        # A role of the user may have the permissions already.
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
    """A private instance with IMDSv2, detailed monitoring and access by Session Manager.

    Volumes in `block_devices` are encrypted. The root device has the encryption of its image: to encrypt it, list it in
    `block_devices`. The instance has the backup tag, so that a `BackupPolicy` selects it.

    For an instance that is already deployed with unencrypted volumes in `block_devices`, set `encrypted=False` with a
    waiver until you have moved the data: otherwise CloudFormation replaces it by one with empty volumes.

    Controls: ec2_instance_uses_imdsv2, ec2_instance_detailed_monitoring_enabled, ec2_instance_not_publicly_accessible,
    ebs_attached_volume_encryption_enabled, ec2_instance_ssm_managed, ec2_instance_protected_by_backup_plan.
    AWS page: "Security best practices for Amazon EC2".
    """


def _root_device(_: PropsContext) -> list[ec2.BlockDevice]:
    root = ec2.BlockDeviceVolume.ebs(10, encrypted=True, volume_type=ec2.EbsDeviceVolumeType.GP3)
    return [ec2.BlockDevice(device_name="/dev/xvda", volume=root)]


def _knows_devices(context: PropsContext) -> bool:
    """Whether the name of the root device is known: with the default image, or with `block_devices`."""
    return "machine_image" not in context.props or "block_devices" in context.props


# Under `enforce`, the table for instances completes the instance of the bastion host.
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
        required="encrypted=True for each volume, which is the default",
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
    # Metadata options of the instance: the launch template of the CDK has the same name for each bastion host.
    if context.props.get("require_imdsv2"):
        resource.metadata_options = ec2.CfnInstance.MetadataOptionsProperty(http_tokens="required")


@hardened(BASTION_HOST_LINUX, _build_bastion)
class BastionHostLinux(ec2.BastionHostLinux):
    """A private bastion host with access by Session Manager, IMDSv2, an encrypted root device and detailed monitoring.

    CloudFormation replaces a bastion host that is already deployed without encryption.

    Controls: as `Instance`, except the backup plan.
    """
