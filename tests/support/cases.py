"""The cases of `tests/controls`, as data: templates, and what a control has to say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from soc2_constructs.cloudformation import Assembly
from soc2_constructs.cloudformation.documents import parse_document
from soc2_constructs.cloudformation.template import Template

FOLDER = Path(__file__).parent.parent / "controls"


def all_cases() -> list[tuple[str, int, dict[str, Any]]]:
    """Control, number and case, of every file in the order of its controls."""
    return [
        (control, number, case)
        for path in sorted(FOLDER.glob("*.yaml"))
        for control, cases in yaml.safe_load(path.read_text()).items()
        for number, case in enumerate(cases)
    ]


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
