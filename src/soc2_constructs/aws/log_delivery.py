"""Logs that CloudWatch Logs delivers for another service: a source, and a delivery to a destination."""

from __future__ import annotations

from soc2_constructs.cloudformation import PASS, Resource, Value, Verdict, any_of, failed, passed

DELIVERY = "AWS::Logs::Delivery"
DELIVERY_SOURCE = "AWS::Logs::DeliverySource"


def delivers(resource: Resource, *log_types: str) -> Verdict:
    """Whether logs of one of these types are delivered for the resource."""
    return any_of(
        source["LogType"].one_of(*log_types)
        & any_of(passed("it is delivered") for _ in source.referrers(DELIVERY, via="DeliverySourceName"))
        for source in resource.referrers(DELIVERY_SOURCE, via="ResourceArn")
    )


def accepts_logs(name: Value) -> Verdict:
    """Whether a bucket accepts logs of a service that cannot deliver to a bucket with a KMS key.

    Sources: Application Load Balancers, "Enable access logs for your Application Load Balancer"; Amazon S3 User Guide,
    "Enabling Amazon S3 server access logging"; Amazon Redshift Management Guide, "Database audit logging".

    Args:
        name: A property that names the bucket. One that is not part of the assembly is assumed to accept them.
    """
    bucket = name.target_of("AWS::S3::Bucket")
    if bucket is None:
        return passed("the bucket is not part of the assembly")
    encrypted = any_of(
        rule["ServerSideEncryptionByDefault.SSEAlgorithm"].one_of("aws:kms", "aws:kms:dsse")
        for rule in bucket["BucketEncryption.ServerSideEncryptionConfiguration"].each()
    )
    if encrypted.status is PASS:
        text = "{} is encrypted with a KMS key, so the service cannot deliver logs to it"
        return failed(text, bucket.logical_id, path=name.path)
    return ~encrypted
