"""Minimal constructors of `aws_dynamodb`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb


def _key() -> dynamodb.Attribute:
    return dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)


def table(stack: cdk.Stack, id: str, **props: Any) -> dynamodb.Table:
    return dynamodb.Table(stack, id, partition_key=_key(), **props)


def table_v2(stack: cdk.Stack, id: str, **props: Any) -> dynamodb.TableV2:
    return dynamodb.TableV2(stack, id, partition_key=_key(), **props)


MINIMAL = {"Table": table, "TableV2": table_v2}
