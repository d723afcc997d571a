"""Findings: the weaknesses to fix. A property of a resource is one finding, however many controls it fails.

An unencrypted DB instance fails two controls on the property `StorageEncrypted`. It is one finding, which lists both:

    results    rds_db_instance_encryption_at_rest_enabled  Db  StorageEncrypted
               rds_db_snapshot_encrypted_at_rest           Db  StorageEncrypted
    finding    Db, StorageEncrypted: fails 2 controls

A result that another one on the same resource covers (`audit.implications`) is not listed. It stays in `implied`, and a
waiver of the listed control covers it.
"""

from __future__ import annotations

from soc2_constructs.audit.implications import covered_by, is_same_weakness, place_of
from soc2_constructs.cloudformation import PASS
from soc2_constructs.controls import SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from soc2_constructs.audit import Audit, Result
    from soc2_constructs.controls import Control


class Finding:
    """One weakness: a property of a resource, or the absence of something from a region or account."""

    __slots__ = ("implied", "results")

    def __init__(self, results: list[Result]) -> None:
        #: One result for each control that the finding lists, the most severe first, preview controls last.
        self.results = results
        #: Results that a listed result covers.
        self.implied: list[Result] = []

    @property
    def lead(self) -> Result:
        """The result of the most severe control; one of a preview control only where there is no other."""
        return self.results[0]

    @property
    def controls(self) -> list[Control]:
        """The controls that the finding lists, the most severe first, preview controls last."""
        return [result.control for result in self.results]

    @property
    def all_results(self) -> list[Result]:
        """The results of listed and covered controls."""
        return [*self.results, *self.implied]

    @property
    def fixes(self) -> list[Result]:
        """The results whose controls have different fix texts: following all of them clears the finding."""
        firsts: dict[str, Result] = {}
        for result in self.results:
            firsts.setdefault(result.fix, result)
        return list(firsts.values())

    @property
    def messages(self) -> list[str]:
        """The messages of the results, without those that another one contains."""
        messages = list(dict.fromkeys(result.message for result in self.results))
        if len(messages) == 1:
            return messages
        return [
            message
            for message in messages
            if not any(f"; {message}; " in f"; {other}; " for other in messages if other != message)
        ]

    def fails(self, failing: set[int]) -> bool:
        """Return whether the finding makes a check fail.

        Args:
            failing: Ids (`id()`) of the results that make it fail: those of `Audit.failures`.
        """
        for result in self.results:
            if id(result) in failing:
                return True
        return bool(self.implied) and any(id(result) in failing for result in self.implied)

    def __repr__(self) -> str:
        return f"<Finding {self.lead.logical_id}: {', '.join(control.id for control in self.controls)}>"


def findings(results: Iterable[Result]) -> list[Finding]:
    """Group results into findings, in the order of the results.

    Passed results are no findings, and neither are controls that only a live account can show. Failures, known
    failures, unresolved results and the results of each waiver form findings of their own.
    """
    places: dict[tuple[Any, ...], list[Result]] = {}
    for result in results:
        if result.status is not PASS and not is_live(result):
            key = (place_of(result), result.status, result.in_baseline, id(result.waiver))
            places.setdefault(key, []).append(result)
    return [finding for members in places.values() for finding in _at_one_place(members)]


def entries(audit: Audit) -> Iterator[Finding]:
    """Yield the findings, and each other result as an entry of its own, in the order of the results.

    Formats such as SARIF and JUnit list passed results beside findings.
    """
    grouped = findings(audit.results)
    first = {id(finding.lead): finding for finding in grouped}
    members = {id(result) for finding in grouped for result in finding.all_results}
    for result in audit.results:
        if id(result) in first or id(result) not in members:
            yield first.get(id(result)) or Finding([result])


def to_fix(audit: Audit, fail_on: str, *, strict: bool = False) -> list[Finding]:
    """Return the findings that make a check fail.

    Args:
        audit: The audit.
        fail_on: Minimum severity that fails the check.
        strict: Whether unresolved results fail too. Default False.
    """
    failing = failing_ids(audit, fail_on, strict)
    return [finding for finding in findings(audit.results) if finding.fails(failing)]


def failing_ids(audit: Audit, fail_on: str, strict: bool) -> set[int]:
    """Return the ids (`id()`) of the results that make a check fail, for `Finding.fails`."""
    return set(map(id, audit.failures(fail_on, strict=strict)))


def is_live(result: Result) -> bool:
    """Return whether a result is about the live account: no template shows it."""
    return result.template is None and result.judged_waiver is None


def _at_one_place(results: list[Result]) -> list[Finding]:
    """Return the findings of results on one resource that share their status."""
    impliers = _impliers(results) if any(result.control.implies for result in results) else {}
    problems: dict[str, list[Result]] = {}
    for result in results:
        if id(result) not in impliers:
            problems.setdefault(result.property_path or f"message: {result.message}", []).append(result)
    found = [Finding(sorted(members, key=_rank) if len(members) > 1 else members) for members in problems.values()]
    if impliers:
        owners = {id(result): finding for finding in found for result in finding.results}
        for result in results:
            implier = impliers.get(id(result))
            if implier is not None:
                owners[id(implier)].implied.append(result)
    return found


def _rank(result: Result) -> tuple[bool, int]:
    """Order a preview control last: it never fails a check, so it never heads a finding to fix."""
    return result.control.state == "preview", SEVERITIES.index(result.control.severity)


def _impliers(results: list[Result]) -> dict[int, Result]:
    """Return for each result (by `id()`) that another one covers the listed result that covers it."""
    covered = {result.control.id: set(covered_by(result.control)) for result in results}

    def covers(other: Result, result: Result) -> bool:
        return result.control.id in covered[other.control.id] and is_same_weakness(other, result)

    first: list[Result] = []
    for result in results:
        # Two controls that imply each other: the first one is listed.
        if all(covers(result, other) and other not in first for other in results if covers(other, result)):
            first.append(result)
    shown = {id(result) for result in first}
    impliers: dict[int, Result] = {}
    for result in results:
        if id(result) not in shown:
            implier = next((other for other in first if covers(other, result)), None)
            if implier is not None:
                impliers[id(result)] = implier
    return impliers
