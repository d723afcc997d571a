"""Whether an alarm has an effect: an action, a composite alarm with one, or a resource that watches its state."""

from __future__ import annotations

from soc2_constructs.aws.alarm_actions import takes_effect
from soc2_constructs.aws.places import same_place
from soc2_constructs.cloudformation import (
    FAIL,
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
)
from soc2_constructs.cloudformation.values import text_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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
    """Whether a composite alarm has an enabled action and its rule names the alarm, directly or through others.

    Each composite alarm is visited at most twice, once for certain and once where a rule is unresolved, so the time is
    linear in the number of names in rules, and rules that name each other in a circle end.
    """
    listeners = _Listeners(alarm.all_of_type(COMPOSITE_ALARM))
    paths: dict[int, Verdict] = {id(alarm): passed("it is the alarm")}
    verdicts, waiting = [], [alarm]
    for current in waiting:
        path = paths[id(current)]
        for composite, listens in listeners.of(current):
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
        for watcher in alarm.all_of_type(kind)
        for value in watcher.values(via)
    )


def _names(value: Value, alarm: Resource) -> Verdict:
    if value.target is alarm or _is_named(alarm, value.known):
        return passed("{} watches it", value.resource.logical_id)
    if value.target is None and value.unresolved is not None:
        return unresolved("{} of {} is known only at deployment", value, value.resource.logical_id)
    return failed("{} watches something else", value.resource.logical_id)


def _is_named(alarm: Resource, text: object) -> bool:
    name = alarm["AlarmName"].known
    return isinstance(name, str) and isinstance(text, str) and (text == name or text.endswith(f":alarm:{name}"))


class _Listeners:
    """Composite alarms by the alarms that their rules name, such as ``ALARM("a") OR ALARM(arn)``."""

    def __init__(self, composites: list[Resource]) -> None:
        self._by_reference: dict[int, list[Value]] = {}
        self._by_name: dict[str, list[Value]] = {}
        #: Rules with parts that are known only at deployment.
        self._unresolved: list[Value] = []
        for composite in composites:
            rule = composite["AlarmRule"]
            parts = rule.node.parts if type(rule.node) is Text else (rule.node,)
            for target in dict.fromkeys(part.resource for part in parts if type(part) is Reference):
                self._by_reference.setdefault(id(target), []).append(rule)
            for name in dict.fromkeys(_named_in(text_with(rule.node, _OPEN))):
                self._by_name.setdefault(name, []).append(rule)
            if any(type(part) is Unresolved for part in parts):
                self._unresolved.append(rule)

    def of(self, alarm: Resource) -> Iterator[tuple[Resource, Verdict]]:
        """The composite alarms whose rules name the alarm, or may name it."""
        name = alarm["AlarmName"].known
        named = self._by_name.get(name, []) if isinstance(name, str) else []
        for rule in (*self._by_reference.get(id(alarm), ()), *named):
            yield rule.resource, passed("{} names it", rule)
        for rule in self._unresolved:
            yield rule.resource, unresolved("{} is known only at deployment", rule, path=rule.path)


def _named_in(rule: str) -> Iterator[str]:
    """The arguments of a rule's functions, each also as the name at the end of an ARN."""
    for chunk in rule.split("("):
        argument = chunk.partition(")")[0].strip().strip("\"'")
        yield argument
        yield argument.rpartition(":alarm:")[2]
