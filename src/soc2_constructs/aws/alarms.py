"""Whether something happens when an alarm goes off."""

from __future__ import annotations

from soc2_constructs.aws.places import same_place
from soc2_constructs.cloudformation import (
    FAIL,
    Reference,
    Resource,
    Text,
    Unresolved,
    Value,
    Verdict,
    any_of,
    failed,
    passed,
    unresolved,
)

ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm"

#: What watches the state of an alarm itself, and where it names it: such an alarm needs no action of its own.
_WATCHERS = (
    ("AWS::AppConfig::Environment", "Monitors[].AlarmArn"),
    ("AWS::CloudWatch::CompositeAlarm", "ActionsSuppressor"),
    ("AWS::CodeDeploy::DeploymentGroup", "AlarmConfiguration.Alarms[].Name"),
    ("AWS::ECS::Service", "DeploymentConfiguration.Alarms.AlarmNames[]"),
    ("AWS::FIS::ExperimentTemplate", "StopConditions[].Value"),
    ("AWS::Route53::HealthCheck", "HealthCheckConfig.AlarmIdentifier.Name"),
    ("AWS::SageMaker::Endpoint", "DeploymentConfig.AutoRollbackConfiguration.Alarms[].AlarmName"),
    ("AWS::Serverless::Function", "DeploymentPreference.Alarms[]"),
)

_OPEN = "\ue001"


def rings(alarm: Resource, below: tuple[Resource, ...] = ()) -> Verdict:
    """Whether the alarm, or a composite alarm that listens to it, has an action that is switched on."""
    return (alarm["AlarmActions"].is_set() & alarm["ActionsEnabled"].default(True).equals(True)) | rings_above(
        alarm, below
    )


def rings_above(alarm: Resource, below: tuple[Resource, ...] = ()) -> Verdict:
    """Whether a composite alarm that listens to the alarm has an action that is switched on."""
    seen = (*below, alarm)
    return any_of(
        listens & same_place(composite, alarm) & rings(composite, seen)
        for composite in alarm.all_of_type(COMPOSITE_ALARM)
        # Alarms that name each other in a circle by their literal names would never end.
        if composite not in seen and (listens := _listens(composite["AlarmRule"], alarm)).status is not FAIL
    )


def is_watched(alarm: Resource) -> Verdict:
    """Whether a deployment, a health check or another alarm acts on the state of the alarm."""
    return any_of(
        _names(value, alarm)
        for kind, via in _WATCHERS
        for watcher in alarm.all_of_type(kind)
        for value in watcher.values(via)
    )


def _names(value: Value, alarm: Resource) -> Verdict:
    if value.target is alarm or _is_named(alarm, value.known):
        return passed("{} watches it", value.resource.logical_id)
    if value.target is None and value.unresolved is not None:
        return unresolved("{} of {} is known only when it is deployed", value, value.resource.logical_id)
    return failed("{} watches something else", value.resource.logical_id)


def _is_named(alarm: Resource, text: object) -> bool:
    name = alarm["AlarmName"].known
    return isinstance(name, str) and isinstance(text, str) and (text == name or text.endswith(f":alarm:{name}"))


def _listens(rule: Value, alarm: Resource) -> Verdict:
    """Whether the rule of a composite alarm, such as ``ALARM("a") OR ALARM(arn)``, names the alarm."""
    parts = rule.node.parts if type(rule.node) is Text else (rule.node,)
    if any(type(part) is Reference and part.resource is alarm for part in parts):
        return passed("{} names it", rule)
    text = "".join(part if type(part) is str else _OPEN for part in parts)
    arguments = [chunk.partition(")")[0].strip().strip("\"'") for chunk in text.split("(")]
    if any(_is_named(alarm, argument) for argument in arguments):
        return passed("{} names it", rule)
    if any(type(part) is Unresolved for part in parts):
        return unresolved("{} is known only when the template is deployed", rule, path=rule.path)
    return failed("{} names other alarms", rule)
