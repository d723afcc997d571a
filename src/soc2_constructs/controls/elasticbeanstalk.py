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
    fix='Add an option setting on CfnEnvironment: `namespace="aws:elasticbeanstalk:cloudwatch:logs"`, '
    '`option_name="StreamLogs"`, `value="true"` (OptionSettings[]).',
    config_rule="ELASTIC_BEANSTALK_LOGS_TO_CLOUDWATCH",
    prowler=("elasticbeanstalk_environment_cloudwatch_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def elastic_beanstalk_environment_logs_to_cloudwatch(environment: Resource) -> Verdict:
    """Environments stream their logs to CloudWatch.

    Logs that stay on an instance go with it, and instances go whenever the environment scales. A setting of the
    environment wins over that of its configuration template. One that only `.ebextensions` of the application makes is
    not seen here: say it in the template. The change restarts no instance.
    """
    says, streams = _says(environment), _streams(environment)
    return streams | (~says & _inherits(environment["TemplateName"])).with_message("no option setting streams the logs")


def _is_the_option(setting: Value) -> Verdict:
    return setting["Namespace"].equals(_NAMESPACE) & setting["OptionName"].equals(_OPTION)


def _says(resource: Resource) -> Verdict:
    return any_of(_is_the_option(setting) for setting in resource["OptionSettings"].each())


def _streams(resource: Resource) -> Verdict:
    return any_of(
        _is_the_option(setting) & setting["Value"].equals(True) for setting in resource["OptionSettings"].each()
    )


def _inherits(name: Value) -> Verdict:
    """Whether the configuration template that an environment is made of streams logs."""
    template = name.target
    if template is None:
        if name.is_absent:
            return failed("it is made of no configuration template")
        return unresolved("its configuration template is not part of the assembly")
    copied = template["SourceConfiguration"].is_set() | template["EnvironmentId"].is_set()
    unknown = unresolved("its configuration template is itself a copy of another configuration")
    return _streams(template) | all_of(~_says(template), copied, unknown)
