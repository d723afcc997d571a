"""AWS Backup."""

from __future__ import annotations

from soc2_constructs.aws.backup_selection import PLAN
from soc2_constructs.aws.places import same_place
from soc2_constructs.aws.policies import Statement, statements_of
from soc2_constructs.aws.schedules import fires_daily
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, failed, passed, unresolved
from soc2_constructs.controls import control
from soc2_constructs.controls.s3 import BUCKET, is_log_destination, is_replica

VAULT = "AWS::Backup::BackupVault"

#: What keeps data that AWS Backup can back up.
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
    resource_types=PLAN,
    kind="backups",
    severity="medium",
    fix="Give the plan a rule that runs daily with `delete_after=Duration.days(35)` or more "
    "(BackupPlan.BackupPlanRule[].ScheduleExpression and Lifecycle.DeleteAfterDays).",
    config_rule="BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
    config_parameters={"requiredFrequencyUnit": "days", "requiredFrequencyValue": "1", "requiredRetentionDays": "35"},
    also_mapped={"Powerpipe": ("CC7.4", "A1.2", "A1.3")},
)
def backup_plan_min_retention_35_days(plan: Resource, *, backup_retention_days: int = 35) -> Verdict:
    """Backup plans run at least daily and keep recovery points 35 days or longer.

    A backup that is a week old loses a week of work; one that is deleted after a week is gone when the damage is
    noticed in the third. One rule has to do both; other rules may run more often and keep less. Without a schedule AWS
    Backup runs daily, without a lifecycle it keeps for ever. A change holds for recovery points made from then on.
    """
    return any_of(
        _runs_daily(rule["ScheduleExpression"]) & _keeps(rule, backup_retention_days)
        for rule in plan["BackupPlan.BackupPlanRule"].each()
    ).with_message(f"no rule runs daily and keeps recovery points for {backup_retention_days:g} days")


def _runs_daily(schedule: Value) -> Verdict:
    if schedule.is_absent:
        return passed("without a schedule AWS Backup runs daily")
    return schedule.satisfies(lambda found: isinstance(found, str) and bool(fires_daily(found)), "a daily schedule")


def _keeps(rule: Value, days: float) -> Verdict:
    return rule["Lifecycle.DeleteAfterDays"].default(float("inf"), "recovery points never expire").at_least(days)


@control(
    resource_types=VAULT,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `encryption_key=key` (EncryptionKeyArn), and deploy the AWS Config rule BACKUP_RECOVERY_POINT_ENCRYPTED.",
    config_rule="BACKUP_RECOVERY_POINT_ENCRYPTED",
    prowler=("backup_recovery_point_encrypted", "backup_vaults_encrypted"),
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2", "PI1.5")},
)
def backup_recovery_point_encryption_enabled(vault: Resource) -> Verdict:
    """Backup vaults name the key that encrypts recovery points.

    With a key of yours, access to backups can be withdrawn apart from access to what they are backups of. A vault takes
    its key once: to change it replaces the vault. Some types of recovery points are encrypted as their source is: those
    the AWS Config rule sees in the live account.
    """
    return vault["EncryptionKeyArn"].is_set()


@control(
    resource_types=VAULT,
    kind="backups",
    severity="high",
    fix="Set `lock_configuration=backup.LockConfiguration(min_retention=Duration.days(35))`, or deny "
    "backup:DeleteRecoveryPoint, backup:UpdateRecoveryPointLifecycle and backup:PutBackupVaultAccessPolicy to everyone "
    "(LockConfiguration.MinRetentionDays, AccessPolicy).",
    config_rule="BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED",
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def backup_recovery_point_manual_deletion_disabled(vault: Resource) -> Verdict:
    """Nobody can delete recovery points by hand.

    Who can delete backups can hold their owner to ransom. A vault lock with a least retention keeps recovery points for
    that time; a policy that denies deletion must deny its own change too. Neither interrupts anything. The AWS Config
    rule looks at the policy alone.
    """
    lock = vault["LockConfiguration.MinRetentionDays"].default(0).at_least(1)
    policy = statements_of(vault, "AccessPolicy")
    denied = all_of(any_of(_denies(statement, action) for statement in policy) for action in _DELETING_ACTIONS)
    return (lock | denied).with_message("no lock and no policy keeps recovery points from being deleted")


def _denies(statement: Statement, action: str) -> Verdict:
    if statement.malformed:
        return unresolved("a statement of the access policy is not known: {}", statement.malformed)
    if not statement.denies or not all(_spares_principals(*condition) for condition in statement.conditions):
        return failed("the statement denies something else")
    return statement.is_for_everyone() & statement.covers_action(action)


def _spares_principals(operator: str, key: str) -> bool:
    """Whether a condition does no more than leave out named principals, as AWS's own rule allows it."""
    return key in ("aws:principalarn", "aws:userid") and "Not" in operator


@control(
    resource_types=PLAN,
    kind="backups",
    severity="medium",
    fix="Set `delete_after=Duration.days(35)` or more on every rule, or a vault lock with `min_retention` of 35 days "
    "(BackupPlan.BackupPlanRule[].Lifecycle.DeleteAfterDays, LockConfiguration.MinRetentionDays).",
    config_rule="BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK",
    config_parameters={"requiredRetentionDays": "35"},
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def backup_recovery_point_min_retention_35_days(plan: Resource, *, backup_retention_days: int = 35) -> Verdict:
    """Recovery points live 35 days or longer.

    Damage is often noticed late: what every rule of a plan makes should still be there then. A vault whose lock demands
    the retention refuses shorter-lived recovery points, which counts as well. Recovery points that exist keep the
    lifecycle they were made with; the AWS Config rule sees those.
    """
    return all_of(
        _keeps(rule, backup_retention_days)
        | _is_locked(rule["TargetBackupVault"].target_of(VAULT), backup_retention_days)
        for rule in plan["BackupPlan.BackupPlanRule"].each()
    )


def _is_locked(vault: Resource | None, days: float) -> Verdict:
    if vault is None:
        return failed("its vault has no lock that demands it")
    return vault["LockConfiguration.MinRetentionDays"].default(0).at_least(days)


@control(
    resource_types=DATA_STORES,
    scope="region",
    kind="backups",
    severity="medium",
    fix='Add `plan = backup.BackupPlan(self, "Plan")` and `plan.add_tagged()` of aws_backup to a stack in that '
    "region (AWS::Backup::BackupPlan, AWS::Backup::BackupSelection).",
    prowler=("backup_plans_exist",),
    live_only=True,
    also_mapped={"Powerpipe": ("A1.2", "PI1.5")},
)
def backup_plan_region_configured(stores: list[Resource]) -> Verdict:
    """Every region that holds data stores has a backup plan.

    Plans reach their own region and account only. A region that somebody adds later starts without any: this control
    fails until it has one. Buckets that hold nothing but access logs or replicas ask for none.
    """
    kept = [store for store in stores if store.exists and not _holds_copies(store)]
    if not kept:
        return passed("does not apply: nothing here keeps data of its own")
    first = kept[0]
    return any_of(same_place(plan, first) for plan in first.all_of_type(PLAN)).with_message(
        f"{first.region or 'the region'} holds {len(kept)} data store{'s' if len(kept) > 1 else ''} "
        f"({first.logical_id}{', …' if len(kept) > 1 else ''}) and no backup plan"
    )


def _holds_copies(store: Resource) -> bool:
    return store.type == BUCKET and (is_log_destination(store) or is_replica(store))
