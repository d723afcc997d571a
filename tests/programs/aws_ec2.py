"""Minimal constructors of `aws_ec2`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2


def vpc(stack: cdk.Stack, id: str, **props: Any) -> ec2.Vpc:
    return ec2.Vpc(stack, id, **props)


def instance(stack: cdk.Stack, id: str, **props: Any) -> ec2.Instance:
    # The root device is named: that of an image cannot be encrypted without its name.
    root = ec2.BlockDevice(device_name="/dev/xvda", volume=ec2.BlockDeviceVolume.ebs(20))
    return ec2.Instance(
        stack,
        id,
        **{
            "vpc": ec2.Vpc(stack, f"Vpc{id}"),
            "instance_type": ec2.InstanceType("m7i.large"),
            "machine_image": ec2.MachineImage.latest_amazon_linux2023(),
            "block_devices": [root],
            **props,
        },
    )


def bastion_host_linux(stack: cdk.Stack, id: str, **props: Any) -> ec2.BastionHostLinux:
    return ec2.BastionHostLinux(stack, id, vpc=ec2.Vpc(stack, f"Vpc{id}"), **props)


def volume(stack: cdk.Stack, id: str, **props: Any) -> ec2.Volume:
    zone = cdk.Fn.select(0, cdk.Fn.get_azs())
    return ec2.Volume(stack, id, availability_zone=zone, size=cdk.Size.gibibytes(20), **props)


MINIMAL = {"BastionHostLinux": bastion_host_linux, "Instance": instance, "Volume": volume, "Vpc": vpc}
