"""AWS AppSync."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::AppSync::GraphQLApi",
    kind="logging",
    severity="medium",
    fix="Set `log_config=appsync.LogConfig(field_log_level=appsync.FieldLogLevel.ERROR)` (LogConfig.FieldLogLevel: "
    "ERROR, INFO, DEBUG or ALL, and LogConfig.CloudWatchLogsRoleArn).",
    config_rule="APPSYNC_LOGGING_ENABLED",
    config_parameters={"fieldLoggingLevel": "ERROR,ALL"},
    prowler=("appsync_field_level_logging_enabled",),
    also_mapped={"Powerpipe": ("CC7.1", "CC7.2", "CC7.3", "A1.2")},
)
def appsync_graphql_api_field_level_logging_enabled(api: Resource) -> Verdict:
    """GraphQL APIs log at field level.

    One request runs many resolvers; only their own logs tell which of them failed. ERROR costs little, ALL writes every
    answer, personal data included. The AWS Config rule knows ERROR and ALL alone. The change interrupts nothing.
    """
    log = api["LogConfig"]
    return log["FieldLogLevel"].one_of("ERROR", "INFO", "DEBUG", "ALL") & log["CloudWatchLogsRoleArn"].is_set()
