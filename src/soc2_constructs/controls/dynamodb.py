"""Amazon DynamoDB."""

from __future__ import annotations

from soc2_constructs.aws.backup_selection import selected
from soc2_constructs.aws.policies import statements
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of
from soc2_constructs.controls import control

TABLE = "AWS::DynamoDB::Table"
GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"
SIMPLE_TABLE = "AWS::Serverless::SimpleTable"
TABLES = (TABLE, GLOBAL_TABLE, SIMPLE_TABLE)
#: Where a table holds policies, of itself and of its stream.
_POLICIES = {
    TABLE: ("ResourcePolicy.PolicyDocument", "StreamSpecification.ResourcePolicy.PolicyDocument"),
    GLOBAL_TABLE: (
        "Replicas[].ResourcePolicy.PolicyDocument",
        "Replicas[].ReplicaStreamSpecification.ResourcePolicy.PolicyDocument",
    ),
}


@control(
    resource_types=(TABLE, GLOBAL_TABLE),
    kind="public_data",
    severity="high",
    fix="Set the account or service in `principals` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": organization}}` '
    "(Table.ResourcePolicy.PolicyDocument, GlobalTable.Replicas[].ResourcePolicy).",
)
def dynamodb_table_not_publicly_accessible(table: Resource) -> Verdict:
    """Table policies do not allow public access.

    Everyone could read and change the items of a public table.

    Fixed values of an account, an organization, a network or a source narrow a statement for everyone. The
    change takes effect at once.
    """
    paths = _POLICIES[table.type]
    return all_of(
        no_public_grant(statements(document), "dynamodb") for path in paths for document in table.values(path)
    )


@control(
    resource_types=TABLES,
    kind="backups",
    severity="high",
    severity_reason="Items that are overwritten or deleted by mistake are lost.",
    fix="Set `point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification("
    "point_in_time_recovery_enabled=True)` "
    "(PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled: true; in each of Replicas for a global table).",
    config_rule="DYNAMODB_PITR_ENABLED",
    prowler=("dynamodb_tables_pitr_enabled",),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def dynamodb_table_point_in_time_recovery_enabled(table: Resource) -> Verdict:
    """Tables have point-in-time recovery.

    Items that were overwritten or deleted can be restored to any second of the last 35 days by default. A restore
    creates a new table. For a global table, every replica requires the setting.

    Nothing is interrupted. Recovery is possible only from the time of the change, and is charged by table size.
    """
    if table.type == GLOBAL_TABLE:
        replicas = table["Replicas"]
        return all_of(_recovers(replica) for replica in replicas.each()) & replicas.is_set()
    return table["PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"].equals(True)


def _recovers(replica: Value) -> Verdict:
    return replica["PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"].equals(True)


@control(
    resource_types=TABLES,
    kind="encryption_at_rest",
    severity="low",
    severity_reason="DynamoDB encrypts every table with an AWS owned key by default.",
    fix="Set `encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED`, or `AWS_MANAGED` "
    "(SSESpecification.SSEEnabled: true).",
    config_rule=("DYNAMODB_TABLE_ENCRYPTED_KMS", "DYNAMODB_TABLE_ENCRYPTION_ENABLED"),
    prowler=("dynamodb_tables_kms_cmk_encryption_enabled",),
    aliases=("dynamodb_table_encryption_enabled",),
    also_mapped={"inferred": ("PI1.5",)},
)
def dynamodb_table_encrypted_with_kms(table: Resource) -> Verdict:
    """Tables are encrypted with a KMS key of the account.

    By default, DynamoDB encrypts tables with an AWS owned key, whose use is not visible to you. CloudTrail records each
    use of an AWS managed or customer managed key.

    Nothing is replaced or interrupted. KMS charges for the key and its use.
    """
    encryption = table["SSESpecification"]
    return encryption["SSEEnabled"].equals(True) & encryption["SSEType"].default("KMS").equals("KMS")


@control(
    resource_types=TABLES,
    kind="backups",
    severity="medium",
    severity_reason="Missing backups are an exception in an audit. Data is lost only after another failure.",
    fix='Call `plan.add_selection("Data", resources=[backup.BackupResource.from_construct(table)])` of a BackupPlan, '
    "or `plan.add_tagged()` of soc2_constructs.aws_backup for all resources with the tag `soc2:backup` "
    "(AWS::Backup::BackupSelection).",
    config_rule="DYNAMODB_IN_BACKUP_PLAN",
    implies=("dynamodb_table_protected_by_backup_plan",),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def dynamodb_table_in_backup_plan(table: Resource) -> Verdict:
    """Tables are selected by a backup plan.

    Point-in-time recovery covers at most 35 days, while recovery points in a vault also survive the table. Replicas of
    a global table hold the same items, so a plan must select only one of them, in its region.

    Nothing is interrupted. Backup storage is charged.
    """
    return selected(table)


@control(
    resource_types=TABLES,
    kind="backups",
    severity="low",
    severity_reason="The control on backup plans raises the same finding.",
    fix="Select the table in a BackupPlan, for example with `plan.add_tagged()` (AWS::Backup::BackupSelection), and "
    "deploy the AWS Config rule DYNAMODB_RESOURCES_PROTECTED_BY_BACKUP_PLAN.",
    config_rule="DYNAMODB_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def dynamodb_table_protected_by_backup_plan(table: Resource) -> Verdict:
    """Tables have recovery points from a backup plan.

    A template shows that a plan selects the table. The AWS Config rule shows in the live account that recovery points
    were created.

    Nothing is interrupted. Backup storage is charged.
    """
    return dynamodb_table_in_backup_plan(table)
