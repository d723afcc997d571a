"""Requirements on every bucket, a bucket for access logs included."""

from __future__ import annotations

import functools
from typing import Any

from soc2_constructs.hardening import (
    Override,
    PropsContext,
    Requirement,
    at_least,
    default,
    member,
    provide,
    refuse,
    require,
)

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

_PUBLIC_ACCESS_FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


KMS_ENCRYPTION = (s3.BucketEncryption.KMS, s3.BucketEncryption.KMS_MANAGED)


DSSE_ENCRYPTION = (s3.BucketEncryption.DSSE, s3.BucketEncryption.DSSE_MANAGED)


#: The access control lists that S3 accepts with the bucket owner enforced setting.
_OWNER_ACLS = (
    None,
    s3.BucketAccessControl.PRIVATE,
    s3.BucketAccessControl.BUCKET_OWNER_READ,
    s3.BucketAccessControl.BUCKET_OWNER_FULL_CONTROL,
)


_POLICY = "Policy/Resource"


@functools.cache
def _block_all() -> s3.BlockPublicAccess:
    return s3.BlockPublicAccess.BLOCK_ALL


def _blocks_all(block: s3.BlockPublicAccess, context: PropsContext) -> bool:
    flags = [getattr(block, flag) for flag in _PUBLIC_ACCESS_FLAGS]
    if all(flags):
        return True
    # An unset flag is true with this feature flag, and false without it.
    left_out = context.scope.node.try_get_context("@aws-cdk/aws-s3:publicAccessBlockedByDefault")
    return False not in flags and left_out in (True, "true")


def has_enabled_rule(rules: Any, _: PropsContext) -> bool:
    return any(member(rule, "enabled", True) for rule in rules)


def is_website(context: PropsContext) -> bool:
    """Whether a bucket has a website endpoint, which supports HTTP only.

    Amazon S3 User Guide, "Website endpoints".
    """
    return any(context.props.get(f"website_{name}") for name in ("index_document", "error_document", "redirect"))


def _enforces_tls(context: PropsContext) -> bool:
    return context.props.get("enforce_ssl", not is_website(context)) is not False


def _without_acls(context: PropsContext) -> bool:
    return context.props.get("access_control") in _OWNER_ACLS


def _public_acl(acl: str) -> list[Override]:
    """Overrides that make the bucket public: without the public access block, and with a public access control list."""
    return [("PublicAccessBlockConfiguration", None), ("AccessControl", acl)]


def bucket_requirements() -> tuple[Requirement, ...]:
    """The requirements on all buckets, including those for access logs."""
    return (
        refuse(
            "encryption",
            "s3_bucket_default_encryption_enabled",
            accepts=lambda value, _: value != s3.BucketEncryption.UNENCRYPTED,
            required="BucketEncryption.KMS or another way of encryption",
            bad_value=s3.BucketEncryption.UNENCRYPTED,
            bad_override=("BucketEncryption", None),
        ),
        provide(
            "block_public_access",
            lambda _: _block_all(),
            "s3_public_access_block_bucket",
            accepts=_blocks_all,
            required="BlockPublicAccess.BLOCK_ALL",
            bad_value=lambda _: s3.BlockPublicAccess(
                block_public_acls=True,
                block_public_policy=False,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            ),
            bad_override=("PublicAccessBlockConfiguration.BlockPublicPolicy", False),
        ),
        refuse(
            "public_read_access",
            "s3_bucket_restrict_public_read_access",
            accepts=lambda value, _: not value,
            required="False",
            bad_value=True,
            bad_override=_public_acl("PublicRead"),
        ),
        refuse(
            "access_control",
            "s3_bucket_restrict_public_read_access",
            accepts=lambda value, _: (
                value not in (s3.BucketAccessControl.PUBLIC_READ, s3.BucketAccessControl.AUTHENTICATED_READ)
            ),
            required="an access control list without public read access",
            bad_value=s3.BucketAccessControl.PUBLIC_READ,
            bad_override=_public_acl("AuthenticatedRead"),
        ),
        refuse(
            "access_control",
            "s3_bucket_restrict_public_write_access",
            accepts=lambda value, _: value != s3.BucketAccessControl.PUBLIC_READ_WRITE,
            required="an access control list without public write access",
            bad_value=s3.BucketAccessControl.PUBLIC_READ_WRITE,
            bad_override=_public_acl("PublicReadWrite"),
        ),
        require(
            "enforce_ssl",
            True,
            "s3_bucket_enforces_ssl",
            when=lambda context: not is_website(context),
            bad_value=False,
            bad_override=("PolicyDocument.Statement.0.Effect", "Allow", _POLICY),
        ),
        at_least(
            "minimum_tls_version",
            1.2,
            "s3_bucket_enforces_ssl",
            bad_value=1.1,
            when=_enforces_tls,
            only_with="enforce_ssl",
        ),
        require(
            "versioned",
            True,
            "s3_bucket_versioning_enabled",
            bad_value=False,
            bad_override=("VersioningConfiguration.Status", "Suspended"),
        ),
        require(
            "event_bridge_enabled",
            True,
            "s3_bucket_event_notifications_enabled",
            when=lambda context: "bucket_name" not in context.props or "event_bridge_enabled" in context.given,
            bad_value=False,
            bad_override=("NotificationConfiguration", None),
        ),
        default("removal_policy", cdk.RemovalPolicy.RETAIN),
        default("object_ownership", s3.ObjectOwnership.BUCKET_OWNER_ENFORCED, when=_without_acls),
    )


def lifecycle_rules(*rules: s3.LifecycleRule) -> list[s3.LifecycleRule]:
    return [*rules, s3.LifecycleRule(id="AbortIncompleteUploads", abort_incomplete_multipart_upload_after=days(7))]


@functools.cache
def days(days: int) -> cdk.Duration:
    return cdk.Duration.days(days)
