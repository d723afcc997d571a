"""Requirements that instances and clusters share."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import (
    NAMED_REMOVAL_POLICY,
    PropsContext,
    Requirement,
    default,
    provide,
    refuse,
    require,
    tag_for_backup,
)

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from constructs import Construct

from soc2_constructs.aws_kms import data_key, is_own
from soc2_constructs.aws_logs import keeps_a_year
from soc2_constructs.aws_rds.engines import engine_type, supports_iam
from soc2_constructs.aws_rds.logs import database_resources


def encrypts_insights(context: PropsContext) -> bool:
    return (
        bool(context.props.get("enable_performance_insights")) and context.props.get("database_insights_mode") is None
    )


def sets_no_password(context: PropsContext) -> bool:
    return not {"credentials", "snapshot_credentials", "manage_master_user_password"} & set(context.props)


def database_key(context: PropsContext) -> kms.IKey:
    """The key for storage, password and Performance Insights: the storage key, by default that of the stack."""
    return context.props.get("storage_encryption_key") or data_key(context.scope, "rds", "secretsmanager")


def aws_managed_key(scope: Construct) -> kms.IKey:
    return kms.Alias.from_alias_name(scope, "AwsKey", "alias/aws/rds")


def _retention() -> Requirement:
    return refuse(
        "cloudwatch_logs_retention",
        "cloudwatch_log_group_retention_period_365",
        accepts=keeps_a_year,
        required="RetentionDays.ONE_YEAR or longer",
        bad_value=logs.RetentionDays.ONE_MONTH,
        bad_override=("RetentionInDays", 30, "Log-postgresql/Resource"),
    )


def shared_requirements() -> tuple[Requirement, ...]:
    """The requirements that instances and clusters share."""
    return (
        require(
            "deletion_protection",
            True,
            "rds_db_instance_deletion_protection_enabled",
            bad_value=False,
            bad_override=("DeletionProtection", False),
        ),
        require(
            "copy_tags_to_snapshot",
            True,
            "rds_db_instance_copy_tags_to_snapshot_enabled",
            bad_value=False,
            bad_override=("CopyTagsToSnapshot", False),
        ),
        # A drop-in database has a name, which would block the next deployment after a first one that fails.
        default("removal_policy", NAMED_REMOVAL_POLICY),
    )


def provisioned_requirements() -> tuple[Requirement, ...]:
    """The requirements that instances and provisioned clusters share."""
    return (
        *shared_requirements(),
        _retention(),
        require(
            "iam_authentication",
            True,
            "rds_db_instance_iam_authentication_enabled",
            bad_value=False,
            bad_override=("EnableIAMDatabaseAuthentication", False),
            when=supports_iam,
        ),
        provide("monitoring_interval", lambda _: cdk.Duration.seconds(60), None, required="60 seconds by default"),
        default("auto_minor_version_upgrade", True),
    )


def _does_not_follow_from_the_key(context: PropsContext) -> bool:
    """Whether the encryption is not implied by a key: the CDK encrypts a database with a key."""
    return not ("storage_encryption_key" in context.props and "storage_encrypted" not in context.props)


def encryption_requirements(*controls: str) -> tuple[Requirement, ...]:
    encrypted, *own_key = controls
    return (
        require(
            "storage_encrypted",
            True,
            encrypted,
            bad_value=False,
            bad_override=("StorageEncrypted", False),
            when=_does_not_follow_from_the_key,
        ),
        provide(
            "storage_encryption_key",
            database_key,
            own_key[0] if own_key else None,
            accepts=is_own if own_key else None,
            required="a customer managed key; by default one per stack",
            bad_value=aws_managed_key if own_key else None,
            when=lambda context: context.props.get("storage_encrypted", True) is not False,
            bad_override=("KmsKeyId", None) if own_key else None,
            only_with=None if own_key else "storage_encrypted",
        ),
    )


def password_requirements() -> tuple[Requirement, ...]:
    """The password: by default RDS manages it in Secrets Manager and rotates it every 7 days.

    AWS page: "Password management with Amazon RDS and AWS Secrets Manager".
    """
    return (
        default("manage_master_user_password", True, when=sets_no_password),
        provide(
            "credentials",
            lambda context: rds.Credentials.from_username(
                context.props["engine"].default_username or "admin", encryption_key=database_key(context)
            ),
            None,
            required="by default a password that RDS manages in Secrets Manager",
            when=lambda context: context.props.get("manage_master_user_password") is True,
        ),
    )


def tag_database(database: Any, context: PropsContext, control: str) -> None:
    for resource in database_resources(database):
        tag_for_backup(resource, context, control)


def tag_replica(replica: Any, context: PropsContext) -> None:
    """Tag a read replica; RDS supports no backups of a replica of SQL Server.

    AWS page: "Working with read replicas for Microsoft SQL Server in Amazon RDS".
    """
    if not engine_type(context.props).startswith("sqlserver"):
        tag_instance(replica, context)


def tag_instance(instance: Any, context: PropsContext) -> None:
    tag_database(instance, context, "rds_db_instance_in_backup_plan")


def tag_cluster(cluster: Any, context: PropsContext) -> None:
    tag_database(cluster, context, "rds_db_cluster_aurora_protected_by_backup_plan")
