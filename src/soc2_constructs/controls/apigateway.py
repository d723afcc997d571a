"""Amazon API Gateway: REST APIs, and the execution logs of WebSocket APIs.

An API of the Serverless Application Model (AWS::Serverless::Api) has the properties of its one stage.
"""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, failed, passed, unresolved
from soc2_constructs.controls import control

STAGE = "AWS::ApiGateway::Stage"
DEPLOYMENT = "AWS::ApiGateway::Deployment"
STAGE_V2 = "AWS::ApiGatewayV2::Stage"
SAM_API = "AWS::Serverless::Api"

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
