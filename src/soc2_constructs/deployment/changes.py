"""Changes between the two versions of a stack: resources that come and go, and properties that differ."""

from __future__ import annotations

from soc2_constructs.cloudformation import Assembly, Evaluation
from soc2_constructs.cloudformation.verdicts import render_path
from soc2_constructs.deployment.plan import ADD, CHANGE, REMOVE, RENAME, STACK, Change, Step
from soc2_constructs.deployment.stacks import unique
from soc2_constructs.deployment.updates import (
    EFFECTS,
    IN_PLACE,
    MAY_REPLACE,
    NOT_KNOWN,
    REFUSED,
    REPLACE,
    UNKNOWN,
    effect_of,
    is_intrinsic,
    plain,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from soc2_constructs.cloudformation import Declaration, Template
    from soc2_constructs.deployment.plan import Path
    from soc2_constructs.deployment.stacks import Pair

_NO_VALUE = {"Ref": "AWS::NoValue"}


def steps_of(pair: Pair, notes: list[tuple[str, str]]) -> list[Step]:
    old = _resources(pair.deployed)
    new = _resources(pair.synthesized)
    steps = []
    pair.matched = [(old[name], new[name]) for name in new if name in old]
    gone = [resource for name, resource in old.items() if name not in new]
    fresh = [resource for name, resource in new.items() if name not in old]
    renamed = unique(gone, fresh, lambda one: (one.type, one.construct_path) if one.construct_path else None)
    for before, after in renamed:
        steps.append(Step(RENAME, pair.stack, before, after, []))
    moved = {id(resource) for both in renamed for resource in both}
    steps += [Step(REMOVE, pair.stack, resource, None, []) for resource in gone if id(resource) not in moved]
    steps += [Step(ADD, pair.stack, None, resource, []) for resource in fresh if id(resource) not in moved]
    if pair.deployed is not None and pair.synthesized is not None:
        notes += [(pair.stack, f"not compared: {gap.reason}") for gap in pair.synthesized.gaps]
        sides = _Sides(pair.deployed, pair.synthesized)
        changed = [Step(CHANGE, pair.stack, one, other, sides.changes(one, other)) for one, other in pair.matched]
        _follow(changed, pair.given)
        steps += [step for step in changed if step.changes]
    return steps


def _resources(template: Template | None) -> dict[str, Declaration]:
    """Return the resources of a template, without the CDK's own metadata resource."""
    if template is None:
        return {}
    return {name: one for name, one in template.resources.items() if one.type != "AWS::CDK::Metadata"}


class _Sides:
    """The two templates of a stack, with the conditions and mappings that differ."""

    def __init__(self, deployed: Template, synthesized: Template) -> None:
        self._templates = (deployed, synthesized)
        self._mappings = _different(deployed.mappings, synthesized.mappings)
        self._conditions = _different(deployed.conditions, synthesized.conditions)
        while True:
            texts = {**deployed.conditions, **synthesized.conditions}
            more = {
                name
                for name, node in texts.items()
                if name not in self._conditions and any(each in self._conditions for each in _conditions_in(node))
            }
            if not more:
                break
            self._conditions |= more

    def changes(self, before: Declaration, after: Declaration) -> list[Change]:
        """Return the changes of one resource, in the order of its properties."""
        if before.type != after.type:
            # CloudFormation rejects it: "Update of resource type is not permitted".
            return [Change(("Type",), before.type, after.type, REFUSED)]
        old, new = (self._expanded(side.properties, number) or {} for number, side in enumerate((before, after)))
        both_seen = all(side.nested_template is not None for side in (before, after))
        changes = []
        for path, one, other in _differences(old, new, ()):
            if path == ("TemplateURL",) and before.type == STACK and both_seen:
                continue
            changes.append(Change(path, one, other, effect_of(before.type, render_path(path), one, other)))
        for name, effect in (("Condition", UNKNOWN), ("DeletionPolicy", IN_PLACE), ("UpdateReplacePolicy", IN_PLACE)):
            one, other = (self._attribute(side, name, number) for number, side in enumerate((before, after)))
            if one != other:
                changes.append(Change((name,), one, other, effect))
        return changes

    def _attribute(self, resource: Declaration, name: str, side: int) -> Any:
        value = resource.body.get(name)
        if name == "Condition" and type(value) is str and value in self._conditions:
            return _marked(value, side)
        return value

    def _expanded(self, node: Any, side: int) -> Any:
        """Return a value in which conditions and mappings that differ have different texts in the two versions."""
        if type(node) is list:
            return [child for child in (self._expanded(child, side) for child in node) if child is not None]
        if type(node) is not dict:
            return node
        if node == _NO_VALUE:
            return None
        if len(node) == 1:
            ((name, argument),) = node.items()
            if type(argument) is list and argument and type(argument[0]) is str:
                if name == "Fn::If" and argument[0] in self._conditions:
                    return {name: [_marked(argument[0], side), *argument[1:]]}
                if name == "Fn::FindInMap" and argument[0] in self._mappings:
                    return self._looked_up(node, side)
            if name == "Ref" or name.startswith("Fn::"):
                # Inside a function, AWS::NoValue is an argument and removes nothing.
                return {name: self._inside(argument, side)}
        return {key: self._expanded(child, side) for key, child in node.items()}

    def _inside(self, node: Any, side: int) -> Any:
        if node == _NO_VALUE:
            return node
        if type(node) is list:
            return [self._inside(child, side) for child in node]
        return self._expanded(node, side)

    def _looked_up(self, node: dict[str, Any], side: int) -> Any:
        template = self._templates[side]
        value = Evaluation(Assembly([template])).scope(template).resolve(node)
        if type(value) in (str, int, float, bool, list):
            return value
        return {"Fn::FindInMap": [_marked(node["Fn::FindInMap"][0], side), *node["Fn::FindInMap"][1:]]}


def _marked(name: str, side: int) -> str:
    return f"{name} ({('deployed', 'new')[side]} version)"


def _different(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    return {name for name in {*old, *new} if plain(old.get(name)) != plain(new.get(name))}


def _conditions_in(node: Any) -> Iterator[str]:
    """Yield the conditions that a condition refers to."""
    if type(node) is list:
        for child in node:
            yield from _conditions_in(child)
    elif type(node) is dict:
        for key, child in node.items():
            if key == "Condition" and type(child) is str:
                yield child
            else:
                yield from _conditions_in(child)


def _differences(before: Any, after: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    """Yield the innermost paths at which two values differ, with both values."""
    if plain(before) == plain(after):
        return
    kind = type(before)
    if kind is type(after) is dict and not (path and (is_intrinsic(before) or is_intrinsic(after))):
        for key in sorted({*before, *after}):
            yield from _differences(before.get(key), after.get(key), (*path, key))
    elif kind is type(after) is list and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(one, other, (*path, index))
    else:
        yield path, before, after


def _follow(steps: list[Step], given: dict[str, str]) -> None:
    """Add changes caused by a reference: to a replaced resource, or to a parameter of a nested stack."""
    moved = dict(given)
    certain: set[str] = set()
    followed: set[tuple[str, bool]] = set()
    while True:
        for step in steps:
            if step.effect in (REPLACE, MAY_REPLACE):
                name = step.resource.logical_id
                moved[name] = f"{name} {'is' if step.effect == REPLACE else 'may be'} replaced"
                if step.effect == REPLACE:
                    certain.add(name)
        state = {(name, name in certain) for name in moved}
        if state == followed:
            return
        followed = state
        for step in steps:
            for path, node, name in _mentions(step.resource.properties, ()):
                if name in moved and name != step.resource.logical_id:
                    _touch(step, path, node, name, moved[name], name in certain)


def _touch(step: Step, path: Path, node: Any, name: str, reason: str, certain: bool) -> None:
    after = {"Ref": f"the new {name}"} if certain and node == {"Ref": name} else NOT_KNOWN
    effect = effect_of(step.resource.type, render_path(path), node, after)
    for change in step.changes:
        if change.steps[: len(path)] == path or path[: len(change.steps)] == change.steps:
            if change.steps == path and change.reason and EFFECTS.index(effect) < EFFECTS.index(change.effect):
                change.effect, change.reason = effect, reason
            return
    step.changes.append(Change(path, node, node, effect, reason))


def _mentions(node: Any, path: Path) -> Iterator[tuple[Path, Any, str]]:
    """Yield the resources and parameters that a value refers to: path, intrinsic function, name."""
    if path and is_intrinsic(node):
        for name in _names(node):
            yield path, node, name
    elif type(node) is dict:
        for key, child in node.items():
            yield from _mentions(child, (*path, key))
    elif type(node) is list:
        for index, child in enumerate(node):
            yield from _mentions(child, (*path, index))


def _names(node: Any) -> Iterator[str]:
    if type(node) is list:
        for child in node:
            yield from _names(child)
    elif type(node) is dict:
        for key, child in node.items():
            if key == "Ref" and type(child) is str:
                yield child
            elif key == "Fn::GetAtt" and (type(child) is str or (type(child) is list and child)):
                first = child if type(child) is str else child[0]
                yield first.partition(".")[0] if type(first) is str else ""
            elif key == "Fn::Sub":
                text = child[0] if type(child) is list and child else child
                if type(text) is str:
                    for part in text.split("${")[1:]:
                        yield part.partition("}")[0].partition(".")[0].strip()
                yield from _names(child)
            else:
                yield from _names(child)
