"""A web service in containers: Fargate behind an Application Load Balancer, images in ECR, scaling by load.

The pattern of the public CDK examples, with the network beside it. Plain `aws_cdk`, with its defaults.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_ecs_patterns as ecs_patterns
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct


class NetworkStack(cdk.Stack):
    """Public and private subnets in two zones."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, id, env=env)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2)


class ServiceStack(cdk.Stack):
    """The cluster, the images and the service."""

    def __init__(self, scope: Construct, id: str, *, vpc: ec2.IVpc, env: cdk.Environment) -> None:
        super().__init__(scope, id, env=env)
        cluster = ecs.Cluster(self, "Cluster", vpc=vpc)
        repository = ecr.Repository(self, "Images", repository_name="web")
        uploads = s3.Bucket(self, "Uploads")
        log_group = logs.LogGroup(
            self,
            "ServiceLogs",
            retention=logs.RetentionDays.ONE_WEEK,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

        service = ecs_patterns.ApplicationLoadBalancedFargateService(
            self,
            "Service",
            cluster=cluster,
            cpu=512,
            memory_limit_mib=1024,
            desired_count=2,
            public_load_balancer=True,
            task_image_options=ecs_patterns.ApplicationLoadBalancedTaskImageOptions(
                image=ecs.ContainerImage.from_ecr_repository(repository, "latest"),
                container_port=8080,
                environment={"LOG_LEVEL": "info", "UPLOADS_BUCKET": uploads.bucket_name},
                log_driver=ecs.LogDrivers.aws_logs(stream_prefix="web", log_group=log_group),
            ),
        )
        uploads.grant_read_write(service.task_definition.task_role)
        service.target_group.configure_health_check(path="/health")

        scaling = service.service.auto_scale_task_count(min_capacity=2, max_capacity=10)
        scaling.scale_on_cpu_utilization("CpuScaling", target_utilization_percent=60)
        scaling.scale_on_request_count("RequestScaling", requests_per_target=1000, target_group=service.target_group)

        cdk.CfnOutput(self, "RepositoryUri", value=repository.repository_uri)


def build(app: cdk.App) -> None:
    """The network, and the service in it."""
    env = cdk.Environment(account="111111111111", region="eu-central-1")
    network = NetworkStack(app, "Network", env=env)
    ServiceStack(app, "Service", vpc=network.vpc, env=env)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
