"""The product of `examples/legacy`, written with the modules of this library. It passes all checks.

It consists of a website, a REST API backed by a function, accounts in PostgreSQL, events in Aurora, backups, and a
trail with alarms, in two environments. Decisions of the team are explicit: the second region is a context key in
`cdk.json`, and accepted risks are waivers with an owner and an expiration date.
"""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from soc2_constructs import Soc2Checks, patterns, waive
from soc2_constructs import aws_ec2 as ec2
from soc2_constructs import aws_lambda as lambda_
from soc2_constructs import aws_rds as rds


class Web(cdk.Stack):
    """The website, in us-east-1: web ACLs for CloudFront must be in this region."""

    def __init__(self, scope: Construct, id: str, *, account: str) -> None:
        super().__init__(scope, id, env=cdk.Environment(account=account, region="us-east-1"))
        waive(
            self,
            "cloudfront_distribution_field_level_encryption_enabled",
            reason="The site serves files and has no forms",
            owner="web team",
            expires="2027-10-31",
        )
        patterns.StaticWebsite(self, "Site", single_page=True)
        patterns.BackupPolicy(self, "Backup", restore_tests=("S3",))


class Data(cdk.Stack):
    """Accounts in PostgreSQL and events in Aurora, both in isolated subnets."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.network = ec2.Vpc(
            self,
            "Network",
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC),
                ec2.SubnetConfiguration(name="App", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
                ec2.SubnetConfiguration(name="Data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ],
        )
        self.accounts = patterns.RelationalDatabase(
            self,
            "Accounts",
            engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9),
            vpc=self.network,
            backup_plan=False,
        )
        self.events = patterns.RelationalDatabase(
            self,
            "Events",
            engine=rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_9),
            vpc=self.network,
            backup_plan=False,
        )


class Api(cdk.Stack):
    """The REST API, backed by one function in the VPC of the databases."""

    def __init__(self, scope: Construct, id: str, *, data: Data) -> None:
        super().__init__(scope, id)
        handler = lambda_.Function(
            self,
            "Handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context):\n    return {'statusCode': 200}\n"),
            vpc=data.network,
            reserved_concurrent_executions=50,
        )
        waive(
            handler,
            "lambda_function_dead_letter_queue_configured",
            reason="API Gateway invokes it synchronously: the caller receives the error, and there is no event to keep",
            owner="api team",
            expires="2027-10-31",
        )
        patterns.RestService(self, "Service", handler=handler)


class Backup(cdk.Stack):
    """One backup policy for all resources of the region."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        patterns.BackupPolicy(self, "Policy")


class Audit(cdk.Stack):
    """One multi-region trail with alarms on security events."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        patterns.SecurityTrail(self, "Trail", data_events=("AWS::S3::Object", "AWS::Lambda::Function"))


def build(app: cdk.App) -> None:
    """Create one stage for each environment, each in its own account."""
    for name, account in (("Test", "111111111111"), ("Prod", "222222222222")):
        stage = cdk.Stage(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        Web(stage, "Web", account=account)
        Api(stage, "Api", data=Data(stage, "Data"))
        Backup(stage, "Backup")
        Audit(stage, "Audit")


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    cdk.Validations.of(app).add_plugins(Soc2Checks(app))
    app.synth()
