"""Minimal constructors of `aws_cloudtrail`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudtrail as cloudtrail


def trail(stack: cdk.Stack, id: str, **props: Any) -> cloudtrail.Trail:
    return cloudtrail.Trail(stack, id, **props)


MINIMAL = {"Trail": trail}
