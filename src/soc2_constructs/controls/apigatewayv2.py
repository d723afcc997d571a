"""Amazon API Gateway v2: HTTP and WebSocket APIs."""

from __future__ import annotations

from soc2_constructs.aws.serverless_events import authorizes_events
from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

ROUTE = "AWS::ApiGatewayV2::Route"
SAM_FUNCTION = "AWS::Serverless::Function"


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


@control(
    resource_types=(ROUTE, SAM_FUNCTION),
    kind="authentication",
    severity="medium",
    severity_reason="Some routes are public by design, and some back ends authenticate requests themselves.",
    fix="Set `default_authorizer=HttpIamAuthorizer()` on `HttpApi`, or `authorizer` on the route "
    "(Route.AuthorizationType: AWS_IAM, JWT or CUSTOM).",
    config_rule="API_GWV2_AUTHORIZATION_TYPE_CONFIGURED",
    prowler=("apigatewayv2_api_authorizers_enabled",),
)
def gatewayv2_route_authorization_configured(resource: Resource) -> Verdict:
    """HTTP and WebSocket routes authorize requests.

    Without an authorizer, anyone who knows the URL can call the route. A WebSocket API authorizes the route `$connect`,
    and its other routes run on that connection. OPTIONS routes pass, because browsers send preflight requests without
    credentials.

    Nothing is replaced. Callers without credentials are rejected. Waive the control for routes that are public by
    design.
    """
    if resource.type == SAM_FUNCTION:
        return authorizes_events(resource, "HttpApi")
    key = resource["RouteKey"]
    needs_none = key.satisfies(_needs_none, "a route that authorizes requests")
    authorizes = ~resource["AuthorizationType"].default("NONE").equals("NONE")
    return (~needs_none).implies(
        (authorizes | resource["ApiKeyRequired"].equals(True)).with_message("AuthorizationType is NONE")
    )


def _needs_none(key: object) -> bool:
    """Whether a route needs no authorizer: OPTIONS, and routes of a WebSocket API other than `$connect`.

    A route key of an HTTP API is `$default`, or a method and a path; others belong to WebSocket APIs.
    """
    method, space, _ = str(key).partition(" ")
    return method == "OPTIONS" if space else method not in ("$connect", "$default")
