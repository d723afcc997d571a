"""StaticWebsite: files in a private bucket, served by CloudFront."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from soc2_constructs import aws_cloudfront as cloudfront
from soc2_constructs import aws_s3 as s3


class StaticWebsite(Construct):
    """A website of files: bucket, distribution, web ACL, security headers, logs, and a certificate for its name.

    Args:
        scope: Where the construct belongs.
        id: Its id there.
        domain_name: Name of the site, such as `www.example.com`. Default: the name that CloudFront gives it.
        hosted_zone: The zone of that name; the site gets its records there, and in us-east-1 its certificate.
            Default: none.
        certificate: The certificate for that name, from us-east-1. Default: one that is validated in `hosted_zone`,
            which takes a stack in us-east-1.
        bucket: Where the files are. Default: a bucket of its own.
        single_page: Whether unknown paths are answered with the index page, as an app in the browser wants it.
            Default False.
        web_acl_id: ARN of a web ACL for distributions. Default: one of the stack's own in us-east-1, none elsewhere.
        behavior: More members of the `cloudfront.BehaviorOptions`, such as `response_headers_policy`. Default: none.
        options: More arguments for `cloudfront.Distribution`, such as `log_bucket`. Default: none.

    Raises:
        ValueError: a name without certificate, in a place where none can be made.

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
        #: Where the files are.
        self.bucket = bucket or s3.Bucket(self, "Files")
        #: The certificate of the name; None without a name.
        self.certificate = certificate or self._certificate(domain_name, hosted_zone)
        pages = [
            cloudfront.ErrorResponse(http_status=status, response_http_status=200, response_page_path="/index.html")
            for status in (403, 404)
        ]
        origin = origins.S3BucketOrigin.with_origin_access_control(self.bucket)
        context: dict[str, Any] = {
            "default_behavior": cloudfront.BehaviorOptions(**{"origin": origin, **(behavior or {})}),
            "certificate": self.certificate,
            "domain_names": [domain_name] if domain_name else None,
            "error_responses": pages if single_page else None,
            "web_acl_id": web_acl_id,
            **(options or {}),
        }
        #: What serves them.
        self.distribution = cloudfront.Distribution(self, "Distribution", **context)
        key = self.bucket.encryption_key
        if key is not None and key.node.scope is not None:
            cdk.Annotations.of(key.node.scope).acknowledge_warning(
                "@aws-cdk/aws-cloudfront-origins:wildcardKeyPolicyForOac",
                "The key would name the distribution, which names the bucket, which names the key.",
            )
        if domain_name and hosted_zone is not None:
            alias = route53.RecordTarget.from_alias(targets.CloudFrontTarget(self.distribution))
            route53.ARecord(self, "Ipv4", zone=hosted_zone, record_name=domain_name, target=alias)
            route53.AaaaRecord(self, "Ipv6", zone=hosted_zone, record_name=domain_name, target=alias)

    @property
    def url(self) -> str:
        """The address under which CloudFront serves the site, whether or not it has a name."""
        return f"https://{self.distribution.distribution_domain_name}"

    def _certificate(self, domain_name: str | None, hosted_zone: route53.IHostedZone | None) -> acm.ICertificate | None:
        if domain_name is None:
            return None
        if hosted_zone is not None and cdk.Stack.of(self).region == "us-east-1":
            validation = acm.CertificateValidation.from_dns(hosted_zone)
            return acm.Certificate(self, "Certificate", domain_name=domain_name, validation=validation)
        raise ValueError(
            f"{self.node.path}: {domain_name} needs a certificate from us-east-1: write certificate=..., or put the "
            "site into a stack with env=cdk.Environment(region='us-east-1') and give it the hosted_zone."
        )
