"""Minimal constructors of `aws_ecr`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr


def repository(stack: cdk.Stack, id: str, **props: Any) -> ecr.Repository:
    return ecr.Repository(stack, id, **props)


MINIMAL = {"Repository": repository}
