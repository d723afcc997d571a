"""Minimal constructors of `aws_lambda`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_lambda as lambda_


def function(stack: cdk.Stack, id: str, **props: Any) -> lambda_.Function:
    code = lambda_.Code.from_inline("def handler(event, context): pass")
    return lambda_.Function(stack, id, runtime=lambda_.Runtime.PYTHON_3_14, handler="index.handler", code=code, **props)


def docker_image_function(stack: cdk.Stack, id: str, **props: Any) -> lambda_.DockerImageFunction:
    repository = ecr.Repository.from_repository_name(stack, f"{id}Images", "images")
    return lambda_.DockerImageFunction(stack, id, code=lambda_.DockerImageCode.from_ecr(repository), **props)


MINIMAL = {"DockerImageFunction": docker_image_function, "Function": function}
