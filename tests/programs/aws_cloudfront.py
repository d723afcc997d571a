"""Minimal constructors of `aws_cloudfront`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins


def distribution(stack: cdk.Stack, id: str, **props: Any) -> cloudfront.Distribution:
    if "minimum_protocol_version" in props:
        arn = "arn:aws:acm:us-east-1:111111111111:certificate/c"
        props["certificate"] = acm.Certificate.from_certificate_arn(stack, f"{id}Certificate", arn)
        props["domain_names"] = ["www.example.com"]
    behavior = {"origin": origins.HttpOrigin("example.com"), **props.pop("default_behavior", {})}
    return cloudfront.Distribution(stack, id, default_behavior=behavior, **props)


MINIMAL = {"Distribution": distribution}
