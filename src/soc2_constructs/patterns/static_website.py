"""StaticWebsite: a website in a private bucket, with a CloudFront distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soc2_constructs.hardening import is_available, warn_unavailable

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from soc2_constructs import aws_cloudfront as cloudfront
from soc2_constructs import aws_s3 as s3

_ACCESS_CONTROL = "AWS::CloudFront::OriginAccessControl"


class StaticWebsite(Construct):
    """A static website: a bucket, a distribution, a web ACL, security headers, logs, and a certificate.

    Args:
        scope: The scope of the construct.
        id: The id of the construct.
        domain_name: The domain name, such as `www.example.com`. Default: that of CloudFront.
        hosted_zone: The hosted zone of the domain name, which gets the records of the site and, in us-east-1, the
            validation records of its certificate. Default: none.
        certificate: The certificate for the domain name, in us-east-1. Default: in us-east-1 a new one that is
            validated in `hosted_zone`.
        bucket: The bucket for the files. Default: a new bucket.
        single_page: Whether unknown paths return the index page, as a single-page application requires. Default False.
        web_acl_id: The ARN of a web ACL for distributions. Default: in us-east-1 that of the stack, otherwise none.
        behavior: Further members of the `cloudfront.BehaviorOptions`, such as `response_headers_policy`. Default: none.
        options: Further arguments of `cloudfront.Distribution`, such as `log_bucket`. Default: none.

    Raises:
        ValueError: there is a domain name without a certificate, and none can be created.

    Controls: those of `aws_s3.Bucket` and `aws_cloudfront.Distribution`. Criteria: CC6.1, CC6.6, CC6.7, CC7.2.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        domain_name: str | None = None,
        hosted_zone: route53.IHostedZone | None = None,
        certificate: acm.ICertificate | None = None,
        bucket: s3.Bucket | None = None,
        single_page: bool = False,
        web_acl_id: str | None = None,
        behavior: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(scope, id)
        #: The bucket for the files.
        self.bucket = bucket or self._bucket()
        #: The certificate; None without a domain name.
        self.certificate = certificate or self._certificate(domain_name, hosted_zone)
        pages = [
            cloudfront.ErrorResponse(http_status=status, response_http_status=200, response_page_path="/index.html")
            for status in (403, 404)
        ]
        origin = self._origin()
        props: dict[str, Any] = {
            "default_behavior": cloudfront.BehaviorOptions(**{"origin": origin, **(behavior or {})}),
            "certificate": self.certificate,
            "domain_names": [domain_name] if domain_name else None,
            "error_responses": pages if single_page else None,
            "web_acl_id": web_acl_id,
            **(options or {}),
        }
        #: The distribution.
        self.distribution = cloudfront.Distribution(self, "Distribution", **props)
        key = self.bucket.encryption_key
        if key is not None and key.node.scope is not None:
            cdk.Annotations.of(key.node.scope).acknowledge_warning(
                "@aws-cdk/aws-cloudfront-origins:wildcardKeyPolicyForOac",
                "A reference of the key policy to the distribution would create a circular dependency.",
            )
        if domain_name and hosted_zone is not None:
            alias = route53.RecordTarget.from_alias(targets.CloudFrontTarget(self.distribution))
            route53.ARecord(self, "Ipv4", zone=hosted_zone, record_name=domain_name, target=alias)
            route53.AaaaRecord(self, "Ipv6", zone=hosted_zone, record_name=domain_name, target=alias)

    @property
    def url(self) -> str:
        """The URL of the site at CloudFront, also with a domain name."""
        return f"https://{self.distribution.distribution_domain_name}"

    def _bucket(self) -> s3.Bucket:
        if is_available(self, _ACCESS_CONTROL):
            return s3.Bucket(self, "Files")
        # An origin access identity cannot read objects that are encrypted with KMS.
        return s3.Bucket(self, "Files", encryption=s3.BucketEncryption.S3_MANAGED)

    def _origin(self) -> cloudfront.IOrigin:
        if warn_unavailable(self, _ACCESS_CONTROL, "The distribution uses an origin access identity and SSE-S3."):
            return origins.S3BucketOrigin.with_origin_access_identity(self.bucket)
        return origins.S3BucketOrigin.with_origin_access_control(self.bucket)

    def _certificate(self, domain_name: str | None, hosted_zone: route53.IHostedZone | None) -> acm.ICertificate | None:
        if domain_name is None:
            return None
        if hosted_zone is not None and cdk.Stack.of(self).region == "us-east-1":
            validation = acm.CertificateValidation.from_dns(hosted_zone)
            return acm.Certificate(self, "Certificate", domain_name=domain_name, validation=validation)
        raise ValueError(
            f"{self.node.path}: {domain_name} has no certificate; CloudFront requires one in us-east-1. Write "
            "certificate=..., or create the site in a stack with env=cdk.Environment(region='us-east-1') and pass "
            "hosted_zone."
        )
