"""Acknowledgements in an app: which results they cover, and which of them match nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from constructs import IConstruct
from soc2_constructs.audit import WAIVED, Audit, Result
from soc2_constructs.cloudformation import PASS
from soc2_constructs.controls import UnknownControlError, catalogue, find
from soc2_constructs.hardening.waive import NAMESPACE
from soc2_constructs.pack.violations import BROKEN, NO_MATCH, REMARKS, Violation, is_below, new_violation, path_of

_METADATA_TYPE = "aws:cdk:acknowledged-rules"


class Acknowledgements:
    """The acknowledgements of an app: those in the metadata of its stacks, and those on scopes above the stacks."""

    def __init__(self, audit: Audit, root: IConstruct) -> None:
        #: Construct path and acknowledged id, each pair once, in the order of the app.
        self._entries: dict[tuple[str, str], None] = {}
        for template in audit.assembly.templates:
            for path, entries in template.notes.of_type(_METADATA_TYPE).items():
                for entry in entries:
                    if entry.get("type") == _METADATA_TYPE and isinstance(entry.get("data"), dict):
                        self._entries.update(dict.fromkeys((path.strip("/"), name) for name in entry["data"]))
        for scope in scopes_above_stacks(root, (template.stack_path or "" for template in audit.assembly.templates)):
            for note in scope.node.metadata:
                if note.type == _METADATA_TYPE and isinstance(note.data, Mapping):
                    self._entries.update(dict.fromkeys((scope.node.path, name) for name in note.data))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._entries)

    def cover(self, result: Result) -> bool:
        """Return whether the control of a result is acknowledged at or above its resource."""
        id = f"{NAMESPACE}::{result.control.id}"
        path = path_of(result)
        return any(name == id and is_below(path, place) for place, name in self._entries)


def not_acknowledged(audit: Audit, root: IConstruct, results: Iterable[Result]) -> list[Result]:
    """Return the results without acknowledged ones. Waivers are acknowledgements too, but stay for the counts."""
    acknowledged = Acknowledgements(audit, root)
    return [result for result in results if result.status is WAIVED or not acknowledged.cover(result)]


def unmatched_acknowledgements(audit: Audit, root: IConstruct, results: list[Result]) -> Iterator[Violation]:
    """Yield a warning for each acknowledgement of this pack's controls that suppresses nothing."""
    selected = {control.id for control in audit.controls}
    waivers = {(waiver.scope, waiver.control) for waiver in audit.waivers}
    for path, name in Acknowledgements(audit, root):
        namespace, _, id = name.rpartition("::")
        if namespace == NAMESPACE:
            current = _current_id(id)
            if current is None and id not in (NO_MATCH, BROKEN, *REMARKS):
                close = difflib.get_close_matches(id, catalogue(), n=1)
                hint = f"did you mean {NAMESPACE}::{close[0]}?" if close else "`soc2 controls` lists the ids"
                yield _unmatched(path, name, f"there is no control {id}: {hint}")
            elif current is not None and current != id:
                yield _unmatched(path, name, f"the control is now called {NAMESPACE}::{current}")
            elif (path, id) in waivers:
                # A waiver that is not needed is a finding of its own.
                continue
            elif id in selected and not any(
                result.control.id == id and result.status is not PASS and is_below(path_of(result), path)
                for result in results
            ):
                yield _unmatched(path, name, "the control fails on no resource there; delete the acknowledgement")
        elif (current := _current_id(id)) is not None:
            # The framework takes an id without a namespace for that of an annotation.
            yield _unmatched(path, name, f"write {NAMESPACE}::{current}")


def _current_id(name: str) -> str | None:
    """Return the id of the control that has this id or alias; None where there is no such control."""
    try:
        return find(name).id
    except UnknownControlError:
        return None


def _unmatched(path: str, name: str, problem: str) -> Violation:
    shown = name.removeprefix("Annotation::")
    return new_violation(
        NO_MATCH,
        f"The acknowledgement of {shown} on {path or 'the app'} matches nothing: {problem}",
        f"Acknowledge `{NAMESPACE}::<control id>`, as soc2_constructs.waive does, or delete it.",
        "warning",
        [{"locations": ["Metadata"], "constructPath": path}],
    )


def scopes_above_stacks(root: IConstruct, stacks: Iterable[str]) -> list[IConstruct]:
    """Return every scope above a stack. The walk skips the constructs inside stacks, which are many.

    Args:
        root: The app or stage.
        stacks: Construct paths of the stacks.
    """
    scopes: dict[str, IConstruct] = {"": root}
    for path in stacks:
        scope, place = root, ""
        for id in path.split("/")[:-1]:
            place = f"{place}/{id}".strip("/")
            child = scope.node.try_find_child(id)
            if child is None:
                break
            scope = scopes[place] = child
    return list(scopes.values())
