"""Whether an alarm has an effect: an action, a composite alarm with one, or a resource that watches its state."""

from __future__ import annotations

import functools

from soc2_constructs.aws.alarm_actions import takes_effect
from soc2_constructs.aws.places import same_place
from soc2_constructs.cloudformation import (
    FAIL,
    OPEN,
    PASS,
    UNRESOLVED,
    Reference,
    Resource,
    Text,
    Unresolved,
    Value,
    Verdict,
    any_of,
    failed,
    passed,
    shared,
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

_OPEN = "\ue001"


def rings(alarm: Resource) -> Verdict:
    """Whether the alarm, or a composite alarm above it, has an action that is enabled."""
    return _acts(alarm) | rings_above(alarm)


def rings_above(alarm: Resource) -> Verdict:
    """Whether a composite alarm has an enabled action and its rule names the alarm, directly or through others."""
    return shared(alarm, _Ringing).above(alarm)


class _Ringing:
    """The alarms below composite alarms with an action.

    All of them are found in one walk from the actions down, so the time is linear in the number of names in rules, and
    rules that name each other in a circle end.
    """

    def __init__(self, any_alarm: Resource) -> None:
        self._composites = any_alarm.all_of_type(COMPOSITE_ALARM)
        self._by_name: dict[str, list[Resource]] = {}
        for alarm in (*any_alarm.all_of_type(ALARM), *self._composites):
            if isinstance(name := alarm["AlarmName"].known, str):
                self._by_name.setdefault(name, []).append(alarm)
        #: The verdict for each alarm that a ringing composite alarm names.
        self._below: dict[int, Verdict] = {}
        #: The alarms that a composite alarm names, each with whether it is in the same account and region.
        self._edges: dict[int, list[tuple[Resource, Verdict]]] = {}
        #: One rule that may name any alarm, for each account and region.
        self._open: dict[tuple[str | None, str | None], Value] = {}
        acting = [(composite, _acts(composite)) for composite in self._composites]
        self._walk([composite for composite, acts in acting if acts.status is PASS], PASS)
        certain = [composite for composite in self._composites if id(composite) in self._below]
        self._walk([*(composite for composite, acts in acting if acts.status is not FAIL), *certain], UNRESOLVED)

    def above(self, alarm: Resource) -> Verdict:
        """Whether a composite alarm with an action rings where the alarm does."""
        if (found := self._below.get(id(alarm))) is not None:
            return found
        for rule in self._open.values():
            if same_place(rule.resource, alarm).status is not FAIL:
                return unresolved("{} is known only at deployment", rule, path=rule.path)
        return failed("no composite alarm with an action names it")

    def _walk(self, composites: list[Resource], least: str) -> None:
        """Record the alarms below composite alarms, along edges of this status or better."""
        waiting = list({id(composite): composite for composite in composites}.values())
        seen = set(map(id, waiting))
        for composite in waiting:
            rule = composite["AlarmRule"]
            edges = self._edges.get(id(composite))
            if edges is None:
                named = self._named_in(rule)
                edges = [
                    (alarm, same_place(composite, alarm).with_pass_message("{} names it", rule)) for alarm in named
                ]
                self._edges[id(composite)] = edges
            below = [alarm for alarm, edge in edges if edge.status in (least, PASS)]
            if least is UNRESOLVED:
                why = unresolved("{} is known only at deployment", rule, path=rule.path)
                edges = [(alarm, why if edge.status is PASS else edge) for alarm, edge in edges]
                if _is_open(rule):
                    self._open.setdefault((composite.template.account, composite.region), rule)
            for alarm, edge in edges:
                if edge.status is least:
                    self._below.setdefault(id(alarm), edge)
            for alarm in below:
                if id(alarm) not in seen:
                    seen.add(id(alarm))
                    waiting.append(alarm)

    def _named_in(self, rule: Value) -> list[Resource]:
        """The alarms that a rule names, such as ``ALARM("a") OR ALARM(arn)``."""
        found = [part.resource for part in _parts(rule) if type(part) is Reference]
        for name in dict.fromkeys(_names_in(text_with(rule.node, _OPEN))):
            found += self._by_name.get(name, ())
        return list({id(alarm): alarm for alarm in found}.values())


def _parts(rule: Value) -> tuple[object, ...]:
    return rule.node.parts if type(rule.node) is Text else (rule.node,)


def _is_open(rule: Value) -> bool:
    """Whether a rule may name any alarm."""
    return any(type(part) is Unresolved for part in _parts(rule))


def _names_in(rule: str) -> Iterator[str]:
    """The arguments of a rule's functions, each also as the name at the end of an ARN."""
    for chunk in rule.split("("):
        argument = chunk.partition(")")[0].strip().strip("\"'")
        yield argument
        yield argument.rpartition(":alarm:")[2]


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
