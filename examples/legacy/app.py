"""A product in plain `aws_cdk`, written without an audit in mind.

It uses the defaults of the CDK. Only the last lines refer to this library: they register the rule pack, which fails
`cdk synth`. `examples/saas` is the same product with the modules of this library.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from constructs import Construct

from soc2_constructs import Soc2Checks


class Web(cdk.Stack):
    """The web front: files in a bucket behind CloudFront."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        site = s3.Bucket(self, "Site")
        cloudfront.Distribution(
            self,
            "Front",
            default_behavior=cloudfront.BehaviorOptions(origin=origins.S3BucketOrigin.with_origin_access_control(site)),
        )


class Data(cdk.Stack):
    """Accounts in PostgreSQL, events in Aurora."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Network")
        rds.DatabaseInstance(
            self,
            "Accounts",
            engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9),
            vpc=vpc,
        )
        rds.DatabaseCluster(
            self,
            "Events",
            engine=rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_9),
            writer=rds.ClusterInstance.serverless_v2("Writer"),
            vpc=vpc,
        )


class Api(cdk.Stack):
    """The REST API over one function."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        handler = lambda_.Function(
            self,
            "Handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context):\n    return {'statusCode': 200}\n"),
        )
        apigateway.LambdaRestApi(self, "Rest", handler=handler)


def build(app: cdk.App) -> None:
    """Create one stage for each environment."""
    for name in ("Test", "Prod"):
        stage = cdk.Stage(app, name, env=cdk.Environment(account="111111111111", region="eu-central-1"))
        for stack in (Web, Data, Api):
            stack(stage, stack.__name__)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    cdk.Validations.of(app).add_plugins(Soc2Checks(app))
    app.synth()
