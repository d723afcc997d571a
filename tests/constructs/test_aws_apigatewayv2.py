"""HTTP and WebSocket APIs that comply."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_apigatewayv2 as plain
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Annotations, Match, Template

from soc2_constructs import aws_apigatewayv2 as apigatewayv2
from soc2_constructs.audit import audit

STAGE = "AWS::ApiGatewayV2::Stage"
ROUTE = "AWS::ApiGatewayV2::Route"


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    return cdk.Stack(cdk.App(outdir=str(tmp_path)), "S")


def handler(stack: cdk.Stack) -> lambda_.IFunction:
    return lambda_.Function.from_function_name(stack, "Handler", "handler")


def sockets(stack: cdk.Stack) -> apigatewayv2.WebSocketApi:
    integration = integrations.WebSocketLambdaIntegration("Connect", handler(stack))
    return apigatewayv2.WebSocketApi(stack, "Sockets", connect_route_options={"integration": integration})


def test_everything_of_the_cdk_is_there() -> None:
    assert set(plain.__all__) <= set(dir(apigatewayv2))
    assert apigatewayv2.HttpRoute is plain.HttpRoute
    assert issubclass(apigatewayv2.HttpApi, plain.HttpApi)


def test_an_http_api_logs_throttles_and_demands_authorization(stack: cdk.Stack) -> None:
    api = apigatewayv2.HttpApi(stack, "Api")
    integration = integrations.HttpLambdaIntegration("Get", handler(stack))
    api.add_routes(path="/", integration=integration)
    template = Template.from_stack(stack)
    (stage,) = template.find_resources(STAGE).values()
    assert {"ip", "status", "path"} <= set(json.loads(stage["Properties"]["AccessLogSettings"]["Format"]))
    assert stage["Properties"]["DefaultRouteSettings"] == {"ThrottlingBurstLimit": 2000, "ThrottlingRateLimit": 1000}
    template.has_resource_properties(ROUTE, {"AuthorizationType": "AWS_IAM"})
    template.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 365, "KmsKeyId": Match.any_value()})


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    api = apigatewayv2.HttpApi(stack, "Api", default_authorizer=plain.HttpNoneAuthorizer(), create_default_stage=False)
    assert api.access_log_group is None
    integration = integrations.HttpLambdaIntegration("Get", handler(stack))
    api.add_routes(path="/", integration=integration)
    stage = api.add_stage("Live", stage_name="live", throttle=plain.ThrottleSettings(rate_limit=1, burst_limit=2))
    assert isinstance(stage, apigatewayv2.HttpStage)
    template = Template.from_stack(stack)
    template.has_resource_properties(ROUTE, {"AuthorizationType": "NONE"})
    template.has_resource_properties(
        STAGE,
        {
            "StageName": "live",
            "AccessLogSettings": Match.any_value(),
            "DefaultRouteSettings": {"ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2},
        },
    )


def test_a_websocket_api_logs_throttles_and_demands_authorization(stack: cdk.Stack) -> None:
    api = sockets(stack)
    for name in ("test", "live"):
        apigatewayv2.WebSocketStage(stack, name, web_socket_api=api, stage_name=name, auto_deploy=True)
    template = Template.from_stack(stack)
    template.all_resources_properties(
        STAGE,
        {
            "AccessLogSettings": Match.any_value(),
            "DefaultRouteSettings": {
                "LoggingLevel": "INFO",
                "DataTraceEnabled": False,
                "ThrottlingRateLimit": 1000,
                "ThrottlingBurstLimit": 2000,
            },
        },
    )
    template.has_resource_properties(ROUTE, {"RouteKey": "$connect", "AuthorizationType": "AWS_IAM"})
    template.resource_count_is("AWS::ApiGateway::Account", 1)
    (account,) = template.find_resources("AWS::ApiGateway::Account")
    assert all(account in stage["DependsOn"] for stage in template.find_resources(STAGE).values())


def test_another_authorizer_is_taken(stack: cdk.Stack) -> None:
    function = handler(stack)
    apigatewayv2.WebSocketApi(
        stack,
        "Sockets",
        connect_route_options=plain.WebSocketRouteOptions(
            integration=integrations.WebSocketLambdaIntegration("Connect", function),
            authorizer=authorizers.WebSocketLambdaAuthorizer("Authorizer", function),
        ),
    )
    Template.from_stack(stack).has_resource_properties(ROUTE, {"AuthorizationType": "CUSTOM"})


def test_it_complies(stack: cdk.Stack, tmp_path: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    apigatewayv2.HttpApi(stack, "Api")
    apigatewayv2.WebSocketStage(stack, "Live", web_socket_api=sockets(stack), stage_name="live")
    cdk.App.of(stack).synth()  # type: ignore[union-attr]
    assert [str(r) for r in audit(tmp_path).results if r.status != "PASS" and r.resource] == []
    assert cfn_lint(tmp_path) == []


def test_domain_names_take_tls_12(stack: cdk.Stack) -> None:
    arn = "arn:aws:acm:eu-central-1:111111111111:certificate/c"
    certificate = acm.Certificate.from_certificate_arn(stack, "Certificate", arn)
    apigatewayv2.DomainName(stack, "Name", domain_name="a.example.com", certificate=certificate)
    configuration = Match.object_like({"SecurityPolicy": "TLS_1_2"})
    Template.from_stack(stack).has_resource_properties(
        "AWS::ApiGatewayV2::DomainName", {"DomainNameConfigurations": [configuration]}
    )


@jsii.implements(plain.IAccessLogSettings)
class Settings:
    """Where access logs go, without a word on their format: the CDK then writes Common Log Format."""

    def __init__(self, group: logs.ILogGroup) -> None:
        self._group = group

    @property
    def destination(self) -> plain.IAccessLogDestination:
        return plain.LogGroupLogDestination(self._group)

    @property
    def format(self) -> None:
        return None


def test_another_destination_gets_json_too(stack: cdk.Stack) -> None:
    settings = Settings(logs.LogGroup(stack, "Mine"))
    http = apigatewayv2.HttpApi(stack, "Http", create_default_stage=False)
    stages = (
        apigatewayv2.HttpStage(stack, "Live", http_api=http, stage_name="live", access_log_settings=settings),
        apigatewayv2.WebSocketStage(
            stack, "Sock", web_socket_api=sockets(stack), stage_name="live", access_log_settings=settings
        ),
    )
    assert [stage.access_log_group for stage in stages] == [None, None]
    template = Template.from_stack(stack)
    for stage in template.find_resources(STAGE).values():
        written = stage["Properties"]["AccessLogSettings"]
        assert written["DestinationArn"]["Fn::GetAtt"][0].startswith("Mine")
        assert {"requestId", "ip", "status"} <= set(json.loads(written["Format"]))


def test_connections_are_authorized_when_the_route_is_added_later(stack: cdk.Stack) -> None:
    api = apigatewayv2.WebSocketApi(stack, "Sockets")
    function = handler(stack)
    integration = integrations.WebSocketLambdaIntegration("Route", function)
    api.add_route("$connect", integration=integration)
    api.add_route("message", integration=integration)
    open = apigatewayv2.WebSocketApi(stack, "Open")
    integration = integrations.WebSocketLambdaIntegration("Route", function)
    open.add_route("$connect", integration=integration, authorizer=plain.WebSocketNoneAuthorizer())
    found = Template.from_stack(stack).find_resources(ROUTE)
    kinds = {(name[:4], body["Properties"]["RouteKey"]): body["Properties"] for name, body in found.items()}
    assert {key: route["AuthorizationType"] for key, route in kinds.items()} == {
        ("Sock", "$connect"): "AWS_IAM",
        ("Sock", "message"): "NONE",
        ("Open", "$connect"): "NONE",
    }


# Authorization and logs


def warned(stack: cdk.Stack) -> list[str]:
    warnings = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("require IAM authorization"))
    return [warning.id for warning in warnings]


def test_authorization_by_default_is_a_warning(stack: cdk.Stack) -> None:
    apigatewayv2.HttpApi(stack, "Api")
    sockets(stack)
    added = apigatewayv2.WebSocketApi(stack, "Added")
    integration = integrations.WebSocketLambdaIntegration("There", lambda_.Function.from_function_name(stack, "F", "f"))
    added.add_route("$connect", integration=integration)
    assert set(warned(stack)) == {"/S/Api", "/S/Sockets", "/S/Added"}


def test_authorization_that_the_user_sets_is_no_warning(stack: cdk.Stack) -> None:
    apigatewayv2.HttpApi(stack, "Api", default_authorizer=plain.HttpNoneAuthorizer())
    integration = integrations.WebSocketLambdaIntegration("Connect", handler(stack))
    options = {"integration": integration, "authorizer": authorizers.WebSocketIamAuthorizer()}
    apigatewayv2.WebSocketApi(stack, "Sockets", connect_route_options=options)
    assert warned(stack) == []


def test_access_logs_are_in_no_resource_policy_of_the_account(stack: cdk.Stack) -> None:
    apigatewayv2.HttpApi(stack, "One")
    apigatewayv2.HttpApi(stack, "Two")
    groups = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup").values()
    names = {group["Properties"]["LogGroupName"] for group in groups}
    assert len(names) == 2
    assert all(name.startswith("/aws/vendedlogs/apis/") for name in names)
    assert {group["DeletionPolicy"] for group in groups} == {"RetainExceptOnCreate"}


def test_the_setting_of_the_account_is_retained_with_its_role(stack: cdk.Stack) -> None:
    apigatewayv2.WebSocketStage(stack, "Live", web_socket_api=sockets(stack), stage_name="live")
    template = Template.from_stack(stack)
    (account,) = template.find_resources("AWS::ApiGateway::Account").values()
    roles = template.find_resources("AWS::IAM::Role")
    role, _ = account["Properties"]["CloudWatchRoleArn"]["Fn::GetAtt"]
    assert account["DeletionPolicy"] == roles[role]["DeletionPolicy"] == "Retain"
