"""Callers that plain CDK keeps out: hardening has to keep them out as well."""

from __future__ import annotations

from collections.abc import Iterator

from aws_cdk import aws_iam as iam
from constructs import IConstruct

from flows.access import Need, account, anyone, role, service
from flows.catalogue import Site, flow
from flows.laws import STRANGER


def _stay_out(site: Site, action: str, resource: IConstruct, below: str = "") -> Iterator[Need]:
    """A role without permissions, a stranger's account, and a caller without credentials."""
    yield role(site.role(id="Bystander")).cannot(action, resource, below)
    yield account(STRANGER, "*").cannot(action, resource, below)
    yield anyone().cannot(action, resource, below)


@flow
def strangers_do_not_read_bucket(site: Site) -> Iterator[Need]:
    """A bucket that another account may read stays closed to the rest."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    bucket.grant_read(iam.AccountPrincipal("222222222222"))
    yield account("222222222222", "s3:*", "kms:*").does("s3:GetObject", bucket, "/a")
    yield from _stay_out(site, "s3:GetObject", bucket, "/a")
    yield from [account("222222222222", "s3:*", "kms:*").cannot("s3:PutObject", bucket, "/a")]


@flow
def strangers_do_not_publish(site: Site) -> Iterator[Need]:
    """A topic that a service of the account may publish to stays closed to the rest."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    ours = {"StringEquals": {"aws:SourceAccount": "111111111111"}}
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("budgets.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions=ours,
        )
    )
    yield service("budgets.amazonaws.com").does("sns:Publish", topic)
    yield service("budgets.amazonaws.com", source_account=STRANGER).cannot("sns:Publish", topic)
    yield from _stay_out(site, "sns:Publish", topic)


@flow
def strangers_do_not_raise_alarms(site: Site) -> Iterator[Need]:
    """The default policy of a topic lets in the services of its account only."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    yield service("cloudwatch.amazonaws.com").does("sns:Publish", topic)
    yield service("cloudwatch.amazonaws.com", source_account=STRANGER).cannot("sns:Publish", topic)
    yield service("dms.amazonaws.com", source_account=STRANGER).cannot("sns:Publish", topic)


@flow
def strangers_do_not_use_queue(site: Site) -> Iterator[Need]:
    """A queue without a policy stays closed to those without permissions."""
    queue = site.m.sqs.Queue(site.stack, "Queue")
    yield role(site.role("sqs:SendMessage", on=queue.queue_arn)).does("sqs:SendMessage", queue)
    yield from _stay_out(site, "sqs:SendMessage", queue)
    yield service("sns.amazonaws.com").cannot("sqs:SendMessage", queue)


@flow
def strangers_do_not_use_stream_and_table(site: Site) -> Iterator[Need]:
    """A stream and a table stay closed to those without permissions."""
    stream, table = site.m.kinesis.Stream(site.stack, "Stream"), site.table()
    yield from _stay_out(site, "kinesis:GetRecords", stream)
    yield account(STRANGER, "*").cannot("dynamodb:GetItem", table)
    yield role(site.role("kinesis:GetRecords", on=stream.stream_arn)).cannot("dynamodb:GetItem", table)


@flow
def strangers_do_not_read_secret(site: Site) -> Iterator[Need]:
    """A secret stays closed to those without permissions."""
    secret = site.m.secretsmanager.Secret(site.stack, "Secret")
    yield from _stay_out(site, "secretsmanager:GetSecretValue", secret)
    reader = site.role("s3:*", id="Reader")
    yield role(reader).cannot("secretsmanager:GetSecretValue", secret)


@flow
def strangers_do_not_write_trails(site: Site) -> Iterator[Need]:
    """The bucket of a trail takes no objects from other callers."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    site.m.cloudtrail.Trail(site.stack, "Trail", bucket=bucket)
    yield from _stay_out(site, "s3:PutObject", bucket, "/AWSLogs/111111111111/a")
