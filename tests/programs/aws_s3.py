"""Minimal constructors of `aws_s3`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3


def bucket(stack: cdk.Stack, id: str, **props: Any) -> s3.Bucket:
    return s3.Bucket(stack, id, **props)


def access_logs_bucket(stack: cdk.Stack, id: str, **props: Any) -> Any:
    """A class that the CDK does not have, with a bucket that writes its access logs there."""
    from soc2_constructs import aws_s3

    logs = aws_s3.AccessLogsBucket(stack, id, **props)
    aws_s3.Bucket(stack, f"{id}Source", server_access_logs_bucket=logs)
    return logs


MINIMAL = {"AccessLogsBucket": access_logs_bucket, "Bucket": bucket}
