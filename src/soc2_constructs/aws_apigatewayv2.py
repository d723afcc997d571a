"""Amazon API Gateway v2: all of `aws_cdk.aws_apigatewayv2`, with compliant HTTP and WebSocket APIs."""

from __future__ import annotations

import json
from typing import Any

from soc2_constructs.hardening import (
    NAMED_REMOVAL_POLICY,
    Hardening,
    Init,
    PropsContext,
    Requirement,
    default,
    deployed_path,
    hardened,
    member,
    provide,
    stack_singleton,
    unique_name,
)

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from soc2_constructs.aws_logs import LogGroup

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_apigatewayv2 import *

    __all__ = ["DomainName", "HttpApi", "HttpStage", "WebSocketApi", "WebSocketStage"]
    __all__ += apigatewayv2.__all__

_FIELDS = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "caller": "$context.identity.caller",
    "user": "$context.identity.user",
    "requestTime": "$context.requestTime",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
}
_HTTP_FIELDS = {
    **_FIELDS,
    "httpMethod": "$context.httpMethod",
    "path": "$context.path",
    "protocol": "$context.protocol",
    "responseLength": "$context.responseLength",
}
_WEBSOCKET_FIELDS = {
    **_FIELDS,
    "eventType": "$context.eventType",
    "connectionId": "$context.connectionId",
}

_CONNECT, _CONFIRM_CONNECT = "Connections", "authorizer=WebSocketIamAuthorizer() in the options of $connect"


def _throttle() -> Requirement:
    return default("throttle", apigatewayv2.ThrottleSettings(rate_limit=1000, burst_limit=2000))


def _log(stage: IConstruct, fields: dict[str, str], settings: Any = None) -> LogGroup | None:
    """Write access logs as JSON to a new log group, unless the settings contain another destination."""
    resource = _resource(stage)
    if settings is not None:
        if member(settings, "format") is None:
            resource.add_property_override("AccessLogSettings.Format", json.dumps(fields))
        return None
    # The prefix keeps the log group out of a resource policy of the account that is limited to 5,120 characters:
    # Amazon CloudWatch Logs User Guide, "Enable logging from AWS services".
    group = LogGroup(
        stage,  # type: ignore[arg-type]
        "AccessLogs",
        log_group_name=f"/aws/vendedlogs/apis/{unique_name(deployed_path(stage), limit=200)}",
        removal_policy=NAMED_REMOVAL_POLICY,
    )
    resource.access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty(
        destination_arn=group.log_group_arn, format=json.dumps(fields)
    )
    return group


def _resource(stage: IConstruct) -> apigatewayv2.CfnStage:
    resource = stage.node.default_child
    assert isinstance(resource, apigatewayv2.CfnStage)
    return resource


def _account(scope: IConstruct) -> apigateway.CfnAccount:
    """The role for execution logs, which is a setting of the account and region and not set by default."""

    def make(holder: Construct, id: str) -> apigateway.CfnAccount:
        role = iam.Role(
            holder,
            f"{id}Role",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AmazonAPIGatewayPushToCloudWatchLogs")
            ],
        )
        account = apigateway.CfnAccount(holder, id, cloud_watch_role_arn=role.role_arn)
        # All APIs of the account and region log with this role, also after the stack is deleted.
        for retained in (role, account):
            retained.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        return account

    return stack_singleton(scope, "ApiGatewayAccount", make)


def _after_stage(stage: Any, context: PropsContext, fields: dict[str, str]) -> None:
    settings = context.props.get("access_log_settings")
    if context.injected and (settings is not None or _resource(stage).access_log_settings is not None):
        return
    group = _log(stage, fields, settings)
    context.record_change("access_log_settings", "a new log group", "gatewayv2_stage_access_logging_enabled")
    if isinstance(stage, (HttpStage, WebSocketStage)):
        stage.access_log_group = group


def _after_http_stage(stage: Any, context: PropsContext) -> None:
    _after_stage(stage, context, _HTTP_FIELDS)


def _after_web_socket_stage(stage: Any, context: PropsContext) -> None:
    resource = _resource(stage)
    resource.add_property_override("DefaultRouteSettings.LoggingLevel", "INFO")
    # A data trace logs complete messages, which may contain sensitive data.
    resource.add_property_override("DefaultRouteSettings.DataTraceEnabled", False)
    resource.add_resource_dependency(_account(stage))
    context.record_change("default_route_settings.logging_level", "'INFO'", "apigateway_stage_logging_enabled")
    _after_stage(stage, context, _WEBSOCKET_FIELDS)


def _http_iam(context: PropsContext) -> apigatewayv2.IHttpRouteAuthorizer:
    context.scratch["authorizes"] = True
    return authorizers.HttpIamAuthorizer()


def _web_socket_iam(context: PropsContext) -> apigatewayv2.IWebSocketRouteAuthorizer:
    context.scratch["authorizes"] = True
    return authorizers.WebSocketIamAuthorizer()


def _build_web_socket_api(api: apigatewayv2.WebSocketApi, init: Init, context: PropsContext) -> None:
    init(context.props)
    if context.scratch.get("authorizes"):
        _warn_of_authorization(api, _CONNECT, _CONFIRM_CONNECT)


def _warn_of_authorization(api: IConstruct, routes: str, write: str) -> None:
    """Warn that routes require IAM authorization, because the same app with the CDK's class has public routes."""
    cdk.Annotations.of(api).add_warning_v2(
        "soc2:iam-authorization",
        f"{routes} without an authorizer require IAM authorization (gatewayv2_route_authorization_configured); with "
        f"aws_cdk they are public. Write {write} to "
        "confirm it, or another authorizer.",
    )


DOMAIN_NAME = Hardening(apigatewayv2.DomainName, default("security_policy", apigatewayv2.SecurityPolicy.TLS_1_2))
HTTP_STAGE = Hardening(apigatewayv2.HttpStage, _throttle(), after=_after_http_stage)
WEB_SOCKET_STAGE = Hardening(apigatewayv2.WebSocketStage, _throttle(), after=_after_web_socket_stage)
HTTP_API = Hardening(
    apigatewayv2.HttpApi,
    provide(
        "default_authorizer",
        _http_iam,
        None,
        required="by default IAM authorization, with a warning; HttpNoneAuthorizer() for a public API",
    ),
)
WEB_SOCKET_API = Hardening(
    apigatewayv2.WebSocketApi,
    provide(
        "connect_route_options.authorizer",
        _web_socket_iam,
        None,
        required="by default IAM authorization to connect, with a warning",
        when=lambda context: "connect_route_options" in context.props,
    ),
)


@hardened(DOMAIN_NAME)
class DomainName(apigatewayv2.DomainName):
    """A domain name that requires TLS 1.2 or newer by default."""


@hardened(HTTP_STAGE)
class HttpStage(apigatewayv2.HttpStage):
    """A stage with access logs and throttling; HTTP APIs have no execution logs.

    Controls: gatewayv2_stage_access_logging_enabled.
    """

    #: The log group for access logs; None with `access_log_settings`.
    access_log_group: logs.LogGroup | None


@hardened(WEB_SOCKET_STAGE)
class WebSocketStage(apigatewayv2.WebSocketStage):
    """A stage with access logs, execution logs and throttling.

    Controls: gatewayv2_stage_access_logging_enabled, apigateway_stage_logging_enabled.
    """

    #: The log group for access logs; None with `access_log_settings`.
    access_log_group: logs.LogGroup | None


def _build_http_api(api: HttpApi, init: Init, context: PropsContext) -> None:
    init(context.props)
    if context.scratch.get("authorizes"):
        _warn_of_authorization(api, "Routes", "default_authorizer=HttpIamAuthorizer()")
    api.access_log_group = None
    stage: Any = api.default_stage
    if stage is not None:
        api.access_log_group = _log(stage, _HTTP_FIELDS)
        _resource(stage).default_route_settings = apigatewayv2.CfnStage.RouteSettingsProperty(
            throttling_rate_limit=1000, throttling_burst_limit=2000
        )


@hardened(HTTP_API, _build_http_api)
class HttpApi(apigatewayv2.HttpApi):
    """An HTTP API with IAM authorization, and a default stage with access logs and throttling.

    Controls: gatewayv2_stage_access_logging_enabled.
    """

    #: The log group for the access logs of the default stage; None without a default stage.
    access_log_group: logs.LogGroup | None

    def add_stage(self, id: str, **options: Any) -> HttpStage:
        """Add a stage with access logs and throttling."""
        return HttpStage(self, id, http_api=self, **options)


@hardened(WEB_SOCKET_API, _build_web_socket_api)
class WebSocketApi(apigatewayv2.WebSocketApi):
    """A WebSocket API with IAM authorization to connect; deploy it with a `WebSocketStage`."""

    def add_route(self, route_key: str, **options: Any) -> apigatewayv2.WebSocketRoute:
        """Add a route; the route `$connect` has IAM authorization by default."""
        if route_key == "$connect" and options.get("authorizer") is None:
            options["authorizer"] = authorizers.WebSocketIamAuthorizer()
            _warn_of_authorization(self, _CONNECT, _CONFIRM_CONNECT)
        return super().add_route(route_key, **options)


if MYPY:
    from aws_cdk.aws_apigatewayv2 import *  # type: ignore[assignment]
