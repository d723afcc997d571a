"""Amazon API Gateway v2: HTTP and WebSocket APIs."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types=("AWS::ApiGatewayV2::Stage", "AWS::Serverless::HttpApi"),
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
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

    Access logs record who sent each request, the route and the response status. They are the first source in an
    investigation. The CDK's `HttpApi` has no access log property for its default stage, so set the property of the
    CloudFormation resource.

    Nothing is interrupted. CloudWatch Logs charges for ingestion and storage.
    """
    return stage["AccessLogSettings.DestinationArn"].is_set()
