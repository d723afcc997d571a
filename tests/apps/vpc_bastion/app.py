"""A network with a bastion host, a server behind it, and what watches over them.

As many teams start: SSH open to everyone, a disk beside the server, a trail, an alarm that tells a topic, a stream of
events. Plain `aws_cdk`, with its defaults.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct


class BastionStack(cdk.Stack):
    """The network, the ways into it, and the server."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, id, env=env)
        vpc = ec2.Vpc(self, "Vpc", ip_addresses=ec2.IpAddresses.cidr("10.0.0.0/16"), max_azs=2, nat_gateways=1)
        public = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)

        bastion = ec2.BastionHostLinux(self, "Bastion", vpc=vpc, subnet_selection=public)
        bastion.allow_ssh_access_from(ec2.Peer.any_ipv4())

        web_group = ec2.SecurityGroup(
            self, "WebGroup", vpc=vpc, description="Allow ssh and http", allow_all_outbound=True
        )
        web_group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(22), "allow ssh access from the world")
        web_group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(80), "allow http access from the world")

        role = iam.Role(
            self,
            "WebRole",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")],
        )
        user_data = ec2.UserData.for_linux()
        user_data.add_commands("dnf install -y httpd", "systemctl enable --now httpd")
        web = ec2.Instance(
            self,
            "Web",
            vpc=vpc,
            vpc_subnets=public,
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.MICRO),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            security_group=web_group,
            role=role,
            user_data=user_data,
            key_pair=ec2.KeyPair(self, "Key"),
        )
        disk = ec2.Volume(
            self,
            "Disk",
            availability_zone=vpc.availability_zones[0],
            size=cdk.Size.gibibytes(50),
            volume_type=ec2.EbsDeviceVolumeType.GP3,
        )
        disk.grant_attach_volume_by_resource_tag(web.grant_principal, [web])

        topic = sns.Topic(self, "Alerts", display_name="Alerts")
        topic.add_subscription(subscriptions.EmailSubscription("ops@acme-example.com"))
        busy = cloudwatch.Alarm(
            self,
            "HighCpu",
            metric=cloudwatch.Metric(
                namespace="AWS/EC2",
                metric_name="CPUUtilization",
                dimensions_map={"InstanceId": web.instance_id},
                period=cdk.Duration.minutes(5),
            ),
            threshold=80,
            evaluation_periods=3,
        )
        busy.add_alarm_action(cloudwatch_actions.SnsAction(topic))
        cloudwatch.Alarm(
            self,
            "StatusCheck",
            metric=cloudwatch.Metric(
                namespace="AWS/EC2",
                metric_name="StatusCheckFailed",
                dimensions_map={"InstanceId": web.instance_id},
            ),
            threshold=1,
            evaluation_periods=2,
        )

        events = kinesis.Stream(self, "Events", shard_count=1)
        events.grant_write(web)
        cloudtrail.Trail(self, "Trail")

        cdk.CfnOutput(self, "BastionId", value=bastion.instance_id)
        cdk.CfnOutput(self, "WebAddress", value=web.instance_public_ip)


def build(app: cdk.App) -> None:
    """All of it, in one stack."""
    BastionStack(app, "Bastion", env=cdk.Environment(account="111111111111", region="eu-central-1"))


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
