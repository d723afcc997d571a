"""AWS AppSync."""

from __future__ import annotations

from soc2_constructs.aws.required import is_given
from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::AppSync::GraphQLApi",
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `log_config=appsync.LogConfig(field_log_level=appsync.FieldLogLevel.ERROR)` (LogConfig.FieldLogLevel: "
    "ERROR, INFO, DEBUG or ALL; LogConfig.CloudWatchLogsRoleArn).",
    config_rule="APPSYNC_LOGGING_ENABLED",
    config_parameters={"fieldLoggingLevel": "ERROR,ALL"},
    prowler=("appsync_field_level_logging_enabled",),
    also_mapped={"Powerpipe": ("CC7.1", "CC7.2", "CC7.3", "A1.2")},
)
def appsync_graphql_api_field_level_logging_enabled(api: Resource) -> Verdict:
    """GraphQL APIs write field-level logs.

    One request runs several resolvers, and only field-level logs show which resolver failed. The AWS Config rule
    accepts only ERROR and ALL.

    Nothing is interrupted. ERROR writes few logs. ALL also writes responses, which can contain personal data, and costs
    more.
    """
    log = api["LogConfig"]
    return log["FieldLogLevel"].one_of("ERROR", "INFO", "DEBUG", "ALL") & is_given(log["CloudWatchLogsRoleArn"])
