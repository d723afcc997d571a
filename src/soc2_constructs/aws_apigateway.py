"""Amazon API Gateway: all of `aws_cdk.aws_apigateway`, with REST APIs that comply."""

from __future__ import annotations

from typing import Any, cast

from soc2_constructs.hardening import (
    Hardening,
    Init,
    PropsContext,
    Requirement,
    default,
    existing_helper,
    hardened,
    member,
    provide,
    require,
)

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from soc2_constructs.aws_logs import LogGroup
from soc2_constructs.aws_wafv2 import WebAcl, regional_web_acl_arn

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_apigateway import *

    __all__ = ["DomainName", "LambdaRestApi", "RestApi", "SpecRestApi", "Stage", "StepFunctionsRestApi"]
    __all__ += apigateway.__all__

_OFF = apigateway.MethodLoggingLevel.OFF


def _access_logs(context: PropsContext) -> apigateway.IAccessLogDestination:
    """A log group for the API: encrypted, and kept for a year."""
    return apigateway.LogGroupLogDestination(LogGroup(context.scope, f"{context.id}Soc2AccessLogs"))


def _access_log_format(_: PropsContext) -> apigateway.AccessLogFormat:
    return apigateway.AccessLogFormat.json_with_standard_fields(
        caller=True,
        http_method=True,
        ip=True,
        protocol=True,
        request_time=True,
        resource_path=True,
        response_length=True,
        status=True,
        user=True,
    )


def _stage_rows(stage: str = "", child: str = "Resource") -> tuple[Requirement, ...]:
    """What a stage has to be, on its own or as the `deploy_options.` of an API."""

    one_method = {"HttpMethod": "GET", "ResourcePath": "/a"}

    def deploys(context: PropsContext) -> bool:
        return context.props.get("deploy") is not False

    def logging(property: str, **row: Any) -> Requirement:
        return require(f"{stage}{property}", when=deploys, **row)

    return (
        logging(
            "logging_level",
            value=apigateway.MethodLoggingLevel.INFO,
            control="apigateway_stage_logging_enabled",
            accepts=lambda value, _: value != _OFF,
            required="MethodLoggingLevel.INFO or ERROR",
            bad_value=_OFF,
            bad_override=("MethodSettings.0.LoggingLevel", "OFF", child),
        ),
        provide(
            f"{stage}access_log_destination",
            _access_logs,
            "apigateway_stage_logging_enabled",
            required="a log group of the API's own unless you give one",
            bad_override=("AccessLogSetting", None, child),
            when=deploys,
        ),
        provide(
            f"{stage}access_log_format",
            _access_log_format,
            None,
            required="JSON with the standard fields, unless you say otherwise",
            when=deploys,
            only_with=f"{stage}access_log_destination",
        ),
        require(
            f"{stage}cache_data_encrypted",
            True,
            "apigateway_stage_cache_encryption_at_rest_enabled",
            bad_value=False,
            bad_override=[
                ("CacheClusterEnabled", True, child),
                ("MethodSettings.0.CachingEnabled", True, child),
                ("MethodSettings.0.CacheDataEncrypted", False, child),
            ],
            when=deploys,
        ),
        require(
            f"{stage}method_options.*.cache_data_encrypted",
            True,
            "apigateway_stage_cache_encryption_at_rest_enabled",
            bad_value=False,
            bad_override=[
                ("CacheClusterEnabled", True, child),
                ("MethodSettings.1", {**one_method, "CachingEnabled": True, "CacheDataEncrypted": False}, child),
            ],
            when=deploys,
        ),
        require(
            f"{stage}method_options.*.logging_level",
            apigateway.MethodLoggingLevel.INFO,
            "apigateway_stage_logging_enabled",
            accepts=lambda value, _: value != _OFF,
            required="MethodLoggingLevel.INFO or ERROR",
            bad_value=_OFF,
            bad_override=("MethodSettings.1", {**one_method, "LoggingLevel": "OFF"}, child),
            when=deploys,
        ),
        # A trace holds whole requests and answers, with whatever is in them.
        default(f"{stage}data_trace_enabled", False, when=deploys),
        default(f"{stage}tracing_enabled", True, when=deploys),
        default(f"{stage}metrics_enabled", True, when=deploys),
        default(f"{stage}throttling_rate_limit", 1000, when=deploys),
        default(f"{stage}throttling_burst_limit", 2000, when=deploys),
    )


def _api_rows() -> tuple[Requirement, ...]:
    return (
        *_stage_rows("deploy_options.", "DeploymentStage.prod/Resource"),
        # Without the account's role API Gateway writes no execution log.
        default("cloud_watch_role", True, only_with="deploy_options.logging_level"),
        # Without a word CloudFormation leaves it to API Gateway, which may take TLS 1.0.
        default(
            "domain_name.security_policy",
            apigateway.SecurityPolicy.TLS_1_2,
            when=lambda context: "domain_name" in context.props,
        ),
    )


def _demands_authorization() -> Requirement:
    return default(
        "default_method_options.authorization_type",
        apigateway.AuthorizationType.IAM,
        when=lambda context: not _has_authorizer(context.props.get("default_method_options")),
    )


def _has_authorizer(options: Any) -> bool:
    return options is not None and member(options, "authorizer") is not None


DOMAIN_NAME = Hardening(apigateway.DomainName, default("security_policy", apigateway.SecurityPolicy.TLS_1_2))
STAGE = Hardening(apigateway.Stage, *_stage_rows())
REST_API = Hardening(apigateway.RestApi, *_api_rows(), _demands_authorization())
LAMBDA_REST_API = Hardening(apigateway.LambdaRestApi, *_api_rows(), _demands_authorization())
STEP_FUNCTIONS_REST_API = Hardening(apigateway.StepFunctionsRestApi, *_api_rows(), _demands_authorization())
SPEC_REST_API = Hardening(apigateway.SpecRestApi, *_api_rows())


def _protect(stage: apigateway.Stage) -> waf.CfnWebACLAssociation:
    """Put a stage behind a web ACL."""
    return waf.CfnWebACLAssociation(
        stage,
        "WebAcl",
        resource_arn=stage.stage_arn,
        web_acl_arn=regional_web_acl_arn(stage),
    )


def _log_group(context: PropsContext) -> LogGroup | None:
    """The log group that was made for the access logs; None where the user gave another destination."""
    made = context.scope.node.try_find_child(f"{context.id}Soc2AccessLogs")
    return made if isinstance(made, LogGroup) else None


def _build_stage(stage: Stage, init: Init, context: PropsContext) -> None:
    init(context.props)
    stage.access_log_group = _log_group(context)
    stage.web_acl_association = _protect(stage)
    stage.web_acl = existing_helper(stage, "WebAcl")


def _build_api(api: Any, init: Init, context: PropsContext) -> None:
    init(context.props)
    api.access_log_group = _log_group(context)
    api.web_acl_association = None
    if context.props.get("deploy") is not False:
        api.web_acl_association = _protect(api.deployment_stage)
    api.web_acl = existing_helper(api, "WebAcl")


@hardened(DOMAIN_NAME)
class DomainName(apigateway.DomainName):
    """A domain name that takes TLS 1.2 or newer, unless you say otherwise."""


class _Protected:
    """What the stages and APIs of this module have beside what the CDK's have."""

    #: Where access logs go; None where the stage was context another destination, or there is none.
    access_log_group: LogGroup | None
    #: The web ACL that the APIs of a stack share; None where `aws_wafv2.use_web_acl` named another.
    web_acl: WebAcl | None


@hardened(STAGE, _build_stage)
class Stage(_Protected, apigateway.Stage):
    """A stage that writes access logs and execution logs, traces, throttles, and stands behind a web ACL."""

    #: What puts it there; set its `web_acl_arn` to stand behind another one than the rest of the stack.
    web_acl_association: waf.CfnWebACLAssociation


class _Api(_Protected):
    #: What puts the API's stage behind the web ACL; set its `web_acl_arn` to stand behind another one than the rest
    #: of the stack. None without a deployment.
    web_acl_association: waf.CfnWebACLAssociation | None

    def add_domain_name(self, id: str, **options: Any) -> apigateway.DomainName:
        """Add a domain name, which takes TLS 1.2 or newer, unless you say otherwise."""
        api: Any = super()
        final = DOMAIN_NAME.applied(options, cast(Construct, self), id)
        added: apigateway.DomainName = api.add_domain_name(id, **final)
        return added


@hardened(REST_API, _build_api)
class RestApi(_Api, apigateway.RestApi):
    """A REST API that demands IAM authorization, writes logs, traces, throttles, and stands behind a web ACL.

    Access logs go to a log group of its own; another is context as `deploy_options`' `access_log_destination`. The web
    ACL is one that the APIs of a stack share; `aws_wafv2.use_web_acl(stack, arn)` names another.

    For methods that anybody may call, say `authorization_type=AuthorizationType.NONE`; one with an authorizer of its
    own has to say its `authorization_type` too, since the CDK takes that of the API for the user's word.
    """


@hardened(LAMBDA_REST_API, _build_api)
class LambdaRestApi(_Api, apigateway.LambdaRestApi):
    """As `RestApi`, over one function."""


@hardened(STEP_FUNCTIONS_REST_API, _build_api)
class StepFunctionsRestApi(_Api, apigateway.StepFunctionsRestApi):
    """As `RestApi`, over one state machine."""


@hardened(SPEC_REST_API, _build_api)
class SpecRestApi(_Api, apigateway.SpecRestApi):
    """As `RestApi`, of an OpenAPI document; who may call what stands in the document."""


if MYPY:
    from aws_cdk.aws_apigateway import *  # type: ignore[assignment]
