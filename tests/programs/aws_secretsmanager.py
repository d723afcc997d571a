"""Minimal constructors of `aws_secretsmanager`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_secretsmanager as secretsmanager


def secret(stack: cdk.Stack, id: str, **props: Any) -> secretsmanager.Secret:
    return secretsmanager.Secret(stack, id, **props)


MINIMAL = {"Secret": secret}
