"""Replication to the disaster recovery region."""

from __future__ import annotations

from collections.abc import Callable

from soc2_constructs.hardening import (
    NAMED_REMOVAL_POLICY,
    PropsContext,
    deployed_path,
    member,
    recovery_stack,
    stack_singleton,
    unique_name,
)

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct


def replication_rules(
    context: PropsContext, create_bucket: Callable[..., s3.IBucket]
) -> list[s3.ReplicationRule] | None:
    """A rule that replicates all objects to the disaster recovery region.

    Args:
        context: The bucket that is replicated.
        create_bucket: Creates the replica, with the arguments of a bucket.

    Returns:
        The rule; None without a disaster recovery region, or if the stack has no explicit account.
    """
    recovery = recovery_stack(context.scope)
    if recovery is None or cdk.Token.is_unresolved(recovery.account):
        return None
    # A reference to another region requires a physical name, which must be unique over all AWS accounts.
    name = unique_name(
        f"{deployed_path(context.scope, context.path)}/replica", str(recovery.account), str(recovery.region), limit=63
    )

    def create(holder: Construct, id: str) -> s3.IBucket:
        # The AWS managed key for S3, which all roles of the account may use through S3. A reference to the key of the
        # stack from another region would require custom resources.
        return create_bucket(
            holder,
            id,
            bucket_name=name,
            encryption=s3.BucketEncryption.KMS_MANAGED,
            removal_policy=NAMED_REMOVAL_POLICY,
            # The name is fixed, but no other stack sets the notifications of a replica.
            event_bridge_enabled=True,
        )

    stack_singleton(recovery, f"Replica-{name}", create)
    key = stack_singleton(recovery, "S3Key", lambda holder, id: kms.Alias.from_alias_name(holder, id, "alias/aws/s3"))
    destination = stack_singleton(
        context.scope, f"Replica-{name}", lambda holder, id: s3.Bucket.from_bucket_name(holder, id, name)
    )
    return [
        s3.ReplicationRule(
            id="DisasterRecovery",
            # The CDK writes a filter. S3 requires a priority with it: API Reference, "ReplicationRule".
            priority=1,
            destination=destination,
            sse_kms_encrypted_objects=True,
            kms_key=key,
        )
    ]


def replication_role(context: PropsContext) -> iam.Role | None:
    """The role for replication, if there are rules and the user passes no role.

    Without a feature flag, the role of the CDK has a fixed name: a second bucket would fail to deploy.
    """
    if not context.props.get("replication_rules") or "replication_role" in context.props:
        return None
    role = iam.Role(context.scope, f"{context.id}Soc2Replication", assumed_by=iam.ServicePrincipal("s3.amazonaws.com"))
    context.props["replication_role"] = role
    return role


def allow_replication(role: iam.Role, bucket: s3.Bucket, context: PropsContext) -> None:
    """Allow the role to read the bucket and to replicate to the destinations of the rules."""
    rules = context.props["replication_rules"]
    bucket.grant_replication_permission(
        role,
        source_decryption_key=bucket.encryption_key,
        destinations=[
            s3.GrantReplicationPermissionDestinationProps(
                bucket=member(rule, "destination"), encryption_key=member(rule, "kms_key")
            )
            for rule in rules
        ],
    )
    if context.props.get("object_lock_enabled"):
        # Amazon S3 User Guide, "Managing Object Lock".
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:GetObjectLegalHold", "s3:GetObjectRetention"], resources=[bucket.arn_for_objects("*")]
            )
        )
