"""Minimal constructors of `aws_efs`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs


def file_system(stack: cdk.Stack, id: str, **props: Any) -> efs.FileSystem:
    return efs.FileSystem(stack, id, vpc=ec2.Vpc(stack, f"Vpc{id}"), **props)


MINIMAL = {"FileSystem": file_system}
