"""AWS Backup: all of `aws_cdk.aws_backup`, with vaults and plans that comply, and what proves that they work."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.interfaces.aws_backup import IBackupVaultRef

from constructs import Construct, IConstruct
from soc2_constructs.aws.schedules import fires_daily
from soc2_constructs.aws_kms import data_key
from soc2_constructs.aws_s3 import Bucket
from soc2_constructs.aws_sns import notification_topic
from soc2_constructs.hardening import (
    BACKUP_TAG,
    NAMED_REMOVAL_POLICY,
    Hardening,
    Init,
    PropsContext,
    default,
    deployed_path,
    hardened,
    provide,
    raise_together,
    recovery_stack,
    refuse,
    require,
    stack_singleton,
    unique_name,
)

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_backup import *

#: How long a recovery point has to live, by the controls: days.
RETENTION_DAYS = 35

#: Types that AWS Backup can restore on its own, as restore testing names them.
RESTORABLE_TYPES = ("Aurora", "DynamoDB", "EBS", "EC2", "EFS", "RDS", "S3")


def _days(duration: Any) -> float:
    """Days of a duration; a token counts as enough, since the pack judges it in the template."""
    if not isinstance(duration, cdk.Duration) or duration.is_unresolved():
        return float("inf")
    return float(duration.to_days(integral=False))


BACKUP_VAULT = Hardening(
    backup.BackupVault,
    provide(
        "encryption_key",
        lambda context: data_key(context.scope),
        "backup_recovery_point_encryption_enabled",
        required="a KMS key; one per stack unless you give one",
        bad_override=("EncryptionKeyArn", None),
    ),
    require(
        "block_recovery_point_deletion",
        True,
        "backup_recovery_point_manual_deletion_disabled",
        bad_value=False,
        bad_override=("LockConfiguration", None),
    ),
    # In governance mode, in which whoever may administer the vault can lift the lock; `changeable_for` makes it final.
    provide(
        "lock_configuration",
        lambda _: backup.LockConfiguration(min_retention=cdk.Duration.days(RETENTION_DAYS)),
        None,
        required=f"a min_retention of {RETENTION_DAYS} days, unless you say otherwise",
        only_with="block_recovery_point_deletion",
    ),
    default("removal_policy", cdk.RemovalPolicy.RETAIN),
)


@hardened(BACKUP_VAULT)
class BackupVault(backup.BackupVault):
    """A vault that is encrypted with a customer managed key, whose recovery points nobody can delete by hand.

    Its lock refuses recovery points that would live for less than 35 days, and is in governance mode. The AWS Config
    rule for manual deletion also wants `backup:PutBackupVaultAccessPolicy` denied: that would shut out CloudFormation
    itself, so it is yours to add by `access_policy`, once the policy is final.
    """


def shared_vault(scope: IConstruct) -> BackupVault:
    """The vault of a stack's backup plans, unless they are context one; one per stack."""
    return stack_singleton(scope, "BackupVault", lambda holder, id: BackupVault(holder, id))


def recovery_vault(scope: IConstruct) -> backup.IBackupVault | None:
    """The vault in the disaster-recovery region that gets the copies of a stack's backups.

    None without the context key `soc2:dr-region`, or where the stack is agnostic of its region.
    """
    stack = recovery_stack(scope)
    if stack is None:
        return None
    name = re.sub("[^a-zA-Z0-9_-]", "-", stack.stack_name)[-50:]

    def make(holder: Construct, id: str) -> BackupVault:
        return BackupVault(holder, id, backup_vault_name=name, removal_policy=NAMED_REMOVAL_POLICY)

    stack_singleton(stack, "BackupVault", make)
    # By name: a reference from region to region would take custom resources.
    arn = stack.format_arn(
        service="backup", resource="backup-vault", resource_name=name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
    )
    return stack_singleton(
        scope, "RecoveryVault", lambda holder, id: backup.BackupVault.from_backup_vault_arn(holder, id, arn)
    )


def recovery_vaults(scope: IConstruct) -> list[backup.IBackupVault]:
    """The same as a list, which is empty where there is none."""
    vault = recovery_vault(scope)
    return [] if vault is None else [vault]


def _keeps(rule: backup.BackupPlanRule) -> bool:
    after = rule.props.delete_after
    return after is None or _days(after) >= RETENTION_DAYS


def _is_daily(rule: backup.BackupPlanRule) -> bool:
    """Whether a rule backs up every day: without a schedule AWS Backup does."""
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
    """Back up every day, and keep it.

    Args:
        vault: Where to. Default: the plan's vault.
        copy_to: Vaults in other regions or accounts that get a copy. Default: none.
        retention: How long backups and copies live. Default: 35 days.
        schedule: When. Default: 05:00 UTC.
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
        required="a vault; one per stack unless you give one",
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
    """A plan that backs up every day and keeps it for 35 days, with a copy in the disaster-recovery region if named."""

    _tagged: backup.BackupSelection | None

    @classmethod
    def daily35_day_retention(
        cls, scope: Construct, id: str, backup_vault: IBackupVaultRef | None = None
    ) -> BackupPlan:
        """Daily, kept for 35 days."""
        return cls._of(scope, id, backup_vault, backup.BackupPlanRule.daily())

    @classmethod
    def daily_monthly1_year_retention(
        cls, scope: Construct, id: str, backup_vault: IBackupVaultRef | None = None
    ) -> BackupPlan:
        """Daily, and monthly kept for a year."""
        rules = (backup.BackupPlanRule.daily(), backup.BackupPlanRule.monthly1_year())
        return cls._of(scope, id, backup_vault, *rules)

    @classmethod
    def daily_weekly_monthly5_year_retention(
        cls, scope: Construct, id: str, backup_vault: IBackupVaultRef | None = None
    ) -> BackupPlan:
        """Daily, weekly, and monthly kept for five years."""
        monthly = backup.BackupPlanRule.monthly5_year()
        return cls._of(scope, id, backup_vault, backup.BackupPlanRule.daily(), backup.BackupPlanRule.weekly(), monthly)

    @classmethod
    def daily_weekly_monthly7_year_retention(
        cls, scope: Construct, id: str, backup_vault: IBackupVaultRef | None = None
    ) -> BackupPlan:
        """Daily, weekly, and monthly kept for seven years."""
        monthly = backup.BackupPlanRule.monthly7_year()
        return cls._of(scope, id, backup_vault, backup.BackupPlanRule.daily(), backup.BackupPlanRule.weekly(), monthly)

    @classmethod
    def _of(cls, scope: Construct, id: str, vault: IBackupVaultRef | None, *rules: backup.BackupPlanRule) -> BackupPlan:
        return cls(scope, id, backup_vault=vault, backup_plan_rules=list(rules))

    def add_rule(self, rule: backup.BackupPlanRule) -> None:
        """Add a rule, which must keep recovery points for 35 days or longer.

        Raises:
            NonCompliantError: the rule deletes them earlier (backup_plan_min_retention_35_days).
        """
        raise_together(BACKUP_PLAN.violations({"backup_plan_rules": [daily_rule(), rule]}, self, ""))
        super().add_rule(rule)

    def add_tagged(self) -> backup.BackupSelection:
        """Select everything in this account and region that carries the tag of our stateful constructs.

        The tag is `soc2:backup`, its value `true`; `cdk.Tags.of(...).add("soc2:backup", "false")` leaves one out.
        """
        if self._tagged is None:
            role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("backup.amazonaws.com"))
            for policy in ("AWSBackupServiceRolePolicyForS3Backup", "AWSBackupServiceRolePolicyForS3Restore"):
                role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(policy))
            self._tagged = self.add_selection(
                "Tagged",
                resources=[backup.BackupResource.from_tag(BACKUP_TAG, "true")],
                role=role,
                allow_restores=True,
            )
        return self._tagged


class RestoreTesting(Construct):
    """Proof that backups can be restored: once a week a recovery point of each type is, and deleted again (A1.3).

    Args:
        scope: Where the construct belongs.
        id: Its id there.
        resource_types: What to restore, as AWS Backup names the types. Default: `RESTORABLE_TYPES`.
        schedule: When. Default: Sunday, 06:00 UTC.
        window_days: How old a recovery point may be, from 1 to 365 days. Default: 7.
        tag: Key of the tag, with the value `true`, that resources carry. Default: that of our stateful constructs.

    Controls: those of A1.3 have no template check of their own; the results stand in AWS Backup.
    Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        resource_types: Sequence[str] = RESTORABLE_TYPES,
        schedule: events.Schedule | None = None,
        window_days: int = 7,
        tag: str = BACKUP_TAG,
    ) -> None:
        super().__init__(scope, id)
        name = _underscored(self, 50)
        schedule = schedule or events.Schedule.cron(week_day="SUN", hour="6", minute="0")
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("backup.amazonaws.com"))
        for policy in (
            "service-role/AWSBackupServiceRolePolicyForRestores",
            "AWSBackupServiceRolePolicyForS3Restore",
        ):
            self.role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(policy))
        self.plan = backup.CfnRestoreTestingPlan(
            self,
            "Plan",
            restore_testing_plan_name=name,
            schedule_expression=schedule.expression_string,
            recovery_point_selection=backup.CfnRestoreTestingPlan.RestoreTestingRecoveryPointSelectionProperty(
                algorithm="RANDOM_WITHIN_WINDOW",
                include_vaults=["*"],
                recovery_point_types=["CONTINUOUS", "SNAPSHOT"],
                selection_window_days=window_days,
            ),
        )
        for resource_type in resource_types:
            selection = backup.CfnRestoreTestingSelection(
                self,
                resource_type,
                iam_role_arn=self.role.role_arn,
                protected_resource_type=resource_type,
                protected_resource_arns=["*"],
                protected_resource_conditions=backup.CfnRestoreTestingSelection.ProtectedResourceConditionsProperty(
                    string_equals=[
                        backup.CfnRestoreTestingSelection.KeyValueProperty(key=f"aws:ResourceTag/{tag}", value="true")
                    ]
                ),
                restore_testing_plan_name=name,
                restore_testing_selection_name=resource_type,
            )
            selection.add_resource_dependency(self.plan)


class FailureNotifications(Construct):
    """A message for every backup, copy and restore job that does not succeed.

    Args:
        scope: Where the construct belongs.
        id: Its id there.
        topic: Where messages go; its policy must let `events.amazonaws.com` publish, its key too. Default: the topic
            that the constructs of a stack share. Nobody subscribes to it but you: `topic.add_subscription(...)`.

    Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
    """

    def __init__(self, scope: Construct, id: str, *, topic: sns.ITopic | None = None) -> None:
        super().__init__(scope, id)
        self.topic = topic or notification_topic(self)
        for id, detail_type, field in (
            ("Backup", "Backup Job State Change", "state"),
            ("Copy", "Copy Job State Change", "state"),
            ("Restore", "Restore Job State Change", "status"),
        ):
            events.Rule(
                self,
                id,
                event_pattern=events.EventPattern(
                    source=["aws.backup"],
                    detail_type=[detail_type],
                    detail={field: ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"]},
                ),
                targets=[targets.SnsTopic(self.topic)],
            )


class AuditFramework(Construct):
    """AWS Backup Audit Manager: daily, whether what is backed up is backed up as the controls want it, as a report.

    AWS Config has to record in the account. One report plan writes to a bucket.

    Args:
        scope: Where the construct belongs.
        id: Its id there.
        retention_days: How long a recovery point must live. Default: 35 days.
        bucket: Where reports go. Default: a bucket of its own.

    Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/controls-and-remediation.html
    """

    def __init__(
        self, scope: Construct, id: str, *, retention_days: int = RETENTION_DAYS, bucket: s3.IBucket | None = None
    ) -> None:
        super().__init__(scope, id)
        retention = {"requiredRetentionDays": str(retention_days)}
        controls: Mapping[str, Mapping[str, str]] = {
            "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN": {},
            "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK": {
                "requiredFrequencyUnit": "days",
                "requiredFrequencyValue": "1",
                **retention,
            },
            "BACKUP_RECOVERY_POINT_ENCRYPTED": {},
            "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED": {},
            "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK": retention,
        }
        self.framework = backup.CfnFramework(
            self,
            "Framework",
            framework_name=_underscored(self, 256),
            framework_controls=[
                backup.CfnFramework.FrameworkControlProperty(
                    control_name=name,
                    control_input_parameters=[
                        backup.CfnFramework.ControlInputParameterProperty(parameter_name=key, parameter_value=value)
                        for key, value in parameters.items()
                    ]
                    or None,
                )
                for name, parameters in controls.items()
            ],
        )
        self.bucket = bucket or Bucket(self, "Reports")
        stack = cdk.Stack.of(self)
        self.report_plan = backup.CfnReportPlan(
            self,
            "ReportPlan",
            report_plan_name=_underscored(self, 256),
            report_setting={
                "ReportTemplate": "CONTROL_COMPLIANCE_REPORT",
                "FrameworkArns": [self.framework.attr_framework_arn],
            },
            report_delivery_channel={"S3BucketName": self.bucket.bucket_name, "Formats": ["CSV", "JSON"]},
        )
        writer = iam.ArnPrincipal(
            stack.format_arn(
                service="iam",
                region="",
                resource="role",
                resource_name="aws-service-role/reports.backup.amazonaws.com/AWSServiceRoleForBackupReports",
            )
        )
        allowed = self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="BackupReports",
                principals=[writer],
                actions=["s3:PutObject"],
                resources=[self.bucket.arn_for_objects("*")],
                conditions={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            )
        )
        # The service makes that role with the first report plan, and S3 refuses a policy that names an unknown role.
        if allowed.policy_dependable is not None:
            for policy in _resources_of(allowed.policy_dependable, s3.CfnBucketPolicy):
                policy.add_resource_dependency(self.report_plan)
        if self.bucket.encryption_key is not None:
            self.bucket.encryption_key.add_to_resource_policy(_writes_through_s3(stack))


def _writes_through_s3(stack: cdk.Stack) -> iam.PolicyStatement:
    """Let the service's role encrypt reports, without naming it: KMS refuses a policy that names an unknown role."""
    name = "aws-service-role/reports.backup.amazonaws.com/AWSServiceRoleForBackupReports"
    return iam.PolicyStatement(
        sid="BackupReports",
        principals=[iam.AnyPrincipal()],
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
        conditions={
            "StringEquals": {
                "aws:PrincipalArn": stack.format_arn(service="iam", region="", resource="role", resource_name=name),
                "kms:ViaService": f"s3.{stack.region}.amazonaws.com",
            }
        },
    )


def _resources_of(dependable: Any, kind: type[cdk.CfnResource]) -> list[cdk.CfnResource]:
    return [node for node in dependable.node.find_all() if isinstance(node, kind)]


def _underscored(scope: Construct, limit: int) -> str:
    """A name of its place in the app, for services that allow letters, digits and underscores, a letter first."""
    place = deployed_path(scope)
    name = re.sub("[^a-zA-Z0-9]+", "_", place)
    return name if len(name) <= limit and name[0].isalpha() else unique_name(place, limit=limit).replace("-", "_")


if MYPY:
    from aws_cdk.aws_backup import *  # type: ignore[assignment]
