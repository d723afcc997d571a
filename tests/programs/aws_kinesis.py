"""Minimal constructors of `aws_kinesis`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kinesis as kinesis


def stream(stack: cdk.Stack, id: str, **props: Any) -> kinesis.Stream:
    return kinesis.Stream(stack, id, **props)


MINIMAL = {"Stream": stream}
