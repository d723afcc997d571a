"""Whether an alarm is raised for events that a trail records.

A trail records the call and sends it to a log group, a metric filter of that group matches it, and an alarm with an
action watches the metric of the filter. The filter is evaluated against an event for each call, so its spelling does
not matter. Several filters can cover the calls together.
"""

from __future__ import annotations

from soc2_constructs.aws.alarm_thresholds import events_raise
from soc2_constructs.aws.alarms import ALARM, rings
from soc2_constructs.aws.filter_patterns import PatternError, matches, parse
from soc2_constructs.aws.places import same_place
from soc2_constructs.aws.trails import any_trail, comparable_text, management, records
from soc2_constructs.cloudformation import (
    FAIL,
    PASS,
    Resource,
    Value,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    unresolved,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.aws.trails import Event

    _Metric = tuple[Value, Value, Value, Value]

METRIC_FILTER = "AWS::Logs::MetricFilter"

_ACCOUNT = "000000000000"


def call(source: str, name: str, *, read: bool = False, **more: Any) -> dict[str, Any]:
    """The CloudTrail event of one call by an assumed role; `more` replaces fields of the event."""
    return {
        **management(f"{source}.amazonaws.com", name, read=read),
        "eventVersion": "1.11",
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "awsRegion": "region",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "agent",
        "recipientAccountId": _ACCOUNT,
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "role:session",
            "arn": f"arn:aws:sts::{_ACCOUNT}:assumed-role/role/session",
            "accountId": _ACCOUNT,
        },
        **more,
    }


def calls(source: str, *names: str) -> list[dict[str, Any]]:
    """One event for each call of a service."""
    return [call(source, name) for name in names]


def alarm_rings(trails: list[Resource], events: list[dict[str, Any]], count: int = 1) -> Verdict:
    """Whether an alarm of the account is raised for each of the events.

    Args:
        trails: The trails of the account.
        events: The events.
        count: How often an event occurs in one period before the alarm must be raised. Default 1.
    """
    found = [(event["eventName"], _rings(trails, event, count)) for event in events]
    failures = [(name, verdict) for name, verdict in found if verdict.status is FAIL]
    silent = list(dict.fromkeys(name for name, _ in failures))
    why = "; ".join(dict.fromkeys(verdict.message for _, verdict in failures))
    return all_of(verdict for _, verdict in found).with_message(
        f"no alarm is raised for {', '.join(silent[:4])}{', …' if len(silent) > 4 else ''}: {why}"
    )


def _rings(trails: list[Resource], event: Event, count: int) -> Verdict:
    return any_trail(trails, lambda trail: _rings_on(trail, event, count))


def _rings_on(trail: Resource, event: Event, count: int) -> Verdict:
    group = trail["CloudWatchLogsLogGroupArn"]
    if group.is_absent:
        return failed("CloudWatchLogsLogGroupArn is not set")
    matching = [
        (source, match)
        for source in trail.all_of_type(METRIC_FILTER)
        if (match := _matches(source, event) & _reads(source["LogGroupName"], group)).status is not FAIL
    ]
    found = [match & _is_alarmed(source, count) for source, match in matching]
    if not found:
        found.append(failed("no metric filter of its log group matches"))
    if group.target is None:
        # Metric filters outside the assembly can belong to the log group.
        found.append(unresolved("the log group of {} is not part of the assembly", trail.logical_id))
    return (any_of(found) & records(trail, event)).with_pass_message(
        "an alarm is raised for the events that {} records", trail.logical_id
    )


def _reads(name: Value, group: Value) -> Verdict:
    """Whether a metric filter, by its LogGroupName, belongs to the log group of a trail."""
    if name.target is not None and name.target is group.target:
        return passed("{} is the log group of the trail", name)
    if name.target is None and name.unresolved is not None:
        return unresolved("{} of a metric filter is known only at deployment", name)
    if group.target is not None:
        return failed("{} is another log group", name)
    return name.equals(comparable_text(group.node).partition(":log-group:")[2].removesuffix(":*"))


def _matches(source: Resource, event: Event) -> Verdict:
    pattern = source["FilterPattern"]
    if not isinstance(pattern.known, str):
        return unresolved("{} of {} is known only at deployment", pattern, source.logical_id)
    if source["FieldSelectionCriteria"].is_set().status is not FAIL:
        return unresolved("{} of {} also limits the log events", source["FieldSelectionCriteria"], source.logical_id)
    if not pattern.known.strip():
        return passed("{} is empty, so it matches every event", pattern)
    try:
        found = matches(parse(pattern.known), event)
    except PatternError as error:
        return unresolved("{} of {} cannot be evaluated: {}", pattern, source.logical_id, str(error))
    if found is None:
        return unresolved("{} of {} requires fields that not every event has", pattern, source.logical_id)
    return passed("{} matches it", source.logical_id) if found else failed("{} does not match it", source.logical_id)


def _is_alarmed(source: Resource, count: int) -> Verdict:
    return any_of(
        all_of(
            same_place(alarm, source),
            _watches(metric, transformation),
            events_raise(alarm, metric[3], transformation, count),
            rings(alarm),
        )
        for transformation in source["MetricTransformations"].each()
        for alarm in source.all_of_type(ALARM)
        for metric in _metrics(alarm)
    ).with_message(f"no alarm with an action watches the metric of {source.logical_id}")


def _metrics(alarm: Resource) -> list[_Metric]:
    """Namespace, name, dimensions and statistic of each metric that an alarm watches."""
    statistic = alarm["ExtendedStatistic"] if alarm["Statistic"].is_absent else alarm["Statistic"]
    own = (alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"], statistic)
    found = [own]
    for query in alarm["Metrics"].each():
        metric, stat = query["MetricStat.Metric"], query["MetricStat.Stat"]
        found.append((metric["Namespace"], metric["MetricName"], metric["Dimensions"], stat))
    return found


def _watches(metric: _Metric, transformation: Value) -> Verdict:
    namespace, name, dimensions, _ = metric
    return all_of(
        _agree(namespace, transformation["MetricNamespace"]),
        _agree(name, transformation["MetricName"]),
        _covers(
            dimensions.is_set(),
            transformation["Dimensions"].is_set() | transformation.resource["EmitSystemFieldDimensions"].is_set(),
        ),
    )


def _agree(one: Value, other: Value) -> Verdict:
    if one.is_absent:
        return failed("the alarm has no metric")
    if other.unresolved is not None:
        return unresolved("{} is known only at deployment", other)
    return one.equals(other.known)


def _covers(watched: Verdict, made: Verdict) -> Verdict:
    """Whether an alarm covers a metric, by whether either has dimensions: each combination is a separate metric."""
    if watched.status is PASS and made.status is PASS:
        return unresolved("the alarm can be limited to some dimensions of the metric")
    return (watched & made) | (~watched & ~made)
