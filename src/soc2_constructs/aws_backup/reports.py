"""AWS Backup Audit Manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soc2_constructs.hardening import warn_unavailable

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from soc2_constructs.aws_backup.restores import underscored_name
from soc2_constructs.aws_backup.vaults import RETENTION_DAYS
from soc2_constructs.aws_s3 import Bucket


class AuditFramework(Construct):
    """A framework of AWS Backup Audit Manager, with a daily compliance report in a bucket.

    AWS Config must record the resources of the account: without a configuration recorder, the framework evaluates
    nothing. Where AWS Backup Audit Manager does not exist, such as in China, the construct is empty and has a warning.

    Args:
        scope: The scope of the construct.
        id: The id of the construct.
        retention_days: The minimum retention of recovery points, in days. Default: 35.
        bucket: The bucket for the reports. Default: a new bucket.

    AWS page: "AWS Backup Audit Manager controls and remediation".
    """

    def __init__(
        self, scope: Construct, id: str, *, retention_days: int = RETENTION_DAYS, bucket: s3.IBucket | None = None
    ) -> None:
        super().__init__(scope, id)
        #: The framework; None where AWS Backup Audit Manager does not exist.
        self.framework: backup.CfnFramework | None = None
        if warn_unavailable(self, "AWS::Backup::Framework", "There are neither audits nor reports of backups."):
            return
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
            framework_name=underscored_name(self, 256),
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
            report_plan_name=underscored_name(self, 256),
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
        # AWS Backup creates the role with the first report plan, and S3 rejects a policy with an unknown role.
        if allowed.policy_dependable is not None:
            for policy in _resources_of(allowed.policy_dependable, s3.CfnBucketPolicy):
                policy.add_resource_dependency(self.report_plan)
        if self.bucket.encryption_key is not None:
            self.bucket.encryption_key.add_to_resource_policy(_writes_through_s3(stack))


def _writes_through_s3(stack: cdk.Stack) -> iam.PolicyStatement:
    """Allow the service-linked role to encrypt reports, by a condition: KMS rejects a policy with an unknown role."""
    name = "aws-service-role/reports.backup.amazonaws.com/AWSServiceRoleForBackupReports"
    return iam.PolicyStatement(
        sid="BackupReports",
        principals=[iam.AnyPrincipal()],
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
        conditions={
            "StringEquals": {
                "aws:PrincipalArn": stack.format_arn(service="iam", region="", resource="role", resource_name=name),
                "kms:ViaService": f"s3.{stack.region}.{stack.url_suffix}",
            }
        },
    )


def _resources_of(dependable: Any, kind: type[cdk.CfnResource]) -> list[cdk.CfnResource]:
    return [node for node in dependable.node.find_all() if isinstance(node, kind)]
