"""Minimal constructors of `aws_sqs`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs


def queue(stack: cdk.Stack, id: str, **props: Any) -> sqs.Queue:
    return sqs.Queue(stack, id, **props)


MINIMAL = {"Queue": queue}
