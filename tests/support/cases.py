"""The cases of `tests/controls`, as data: templates, and what a control has to say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import Assembly, Template, document_assembly
from soc2_constructs.cloudformation.documents import parse_document
from soc2_constructs.waivers import Waiver

FOLDER = Path(__file__).parent.parent / "controls"

#: From the best to the worst: a case expects the worst that is said of its resources.
_STATUSES = ("PASS", "UNRESOLVED", "FAIL")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def all_cases() -> list[tuple[str, int, dict[str, Any]]]:
    """Control, number and case, of every file in the order of its controls."""
    return [
        (control, number, case)
        for path in sorted(FOLDER.glob("*.yaml"))
        for control, cases in yaml.load(path.read_text(), _LOADER).items()
        for number, case in enumerate(cases)
    ]


def assembly_of(case: dict[str, Any]) -> Assembly:
    """The assembly of a case: `resources` alone, a whole `template`, or several `stacks`, each with its region."""
    templates: list[Template] = []
    stacks = case.get("stacks") or {"stack": case}
    for name, stack in stacks.items():
        document = parse_document(stack["template"], name) if "template" in stack else {"Resources": stack["resources"]}
        place = {"region": stack.get("region"), "account": stack.get("account")}
        templates += document_assembly(document, name, stack_name=name, **place).templates
    return Assembly(templates)


def problem(control: str, case: dict[str, Any], assembly: Assembly | None = None) -> str | None:
    """What is wrong with what the control says of a case; None where it says what the case expects.

    `assembly` is that of the case, where it is already made.
    """
    found = audit(
        assembly=assembly if assembly is not None else assembly_of(case),
        include=[control, *case.get("include", ())],
        thresholds=case.get("thresholds"),
        waivers=[Waiver(**waiver) for waiver in case.get("waivers", ())],
        today=case.get("today"),
    )
    judged = case.get("judge")
    results = [
        result
        for result in found.results
        if result.control.id == control
        and (result.template is not None or result.judged_waiver is not None) == (judged != "assembly")
        and (judged in (None, "assembly", "each") or result.logical_id == judged)
    ]
    if not results:
        return f"{control} says nothing of this case"
    results.sort(key=lambda result: _STATUSES.index(result.status))
    for other in results if judged == "each" else ():
        if other.status.lower() != case["expect"]:
            return f"{other.logical_id} is {other.status}, not {case['expect']}: {other.message}"
    worst = results[-1]
    if worst.status.lower() != case["expect"]:
        return f"{worst.status}, not {case['expect']}: {worst.message}"
    if any("please report it" in other.message for other in results):
        return "the check itself broke"
    if case.get("message", "") not in worst.message:
        return f"the message is {worst.message!r}"
    if "property" in case and worst.property_path != case["property"]:
        return f"the property is {worst.property_path}, not {case['property']}"
    return None
