"""Minimal constructors of `aws_logs`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_logs as logs


def log_group(stack: cdk.Stack, id: str, **props: Any) -> logs.LogGroup:
    return logs.LogGroup(stack, id, **props)


MINIMAL = {"LogGroup": log_group}
