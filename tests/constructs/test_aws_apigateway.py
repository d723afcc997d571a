"""REST APIs that comply."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as plain
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Annotations, Match, Template

from soc2_constructs import aws_apigateway as apigateway
from soc2_constructs import aws_logs as logs
from soc2_constructs.audit import audit

STAGE = "AWS::ApiGateway::Stage"
METHOD = "AWS::ApiGateway::Method"


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def rest(stack: cdk.Stack, **props: Any) -> apigateway.RestApi:
    api = apigateway.RestApi(stack, "Api", **props)
    api.root.add_method("GET", plain.MockIntegration())
    return api


def test_everything_of_the_cdk_is_there() -> None:
    assert set(plain.__all__) <= set(dir(apigateway))
    assert apigateway.StageOptions is plain.StageOptions
    assert issubclass(apigateway.RestApi, plain.RestApi)


def test_defaults(stack: cdk.Stack) -> None:
    api = rest(stack)
    template = Template.from_stack(stack)
    (stage,) = template.find_resources(STAGE).values()
    properties = stage["Properties"]
    assert properties["TracingEnabled"] is True
    assert set(json.loads(properties["AccessLogSetting"]["Format"])) >= {"ip", "user", "status", "requestTime"}
    assert properties["MethodSettings"] == [
        {
            "CacheDataEncrypted": True,
            "DataTraceEnabled": False,
            "HttpMethod": "*",
            "LoggingLevel": "INFO",
            "MetricsEnabled": True,
            "ResourcePath": "/*",
            "ThrottlingBurstLimit": 2000,
            "ThrottlingRateLimit": 1000,
        }
    ]
    template.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 365, "KmsKeyId": Match.any_value()})
    template.has_resource_properties(METHOD, {"AuthorizationType": "AWS_IAM"})
    template.has_resource_properties("AWS::WAFv2::WebACLAssociation", {"WebACLArn": Match.any_value()})
    template.has_resource_properties("AWS::ApiGateway::Account", {"CloudWatchRoleArn": Match.any_value()})
    assert api.web_acl_association is not None


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    group = logs.LogGroup(stack, "Mine")
    options = plain.StageOptions(
        stage_name="live",
        logging_level=plain.MethodLoggingLevel.ERROR,
        access_log_destination=plain.LogGroupLogDestination(group),
        throttling_rate_limit=5,
        tracing_enabled=False,
    )
    api = rest(stack, deploy_options=options)
    assert api.web_acl_association is not None
    api.web_acl_association.web_acl_arn = "arn:aws:wafv2:eu-central-1:111111111111:regional/webacl/a/b"
    template = Template.from_stack(stack)
    template.resource_properties_count_is("AWS::Logs::LogGroup", {"LogGroupName": Match.absent()}, 1)
    template.has_resource_properties(
        STAGE,
        {
            "StageName": "live",
            "TracingEnabled": False,
            "MethodSettings": [Match.object_like({"LoggingLevel": "ERROR", "ThrottlingRateLimit": 5})],
        },
    )
    template.has_resource_properties("AWS::WAFv2::WebACLAssociation", {"WebACLArn": Match.string_like_regexp("a/b$")})
    assert options.logging_level is plain.MethodLoggingLevel.ERROR
    assert options.metrics_enabled is None, "the user's struct stays as it is"


def test_a_cache_is_encrypted(stack: cdk.Stack) -> None:
    rest(stack, deploy_options={"cache_cluster_enabled": True, "caching_enabled": True})
    Template.from_stack(stack).has_resource_properties(
        STAGE, {"MethodSettings": [Match.object_like({"CachingEnabled": True, "CacheDataEncrypted": True})]}
    )


def test_methods_with_settings_of_their_own_log_and_encrypt_too(stack: cdk.Stack) -> None:
    rest(
        stack, deploy_options={"method_options": {"/items/GET": plain.MethodDeploymentOptions(throttling_rate_limit=1)}}
    )
    own = Match.object_like({"HttpMethod": "GET", "LoggingLevel": "INFO", "CacheDataEncrypted": True})
    Template.from_stack(stack).has_resource_properties(STAGE, {"MethodSettings": Match.array_with([own])})


def test_another_authorizer_is_taken(stack: cdk.Stack) -> None:
    pool = cognito.UserPool(stack, "Users")
    authorizer = plain.CognitoUserPoolsAuthorizer(stack, "Authorizer", cognito_user_pools=[pool])
    rest(stack, default_method_options=plain.MethodOptions(authorizer=authorizer))
    Template.from_stack(stack).has_resource_properties(METHOD, {"AuthorizationType": "COGNITO_USER_POOLS"})


def test_a_method_may_take_another_authorizer(stack: cdk.Stack) -> None:
    pool = cognito.UserPool(stack, "Users")
    authorizer = plain.CognitoUserPoolsAuthorizer(stack, "Authorizer", cognito_user_pools=[pool])
    api = rest(stack)
    kind = plain.AuthorizationType.COGNITO
    api.root.add_method("POST", plain.MockIntegration(), authorizer=authorizer, authorization_type=kind)
    api.root.add_method("PUT", plain.MockIntegration(), authorization_type=plain.AuthorizationType.NONE)
    found = Template.from_stack(stack).find_resources(METHOD).values()
    kinds = {method["Properties"]["HttpMethod"]: method["Properties"]["AuthorizationType"] for method in found}
    assert kinds == {"GET": "AWS_IAM", "POST": "COGNITO_USER_POOLS", "PUT": "NONE"}


def test_without_a_deployment_there_is_no_stage(stack: cdk.Stack) -> None:
    api = apigateway.RestApi(stack, "Api", deploy=False)
    api.root.add_method("GET", plain.MockIntegration())
    assert api.web_acl_association is None
    stage = apigateway.Stage(stack, "Stage", deployment=plain.Deployment(stack, "Deployment", api=api))
    assert stage.web_acl_association
    template = Template.from_stack(stack)
    template.resource_count_is(STAGE, 1)
    template.has_resource_properties(STAGE, {"AccessLogSetting": Match.any_value(), "TracingEnabled": True})


def test_apis_of_one_stack_share_a_web_acl(stack: cdk.Stack) -> None:
    for id in ("One", "Two"):
        handler = lambda_.Function.from_function_name(stack, f"{id}Handler", "handler")
        apigateway.LambdaRestApi(stack, id, handler=handler)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::WAFv2::WebACL", 1)
    template.resource_count_is("AWS::WAFv2::WebACLAssociation", 2)


def test_it_complies(tmp_path: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    app = cdk.App(outdir=str(tmp_path))
    rest(cdk.Stack(app, "S"))
    app.synth()
    assert [str(r) for r in audit(tmp_path).results if r.status != "PASS" and r.resource] == []
    assert cfn_lint(tmp_path) == []


def certificate(stack: cdk.Stack) -> acm.ICertificate:
    arn = "arn:aws:acm:eu-central-1:111111111111:certificate/c"
    found = stack.node.try_find_child("Certificate")
    return found or acm.Certificate.from_certificate_arn(stack, "Certificate", arn)  # type: ignore[return-value]


def test_domain_names_take_tls_12(stack: cdk.Stack) -> None:
    api = rest(stack, domain_name={"domain_name": "a.example.com", "certificate": certificate(stack)})
    api.add_domain_name("Added", domain_name="b.example.com", certificate=certificate(stack))
    apigateway.DomainName(stack, "Alone", domain_name="c.example.com", certificate=certificate(stack))
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::ApiGateway::DomainName", 3)
    template.all_resources_properties("AWS::ApiGateway::DomainName", {"SecurityPolicy": "TLS_1_2"})
    assert api.domain_name is not None


def test_a_newer_policy_of_the_users_wins(stack: cdk.Stack) -> None:
    newer = plain.SecurityPolicy.TLS13_1_3_2025_09
    apigateway.DomainName(
        stack,
        "Name",
        domain_name="a.example.com",
        certificate=certificate(stack),
        security_policy=newer,
        endpoint_access_mode=plain.EndpointAccessMode.STRICT,
    )
    Template.from_stack(stack).has_resource_properties(
        "AWS::ApiGateway::DomainName", {"SecurityPolicy": Match.string_like_regexp("^SecurityPolicy_TLS13")}
    )


def test_helpers_can_be_reached(stack: cdk.Stack) -> None:
    api = rest(stack)
    assert api.access_log_group is not None
    assert api.access_log_group.node.path == "S/ApiSoc2AccessLogs"
    assert api.web_acl is not None
    assert api.web_acl.node.path == "S/Soc2/WebAcl"
    destination = plain.LogGroupLogDestination(logs.LogGroup(stack, "Mine"))
    theirs = apigateway.RestApi(stack, "Theirs", deploy_options={"access_log_destination": destination})
    theirs.root.add_method("GET", plain.MockIntegration())
    assert theirs.access_log_group is None


def test_a_web_acl_of_the_user_is_used(stack: cdk.Stack) -> None:
    from soc2_constructs import aws_wafv2 as wafv2

    arn = "arn:aws:wafv2:eu-central-1:111111111111:regional/webacl/a/b"
    wafv2.use_web_acl(stack, arn)
    assert rest(stack).web_acl is None
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::WAFv2::WebACL", 0)
    template.has_resource_properties("AWS::WAFv2::WebACLAssociation", {"WebACLArn": arn})
    other = cdk.Stack(cdk.App(), "T")
    rest(other)
    with pytest.raises(ValueError, match=r"T: an API has another web ACL already"):
        wafv2.use_web_acl(other, arn)


# Authorization


def warned(stack: cdk.Stack, path: str) -> bool:
    warnings = Annotations.from_stack(stack).find_warning(path, Match.string_like_regexp("require IAM authorization"))
    return bool(warnings)


def test_authorization_by_default_is_a_warning(stack: cdk.Stack) -> None:
    rest(stack)
    assert warned(stack, "/S/Api")


@pytest.mark.parametrize("kind", [apigateway.AuthorizationType.IAM, apigateway.AuthorizationType.NONE])
def test_authorization_that_the_user_sets_is_no_warning(kind: apigateway.AuthorizationType, stack: cdk.Stack) -> None:
    rest(stack, default_method_options=apigateway.MethodOptions(authorization_type=kind))
    assert not warned(stack, "*")
