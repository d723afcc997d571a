"""Amazon CloudWatch Logs."""

from __future__ import annotations

from soc2_constructs.aws.policies import statements_of
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of
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
def cloudwatch_log_group_retention_period_365(group: Resource, *, log_retention_days: int = 365) -> Verdict:
    """Log groups keep events for a year or longer.

    An audit looks back over its whole period, and intrusions are often found months later. Without a number events are
    kept for ever, which passes. A longer retention costs storage and interrupts nothing; a shorter one deletes what is
    older within days. Log groups of class DELIVERY pass on what they get and keep nothing: they take no retention.
    """
    delivers = group["LogGroupClass"].default("STANDARD").equals("DELIVERY")
    return (~delivers).implies(_retention(group).at_least(log_retention_days))


def _retention(group: Resource) -> Value:
    return group["RetentionInDays"].default(float("inf"), "events never expire")


@control(
    resource_types=LOG_GROUP,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `encryption_key=key`, a key whose policy lets logs.<region>.amazonaws.com use it (KmsKeyId). A "
    "function takes `log_group=log_group` in place of the one that the CDK makes.",
    config_rule="CLOUDWATCH_LOG_GROUP_ENCRYPTED",
    prowler=("cloudwatch_log_group_kms_encryption_enabled",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC7.3", "PI1.4")},
)
def log_group_encryption_at_rest_enabled(group: Resource) -> Verdict:
    """Log groups are encrypted with a KMS key.

    CloudWatch Logs encrypts everything with a key of its own; with a KMS key of yours, access to logs can be withdrawn
    in one place and every use of the key stands in CloudTrail. A key given later encrypts what comes in from then on.
    """
    return group["KmsKeyId"].is_set()


@control(
    resource_types="AWS::Logs::ResourcePolicy",
    kind="public_data",
    severity="high",
    fix='Name the service or account in `principals`, or narrow the statement: `conditions={"StringEquals": '
    '{"aws:SourceAccount": self.account}}` (PolicyDocument).',
    prowler=("cloudwatch_log_group_not_publicly_accessible",),
    also_mapped={"Prowler": ("PI1.4",)},
)
def log_group_not_publicly_accessible(policy: Resource) -> Verdict:
    """Log resource policies grant nothing to everyone.

    Log groups have no policy of their own but that of the account and region: one statement for everyone opens all
    the groups that it names. Whoever relied on the statement loses access when it goes.
    """
    return all_of(statement.is_private() for statement in statements_of(policy, "PolicyDocument"))
