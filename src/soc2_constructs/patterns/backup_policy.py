"""BackupPolicy: everything of a region is backed up, and the proof that it can be restored."""

from __future__ import annotations

from collections.abc import Sequence

from soc2_constructs.hardening import BACKUP_TAG

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_sns as sns
from constructs import Construct

from soc2_constructs import aws_backup as backup


class BackupPolicy(Construct):
    """A vault, a plan that selects what carries our tag, restore tests, an audit framework, and a word on failures.

    One in each account and region that holds data is enough: the plan selects what any stack there tags.

    Args:
        scope: Where the construct belongs.
        id: Its id there.
        vault: Where backups go. Default: a vault that is locked and encrypted with the stack's key.
        retention: How long recovery points live, 35 days or longer. Default: 35 days.
        schedule: When backups start, at least daily. Default: 05:00 UTC.
        copy_to: Vaults in other regions or accounts that get a copy. Default: one in the region that the context key
            `soc2:dr-region` names, none without it.
        restore_tests: Types whose backups are restored once a week, to see that they can be. Default: every type that
            AWS Backup can restore on its own; `()` for none.
        audit_framework: Whether AWS Backup Audit Manager reports, for which AWS Config has to record. Default True.
        topic: Where failures are told. Default: the topic that the constructs of a stack share.

    Raises:
        NonCompliantError: the retention is too short, or the schedule does not run daily.

    Controls: backup_plan_min_retention_35_days, backup_plan_region_configured, backup_recovery_point_*, and those that
    ask for a backup plan, for what carries the tag `soc2:backup`. Criteria: A1.2, A1.3, CC7.4, CC7.5.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vault: backup.IBackupVault | None = None,
        retention: cdk.Duration | None = None,
        schedule: events.Schedule | None = None,
        copy_to: Sequence[backup.IBackupVault] | None = None,
        restore_tests: Sequence[str] = backup.RESTORABLE_TYPES,
        audit_framework: bool = True,
        topic: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, id)
        retention = retention or cdk.Duration.days(backup.RETENTION_DAYS)
        copies = backup.recovery_vaults(self) if copy_to is None else copy_to
        rule = backup.daily_rule(copy_to=copies, retention=retention, schedule=schedule)
        #: The plan; `plan.add_rule(...)` and `plan.add_selection(...)` add to it.
        self.plan = backup.BackupPlan(self, "Plan", backup_vault=vault, backup_plan_rules=[rule])
        #: Where backups go.
        self.vault = self.plan.backup_vault
        #: What is backed up: whatever carries the tag.
        self.selection = self.plan.add_tagged()
        #: Who is told of failures.
        self.notifications = backup.FailureNotifications(self, "Failures", topic=topic)
        #: The weekly restores; None where there are none.
        self.restore_testing = (
            backup.RestoreTesting(self, "Restores", resource_types=restore_tests, tag=BACKUP_TAG)
            if restore_tests
            else None
        )
        #: AWS Backup Audit Manager's framework and report; None without.
        self.audit_framework = (
            backup.AuditFramework(self, "Audit", retention_days=int(retention.to_days())) if audit_framework else None
        )
