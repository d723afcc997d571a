"""Amazon RDS, Aurora included."""

from __future__ import annotations

from soc2_constructs.aws.backup_selection import selected
from soc2_constructs.aws.keys import is_customer_managed
from soc2_constructs.aws.rds_engines import IAM_ENGINES, instance_log_types
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, failed, passed, unresolved
from soc2_constructs.controls import control

INSTANCE = "AWS::RDS::DBInstance"
CLUSTER = "AWS::RDS::DBCluster"
GLOBAL_CLUSTER = "AWS::RDS::GlobalCluster"

_GLOBAL_NAME = "GlobalClusterIdentifier"
#: What a database may be made of, or added to: its storage is encrypted as that is.
_ORIGINS = (
    _GLOBAL_NAME,
    "DBClusterSnapshotIdentifier",
    "DBSnapshotIdentifier",
    "SnapshotIdentifier",
    "SourceDBClusterIdentifier",
    "SourceDBInstanceAutomatedBackupsArn",
    "SourceDBInstanceIdentifier",
    "SourceDbiResourceId",
)


def _belongs_to_cluster(instance: Resource) -> Verdict:
    """Whether the instance is a member of a cluster, which then says what its members do."""
    if instance.type != INSTANCE:
        return failed("it is a cluster")
    return instance["DBClusterIdentifier"].is_set()


def _is_replica(instance: Resource) -> Verdict:
    return instance["SourceDBInstanceIdentifier"].is_set() | instance["SourceDBClusterIdentifier"].is_set()


def _engine(database: Resource) -> Value:
    """The engine, which a replica has from its source and a member of a global cluster from that."""
    own = database["Engine"]
    source = database.target("SourceDBInstanceIdentifier") or database.target(_GLOBAL_NAME)
    return source["Engine"] if own.is_absent and source is not None else own


def _runs(database: Resource, *engines: str) -> Verdict:
    """Whether the engine is one of these, in any edition: `sqlserver` stands for `sqlserver-se` and the others."""
    engine = _engine(database)
    if engine.is_absent:
        return unresolved("the engine is that of the snapshot or source that the database is made of")

    def matches(found: object) -> bool:
        name = str(found).lower()
        return any(name == wanted or name.startswith(f"{wanted}-") for wanted in engines)

    return engine.satisfies(matches, " or ".join(engines))


@control(
    resource_types=INSTANCE,
    kind="backups",
    severity="high",
    fix="Set `backup_retention=Duration.days(35)` (BackupRetentionPeriod: 1 or more).",
    config_rule="DB_INSTANCE_BACKUP_ENABLED",
    config_parameters={"backupRetentionMinimum": "7"},
    prowler=("rds_instance_backup_enabled",),
    also_mapped={"inferred": ("CC7.4", "A1.2")},
)
def rds_db_instance_backup_enabled(instance: Resource) -> Verdict:
    """Instances have automated backups.

    Automated backups restore a database to any second of the retention. Without a number RDS keeps one day; 0 switches
    backups off. Changing from 0 restarts the instance, every other change does not. Members of a cluster are backed up
    with it; of a read replica the source is.
    """
    exempt = _belongs_to_cluster(instance) | _is_replica(instance)
    return (~exempt).implies(instance["BackupRetentionPeriod"].default(1).at_least(1))


@control(
    resource_types=(INSTANCE, CLUSTER, GLOBAL_CLUSTER),
    kind="deletion_protection",
    severity="medium",
    fix="Set `deletion_protection=True` (DeletionProtection: true).",
    config_rule="RDS_INSTANCE_DELETION_PROTECTION_ENABLED",
    prowler=("rds_instance_deletion_protection",),
    also_mapped={"Powerpipe": ("C1.1",)},
)
def rds_db_instance_deletion_protection_enabled(database: Resource) -> Verdict:
    """Databases cannot be deleted by mistake.

    A protected database has to be unprotected first: one more step, and one that stands in CloudTrail. Members of a
    cluster are protected by it; a global cluster and its clusters each by themselves. The change interrupts nothing.
    """
    return (~_belongs_to_cluster(database)).implies(database["DeletionProtection"].equals(True))


@control(
    resource_types=(INSTANCE, CLUSTER, GLOBAL_CLUSTER),
    kind="encryption_at_rest",
    severity="high",
    fix="Set `storage_encrypted=True` (StorageEncrypted: true).",
    config_rule="RDS_STORAGE_ENCRYPTED",
    prowler=("rds_instance_storage_encrypted",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "PI1.5")},
)
def rds_db_instance_encryption_at_rest_enabled(database: Resource) -> Verdict:
    """Database storage is encrypted.

    Encryption covers storage, logs, backups, snapshots and replicas. It is decided when a database is made: to switch
    it on replaces the database, so copy a snapshot with encryption and restore that. Members of a cluster are
    encrypted with it, and clusters as their global cluster is.
    """
    return (~_belongs_to_cluster(database)).implies(_is_encrypted(database))


def _is_encrypted(database: Resource, hops: int = 2) -> Verdict:
    """Whether the storage is encrypted; where nothing is said of it, it is as that of what the database is made of."""
    encrypted = database["StorageEncrypted"]
    # The property that names a cluster's global cluster is that one's own name.
    origins = [database[name] for name in _ORIGINS if name != _GLOBAL_NAME or database.type == CLUSTER]
    origins = [origin for origin in origins if not origin.is_absent]
    if not origins or not encrypted.is_absent:
        return encrypted.equals(True)
    for source in (origin.target for origin in origins):
        if hops and source is not None and source.type in (INSTANCE, CLUSTER, GLOBAL_CLUSTER):
            return _is_encrypted(source, hops - 1)
    return database["KmsKeyId"].is_set() | unresolved("it is encrypted if the snapshot or source is")


@control(
    resource_types=(INSTANCE, CLUSTER),
    kind="authentication",
    severity="low",
    fix="Set `iam_authentication=True` (EnableIAMDatabaseAuthentication: true).",
    config_rule="RDS_INSTANCE_IAM_AUTHENTICATION_ENABLED",
    prowler=("rds_instance_iam_authentication_enabled",),
    also_mapped={"Powerpipe": ("CC1.3",)},
)
def rds_db_instance_iam_authentication_enabled(database: Resource) -> Verdict:
    """Databases accept IAM tokens instead of passwords.

    A token lives for 15 minutes and belongs to somebody; a password is shared and stays. Passwords keep working beside
    it, and nothing restarts. MariaDB, MySQL, PostgreSQL and Aurora know it; other engines, Aurora Serverless v1 and
    members of a cluster pass.
    """
    provisioned = database["EngineMode"].default("provisioned").equals("provisioned")
    applies = all_of(~_belongs_to_cluster(database), _runs(database, *IAM_ENGINES), provisioned)
    return applies.implies(database["EnableIAMDatabaseAuthentication"].equals(True))


@control(
    resource_types=INSTANCE,
    kind="logging",
    severity="medium",
    fix='Set `cloudwatch_logs_exports=["postgresql", "upgrade"]` for PostgreSQL, `["audit", "error", "general", '
    '"slowquery"]` for MariaDB and MySQL, for others all that they have (EnableCloudwatchLogsExports).',
    config_rule="RDS_LOGGING_ENABLED",
    prowler=("rds_instance_integration_cloudwatch_logs",),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "A1.2", "PI1.3")},
)
def rds_db_instance_logging_enabled(instance: Resource) -> Verdict:
    """Instances export every log type of their engine.

    On the instance itself logs are kept for days at most, and go with it. Exported, they outlive both. The audit log of
    MariaDB and MySQL also takes an option group with the audit plugin. Nothing restarts; volume costs.
    """
    engine = _engine(instance).known
    if not isinstance(engine, str):
        unknown = unresolved(
            "the engine is not known before deployment, and so not which logs it has", path=("Engine",)
        )
        return (~_belongs_to_cluster(instance)).implies(unknown)
    name = engine.lower()
    types = instance_log_types(name)
    if not types:
        return passed("does not apply: {} exports no logs of its own", engine)
    return (~_belongs_to_cluster(instance)).implies(_exports(instance).includes(*types))


def _exports(database: Resource) -> Value:
    return database["EnableCloudwatchLogsExports"]


@control(
    resource_types=INSTANCE,
    kind="logging",
    severity="medium",
    fix='Set `cloudwatch_logs_exports=["postgresql"]` for PostgreSQL, `["error"]` for MariaDB, MySQL and '
    "SQL Server (EnableCloudwatchLogsExports).",
    config_rule="RDS_LOGGING_ENABLED",
    prowler=("rds_instance_integration_cloudwatch_logs",),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "A1.2", "PI1.3")},
)
def rds_db_instance_cloudwatch_logs_enabled(instance: Resource) -> Verdict:
    """Instances export logs to CloudWatch Logs.

    The least of what can be asked: some log leaves the instance. Members of a cluster export by it.
    """
    return (~_belongs_to_cluster(instance)).implies(_exports(instance).is_set())


@control(
    resource_types=INSTANCE,
    kind="logging",
    severity="medium",
    fix='Set `cloudwatch_logs_exports=["audit", "error", "general", "slowquery"]` (EnableCloudwatchLogsExports).',
    config_rule="MARIADB_PUBLISH_LOGS_TO_CLOUDWATCH_LOGS",
    config_parameters={"logTypes": "audit,error"},
    prowler=("rds_instance_integration_cloudwatch_logs",),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "A1.2", "PI1.3")},
)
def rds_db_instance_mariadb_logging_enabled(instance: Resource) -> Verdict:
    """MariaDB instances export audit and error logs.

    Who connected and what failed. The audit log also takes an option group with MARIADB_AUDIT_PLUGIN.
    """
    return _runs(instance, "mariadb").implies(_exports(instance).includes("audit", "error"))


@control(
    resource_types=INSTANCE,
    kind="logging",
    severity="medium",
    fix='Set `cloudwatch_logs_exports=["postgresql", "upgrade"]` (EnableCloudwatchLogsExports).',
    config_rule="RDS_POSTGRESQL_LOGS_TO_CLOUDWATCH",
    config_parameters={"logTypes": "postgresql"},
    prowler=("rds_instance_integration_cloudwatch_logs",),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "A1.2", "PI1.3")},
)
def rds_db_instance_postgres_logging_enabled(instance: Resource) -> Verdict:
    """PostgreSQL instances export their logs.

    The log of connections, errors and slow statements; what it holds is set by the parameter group.
    """
    return _runs(instance, "postgres").implies(_exports(instance).includes("postgresql"))


@control(
    resource_types=INSTANCE,
    kind="logging",
    severity="medium",
    fix='Set `cloudwatch_logs_exports=["agent", "error"]`, on Express `["error"]` (EnableCloudwatchLogsExports).',
    config_rule="RDS_SQL_SERVER_LOGS_TO_CLOUDWATCH",
    config_parameters={"logTypes": "error"},
    prowler=("rds_instance_integration_cloudwatch_logs",),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "A1.2", "PI1.3")},
)
def rds_db_instance_sql_server_logging_enabled(instance: Resource) -> Verdict:
    """SQL Server instances export their logs.

    The error log of every edition, and the agent's log of those that have an agent: Express has none.
    """
    express = _runs(instance, "sqlserver-ex")
    agent = (~express).implies(_exports(instance).includes("agent"))
    return _runs(instance, "sqlserver").implies(_exports(instance).includes("error") & agent)


@control(
    resource_types=INSTANCE,
    kind="network_boundary",
    severity="high",
    fix="Set `publicly_accessible=False` and place it in private subnets (PubliclyAccessible: false).",
    config_rule="RDS_INSTANCE_PUBLIC_ACCESS_CHECK",
    prowler=("rds_instance_no_public_access",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def rds_db_instance_prohibit_public_access(instance: Resource) -> Verdict:
    """Instances have no public endpoint.

    Where nothing is said, the subnet group decides, so say it. Each member of a cluster says it for itself. The change
    takes the public address away at once and interrupts nobody who connects from inside.
    """
    return instance["PubliclyAccessible"].equals(False)


@control(
    resource_types=(INSTANCE, CLUSTER),
    kind="encryption_at_rest",
    severity="high",
    fix="Set `storage_encrypted=True` (StorageEncrypted: true), and deploy the AWS Config rule RDS_SNAPSHOT_ENCRYPTED.",
    config_rule="RDS_SNAPSHOT_ENCRYPTED",
    prowler=("rds_snapshots_encrypted",),
    live_only=True,
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def rds_db_snapshot_encrypted_at_rest(database: Resource) -> Verdict:
    """Database snapshots are encrypted.

    A snapshot is encrypted if its database is. Snapshots from before that are not: the AWS Config rule finds them in
    the live account.
    """
    return (~_belongs_to_cluster(database)).implies(_is_encrypted(database))


@control(
    kind="public_data",
    severity="high",
    fix="Take the attribute `restore: all` off manual snapshots, and deploy the AWS Config rule "
    "RDS_SNAPSHOTS_PUBLIC_PROHIBITED.",
    config_rule="RDS_SNAPSHOTS_PUBLIC_PROHIBITED",
    prowler=("rds_snapshots_public_access",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def rds_db_snapshot_prohibit_public_access() -> None:
    """Database snapshots are not shared with everyone.

    Sharing is an attribute of a snapshot that exists, and no property of a template. A snapshot encrypted with a
    customer managed key cannot be shared with everyone at all.
    """


@control(
    resource_types=(CLUSTER, GLOBAL_CLUSTER),
    kind="encryption_at_rest",
    severity="high",
    fix="Set `storage_encrypted=True` (StorageEncrypted: true).",
    config_rule="RDS_CLUSTER_ENCRYPTED_AT_REST",
    prowler=("rds_cluster_storage_encrypted",),
    also_mapped={"inferred": ("PI1.5",)},
)
def rds_db_cluster_encryption_at_rest_enabled(cluster: Resource) -> Verdict:
    """Cluster storage is encrypted.

    It is decided when a cluster is made: to switch it on replaces the cluster, so restore from a snapshot with a key.
    """
    return _is_encrypted(cluster)


@control(
    resource_types=CLUSTER,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `storage_encryption_key=key` (KmsKeyId, and StorageEncrypted: true).",
    config_rule="RDS_CLUSTER_ENCRYPTED_AT_REST",
    prowler=("rds_cluster_storage_encrypted",),
    also_mapped={"inferred": ("PI1.5",)},
)
def rds_db_cluster_encrypted_with_cmk(cluster: Resource) -> Verdict:
    """Clusters are encrypted with a customer managed key.

    Access to a key of yours can be withdrawn, and its use stands in CloudTrail with who used it. To change the key
    replaces the cluster.
    """
    return _is_encrypted(cluster) & is_customer_managed(cluster["KmsKeyId"], "rds")


@control(
    resource_types=(INSTANCE, CLUSTER),
    kind="inventory",
    severity="low",
    fix="Set `copy_tags_to_snapshot=True` (CopyTagsToSnapshot: true).",
    prowler=("rds_instance_copy_tags_to_snapshots",),
    also_mapped={"inferred": ("CC7.5",)},
)
def rds_db_instance_copy_tags_to_snapshot_enabled(database: Resource) -> Verdict:
    """Tags of databases are copied to their snapshots.

    Whoever restores has to find the right snapshot: by the tags that say whose it is. Members of a cluster follow it.
    The change holds for snapshots made from then on.
    """
    return (~_belongs_to_cluster(database)).implies(database["CopyTagsToSnapshot"].equals(True))


@control(
    resource_types=CLUSTER,
    kind="logging",
    severity="medium",
    fix='Set `cloudwatch_logs_exports=["audit"]` and `parameters={"server_audit_logging": "1", "server_audit_events": '
    '"CONNECT,QUERY_DCL,QUERY_DDL"}`, on the cluster or on its ParameterGroup (EnableCloudwatchLogsExports, '
    "DBClusterParameterGroup.Parameters).",
    config_rule="RDS_AURORA_MYSQL_AUDIT_LOGGING_ENABLED",
    prowler=("rds_cluster_integration_cloudwatch_logs",),
    also_mapped={"inferred": ("PI1.3",)},
)
def rds_db_cluster_aurora_mysql_audit_logging_enabled(cluster: Resource) -> Verdict:
    """Aurora MySQL clusters write and export audit logs.

    Three settings: one parameter switches the log on, another says which events it holds, without which it stays empty,
    and the export carries it out. Both parameters are dynamic; a first parameter group of its own restarts the cluster.
    """
    return _runs(cluster, "aurora-mysql").implies(_exports(cluster).includes("audit") & _audits(cluster))


def _audits(cluster: Resource) -> Verdict:
    name = cluster["DBClusterParameterGroupName"]
    group = name.target
    if group is not None:
        parameters = group["Parameters"]
        return all_of(
            parameters["server_audit_logging"].one_of(1, "ON", "on", True),
            parameters["server_audit_events"].satisfies(lambda found: bool(str(found).strip()), "a list of events"),
        )
    known = name.known
    if name.is_absent or (isinstance(known, str) and known.startswith("default.")):
        return failed("the default parameter group has server_audit_logging off", path=name.path)
    return unresolved("its parameter group is not part of the assembly")


@control(
    resource_types=CLUSTER,
    kind="logging",
    severity="medium",
    fix='Set `cloudwatch_logs_exports=["postgresql"]` (EnableCloudwatchLogsExports).',
    config_rule="RDS_AURORA_POSTGRESQL_LOGS_TO_CLOUDWATCH",
    config_parameters={"logTypes": "postgresql"},
    prowler=("rds_cluster_integration_cloudwatch_logs",),
    also_mapped={"inferred": ("PI1.3",)},
)
def rds_db_cluster_aurora_postgres_logging_enabled(cluster: Resource) -> Verdict:
    """Aurora PostgreSQL clusters export their logs.

    Aurora Serverless v1 exports them on its own, and passes. The change interrupts nothing.
    """
    serverless = cluster["EngineMode"].default("provisioned").equals("serverless")
    applies = _runs(cluster, "aurora-postgresql") & ~serverless
    return applies.implies(_exports(cluster).includes("postgresql"))


@control(
    resource_types=CLUSTER,
    kind="backups",
    severity="medium",
    fix='Call `plan.add_selection("Data", resources=[backup.BackupResource.from_construct(cluster)])` of a BackupPlan; '
    "a plan of ours has `plan.add_tagged()` for all that carries the tag `soc2:backup` (AWS::Backup::BackupSelection).",
    config_rule="AURORA_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    prowler=("rds_cluster_protected_by_backup_plan",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def rds_db_cluster_aurora_protected_by_backup_plan(cluster: Resource) -> Verdict:
    """Aurora clusters are selected by a backup plan.

    Aurora's own backups go with the cluster; recovery points in a vault stay. That jobs ran is seen live.
    """
    return _runs(cluster, "aurora").implies(selected(cluster))


@control(
    resource_types=INSTANCE,
    kind="backups",
    severity="medium",
    fix='Call `plan.add_selection("Data", resources=[backup.BackupResource.from_construct(instance)])` of a '
    "BackupPlan; a plan of ours has `plan.add_tagged()` for all that carries the tag `soc2:backup` "
    "(AWS::Backup::BackupSelection).",
    config_rule="RDS_IN_BACKUP_PLAN",
    prowler=("rds_instance_protected_by_backup_plan",),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def rds_db_instance_in_backup_plan(instance: Resource) -> Verdict:
    """Instances are selected by a backup plan.

    Automated backups go with the instance unless somebody asks to keep them; recovery points in a vault stay. Members
    of a cluster are backed up with it; of a read replica the source is.
    """
    return (~(_belongs_to_cluster(instance) | _is_replica(instance))).implies(selected(instance))


@control(
    resource_types=INSTANCE,
    kind="backups",
    severity="low",
    fix="Select the instance in a BackupPlan, as `plan.add_tagged()` does (AWS::Backup::BackupSelection), and deploy "
    "the AWS Config rule RDS_RESOURCES_PROTECTED_BY_BACKUP_PLAN.",
    config_rule="RDS_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    prowler=("rds_instance_protected_by_backup_plan",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def rds_db_instance_protected_by_backup_plan(instance: Resource) -> Verdict:
    """Instances have recovery points from a backup plan.

    That a plan selects an instance says what shall happen; whether it did, the AWS Config rule sees in the account.
    """
    return rds_db_instance_in_backup_plan(instance)
