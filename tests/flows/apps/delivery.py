"""Services that deliver logs, reports and replicas to buckets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_config as config
from aws_cdk import aws_cur as cur
from aws_cdk import aws_elasticloadbalancing as classic
from aws_cdk import aws_iam as iam
from aws_cdk import aws_redshift as redshift

from flows.access import Fact, Need, load_balancing, resource_of, role, service
from flows.catalogue import Site, flow
from flows.world import World

ACL = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}


def _let(bucket: Any, principal: str, *actions: str, **more: Any) -> None:
    """Let a service write to a bucket, as the service's page says."""
    resources = [bucket.arn_for_objects("*")] if actions == ("s3:PutObject",) else [bucket.bucket_arn]
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(principal)], actions=[*actions], resources=resources, **more
        )
    )


@flow
def trail_writes_to_bucket(site: Site) -> Iterator[Need]:
    """A trail writes to a bucket of the user's."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    trail = site.m.cloudtrail.Trail(site.stack, "Trail", bucket=bucket)
    yield service("cloudtrail.amazonaws.com", trail).does("s3:PutObject", bucket, "/AWSLogs/111111111111/a")


@flow
def trail_writes_to_its_own_bucket(site: Site) -> Iterator[Need]:
    """A trail writes to the bucket that it makes."""
    trail = site.m.cloudtrail.Trail(site.stack, "Trail")
    made = [each for each in trail.node.find_all() if isinstance(each, site.m.s3.CfnBucket)]
    buckets = made or [each for each in site.stack.node.find_all() if isinstance(each, site.m.s3.CfnBucket)]

    def writes(world: World) -> str | None:
        from flows.access import serve

        target = world.find(resource_of(world, trail).get("S3BucketName"), "AWS::S3::Bucket")
        assert target is not None
        caller = service("cloudtrail.amazonaws.com", trail)
        return serve(world, caller, "s3:PutObject", target, "/AWSLogs/111111111111/a")

    assert buckets
    yield Fact(
        "the trail writes to its bucket", "AWS CloudTrail: Amazon S3 bucket policy for CloudTrail", writes, trail
    )


@flow
def l1_trail_writes_to_bucket(site: Site) -> Iterator[Need]:
    """A CfnTrail writes to a Bucket whose policy the user wrote."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    _let(bucket, "cloudtrail.amazonaws.com", "s3:GetBucketAcl")
    _let(bucket, "cloudtrail.amazonaws.com", "s3:PutObject", conditions=ACL)
    trail = site.m.cloudtrail.CfnTrail(site.stack, "Trail", is_logging=True, s3_bucket_name=bucket.bucket_name)
    trail.node.add_dependency(bucket)
    yield service("cloudtrail.amazonaws.com", trail).does("s3:GetBucketAcl", bucket)
    yield service("cloudtrail.amazonaws.com", trail).does("s3:PutObject", bucket, "/AWSLogs/111111111111/a")


@flow
def config_delivers_to_bucket(site: Site) -> Iterator[Need]:
    """AWS Config delivers to a bucket in its own name."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    _let(bucket, "config.amazonaws.com", "s3:GetBucketAcl", "s3:ListBucket")
    _let(bucket, "config.amazonaws.com", "s3:PutObject", conditions=ACL)
    config.CfnDeliveryChannel(site.stack, "Channel", s3_bucket_name=bucket.bucket_name)
    yield service("config.amazonaws.com").does("s3:PutObject", bucket, "/AWSLogs/111111111111/Config/a")


@flow
def flow_logs_go_to_bucket(site: Site) -> Iterator[Need]:
    """VPC flow logs go to a bucket."""
    ec2, bucket = site.m.ec2, site.m.s3.Bucket(site.stack, "Bucket")
    _let(bucket, "delivery.logs.amazonaws.com", "s3:GetBucketAcl")
    _let(bucket, "delivery.logs.amazonaws.com", "s3:PutObject", conditions=ACL)
    site.vpc().add_flow_log("Log", destination=ec2.FlowLogDestination.to_s3(bucket))
    source = "arn:aws:logs:us-east-1:111111111111:*"
    yield service("delivery.logs.amazonaws.com", source).does("s3:PutObject", bucket, "/AWSLogs/111111111111/a")


@flow
def flow_logs_go_to_log_group(site: Site) -> Iterator[Need]:
    """VPC flow logs go to a log group by a role of the user's."""
    ec2, group = site.m.ec2, site.m.logs.LogGroup(site.stack, "Group")
    writer = site.role(by="vpc-flow-logs")
    site.vpc().add_flow_log("Log", destination=ec2.FlowLogDestination.to_cloud_watch_logs(group, writer))
    source = "arn:aws:ec2:us-east-1:111111111111:vpc-flow-log/x"
    yield service("vpc-flow-logs.amazonaws.com", source).does("sts:AssumeRole", writer)
    yield role(writer).does("logs:PutLogEvents", group, ":log-stream:a")


@flow
def l1_flow_log_goes_to_bucket(site: Site) -> Iterator[Need]:
    """A CfnFlowLog goes to a bucket with a hand-written policy."""
    bucket, vpc = site.m.s3.Bucket(site.stack, "Bucket"), site.vpc()
    _let(bucket, "delivery.logs.amazonaws.com", "s3:PutObject", conditions=ACL)
    site.m.ec2.CfnFlowLog(
        site.stack,
        "Log",
        resource_id=vpc.vpc_id,
        resource_type="VPC",
        traffic_type="ALL",
        log_destination_type="s3",
        log_destination=bucket.bucket_arn,
    )
    source = "arn:aws:logs:us-east-1:111111111111:*"
    yield service("delivery.logs.amazonaws.com", source).does("s3:PutObject", bucket, "/AWSLogs/111111111111/a")


@flow
def application_load_balancer_logs(site: Site) -> Iterator[Need]:
    """An application load balancer writes access logs to a bucket of the user's."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    balancer = site.m.elasticloadbalancingv2.ApplicationLoadBalancer(site.stack, "Balancer", vpc=site.vpc())
    balancer.log_access_logs(bucket)
    path = "/AWSLogs/111111111111/elasticloadbalancing/a"
    yield load_balancing().does("s3:PutObject", bucket, path)


@flow
def l1_load_balancer_logs(site: Site) -> Iterator[Need]:
    """A CfnLoadBalancer writes access logs to a bucket with a hand-written policy."""
    elb, bucket, vpc = site.m.elasticloadbalancingv2, site.m.s3.Bucket(site.stack, "Bucket"), site.vpc()
    _let(bucket, "logdelivery.elasticloadbalancing.amazonaws.com", "s3:PutObject")
    attribute = elb.CfnLoadBalancer.LoadBalancerAttributeProperty
    balancer = elb.CfnLoadBalancer(
        site.stack,
        "Balancer",
        subnets=[each.subnet_id for each in vpc.public_subnets],
        load_balancer_attributes=[
            attribute(key="access_logs.s3.enabled", value="true"),
            attribute(key="access_logs.s3.bucket", value=bucket.bucket_name),
        ],
    )
    path = "/AWSLogs/111111111111/elasticloadbalancing/a"
    caller = service("logdelivery.elasticloadbalancing.amazonaws.com", balancer)
    yield caller.does("s3:PutObject", bucket, path)


@flow
def network_load_balancer_logs(site: Site) -> Iterator[Need]:
    """A network load balancer writes access logs to a bucket of the user's."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    balancer = site.m.elasticloadbalancingv2.NetworkLoadBalancer(site.stack, "Balancer", vpc=site.vpc())
    balancer.log_access_logs(bucket)
    source = "arn:aws:logs:us-east-1:111111111111:*"
    caller = service("delivery.logs.amazonaws.com", source)
    yield caller.does("s3:PutObject", bucket, "/AWSLogs/111111111111/a")


@flow
def classic_load_balancer_logs(site: Site) -> Iterator[Need]:
    """A Classic Load Balancer (L1) writes access logs to a bucket with a hand-written policy."""
    bucket, vpc = site.m.s3.Bucket(site.stack, "Bucket"), site.vpc()
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.AccountPrincipal("127311923021")],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects("*")],
        )
    )
    policy = classic.CfnLoadBalancer.AccessLoggingPolicyProperty(enabled=True, s3_bucket_name=bucket.bucket_name)
    listener = classic.CfnLoadBalancer.ListenersProperty(instance_port="80", load_balancer_port="80", protocol="HTTP")
    classic.CfnLoadBalancer(
        site.stack,
        "Balancer",
        listeners=[listener],
        subnets=[each.subnet_id for each in vpc.public_subnets],
        access_logging_policy=policy,
    )
    yield load_balancing().does("s3:PutObject", bucket, "/AWSLogs/111111111111/elasticloadbalancing/a")


@flow
def warehouse_audit_logs(site: Site) -> Iterator[Need]:
    """A Redshift cluster (L1) writes audit logs to a bucket with a hand-written policy."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    _let(bucket, "redshift.amazonaws.com", "s3:GetBucketAcl")
    _let(bucket, "redshift.amazonaws.com", "s3:PutObject")
    redshift.CfnCluster(
        site.stack,
        "Cluster",
        cluster_type="single-node",
        db_name="db",
        master_username="admin1",
        manage_master_password=True,
        node_type="ra3.large",
        logging_properties=redshift.CfnCluster.LoggingPropertiesProperty(bucket_name=bucket.bucket_name),
    )
    yield service("redshift.amazonaws.com/audit").does("s3:PutObject", bucket, "/a")


@flow
def bucket_logs_to_bucket(site: Site) -> Iterator[Need]:
    """A bucket writes its server access logs to another bucket of the user's."""
    s3 = site.m.s3
    logs = s3.Bucket(site.stack, "Logs")
    source = s3.Bucket(site.stack, "Bucket", server_access_logs_bucket=logs)

    def logged(world: World) -> str | None:
        name = resource_of(world, source).get("LoggingConfiguration.DestinationBucketName")
        return None if name == resource_of(world, logs).name else f"the logs go to {name}"

    page = "Amazon S3: Enabling Amazon S3 server access logging"
    yield Fact("the logs go where the user says", page, logged, source)


@flow
def bucket_logs_to_bucket_by_l1(site: Site) -> Iterator[Need]:
    """A CfnBucket writes its access logs to a Bucket with a hand-written policy."""
    s3 = site.m.s3
    logs = s3.Bucket(site.stack, "Logs")
    _let(logs, "logging.s3.amazonaws.com", "s3:PutObject")
    target = s3.CfnBucket.LoggingConfigurationProperty(destination_bucket_name=logs.bucket_name)
    source = s3.CfnBucket(site.stack, "Bucket", logging_configuration=target)
    yield service("logging.s3.amazonaws.com", source).does("s3:PutObject", logs, "/a")


@flow
def distribution_logs_to_bucket(site: Site) -> Iterator[Need]:
    """A distribution writes standard logs to a bucket of the user's with ACLs."""
    s3, cloudfront = site.m.s3, site.m.cloudfront
    logs = s3.Bucket(site.stack, "Logs", object_ownership=s3.ObjectOwnership.OBJECT_WRITER)
    behavior = cloudfront.BehaviorOptions(origin=origins.HttpOrigin("example.com"))
    cloudfront.Distribution(site.stack, "Web", default_behavior=behavior, enable_logging=True, log_bucket=logs)

    def takes_acls(world: World) -> str | None:
        ownership = resource_of(world, logs).get("OwnershipControls.Rules.0.ObjectOwnership", "BucketOwnerEnforced")
        return "the bucket takes no ACL" if ownership == "BucketOwnerEnforced" else None

    page = "Amazon CloudFront: Configure standard logging (legacy)"
    yield Fact("the bucket takes ACLs", page, takes_acls, logs)


@flow
def inventory_goes_to_bucket(site: Site) -> Iterator[Need]:
    """A bucket's inventory goes to another bucket."""
    s3 = site.m.s3
    reports = s3.Bucket(site.stack, "Reports")
    inventory = s3.Inventory(destination=s3.InventoryDestination(bucket=reports))
    bucket = s3.Bucket(site.stack, "Bucket", inventories=[inventory])
    yield service("s3.amazonaws.com/inventory", bucket).does("s3:PutObject", reports, "/a")


@flow
def cost_report_goes_to_bucket(site: Site) -> Iterator[Need]:
    """A Cost and Usage Report goes to a bucket with a hand-written policy."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    _let(bucket, "billingreports.amazonaws.com", "s3:GetBucketAcl", "s3:GetBucketPolicy")
    _let(bucket, "billingreports.amazonaws.com", "s3:PutObject")
    cur.CfnReportDefinition(
        site.stack,
        "Report",
        compression="Parquet",
        format="Parquet",
        refresh_closed_reports=True,
        report_name="costs",
        report_versioning="OVERWRITE_REPORT",
        s3_bucket=bucket.bucket_name,
        s3_prefix="costs",
        s3_region="us-east-1",
        time_unit="DAILY",
    )
    yield service("billingreports.amazonaws.com").does("s3:PutObject", bucket, "/costs/a")


@flow
def mail_goes_to_bucket(site: Site) -> Iterator[Need]:
    """SES stores incoming mail in a bucket with a hand-written policy."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    _let(bucket, "ses.amazonaws.com", "s3:PutObject")
    yield service("ses.amazonaws.com").does("s3:PutObject", bucket, "/a")


@flow
def bucket_replicates(site: Site) -> Iterator[Need]:
    """A replication rule of the user's copies objects to a bucket in another region."""
    s3 = site.m.s3
    far = site.stack_in("Far", region="eu-west-1")
    replica = s3.Bucket(far, "Replica", bucket_name="replica-of-us", versioned=True)
    rule = s3.ReplicationRule(destination=replica, priority=1)
    bucket = s3.Bucket(site.stack, "Bucket", versioned=True, replication_rules=[rule])
    site.stack.add_dependency(far)
    yield _replicates(bucket)
    yield _replicator(bucket).does("s3:GetObjectVersionForReplication", bucket, "/a")


@flow
def l1_bucket_replicates(site: Site) -> Iterator[Need]:
    """A CfnBucket replicates to a Bucket in the same region by a hand-written role."""
    s3 = site.m.s3
    replica = s3.Bucket(site.stack, "Replica", versioned=True)
    copier = site.role("s3:*", by="s3")
    rules = s3.CfnBucket
    bucket = rules(
        site.stack,
        "Bucket",
        versioning_configuration=rules.VersioningConfigurationProperty(status="Enabled"),
        replication_configuration=rules.ReplicationConfigurationProperty(
            role=copier.role_arn,
            rules=[
                rules.ReplicationRuleProperty(
                    destination=rules.ReplicationDestinationProperty(bucket=replica.bucket_arn),
                    status="Enabled",
                    prefix="",
                )
            ],
        ),
    )
    yield _replicates(bucket)
    yield role(copier).does("s3:ReplicateObject", replica, "/a")


def _replicates(bucket: Any) -> Fact:
    def copies(world: World) -> str | None:
        rules = resource_of(world, bucket).get("ReplicationConfiguration.Rules", [])
        return None if any(each.get("Status") == "Enabled" for each in rules) else "no rule is enabled"

    return Fact("the rule is enabled", "Amazon S3: Replication configuration file elements", copies, bucket)


def _replicator(bucket: Any) -> Any:
    """The role that the bucket's replication configuration names."""
    from flows.access import Caller

    def principal(world: World) -> Any:
        return world.role(resource_of(world, bucket).get("ReplicationConfiguration.Role"))

    by_arn = role("arn:aws:iam::111111111111:role/replication")
    return Caller(principal, by_arn.passes, None, (), "the replication role")


@flow
def log_export_goes_to_bucket(site: Site) -> Iterator[Need]:
    """CloudWatch Logs exports a log group to a bucket with a hand-written policy."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    _let(bucket, "logs.us-east-1.amazonaws.com", "s3:GetBucketAcl")
    _let(bucket, "logs.us-east-1.amazonaws.com", "s3:PutObject", conditions=ACL)
    source = "arn:aws:logs:us-east-1:111111111111:log-group:app"
    yield service("logs.us-east-1.amazonaws.com/export", source).does("s3:PutObject", bucket, "/a")
