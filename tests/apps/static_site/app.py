"""A marketing site: files in a private S3 bucket, served by CloudFront under the company's domain.

As in the static site of the public CDK examples: certificate, DNS records, the files deployed with the stack. Plain
`aws_cdk`, with its defaults.
"""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as s3_deployment
from constructs import Construct

DOMAIN = "acme-example.com"
SITE = Path(__file__).parent / "site"


class StaticSite(Construct):
    """The bucket, the distribution before it, and the name by which viewers find it."""

    def __init__(self, scope: Construct, id: str, *, zone: route53.IHostedZone, subdomain: str) -> None:
        super().__init__(scope, id)
        host = f"{subdomain}.{zone.zone_name}"

        bucket = s3.Bucket(
            self,
            "SiteBucket",
            bucket_name=host,
            public_read_access=False,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            removal_policy=cdk.RemovalPolicy.DESTROY,
            auto_delete_objects=True,
        )
        certificate = acm.Certificate(
            self, "SiteCertificate", domain_name=host, validation=acm.CertificateValidation.from_dns(zone)
        )
        rewrite = cloudfront.Function(
            self,
            "Rewrite",
            code=cloudfront.FunctionCode.from_inline(
                "function handler(event) {\n"
                "  var request = event.request;\n"
                "  if (request.uri.endsWith('/')) request.uri += 'index.html';\n"
                "  return request;\n"
                "}\n"
            ),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
        self.distribution = cloudfront.Distribution(
            self,
            "SiteDistribution",
            certificate=certificate,
            domain_names=[host],
            default_root_object="index.html",
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            error_responses=[
                cloudfront.ErrorResponse(
                    http_status=403,
                    response_http_status=403,
                    response_page_path="/error.html",
                    ttl=cdk.Duration.minutes(30),
                )
            ],
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(bucket),
                compress=True,
                allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                function_associations=[
                    cloudfront.FunctionAssociation(
                        function=rewrite, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
                    )
                ],
            ),
        )
        route53.ARecord(
            self,
            "SiteAliasRecord",
            zone=zone,
            record_name=subdomain,
            target=route53.RecordTarget.from_alias(targets.CloudFrontTarget(self.distribution)),
        )
        s3_deployment.BucketDeployment(
            self,
            "DeployWithInvalidation",
            sources=[s3_deployment.Source.asset(str(SITE))],
            destination_bucket=bucket,
            distribution=self.distribution,
            distribution_paths=["/*"],
        )


class StaticSiteStack(cdk.Stack):
    """One site in a zone that exists."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, id, env=env)
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name=DOMAIN
        )
        site = StaticSite(self, "StaticSite", zone=zone, subdomain="www")
        cdk.CfnOutput(self, "Site", value=f"https://www.{DOMAIN}")
        cdk.CfnOutput(self, "DistributionId", value=site.distribution.distribution_id)


def build(app: cdk.App) -> None:
    """The site, in the region where CloudFront reads its certificates."""
    StaticSiteStack(app, "StaticSite", env=cdk.Environment(account="111111111111", region="us-east-1"))


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
