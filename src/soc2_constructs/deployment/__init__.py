"""The plan: what a deployment would do to deployed resources, and which controls change their result.

`compare` compares the deployed templates with new ones. It reads templates only: `updates` tells the effect of a
change, the audits of both versions tell which controls pass.
"""

from __future__ import annotations

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import FAIL, PASS, Assembly, read_assembly
from soc2_constructs.deployment.changes import steps_of
from soc2_constructs.deployment.consequences import note_consequences
from soc2_constructs.deployment.plan import RENAME, Change, Plan, Step
from soc2_constructs.deployment.stacks import nested_pairs, root_pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from soc2_constructs.audit import Audit
    from soc2_constructs.deployment.stacks import Pair


def compare(
    deployed: str | os.PathLike[str] | Assembly,
    synthesized: str | os.PathLike[str] | Assembly,
) -> Plan:
    """Compare the deployed version with the new one.

    Args:
        deployed: The deployed templates: path of a cloud assembly, a folder or a file, or an `Assembly`.
        synthesized: The new templates, likewise.

    Raises:
        InputError: A path does not exist, is not a template, or is invalid, or the two versions share no stack.
    """
    old = deployed if isinstance(deployed, Assembly) else read_assembly([deployed])
    new = synthesized if isinstance(synthesized, Assembly) else read_assembly([synthesized])
    notes: list[tuple[str, str]] = []
    pairs = root_pairs(old, new, notes)
    steps: list[Step] = []
    waiting = pairs[::-1]
    pairs = []
    while waiting:
        pair = waiting.pop()
        pairs.append(pair)
        own = steps_of(pair, notes)
        note_consequences(own, pair.deployed.resources if pair.deployed is not None else ())
        steps += own
        waiting += nested_pairs(pair, own, notes)[::-1]
    plan = Plan(steps, notes)
    _judge(plan, pairs, audit(assembly=old), audit(assembly=new))
    plan.steps.sort(key=lambda step: (step.rank, step.stack, step.resource.logical_id))
    return plan


def _judge(plan: Plan, pairs: list[Pair], before: Audit, after: Audit) -> None:
    """Record which controls change from failing to passing, with the responsible change, and the reverse."""
    old, new = _statuses(before), _statuses(after)
    steps = {(id(step.deployed), id(step.synthesized)): step for step in plan.steps}
    both = [(pair.stack, one, other) for pair in pairs for one, other in pair.matched]
    both += [
        (step.stack, step.deployed, step.synthesized)
        for step in plan.steps
        if step.action == RENAME and step.deployed is not None and step.synthesized is not None
    ]
    for stack, one, other in both:
        was, will = old.get(id(one), {}), new.get(id(other), {})
        step = steps.get((id(one), id(other)))
        for name in sorted(set(was) & set(will)):
            if was[name][0] == FAIL and will[name][0] == PASS:
                plan.fixed.append((name, stack, other.logical_id))
                if step is not None:
                    _attribute(step, name, was[name][1] or will[name][1])
            elif was[name][0] == PASS and will[name][0] == FAIL:
                plan.broken.append((name, stack, other.logical_id))
                if step is not None:
                    step.broken.append(name)
    plan.fixed.sort()
    plan.broken.sort()


def _statuses(audit: Audit) -> dict[int, dict[str, tuple[str, str]]]:
    """Return status and property path of each control, by resource."""
    statuses: dict[int, dict[str, tuple[str, str]]] = {}
    for result in audit.results:
        if result.resource is not None:
            statuses.setdefault(id(result.resource), {})[result.control.id] = (result.status, result.property_path)
    return statuses


def _attribute(step: Step, control: str, path: str) -> None:
    """Add a control to the changes of the property that it evaluated; if there is none, to the step."""
    changes = [change for change in step.changes if path and _lies_along(change.path, path)]
    for change in changes:
        change.controls.append(control)
    if not changes:
        step.controls.append(control)


def _lies_along(one: str, other: str) -> bool:
    """Return whether one of two property paths contains the other."""
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and longer[len(shorter) : len(shorter) + 1] in ("", ".", "[")


__all__ = ["Change", "Plan", "Step", "compare"]
