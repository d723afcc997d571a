"""Amazon Route 53."""

from __future__ import annotations

from soc2_constructs.aws.required import is_given
from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

HOSTED_ZONE = "AWS::Route53::HostedZone"


@control(
    resource_types=HOSTED_ZONE,
    kind="logging",
    severity="low",
    fix="Set `query_logs_log_group_arn=log_group.log_group_arn`, with a log group in us-east-1 that "
    "route53.amazonaws.com can write to (QueryLoggingConfig.CloudWatchLogsLogGroupArn).",
    config_rule="ROUTE53_QUERY_LOGGING_ENABLED",
    prowler=("route53_public_hosted_zones_cloudwatch_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def route53_zone_query_logging_enabled(zone: Resource) -> Verdict:
    """Public hosted zones log DNS queries.

    Query logs show scans of names and the use of a zone.

    Private zones pass, because Route 53 Resolver logs their queries. The change interrupts nothing; log volume costs.
    """
    return (~zone["VPCs"].is_set()).implies(is_given(zone["QueryLoggingConfig.CloudWatchLogsLogGroupArn"]))
