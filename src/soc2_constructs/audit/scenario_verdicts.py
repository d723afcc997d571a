"""The verdict of one check over all scenarios."""

from __future__ import annotations

from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED, Verdict, failed, unresolved
from soc2_constructs.cloudformation.limits import MAX_SCENARIOS
from soc2_constructs.cloudformation.scenarios import Scenario, deciding_notes, scenarios

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from soc2_constructs.cloudformation import Evaluation, Resource

    Notes = Mapping[Any, str]

_RANK = {PASS: 0, UNRESOLVED: 1, FAIL: 2}


def verdict_of(
    evaluation: Evaluation, check: Callable[..., Verdict], subject: Any, resource: Resource | None = None
) -> tuple[Verdict, str]:
    """The worst verdict over all scenarios in which a resource is created.

    Args:
        evaluation: The evaluation, whose scenario changes.
        check: The check of a control.
        subject: The argument of the check.
        resource: The resource, where the check is about one. Scenarios in which it is not created are left out.

    Returns:
        The verdict, and the conditions on which it depends in words; empty where it is the same in all scenarios.
    """
    # Most checks meet no choice: for them the first scenario is the only one.
    first = evaluation.scenario
    is_conditional = resource is not None and resource.is_conditional
    if not first.choices and not is_conditional:
        verdict = _call(check, subject)
        if not first.choices:
            return verdict, ""
    worst: tuple[Verdict, Notes] | None = None
    #: The notes of the scenarios by the status in each.
    notes: dict[str, list[Notes]] = {PASS: [], UNRESOLVED: [], FAIL: []}
    is_accepted = False
    for count, scenario in enumerate(scenarios()):
        if count == MAX_SCENARIOS:
            evaluation.scenario = Scenario()
            return _of_too_many(worst)
        evaluation.scenario = scenario
        is_created = resource is None or not is_conditional or resource.exists
        found = _call(check, subject) if is_created else None
        if not evaluation.accepts_scenario():
            continue
        is_accepted = True
        if found is None:
            continue
        notes[found.status].append(scenario.notes)
        if worst is None or _RANK[found.status] > _RANK[worst[0].status]:
            # Values resolve lazily: the message must be formatted while its scenario is the present one.
            told = Verdict(found.status, "{}", found.message, path=found.path).with_fix(found.fix)
            worst = told, scenario.notes
    evaluation.scenario = Scenario()
    if not is_accepted:
        return unresolved("the rules of the template accept no value of its parameters"), ""
    if worst is None:
        return Verdict(PASS, "its condition is never true, so it is not created"), ""
    verdict, words = worst
    if verdict.status is PASS:
        return verdict, ""
    others = [other for status, found in notes.items() if status is not verdict.status for other in found]
    return verdict, _suffix(deciding_notes(words, others))


def _of_too_many(worst: tuple[Verdict, Notes] | None) -> tuple[Verdict, str]:
    if worst is not None and worst[0].status is FAIL:
        return worst[0], " (with at least one combination of parameters and conditions)"
    return unresolved("parameters and conditions have more than {} combinations", MAX_SCENARIOS), ""


def _suffix(conditions: list[str]) -> str:
    return f" (when {' and '.join(conditions)})" if conditions else ""


def _call(check: Callable[..., Verdict], subject: Any) -> Verdict:
    """Call a check; one that raises an exception must never look like one that passes."""
    try:
        return check(subject)
    except Exception as error:
        return failed("the check itself broke ({}: {}); please report it", type(error).__name__, error)
