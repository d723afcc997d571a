"""Pairs of deployed and new stacks, nested ones included."""

from __future__ import annotations

import os

from soc2_constructs.cloudformation import InputError
from soc2_constructs.deployment.plan import CHANGE, STACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from soc2_constructs.cloudformation import Assembly, Declaration, Template
    from soc2_constructs.deployment.plan import Step


class Pair:
    """The two versions of one stack; None for a version that does not exist."""

    def __init__(self, deployed: Template | None, synthesized: Template | None, stack: str) -> None:
        self.deployed = deployed
        self.synthesized = synthesized
        self.stack = stack
        self.matched: list[tuple[Declaration, Declaration]] = []
        #: Parameters of a nested stack that receive another value than before, each with the reason.
        self.given: dict[str, str] = {}


def root_pairs(old: Assembly, new: Assembly, notes: list[tuple[str, str]]) -> list[Pair]:
    """Return the pairs of root stacks: matched by name, otherwise by file name."""
    left = [template for template in old.templates if template.parent is None]
    right = [template for template in new.templates if template.parent is None]
    pairs: list[tuple[Template, Template]] = []
    keys: tuple[Callable[[Template], object], ...] = (
        lambda one: (one.account, one.region, one.stack_name) if one.stack_name else None,
        lambda one: one.stack_name,
        lambda one: one.stack_path,
        lambda one: os.path.basename(one.path),
        lambda one: one.stack_name or _stem(one),
        _stem,
    )
    if len(left) == len(right) == 1:
        keys = (lambda _one: "the only one",)
    for key in keys:
        for one, other in unique(left, right, key):
            pairs.append((one, other))
            left.remove(one)
            right.remove(other)
    if not pairs:
        raise InputError(
            right[0].path,
            problem=f"there is no stack in common with {left[0].path}",
            remedy="Name the file of a deployed template after its stack, such as MyStack.json",
        )
    notes += [(_name(one), "not part of the new version; the stack stays unchanged") for one in left]
    notes += [(_name(one), "not part of the deployed version; all its resources are new") for one in right]
    root = [Pair(one, other, _name(other)) for one, other in pairs]
    root += [Pair(None, one, _name(one)) for one in right]
    return sorted(root, key=lambda pair: pair.stack)


def _stem(template: Template) -> str:
    return os.path.basename(template.path).partition(".")[0]


def _name(template: Template) -> str:
    return template.stack_name or _stem(template)


def unique(left: list[Any], right: list[Any], key: Callable[[Any], object]) -> list[tuple[Any, Any]]:
    """Return pairs of items that share a key which no other item on their side has."""
    sides = []
    for side in (left, right):
        groups: dict[object, list[Any]] = {}
        for one in side:
            groups.setdefault(key(one), []).append(one)
        sides.append({name: group[0] for name, group in groups.items() if name is not None and len(group) == 1})
    return [(one, sides[1][name]) for name, one in sides[0].items() if name in sides[1]]


def nested_pairs(pair: Pair, steps: list[Step], notes: list[tuple[str, str]]) -> list[Pair]:
    """Return the pairs of nested stacks of a stack."""
    children = []
    sides: list[tuple[Declaration | None, Declaration | None]] = list(pair.matched)
    sides += [(step.deployed, step.synthesized) for step in steps if step.action != CHANGE]
    for before, after in sides:
        stack = after if after is not None else before
        if stack is None or stack.type != STACK:
            continue
        one = before.nested_template if before is not None else None
        other = after.nested_template if after is not None else None
        name = f"{pair.stack}/{stack.logical_id}"
        if (one is None and before is not None) or (other is None and after is not None):
            version = "deployed" if one is None and before is not None else "new"
            notes.append(
                (name, f"not compared: the {version} version does not include the template of this nested stack")
            )
            continue
        child = Pair(one, other, name)
        for step in steps:
            if step.deployed is before and step.synthesized is after:
                for change in step.changes:
                    if change.steps[:1] == ("Parameters",):
                        names = [change.steps[1]] if len(change.steps) > 1 else [*(one.parameters if one else ())]
                        child.given.update({str(each): f"parameter {each} receives another value" for each in names})
        # A nested stack with another logical id is another stack: all its resources are created again.
        renamed = before is not None and after is not None and before.logical_id != after.logical_id
        children += [Pair(one, None, name), Pair(None, other, name)] if renamed else [child]
    return children
