"""Whether an alarm has an effect: an action, a composite alarm with one, or a resource that watches its state."""

from __future__ import annotations

import functools

from soc2_constructs.aws.alarm_actions import takes_effect
from soc2_constructs.aws.places import same_place
from soc2_constructs.cloudformation import (
    FAIL,
    OPEN,
    PASS,
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
    with_keys,
)
from soc2_constructs.cloudformation.values import text_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

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

_PLACEHOLDER = "\ue001"


def rings(alarm: Resource) -> Verdict:
    """Whether the alarm, or a composite alarm above it, has an action that is enabled."""
    return _acts(alarm) | rings_above(alarm)


def rings_above(alarm: Resource) -> Verdict:
    """Whether a composite alarm has an enabled action and its rule names the alarm, directly or through others.

    Each composite alarm is visited at most twice, once for certain and once where a rule is unresolved, so the time is
    linear in the number of names in rules, and rules that name each other in a circle end.
    """
    paths: dict[int, Verdict] = {id(alarm): passed("it is the alarm")}
    verdicts, waiting = [], [alarm]
    for current in waiting:
        path = paths[id(current)]
        for composite, listens in _listeners(current):
            edge = listens & same_place(composite, current)
            step = edge if path.status is PASS else path
            known = paths.get(id(composite))
            if edge.status is FAIL or (known is not None and (known.status is PASS or step.status is not PASS)):
                continue
            paths[id(composite)] = step
            waiting.append(composite)
            verdicts.append(step & _acts(composite))
    return any_of(verdicts)


def _acts(alarm: Resource) -> Verdict:
    return has_effective_action(alarm) & alarm["ActionsEnabled"].default(True).equals(True)


def has_effective_action(alarm: Resource) -> Verdict:
    """Whether the alarm has an action that takes effect."""
    actions = alarm["AlarmActions"]
    verdict = actions.is_set()
    return verdict if verdict.status is FAIL else any_of(takes_effect(action) for action in actions.each())


def is_watched(alarm: Resource) -> Verdict:
    """Whether a deployment, a health check or another alarm acts on the state of the alarm."""
    return any_of(
        _names(value, alarm)
        for kind, via in _WATCHERS
        for watcher in with_keys(alarm, kind, _watched(via), _watch_keys(alarm))
        for value in watcher.values(via)
    )


def _watch_keys(alarm: Resource) -> tuple[Hashable, ...]:
    name = alarm["AlarmName"].known
    return (id(alarm), OPEN, name) if isinstance(name, str) else (id(alarm), OPEN)


@functools.cache
def _watched(via: str) -> Callable[[Resource], Iterator[Hashable]]:
    """A function that returns the alarms that a resource watches: ids of resources, names, and OPEN where unknown."""

    def keys_of(watcher: Resource) -> Iterator[Hashable]:
        for value in watcher.values(via):
            target, text = value.target, value.known
            if target is not None:
                yield id(target)
            elif value.unresolved is not None:
                yield OPEN
            if isinstance(text, str):
                yield text
                yield text.rpartition(":alarm:")[2]

    return keys_of


def _names(value: Value, alarm: Resource) -> Verdict:
    if value.target is alarm or _is_named(alarm, value.known):
        return passed("{} watches it", value.resource.logical_id)
    if value.target is None and value.unresolved is not None:
        return unresolved("{} of {} is known only at deployment", value, value.resource.logical_id)
    return failed("{} watches something else", value.resource.logical_id)


def _is_named(alarm: Resource, text: object) -> bool:
    name = alarm["AlarmName"].known
    return isinstance(name, str) and isinstance(text, str) and (text == name or text.endswith(f":alarm:{name}"))


def _listeners(alarm: Resource) -> Iterator[tuple[Resource, Verdict]]:
    """The composite alarms whose rules name the alarm, such as ``ALARM("a") OR ALARM(arn)``, or may name it."""
    name = alarm["AlarmName"].known
    keys = {id(alarm), name} if isinstance(name, str) else {id(alarm)}
    for composite in with_keys(alarm, COMPOSITE_ALARM, _named_alarms, (*keys, OPEN)):
        rule, found = composite["AlarmRule"], set(_named_alarms(composite))
        if not found.isdisjoint(keys):
            yield composite, passed("{} names it", rule)
        if OPEN in found:
            yield composite, unresolved("{} is known only at deployment", rule, path=rule.path)


def _named_alarms(composite: Resource) -> Iterator[Hashable]:
    """The alarms that a rule names: ids of resources, names, and OPEN for a part that is known only at deployment."""
    node = composite["AlarmRule"].node
    for part in node.parts if type(node) is Text else (node,):
        if type(part) is Reference:
            yield id(part.resource)
        elif type(part) is Unresolved:
            yield OPEN
    yield from _named_in(text_with(node, _PLACEHOLDER))


def _named_in(rule: str) -> Iterator[str]:
    """The arguments of a rule's functions, each also as the name at the end of an ARN."""
    for chunk in rule.split("("):
        argument = chunk.partition(")")[0].strip().strip("\"'")
        yield argument
        yield argument.rpartition(":alarm:")[2]
