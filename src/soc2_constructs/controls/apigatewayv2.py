"""Amazon API Gateway v2: HTTP and WebSocket APIs."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    on=("AWS::ApiGatewayV2::Stage", "AWS::Serverless::HttpApi"),
    criteria=("A1.2", "PI1.2"),
    severity="medium",
    fix="Set `access_log_settings=apigatewayv2.AccessLogSettings(destination=apigatewayv2.LogGroupLogDestination("
    "log_group))` on the stage; for the default stage of HttpApi set `create_default_stage=False` and call "
    '`api.add_stage("Default", stage_name="$default", auto_deploy=True, access_log_settings=...)` '
    "(AccessLogSettings.DestinationArn).",
    config_rule="API_GWV2_ACCESS_LOGS_ENABLED",
    prowler=("apigatewayv2_api_access_logging_enabled",),
)
def gatewayv2_stage_access_logging_enabled(stage: Resource) -> Verdict:
    """HTTP and WebSocket stages write access logs.

    Who asked for what, and what was answered. The change interrupts nothing.
    """
    return stage["AccessLogSettings.DestinationArn"].is_set()
