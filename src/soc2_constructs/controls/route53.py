"""Amazon Route 53."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

HOSTED_ZONE = "AWS::Route53::HostedZone"


@control(
    resource_types=HOSTED_ZONE,
    kind="logging",
    severity="low",
    fix="Set `query_logs_log_group_arn=log_group.log_group_arn`, a log group in us-east-1 that route53.amazonaws.com "
    "may write to (QueryLoggingConfig.CloudWatchLogsLogGroupArn).",
    config_rule="ROUTE53_QUERY_LOGGING_ENABLED",
    prowler=("route53_public_hosted_zones_cloudwatch_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def route53_zone_query_logging_enabled(zone: Resource) -> Verdict:
    """Public zones log queries.

    Who looked up which name, and from where: it shows what is scanned, and what a zone is used for. Private zones pass,
    their queries are logged by the resolver of the network. Nothing is interrupted; a busy zone writes much, and the
    log group must be in us-east-1.
    """
    return (~zone["VPCs"].is_set()).implies(zone["QueryLoggingConfig.CloudWatchLogsLogGroupArn"].is_set())
