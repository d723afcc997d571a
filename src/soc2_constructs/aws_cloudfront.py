"""Amazon CloudFront: all of `aws_cdk.aws_cloudfront`, with distributions that comply."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from constructs import Construct, IConstruct
from soc2_constructs.aws_kms import Key
from soc2_constructs.aws_s3 import Bucket, refuses_acls
from soc2_constructs.aws_wafv2 import WebAcl, cloudfront_web_acl
from soc2_constructs.hardening import (
    Hardening,
    Init,
    PropsContext,
    Requirement,
    default,
    deployed_path,
    existing_helper,
    hardened,
    provide,
    raise_together,
    refuse,
    require,
    stack_singleton,
    unique_name,
)

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_cloudfront import *

_CONFIG = cloudfront.CfnFieldLevelEncryptionConfig
_PROFILE = cloudfront.CfnFieldLevelEncryptionProfile
_IN_TRANSIT = "cloudfront_distribution_encryption_in_transit_enabled"
_HTTPS = (cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS, cloudfront.ViewerProtocolPolicy.HTTPS_ONLY)


@functools.cache
def _security_headers() -> cloudfront.IResponseHeadersPolicy:
    return cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS


def distribution_logs_bucket(scope: IConstruct) -> Bucket:
    """The bucket that gets the access logs of a stack's distributions, unless they are context one; one per stack."""

    def make(holder: Construct, id: str) -> Bucket:
        key = Key(holder, f"{id}Key", description="Access logs of distributions (soc2-constructs)")
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogDelivery",
                principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
                actions=["kms:GenerateDataKey*"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(holder).account}},
            )
        )
        # Standard logging is let in by access control list.
        ownership = s3.ObjectOwnership.BUCKET_OWNER_PREFERRED
        return Bucket(holder, id, encryption_key=key, object_ownership=ownership)

    return stack_singleton(scope, "DistributionLogs", make)


def _lets_delivery_in(bucket: Any, _: PropsContext) -> bool:
    """Whether CloudFront can deliver logs to the bucket, as far as we know: of one that is not ours we know nothing."""
    return not refuses_acls(bucket)


def _web_acl(context: PropsContext) -> str | None:
    acl = cloudfront_web_acl(context.scope)
    return None if acl is None else acl.web_acl.attr_arn


def _behavior_rows(behavior: str = "") -> tuple[Requirement, ...]:
    """What every behavior has to be: the default one, those of the constructor, and those that are added later."""
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
            required="ResponseHeadersPolicy.SECURITY_HEADERS unless you say otherwise",
        ),
    )


#: What the CDK offers below TLS 1.2 with forward secrecy and authenticated encryption.
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


#: How CloudFront reaches an origin that is no bucket: judged as CloudFormation will read it, since an origin of the
#: CDK does not tell before it is bound to a distribution.
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
        accepts=_lets_delivery_in,
        required="a bucket with object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED, which CloudFront's log "
        "delivery needs; one per stack unless you give one",
        bad_value=lambda scope: Bucket(scope, "WithoutAcls"),
        bad_override=("DistributionConfig.Logging", None),
        when=lambda context: context.props.get("enable_logging") is not False,
        only_with="enable_logging",
    ),
    # With CloudFront's own certificate, the protocol is CloudFront's choice.
    require(
        "minimum_protocol_version",
        cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        _IN_TRANSIT,
        accepts=lambda value, _: value not in _OLD_TLS,
        required="SecurityPolicyProtocol.TLS_V1_2_2021 or newer",
        bad_value=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2019,
        when=lambda context: "certificate" in context.props,
    ),
    default("default_root_object", "index.html"),
    provide(
        "web_acl_id",
        _web_acl,
        None,
        required="a web ACL with AWS's managed rules in us-east-1, unless you give one; elsewhere it is yours to give",
    ),
)


def _build_distribution(distribution: Distribution, init: Init, context: PropsContext) -> None:
    distribution.log_bucket = context.props.get("log_bucket")
    if not _logs_apart(context):
        context.props["log_file_prefix"] = f"{context.path}/"
    init(context.props)
    _judge_origins(distribution, context.scope, context.id)
    acl: WebAcl | None = existing_helper(context.scope, "CloudFrontWebAcl")
    behind_ours = acl is not None and acl.web_acl.attr_arn == context.props.get("web_acl_id")
    distribution.web_acl = acl if behind_ours else None


def _judge_origins(distribution: cloudfront.Distribution, scope: Construct, id: str) -> None:
    resource = distribution.node.default_child
    assert isinstance(resource, cloudfront.CfnDistribution)
    rendered = cdk.Stack.of(distribution).resolve(resource._cfn_properties)
    raise_together(
        [
            violation
            for origin in rendered["distributionConfig"]["origins"]
            for custom in (origin.get("customOriginConfig", {}),)
            for violation in ORIGIN.violations(
                {
                    "origin_protocol_policy": custom.get("originProtocolPolicy"),
                    "origin_ssl_protocols": custom.get("originSslProtocols"),
                },
                scope,
                id,
            )
        ]
    )


def _logs_apart(context: PropsContext) -> bool:
    """Whether the user said where logs go: in a bucket that many share, a prefix tells them apart."""
    return "log_file_prefix" in context.props or not isinstance(context.props.get("log_bucket"), Bucket)


@hardened(DISTRIBUTION, _build_distribution)
class Distribution(cloudfront.Distribution):
    """A distribution that answers over HTTPS only, reaches its origins so, sends security headers, and writes logs.

    In us-east-1 it stands behind a web ACL with AWS's managed rules; a web ACL for distributions can be made in no
    other region, so elsewhere give it a `web_acl_id`. Field-level encryption takes a public key: see `encrypt_fields`.
    """

    #: Where the access logs go: the bucket that was context, or the one that the distributions of a stack share.
    log_bucket: s3.IBucket | None
    #: The web ACL that the distributions of a stack share; None with one of yours, and outside us-east-1.
    web_acl: WebAcl | None

    def add_behavior(self, path_pattern: str, origin: cloudfront.IOrigin, **options: Any) -> None:
        """Add a behavior, over HTTPS and with security headers as well.

        Raises:
            NonCompliantError: it answers HTTP, or reaches its origin so
                (cloudfront_distribution_encryption_in_transit_enabled).
        """
        super().add_behavior(path_pattern, origin, **ADDED_BEHAVIOR.applied(options, self, path_pattern))
        _judge_origins(self, self, path_pattern)

    def encrypt_fields(
        self, public_key: cloudfront.IPublicKey, *fields: str, content_type: str = "application/x-www-form-urlencoded"
    ) -> None:
        """Encrypt form fields at the edge, on the default behavior, which has to allow POST and answer HTTPS only.

        Args:
            public_key: Whose private half only the service has that reads the fields: `cloudfront.PublicKey(...)`.
            fields: Names of the form fields; `*` in them stands for anything.
            content_type: Of the requests that have such fields. Default: that of HTML forms.

        Controls: cloudfront_distribution_field_level_encryption_enabled.
        Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/field-level-encryption.html
        """
        if not fields:
            raise ValueError(f"{self.node.path}: encrypt_fields names no field; write encrypt_fields(key, 'card*')")
        reference = unique_name(deployed_path(self), limit=100).replace("-", "")
        profile = cloudfront.CfnFieldLevelEncryptionProfile(
            self,
            "FieldsProfile",
            field_level_encryption_profile_config=_PROFILE.FieldLevelEncryptionProfileConfigProperty(
                caller_reference=reference,
                name=reference,
                encryption_entities=[
                    _PROFILE.EncryptionEntityProperty(
                        field_patterns=list(fields), provider_id="soc2", public_key_id=public_key.public_key_id
                    )
                ],
            ),
        )
        encryption = cloudfront.CfnFieldLevelEncryptionConfig(
            self,
            "Fields",
            caller_reference=reference,
            content_type_profile_config=_CONFIG.ContentTypeProfileConfigProperty(
                forward_when_content_type_is_unknown=False,
                content_type_profiles=[
                    _CONFIG.ContentTypeProfileProperty(
                        content_type=content_type, format="URLEncoded", profile_id=profile.attr_id
                    )
                ],
            ),
            query_arg_profile_config=_CONFIG.QueryArgProfileConfigProperty(
                forward_when_query_arg_profile_is_unknown=False, query_arg_profiles=[]
            ),
        )
        resource = self.node.default_child
        assert isinstance(resource, cloudfront.CfnDistribution)
        resource.add_property_override(
            "DistributionConfig.DefaultCacheBehavior.FieldLevelEncryptionId", encryption.attr_id
        )


if MYPY:
    from aws_cdk.aws_cloudfront import *  # type: ignore[assignment]
