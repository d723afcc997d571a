"""Amazon RDS, including Aurora."""

from __future__ import annotations

from soc2_constructs.aws.backup_selection import selected
from soc2_constructs.aws.end_of_support import DATABASES, is_supported
from soc2_constructs.aws.keys import is_customer_managed
from soc2_constructs.aws.rds_engines import IAM_ENGINES, instance_log_types
from soc2_constructs.cloudformation import FAIL, PASS, Resource, Value, Verdict, all_of, failed, passed, unresolved
from soc2_constructs.controls import control

INSTANCE = "AWS::RDS::DBInstance"
CLUSTER = "AWS::RDS::DBCluster"
GLOBAL_CLUSTER = "AWS::RDS::GlobalCluster"
SHARD_GROUP = "AWS::RDS::DBShardGroup"

_GLOBAL_NAME = "GlobalClusterIdentifier"
#: Properties that name the source of a database, or its global cluster, from which it inherits encryption.
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
    """Whether the instance is a member of a cluster, whose settings then apply."""
    if instance.type != INSTANCE:
        return failed("the database is a cluster")
    cluster = instance["DBClusterIdentifier"]
    verdict = cluster.is_set()
    if verdict.status is PASS and cluster.target is None:
        return unresolved("the cluster of the instance is not part of the assembly", path=cluster.path)
    return verdict


def _is_replica(instance: Resource) -> Verdict:
    return instance["SourceDBInstanceIdentifier"].is_set() | instance["SourceDBClusterIdentifier"].is_set()


def _engine(database: Resource) -> Value:
    """The engine; a replica inherits it from its source, and a cluster from its global cluster."""
    own = database["Engine"]
    source = database.target("SourceDBInstanceIdentifier") or database.target(_GLOBAL_NAME)
    return source["Engine"] if own.is_absent and source is not None else own


def _runs(database: Resource, *engines: str) -> Verdict:
    """Whether the engine is one of these, in any edition: `sqlserver` includes `sqlserver-se`."""
    engine = _engine(database)
    if engine.is_absent:
        return unresolved("Engine is not set; the snapshot or source defines it")

    def matches(value: object) -> bool:
        name = str(value).lower()
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
    """Database instances have automated backups.

    Automated backups restore a database to any second of the retention period.

    The default retention is one day; 0 disables backups. A change from 0 restarts the instance; other changes interrupt
    nothing. Members of a cluster are backed up with the cluster, and read replicas with their source.
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
    """Databases have deletion protection.

    Deleting a protected database takes a second step, which CloudTrail records.

    A cluster protects its members; a global cluster and each of its clusters need their own protection. The change
    interrupts nothing.
    """
    return (~_belongs_to_cluster(database)).implies(database["DeletionProtection"].equals(True))


@control(
    resource_types=(INSTANCE, CLUSTER, GLOBAL_CLUSTER),
    kind="encryption_at_rest",
    severity="high",
    severity_reason="Without encryption, data is stored in plain text, and encryption cannot be enabled later "
    "without a replacement.",
    fix="Set `storage_encrypted=True` (StorageEncrypted: true).",
    implies=(
        "rds_db_snapshot_encrypted_at_rest",
        "rds_db_cluster_encryption_at_rest_enabled",
    ),
    config_rule="RDS_STORAGE_ENCRYPTED",
    prowler=("rds_instance_storage_encrypted",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "PI1.5")},
)
def rds_db_instance_encryption_at_rest_enabled(database: Resource) -> Verdict:
    """Database storage is encrypted.

    Encryption covers storage, logs, backups, snapshots and replicas.

    Encryption is fixed at creation, and enabling it replaces the database. To keep the data, copy a snapshot with
    encryption and restore it. Members of a cluster are encrypted with it, and clusters like their global cluster.
    """
    return (~_belongs_to_cluster(database)).implies(_is_encrypted(database))


def _is_encrypted(database: Resource, hops: int = 2) -> Verdict:
    """Whether the storage is encrypted; a database with a source is encrypted like it, whatever StorageEncrypted is.

    Source: AWS CloudFormation Template Reference, "AWS::RDS::DBCluster" and "AWS::RDS::DBInstance" (StorageEncrypted).
    """
    encrypted = database["StorageEncrypted"].equals(True)
    # On a global cluster, this property is its own name; on a cluster, it names the global cluster.
    origins = [database[name] for name in _ORIGINS if name != _GLOBAL_NAME or database.type == CLUSTER]
    sources = [origin.target for origin in origins if not origin.is_absent]
    if not sources:
        return encrypted
    if not database["StorageEncrypted"].is_absent and encrypted.status is FAIL:
        return encrypted
    for source in sources:
        if hops and source is not None and source.type in (INSTANCE, CLUSTER, GLOBAL_CLUSTER):
            return _is_encrypted(source, hops - 1)
    inherited = unresolved("encryption depends on the snapshot or source, which is not part of the assembly")
    # A cluster that is restored with a key is encrypted with it; an instance has no such parameter.
    return database["KmsKeyId"].is_set() | inherited if database.type == CLUSTER else inherited


@control(
    resource_types=(INSTANCE, CLUSTER),
    kind="authentication",
    severity="low",
    severity_reason="Passwords that are stored and rotated in Secrets Manager are an accepted alternative.",
    fix="Set `iam_authentication=True` (EnableIAMDatabaseAuthentication: true).",
    config_rule="RDS_INSTANCE_IAM_AUTHENTICATION_ENABLED",
    prowler=("rds_instance_iam_authentication_enabled",),
    also_mapped={"Powerpipe": ("CC1.3",)},
)
def rds_db_instance_iam_authentication_enabled(database: Resource) -> Verdict:
    """Databases accept IAM authentication.

    An IAM token is valid for 15 minutes and identifies the caller. A password is often shared and seldom changed.

    Password authentication stays available, and nothing restarts. MariaDB, MySQL, PostgreSQL and Aurora support IAM
    authentication. Other engines, Aurora Serverless v1 and members of a cluster pass.
    """
    provisioned = database["EngineMode"].default("provisioned").equals("provisioned")
    applies = all_of(~_belongs_to_cluster(database), _runs(database, *IAM_ENGINES), provisioned)
    return applies.implies(database["EnableIAMDatabaseAuthentication"].equals(True))


@control(
    resource_types=INSTANCE,
    kind="logging",
    severity="medium",
    fix='Set `cloudwatch_logs_exports=["postgresql", "upgrade"]` for PostgreSQL, `["audit", "error", "general", '
    '"slowquery"]` for MariaDB and MySQL, and all log types for other engines (EnableCloudwatchLogsExports).',
    implies=(
        "rds_db_instance_cloudwatch_logs_enabled",
        "rds_db_instance_mariadb_logging_enabled",
        "rds_db_instance_postgres_logging_enabled",
        "rds_db_instance_sql_server_logging_enabled",
    ),
    config_rule="RDS_LOGGING_ENABLED",
    prowler=("rds_instance_integration_cloudwatch_logs",),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "A1.2", "PI1.3")},
)
def rds_db_instance_logging_enabled(instance: Resource) -> Verdict:
    """Database instances export every log type of their engine.

    Logs on the instance are kept for days at most, and are deleted with it. Exported logs are kept as long as the log
    group.

    The audit log of MariaDB and MySQL also needs an option group with the audit plugin. Members of a cluster and
    engines without log exports pass. Nothing restarts; log volume costs.
    """
    engine = _engine(instance).known
    if isinstance(engine, str):
        verdict = _exports(instance).includes(*instance_log_types(engine.lower()))
    else:
        # Without any export the instance fails whatever the engine is.
        verdict = _exports(instance).is_set() & unresolved(
            "the engine, which decides the log types, is not known before deployment", path=("Engine",)
        )
    return (~_is_exempt_from_exports(instance)).implies(verdict)


def _exports(database: Resource) -> Value:
    return database["EnableCloudwatchLogsExports"]


def _exports_for(instance: Resource, engine: str) -> Verdict:
    """Whether the instance has that engine, and exports its logs itself."""
    return _runs(instance, engine) & ~_belongs_to_cluster(instance)


def _is_exempt_from_exports(instance: Resource) -> Verdict:
    """Whether the instance exports logs through its cluster, or has an engine without log exports."""
    engine = _engine(instance).known
    if isinstance(engine, str) and not instance_log_types(engine.lower()):
        return passed("{} exports no logs to CloudWatch Logs", engine)
    return _belongs_to_cluster(instance)


@control(
    resource_types=INSTANCE,
    kind="logging",
    severity="medium",
    fix='Set `cloudwatch_logs_exports=["postgresql"]` for PostgreSQL, `["error"]` for MariaDB, MySQL and SQL '
    "Server (EnableCloudwatchLogsExports).",
    config_rule="RDS_LOGGING_ENABLED",
    prowler=("rds_instance_integration_cloudwatch_logs",),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "A1.2", "PI1.3")},
)
def rds_db_instance_cloudwatch_logs_enabled(instance: Resource) -> Verdict:
    """Database instances export logs to CloudWatch Logs.

    At least one log must outlive the instance, so that incidents can be investigated.

    Members of a cluster export their logs through the cluster and pass, as do engines without log exports. Nothing
    restarts; log volume costs.
    """
    return (~_is_exempt_from_exports(instance)).implies(_exports(instance).is_set())


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

    The audit log records connections and queries; the error log records failures.

    The audit log also needs an option group with MARIADB_AUDIT_PLUGIN. Nothing restarts; log volume costs.
    """
    return _exports_for(instance, "mariadb").implies(_exports(instance).includes("audit", "error"))


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

    The log records connections, errors and slow statements, as the parameter group configures.

    Nothing restarts; log volume costs.
    """
    return _exports_for(instance, "postgres").implies(_exports(instance).includes("postgresql"))


@control(
    resource_types=INSTANCE,
    kind="logging",
    severity="medium",
    fix='Set `cloudwatch_logs_exports=["agent", "error"]`, or `["error"]` for the Express edition '
    "(EnableCloudwatchLogsExports).",
    config_rule="RDS_SQL_SERVER_LOGS_TO_CLOUDWATCH",
    config_parameters={"logTypes": "error"},
    prowler=("rds_instance_integration_cloudwatch_logs",),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "A1.2", "PI1.3")},
)
def rds_db_instance_sql_server_logging_enabled(instance: Resource) -> Verdict:
    """SQL Server instances export their logs.

    The error log records failures and sign-ins; the agent log records jobs.

    The Express edition has no agent and exports the error log only. Nothing restarts; log volume costs.
    """
    express = _runs(instance, "sqlserver-ex")
    agent = (~express).implies(_exports(instance).includes("agent"))
    return _exports_for(instance, "sqlserver").implies(_exports(instance).includes("error") & agent)


@control(
    resource_types=(INSTANCE, CLUSTER, SHARD_GROUP),
    kind="network_boundary",
    severity="high",
    fix="Set `publicly_accessible=False` and use private subnets (PubliclyAccessible: false).",
    config_rule="RDS_INSTANCE_PUBLIC_ACCESS_CHECK",
    prowler=("rds_instance_no_public_access",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def rds_db_instance_prohibit_public_access(database: Resource) -> Verdict:
    """Database instances have no public endpoint.

    A public endpoint lets anyone on the internet try to connect.

    Without the property, the subnet group decides, so the property must be set. Each member of a cluster needs its own
    setting; a Multi-AZ DB cluster has one for all members, and a shard group its own. The change removes the public
    address at once, and does not affect clients inside the VPC.
    """
    private = database["PubliclyAccessible"].equals(False)
    if database.type == CLUSTER:
        # Only Multi-AZ DB clusters have this property; the class of their instances tells them from Aurora clusters.
        return database["DBClusterInstanceClass"].is_set().implies(private)
    return private


@control(
    resource_types=(INSTANCE, CLUSTER),
    kind="encryption_at_rest",
    severity="high",
    severity_reason="Without encryption, data is stored in plain text, and encryption cannot be enabled later "
    "without a replacement.",
    fix="Set `storage_encrypted=True` (StorageEncrypted: true), and deploy the AWS Config rule RDS_SNAPSHOT_ENCRYPTED.",
    config_rule="RDS_SNAPSHOT_ENCRYPTED",
    prowler=("rds_snapshots_encrypted",),
    live_only=True,
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def rds_db_snapshot_encrypted_at_rest(database: Resource) -> Verdict:
    """Database snapshots are encrypted.

    A snapshot is encrypted if its database is. An unencrypted snapshot can be copied or shared without a key.

    Enabling encryption replaces the database. Only the live account shows older snapshots that are not encrypted.
    """
    return (~_belongs_to_cluster(database)).implies(_is_encrypted(database))


@control(
    kind="public_data",
    severity="high",
    fix="Remove the value `all` from the attribute `restore` of manual snapshots, and deploy the AWS Config rule "
    "RDS_SNAPSHOTS_PUBLIC_PROHIBITED.",
    config_rule="RDS_SNAPSHOTS_PUBLIC_PROHIBITED",
    prowler=("rds_snapshots_public_access",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def rds_db_snapshot_prohibit_public_access() -> None:
    """Database snapshots are not public.

    Every AWS account can restore a public snapshot and read its data.

    Sharing is an attribute of a snapshot, not a property of a template. A snapshot that is encrypted with a customer
    managed key cannot be public.
    """


@control(
    resource_types=(CLUSTER, GLOBAL_CLUSTER),
    kind="encryption_at_rest",
    severity="high",
    severity_reason="Without encryption, data is stored in plain text, and encryption cannot be enabled later "
    "without a replacement.",
    fix="Set `storage_encrypted=True` (StorageEncrypted: true).",
    config_rule="RDS_CLUSTER_ENCRYPTED_AT_REST",
    prowler=("rds_cluster_storage_encrypted",),
    also_mapped={"inferred": ("PI1.5",)},
)
def rds_db_cluster_encryption_at_rest_enabled(cluster: Resource) -> Verdict:
    """Database clusters are encrypted at rest.

    Encryption covers storage, logs, backups, snapshots and replicas.

    Encryption is fixed at creation, and enabling it replaces the cluster. To keep the data, restore a snapshot with a
    key.
    """
    return _is_encrypted(cluster)


@control(
    resource_types=CLUSTER,
    kind="encryption_at_rest",
    severity="low",
    severity_reason="Encryption itself is required by rds_db_cluster_encryption_at_rest_enabled.",
    fix="Set `storage_encryption_key=key` (KmsKeyId, and StorageEncrypted: true).",
    implies=(
        "rds_db_instance_encryption_at_rest_enabled",
        "rds_db_snapshot_encrypted_at_rest",
        "rds_db_cluster_encryption_at_rest_enabled",
    ),
    config_rule="RDS_CLUSTER_ENCRYPTED_AT_REST",
    prowler=("rds_cluster_storage_encrypted",),
    also_mapped={"inferred": ("PI1.5",)},
)
def rds_db_cluster_encrypted_with_cmk(cluster: Resource) -> Verdict:
    """Database clusters are encrypted with a customer managed key.

    Customer managed keys let you withdraw access to the data in one place, and CloudTrail records each use of the key.

    Changing the key replaces the cluster.
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
    """Databases copy their tags to snapshots.

    Tags identify the owner of a snapshot, and access policies based on tags then apply to snapshots too.

    Members of a cluster pass. The change applies to new snapshots and interrupts nothing.
    """
    return (~_belongs_to_cluster(database)).implies(database["CopyTagsToSnapshot"].equals(True))


@control(
    resource_types=CLUSTER,
    kind="logging",
    severity="medium",
    fix='Set `cloudwatch_logs_exports=["audit"]` and `parameters={"server_audit_logging": "1", '
    '"server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL"}`, on the cluster or on its ParameterGroup '
    "(EnableCloudwatchLogsExports, DBClusterParameterGroup.Parameters).",
    config_rule="RDS_AURORA_MYSQL_AUDIT_LOGGING_ENABLED",
    prowler=("rds_cluster_integration_cloudwatch_logs",),
    also_mapped={"inferred": ("PI1.3",)},
)
def rds_db_cluster_aurora_mysql_audit_logging_enabled(cluster: Resource) -> Verdict:
    """Aurora MySQL clusters export audit logs.

    Audit logs record connections and statements.

    Three settings are required. One parameter enables the log, a second lists the events, and the export sends it to
    CloudWatch Logs. Both parameters are dynamic. Assigning the first custom parameter group requires a restart.
    """
    return _runs(cluster, "aurora-mysql").implies(_exports(cluster).includes("audit") & _audits(cluster))


def _audits(cluster: Resource) -> Verdict:
    name = cluster["DBClusterParameterGroupName"]
    group = name.target
    if group is not None:
        parameters = group["Parameters"]
        return all_of(
            parameters["server_audit_logging"].one_of(1, "ON", "on", True),
            parameters["server_audit_events"].satisfies(lambda events: bool(str(events).strip()), "a list of events"),
        )
    known = name.known
    if name.is_absent or (isinstance(known, str) and known.startswith("default.")):
        return failed("the default parameter group disables server_audit_logging", path=name.path)
    return unresolved("the parameter group is not part of the assembly", path=name.path)


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

    The log records connections, errors and slow statements, as the parameter group configures.

    Aurora Serverless v1 always exports its logs and passes. The change interrupts nothing; log volume costs.
    """
    serverless = cluster["EngineMode"].default("provisioned").equals("serverless")
    applies = _runs(cluster, "aurora-postgresql") & ~serverless
    return applies.implies(_exports(cluster).includes("postgresql"))


@control(
    resource_types=CLUSTER,
    kind="backups",
    severity="medium",
    fix='Call `plan.add_selection("Data", resources=[backup.BackupResource.from_construct(cluster)])` on a '
    "BackupPlan. With `soc2_constructs.aws_backup`, `plan.add_tagged()` selects resources with the tag "
    "`soc2:backup` (AWS::Backup::BackupSelection).",
    config_rule="AURORA_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    prowler=("rds_cluster_protected_by_backup_plan",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def rds_db_cluster_aurora_protected_by_backup_plan(cluster: Resource) -> Verdict:
    """Aurora clusters are protected by a backup plan.

    Automated backups are deleted with the cluster. Recovery points in a backup vault are kept.

    A selection interrupts nothing; recovery points cost storage. Only the live account shows whether backup jobs ran.
    """
    return _runs(cluster, "aurora").implies(selected(cluster))


@control(
    resource_types=INSTANCE,
    kind="backups",
    severity="medium",
    fix='Call `plan.add_selection("Data", resources=[backup.BackupResource.from_construct(instance)])` on a '
    "BackupPlan. With `soc2_constructs.aws_backup`, `plan.add_tagged()` selects resources with the tag "
    "`soc2:backup` (AWS::Backup::BackupSelection).",
    implies=("rds_db_instance_protected_by_backup_plan",),
    config_rule="RDS_IN_BACKUP_PLAN",
    prowler=("rds_instance_protected_by_backup_plan",),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def rds_db_instance_in_backup_plan(instance: Resource) -> Verdict:
    """Database instances are selected by a backup plan.

    Automated backups are deleted with the instance by default. Recovery points in a backup vault are kept.

    A selection interrupts nothing; recovery points cost storage. Members of a cluster are backed up with the cluster,
    and read replicas with their source.
    """
    return (~(_belongs_to_cluster(instance) | _is_replica(instance))).implies(selected(instance))


@control(
    resource_types=INSTANCE,
    kind="backups",
    severity="low",
    severity_reason="The template shows the same as rds_db_instance_in_backup_plan; the rest is shown by the "
    "live account.",
    fix="Select the instance in a BackupPlan, for example with `plan.add_tagged()` "
    "(AWS::Backup::BackupSelection), and deploy the AWS Config rule RDS_RESOURCES_PROTECTED_BY_BACKUP_PLAN.",
    config_rule="RDS_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    prowler=("rds_instance_protected_by_backup_plan",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def rds_db_instance_protected_by_backup_plan(instance: Resource) -> Verdict:
    """Database instances have recovery points from a backup plan.

    A selection declares that an instance is backed up. Recovery points show that it was.

    The AWS Config rule checks recovery points in the live account. A selection interrupts nothing.
    """
    return rds_db_instance_in_backup_plan(instance)


@control(
    resource_types="AWS::RDS::DBProxy",
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="Proxies are reachable only from inside their VPC.",
    fix="Remove `require_tls=False` (RequireTLS: true).",
    config_rule="RDS_PROXY_TLS_ENCRYPTION",
)
def rds_db_proxy_tls_required(proxy: Resource) -> Verdict:
    """RDS proxies accept only TLS connections.

    Otherwise clients can send passwords and data in plaintext. By default, CloudFormation does not require TLS, and
    the CDK does.

    Nothing is interrupted. Clients without TLS cannot connect.
    """
    return proxy["RequireTLS"].equals(True)


@control(
    resource_types=(INSTANCE, CLUSTER),
    kind="vulnerabilities",
    severity="low",
    severity_reason="AWS still patches critical vulnerabilities in extended support, at an additional price.",
    fix="Set `engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17)` or another "
    "supported version (EngineVersion: 17).",
    prowler=("rds_instance_extended_support",),
)
def rds_db_instance_engine_version_supported(database: Resource) -> Verdict:
    """Databases run an engine version in standard support.

    Afterwards, RDS upgrades the database or charges for extended support, which covers critical vulnerabilities only.
    The day of the audit decides. Engines without an announced end pass.

    A major upgrade interrupts the database for minutes or longer. A blue/green deployment shortens the interruption.
    """
    engine, version = _engine(database), database["EngineVersion"]
    if version.is_absent:
        return is_supported(version, {})
    if engine.unresolved is not None:
        return unresolved("{} is known only at deployment", engine, path=engine.path)
    return is_supported(version, DATABASES.get(str(engine.known).lower(), {}))
