"""Whether an alarm on the metric of a metric filter is raised by matching events.

Source: Amazon CloudWatch User Guide, "Using Amazon CloudWatch alarms", sections "Evaluating an alarm" and "Configuring
how CloudWatch alarms treat missing data".
"""

from __future__ import annotations

import operator

from soc2_constructs.cloudformation import FAIL, Resource, Value, Verdict, all_of, failed, passed, unresolved
from soc2_constructs.cloudformation.values import as_number

#: Operators that a rising count can meet.
_RISING = {"GreaterThanThreshold": operator.gt, "GreaterThanOrEqualToThreshold": operator.ge}
#: Statistics that grow with the number of events in a period.
_COUNTING = ("Sum", "SampleCount")
_FALLING = ("LessThanThreshold", "LessThanOrEqualToThreshold")


def events_raise(alarm: Resource, statistic: Value, transformation: Value, count: int = 1) -> Verdict:
    """Whether events that a metric filter matches raise an alarm on its metric.

    Args:
        alarm: The alarm.
        statistic: The statistic of the metric that the alarm watches.
        transformation: The metric transformation of the filter.
        count: The number of events in one period. Default: one event raises it.
    """
    if any(not query["Expression"].is_absent for query in alarm["Metrics"].each()):
        return unresolved("{} watches an expression", alarm.logical_id)
    return all_of(
        _breaches(alarm, statistic, transformation["MetricValue"], count), _needs_one_datapoint(alarm, transformation)
    )


def _breaches(alarm: Resource, statistic: Value, counted: Value, count: int) -> Verdict:
    comparison, threshold = alarm["ComparisonOperator"], alarm["Threshold"]
    if comparison.known in _FALLING:
        return failed("{} is raised by few events, not by many", alarm.logical_id, path=comparison.path)
    if comparison.known not in _RISING:
        return unresolved("{} of {} is not known, or compares with a band", comparison, alarm.logical_id)
    bound = as_number(threshold.known)
    if bound is None:
        return unresolved("{} of {} is not known before deployment", threshold, alarm.logical_id)
    # The number of events; other statistics have the value that the filter publishes for the event.
    value = 1 if statistic.known == "SampleCount" else as_number(counted.known)
    if value is None:
        return unresolved("{} of the metric filter is a field of the event, or not known", counted)
    reached = value * count if statistic.known in _COUNTING else value
    if not _RISING[str(comparison.known)](reached, bound):
        return failed("the events do not reach the threshold of {}", alarm.logical_id)
    if _RISING[str(comparison.known)](0, bound):
        return failed("{} is raised without any event", alarm.logical_id, path=threshold.path)
    return passed("the events reach the threshold of {}", alarm.logical_id)


def _needs_one_datapoint(alarm: Resource, transformation: Value) -> Verdict:
    """Whether one datapoint raises the alarm: an event is one, and the periods around it often have none."""
    periods = alarm["EvaluationPeriods"].default(1)
    needed = periods if alarm["DatapointsToAlarm"].is_absent else alarm["DatapointsToAlarm"]
    verdict = needed.at_most(1)
    if verdict.status is not FAIL:
        return verdict
    filled = ~transformation["DefaultValue"].is_set()
    ignored = ~alarm["TreatMissingData"].default("missing").equals("notBreaching")
    if FAIL in (filled.status, ignored.status):
        return failed(f"{alarm.logical_id} is raised only by events in {needed.known} periods", path=needed.path)
    return unresolved("{} is raised by one event only where other periods have no data", alarm.logical_id)
