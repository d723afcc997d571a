"""A plan as a table for terminals, and as JSON; `plan_schema.json` in this folder describes the JSON."""

from __future__ import annotations

import json
import os

from soc2_constructs.cloudformation.values import format_value, is_intrinsic
from soc2_constructs.output import counted, printable
from soc2_constructs.reports import tool_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.deployment import Change, Plan, Step

FORMATS = ("table", "json")
SCHEMA_VERSION = 1

_RED, _YELLOW, _GREEN, _DIM = "\x1b[1;31m", "\x1b[33m", "\x1b[32m", "\x1b[2m"

#: A property whose name contains one of these may hold a secret; its value is not shown.
_SECRET = ("password", "secret", "token", "credential", "privatekey", "apikey", "api_key")
_HIDDEN = "(hidden)"
_LENGTH = 80

_DATA_OUTCOMES = {
    "deleted": "the old resource is deleted with its data",
    "snapshot": "the old resource is deleted after a final snapshot",
    "kept": "the old resource is retained outside of the stack, with its data",
    "not known": "a policy whose value is only known at deployment decides about the old resource",
}


def schema() -> dict[str, Any]:
    """The JSON schema of the plan."""
    with open(os.path.join(os.path.dirname(__file__), "plan_schema.json"), encoding="utf-8") as file:
        content: dict[str, Any] = json.load(file)
    return content


def render(plan: Plan, form: str = "table", *, colour: bool = False) -> str:
    """Return a plan in one of FORMATS, ending in a newline."""
    if form not in FORMATS:
        raise ValueError(f"There is no format {form!r}; the formats are {', '.join(FORMATS)}")
    return json.dumps(document(plan), indent=2, ensure_ascii=False) + "\n" if form == "json" else _table(plan, colour)


def document(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain data. It contains no time: the same input gives the same bytes."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "soc2-constructs", "version": tool_version()},
        "summary": {
            **plan.counts(),
            "losses": len(plan.losses),
            "fixed": len(plan.fixed),
            "broken": len(plan.broken),
            "access": sum(bool(step.access) for step in plan.steps),
            "costs": sum(bool(step.costs) for step in plan.steps),
        },
        "resources": [_step(step) for step in plan.steps],
        "controls": {
            name: [{"control": control, "stack": stack, "resource": resource} for control, stack, resource in turned]
            for name, turned in (("fixed", plan.fixed), ("broken", plan.broken))
        },
        "notes": [{"stack": stack, "note": note} for stack, note in plan.notes],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "action": step.action,
        "effect": step.effect,
        "stack": step.stack,
        "resource": step.synthesized.logical_id if step.synthesized is not None else None,
        "deployed_resource": step.deployed.logical_id if step.deployed is not None else None,
        "resource_type": step.resource.type,
        "construct_path": step.resource.construct_path,
        "stateful": step.is_stateful,
        "loses": step.loses,
        "old_resource": step.data_outcome,
        "changes": [
            {
                "property_path": change.path,
                "before": None if change.before is None else _short(change, change.before),
                "after": None if change.after is None else _short(change, change.after),
                "effect": change.effect,
                "reason": change.reason or None,
                "controls": change.controls,
            }
            for change in step.changes
        ],
        "controls": step.controls,
        "broken": step.broken,
        "access": step.access,
        "costs": step.costs,
    }


def _short(change: Change, value: Any) -> str:
    """Return a value in one short line."""
    if value is None:
        return "not set"
    is_secret = any(word in str(step).lower() for step in change.steps for word in _SECRET)
    if is_intrinsic(value):
        text = json.dumps(value, ensure_ascii=False)
        # A function may contain the secret itself, or choose among objects that do.
        if "Fn::If" in value and any(word in text.lower() for word in _SECRET):
            is_secret = True
        if not is_secret or "Ref" in value or "Fn::GetAtt" in value:
            return text if len(text) <= _LENGTH else text[: _LENGTH - 3] + "..."
    return _HIDDEN if is_secret else format_value(value)


# -- the terminal ------------------------------------------------------------------------------------------------------


def _table(plan: Plan, colour: bool) -> str:
    lines: list[str] = []
    for step in plan.steps:
        lines += _lines(step, colour)
    for stack, note in plan.notes:
        lines.append(f"{_paint('note', _DIM, colour)}  {printable(f'{stack}: {note}')}")
    if lines:
        lines.append("")
    lines += _consequences(plan)
    lines.append(_counts(plan, colour))
    return "\n".join(lines) + "\n"


def _lines(step: Step, colour: bool) -> list[str]:
    word = {"rename": "delete and create"}.get(step.effect, step.effect)
    paint = _RED if step.loses else _YELLOW if step.rank < 6 else _DIM
    name = printable(step.resource.construct_path or step.resource.logical_id)
    heading = f"{_paint(word.upper() if step.loses else word, paint, colour)}  {name}"
    lines = [f"{heading}  {_paint(printable(f'{step.resource.type} in {step.stack}'), _DIM, colour)}"]
    if step.data_outcome is not None and (step.is_stateful or step.effect == "rename"):
        lines.append(f"  {'It holds data: ' if step.is_stateful else ''}{_DATA_OUTCOMES[step.data_outcome]}.")
    if step.effect == "rename" and step.deployed is not None:
        old = printable(step.deployed.logical_id)
        lines.append(f"  Its logical id changes from {old} to {printable(step.resource.logical_id)}.")
        lines.append(f'  To keep it: `construct.node.default_child.override_logical_id("{old}")`')
    lines += [f"    {_line(change)}" for change in step.changes]
    if step.access:
        lines.append(_paint(f"    cuts off: {'; '.join(step.access)}", _YELLOW, colour))
    if step.costs:
        lines.append(f"    costs: {', '.join(step.costs)}")
    if step.controls:
        lines.append(f"    fixes {', '.join(step.controls)}")
    if step.broken:
        lines.append(_paint(f"    breaks {', '.join(step.broken)}", _RED, colour))
    return lines


def _line(change: Change) -> str:
    values = change.reason or f"{_short(change, change.before)} -> {_short(change, change.after)}"
    fixes = f"; fixes {', '.join(change.controls)}" if change.controls else ""
    return printable(f"{change.path}: {values}  [{change.effect}{fixes}]")


def _consequences(plan: Plan) -> list[str]:
    """The number of resources with consequences that the effects of CloudFormation do not show."""
    return [
        f"{counted(number, 'resource')} {text}"
        for number, text in (
            (sum(bool(step.access) for step in plan.steps), "may cut off users: see the lines with `cuts off`"),
            (sum(bool(step.costs) for step in plan.steps), "with additional costs"),
        )
        if number
    ]


def _counts(plan: Plan, colour: bool) -> str:
    losses = len(plan.losses)
    verdict = (
        _paint(f"{counted(losses, 'resource')} with data replaced or removed", _RED, colour)
        if losses
        else _paint("no resource with data is replaced or removed", _GREEN, colour)
    )
    counts = ", ".join(f"{number} {effect}" for effect, number in plan.counts().items() if number) or "no changes"
    return f"{verdict}: {counts}; {counted(len(plan.fixed), 'failure')} fixed, {len(plan.broken)} new"


def _paint(text: str, paint: str, colour: bool) -> str:
    return f"{paint}{text}\x1b[0m" if colour else text
