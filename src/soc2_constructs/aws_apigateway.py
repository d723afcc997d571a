"""Amazon API Gateway: all of `aws_cdk.aws_apigateway`, with compliant REST APIs."""

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

import aws_cdk as cdk
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
    """An encrypted log group for the API, with a retention of one year."""
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
    """The requirements on a stage, created directly or by the `deploy_options` of an API."""

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
            required="by default a new log group",
            bad_override=("AccessLogSetting", None, child),
            when=deploys,
        ),
        provide(
            f"{stage}access_log_format",
            _access_log_format,
            None,
            required="by default JSON with the standard fields",
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
        # A data trace logs complete requests and responses, which may contain sensitive data.
        default(f"{stage}data_trace_enabled", False, when=deploys),
        default(f"{stage}tracing_enabled", True, when=deploys),
        default(f"{stage}metrics_enabled", True, when=deploys),
        default(f"{stage}throttling_rate_limit", 1000, when=deploys),
        default(f"{stage}throttling_burst_limit", 2000, when=deploys),
    )


def _api_rows() -> tuple[Requirement, ...]:
    return (
        *_stage_rows("deploy_options.", "DeploymentStage.prod/Resource"),
        # API Gateway writes execution logs only with a role of the account.
        default("cloud_watch_role", True, only_with="deploy_options.logging_level"),
        # Without a security policy, API Gateway may accept TLS 1.0.
        default(
            "domain_name.security_policy",
            apigateway.SecurityPolicy.TLS_1_2,
            when=lambda context: "domain_name" in context.props,
        ),
    )


def _authorization() -> Requirement:
    return provide(
        "default_method_options.authorization_type",
        _iam,
        None,
        required="by default IAM authorization, with a warning; AuthorizationType.NONE for public methods",
        when=lambda context: not _has_authorizer(context.props.get("default_method_options")),
    )


def _iam(context: PropsContext) -> apigateway.AuthorizationType:
    context.scratch["authorizes"] = True
    return apigateway.AuthorizationType.IAM


def _warn_of_authorization(api: Any, context: PropsContext) -> None:
    """Warn that methods require IAM authorization, because the same app with the CDK's class has public methods."""
    if context.scratch.get("authorizes"):
        cdk.Annotations.of(api).add_warning_v2(
            "soc2:iam-authorization",
            "Methods without an authorization type require IAM authorization (apigateway_method_authorization); with "
            "aws_cdk they are public. Write "
            "default_method_options=apigateway.MethodOptions(authorization_type=apigateway.AuthorizationType.IAM) to "
            "confirm it, or AuthorizationType.NONE for public methods.",
        )


def _has_authorizer(options: Any) -> bool:
    return options is not None and member(options, "authorizer") is not None


DOMAIN_NAME = Hardening(apigateway.DomainName, default("security_policy", apigateway.SecurityPolicy.TLS_1_2))
STAGE = Hardening(apigateway.Stage, *_stage_rows())
REST_API = Hardening(apigateway.RestApi, *_api_rows(), _authorization())
LAMBDA_REST_API = Hardening(apigateway.LambdaRestApi, *_api_rows(), _authorization())
STEP_FUNCTIONS_REST_API = Hardening(apigateway.StepFunctionsRestApi, *_api_rows(), _authorization())
SPEC_REST_API = Hardening(apigateway.SpecRestApi, *_api_rows())


def _protect(stage: apigateway.Stage) -> waf.CfnWebACLAssociation:
    """Associate a stage with a web ACL."""
    return waf.CfnWebACLAssociation(
        stage,
        "WebAcl",
        resource_arn=stage.stage_arn,
        web_acl_arn=regional_web_acl_arn(stage),
    )


def _log_group(context: PropsContext) -> LogGroup | None:
    """The log group for the access logs; None if the user sets another destination."""
    made = context.scope.node.try_find_child(f"{context.id}Soc2AccessLogs")
    return made if isinstance(made, LogGroup) else None


def _build_stage(stage: Stage, init: Init, context: PropsContext) -> None:
    init(context.props)
    stage.access_log_group = _log_group(context)
    stage.web_acl_association = _protect(stage)
    stage.web_acl = existing_helper(stage, "WebAcl")


def _build_api(api: Any, init: Init, context: PropsContext) -> None:
    init(context.props)
    _warn_of_authorization(api, context)
    api.access_log_group = _log_group(context)
    api.web_acl_association = None
    if context.props.get("deploy") is not False:
        api.web_acl_association = _protect(api.deployment_stage)
    api.web_acl = existing_helper(api, "WebAcl")


@hardened(DOMAIN_NAME)
class DomainName(apigateway.DomainName):
    """A domain name that requires TLS 1.2 or newer by default."""


class _Protected:
    """The attributes of stages and APIs beyond those of the CDK."""

    #: The log group for access logs; None with another destination, or without a stage.
    access_log_group: LogGroup | None
    #: The web ACL that the APIs of the stack share; None after `aws_wafv2.use_web_acl`.
    web_acl: WebAcl | None


@hardened(STAGE, _build_stage)
class Stage(_Protected, apigateway.Stage):
    """A stage with access logs, execution logs, tracing, throttling and a web ACL.

    Controls: apigateway_stage_logging_enabled, apigateway_stage_cache_encryption_at_rest_enabled.
    """

    #: The association with the web ACL; set its `web_acl_arn` to use another web ACL for this stage.
    web_acl_association: waf.CfnWebACLAssociation


class _Api(_Protected):
    #: The association with the web ACL; set its `web_acl_arn` to use another web ACL for this API. None without a
    #: deployment.
    web_acl_association: waf.CfnWebACLAssociation | None

    def add_domain_name(self, id: str, **options: Any) -> apigateway.DomainName:
        """Add a domain name, which requires TLS 1.2 or newer by default."""
        api: Any = super()
        final = DOMAIN_NAME.applied(options, cast(Construct, self), id)
        added: apigateway.DomainName = api.add_domain_name(id, **final)
        return added


@hardened(REST_API, _build_api)
class RestApi(_Api, apigateway.RestApi):
    """A REST API with IAM authorization, logs, tracing, throttling and a web ACL.

    Authorization by default is a warning of the synthesis, until you write `default_method_options` yourself.

    Access logs go to a new log group; to use another one, set `access_log_destination` in `deploy_options`. The APIs of
    a stack share a web ACL; to use another one, call `aws_wafv2.use_web_acl(stack, arn)`.

    For a public method, set `authorization_type=AuthorizationType.NONE`. For a method with its own authorizer, also set
    its `authorization_type`, because the default of the API has precedence over the type of the authorizer.

    Controls: apigateway_stage_logging_enabled, apigateway_stage_cache_encryption_at_rest_enabled.
    AWS page: "Security in Amazon API Gateway".
    """


@hardened(LAMBDA_REST_API, _build_api)
class LambdaRestApi(_Api, apigateway.LambdaRestApi):
    """As `RestApi`, for one function."""


@hardened(STEP_FUNCTIONS_REST_API, _build_api)
class StepFunctionsRestApi(_Api, apigateway.StepFunctionsRestApi):
    """As `RestApi`, for one state machine."""


@hardened(SPEC_REST_API, _build_api)
class SpecRestApi(_Api, apigateway.SpecRestApi):
    """As `RestApi`, from an OpenAPI document; the document defines authorization."""


if MYPY:
    from aws_cdk.aws_apigateway import *  # type: ignore[assignment]
