"""The plan: what deploying would do to the resources that exist, and which controls hold after it.

`compare` sets what is deployed against what was synthesized. It reads templates only: what a change does is said by
`soc2_constructs.deployment.updates`, what complies by the audit of both sides.
"""

from __future__ import annotations

import os

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import FAIL, PASS, Assembly, Evaluation, InputError, read_assembly
from soc2_constructs.cloudformation.verdicts import render_path
from soc2_constructs.deployment.updates import (
    EFFECTS,
    IN_PLACE,
    INTERRUPT,
    MAY_REPLACE,
    NOT_KNOWN,
    REFUSED,
    REPLACE,
    SNAPSHOT_BY_DEFAULT,
    STATEFUL,
    UNKNOWN,
    effect_of,
    is_intrinsic,
    plain,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from soc2_constructs.audit import Audit
    from soc2_constructs.cloudformation import Declaration as Resource
    from soc2_constructs.cloudformation import Template

    Path = tuple[str | int, ...]

ADD = "add"
REMOVE = "remove"
#: The same construct under another logical id: CloudFormation deletes the old resource and creates another.
RENAME = "rename"
CHANGE = "change"
ACTIONS = (REMOVE, RENAME, CHANGE, ADD)

#: What becomes of the data of a resource that is removed or replaced, from the gravest to the least.
DELETED = "deleted"
NOT_TOLD = "not known"
SNAPSHOT = "snapshot"
KEPT = "kept"
FATES = (DELETED, NOT_TOLD, SNAPSHOT, KEPT)

_STACK = "AWS::CloudFormation::Stack"
_NO_VALUE = {"Ref": "AWS::NoValue"}


class Change:
    """One property that changes."""

    __slots__ = ("after", "before", "controls", "effect", "path", "reason", "steps")

    def __init__(self, steps: Path, before: Any, after: Any, effect: str, reason: str = "") -> None:
        self.steps = steps
        #: The property as CloudFormation's documentation writes it: `Rules[0].Status`.
        self.path = render_path(steps)
        #: The values in the two templates; None where it is not set.
        self.before = before
        self.after = after
        #: One of the EFFECTS of `soc2_constructs.deployment.updates`.
        self.effect = effect
        #: Why it changes although its text does not; empty where the text does.
        self.reason = reason
        #: Ids of the controls that failed before and pass with it.
        self.controls: list[str] = []

    def __repr__(self) -> str:
        return f"<Change {self.path}: {self.effect}>"


class Step:
    """What deploying does to one resource."""

    __slots__ = ("action", "broken", "changes", "controls", "deployed", "stack", "synthesized")

    def __init__(
        self, action: str, stack: str, deployed: Resource | None, synthesized: Resource | None, changes: list[Change]
    ) -> None:
        #: One of ACTIONS.
        self.action = action
        self.stack = stack
        self.deployed = deployed
        self.synthesized = synthesized
        self.changes = changes
        #: Ids of the controls that failed before and pass after it, and that belong to no single property.
        self.controls: list[str] = []
        #: Ids of the controls that passed before and fail after it.
        self.broken: list[str] = []

    @property
    def resource(self) -> Resource:
        """The resource as it will be, or as it was where it is removed."""
        found = self.synthesized or self.deployed
        assert found is not None
        return found

    @property
    def effect(self) -> str:
        """The gravest effect of its changes, or for a resource that comes or goes its action."""
        if self.action != CHANGE:
            return self.action
        return min((change.effect for change in self.changes), key=EFFECTS.index, default=IN_PLACE)

    @property
    def is_stateful(self) -> bool:
        """Whether data go with the resource."""
        return is_stateful(self.deployed if self.deployed is not None else self.resource)

    @property
    def loses(self) -> bool:
        """Whether the resource that holds the data now leaves the stack."""
        return self.is_stateful and self.effect in (REMOVE, RENAME, REPLACE)

    @property
    def fate(self) -> str | None:
        """What becomes of the old resource, as its policies say: one of FATES; None where it stays."""
        if self.deployed is None or self.effect not in (REMOVE, RENAME, REPLACE, MAY_REPLACE):
            return None
        if self.action in (REMOVE, RENAME):
            return _fate(self.deployed, "DeletionPolicy")
        fates = [_fate(side, "UpdateReplacePolicy") for side in (self.deployed, self.synthesized) if side is not None]
        return min(fates, key=FATES.index)

    @property
    def fixed(self) -> list[str]:
        """Ids of all controls that failed before and pass after it."""
        return sorted({*self.controls, *(name for change in self.changes for name in change.controls)})

    @property
    def gravity(self) -> int:
        """Where it stands in a report: the gravest first."""
        effect = self.effect
        order = (
            self.loses,
            effect == REFUSED,
            effect == MAY_REPLACE and self.is_stateful,
            effect == INTERRUPT,
            effect in (REPLACE, RENAME),
            effect == MAY_REPLACE,
            effect == UNKNOWN,
            effect == REMOVE,
            effect == IN_PLACE,
        )
        return next((number for number, holds in enumerate(order) if holds), len(order))

    def __repr__(self) -> str:
        return f"<Step {self.effect} {self.resource.logical_id}>"


class Plan:
    """Everything that deploying would do, the gravest first."""

    def __init__(self, steps: list[Step], notes: list[tuple[str, str]]) -> None:
        self.steps = steps
        #: What could not be compared, or is left alone: (stack, why).
        self.notes = notes
        #: Controls that failed before and pass after it, and the other way round: (control, stack, logical id). They
        #: hold also what becomes of resources that do not change themselves.
        self.fixed: list[tuple[str, str, str]] = []
        self.broken: list[tuple[str, str, str]] = []

    @property
    def losses(self) -> list[Step]:
        """What must not be deployed without a thought: stateful resources that are replaced or removed."""
        return [step for step in self.steps if step.loses]

    def counts(self) -> dict[str, int]:
        """How many resources have each effect."""
        counts = dict.fromkeys((*EFFECTS, REMOVE, RENAME, ADD), 0)
        for step in self.steps:
            counts[step.effect] += 1
        return counts


class _Pair:
    """One stack on both sides."""

    def __init__(self, deployed: Template | None, synthesized: Template | None, stack: str) -> None:
        self.deployed = deployed
        self.synthesized = synthesized
        self.stack = stack
        self.matched: list[tuple[Resource, Resource]] = []
        #: Parameters of a nested stack that it is given other values for than before.
        self.given: dict[str, str] = {}


def compare(
    deployed: str | os.PathLike[str] | Assembly,
    synthesized: str | os.PathLike[str] | Assembly,
) -> Plan:
    """Set what is deployed against what would be deployed.

    Args:
        deployed: The templates that are deployed: a cloud assembly, a folder, a file, or an assembly that is read.
        synthesized: The templates to deploy, likewise.

    Raises:
        InputError: where a path does not exist, is no template, or is broken, or where the two have no stack in common.
    """
    old = deployed if isinstance(deployed, Assembly) else read_assembly([deployed])
    new = synthesized if isinstance(synthesized, Assembly) else read_assembly([synthesized])
    notes: list[tuple[str, str]] = []
    pairs = _roots(old, new, notes)
    steps: list[Step] = []
    waiting = pairs[::-1]
    pairs = []
    while waiting:
        pair = waiting.pop()
        pairs.append(pair)
        found = _steps(pair, notes)
        steps += found
        waiting += _nested(pair, found, notes)[::-1]
    plan = Plan(steps, notes)
    _judge(plan, pairs, audit(assembly=old), audit(assembly=new))
    plan.steps.sort(key=lambda step: (step.gravity, step.stack, step.resource.logical_id))
    return plan


def is_stateful(resource: Resource) -> bool:
    """Whether data go with a resource."""
    if resource.type == _STACK:
        # Where its template is at hand, its resources are listed themselves.
        return resource.nested_template is None
    if resource.type == "AWS::RDS::DBInstance":
        return resource.properties.get("DBClusterIdentifier") is None
    return resource.type in STATEFUL


def _fate(resource: Resource, attribute: str) -> str:
    policy = resource.body.get(attribute)
    if policy is None:
        by_default = attribute == "DeletionPolicy" and resource.type in SNAPSHOT_BY_DEFAULT and is_stateful(resource)
        return SNAPSHOT if by_default else DELETED
    known = {"Delete": DELETED, "Snapshot": SNAPSHOT, "Retain": KEPT, "RetainExceptOnCreate": KEPT}
    return known.get(policy, NOT_TOLD) if type(policy) is str else NOT_TOLD


# -- which stack is which ----------------------------------------------------------------------------------------------


def _roots(old: Assembly, new: Assembly, notes: list[tuple[str, str]]) -> list[_Pair]:
    """The stacks that are no nested ones, paired by their names, or by those of their files."""
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
        for one, other in _unique(left, right, key):
            pairs.append((one, other))
            left.remove(one)
            right.remove(other)
    if not pairs:
        raise InputError(
            right[0].path,
            problem=f"it has no stack in common with {left[0].path}",
            remedy="Name the templates that are deployed after their stacks, as in MyStack.json",
        )
    notes += [(_name(one), "it is not among what would be deployed, so it stays as it is") for one in left]
    notes += [(_name(one), "it is not among what is deployed, so all of it counts as new") for one in right]
    found = [_Pair(one, other, _name(other)) for one, other in pairs]
    found += [_Pair(None, one, _name(one)) for one in right]
    return sorted(found, key=lambda pair: pair.stack)


def _stem(template: Template) -> str:
    return os.path.basename(template.path).partition(".")[0]


def _name(template: Template) -> str:
    return template.stack_name or _stem(template)


def _unique(left: list[Any], right: list[Any], key: Callable[[Any], object]) -> list[tuple[Any, Any]]:
    """Pairs of those that have a key which nothing else on their side has."""
    sides = []
    for side in (left, right):
        groups: dict[object, list[Any]] = {}
        for one in side:
            groups.setdefault(key(one), []).append(one)
        sides.append({name: group[0] for name, group in groups.items() if name is not None and len(group) == 1})
    return [(one, sides[1][name]) for name, one in sides[0].items() if name in sides[1]]


def _nested(pair: _Pair, steps: list[Step], notes: list[tuple[str, str]]) -> list[_Pair]:
    """The nested stacks of a stack, each on both sides."""
    found = []
    sides: list[tuple[Resource | None, Resource | None]] = list(pair.matched)
    sides += [(step.deployed, step.synthesized) for step in steps if step.action != CHANGE]
    for before, after in sides:
        stack = after if after is not None else before
        if stack is None or stack.type != _STACK:
            continue
        one = before.nested_template if before is not None else None
        other = after.nested_template if after is not None else None
        name = f"{pair.stack}/{stack.logical_id}"
        if (one is None and before is not None) or (other is None and after is not None):
            where = "deployed" if one is None and before is not None else "to deploy"
            notes.append(
                (name, f"the template of this nested stack is not among what is {where}, so nothing in it is compared")
            )
            continue
        child = _Pair(one, other, name)
        for step in steps:
            if step.deployed is before and step.synthesized is after:
                for change in step.changes:
                    if change.steps[:1] == ("Parameters",):
                        names = [change.steps[1]] if len(change.steps) > 1 else [*(one.parameters if one else ())]
                        child.given.update({str(each): f"parameter {each} is given another value" for each in names})
        # A nested stack under another logical id is another stack: nothing in it is the resource that it was.
        renamed = before is not None and after is not None and before.logical_id != after.logical_id
        found += [_Pair(one, None, name), _Pair(None, other, name)] if renamed else [child]
    return found


# -- what changes ------------------------------------------------------------------------------------------------------


def _steps(pair: _Pair, notes: list[tuple[str, str]]) -> list[Step]:
    old = _resources(pair.deployed)
    new = _resources(pair.synthesized)
    steps = []
    pair.matched = [(old[name], new[name]) for name in new if name in old]
    gone = [resource for name, resource in old.items() if name not in new]
    fresh = [resource for name, resource in new.items() if name not in old]
    renamed = _unique(gone, fresh, lambda one: (one.type, one.construct_path) if one.construct_path else None)
    for before, after in renamed:
        steps.append(Step(RENAME, pair.stack, before, after, []))
    moved = {id(resource) for both in renamed for resource in both}
    steps += [Step(REMOVE, pair.stack, resource, None, []) for resource in gone if id(resource) not in moved]
    steps += [Step(ADD, pair.stack, None, resource, []) for resource in fresh if id(resource) not in moved]
    if pair.deployed is not None and pair.synthesized is not None:
        notes += [(pair.stack, f"not compared: {reason}") for reason in pair.synthesized.unexpanded]
        sides = _Sides(pair.deployed, pair.synthesized)
        changed = [Step(CHANGE, pair.stack, one, other, sides.changes(one, other)) for one, other in pair.matched]
        _follow(changed, pair.given)
        steps += [step for step in changed if step.changes]
    return steps


def _resources(template: Template | None) -> dict[str, Resource]:
    """The resources of a template, without the metadata that the CDK collects for itself."""
    if template is None:
        return {}
    return {name: one for name, one in template.resources.items() if one.type != "AWS::CDK::Metadata"}


class _Sides:
    """The two templates of a stack, and which of their conditions and mappings are no longer the same."""

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

    def changes(self, before: Resource, after: Resource) -> list[Change]:
        """What changes in one resource, in the order of its properties."""
        if before.type != after.type:
            # "Update of resource type is not permitted", says CloudFormation.
            return [Change(("Type",), before.type, after.type, REFUSED)]
        old, new = (self._expanded(side.properties, number) or {} for number, side in enumerate((before, after)))
        both_seen = all(side.nested_template is not None for side in (before, after))
        changes = []
        for path, one, other in _differences(old, new, ()):
            if path == ("TemplateURL",) and before.type == _STACK and both_seen:
                continue
            changes.append(Change(path, one, other, effect_of(before.type, render_path(path), one, other)))
        for name, effect in (("Condition", UNKNOWN), ("DeletionPolicy", IN_PLACE), ("UpdateReplacePolicy", IN_PLACE)):
            one, other = (self._attribute(side, name, number) for number, side in enumerate((before, after)))
            if one != other:
                changes.append(Change((name,), one, other, effect))
        return changes

    def _attribute(self, resource: Resource, name: str, side: int) -> Any:
        value = resource.body.get(name)
        if name == "Condition" and type(value) is str and value in self._conditions:
            return _marked(value, side)
        return value

    def _expanded(self, node: Any, side: int) -> Any:
        """A value in which everything that may have become another has become another text too."""
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
                    return self._found(node, side)
            if name == "Ref" or name.startswith("Fn::"):
                # AWS::NoValue inside of a function is an argument, not an absence.
                return {name: self._inside(argument, side)}
        return {key: self._expanded(child, side) for key, child in node.items()}

    def _inside(self, node: Any, side: int) -> Any:
        if node == _NO_VALUE:
            return node
        if type(node) is list:
            return [self._inside(child, side) for child in node]
        return self._expanded(node, side)

    def _found(self, node: dict[str, Any], side: int) -> Any:
        template = self._templates[side]
        found = Evaluation(Assembly([template])).scope(template).resolve(node)
        if type(found) in (str, int, float, bool, list):
            return found
        return {"Fn::FindInMap": [_marked(node["Fn::FindInMap"][0], side), *node["Fn::FindInMap"][1:]]}


def _marked(name: str, side: int) -> str:
    return f"{name} as it {('was', 'will be')[side]}"


def _different(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    return {name for name in {*old, *new} if plain(old.get(name)) != plain(new.get(name))}


def _conditions_in(node: Any) -> Iterator[str]:
    """The conditions that a condition is made of."""
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
    """The deepest places at which two values differ."""
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
    """Add what changes because what it refers to does: a resource that is replaced, a parameter of a nested stack."""
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
    """Every resource and parameter that a value names: where, in which function, and which."""
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


# -- which controls hold -----------------------------------------------------------------------------------------------


def _judge(plan: Plan, pairs: list[_Pair], before: Audit, after: Audit) -> None:
    """Say which controls turn from failing to passing, and by what; and which turn the other way."""
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


def _statuses(found: Audit) -> dict[int, dict[str, tuple[str, str]]]:
    """Status and property by control, of each resource."""
    statuses: dict[int, dict[str, tuple[str, str]]] = {}
    for result in found.results:
        if result.resource is not None:
            statuses.setdefault(id(result.resource), {})[result.control.id] = (result.status, result.property_path)
    return statuses


def _attribute(step: Step, control: str, path: str) -> None:
    """Give a control to the changes of the property that it looked at, or else to the resource."""
    changes = [change for change in step.changes if path and _lies_along(change.path, path)]
    for change in changes:
        change.controls.append(control)
    if not changes:
        step.controls.append(control)


def _lies_along(one: str, other: str) -> bool:
    """Whether one of two property paths leads to the other."""
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and longer[len(shorter) : len(shorter) + 1] in ("", ".", "[")


__all__ = ["Change", "Plan", "Step", "compare"]
