"""Amazon API Gateway v2: HTTP and WebSocket APIs."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types=("AWS::ApiGatewayV2::Stage", "AWS::Serverless::HttpApi"),
    kind="logging",
    severity="medium",
    fix="Import the API and its stages from soc2_constructs.aws_apigatewayv2, or set "
    "`api.default_stage.node.default_child.access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty("
    'destination_arn=log_group.log_group_arn, format="$context.requestId $context.identity.sourceIp $context.routeKey '
    '$context.status")` (AccessLogSettings.DestinationArn).',
    config_rule="API_GWV2_ACCESS_LOGS_ENABLED",
    prowler=("apigatewayv2_api_access_logging_enabled",),
    also_mapped={"inferred": ("A1.2", "PI1.2")},
)
def gatewayv2_stage_access_logging_enabled(stage: Resource) -> Verdict:
    """HTTP and WebSocket stages write access logs.

    Who asked for what, and what was answered. The change interrupts nothing. The CDK's `HttpApi` has no property for
    the stage that it makes, and in Python `access_log_settings` of a stage takes a class of yours: set the property of
    the resource.
    """
    return stage["AccessLogSettings.DestinationArn"].is_set()
