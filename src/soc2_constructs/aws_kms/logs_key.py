"""The default key for log groups."""

from __future__ import annotations

from soc2_constructs.hardening import stack_singleton

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, IConstruct

from soc2_constructs.aws_kms.key import Key


def logs_key(scope: IConstruct) -> kms.Key:
    """The default key for the log groups of a stack; one per stack, created on the first call."""

    def make(holder: Construct, id: str) -> kms.Key:
        key = Key(holder, id, description="Log groups of this stack (soc2-constructs)")
        allow_logs(key, scope)
        return key

    return stack_singleton(scope, "LogsKey", make)


def allow_logs(key: kms.IKey, scope: IConstruct) -> None:
    """Allow CloudWatch Logs to use a key for the log groups in the account and region of a scope.

    AWS page: "Encrypt log data in CloudWatch Logs using AWS Key Management Service".
    """
    stack = cdk.Stack.of(scope)
    groups = stack.format_arn(
        service="logs", resource="log-group", resource_name="*", arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="CloudWatchLogs",
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        )
    )
