"""Minimal constructors of `aws_sns`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_sns as sns


def topic(stack: cdk.Stack, id: str, **props: Any) -> sns.Topic:
    return sns.Topic(stack, id, **props)


MINIMAL = {"Topic": topic}
