"""Backup plans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from soc2_constructs.hardening import (
    BACKUP_TAG,
    Hardening,
    Init,
    PropsContext,
    hardened,
    provide,
    raise_together,
    refuse,
)

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk.interfaces.aws_backup import IBackupVaultRef
from constructs import Construct

from soc2_constructs.aws.schedules import fires_daily
from soc2_constructs.aws_backup.vaults import RETENTION_DAYS, days_of, recovery_vaults, shared_vault

#: The resource types that `BackupPlan.add_tagged` selects, with the ARNs of all their resources. Amazon Neptune and
#: Amazon DocumentDB have the ARNs of Aurora.
SELECTED_TYPES = {
    "Aurora": "rds:*:*:cluster:*",
    "DynamoDB": "dynamodb:*:*:table/*",
    "EBS": "ec2:*:*:volume/*",
    "EC2": "ec2:*:*:instance/*",
    "EFS": "elasticfilesystem:*:*:file-system/*",
    "FSx": "fsx:*:*:file-system/*",
    "FSx volumes": "fsx:*:*:volume/*",
    "RDS": "rds:*:*:db:*",
    "Redshift": "redshift:*:*:cluster:*",
    "S3": "s3:::*",
}


def backup_role(scope: Construct, *policies: str) -> iam.Role:
    """A role for AWS Backup, with AWS managed policies."""
    role = iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal("backup.amazonaws.com"))
    for policy in policies:
        role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(policy))
    return role


def _keeps(rule: backup.BackupPlanRule) -> bool:
    after = rule.props.delete_after
    return after is None or days_of(after) >= RETENTION_DAYS


def _is_daily(rule: backup.BackupPlanRule) -> bool:
    """Whether a rule runs daily, which is the default schedule of AWS Backup."""
    schedule = rule.props.schedule_expression
    return schedule is None or fires_daily(schedule.expression_string) is not False


def _one_serves(rules: Any, _: PropsContext) -> bool:
    return any(_is_daily(rule) and _keeps(rule) for rule in rules)


def _all_keep(rules: Any, _: PropsContext) -> bool:
    return all(map(_keeps, rules))


def daily_rule(
    vault: backup.IBackupVault | None = None,
    *,
    copy_to: Sequence[backup.IBackupVault] = (),
    retention: cdk.Duration | None = None,
    schedule: events.Schedule | None = None,
) -> backup.BackupPlanRule:
    """A rule that creates a recovery point every day.

    Args:
        vault: The vault for the recovery points. Default: the vault of the plan.
        copy_to: Vaults in other regions or accounts that receive a copy. Default: none.
        retention: The retention of recovery points and copies. Default: 35 days.
        schedule: The schedule. Default: daily at 05:00 UTC.
    """
    retention = retention or cdk.Duration.days(RETENTION_DAYS)
    return backup.BackupPlanRule(
        rule_name="Daily",
        backup_vault=vault,
        schedule_expression=schedule or events.Schedule.cron(hour="5", minute="0"),
        delete_after=retention,
        copy_actions=[
            backup.BackupPlanCopyActionProps(destination_backup_vault=other, delete_after=retention)
            for other in copy_to
        ]
        or None,
    )


BACKUP_PLAN = Hardening(
    backup.BackupPlan,
    provide(
        "backup_plan_rules",
        lambda context: [daily_rule(copy_to=recovery_vaults(context.scope))],
        "backup_plan_min_retention_35_days",
        accepts=_one_serves,
        required=f"a rule that runs daily and keeps recovery points for {RETENTION_DAYS} days or more",
        bad_value=lambda _: [backup.BackupPlanRule.weekly()],
        bad_override=("BackupPlan.BackupPlanRule.0.ScheduleExpression", "cron(0 5 ? * SAT *)"),
    ),
    refuse(
        "backup_plan_rules",
        "backup_recovery_point_min_retention_35_days",
        accepts=_all_keep,
        required=f"delete_after of {RETENTION_DAYS} days or more on every rule",
        bad_value=lambda _: [daily_rule(), backup.BackupPlanRule(delete_after=cdk.Duration.days(7))],
    ),
    provide(
        "backup_vault",
        lambda context: shared_vault(context.scope),
        None,
        required="a vault; by default one per stack",
        when=lambda context: any(
            rule.props.backup_vault is None for rule in context.props.get("backup_plan_rules") or [daily_rule()]
        ),
    ),
    # A plan without rules gets its rules later, by `add_rule`.
    enforced=False,
)


def _build_plan(plan: BackupPlan, init: Init, context: PropsContext) -> None:
    init(context.props)
    plan._tagged = None


@hardened(BACKUP_PLAN, _build_plan)
class BackupPlan(backup.BackupPlan):
    """A plan with daily recovery points, a retention of 35 days, and copies in the disaster recovery region if set.

    Controls: backup_plan_min_retention_35_days, backup_recovery_point_min_retention_35_days.
    AWS page: "Backup plan options and configuration".
    """

    _tagged: backup.BackupSelection | None

    @classmethod
    def daily35_day_retention(
        cls, scope: Construct, id: str, backup_vault: IBackupVaultRef | None = None
    ) -> BackupPlan:
        """Create a plan with a daily rule and a retention of 35 days."""
        return cls._of(scope, id, backup_vault, backup.BackupPlanRule.daily())

    @classmethod
    def daily_monthly1_year_retention(
        cls, scope: Construct, id: str, backup_vault: IBackupVaultRef | None = None
    ) -> BackupPlan:
        """Create a plan with a daily rule, and a monthly rule with a retention of one year."""
        rules = (backup.BackupPlanRule.daily(), backup.BackupPlanRule.monthly1_year())
        return cls._of(scope, id, backup_vault, *rules)

    @classmethod
    def daily_weekly_monthly5_year_retention(
        cls, scope: Construct, id: str, backup_vault: IBackupVaultRef | None = None
    ) -> BackupPlan:
        """Create a plan with daily and weekly rules, and a monthly rule with a retention of five years."""
        monthly = backup.BackupPlanRule.monthly5_year()
        return cls._of(scope, id, backup_vault, backup.BackupPlanRule.daily(), backup.BackupPlanRule.weekly(), monthly)

    @classmethod
    def daily_weekly_monthly7_year_retention(
        cls, scope: Construct, id: str, backup_vault: IBackupVaultRef | None = None
    ) -> BackupPlan:
        """Create a plan with daily and weekly rules, and a monthly rule with a retention of seven years."""
        monthly = backup.BackupPlanRule.monthly7_year()
        return cls._of(scope, id, backup_vault, backup.BackupPlanRule.daily(), backup.BackupPlanRule.weekly(), monthly)

    @classmethod
    def _of(cls, scope: Construct, id: str, vault: IBackupVaultRef | None, *rules: backup.BackupPlanRule) -> BackupPlan:
        return cls(scope, id, backup_vault=vault, backup_plan_rules=list(rules))

    def add_rule(self, rule: backup.BackupPlanRule) -> None:
        """Add a rule with a retention of 35 days or longer.

        Raises:
            NonCompliantError: the retention is shorter (backup_recovery_point_min_retention_35_days).
        """
        raise_together(BACKUP_PLAN.violations({"backup_plan_rules": [daily_rule(), rule]}, self, ""))
        super().add_rule(rule)

    def add_tagged(self) -> backup.BackupSelection:
        """Select all resources of `SELECTED_TYPES` in the account and region that have the tag `soc2:backup: true`.

        The stateful constructs of this library have the tag. `cdk.Tags.of(construct).add("soc2:backup", "false")`
        excludes a construct.

        The selection names the resource types, because AWS Backup otherwise skips the types that are not enabled in the
        settings of the account and region. For Aurora, Amazon Neptune and Amazon DocumentDB that setting applies in
        any case: enable it once with `aws backup update-region-settings`.

        AWS page: "Assigning resources to a backup plan".
        """
        if self._tagged is None:
            stack = cdk.Stack.of(self)
            role = backup_role(
                self,
                "service-role/AWSBackupServiceRolePolicyForBackup",
                "AWSBackupServiceRolePolicyForS3Backup",
            )
            arns = [f"arn:{stack.partition}:{resource}" for resource in SELECTED_TYPES.values()]
            self._tagged = self.add_selection(
                "Tagged",
                resources=[backup.BackupResource.from_arn(arn) for arn in arns],
                role=role,
                disable_default_backup_policy=True,
            )
            resource = self._tagged.node.default_child
            assert isinstance(resource, backup.CfnBackupSelection)
            # The CDK has no property for conditions.
            resource.add_property_override(
                "BackupSelection.Conditions.StringEquals",
                [{"ConditionKey": f"aws:ResourceTag/{BACKUP_TAG}", "ConditionValue": "true"}],
            )
        return self._tagged
