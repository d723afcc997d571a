"""Restore tests and failure notifications."""

from __future__ import annotations

from collections.abc import Sequence

from soc2_constructs.hardening import (
    BACKUP_TAG,
    deployed_path,
    unique_name,
    warn_unavailable,
)

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns
from constructs import Construct

from soc2_constructs.aws_backup.plans import backup_role
from soc2_constructs.aws_sns import notification_topic

#: The resource types that restore testing supports, as AWS Backup names them.
RESTORABLE_TYPES = ("Aurora", "DynamoDB", "EBS", "EC2", "EFS", "RDS", "S3")
#: Those of them that AWS Backup restores into the default VPC unless the selection names subnets.
NETWORK_TYPES = ("Aurora", "EC2", "RDS")


class RestoreTesting(Construct):
    """Weekly restore tests: AWS Backup restores a recovery point of each resource type and deletes it again.

    Aurora clusters, EC2 instances and RDS instances are restored into a VPC, so their tests require `vpc`. AWS Backup
    would otherwise restore production data into the default VPC of the region.

    Args:
        scope: The scope of the construct.
        id: The id of the construct.
        resource_types: The resource types to restore, as AWS Backup names them. Default: `RESTORABLE_TYPES`, without
            `NETWORK_TYPES` if there is no `vpc`.
        vpc: The VPC for restored databases and instances. Default: none.
        vpc_subnets: The subnets in the VPC, in at least two Availability Zones. Default: isolated subnets if the VPC
            has any, otherwise private ones.
        security_groups: The security groups of restored databases and instances. Default: a new one without rules.
        schedule: The schedule. Default: Sundays at 06:00 UTC.
        window_days: The maximum age of a recovery point in days, from 1 to 365. Default: 7.
        tag: The key of the tag that selects resources with the value `true`. Default: `soc2:backup`.

    Raises:
        ValueError: `resource_types` contains one of `NETWORK_TYPES`, and there is no `vpc`.

    Where AWS Backup has no restore testing, such as in China, the construct is empty and has a warning.

    Criteria: A1.3. The results are in AWS Backup; no control checks them in a template.
    AWS pages: "Restore testing", "Restore testing inferred metadata".
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        resource_types: Sequence[str] | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        schedule: events.Schedule | None = None,
        window_days: int = 7,
        tag: str = BACKUP_TAG,
    ) -> None:
        super().__init__(scope, id)
        #: The plan; None where restore testing does not exist.
        self.plan: backup.CfnRestoreTestingPlan | None = None
        if warn_unavailable(self, "AWS::Backup::RestoreTestingPlan", "There are no restore tests."):
            return
        types = self._types(resource_types, vpc)
        name = underscored_name(self, 50)
        schedule = schedule or events.Schedule.cron(week_day="SUN", hour="6", minute="0")
        #: The role that restores.
        self.role = backup_role(
            self, "service-role/AWSBackupServiceRolePolicyForRestores", "AWSBackupServiceRolePolicyForS3Restore"
        )
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
        overrides = {} if vpc is None else self._overrides(types, vpc, vpc_subnets, security_groups)
        for resource_type in types:
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
                restore_metadata_overrides=overrides.get(resource_type),
                restore_testing_plan_name=name,
                restore_testing_selection_name=resource_type,
            )
            selection.add_resource_dependency(self.plan)

    def _types(self, given: Sequence[str] | None, vpc: ec2.IVpc | None) -> list[str]:
        if vpc is not None:
            return list(RESTORABLE_TYPES if given is None else given)
        if given is None:
            cdk.Annotations.of(self).add_warning_v2(
                "soc2:restore-tests-without-vpc",
                f"{', '.join(NETWORK_TYPES)} have no restore tests, because these require a VPC. Pass vpc=..., or "
                "resource_types=[...] without them.",
            )
            return [each for each in RESTORABLE_TYPES if each not in NETWORK_TYPES]
        lacking = [each for each in given if each in NETWORK_TYPES]
        if lacking:
            raise ValueError(
                f"{self.node.path}: there is no VPC for restored resources of the types {', '.join(lacking)}; AWS "
                "Backup would use the default VPC. Pass vpc=..., or remove them from resource_types."
            )
        return list(given)

    def _overrides(
        self,
        types: Sequence[str],
        vpc: ec2.IVpc,
        subnets: ec2.SubnetSelection | None,
        security_groups: Sequence[ec2.ISecurityGroup] | None,
    ) -> dict[str, dict[str, str]]:
        """The restore metadata that places restored resources in the VPC, by resource type."""
        if subnets is None:
            isolated = bool(vpc.isolated_subnets)
            subnets = ec2.SubnetSelection(
                subnet_type=ec2.SubnetType.PRIVATE_ISOLATED if isolated else ec2.SubnetType.PRIVATE_WITH_EGRESS
            )
        groups = security_groups or [ec2.SecurityGroup(self, "Group", vpc=vpc, allow_all_outbound=False)]
        ids = cdk.Stack.of(self).to_json_string([group.security_group_id for group in groups])
        found: dict[str, dict[str, str]] = {}
        if "EC2" in types:
            subnet, *_ = vpc.select_subnets(subnet_type=subnets.subnet_type, subnets=subnets.subnets).subnet_ids
            found["EC2"] = {"subnetId": subnet, "securityGroupIds": ids}
        if {"Aurora", "RDS"} & set(types):
            group = rds.SubnetGroup(
                self, "Subnets", description="Restore tests (soc2-constructs)", vpc=vpc, vpc_subnets=subnets
            )
            database = {"dbSubnetGroupName": group.subnet_group_name, "vpcSecurityGroupIds": ids}
            found |= dict.fromkeys(("Aurora", "RDS"), database)
        return found


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
    return unique_name(deployed_path(scope), limit=limit).replace("-", "_")
