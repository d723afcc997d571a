"""Amazon DynamoDB."""

from __future__ import annotations

from soc2_constructs.aws.backup_selection import selected
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of
from soc2_constructs.controls import control

TABLE = "AWS::DynamoDB::Table"
GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"
SIMPLE_TABLE = "AWS::Serverless::SimpleTable"
TABLES = (TABLE, GLOBAL_TABLE, SIMPLE_TABLE)


@control(
    resource_types=TABLES,
    kind="backups",
    severity="high",
    fix="Set `point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification("
    "point_in_time_recovery_enabled=True)` "
    "(PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled: true; in each of Replicas for a global table).",
    config_rule="DYNAMODB_PITR_ENABLED",
    prowler=("dynamodb_tables_pitr_enabled",),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def dynamodb_table_point_in_time_recovery_enabled(table: Resource) -> Verdict:
    """Tables can be restored to any second of the last days.

    Whatever was overwritten or deleted comes back, into a new table, for 35 days unless fewer are asked for. A global
    table says it for each replica. Switching it on interrupts nothing and costs by the size of the table; what happened
    before that second is out of reach.
    """
    if table.type == GLOBAL_TABLE:
        replicas = table["Replicas"]
        return replicas.is_set() & all_of(_recovers(replica) for replica in replicas.each())
    return table["PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"].equals(True)


def _recovers(replica: Value) -> Verdict:
    return replica["PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"].equals(True)


@control(
    resource_types=TABLES,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED`, or `AWS_MANAGED` "
    "(SSESpecification.SSEEnabled: true).",
    config_rule=("DYNAMODB_TABLE_ENCRYPTED_KMS", "DYNAMODB_TABLE_ENCRYPTION_ENABLED"),
    prowler=("dynamodb_tables_kms_cmk_encryption_enabled",),
    aliases=("dynamodb_table_encryption_enabled",),
    also_mapped={"inferred": ("PI1.5",)},
)
def dynamodb_table_encrypted_with_kms(table: Resource) -> Verdict:
    """Tables are encrypted with a KMS key of the account.

    DynamoDB encrypts every table; where nothing is said, with a key of its own that nobody sees. With one of the
    account, managed by AWS or by you, each use of it stands in CloudTrail. Changing the key replaces nothing and
    interrupts nothing; requests to KMS cost money.
    """
    encryption = table["SSESpecification"]
    return encryption["SSEEnabled"].equals(True) & encryption["SSEType"].default("KMS").equals("KMS")


@control(
    resource_types=TABLES,
    kind="backups",
    severity="medium",
    fix='Call `plan.add_selection("Data", resources=[backup.BackupResource.from_construct(table)])` of a BackupPlan; a '
    "plan of ours has `plan.add_tagged()` for all that carries the tag `soc2:backup` (AWS::Backup::BackupSelection).",
    config_rule="DYNAMODB_IN_BACKUP_PLAN",
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def dynamodb_table_in_backup_plan(table: Resource) -> Verdict:
    """Tables are selected by a backup plan.

    What point-in-time recovery keeps ends after 35 days, or with the table; recovery points in a vault stay. The
    replicas of a global table hold the same items, so it is enough that a plan selects one of them, in its region.
    """
    return selected(table)


@control(
    resource_types=TABLES,
    kind="backups",
    severity="low",
    fix="Select the table in a BackupPlan, as `plan.add_tagged()` does (AWS::Backup::BackupSelection), and deploy "
    "the AWS Config rule DYNAMODB_RESOURCES_PROTECTED_BY_BACKUP_PLAN.",
    config_rule="DYNAMODB_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def dynamodb_table_protected_by_backup_plan(table: Resource) -> Verdict:
    """Tables have recovery points from a backup plan.

    That a plan selects a table says what shall happen; whether it did, the AWS Config rule sees in the account.
    """
    return dynamodb_table_in_backup_plan(table)
