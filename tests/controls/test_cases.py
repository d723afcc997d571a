"""Every control against its cases: `<service>.yaml` beside this file holds them as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import Assembly
from soc2_constructs.cloudformation.documents import parse_document
from soc2_constructs.cloudformation.template import Template
from soc2_constructs.controls import catalogue

FOLDER = Path(__file__).parent
STATUSES = ("pass", "fail", "unresolved")


def _cases() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        # BaseLoader keeps every scalar a string and every tag out of the way: the templates are parsed by our reader.
        for control, cases in yaml.safe_load(path.read_text()).items():
            for number, case in enumerate(cases):
                found.append(pytest.param(control, case, id=f"{control}-{number}-{case['name']}"))
    return found


def assembly_of(case: dict[str, Any]) -> Assembly:
    """The assembly of a case: `resources` alone, a whole `template`, or several `stacks`, each with its region."""
    assembly = Assembly()
    stacks = case.get("stacks") or {"stack": case}
    for name, stack in stacks.items():
        document = parse_document(stack["template"], name) if "template" in stack else {"Resources": stack["resources"]}
        assembly._add(
            Template(
                assembly,
                name,
                document,
                stack_name=name,
                region=stack.get("region"),
                account=stack.get("account"),
            )
        )
    return assembly


@pytest.mark.parametrize(("control", "case"), _cases())
def test_case(control: str, case: dict[str, Any]) -> None:
    results = [
        result
        for result in audit(assembly=assembly_of(case), include=[control], thresholds=case.get("thresholds")).results
        if result.control.id == control and (result.template is not None) == (case.get("judge") != "assembly")
    ]
    if "judge" in case and case["judge"] != "assembly":
        results = [result for result in results if result.logical_id == case["judge"]]
    assert results, f"{control} says nothing of this case"
    worst = max(results, key=lambda result: ("PASS", "UNRESOLVED", "FAIL").index(result.status))
    assert worst.status.lower() == case["expect"], worst.message
    assert "please report it" not in worst.message
    if "message" in case:
        assert case["message"] in worst.message
    if "property" in case:
        assert worst.property_path == case["property"]


def test_every_control_has_its_cases() -> None:
    """A control that only a live account shows has a failing case in the sense of `not covered` and a passing one."""
    expected: dict[str, set[str]] = {}
    for parameter in _cases():
        control, case = parameter.values
        expected.setdefault(control, set()).add(case["expect"])
    problems = [f"{control} stands in the cases and not in the catalogue" for control in expected.keys() - catalogue()]
    for control in catalogue().values():
        wanted = {"pass", "unresolved"} if not control.on else set(STATUSES)
        missing = wanted - expected.get(control.id, set())
        if missing:
            problems.append(f"{control.id} has no case that expects {', '.join(sorted(missing))}")
    assert not problems, "\n".join(problems)
