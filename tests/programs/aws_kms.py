"""Minimal constructors of `aws_kms`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms


def key(stack: cdk.Stack, id: str, **props: Any) -> kms.Key:
    return kms.Key(stack, id, **props)


MINIMAL = {"Key": key}
