"""Acknowledgements in an app: which results they cover, and which of them match nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from soc2_constructs.hardening.waive import NAMESPACE

from constructs import IConstruct

from soc2_constructs.audit import WAIVED, Audit, Result
from soc2_constructs.audit.implications import covered_by, is_same_weakness, place_of
from soc2_constructs.cloudformation import PASS
from soc2_constructs.controls import catalogue, lookup
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
        #: For each control, the acknowledged controls that cover it, its own first, with the scopes where they are.
        self._places: dict[str, dict[str, set[str]]] = {}
        for own in (True, False):
            for path, name in self._entries:
                control = catalogue().get(name.removeprefix(f"{NAMESPACE}::"))
                if control is not None and name.startswith(f"{NAMESPACE}::"):
                    for id in (control.id,) if own else covered_by(control):
                        self._places.setdefault(id, {}).setdefault(control.id, set()).add(path)
        implying = {name for id, places in self._places.items() for name in places if name != id}
        #: The results of acknowledged controls that imply others, by their place and control.
        self._implying = {
            (place_of(result), result.control.id): result
            for result in audit.results
            if result.control.id in implying and result.status is not PASS
        }

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._entries)

    def covering(self, result: Result) -> str | None:
        """Return the id of the control under which a result is acknowledged at or above its resource, if any.

        This is its own control, or one whose result on the same resource covers the result: the finding lists that
        one only.
        """
        candidates = self._places.get(result.control.id)
        if candidates is None:
            return None
        scopes = _scopes_of(path_of(result))
        return next(
            (id for id, places in candidates.items() if not places.isdisjoint(scopes) and self._covers(id, result)),
            None,
        )

    def _covers(self, id: str, result: Result) -> bool:
        if id == result.control.id:
            return True
        other = self._implying.get((place_of(result), id))
        return other is not None and is_same_weakness(other, result)


def _scopes_of(path: str) -> list[str]:
    """Return a construct path and all paths above it; the empty path is the app.

    >>> _scopes_of("Stack/Bucket/Resource")
    ['', 'Stack', 'Stack/Bucket', 'Stack/Bucket/Resource']
    """
    ids = path.split("/") if path else []
    return ["/".join(ids[:length]) for length in range(len(ids) + 1)]


def not_acknowledged(acknowledgements: Acknowledgements, results: Iterable[Result]) -> list[Result]:
    """Return the results without acknowledged ones. Waivers are acknowledgements too, but stay for the counts."""
    return [result for result in results if result.status is WAIVED or acknowledgements.covering(result) is None]


def unmatched_acknowledgements(
    acknowledgements: Acknowledgements, audit: Audit, results: list[Result]
) -> Iterator[Violation]:
    """Yield a warning for each acknowledgement of this pack's controls that suppresses nothing.

    Args:
        acknowledgements: The acknowledgements of the app.
        audit: The audit of the app.
        results: The results of the stacks that the pack audits.
    """
    selected = {control.id for control in audit.controls}
    waivers = {(waiver.scope, waiver.control) for waiver in audit.waivers}
    for path, name in acknowledgements:
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
    control = lookup(name)
    return None if control is None else control.id


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
