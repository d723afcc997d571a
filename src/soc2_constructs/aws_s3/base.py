"""The base class of the buckets: EventBridge notifications without a function, and delivery of access logs."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from soc2_constructs.hardening import (
    PropsContext,
)

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from soc2_constructs.aws_s3.requirements import DSSE_ENCRYPTION, KMS_ENCRYPTION

#: The buckets that the user passes as `server_access_logs_bucket`.
log_targets: WeakSet[Any] = WeakSet()


def prepare_bucket(context: PropsContext) -> None:
    """Remove properties for which the CDK would add a custom resource or many statements; `finish_bucket` sets them."""
    props, scratch = context.props, context.scratch
    logs = props.get("server_access_logs_bucket")
    scratch["logs"] = logs
    if "server_access_logs_bucket" in context.given:
        log_targets.add(logs)
    scratch["emits"] = context.pop("event_bridge_enabled") is True
    # Without a feature flag the CDK allows log delivery by access control list, which buckets with the owner
    # enforced setting reject.
    user_set = {"server_access_logs_bucket", "server_access_logs_prefix"} & context.user_set
    if refuses_acls(logs) and props.get("target_object_key_format") is None and not user_set:
        scratch["ours"] = context.pop("server_access_logs_bucket")
        scratch["prefix"] = context.pop("server_access_logs_prefix")


def finish_bucket(bucket: s3.Bucket, context: PropsContext) -> None:
    """Set the properties that `prepare_bucket` removed, on the CloudFormation resource."""
    props, scratch = context.props, context.scratch
    resource = scratch["resource"] = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    ours = scratch.get("ours")
    if ours is not None:
        ours._receive_logs()
        resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=ours.bucket_name, log_file_prefix=scratch["prefix"]
        )
    if isinstance(bucket, BaseBucket):
        bucket._resource = resource
        bucket._emits = scratch["emits"]
        bucket._context = context
        bucket._accepts_logs = (
            (props.get("object_lock_enabled") is not True or "object_lock_enabled" not in context.given)
            and (props.get("encryption") not in KMS_ENCRYPTION + DSSE_ENCRYPTION or "encryption" not in context.given)
            and "encryption_key" not in context.given
        )
        bucket._without_acls = props.get("object_ownership") == s3.ObjectOwnership.BUCKET_OWNER_ENFORCED
        bucket._emit()
    elif scratch["emits"]:
        if bucket.node.try_find_child("Notifications") is None:
            _send_events(resource)
        else:
            bucket.enable_event_bridge_notification()


def _send_events(resource: s3.CfnBucket) -> None:
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )


class BaseBucket(s3.Bucket):
    """A bucket that sends events to EventBridge without the custom resource of the CDK, unless it has notifications."""

    _context: PropsContext
    _resource: s3.CfnBucket
    _emits: bool
    _accepts_logs: bool
    _without_acls: bool
    _receives_logs: bool = False
    _uses_kms: bool = True

    @property
    def encryption_key(self) -> kms.IKey | None:
        """The KMS key; None without one, and where a user of the bucket cannot use the default key."""
        return super().encryption_key if self._uses_kms else None

    def _release_key(self) -> None:
        """Encrypt the bucket with SSE-S3 instead of the default key."""
        self._uses_kms = False
        rule = s3.CfnBucket.ServerSideEncryptionRuleProperty(
            server_side_encryption_by_default=s3.CfnBucket.ServerSideEncryptionByDefaultProperty(sse_algorithm="AES256")
        )
        self._resource.bucket_encryption = s3.CfnBucket.BucketEncryptionProperty(
            server_side_encryption_configuration=[rule]
        )

    def _receive_logs(self) -> None:
        """Allow S3 to deliver the access logs of all buckets in the account.

        One statement covers all sources. The CDK adds one per source, which exceeds the maximum size of a bucket policy
        (20 KB) at about 40 buckets.
        """
        if not self._receives_logs:
            self._receives_logs = True
            self.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="ServerAccessLogs",
                    principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
                    actions=["s3:PutObject"],
                    resources=[self.arn_for_objects("*")],
                    conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
                )
            )

    def _emit(self) -> None:
        if self._emits:
            _send_events(self._resource)

    def enable_event_bridge_notification(self) -> None:
        """Send the bucket's events to EventBridge."""
        if self.node.try_find_child("Notifications") is not None:
            super().enable_event_bridge_notification()
        else:
            self._emits = True
            self._emit()

    def add_event_notification(
        self,
        event: s3.EventType,
        dest: s3.IBucketNotificationDestination,
        *filters: s3.NotificationKeyFilter,
    ) -> None:
        """Send events to a function, topic or queue.

        The custom resource of the CDK replaces the whole notification configuration of the bucket, so it also manages
        the EventBridge setting.
        """
        if self.node.try_find_child("Notifications") is None:
            self._resource.notification_configuration = None
            if self._emits:
                super().enable_event_bridge_notification()
        super().add_event_notification(event, dest, *filters)


def refuses_acls(bucket: Any) -> bool:
    """Whether a bucket of this library has access control lists disabled (bucket owner enforced)."""
    return isinstance(bucket, BaseBucket) and bucket._without_acls
