"""AWS AppSync."""

from __future__ import annotations

from soc2_constructs.aws.required import is_given
from soc2_constructs.cloudformation import Resource, Verdict, all_of, passed
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


@control(
    resource_types=("AWS::AppSync::GraphQLApi", "AWS::AppSync::Api"),
    kind="authentication",
    severity="medium",
    severity_reason="Some APIs are public by design.",
    fix="Set `authorization_config=appsync.AuthorizationConfig(default_authorization=appsync.AuthorizationMode("
    "authorization_type=appsync.AuthorizationType.IAM))` (AuthenticationType: AWS_IAM, AMAZON_COGNITO_USER_POOLS, "
    "OPENID_CONNECT or AWS_LAMBDA; for event APIs EventConfig.ConnectionAuthModes[].AuthType).",
    config_rule="APPSYNC_AUTHORIZATION_CHECK",
    config_parameters={"AllowedAuthorizationTypes": "AWS_LAMBDA,AWS_IAM,OPENID_CONNECT,AMAZON_COGNITO_USER_POOLS"},
    prowler=("appsync_graphql_api_no_api_key_authentication",),
)
def appsync_api_default_authentication_no_api_key(api: Resource) -> Verdict:
    """AppSync APIs do not use API keys as their default authentication.

    An API key is part of every client, identifies no user, and is valid for up to a year. An API key as
    an additional mode passes, because it only applies to the types that the schema marks with `@aws_api_key`.

    Nothing is replaced. Clients must send credentials of the new mode.
    """
    if api.type == "AWS::AppSync::Api":
        return all_of(
            passed("no connection is authenticated with an API key"),
            (~mode["AuthType"].equals("API_KEY") for mode in api["EventConfig.ConnectionAuthModes"].each()),
        )
    return ~api["AuthenticationType"].equals("API_KEY")
