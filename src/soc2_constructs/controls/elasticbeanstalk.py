"""AWS Elastic Beanstalk."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, failed, unresolved
from soc2_constructs.controls import control

ENVIRONMENT = "AWS::ElasticBeanstalk::Environment"

_NAMESPACE, _OPTION = "aws:elasticbeanstalk:cloudwatch:logs", "StreamLogs"


@control(
    resource_types=ENVIRONMENT,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Add `elasticbeanstalk.CfnEnvironment.OptionSettingProperty("
    'namespace="aws:elasticbeanstalk:cloudwatch:logs", option_name="StreamLogs", value="true")` to `option_settings` '
    "(OptionSettings[]).",
    config_rule="ELASTIC_BEANSTALK_LOGS_TO_CLOUDWATCH",
    prowler=("elasticbeanstalk_environment_cloudwatch_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def elastic_beanstalk_environment_logs_to_cloudwatch(environment: Resource) -> Verdict:
    """Environments stream their logs to CloudWatch.

    Logs on an instance are lost when the environment scales in and terminates the instance. A setting of the
    environment overrides its configuration template. The control does not read `.ebextensions`, so set the option in
    the template.

    No instance is restarted. CloudWatch Logs charges for ingestion and storage.
    """
    streams = _streams(environment) | (~_sets_the_option(environment) & _inherits(environment["TemplateName"]))
    return streams.with_message(
        "no option setting sets StreamLogs to true", environment["OptionSettings"].path
    ).with_pass_message("an option setting sets StreamLogs to true")


def _is_the_option(setting: Value) -> Verdict:
    return setting["Namespace"].equals(_NAMESPACE) & setting["OptionName"].equals(_OPTION)


def _sets_the_option(resource: Resource) -> Verdict:
    return any_of(_is_the_option(setting) for setting in resource["OptionSettings"].each())


def _streams(resource: Resource) -> Verdict:
    return any_of(
        _is_the_option(setting) & setting["Value"].equals(True) for setting in resource["OptionSettings"].each()
    )


def _inherits(name: Value) -> Verdict:
    """Whether the configuration template of an environment streams logs."""
    template = name.target
    if template is None:
        if name.is_absent:
            return failed("{} is not set", name)
        return unresolved("the configuration template is not part of the assembly")
    is_copy = template["SourceConfiguration"].is_set() | template["EnvironmentId"].is_set()
    unknown = unresolved("the configuration template copies another configuration, whose settings are not known")
    return _streams(template) | all_of(~_sets_the_option(template), is_copy, unknown)
