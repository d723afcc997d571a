"""Amazon CloudWatch Logs."""

from __future__ import annotations

from soc2_constructs.aws.policies import statements_of
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.aws.retention import LOG_RETENTION_DAYS
from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

LOG_GROUP = "AWS::Logs::LogGroup"


@control(
    resource_types=LOG_GROUP,
    kind="logging",
    severity="medium",
    fix="Set `retention=logs.RetentionDays.ONE_YEAR` or longer (RetentionInDays: 365 or more).",
    config_rule="CW_LOGGROUP_RETENTION_PERIOD_CHECK",
    config_parameters={"MinRetentionTime": "365"},
    prowler=("cloudwatch_log_group_retention_policy_specific_days_enabled",),
    also_mapped={"Powerpipe": ("CC7.2", "CC7.3", "C1.2")},
)
def cloudwatch_log_group_retention_period_365(
    group: Resource, *, log_retention_days: int = LOG_RETENTION_DAYS
) -> Verdict:
    """Log groups keep events for at least one year.

    An audit covers its whole period, and intrusions are often found months later.

    Without RetentionInDays events never expire, which passes. A longer retention costs storage; a shorter one deletes
    older events within days. Log groups of class DELIVERY do not use the setting and pass.
    """
    retention = group["RetentionInDays"].default(float("inf"), "events never expire")
    delivers = group["LogGroupClass"].default("STANDARD").equals("DELIVERY")
    return (~delivers).implies(retention.at_least(log_retention_days))


@control(
    resource_types=LOG_GROUP,
    kind="encryption_at_rest",
    severity="medium",
    severity_reason="Logs collect data from every application, so withdrawing access to them in one place "
    "matters more than elsewhere.",
    fix="Set `encryption_key=key`, with a key policy that allows logs.<region>.amazonaws.com to use it "
    "(KmsKeyId). For a Lambda function, set `log_group=log_group` to replace the log group that the CDK "
    "creates.",
    config_rule="CLOUDWATCH_LOG_GROUP_ENCRYPTED",
    prowler=("cloudwatch_log_group_kms_encryption_enabled",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC7.3", "PI1.4")},
)
def log_group_encryption_at_rest_enabled(group: Resource) -> Verdict:
    """Log groups are encrypted with a KMS key.

    CloudWatch Logs encrypts all log data with its own keys. Customer managed keys let you withdraw access to the data
    in one place, and CloudTrail records each use of the key.

    The key applies to new events; earlier events keep their encryption. The change interrupts nothing.
    """
    return group["KmsKeyId"].is_set()


@control(
    resource_types="AWS::Logs::ResourcePolicy",
    kind="public_data",
    severity="high",
    fix='Set the service or account in `principals`, or narrow the statement: `conditions={"StringEquals": '
    '{"aws:SourceAccount": self.account}}` (PolicyDocument).',
    prowler=("cloudwatch_log_group_not_publicly_accessible",),
    also_mapped={"Prowler": ("PI1.4",)},
)
def log_group_not_publicly_accessible(policy: Resource) -> Verdict:
    """Log resource policies do not allow public access.

    A resource policy of CloudWatch Logs applies to a whole account and region. A statement for everyone exposes all log
    groups that it names.

    Removing a public statement takes effect at once.
    """
    return no_public_grant(statements_of(policy, "PolicyDocument"), "logs")
