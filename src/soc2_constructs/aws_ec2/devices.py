"""Block devices of instances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from soc2_constructs.hardening import (
    PropsContext,
    member,
)

from aws_cdk import aws_ec2 as ec2


def complete_each(complete: Callable[[Any], Any], found: list[Any]) -> list[Any]:
    """The list with each of its members completed; the same object if nothing changes."""
    made = [complete(one) for one in found]
    return made if any(new is not old for new, old in zip(made, found, strict=True)) else found


def is_unset(struct: Any, name: str) -> bool:
    return member(struct, name) is None


def with_members(struct: Any, **more: Any) -> Any:
    """A copy of a struct with more of its members set."""
    return {**struct, **more} if isinstance(struct, dict) else type(struct)(**{**struct._values, **more})


def _is_plain(device: Any) -> bool:
    ebs = member(member(device, "volume"), "ebs_device")
    return ebs is not None and member(ebs, "encrypted") is False


def all_encrypted(devices: Any, _: PropsContext) -> bool:
    return not any(_is_plain(device) for device in devices)


def unencrypted_device(_: Any) -> list[ec2.BlockDevice]:
    return [ec2.BlockDevice(device_name="/dev/xvda", volume=ec2.BlockDeviceVolume.ebs(20, encrypted=False))]


def encrypt_devices(devices: Any, _: PropsContext) -> Any:
    return complete_each(_encrypted, devices)


def _encrypted(device: Any) -> Any:
    """A device with an encrypted EBS volume; other devices stay as they are."""
    volume = member(device, "volume")
    ebs = member(volume, "ebs_device")
    if ebs is None or not is_unset(ebs, "encrypted"):
        return device
    made = ec2.BlockDeviceVolume(with_members(ebs, encrypted=True), member(volume, "virtual_name"))
    return with_members(device, volume=made)
