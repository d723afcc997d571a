"""Database instances."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import (
    Hardening,
    Init,
    PropsContext,
    Requirement,
    default,
    hardened,
    provide,
    refuse,
    require,
)

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from constructs import IConstruct

from soc2_constructs.aws.retention import BACKUP_RETENTION_DAYS
from soc2_constructs.aws_logs import LogGroup
from soc2_constructs.aws_rds.engines import (
    OPTIONS,
    SINGLE_ZONE_ENGINES,
    add_parameters,
    engine_type,
    exports_all,
    has_version,
    log_types,
    of_engine,
    option_group,
    supports_insights,
)
from soc2_constructs.aws_rds.logs import create_log_groups, name_for_logs
from soc2_constructs.aws_rds.passwords import ManagedPasswordMixin, refuse_managed_source
from soc2_constructs.aws_rds.requirements import (
    database_key,
    encryption_requirements,
    encrypts_insights,
    password_requirements,
    provisioned_requirements,
    tag_instance,
    tag_replica,
)
from soc2_constructs.aws_rds.retention import retain_companions


def _days(duration: Any, _: PropsContext) -> bool:
    return not isinstance(duration, cdk.Duration) or bool(duration.is_unresolved() or duration.to_days() >= 1)


def _exports() -> Requirement:
    return provide(
        "cloudwatch_logs_exports",
        log_types,
        "rds_db_instance_logging_enabled",
        accepts=exports_all,
        required="all log types of the engine",
        bad_value=[],
        bad_override=("EnableCloudwatchLogsExports", None),
        when=lambda context: log_types(context) is not None,
    )


def _instance_requirements() -> tuple[Requirement, ...]:
    return (
        *provisioned_requirements(),
        default("enable_performance_insights", True, when=supports_insights),
        provide(
            "performance_insight_encryption_key",
            database_key,
            None,
            required="a KMS key; by default one per stack",
            when=encrypts_insights,
        ),
        _exports(),
        require(
            "publicly_accessible",
            False,
            "rds_db_instance_prohibit_public_access",
            bad_value=True,
            bad_override=("PubliclyAccessible", True),
        ),
        default(
            "multi_az",
            True,
            when=lambda context: (
                "availability_zone" not in context.props and engine_type(context.props) not in SINGLE_ZONE_ENGINES
            ),
        ),
    )


def _backups() -> Requirement:
    return provide(
        "backup_retention",
        lambda _: cdk.Duration.days(BACKUP_RETENTION_DAYS),
        "rds_db_instance_backup_enabled",
        accepts=_days,
        required=f"1 day or more ({BACKUP_RETENTION_DAYS} days by default)",
        bad_value=lambda _: cdk.Duration.days(0),
        bad_override=("BackupRetentionPeriod", 0),
    )


#: Controls of instances also evaluate clusters, whose properties have other update effects.
_INSTANCE = "AWS::RDS::DBInstance"

DATABASE_INSTANCE = Hardening(
    rds.DatabaseInstance,
    *_instance_requirements(),
    _backups(),
    *encryption_requirements("rds_db_instance_encryption_at_rest_enabled"),
    *password_requirements(),
    after=tag_instance,
    types=(_INSTANCE,),
)


DATABASE_INSTANCE_FROM_SNAPSHOT = Hardening(
    rds.DatabaseInstanceFromSnapshot, *_instance_requirements(), _backups(), after=tag_instance, types=(_INSTANCE,)
)


# A replica in the same region has the key of its source. Its source is backed up.
DATABASE_INSTANCE_READ_REPLICA = Hardening(
    rds.DatabaseInstanceReadReplica,
    *_instance_requirements(),
    refuse(
        "storage_encrypted",
        "rds_db_instance_encryption_at_rest_enabled",
        accepts=lambda value, _: value is True,
        required="True",
        bad_value=False,
        bad_override=("StorageEncrypted", False),
    ),
    after=tag_replica,
    types=(_INSTANCE,),
)


def _build_instance(instance: Any, init: Init, context: PropsContext) -> None:
    props = context.props
    engine = engine_type(props)
    if "source_database_instance" in props:
        refuse_managed_source(context, props["source_database_instance"])
    else:
        add_parameters(props, engine)
    name = name_for_logs(context, "instance_identifier")
    option = of_engine(OPTIONS, engine)
    ours: list[IConstruct] = []
    if option and "option_group" not in props and has_version(props):
        props["option_group"] = option_group(context, *option)
        ours = [props["option_group"]]
    init(props)
    retain_companions(instance, *ours)
    instance._managed = props.get("manage_master_user_password") is True
    instance.storage_encryption_key = props.get("storage_encryption_key")
    instance.log_groups = create_log_groups(instance, "/aws/rds/instance", name, context)


@hardened(DATABASE_INSTANCE, _build_instance)
class DatabaseInstance(ManagedPasswordMixin, rds.DatabaseInstance):
    """A private Multi-AZ instance with a customer managed key, 35 days of backups and encrypted logs.

    It requires TLS. It has deletion protection and the backup tag, so that a `BackupPolicy` selects it. RDS manages
    the password in Secrets Manager and rotates it every 7 days; `secret` is that secret. To add your own rotation, pass
    `credentials=Credentials.from_generated_secret(...)`.

    The instance has encrypted log groups with a retention of one year. For these it has a name: `instance_identifier`,
    by default one from its path. CloudFormation cannot replace a resource with a custom name.

    For an instance that is already deployed without a name, pass `cloudwatch_logs_retention=RetentionDays.ONE_YEAR`:
    otherwise CloudFormation replaces it. A function of the CDK then sets the retention. If it has a name, import its
    log groups with `cdk import`, or pass the same argument.

    When its stack is deleted, the instance is retained with its security group, subnet group, parameter group, option
    group, monitoring role and secret. A VPC in the same stack cannot be deleted while the instance uses it.

    The parameter group requires TLS; for Oracle, the option group does. A parameter group that you pass stays as it is.

    Controls: rds_db_instance_encryption_at_rest_enabled, rds_db_instance_backup_enabled,
    rds_db_instance_logging_enabled, rds_db_instance_prohibit_public_access and further rds_db_instance_*.
    AWS page: "Security in Amazon RDS".
    """

    #: The log groups of the exported logs, by log type; empty with `cloudwatch_logs_retention`.
    log_groups: dict[str, LogGroup]
    #: The key for the storage: the one that was passed, or the one that the stack shares.
    storage_encryption_key: kms.IKey | None


@hardened(DATABASE_INSTANCE_FROM_SNAPSHOT, _build_instance)
class DatabaseInstanceFromSnapshot(ManagedPasswordMixin, rds.DatabaseInstanceFromSnapshot):
    """As `DatabaseInstance`, with the encryption and password of the snapshot: restore from an encrypted one."""

    #: The log groups of the exported logs, by log type.
    log_groups: dict[str, LogGroup]


@hardened(DATABASE_INSTANCE_READ_REPLICA, _build_instance)
class DatabaseInstanceReadReplica(rds.DatabaseInstanceReadReplica):
    """As `DatabaseInstance`, with the encryption, the parameters and the password of the source.

    Raises:
        ValueError: RDS manages the password of the source, and the engine is not SQL Server.
    """

    #: The log groups of the exported logs, by log type.
    log_groups: dict[str, LogGroup]
