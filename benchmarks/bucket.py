"""Our Bucket against the same buckets written by hand with aws_cdk: what the hardening itself costs a synthesis."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("CDK_VALIDATION", "false")
os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from soc2_constructs import aws_s3 as ours

MOST = 1.15
BUCKETS = 120
RUNS = 8


def with_ours(stack: cdk.Stack) -> None:
    for number in range(BUCKETS):
        ours.Bucket(stack, f"Bucket{number}")


def by_hand(stack: cdk.Stack) -> None:
    """What a careful engineer writes to get the same template."""
    helpers = Construct(stack, "Soc2")
    helpers.node.set_context("@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy", True)
    key = kms.Key(
        helpers,
        "DataKey",
        description="Data of this stack (soc2-constructs)",
        enable_key_rotation=True,
        removal_policy=cdk.RemovalPolicy.RETAIN,
        pending_window=cdk.Duration.days(30),
    )
    actions = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    service = f"s3.{stack.region}.{stack.url_suffix}"
    for principal, conditions in (
        (iam.AnyPrincipal(), {"kms:ViaService": service, "kms:CallerAccount": stack.account}),
        (iam.ServicePrincipal("delivery.logs.amazonaws.com"), {"aws:SourceAccount": stack.account}),
    ):
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[principal], actions=actions, resources=["*"], conditions={"StringEquals": conditions}
            )
        )
    uploads = s3.LifecycleRule(
        id="AbortIncompleteUploads", abort_incomplete_multipart_upload_after=cdk.Duration.days(7)
    )
    common: dict[str, Any] = {
        "block_public_access": s3.BlockPublicAccess.BLOCK_ALL,
        "enforce_ssl": True,
        "minimum_tls_version": 1.2,
        "versioned": True,
        "removal_policy": cdk.RemovalPolicy.RETAIN,
        "object_ownership": s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    }
    expire = s3.LifecycleRule(
        id="ExpireLogs", expiration=cdk.Duration.days(400), noncurrent_version_expiration=cdk.Duration.days(30)
    )
    logs = s3.Bucket(
        helpers,
        "AccessLogs",
        encryption=s3.BucketEncryption.S3_MANAGED,
        lifecycle_rules=[expire, uploads],
        **common,
    )
    notify(logs)
    logs.add_to_resource_policy(
        iam.PolicyStatement(
            sid="ServerAccessLogs",
            principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
            actions=["s3:PutObject"],
            resources=[logs.arn_for_objects("*")],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        )
    )
    rules = [
        s3.LifecycleRule(id="ExpireNoncurrentVersions", noncurrent_version_expiration=cdk.Duration.days(365)),
        uploads,
    ]
    for number in range(BUCKETS):
        bucket = s3.Bucket(
            stack,
            f"Bucket{number}",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            lifecycle_rules=rules,
            object_lock_enabled=True,
            **common,
        )
        resource = notify(bucket)
        resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=logs.bucket_name, log_file_prefix=f"Bucket{number}/"
        )
        resource.tags.set_tag("soc2:backup", "true", 0)


def notify(bucket: s3.Bucket) -> s3.CfnBucket:
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )
    return resource


def synth(make: Callable[[cdk.Stack], None], outdir: str) -> tuple[float, dict[str, Any]]:
    start = time.perf_counter()
    app = cdk.App(outdir=outdir)
    make(cdk.Stack(app, "S"))
    app.synth()
    seconds = time.perf_counter() - start
    return seconds, json.loads(Path(outdir, "S.template.json").read_text())["Resources"]


def main() -> int:
    best = {with_ours: float("inf"), by_hand: float("inf")}
    templates = {}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(RUNS):
            for make in best:
                seconds, templates[make] = synth(make, f"{folder}/{make.__name__}{run}")
                best[make] = min(best[make], seconds)
    assert templates[with_ours] == templates[by_hand], "the two must give the same template"
    ratio = best[with_ours] / best[by_hand]
    print(f"{BUCKETS} buckets: ours {best[with_ours]:.2f} s, by hand {best[by_hand]:.2f} s")
    print(f"  ours takes {ratio:.2f} times as long (at most {MOST})")
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
