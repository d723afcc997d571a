"""Amazon RDS: all of `aws_cdk.aws_rds`, with databases that comply."""

from __future__ import annotations

from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager

from constructs import Construct, IConstruct
from soc2_constructs.aws_kms import data_key, is_own
from soc2_constructs.aws_logs import LogGroup, keeps_a_year
from soc2_constructs.controls.rds import LOG_TYPES
from soc2_constructs.hardening import (
    NAMED_REMOVAL_POLICY,
    Hardening,
    Init,
    PropsContext,
    Requirement,
    Violation,
    default,
    deployed_path,
    hardened,
    provide,
    raise_together,
    refuse,
    require,
    stack_singleton,
    tag_for_backup,
    unique_name,
)

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_rds import *

#: What Aurora's engines can export, by engine type.
_AURORA_LOG_TYPES = {
    "aurora": ("audit", "error", "general", "slowquery"),
    "aurora-mysql": ("audit", "error", "general", "slowquery"),
    "aurora-postgresql": ("postgresql",),
}
_IAM_ENGINES = ("mariadb", "mysql", "postgres")
#: SQL Server has no multi-AZ deployment in these editions.
_SINGLE_ZONE_ENGINES = ("sqlserver-ex", "sqlserver-web")
#: The instance classes on which Performance Insights does not run, by engine.
#: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.Engines.html
_WITHOUT_INSIGHTS = {
    "aurora": ("t2.", "t3.", "t4g.micro", "t4g.small"),
    "aurora-mysql": ("t2.", "t3.", "t4g.micro", "t4g.small"),
    "mariadb": ("t2.micro", "t2.small", "t3.micro", "t3.small", "t4g.micro", "t4g.small"),
    "mysql": ("t2.micro", "t2.small", "t3.micro", "t3.small", "t4g.micro", "t4g.small"),
}

#: Parameters that refuse connections without TLS, and write what is exported, by engine family.
_PARAMETERS = {
    "aurora": {"require_secure_transport": "ON", "server_audit_logging": "1"},
    "aurora-mysql": {
        "require_secure_transport": "ON",
        "server_audit_logging": "1",
        "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL",
        "slow_query_log": "1",
    },
    "aurora-postgresql": {"rds.force_ssl": "1", "log_statement": "ddl"},
    "mariadb": {"require_secure_transport": "1", "slow_query_log": "1", "log_output": "FILE"},
    "mysql": {"require_secure_transport": "1", "slow_query_log": "1", "log_output": "FILE"},
    "postgres": {"rds.force_ssl": "1", "log_statement": "ddl"},
    "sqlserver": {"rds.force_ssl": "1"},
}
#: Options that do the same where a parameter cannot.
_OPTIONS = {
    "mariadb": ("MARIADB_AUDIT_PLUGIN", {"SERVER_AUDIT_EVENTS": "CONNECT,QUERY_DCL,QUERY_DDL"}),
    "mysql": ("MARIADB_AUDIT_PLUGIN", {"SERVER_AUDIT_EVENTS": "CONNECT,QUERY_DCL,QUERY_DDL"}),
    "oracle": ("NATIVE_NETWORK_ENCRYPTION", {"SQLNET.ENCRYPTION_SERVER": "REQUIRED"}),
}


def _engine(props: dict[str, Any]) -> str:
    """The type of the engine, such as `postgres` or `sqlserver-se`; empty where a replica's source does not tell."""
    engine = props.get("engine")
    if engine is None and "source_database_instance" in props:
        engine = props["source_database_instance"].engine
    return "" if engine is None else str(engine.engine_type)


def _of_engine(table: dict[str, Any], engine: str) -> Any:
    return table.get(engine) or table.get(engine if engine.startswith("aurora") else engine.partition("-")[0])


def _log_types(context: PropsContext) -> list[str] | None:
    found = _of_engine({**LOG_TYPES, **_AURORA_LOG_TYPES}, _engine(context.props))
    return list(found) if found else None


def _exports_all(exports: Any, context: PropsContext) -> bool:
    return set(_log_types(context) or ()) <= set(exports)


def _knows_iam(context: PropsContext) -> bool:
    return _engine(context.props).startswith(("aurora", *_IAM_ENGINES))


def _has_insights(context: PropsContext) -> bool:
    instance_type = context.props.get("instance_type")
    return instance_type is None or _runs_insights(_engine(context.props), instance_type.to_string())


def _runs_insights(engine: str, instance_class: str) -> bool:
    return not instance_class.removeprefix("db.").startswith(_WITHOUT_INSIGHTS.get(engine, ()))


def _encrypts_insights(context: PropsContext) -> bool:
    return (
        bool(context.props.get("enable_performance_insights")) and context.props.get("database_insights_mode") is None
    )


def _sets_no_password(context: PropsContext) -> bool:
    return not {"credentials", "snapshot_credentials", "manage_master_user_password"} & set(context.props)


def _data_key(context: PropsContext) -> kms.IKey:
    """One key for storage, password and Performance Insights: the user's, or else that of the stack."""
    return context.props.get("storage_encryption_key") or data_key(context.scope)


def _aws_key(scope: Construct) -> kms.IKey:
    return kms.Alias.from_alias_name(scope, "AwsKey", "alias/aws/rds")


def _days(duration: Any, _: PropsContext) -> bool:
    return not isinstance(duration, cdk.Duration) or bool(duration.is_unresolved() or duration.to_days() >= 1)


def _retention() -> Requirement:
    return refuse(
        "cloudwatch_logs_retention",
        "cloudwatch_log_group_retention_period_365",
        accepts=keeps_a_year,
        required="RetentionDays.ONE_YEAR or longer",
        bad_value=logs.RetentionDays.ONE_MONTH,
        bad_override=("RetentionInDays", 30, "Log-postgresql/Resource"),
    )


def _exports() -> Requirement:
    return provide(
        "cloudwatch_logs_exports",
        _log_types,
        "rds_db_instance_logging_enabled",
        accepts=_exports_all,
        required="all log types of the engine",
        bad_value=[],
        bad_override=("EnableCloudwatchLogsExports", None),
        when=lambda context: _log_types(context) is not None,
    )


def _shared_rows() -> tuple[Requirement, ...]:
    """What an instance and a cluster have in common."""
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
        default("removal_policy", cdk.RemovalPolicy.RETAIN),
    )


def _running_rows() -> tuple[Requirement, ...]:
    """What an instance and a provisioned cluster have in common."""
    return (
        *_shared_rows(),
        _retention(),
        require(
            "iam_authentication",
            True,
            "rds_db_instance_iam_authentication_enabled",
            bad_value=False,
            bad_override=("EnableIAMDatabaseAuthentication", False),
            when=_knows_iam,
        ),
        provide("monitoring_interval", lambda _: cdk.Duration.seconds(60), None, required="60 seconds by default"),
        default("auto_minor_version_upgrade", True),
    )


def _instance_rows() -> tuple[Requirement, ...]:
    return (
        *_running_rows(),
        default("enable_performance_insights", True, when=_has_insights),
        provide(
            "performance_insight_encryption_key",
            _data_key,
            None,
            required="a KMS key; one per stack unless you give one",
            when=_encrypts_insights,
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
                "availability_zone" not in context.props and _engine(context.props) not in _SINGLE_ZONE_ENGINES
            ),
        ),
    )


def _backups() -> Requirement:
    return provide(
        "backup_retention",
        lambda _: cdk.Duration.days(35),
        "rds_db_instance_backup_enabled",
        accepts=_days,
        required="a day or more (35 days unless you say otherwise)",
        bad_value=lambda _: cdk.Duration.days(0),
        bad_override=("BackupRetentionPeriod", 0),
    )


def _does_not_follow_from_the_key(context: PropsContext) -> bool:
    """The CDK encrypts what has a key: there is nothing to set, and for `enforce` nothing to hold back."""
    return not ("storage_encryption_key" in context.props and "storage_encrypted" not in context.props)


def _encryption_rows(*controls: str) -> tuple[Requirement, ...]:
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
            _data_key,
            own_key[0] if own_key else None,
            accepts=is_own if own_key else None,
            required="a KMS key of yours; one per stack unless you give one",
            bad_value=_aws_key if own_key else None,
            when=lambda context: context.props.get("storage_encrypted", True) is not False,
            bad_override=("KmsKeyId", None) if own_key else None,
            only_with=None if own_key else "storage_encrypted",
        ),
    )


def _password_rows() -> tuple[Requirement, ...]:
    """RDS keeps the password in Secrets Manager and rotates it every week, without any function to deploy."""
    return (
        default("manage_master_user_password", True, when=_sets_no_password),
        provide(
            "credentials",
            lambda context: rds.Credentials.from_username(
                context.props["engine"].default_username or "admin", encryption_key=_data_key(context)
            ),
            None,
            required="a password that RDS keeps in Secrets Manager and rotates, unless you say otherwise",
            when=lambda context: context.props.get("manage_master_user_password") is True,
        ),
    )


def _tag(database: Any, context: PropsContext, control: str) -> None:
    for resource in _resources(database):
        tag_for_backup(resource, context, control)


def _tag_instance(instance: Any, context: PropsContext) -> None:
    _tag(instance, context, "rds_db_instance_in_backup_plan")


def _tag_cluster(cluster: Any, context: PropsContext) -> None:
    _tag(cluster, context, "rds_db_cluster_aurora_protected_by_backup_plan")


DATABASE_INSTANCE = Hardening(
    rds.DatabaseInstance,
    *_instance_rows(),
    _backups(),
    *_encryption_rows("rds_db_instance_encryption_at_rest_enabled"),
    *_password_rows(),
    after=_tag_instance,
)
DATABASE_INSTANCE_FROM_SNAPSHOT = Hardening(
    rds.DatabaseInstanceFromSnapshot, *_instance_rows(), _backups(), after=_tag_instance
)
# A replica in the same region is encrypted with its source's key, and takes no other; its source is backed up.
DATABASE_INSTANCE_READ_REPLICA = Hardening(
    rds.DatabaseInstanceReadReplica,
    *_instance_rows(),
    refuse(
        "storage_encrypted",
        "rds_db_instance_encryption_at_rest_enabled",
        accepts=lambda value, _: value is True,
        required="True",
        bad_value=False,
        bad_override=("StorageEncrypted", False),
    ),
    after=_tag_instance,
)


def _build_instance(instance: Any, init: Init, context: PropsContext) -> None:
    props = context.props
    engine = _engine(props)
    if "source_database_instance" in props:
        _refuse_managed_source(context, props["source_database_instance"])
    else:
        _add_parameters(props, engine)
    name = _name(context, "instance_identifier")
    option = _of_engine(_OPTIONS, engine)
    if option and "option_group" not in props and _is_versioned(props):
        props["option_group"] = _options(context, *option)
    init(props)
    instance._managed = props.get("manage_master_user_password") is True
    instance.storage_encryption_key = props.get("storage_encryption_key")
    instance.log_groups = _own_log_groups(instance, "/aws/rds/instance", name, context)


def _is_versioned(props: dict[str, Any]) -> bool:
    """Whether the engine has a version: without one the CDK makes neither parameter groups nor option groups."""
    return "engine" in props and props["engine"].engine_version is not None


def _add_parameters(props: dict[str, Any], engine: str) -> None:
    """A parameter group of the user's stays as it is; single parameters of theirs win over ours."""
    if "parameter_group" in props or not _is_versioned(props):
        return
    ours = _of_engine(_PARAMETERS, engine)
    if ours:
        props["parameters"] = {**ours, **props.get("parameters", {})}


def _options(context: PropsContext, name: str, settings: dict[str, str]) -> rds.IOptionGroup:
    """One option group for each engine and version of a stack: they are few, and take long to delete."""
    engine = context.props["engine"]
    version = engine.engine_version.major_version or engine.engine_version.full_version
    return stack_singleton(
        context.scope,
        f"Options-{engine.engine_type}-{version}",
        lambda holder, id: rds.OptionGroup(
            holder, id, engine=engine, configurations=[rds.OptionConfiguration(name=name, settings=settings)]
        ),
    )


def _resources(database: Any) -> list[rds.CfnDBInstance | rds.CfnDBCluster]:
    """The CloudFormation resource of the database itself, without the members of a cluster."""
    kinds = (rds.CfnDBInstance, rds.CfnDBCluster)
    resource = database.node.default_child
    if isinstance(resource, kinds):
        return [resource]
    return [child for child in database.node.children if isinstance(child, kinds)]


def _name(context: PropsContext, property: str) -> str | None:
    """The name of the database, where it is known beforehand and its log groups are ours to make.

    RDS names the log groups after the database, and makes them itself with the first line that it writes: unencrypted,
    and kept for ever. So ours have to stand before, and the database needs a name. It is one that no other database of
    the account and region has. The price: CloudFormation does not replace what has a name, and a database that stands
    already would be replaced by one with a name. For those there is the CDK's way, `cloudwatch_logs_retention`: a
    function sets the retention afterwards, and no name is needed.
    """
    props = context.props
    if "cloudwatch_logs_retention" in props or not props.get("cloudwatch_logs_exports"):
        return None
    if property not in props:
        # Members of a cluster are named after it in one of the CDK's ways: there has to be room.
        props[property] = unique_name(deployed_path(context.scope, context.path), limit=50)
    return None if cdk.Token.is_unresolved(props[property]) else str(props[property])


def _own_log_groups(database: Any, prefix: str, name: str | None, context: PropsContext) -> dict[str, LogGroup]:
    """Log groups that stand before RDS writes the first line: encrypted, and kept for a year."""
    if name is None:
        return {}
    groups = {
        log: LogGroup(
            database,
            f"Log-{log}",
            log_group_name=f"{prefix}/{name.lower()}/{log}",
            removal_policy=NAMED_REMOVAL_POLICY,
        )
        for log in context.props["cloudwatch_logs_exports"]
    }
    (resource,) = _resources(database)
    for group in groups.values():
        resource.node.add_dependency(group)
    return groups


def _refuse_managed_source(context: PropsContext, source: rds.IDatabaseInstance) -> None:
    if getattr(source, "_managed", False) and not _engine({"engine": source.engine}).startswith("sqlserver"):
        raise ValueError(
            f"{context.path}: RDS makes no replica of {source.node.path}, whose password it manages. "
            'Give the source `credentials=rds.Credentials.from_generated_secret("...", encryption_key=key)`, and '
            "rotate that secret."
        )


class _Managed:
    """What has a password that RDS may manage."""

    _managed: bool = False

    def add_rotation_single_user(self, **options: Any) -> secretsmanager.SecretRotation:
        """Add a rotation of the password, where RDS does not rotate it.

        Raises:
            ValueError: RDS manages the password.
        """
        self._refuse_rotation("add_rotation_single_user")
        rotation: secretsmanager.SecretRotation = cast(Any, super()).add_rotation_single_user(**options)
        return rotation

    def add_rotation_multi_user(self, id: str, **options: Any) -> secretsmanager.SecretRotation:
        """Add a rotation of the password of another user, by the master's secret.

        Raises:
            ValueError: RDS manages the master's password.
        """
        self._refuse_rotation("add_rotation_multi_user")
        rotation: secretsmanager.SecretRotation = cast(Any, super()).add_rotation_multi_user(id, **options)
        return rotation

    def _refuse_rotation(self, method: str) -> None:
        if self._managed:
            raise ValueError(
                f"{cast(IConstruct, self).node.path}: RDS keeps the password and rotates it every week, so there is "
                f"no {method}. Delete the call, or give the database "
                '`credentials=rds.Credentials.from_generated_secret("...", encryption_key=key)`.'
            )


@hardened(DATABASE_INSTANCE, _build_instance)
class DatabaseInstance(_Managed, rds.DatabaseInstance):
    """An instance that is encrypted, private, backed up for 35 days, logged, and reached over TLS only.

    It stands in two zones, is protected from deletion, and carries the tag by which a backup plan of ours selects it.
    RDS keeps the password in Secrets Manager and rotates it every week: `secret` is that secret, and to add another
    rotation takes `credentials=Credentials.from_generated_secret(...)`.

    Its log groups are ours, encrypted and kept for a year. For that the instance has a name, `instance_identifier` or
    one made of its path, and CloudFormation replaces nothing that has a name. An instance that stands already, without
    a name, would be replaced by one with a name: give it `cloudwatch_logs_retention=RetentionDays.ONE_YEAR` instead,
    and it stays as it is, with a function of the CDK's that sets the retention. Log groups that stand already, since
    the instance has had its name for long, come in by `cdk import`, or stay outside by the same argument.

    TLS is demanded by parameter group, with Oracle by option group. A parameter group of yours is left as it is.
    """

    #: The log groups of what it exports, by log type; empty with `cloudwatch_logs_retention`, which leaves them to RDS.
    log_groups: dict[str, LogGroup]
    #: What encrypts it: the key that was context, or the one that a stack's constructs share.
    storage_encryption_key: kms.IKey | None


@hardened(DATABASE_INSTANCE_FROM_SNAPSHOT, _build_instance)
class DatabaseInstanceFromSnapshot(_Managed, rds.DatabaseInstanceFromSnapshot):
    """As `DatabaseInstance`; encryption and password are those of the snapshot, so restore from an encrypted one."""

    #: The log groups of what it exports, by log type.
    log_groups: dict[str, LogGroup]


@hardened(DATABASE_INSTANCE_READ_REPLICA, _build_instance)
class DatabaseInstanceReadReplica(rds.DatabaseInstanceReadReplica):
    """As `DatabaseInstance`; encryption, parameters and password are those of the source.

    Raises:
        ValueError: RDS manages the source's password, of which it makes no replica but with SQL Server.
    """

    #: The log groups of what it exports, by log type.
    log_groups: dict[str, LogGroup]


def _cluster_rows() -> tuple[Requirement, ...]:
    return (
        *_running_rows(),
        provide(
            "cloudwatch_logs_exports",
            _log_types,
            "rds_db_cluster_aurora_mysql_audit_logging_enabled",
            accepts=lambda exports, _: "audit" in exports,
            required='all log types of the engine, "audit" among them',
            bad_value=["error"],
            bad_override=("EnableCloudwatchLogsExports", ["error"]),
            when=lambda context: _engine(context.props) == "aurora-mysql",
        ),
        provide(
            "cloudwatch_logs_exports",
            _log_types,
            "rds_db_cluster_aurora_postgres_logging_enabled",
            accepts=lambda exports, _: "postgresql" in exports,
            required='["postgresql"]',
            bad_value=[],
            bad_override=("EnableCloudwatchLogsExports", None),
            when=lambda context: _engine(context.props) == "aurora-postgresql",
        ),
        provide(
            "backup",
            lambda _: rds.BackupProps(retention=cdk.Duration.days(35)),
            None,
            required="kept for 35 days unless you say otherwise",
        ),
        provide(
            "readers",
            lambda _: [rds.ClusterInstance.serverless_v2("Reader", scale_with_writer=True)],
            None,
            required="a reader in another zone, to fail over to, unless you say otherwise",
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
        *_encryption_rows("rds_db_cluster_encryption_at_rest_enabled", "rds_db_cluster_encrypted_with_cmk"),
    )


class _ManagedPassword(rds.SnapshotCredentials):
    """No more than the key of a password that RDS manages: every one that the CDK makes has a password too."""

    def __init__(self, key: kms.IKey) -> None:
        super().__init__()
        self._key = key

    @property
    def encryption_key(self) -> kms.IKey:
        return self._key

    @property
    def exclude_characters(self) -> None:
        return None

    @property
    def generate_password(self) -> bool:
        return False

    @property
    def password(self) -> None:
        return None

    @property
    def replace_on_password_criteria_changes(self) -> None:
        return None

    @property
    def replica_regions(self) -> None:
        return None

    @property
    def secret(self) -> None:
        return None

    @property
    def username(self) -> None:
        return None


def _members(cluster: Any) -> list[rds.CfnDBInstance]:
    return [node for node in cluster.node.find_all() if isinstance(node, rds.CfnDBInstance)]


def _after_cluster(cluster: Any, context: PropsContext) -> None:
    _tag_cluster(cluster, context)
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


DATABASE_CLUSTER = Hardening(rds.DatabaseCluster, *_cluster_rows(), *_password_rows(), after=_after_cluster)
DATABASE_CLUSTER_FROM_SNAPSHOT = Hardening(
    rds.DatabaseClusterFromSnapshot,
    *_cluster_rows(),
    default("manage_master_user_password", True, when=_sets_no_password),
    provide(
        "snapshot_credentials",
        lambda context: _ManagedPassword(_data_key(context)),
        None,
        required="a password that RDS keeps in Secrets Manager and rotates, unless you say otherwise",
        when=lambda context: context.props.get("manage_master_user_password") is True,
    ),
    after=_after_cluster,
)


def _build_cluster(cluster: Any, init: Init, context: PropsContext) -> None:
    props = context.props
    _add_parameters(props, _engine(props))
    name = _name(context, "cluster_identifier")
    init(props)
    for member in _members(cluster):
        _give_insights(member, context)
    cluster._managed = props.get("manage_master_user_password") is True
    cluster.storage_encryption_key = props.get("storage_encryption_key")
    cluster.log_groups = _own_log_groups(cluster, "/aws/rds/cluster", name, context)


def _give_insights(instance: rds.CfnDBInstance, context: PropsContext) -> None:
    """Performance Insights of a member, unless the user said something about it there or for the whole cluster."""
    props = context.props
    if instance.enable_performance_insights is not None or "enable_performance_insights" in props:
        return
    if _runs_insights(_engine(props), str(instance.db_instance_class)):
        key = props.get("performance_insight_encryption_key") or _data_key(context)
        instance.enable_performance_insights = True
        instance.performance_insights_kms_key_id = key.key_arn


@hardened(DATABASE_CLUSTER, _build_cluster)
class DatabaseCluster(_Managed, rds.DatabaseCluster):
    """A cluster that is encrypted, private, backed up for 35 days, logged, and reached over TLS only.

    It has a reader to fail over to, is protected from deletion, and carries the tag by which a backup plan of ours
    selects it. RDS keeps the password in Secrets Manager and rotates it every week.

    Its log groups are ours, and it has a name for that, `cluster_identifier` or one made of its path: what
    `DatabaseInstance` says of an instance that stands already holds for a cluster too.
    """

    #: The log groups of what it exports, by log type; empty with `cloudwatch_logs_retention`, which leaves them to RDS.
    log_groups: dict[str, LogGroup]
    #: What encrypts it: the key that was context, or the one that a stack's constructs share.
    storage_encryption_key: kms.IKey | None


@hardened(DATABASE_CLUSTER_FROM_SNAPSHOT, _build_cluster)
class DatabaseClusterFromSnapshot(_Managed, rds.DatabaseClusterFromSnapshot):
    """As `DatabaseCluster`, made of a snapshot and encrypted with a key of yours; the password is a new one."""

    #: The log groups of what it exports, by log type.
    log_groups: dict[str, LogGroup]
    #: What encrypts it: the key that was context, or the one that a stack's constructs share.
    storage_encryption_key: kms.IKey | None


def _serverless_rows() -> tuple[Requirement, ...]:
    return (
        *_shared_rows(),
        provide(
            "backup_retention",
            lambda _: cdk.Duration.days(35),
            None,
            required="35 days unless you say otherwise",
        ),
    )


SERVERLESS_CLUSTER = Hardening(
    rds.ServerlessCluster,
    *_serverless_rows(),
    provide(
        "credentials",
        lambda context: rds.Credentials.from_username(
            context.props["engine"].default_username or "admin", encryption_key=_data_key(context)
        ),
        None,
        required="a password in a secret of your key's, unless you say otherwise",
    ),
    provide(
        "storage_encryption_key",
        _data_key,
        "rds_db_cluster_encrypted_with_cmk",
        accepts=is_own,
        required="a KMS key of yours; one per stack unless you give one",
        bad_value=_aws_key,
        bad_override=("KmsKeyId", None),
    ),
    after=_tag_cluster,
)
SERVERLESS_CLUSTER_FROM_SNAPSHOT = Hardening(rds.ServerlessClusterFromSnapshot, *_serverless_rows(), after=_tag_cluster)


@hardened(SERVERLESS_CLUSTER)
class ServerlessCluster(rds.ServerlessCluster):
    """Aurora Serverless v1, which AWS no longer makes; for stacks that still have one. New ones: `DatabaseCluster`."""


@hardened(SERVERLESS_CLUSTER_FROM_SNAPSHOT)
class ServerlessClusterFromSnapshot(rds.ServerlessClusterFromSnapshot):
    """As `ServerlessCluster`, made of a snapshot."""


DATABASE_PROXY = Hardening(rds.DatabaseProxy, default("require_tls", True), default("iam_auth", True))


@hardened(DATABASE_PROXY)
class DatabaseProxy(rds.DatabaseProxy):
    """A proxy that takes TLS connections with IAM tokens only, unless you say otherwise."""


if MYPY:
    from aws_cdk.aws_rds import *  # type: ignore[assignment]
