"""Amazon API Gateway: REST APIs, and the execution logs of WebSocket APIs.

An API of the Serverless Application Model (AWS::Serverless::Api) has the properties of its one stage.
"""

from __future__ import annotations

from soc2_constructs.aws.policies import statements
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.aws.serverless_events import authorizes_events
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, failed, passed, unresolved
from soc2_constructs.controls import control

STAGE = "AWS::ApiGateway::Stage"
DEPLOYMENT = "AWS::ApiGateway::Deployment"
STAGE_V2 = "AWS::ApiGatewayV2::Stage"
SAM_API = "AWS::Serverless::Api"
SAM_FUNCTION = "AWS::Serverless::Function"
REST_API = "AWS::ApiGateway::RestApi"
METHOD = "AWS::ApiGateway::Method"
DOMAIN = "AWS::ApiGateway::DomainName"
DOMAIN_V2 = "AWS::ApiGatewayV2::DomainName"

_LOG_LEVELS = ("ERROR", "INFO")


def _declares_stage(deployment: Resource) -> Verdict:
    """Whether a deployment creates a stage itself, in addition to AWS::ApiGateway::Stage resources."""
    return deployment["StageName"].is_set()


@control(
    resource_types=(STAGE, DEPLOYMENT, SAM_API),
    kind="encryption_at_rest",
    severity="medium",
    severity_reason="API Gateway operates the cache, and its storage cannot be copied or shared from the account.",
    fix="Set `cache_data_encrypted=True` wherever `caching_enabled=True` (MethodSettings[].CacheDataEncrypted: true).",
    config_rule="API_GW_CACHE_ENABLED_AND_ENCRYPTED",
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.7", "C1.1")},
)
def apigateway_stage_cache_encryption_at_rest_enabled(stage: Resource) -> Verdict:
    """Caches of REST API stages are encrypted.

    A cache stores responses, which can hold confidential data. A stage without a cache passes; the AWS Config rule
    reports it as noncompliant.

    The change empties the cache, so requests are slower until it fills again.
    """
    if stage.type in (STAGE, SAM_API):
        # Without a cache cluster, `CachingEnabled` has no effect.
        return stage["CacheClusterEnabled"].default(False).equals(True).implies(_encrypts(stage["MethodSettings"]))
    inline = stage["StageDescription"]
    is_cached = _declares_stage(stage) & inline["CacheClusterEnabled"].default(False).equals(True)
    return is_cached.implies(_encrypts_by_default(inline) & _encrypts(inline["MethodSettings"]))


def _encrypts(settings: Value) -> Verdict:
    """Whether each method that caches encrypts its cache."""
    return all_of(
        setting["CachingEnabled"].default(False).equals(True).implies(setting["CacheDataEncrypted"].equals(True))
        for setting in settings.each()
    )


def _encrypts_by_default(stage: Value) -> Verdict:
    """Whether an inline stage encrypts the caches of the methods that have no settings of their own."""
    return stage["CachingEnabled"].default(False).equals(True).implies(stage["CacheDataEncrypted"].equals(True))


@control(
    resource_types=(STAGE, DEPLOYMENT, STAGE_V2, SAM_API),
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `deploy_options=apigateway.StageOptions(logging_level=apigateway.MethodLoggingLevel.INFO, "
    "access_log_destination=apigateway.LogGroupLogDestination(log_group))` and `cloud_watch_role=True` (MethodSettings "
    "with HttpMethod *, ResourcePath /*, LoggingLevel INFO or ERROR; AccessLogSetting.DestinationArn; for WebSocket "
    "APIs DefaultRouteSettings.LoggingLevel).",
    config_rule="API_GW_EXECUTION_LOGGING_ENABLED",
    config_parameters={"loggingLevel": "ERROR,INFO"},
    prowler=("apigateway_restapi_logging_enabled",),
    also_mapped={"Powerpipe": ("CC7.1", "CC7.2", "CC7.3", "A1.2", "PI1.2")},
)
def apigateway_stage_logging_enabled(stage: Resource) -> Verdict:
    """REST and WebSocket stages write execution logs, and REST stages access logs.

    Execution logs show why a request failed, and access logs show who sent it. Both are needed to investigate an
    incident. HTTP APIs have no execution logs, and pass.

    Nothing is interrupted. Execution logs require a role for the account (AWS::ApiGateway::Account). CloudWatch Logs
    charges for ingestion and storage.
    """
    if stage.type == STAGE_V2:
        return _is_websocket(stage).implies(stage["DefaultRouteSettings.LoggingLevel"].one_of(*_LOG_LEVELS))
    if stage.type in (STAGE, SAM_API):
        return _logs_execution(stage["MethodSettings"]) & stage["AccessLogSetting.DestinationArn"].is_set()
    inline = stage["StageDescription"]
    logs_execution = inline["LoggingLevel"].one_of(*_LOG_LEVELS) | _logs_execution(inline["MethodSettings"])
    return _declares_stage(stage).implies(logs_execution & inline["AccessLogSetting.DestinationArn"].is_set())


def _logs_execution(settings: Value) -> Verdict:
    """Whether all methods log: one entry applies to all of them, and no other entry switches logging off."""
    entries = settings.each()
    default = any_of(entry["LoggingLevel"].one_of(*_LOG_LEVELS) & _is_for_all(entry) for entry in entries)
    exceptions = all_of(
        entry["LoggingLevel"].default("INFO").one_of(*_LOG_LEVELS) for entry in entries if not entry.unresolved
    )
    return (
        default.with_message("no entry of MethodSettings for all methods sets LoggingLevel to ERROR or INFO")
        & exceptions
    )


def _is_for_all(entry: Value) -> Verdict:
    return entry["HttpMethod"].equals("*") & entry["ResourcePath"].one_of("/*", "*")


def _is_websocket(stage: Resource) -> Verdict:
    api = stage.target("ApiId")
    if api is None:
        if not stage["DefaultRouteSettings.LoggingLevel"].is_absent:
            return passed("DefaultRouteSettings.LoggingLevel is set, which only WebSocket APIs support")
        return unresolved("the API of the stage is not part of the assembly, so its protocol is not known")
    if api.type != "AWS::ApiGatewayV2::Api":
        return failed("{} is not an AWS::ApiGatewayV2::Api", api.logical_id)
    return api["ProtocolType"].default("HTTP").equals("WEBSOCKET")


@control(
    resource_types=(METHOD, SAM_FUNCTION),
    kind="authentication",
    severity="medium",
    severity_reason="Some methods are public by design, and some back ends authenticate requests themselves.",
    fix="Set `default_method_options=apigateway.MethodOptions(authorization_type=apigateway.AuthorizationType.IAM)` or "
    "an `authorizer`, or give the API a `policy` (Method.AuthorizationType: AWS_IAM, COGNITO_USER_POOLS or CUSTOM; "
    "RestApi.Policy).",
    prowler=("apigateway_restapi_public_with_authorizer",),
)
def apigateway_method_authorization(resource: Resource) -> Verdict:
    """REST API methods authorize requests.

    Without an authorizer, anyone who knows the URL can call the method. An API key passes here, but it identifies a
    client rather than authenticates it. Private APIs and APIs with a resource policy that limits callers pass, and so
    do OPTIONS methods, because browsers send preflight requests without credentials.

    Nothing is replaced. Callers without credentials are rejected from the next deployment of the API. Waive the control
    for methods that are public by design.
    """
    if resource.type == SAM_FUNCTION:
        return authorizes_events(resource, "Api", _limits_callers)
    api = resource["RestApiId"].target_of(REST_API)
    authorizes = any_of(
        # API Gateway API Reference, "PutMethod": a method without a type is open.
        ~resource["AuthorizationType"].default("NONE").equals("NONE"),
        resource["ApiKeyRequired"].equals(True),
        unresolved("the API of the method is not part of the assembly") if api is None else _limits_callers(api),
    ).with_message("AuthorizationType is NONE, and neither an API key nor a resource policy limits the callers")
    return (~resource["HttpMethod"].equals("OPTIONS")).implies(authorizes)


def _limits_callers(api: Resource) -> Verdict:
    """Whether an API is private, or has a resource policy that allows no access to everyone."""
    if api.type == SAM_API:
        auth, endpoint = api["Auth"], api["EndpointConfiguration"]
        is_private = endpoint.one_of("PRIVATE") | endpoint["Type"].equals("PRIVATE")
        return is_private | auth["ApiKeyRequired"].equals(True) | auth["ResourcePolicy"].is_set()
    return api["EndpointConfiguration.Types"].includes("PRIVATE") | _limits(api["Policy"])


def _limits(policy: Value) -> Verdict:
    listed = statements(policy)
    if any(statement.denies for statement in listed):
        return passed("{} denies some requests", policy)
    return policy.is_set() & no_public_grant(listed, "execute-api")


@control(
    resource_types=(DOMAIN, DOMAIN_V2),
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="Current clients negotiate TLS 1.2 or newer; only old ones use the older versions.",
    fix="Set `security_policy=apigateway.SecurityPolicy.TLS_1_2` (DomainName.SecurityPolicy: TLS_1_2; "
    "DomainNameConfigurations[].SecurityPolicy: TLS_1_2).",
)
def apigateway_domain_tls(domain: Resource) -> Verdict:
    """Custom domains of API Gateway require TLS 1.2.

    TLS 1.0 and 1.1 have known weaknesses, and the IETF has deprecated them. TLS_1_2 is the default of custom domains.

    The update takes some minutes and interrupts nothing. Clients that only support older versions cannot connect.
    """
    if domain.type == DOMAIN:
        return ~domain["SecurityPolicy"].default("TLS_1_2").equals("TLS_1_0")
    return all_of(
        ~entry["SecurityPolicy"].default("TLS_1_2").equals("TLS_1_0")
        for entry in domain["DomainNameConfigurations"].each()
    )
