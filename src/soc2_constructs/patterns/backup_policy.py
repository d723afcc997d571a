"""BackupPolicy: backups and restore tests for an account and region."""

from __future__ import annotations

from collections.abc import Sequence

from soc2_constructs.hardening import BACKUP_TAG

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_sns as sns
from constructs import Construct

from soc2_constructs import aws_backup as backup


class BackupPolicy(Construct):
    """A backup vault, a plan for tagged resources, restore tests, an audit framework, and failure notifications.

    Create one in each account and region with data: the plan selects the tagged resources of all stacks. For Aurora,
    enable AWS Backup once in the account and region: see `aws_backup.BackupPlan.add_tagged`.

    Args:
        scope: The scope of the construct.
        id: The id of the construct.
        vault: The vault. Default: a locked vault that is encrypted with the default key of the stack.
        retention: The retention of recovery points, 35 days or longer. Default: 35 days.
        schedule: The schedule, at least daily. Default: daily at 05:00 UTC.
        copy_to: Vaults in other regions or accounts that receive a copy. Default: a vault in the region of the context
            key `soc2:dr-region`, if it is set.
        restore_tests: The resource types for weekly restore tests; `()` for none. Default:
            `aws_backup.RESTORABLE_TYPES`, without those that require a VPC if there is no `restore_vpc`.
        restore_vpc: The VPC for restored databases and instances. Default: none; they are not tested, because AWS
            Backup would restore production data into the default VPC.
        restore_subnets: The subnets in that VPC. Default: isolated subnets if the VPC has any, otherwise private ones.
        restore_security_groups: The security groups of restored databases and instances. Default: a new one without
            rules.
        audit_framework: Whether to create an AWS Backup Audit Manager framework, which requires AWS Config.
            Default True.
        topic: The topic for failures. Default: the topic that the stack shares.

    Raises:
        NonCompliantError: the retention is below 35 days, or the schedule is not daily.

    Controls: backup_plan_min_retention_35_days, backup_plan_region_configured, backup_recovery_point_*, and those that
    require a backup plan for resources with the tag `soc2:backup`. Criteria: A1.2, A1.3, CC7.4, CC7.5.
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
        restore_tests: Sequence[str] | None = None,
        restore_vpc: ec2.IVpc | None = None,
        restore_subnets: ec2.SubnetSelection | None = None,
        restore_security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        audit_framework: bool = True,
        topic: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, id)
        retention = retention or cdk.Duration.days(backup.RETENTION_DAYS)
        copies = backup.recovery_vaults(self) if copy_to is None else copy_to
        rule = backup.daily_rule(copy_to=copies, retention=retention, schedule=schedule)
        #: The plan; `plan.add_rule(...)` and `plan.add_selection(...)` add to it.
        self.plan = backup.BackupPlan(self, "Plan", backup_vault=vault, backup_plan_rules=[rule])
        #: The vault.
        self.vault = self.plan.backup_vault
        #: The selection of the tagged resources.
        self.selection = self.plan.add_tagged()
        #: The failure notifications.
        self.notifications = backup.FailureNotifications(self, "Failures", topic=topic)
        #: The restore tests; None without.
        self.restore_testing = (
            None
            if restore_tests is not None and not restore_tests
            else backup.RestoreTesting(
                self,
                "Restores",
                resource_types=restore_tests,
                vpc=restore_vpc,
                vpc_subnets=restore_subnets,
                security_groups=restore_security_groups,
                tag=BACKUP_TAG,
            )
        )
        #: The AWS Backup Audit Manager framework and its report; None without.
        self.audit_framework = (
            backup.AuditFramework(self, "Audit", retention_days=int(retention.to_days())) if audit_framework else None
        )
