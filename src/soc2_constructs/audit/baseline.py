"""Baselines: the known failures of a project, so that a check fails on new ones only.

A baseline is not a waiver: its entries have neither a reason nor an expiry date. They stay failures in every report.
By default the file only shrinks.
"""

from __future__ import annotations

import os

from soc2_constructs.cloudformation import FAIL
from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.controls import canonical_id, catalogue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any, NoReturn

    from soc2_constructs.audit.results import Result

#: The default file of `soc2 baseline`.
FILE = "soc2-baseline.json"
#: Incremented when a field is removed or changes its meaning.
VERSION = 1

#: An entry: control, place, and property path.
Key = tuple[str, str, str]


class Baseline:
    """Known failures, each with the number of times that it occurs.

    The place of a failure is its construct path if there is one, as logical ids may change. Otherwise it is the logical
    id and the template file relative to the folder of the baseline: it does not depend on the current folder.
    """

    def __init__(self, path: str = FILE, counts: dict[Key, int] | None = None) -> None:
        self.path = path
        self.counts = counts or {}
        #: The entries that matched no failure in the last call of `mark`.
        self.fixed: list[Key] = []

    def key(self, result: Result) -> Key:
        """Return the key that identifies a failure in later audits."""
        return result.control.id, self._place(result), without_indices(result.property_path)

    def _place(self, result: Result) -> str:
        template = result.template
        if result.judged_waiver is not None:
            return f"{result.judged_waiver.control} on {result.judged_waiver.place}"
        if result.construct_path is not None:
            return result.construct_path
        if template is None:
            return ""
        if result.logical_id is None:
            # The result is about a region or an account; its template is just the first one there.
            region = f"/{template.region or 'unknown-region'}" if result.control.scope == "region" else ""
            return f"aws://{template.account or 'unknown-account'}{region}"
        return f"{template.stack_path or self._relative(template.path)}#{result.logical_id}"

    def _relative(self, path: str) -> str:
        try:
            return os.path.relpath(path, os.path.dirname(self.path) or ".").replace(os.sep, "/")
        except ValueError:
            # The path is on another drive, or is no path.
            return path.replace(os.sep, "/")

    def mark(self, results: Iterable[Result], judged: Collection[str]) -> None:
        """Mark known failures. An entry that occurs once covers one of two failures with the same key.

        Args:
            results: The results of an audit.
            judged: Ids of the controls of that audit. Entries of other controls are not considered fixed.
        """
        left = dict(self.counts)
        for result in results:
            if is_recordable(result):
                key = self.key(result)
                if left.get(key):
                    left[key] -= 1
                    result.in_baseline = True
        self.fixed = [
            key
            for key, count in sorted(left.items())
            if key[0] in judged or key[0] not in catalogue()
            for _ in range(count)
        ]

    def shrink(self) -> None:
        """Remove fixed entries."""
        for key in self.fixed:
            self.counts[key] -= 1
            if not self.counts[key]:
                del self.counts[key]
        self.fixed = []

    def add(self, results: Iterable[Result]) -> None:
        """Add failures that are not known yet, and mark them."""
        for result in results:
            if is_recordable(result) and not result.in_baseline:
                key = self.key(result)
                self.counts[key] = self.counts.get(key, 0) + 1
                result.in_baseline = True

    def __len__(self) -> int:
        return sum(self.counts.values())

    def render(self) -> str:
        """Return the content of the file: one line per entry, sorted, for readable diffs."""
        import json

        entries = ",\n".join(
            f"    {json.dumps(entry_of(key, count), ensure_ascii=False)}" for key, count in sorted(self.counts.items())
        )
        listed = f"[\n{entries}\n  ]" if entries else "[]"
        return f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'


def entry_of(key: Key, count: int = 1) -> dict[str, Any]:
    """Return an entry as written to the file."""
    control, place, path = key
    return {
        "control": control,
        "at": place,
        **({"property": path} if path else {}),
        **({"count": count} if count > 1 else {}),
    }


def is_recordable(result: Result) -> bool:
    """Return whether a baseline can record a result."""
    return result.status == FAIL and not result.is_cdk_helper


def without_indices(path: str) -> str:
    """Return a property path without list indices: inserting an element creates no new failure.

    >>> without_indices("Rules[1].Status")
    'Rules[].Status'
    """
    first, *rest = path.split("[")
    for part in rest:
        index, bracket, after = part.partition("]")
        first += f"[]{after}" if bracket and index.isdigit() else f"[{part}"
    return first


def read_baseline(path: str | os.PathLike[str]) -> Baseline:
    """Read a baseline.

    Raises:
        InputError: The file cannot be read or is not a baseline.
    """
    from soc2_constructs.cloudformation.documents import read_document

    path = os.fspath(path)
    if not os.path.exists(path):
        raise InputError(path, problem="the baseline does not exist", remedy="Create it with `soc2 baseline PATH`")

    def refuse(problem: str, line: int | None = None, column: int | None = None) -> NoReturn:
        remedy = "Correct the file, or delete it and create it again with `soc2 baseline PATH`"
        raise InputError(path, problem=problem, remedy=remedy, line=line, column=column) from None

    try:
        document = read_document(path)
    except InputError as error:
        refuse(error.problem, error.line, error.column)
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        refuse(f"not a baseline of version {VERSION}")
    entries = document.get("findings")
    if not isinstance(entries, list):
        refuse("findings is not a list")
    counts: dict[Key, int] = {}
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or entry.keys() - {"control", "at", "property", "count"}:
            refuse(f"finding {number} is not an entry of a baseline")
        texts: list[Any] = [entry.get("control"), entry.get("at"), entry.get("property", "")]
        count = entry.get("count", 1)
        if not all(isinstance(text, str) for text in texts):
            refuse(f"finding {number} has no control or no place")
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            refuse(f"finding {number} has a count that is not a positive integer")
        key = (canonical_id(texts[0]), texts[1], texts[2])
        counts[key] = counts.get(key, 0) + count
    return Baseline(path, counts)
