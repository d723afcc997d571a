"""Baselines: the failures that a project had on the day on which it began, so that only new ones stop it.

A baseline is a promise to get better, not a waiver: its entries have neither a reason nor an end, they stay failures in
every report, and the file only shrinks unless somebody says otherwise.
"""

from __future__ import annotations

import os

from soc2_constructs.cloudformation import FAIL
from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.controls import UnknownControlError, catalogue, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any, NoReturn

    from soc2_constructs.audit.results import Result

#: The file that `soc2 baseline` writes where nobody names another.
FILE = "soc2-baseline.json"
#: Raised when a field is taken away or changes its meaning.
VERSION = 1

#: A finding as a baseline knows it: control, where, and which property.
Key = tuple[str, str, str]


class Baseline:
    """Known failures, each as often as it stood.

    Where a construct path is known, it says where a failure is: logical ids may change. Where none is, a template's
    file is told from the folder of the baseline, so that it does not matter where a command runs.
    """

    def __init__(self, path: str = FILE, counts: dict[Key, int] | None = None) -> None:
        self.path = path
        self.counts = counts or {}
        #: What matched no failure when results were marked last.
        self.fixed: list[Key] = []

    def key(self, result: Result) -> Key:
        """What makes a failure the same one tomorrow."""
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
            # It is about a region or an account as a whole, and stands at a stack by chance only.
            region = f"/{template.region or 'unknown-region'}" if result.control.scope == "region" else ""
            return f"aws://{template.account or 'unknown-account'}{region}"
        return f"{template.stack_path or self._relative(template.path)}#{result.logical_id}"

    def _relative(self, path: str) -> str:
        try:
            return os.path.relpath(path, os.path.dirname(self.path) or ".").replace(os.sep, "/")
        except ValueError:
            # Another drive, or no path at all.
            return path.replace(os.sep, "/")

    def mark(self, results: Iterable[Result], judged: Collection[str]) -> None:
        """Mark the failures that are known; of two that look alike, an entry that stood once covers one.

        Args:
            results: The results of an audit.
            judged: Ids of the controls of that audit; whether a failure of another is fixed, it cannot tell.
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
        """Forget what is fixed."""
        for key in self.fixed:
            self.counts[key] -= 1
            if not self.counts[key]:
                del self.counts[key]
        self.fixed = []

    def add(self, results: Iterable[Result]) -> None:
        """Take up failures that are not known yet, and mark them."""
        for result in results:
            if is_recordable(result) and not result.in_baseline:
                key = self.key(result)
                self.counts[key] = self.counts.get(key, 0) + 1
                result.in_baseline = True

    def __len__(self) -> int:
        return sum(self.counts.values())

    def render(self) -> str:
        """The file: one line for each entry, in order, so that a diff reads well."""
        import json

        entries = ",\n".join(
            f"    {json.dumps(entry_of(key, count), ensure_ascii=False)}" for key, count in sorted(self.counts.items())
        )
        listed = f"[\n{entries}\n  ]" if entries else "[]"
        return f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'


def entry_of(key: Key, count: int = 1) -> dict[str, Any]:
    """An entry as it stands in a file."""
    control, place, path = key
    return {
        "control": control,
        "at": place,
        **({"property": path} if path else {}),
        **({"count": count} if count > 1 else {}),
    }


def is_recordable(result: Result) -> bool:
    """Whether a result is one that a baseline takes up."""
    return result.status == FAIL and not result.is_cdk_helper


def without_indices(path: str) -> str:
    """A property path without the places in its lists: another element before it makes no new failure."""
    first, *rest = path.split("[")
    for part in rest:
        index, bracket, after = part.partition("]")
        first += f"[]{after}" if bracket and index.isdigit() else f"[{part}"
    return first


def read_baseline(path: str | os.PathLike[str]) -> Baseline:
    """The baseline that stands in a file.

    Raises:
        InputError: where the file cannot be read or is no baseline.
    """
    from soc2_constructs.cloudformation.documents import read_document

    path = os.fspath(path)
    if not os.path.exists(path):
        raise InputError(path, problem="the baseline does not exist", remedy="Write it with `soc2 baseline PATH`")

    def refuse(problem: str, line: int | None = None, column: int | None = None) -> NoReturn:
        remedy = "Correct it, or delete it and write it anew with `soc2 baseline PATH`"
        raise InputError(path, problem=problem, remedy=remedy, line=line, column=column) from None

    try:
        document = read_document(path)
    except InputError as error:
        refuse(error.problem, error.line, error.column)
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        refuse(f"this is no baseline of version {VERSION}")
    entries = document.get("findings")
    if not isinstance(entries, list):
        refuse("findings is no list")
    counts: dict[Key, int] = {}
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or entry.keys() - {"control", "at", "property", "count"}:
            refuse(f"finding {number} is no entry of a baseline")
        texts: list[Any] = [entry.get("control"), entry.get("at"), entry.get("property", "")]
        count = entry.get("count", 1)
        if not all(isinstance(text, str) for text in texts):
            refuse(f"finding {number} names no control or no place")
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            refuse(f"finding {number} has a count that is no positive number")
        key = (_canonical(texts[0]), texts[1], texts[2])
        counts[key] = counts.get(key, 0) + count
    return Baseline(path, counts)


def _canonical(name: str) -> str:
    """The id of a control that may have been renamed since; the name itself where there is none."""
    try:
        return find(name).id
    except UnknownControlError:
        return name
