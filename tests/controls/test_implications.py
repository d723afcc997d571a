"""A control that implies another never passes on a resource on which the other fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from soc2_constructs.audit import audit
from soc2_constructs.controls import Control, catalogue, find
from support.cases import all_cases, assembly_of

PAIRS = [
    pytest.param(entry, find(implied), id=f"{entry.id}-{implied}")
    for entry in catalogue().values()
    for implied in entry.implies
]


def contradictions(implying: Control, implied: Control, cases: list[dict[str, Any]]) -> Iterator[str]:
    """Each resource of the cases on which the first control passes and the second fails."""
    for case in cases:
        found = audit(
            assembly=assembly_of(case), include=[implying.id, implied.id], thresholds=case.get("thresholds")
        ).results
        passes = {(result.template, result.logical_id) for result in found if _is(result, implying, "PASS")}
        for result in found:
            if _is(result, implied, "FAIL") and (result.template, result.logical_id) in passes:
                yield f"{case['name']}: {result.logical_id}: {result.message}"


def _is(result: Any, control: Control, status: str) -> bool:
    return result.control is control and result.status == status and result.template is not None


def cases_of(*controls: Control) -> list[dict[str, Any]]:
    """The cases of all controls of the same services, which hold resources that the controls themselves do not."""
    services = {control.service for control in controls}
    return [
        case for control, _, case in all_cases() if catalogue()[control].service in services and "elsewhere" not in case
    ]


@pytest.mark.parametrize(("implying", "implied"), PAIRS)
def test_an_implied_control_holds(implying: Control, implied: Control) -> None:
    assert list(contradictions(implying, implied, cases_of(implying, implied))) == []


@pytest.mark.parametrize(("implying", "implied"), PAIRS)
def test_an_implied_control_judges_resources_of_the_same_types(implying: Control, implied: Control) -> None:
    assert implying.scope == implied.scope
    assert set(implying.resource_types) & set(implied.resource_types)


def test_implications_have_no_cycle() -> None:
    """The control that implies another carries the finding, so neither can imply the other in return."""

    def reached(entry: Control) -> set[str]:
        found: set[str] = set()
        waiting = list(entry.implies)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += find(name).implies
        return found

    assert [entry.id for entry in catalogue().values() if entry.id in reached(entry)] == []


def test_a_wrong_implication_is_found() -> None:
    """A table that is encrypted is not in a backup plan for that reason."""
    encrypted, selected = find("dynamodb_table_encrypted_with_kms"), find("dynamodb_table_in_backup_plan")
    assert list(contradictions(encrypted, selected, cases_of(encrypted)))
