"""The changes that enforcement makes or holds back, and their report."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from soc2_constructs.deployment.updates import IN_PLACE
from soc2_constructs.output import write_file

#: The file in a cloud assembly that lists the changes.
FILE = "soc2-enforcement.json"

WHY_HELD_BACK = "CloudFormation would replace a resource that may be deployed already, or fail to update it"
#: The maximum number of construct paths in the sentence that describes how to allow replacement.
_MAX_PATHS = 4


class Change:
    """One property of one construct that enforcement set, or held back.

    Attributes:
        path: The path of the construct.
        property: The property by its Python name.
        before: The value in the app; always None, because a value of the user stays.
        after: The value that enforcement sets, as text.
        control: The control that requires the value; None for a value that belongs to another property.
        effect: The effect on a deployed resource: one of `deployment.updates.EFFECTS`.
        applied: Whether the value was set; otherwise it was held back, or left as it is.
        reason: The reason why the property is left as it is; None for other changes.
    """

    __slots__ = ("after", "applied", "before", "control", "effect", "path", "property", "reason")

    def __init__(
        self,
        path: str,
        property: str,
        after: str | None,
        control: str | None,
        effect: str,
        applied: bool,
        reason: str | None = None,
    ) -> None:
        self.path = path
        self.property = property
        self.before = None
        self.after = after
        self.control = control
        self.effect = effect
        self.applied = applied
        self.reason = reason

    @property
    def held_back(self) -> bool:
        """Whether the value was not set because it would replace a resource."""
        return not self.applied and self.reason is None

    def as_dict(self) -> dict[str, Any]:
        """The change as in the file of the cloud assembly."""
        names = ("path", "property", "before", "after", "control", "effect", "applied", "reason")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        state = "applied" if self.applied else "held back" if self.held_back else "left"
        return f"<Change {self.path} {self.property}={self.after} {state}>"


def format_report(changes: Sequence[Change], shadowed: Mapping[str, Sequence[str]]) -> str:
    """The changes as text for a terminal."""
    lines: list[str] = []
    by_path: dict[str, list[Change]] = {}
    for change in changes:
        by_path.setdefault(change.path, []).append(change)
    for path, of_path in by_path.items():
        lines.append(path)
        lines += map(_line, of_path)
    lines += (f"! {name} is not completed in {listed(paths)}: another injector" for name, paths in shadowed.items())
    applied = [change for change in changes if change.applied]
    held_back = list(dict.fromkeys(change.path for change in changes if change.held_back))
    constructs = len({change.path for change in applied})
    left = sum(change.reason is not None for change in changes)
    total = f"{len(applied)} properties set on {constructs} constructs, {left} left as they are, "
    total += f"{len(changes) - len(applied) - left} held back"
    lines.append(f"{total}: {WHY_HELD_BACK}. {how_to_allow(held_back)}" if held_back else f"{total}.")
    return "\n".join(lines) + "\n"


def _line(change: Change) -> str:
    control = f"  {change.control}" if change.control else ""
    if change.reason is not None:
        return f"  = {change.property} stays as it is: {change.reason}{control}"
    sign = "+" if change.applied else "!"
    effect = f"  [{'' if change.applied else 'held back: '}{change.effect}]"
    return f"  {sign} {change.property}={change.after}{control}" + (
        "" if change.applied and change.effect == IN_PLACE else effect
    )


def write_changes(folder: str, changes: Iterable[Change], shadowed: Mapping[str, Sequence[str]]) -> None:
    """Write the changes into a cloud assembly."""
    content = {"changes": [change.as_dict() for change in changes], "shadowed": shadowed}
    write_file(os.path.join(folder, FILE), json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def how_to_allow(paths: list[str]) -> str:
    """The text that describes how to allow replacement at construct paths."""
    shown = ", ".join([f'"{path}"' for path in paths[:_MAX_PATHS]] + ["..."] * (len(paths) > _MAX_PATHS))
    return (
        f"If the resource was never deployed, allow it: soc2.enforce(app, allow_replacement=[{shown}]). "
        "If it is deployed, move its data or restore them from a snapshot first."
    )


def listed(paths: Iterable[str]) -> str:
    """Construct paths in one line."""
    return ", ".join(path or "the app" for path in paths)
