"""An application's data: PostgreSQL, Aurora MySQL, Redis and a shared file system, and a function that works on them.

The usual parts of the database examples in one network. Plain `aws_cdk`, with its defaults.
"""

from __future__ import annotations

import json

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct


class DataStack(cdk.Stack):
    """Everything that keeps data."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, id, env=env)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=1,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24),
                ec2.SubnetConfiguration(name="App", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=24),
                ec2.SubnetConfiguration(name="Data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
            ],
        )
        isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)

        self.accounts = rds.DatabaseInstance(
            self,
            "Accounts",
            engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_5),
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.BURSTABLE3, ec2.InstanceSize.MEDIUM),
            credentials=rds.Credentials.from_generated_secret("postgres"),
            database_name="accounts",
            vpc=self.vpc,
            vpc_subnets=isolated,
        )
        self.orders = rds.DatabaseCluster(
            self,
            "Orders",
            engine=rds.DatabaseClusterEngine.aurora_mysql(version=rds.AuroraMysqlEngineVersion.VER_3_08_2),
            writer=rds.ClusterInstance.provisioned(
                "Writer", instance_type=ec2.InstanceType.of(ec2.InstanceClass.R6G, ec2.InstanceSize.LARGE)
            ),
            readers=[rds.ClusterInstance.serverless_v2("Reader", scale_with_writer=True)],
            default_database_name="orders",
            vpc=self.vpc,
            vpc_subnets=isolated,
        )

        self.redis_group = ec2.SecurityGroup(self, "RedisGroup", vpc=self.vpc, description="Redis")
        subnets = elasticache.CfnSubnetGroup(
            self,
            "RedisSubnets",
            description="Subnets of the cache",
            subnet_ids=self.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids,
        )
        self.redis = elasticache.CfnReplicationGroup(
            self,
            "Redis",
            replication_group_description="Sessions",
            engine="redis",
            engine_version="7.1",
            cache_node_type="cache.t4g.small",
            num_cache_clusters=2,
            automatic_failover_enabled=True,
            cache_subnet_group_name=subnets.ref,
            security_group_ids=[self.redis_group.security_group_id],
        )
        self.files = efs.FileSystem(self, "Files", vpc=self.vpc)


class AppStack(cdk.Stack):
    """The function that reads and writes it, and the key of a partner's API."""

    def __init__(self, scope: Construct, id: str, *, data: DataStack, env: cdk.Environment) -> None:
        super().__init__(scope, id, env=env)
        partner = secretsmanager.Secret(
            self,
            "PartnerApiKey",
            description="Key of the partner's API",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({"user": "acme"}), generate_string_key="key"
            ),
        )
        group = ec2.SecurityGroup(self, "WorkerGroup", vpc=data.vpc)
        assert data.accounts.secret is not None
        assert data.orders.secret is not None
        worker = lambda_.Function(
            self,
            "Worker",
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context):\n    return 'done'\n"),
            memory_size=512,
            timeout=cdk.Duration.seconds(30),
            vpc=data.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            security_groups=[group],
            environment={
                "ACCOUNTS_SECRET": data.accounts.secret.secret_arn,
                "ORDERS_SECRET": data.orders.secret.secret_arn,
                "PARTNER_SECRET": partner.secret_arn,
                "REDIS_HOST": data.redis.attr_primary_end_point_address,
            },
        )
        for secret in (data.accounts.secret, data.orders.secret, partner):
            secret.grant_read(worker)
        peer = ec2.Peer.ipv4(data.vpc.vpc_cidr_block)
        data.accounts.connections.allow_default_port_from(peer)
        data.orders.connections.allow_default_port_from(peer)
        data.redis_group.add_ingress_rule(peer, ec2.Port.tcp(6379))


def build(app: cdk.App) -> None:
    """The data, and the function that works on it."""
    env = cdk.Environment(account="111111111111", region="eu-central-1")
    data = DataStack(app, "Data", env=env)
    AppStack(app, "App", data=data, env=env)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
