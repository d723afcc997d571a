"""The users of a bucket that cannot use a value of this library: the finishing step takes the value back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from soc2_constructs.hardening import PropsContext, View, as_list

from aws_cdk import aws_s3 as s3

from soc2_constructs.aws_kms import is_data_key
from soc2_constructs.aws_s3.base import BaseBucket, log_targets

#: The path of the property that holds the key.
ENCRYPTION_KEY = "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID"
_KMS_CONTROL, _LOGGING = "s3_bucket_default_encryption_enabled_kms", "s3_bucket_logging_enabled"
_NO_SUPPORT = ", which does not support a KMS key"
#: The reason of the bucket for the access logs of a load balancer.
BALANCER = "a load balancer delivers access logs to it"
#: Resources that write to a bucket without KMS: type, property of the bucket, and what they do. AWS pages: "Enable
#: access logs for your Application Load Balancer", "Enable access logs for your Classic Load Balancer", "Database audit
#: logging".
_NO_KMS = (
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerAttributes", f"{BALANCER}{_NO_SUPPORT}"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "AccessLoggingPolicy.S3BucketName", f"{BALANCER}{_NO_SUPPORT}"),
    (
        "AWS::Redshift::Cluster",
        "LoggingProperties.BucketName",
        f"Amazon Redshift delivers audit logs to it{_NO_SUPPORT}",
    ),
    # Amazon CloudFront Developer Guide, "Configure standard logging (legacy)".
    (
        "AWS::CloudFront::Distribution",
        "DistributionConfig.Logging.Bucket",
        "Amazon CloudFront delivers standard logs to it, and a key that all services share must not let in the logs of "
        "other accounts",
    ),
)
_LOGS = "Amazon S3 delivers access logs to it"


def check_users(view: View, bucket: s3.Bucket, context: PropsContext) -> None:
    """Take back the values that a user of the bucket cannot work with."""
    resource = context.scratch["resource"]
    receives = _receives_logs(view, bucket, resource)
    if receives and context.props.get("object_lock_enabled") and "object_lock_enabled" not in context.given:
        # Amazon S3 User Guide, "Object Lock considerations".
        resource.object_lock_enabled = False
        context.leave("object_lock_enabled", f"{_LOGS}, which does not support Object Lock", _LOGGING)
    if isinstance(bucket, BaseBucket) and uses_data_key(bucket, context):
        reason = f"{_LOGS}{_NO_SUPPORT}" if receives else next(_without_kms(view, resource), None)
        if reason is not None:
            use_s3_managed_encryption(bucket, context, reason)
            view.forget(resource)
    if context.scratch["emits"] and "event_bridge_enabled" not in context.given:
        _check_notifications(view, resource, context)


def uses_data_key(bucket: BaseBucket, context: PropsContext) -> bool:
    """Whether a bucket is encrypted with the default key of the stack."""
    return is_data_key(context.props.get("encryption_key")) and bucket.encryption_key is not None


def use_s3_managed_encryption(bucket: BaseBucket, context: PropsContext, reason: str) -> None:
    """Encrypt a bucket with SSE-S3 instead of the default key.

    Args:
        bucket: The bucket.
        context: The properties of the bucket.
        reason: The user of the bucket, and why it cannot use the key, as a clause.
    """
    bucket._release_key()
    context.take_back(
        "encryption",
        reason,
        _KMS_CONTROL,
        "To make the decision explicit, type encryption=s3.BucketEncryption.S3_MANAGED.",
    )


def release_key(bucket: Any, user: str) -> None:
    """Encrypt a bucket with SSE-S3 instead of the default key, for a user that does not support a KMS key.

    Args:
        bucket: A bucket of any library; one without the default key stays as it is.
        user: The user of the bucket, as a clause such as "a load balancer delivers access logs to it".
    """
    if isinstance(bucket, BaseBucket) and uses_data_key(bucket, bucket._context):
        use_s3_managed_encryption(bucket, bucket._context, f"{user}{_NO_SUPPORT}")


def _receives_logs(view: View, bucket: s3.Bucket, resource: s3.CfnBucket) -> bool:
    return (
        bucket in log_targets
        or (isinstance(bucket, BaseBucket) and bucket._receives_logs)
        or bool(view.referrers(resource, "AWS::S3::Bucket", "LoggingConfiguration.DestinationBucketName"))
    )


def _without_kms(view: View, resource: s3.CfnBucket) -> Iterator[str]:
    """The users of a bucket that cannot use a KMS key."""
    for type_, path, reason in _NO_KMS:
        if view.referrers(resource, type_, path):
            yield reason
    for statement in view.statements(resource):
        principal = statement.get("Principal")
        if statement.get("Effect") != "Allow":
            continue
        if isinstance(principal, Mapping) and "CanonicalUser" in principal:
            yield f"an origin access identity of Amazon CloudFront reads it{_NO_SUPPORT}"
        anyone = as_list(principal.get("AWS")) if isinstance(principal, Mapping) else as_list(principal)
        if "*" in anyone and not statement.get("Condition"):
            yield "its policy lets in anonymous readers, which cannot use a KMS key"


def _check_notifications(view: View, resource: s3.CfnBucket, context: PropsContext) -> None:
    """Leave the notification configuration alone where another stack sets it.

    A bucket has one notification configuration: each call replaces all of it. Amazon S3 API Reference,
    "PutBucketNotificationConfiguration".
    """
    elsewhere = [
        custom
        for custom in view.referrers(resource, "Custom::S3BucketNotifications", "BucketName")
        if not custom.node.path.startswith(f"{context.path}/")
    ]
    if elsewhere and resource.notification_configuration is not None:
        resource.notification_configuration = None
        context.take_back(
            "event_bridge_enabled",
            f"{elsewhere[0].node.path} sets all notifications of the bucket, and would remove the setting",
            "s3_bucket_event_notifications_enabled",
            "To send the events to Amazon EventBridge, set the notifications on the bucket itself.",
        )
