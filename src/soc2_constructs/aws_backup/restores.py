"""Restore tests and failure notifications."""

from __future__ import annotations

import re
from collections.abc import Sequence

from soc2_constructs.hardening import (
    BACKUP_TAG,
    deployed_path,
    unique_name,
)

from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from soc2_constructs.aws_sns import notification_topic

#: The resource types that restore testing supports without further metadata.
RESTORABLE_TYPES = ("Aurora", "DynamoDB", "EBS", "EC2", "EFS", "RDS", "S3")


class RestoreTesting(Construct):
    """Weekly restore tests: AWS Backup restores a recovery point of each resource type and deletes it again.

    Args:
        scope: The scope of the construct.
        id: The id of the construct.
        resource_types: The resource types to restore, as AWS Backup names them. Default: `RESTORABLE_TYPES`.
        schedule: The schedule. Default: Sundays at 06:00 UTC.
        window_days: The maximum age of a recovery point in days, from 1 to 365. Default: 7.
        tag: The key of the tag that selects resources with the value `true`. Default: `soc2:backup`.

    Criteria: A1.3. The results are in AWS Backup; no control checks them in a template.
    AWS page: "Restore testing".
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
        name = underscored_name(self, 50)
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
    """A notification for each backup, copy or restore job that fails.

    Args:
        scope: The scope of the construct.
        id: The id of the construct.
        topic: The topic. Its policy and its key policy must allow `events.amazonaws.com`. Default: the topic that the
            stack shares; subscribe to it with `topic.add_subscription(...)`.

    AWS page: "Monitoring AWS Backup events using Amazon EventBridge".
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


def underscored_name(scope: Construct, limit: int) -> str:
    """A name from the construct path, for services that allow letters, digits and underscores."""
    place = deployed_path(scope)
    name = re.sub("[^a-zA-Z0-9]+", "_", place)
    return name if len(name) <= limit and name[0].isalpha() else unique_name(place, limit=limit).replace("-", "_")
