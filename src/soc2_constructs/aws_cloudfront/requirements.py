"""Requirements on distributions, their behaviors and origins."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from soc2_constructs.hardening import (
    Hardening,
    PropsContext,
    Requirement,
    provide,
    refuse,
    require,
    stack_singleton,
)

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct

from soc2_constructs.aws.regions import WITHOUT_DISTRIBUTION_LOGS
from soc2_constructs.aws_kms import Key
from soc2_constructs.aws_s3 import Bucket, refuses_acls
from soc2_constructs.aws_wafv2 import cloudfront_web_acl

_IN_TRANSIT = "cloudfront_distribution_encryption_in_transit_enabled"


_HTTPS = (cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS, cloudfront.ViewerProtocolPolicy.HTTPS_ONLY)


@functools.cache
def _security_headers() -> cloudfront.IResponseHeadersPolicy:
    return cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS


def distribution_logs_bucket(scope: IConstruct) -> Bucket:
    """The default bucket for the access logs of distributions; one per stack, created on the first call."""

    def make(holder: Construct, id: str) -> Bucket:
        key = Key(holder, f"{id}Key", description="Access logs of distributions (soc2-constructs)")
        # Amazon CloudFront Developer Guide, "Configure standard logging (legacy)". The statement of that page has no
        # condition. With an S3 Bucket Key, the service decrypts the data key of the bucket.
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogDelivery",
                principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],
            )
        )
        region = cdk.Stack.of(holder).region
        if region in WITHOUT_DISTRIBUTION_LOGS:
            cdk.Annotations.of(holder).add_warning_v2(
                "soc2:distribution-logs",
                f"CloudFront delivers no standard logs to buckets in {region}. Pass log_bucket=... with a bucket in "
                "another region, such as us-east-1.",
            )
        # Standard logging (legacy) requires access control lists.
        ownership = s3.ObjectOwnership.BUCKET_OWNER_PREFERRED
        return Bucket(holder, id, encryption_key=key, object_ownership=ownership)

    return stack_singleton(scope, "DistributionLogs", make)


def _accepts_logs(bucket: Any, _: PropsContext) -> bool:
    """Whether CloudFront can deliver logs to a bucket; buckets of other libraries are accepted without a check."""
    return not refuses_acls(bucket)


def _web_acl(context: PropsContext) -> str | None:
    acl = cloudfront_web_acl(context.scope)
    return None if acl is None else acl.web_acl.attr_arn


def _behavior_rows(behavior: str = "") -> tuple[Requirement, ...]:
    """The requirements on a behavior: the default one, those of the constructor, and those that are added later."""
    first = behavior == "default_behavior."
    return (
        require(
            f"{behavior}viewer_protocol_policy",
            cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            _IN_TRANSIT,
            accepts=lambda value, _: value in _HTTPS,
            required="ViewerProtocolPolicy.REDIRECT_TO_HTTPS or HTTPS_ONLY",
            bad_value=cloudfront.ViewerProtocolPolicy.ALLOW_ALL,
            bad_override=("DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy", "allow-all")
            if first
            else ("DistributionConfig.CacheBehaviors", [{"PathPattern": "/a", "ViewerProtocolPolicy": "allow-all"}]),
        ),
        provide(
            f"{behavior}response_headers_policy",
            lambda _: _security_headers(),
            None,
            required="by default ResponseHeadersPolicy.SECURITY_HEADERS",
        ),
    )


#: The security policies below TLS 1.2 with forward secrecy and authenticated encryption.
_OLD_TLS = (
    cloudfront.SecurityPolicyProtocol.SSL_V3,
    cloudfront.SecurityPolicyProtocol.TLS_V1,
    cloudfront.SecurityPolicyProtocol.TLS_V1_2016,
    cloudfront.SecurityPolicyProtocol.TLS_V1_1_2016,
    cloudfront.SecurityPolicyProtocol.TLS_V1_2_2018,
    cloudfront.SecurityPolicyProtocol.TLS_V1_2_2019,
)


def _is_tls_12(protocols: Any, _: PropsContext) -> bool:
    known = () if isinstance(protocols, Mapping) else protocols
    return all(protocol == "TLSv1.2" for protocol in known if isinstance(protocol, str))


#: The requirements on a custom origin. They apply to the rendered template, because an origin of the CDK exposes its
#: properties only when it is bound to a distribution.
ORIGIN = Hardening(
    cloudfront.CfnDistribution,
    refuse(
        "origin_protocol_policy",
        _IN_TRANSIT,
        accepts=lambda value, _: value != "http-only",
        required="OriginProtocolPolicy.HTTPS_ONLY (the website endpoint of a bucket supports HTTP only: use the bucket "
        "itself as the origin, with S3BucketOrigin.with_origin_access_control)",
        bad_value="http-only",
    ),
    refuse(
        "origin_ssl_protocols",
        _IN_TRANSIT,
        accepts=_is_tls_12,
        required="[OriginSslPolicy.TLS_V1_2]",
        bad_value=["TLSv1.1", "TLSv1.2"],
    ),
)


ADDED_BEHAVIOR = Hardening(cloudfront.AddBehaviorOptions, *_behavior_rows())


DISTRIBUTION = Hardening(
    cloudfront.Distribution,
    *_behavior_rows("default_behavior."),
    *_behavior_rows("additional_behaviors.*."),
    require(
        "enable_logging",
        True,
        "cloudfront_distribution_logging_enabled",
        bad_value=False,
        bad_override=("DistributionConfig.Logging", None),
    ),
    provide(
        "log_bucket",
        lambda context: distribution_logs_bucket(context.scope),
        "cloudfront_distribution_logging_enabled",
        accepts=_accepts_logs,
        required="a bucket with object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED, which log delivery of "
        "CloudFront requires; by default one per stack",
        bad_value=lambda scope: Bucket(scope, "WithoutAcls"),
        bad_override=("DistributionConfig.Logging", None),
        when=lambda context: context.props.get("enable_logging") is not False,
        only_with="enable_logging",
    ),
    # With the default certificate of CloudFront, the minimum protocol version cannot be set.
    require(
        "minimum_protocol_version",
        cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        _IN_TRANSIT,
        accepts=lambda value, _: value not in _OLD_TLS,
        required="SecurityPolicyProtocol.TLS_V1_2_2021 or newer",
        bad_value=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2019,
        when=lambda context: "certificate" in context.props,
    ),
    provide(
        "web_acl_id",
        _web_acl,
        None,
        required="by default a web ACL with AWS managed rules in us-east-1, and none in other regions",
    ),
)
