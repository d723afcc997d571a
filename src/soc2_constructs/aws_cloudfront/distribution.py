"""The distribution."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import (
    Init,
    PropsContext,
    deployed_path,
    existing_helper,
    hardened,
    is_available,
    raise_together,
    unique_name,
    warn_unavailable,
)

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_s3 as s3
from constructs import Construct

from soc2_constructs.aws_cloudfront.requirements import ADDED_BEHAVIOR, DISTRIBUTION, ORIGIN
from soc2_constructs.aws_s3 import Bucket
from soc2_constructs.aws_wafv2 import WebAcl

_CONFIG = cloudfront.CfnFieldLevelEncryptionConfig


_PROFILE = cloudfront.CfnFieldLevelEncryptionProfile


def _build_distribution(distribution: Distribution, init: Init, context: PropsContext) -> None:
    distribution.log_bucket = context.props.get("log_bucket")
    if not _logs_apart(context):
        context.props["log_file_prefix"] = f"{context.path}/"
    init(context.props)
    _judge_origins(distribution, context.scope, context.id)
    warn_unavailable(distribution, "AWS::CloudFront::Distribution", "Its deployment fails.")
    if "default_root_object" not in context.props and _serves_bucket(distribution):
        _resource(distribution).add_property_override("DistributionConfig.DefaultRootObject", "index.html")
    acl: WebAcl | None = existing_helper(context.scope, "CloudFrontWebAcl")
    behind_ours = acl is not None and acl.web_acl.attr_arn == context.props.get("web_acl_id")
    distribution.web_acl = acl if behind_ours else None


def _judge_origins(distribution: cloudfront.Distribution, scope: Construct, id: str) -> None:
    raise_together(
        [
            violation
            for origin in _rendered(distribution)["origins"]
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


def _resource(distribution: cloudfront.Distribution) -> cloudfront.CfnDistribution:
    resource = distribution.node.default_child
    assert isinstance(resource, cloudfront.CfnDistribution)
    return resource


def _rendered(distribution: cloudfront.Distribution) -> dict[str, Any]:
    """The configuration in the template: origins expose their properties nowhere else."""
    config: dict[str, Any] = cdk.Stack.of(distribution).resolve(_resource(distribution)._cfn_properties)
    rendered: dict[str, Any] = config["distributionConfig"]
    return rendered


def _serves_bucket(distribution: cloudfront.Distribution) -> bool:
    """Whether the default behavior serves a bucket; an API answers requests for `/` itself."""
    config = _rendered(distribution)
    target = config["defaultCacheBehavior"]["targetOriginId"]
    return any(origin["id"] == target and "s3OriginConfig" in origin for origin in config["origins"])


def _logs_apart(context: PropsContext) -> bool:
    """Whether the user sets the destination or prefix of logs; in the shared bucket, a prefix distinguishes them."""
    return "log_file_prefix" in context.props or not isinstance(context.props.get("log_bucket"), Bucket)


@hardened(DISTRIBUTION, _build_distribution)
class Distribution(cloudfront.Distribution):
    """A distribution with HTTPS for viewers and origins, security headers and access logs.

    In us-east-1 it has a web ACL with AWS managed rules. A web ACL for distributions can be created in no other region:
    pass `web_acl_id` there. For field-level encryption, call `encrypt_fields`. If the default behavior serves a bucket,
    the default root object is `index.html`.

    Controls: cloudfront_distribution_encryption_in_transit_enabled, cloudfront_distribution_logging_enabled.
    AWS page: "Require HTTPS for communication between viewers and CloudFront".
    """

    #: The bucket for access logs: the one that was passed, or the one that the stack shares.
    log_bucket: s3.IBucket | None
    #: The web ACL that the distributions of the stack share; None with `web_acl_id`, and outside us-east-1.
    web_acl: WebAcl | None

    def add_behavior(self, path_pattern: str, origin: cloudfront.IOrigin, **options: Any) -> None:
        """Add a behavior with HTTPS and security headers.

        Raises:
            NonCompliantError: the behavior or its origin allows HTTP
                (cloudfront_distribution_encryption_in_transit_enabled).
        """
        super().add_behavior(path_pattern, origin, **ADDED_BEHAVIOR.applied(options, self, path_pattern))
        _judge_origins(self, self, path_pattern)

    def encrypt_fields(
        self, public_key: cloudfront.IPublicKey, *fields: str, content_type: str = "application/x-www-form-urlencoded"
    ) -> None:
        """Encrypt form fields at the edge, for the default behavior, which must allow POST and require HTTPS.

        CloudFormation supports field-level encryption in us-east-1 only.

        Args:
            public_key: The public key; only the service that reads the fields needs the private key.
            fields: The names of the form fields, with the wildcard `*`.
            content_type: The content type of the requests. Default: that of HTML forms.

        Raises:
            ValueError: there is no field, the default behavior does not allow POST, or the stack is in another region.

        Controls: cloudfront_distribution_field_level_encryption_enabled.
        AWS page: "Use field-level encryption to help protect sensitive data".
        """
        if not fields:
            raise ValueError(
                f"{self.node.path}: encrypt_fields has no field; it requires at least one. "
                "Write encrypt_fields(key, 'card*')."
            )
        if "POST" not in _rendered(self)["defaultCacheBehavior"].get("allowedMethods", ()):
            raise ValueError(
                f"{self.node.path}: the default behavior does not allow POST, which field-level encryption requires. "
                "Write allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL in default_behavior."
            )
        if not is_available(self, "AWS::CloudFront::FieldLevelEncryptionConfig"):
            raise ValueError(
                f"{self.node.path}: CloudFormation supports field-level encryption in us-east-1 only. Create the "
                "distribution in a stack with env=cdk.Environment(region='us-east-1')."
            )
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
        _resource(self).add_property_override(
            "DistributionConfig.DefaultCacheBehavior.FieldLevelEncryptionId", encryption.attr_id
        )
