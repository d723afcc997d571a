"""AWS Backup."""

from __future__ import annotations

from soc2_constructs.aws.backup_selection import PLAN
from soc2_constructs.aws.keys import is_customer_managed
from soc2_constructs.aws.patterns import OPEN, as_pattern
from soc2_constructs.aws.places import same_place
from soc2_constructs.aws.policies import Statement, statements_of
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.aws.retention import BACKUP_RETENTION_DAYS
from soc2_constructs.aws.schedules import fires_daily
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, failed, passed, unresolved
from soc2_constructs.controls import control
from soc2_constructs.controls.s3 import BUCKET, is_log_destination, is_replica

VAULT = "AWS::Backup::BackupVault"

#: Resource types that store data and that AWS Backup supports.
DATA_STORES = (
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::EFS::FileSystem",
    "AWS::FSx::FileSystem",
    "AWS::FSx::Volume",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    BUCKET,
    "AWS::Serverless::SimpleTable",
    "AWS::Timestream::Table",
)

_DELETING_ACTIONS = (
    "backup:DeleteRecoveryPoint",
    "backup:UpdateRecoveryPointLifecycle",
    "backup:PutBackupVaultAccessPolicy",
)


@control(
    resource_types=VAULT,
    kind="public_data",
    severity="high",
    fix="Set the account or service in `principals` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": organization}}` '
    "(BackupVault.AccessPolicy).",
)
def backup_vault_not_publicly_accessible(vault: Resource) -> Verdict:
    """Access policies of backup vaults do not allow public access.

    Everyone could copy recovery points from a public vault, or delete them.

    Fixed values of an account, an organization, a network or a source narrow a statement for everyone. The
    change takes effect at once.
    """
    return no_public_grant(statements_of(vault, "AccessPolicy"), "backup")


@control(
    resource_types=PLAN,
    kind="backups",
    severity="medium",
    severity_reason="Missing backups are an exception in an audit. Data is lost only after another failure.",
    fix="Add a rule that runs daily with `delete_after=Duration.days(35)` or more, such as "
    "`plan.add_rule(backup.BackupPlanRule.daily())` "
    "(BackupPlan.BackupPlanRule[].ScheduleExpression and Lifecycle.DeleteAfterDays).",
    config_rule="BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
    config_parameters={"requiredFrequencyUnit": "days", "requiredFrequencyValue": "1", "requiredRetentionDays": "35"},
    also_mapped={"Powerpipe": ("CC7.4", "A1.2", "A1.3")},
)
def backup_plan_min_retention_35_days(plan: Resource, *, backup_retention_days: int = BACKUP_RETENTION_DAYS) -> Verdict:
    """Backup plans run at least daily and keep recovery points 35 days or longer.

    Daily backups limit data loss to one day, and 35 days of retention cover damage that is noticed late. One rule must
    meet both conditions; other rules may differ. Without a schedule AWS Backup runs daily, and without a lifecycle it
    keeps recovery points forever.

    The change applies to recovery points created afterwards. Backup storage is charged.
    """
    return any_of(
        _runs_daily(rule["ScheduleExpression"]) & _keeps(rule, backup_retention_days)
        for rule in plan["BackupPlan.BackupPlanRule"].each()
    ).with_message(f"no rule runs daily and keeps recovery points for {backup_retention_days:g} days")


def _runs_daily(schedule: Value) -> Verdict:
    if schedule.is_absent:
        return passed("{} is not set, so AWS Backup runs daily", schedule)
    return schedule.satisfies(lambda text: isinstance(text, str) and bool(fires_daily(text)), "a daily schedule")


def _keeps(rule: Value, days: float) -> Verdict:
    return rule["Lifecycle.DeleteAfterDays"].default(float("inf"), "recovery points never expire").at_least(days)


@control(
    resource_types=VAULT,
    kind="encryption_at_rest",
    severity="low",
    severity_reason="AWS Backup encrypts the vault with an AWS managed key where EncryptionKeyArn is not set.",
    fix="Set `encryption_key=key` (EncryptionKeyArn), and deploy the AWS Config rule BACKUP_RECOVERY_POINT_ENCRYPTED.",
    config_rule="BACKUP_RECOVERY_POINT_ENCRYPTED",
    prowler=("backup_recovery_point_encrypted", "backup_vaults_encrypted"),
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2", "PI1.5")},
)
def backup_recovery_point_encryption_enabled(vault: Resource) -> Verdict:
    """Backup vaults encrypt recovery points with a customer managed key.

    The policy of a customer managed key separates access to backups from access to their source. Some types of
    recovery points keep the encryption of their source; the AWS Config rule checks those in the live account.

    Changing the key replaces the vault. KMS charges for the key and its use.
    """
    return is_customer_managed(vault["EncryptionKeyArn"], "backup")


@control(
    resource_types=VAULT,
    kind="backups",
    severity="high",
    severity_reason="An intruder who can delete recovery points can make data loss permanent.",
    fix="Set `lock_configuration=backup.LockConfiguration(min_retention=Duration.days(35))`, or an `access_policy` "
    "that denies backup:DeleteRecoveryPoint, backup:UpdateRecoveryPointLifecycle and "
    "backup:PutBackupVaultAccessPolicy to everyone (LockConfiguration.MinRetentionDays, AccessPolicy).",
    config_rule="BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED",
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def backup_recovery_point_manual_deletion_disabled(vault: Resource) -> Verdict:
    """Recovery points cannot be deleted manually.

    Ransomware and intruders delete backups first. A vault lock with a minimum retention prevents deletion for that
    time. An access policy must deny deletion and changes to the policy itself. The AWS Config rule checks only the
    access policy.

    Nothing is interrupted. Recovery points cannot be deleted early, so their storage is charged until they expire.
    """
    lock = vault["LockConfiguration.MinRetentionDays"].default(0).at_least(1)
    policy = statements_of(vault, "AccessPolicy")
    is_denied = all_of(any_of(_denies(statement, action) for statement in policy) for action in _DELETING_ACTIONS)
    verdict = lock | is_denied.with_pass_message("AccessPolicy denies deletion to everyone")
    return verdict.with_message(
        "LockConfiguration.MinRetentionDays is not set, and AccessPolicy does not deny deletion to everyone"
    )


def _denies(statement: Statement, action: str) -> Verdict:
    if statement.malformed:
        return unresolved("a statement of AccessPolicy is not known before deployment: {}", statement.malformed)
    if not statement.denies:
        return failed("the Effect of the statement is not Deny")
    return all_of(
        statement.is_for_everyone(),
        statement.covers_action(action),
        statement.covers_every_resource(),
        *(_exempts_principals(*condition, values) for condition, values in statement.conditions.items()),
    )


def _exempts_principals(operator: str, key: str, values: list[object]) -> Verdict:
    """Whether a condition only exempts specific principals, which the AWS Config rule accepts as well."""
    if key not in ("aws:principalarn", "aws:userid") or "Not" not in operator:
        return failed("a condition limits the denial by {}", key)
    return all_of(_exempts(as_pattern(value)) for value in values)


def _exempts(pattern: str) -> Verdict:
    name = pattern.split(":", 5)[-1] if pattern.startswith("arn:") else pattern
    # The type of the principal precedes its name, as in `role/backup`.
    name = name.partition("/")[2] or name
    literal = name.partition("*")[0].partition("?")[0]
    if literal != name and (len(literal) <= len("AROA") or name is pattern.split(":", 5)[-1] is not pattern):
        # A mere wildcard, `A*` (the ids of all roles and users), or `…:role/*`.
        return failed("a condition exempts every principal, or every role: {}", pattern)
    if name.startswith(OPEN):
        return unresolved("a condition exempts a principal that is known only at deployment")
    return passed("a condition exempts specific principals")


@control(
    resource_types=PLAN,
    kind="backups",
    severity="medium",
    severity_reason="Missing backups are an exception in an audit. Data is lost only after another failure.",
    fix="Set `delete_after=Duration.days(35)` or more on every rule, or a vault lock with `min_retention` of 35 days "
    "(BackupPlan.BackupPlanRule[].Lifecycle.DeleteAfterDays, LockConfiguration.MinRetentionDays).",
    config_rule="BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK",
    config_parameters={"requiredRetentionDays": "35"},
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def backup_recovery_point_min_retention_35_days(
    plan: Resource, *, backup_retention_days: int = BACKUP_RETENTION_DAYS
) -> Verdict:
    """Recovery points are kept 35 days or longer.

    Data loss is often noticed late, so recovery points of every rule must still be available then. A vault lock with
    that minimum retention also passes, because the vault rejects shorter retention periods.

    Existing recovery points keep their lifecycle; the AWS Config rule checks those. Backup storage is charged.
    """
    return all_of(
        _keeps(rule, backup_retention_days)
        | _is_locked(rule["TargetBackupVault"].target_of(VAULT), backup_retention_days)
        for rule in plan["BackupPlan.BackupPlanRule"].each()
    )


def _is_locked(vault: Resource | None, days: float) -> Verdict:
    if vault is None:
        return failed("the target backup vault has no LockConfiguration in the assembly")
    return vault["LockConfiguration.MinRetentionDays"].default(0).at_least(days)


@control(
    resource_types=DATA_STORES,
    scope="region",
    kind="backups",
    severity="medium",
    severity_reason="Missing backups are an exception in an audit. Data is lost only after another failure.",
    fix='Add `plan = backup.BackupPlan(self, "Plan")` and `plan.add_tagged()` of soc2_constructs.aws_backup to a stack '
    "in that region (AWS::Backup::BackupPlan, AWS::Backup::BackupSelection).",
    prowler=("backup_plans_exist",),
    live_only=True,
    also_mapped={"Powerpipe": ("A1.2", "PI1.5")},
)
def backup_plan_region_configured(stores: list[Resource]) -> Verdict:
    """Every region with data stores has a backup plan.

    A backup plan covers only its own region and account, so a region that is added later starts without one. Buckets
    that hold only access logs or replicas are not counted.

    Nothing is interrupted. Backup storage is charged.
    """
    sources = [store for store in stores if store.exists and not _holds_copies(store)]
    if not sources:
        return passed("does not apply: the region has no data store that needs a backup plan")
    first = sources[0]
    return any_of(
        same_place(plan, first).with_pass_message("{} is a backup plan in the same account and region", plan.logical_id)
        for plan in first.all_of_type(PLAN)
    ).with_message(
        f"{first.region or 'the region'} has {len(sources)} data store{'s' if len(sources) > 1 else ''} "
        f"({first.logical_id}{', …' if len(sources) > 1 else ''}) and no backup plan"
    )


def _holds_copies(store: Resource) -> bool:
    return store.type == BUCKET and (is_log_destination(store) or is_replica(store))
