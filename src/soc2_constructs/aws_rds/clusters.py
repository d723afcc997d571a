"""Aurora clusters."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import (
    Hardening,
    Init,
    PropsContext,
    Requirement,
    Violation,
    default,
    hardened,
    provide,
    raise_together,
    refuse,
)

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds

from soc2_constructs.aws.retention import BACKUP_RETENTION_DAYS
from soc2_constructs.aws_logs import LogGroup
from soc2_constructs.aws_rds.engines import add_parameters, class_supports_insights, engine_type, log_types
from soc2_constructs.aws_rds.instances import DATABASE_INSTANCE
from soc2_constructs.aws_rds.logs import create_log_groups, name_for_logs
from soc2_constructs.aws_rds.passwords import ManagedPassword, ManagedPasswordMixin
from soc2_constructs.aws_rds.requirements import (
    database_key,
    encryption_requirements,
    password_requirements,
    provisioned_requirements,
    sets_no_password,
    tag_cluster,
)
from soc2_constructs.aws_rds.retention import retain_companions


def _cluster_requirements() -> tuple[Requirement, ...]:
    return (
        *provisioned_requirements(),
        provide(
            "cloudwatch_logs_exports",
            log_types,
            "rds_db_cluster_aurora_mysql_audit_logging_enabled",
            accepts=lambda exports, _: "audit" in exports,
            required='all log types of the engine, "audit" among them',
            bad_value=["error"],
            bad_override=("EnableCloudwatchLogsExports", ["error"]),
            when=lambda context: engine_type(context.props) == "aurora-mysql",
        ),
        provide(
            "cloudwatch_logs_exports",
            log_types,
            "rds_db_cluster_aurora_postgres_logging_enabled",
            accepts=lambda exports, _: "postgresql" in exports,
            required='["postgresql"]',
            bad_value=[],
            bad_override=("EnableCloudwatchLogsExports", None),
            when=lambda context: engine_type(context.props) == "aurora-postgresql",
        ),
        provide(
            "backup",
            lambda _: rds.BackupProps(retention=cdk.Duration.days(BACKUP_RETENTION_DAYS)),
            None,
            required=f"a retention of {BACKUP_RETENTION_DAYS} days by default",
        ),
        provide(
            "readers",
            lambda _: [rds.ClusterInstance.serverless_v2("Reader", scale_with_writer=True)],
            None,
            required="by default a reader in another Availability Zone, for failover",
            when=lambda context: "writer" in context.props,
        ),
        refuse(
            "instance_props.publicly_accessible",
            "rds_db_instance_prohibit_public_access",
            accepts=lambda value, _: value is False,
            required="False",
            bad_value=True,
            bad_override=("PubliclyAccessible", True, "Writer/Resource"),
        ),
        *encryption_requirements("rds_db_cluster_encryption_at_rest_enabled", "rds_db_cluster_encrypted_with_cmk"),
    )


def _members(cluster: Any) -> list[rds.CfnDBInstance]:
    return [node for node in cluster.node.find_all() if isinstance(node, rds.CfnDBInstance)]


def _after_cluster(cluster: Any, context: PropsContext) -> None:
    tag_cluster(cluster, context)
    raise_together([violation for instance in _members(cluster) for violation in _keep_private(instance, context)])


def _keep_private(instance: rds.CfnDBInstance, context: PropsContext) -> list[Violation]:
    """Make a member of a cluster private; return the violations of one that the user made public.

    Each member has its own setting. The settings of a `ClusterInstance` are visible only on the created member.
    """
    if instance.publicly_accessible is None:
        instance.publicly_accessible = False
        place = instance.node.path.removeprefix(f"{context.path}/").partition("/")[0]
        context.record_change(f"{place}.publicly_accessible", "False", "rds_db_instance_prohibit_public_access")
        return []
    if context.injected:
        return []
    props = {"publicly_accessible": instance.publicly_accessible}
    return DATABASE_INSTANCE.violations(props, context.scope, context.id)


DATABASE_CLUSTER = Hardening(
    rds.DatabaseCluster, *_cluster_requirements(), *password_requirements(), after=_after_cluster
)


DATABASE_CLUSTER_FROM_SNAPSHOT = Hardening(
    rds.DatabaseClusterFromSnapshot,
    *_cluster_requirements(),
    default("manage_master_user_password", True, when=sets_no_password),
    provide(
        "snapshot_credentials",
        lambda context: ManagedPassword(database_key(context)),
        None,
        required="by default a password that RDS manages in Secrets Manager",
        when=lambda context: context.props.get("manage_master_user_password") is True,
    ),
    after=_after_cluster,
)


def _build_cluster(cluster: Any, init: Init, context: PropsContext) -> None:
    props = context.props
    add_parameters(props, engine_type(props))
    name = name_for_logs(context, "cluster_identifier")
    init(props)
    retain_companions(cluster)
    for member in _members(cluster):
        _give_insights(member, context)
    cluster._managed = props.get("manage_master_user_password") is True
    cluster.storage_encryption_key = props.get("storage_encryption_key")
    cluster.log_groups = create_log_groups(cluster, "/aws/rds/cluster", name, context)


def _give_insights(instance: rds.CfnDBInstance, context: PropsContext) -> None:
    """Enable Performance Insights for a member, unless the user sets it for the member or for the cluster."""
    props = context.props
    if instance.enable_performance_insights is not None or "enable_performance_insights" in props:
        return
    if class_supports_insights(engine_type(props), str(instance.db_instance_class)):
        key = props.get("performance_insight_encryption_key") or database_key(context)
        instance.enable_performance_insights = True
        instance.performance_insights_kms_key_id = key.key_arn


@hardened(DATABASE_CLUSTER, _build_cluster)
class DatabaseCluster(ManagedPasswordMixin, rds.DatabaseCluster):
    """A private cluster with a reader, a customer managed key, 35 days of backups and encrypted logs.

    It requires TLS. It has deletion protection and the backup tag, so that a `BackupPolicy` selects it. RDS manages
    the password in Secrets Manager and rotates it every 7 days.

    When its stack is deleted, the cluster is retained with its members, security group, subnet group, parameter group,
    monitoring role and secret. A VPC in the same stack cannot be deleted while the cluster uses it.

    For its log groups, the cluster has a name: `cluster_identifier`, by default one from its path. For a cluster that
    is already deployed without a name, see `DatabaseInstance`.

    Controls: rds_db_cluster_encryption_at_rest_enabled, rds_db_cluster_encrypted_with_cmk,
    rds_db_cluster_aurora_*, rds_db_instance_deletion_protection_enabled.
    AWS page: "Security in Amazon Aurora".
    """

    #: The log groups of the exported logs, by log type; empty with `cloudwatch_logs_retention`.
    log_groups: dict[str, LogGroup]
    #: The key for the storage: the one that was passed, or the one that the stack shares.
    storage_encryption_key: kms.IKey | None


@hardened(DATABASE_CLUSTER_FROM_SNAPSHOT, _build_cluster)
class DatabaseClusterFromSnapshot(ManagedPasswordMixin, rds.DatabaseClusterFromSnapshot):
    """As `DatabaseCluster`, restored from a snapshot, with a customer managed key and a new password."""

    #: The log groups of the exported logs, by log type.
    log_groups: dict[str, LogGroup]
    #: The key for the storage: the one that was passed, or the one that the stack shares.
    storage_encryption_key: kms.IKey | None
