"""Every control against its cases: `<service>.yaml` beside this file holds them as data.

A case has a `name`, what to `expect` (pass, fail, unresolved), and `resources`, a `template` or `stacks`. What is
expected is the worst that is said of its resources, unless it says what to `judge`: one resource by name, `each` of
them, or the `assembly`, for what only a live account shows. It may have `thresholds`, a part of the `message`, and the
`property` path that the result has to have. Where a control cannot have an outcome, or its case cannot be
written as data, `elsewhere` says why, or which test has it.
"""

from __future__ import annotations

from typing import Any

import pytest

from soc2_constructs.controls import catalogue
from support.cases import all_cases, problem

STATUSES = ("pass", "fail", "unresolved")


@pytest.mark.parametrize(
    ("control", "case"),
    [
        pytest.param(control, case, id=f"{control}-{number}-{case['name']}")
        for control, number, case in all_cases()
        if "elsewhere" not in case
    ],
)
def test_case(control: str, case: dict[str, Any]) -> None:
    assert problem(control, case) is None


def test_every_control_has_its_cases() -> None:
    """A control that only a live account shows has a case in which its rule is deployed, and one in which it is not."""
    expected: dict[str, set[str]] = {}
    for control, _, case in all_cases():
        expected.setdefault(control, set()).add(case["expect"])
    problems = [f"{control} stands in the cases and not in the catalogue" for control in expected.keys() - catalogue()]
    for control in catalogue().values():
        wanted = set(STATUSES) if control.check is not None else {"pass", "unresolved"}
        missing = wanted - expected.get(control.id, set())
        if missing:
            problems.append(f"{control.id} has no case that expects {', '.join(sorted(missing))}")
    assert not problems, "\n".join(problems)
