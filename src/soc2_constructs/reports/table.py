"""The audit as a table for terminals: the most severe findings first, the counts in the last line."""

from __future__ import annotations

from itertools import chain

from soc2_constructs.audit.coverage import not_judged_line, parts_not_judged
from soc2_constructs.audit.findings import failing_ids, findings, is_live
from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED
from soc2_constructs.controls import SEVERITIES
from soc2_constructs.output import counted, printable
from soc2_constructs.reports import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from soc2_constructs.audit import Audit, Result
    from soc2_constructs.audit.findings import Finding
    from soc2_constructs.controls import Control

_COLOURS = {"high": "\x1b[1;31m", "medium": "\x1b[33m", "low": "\x1b[36m", "dim": "\x1b[2m", "good": "\x1b[32m"}
#: A failure that the baseline lists.
_KNOWN = "known"
_HEADINGS = {FAIL: "", _KNOWN: "known, ", UNRESOLVED: "unresolved, ", "WAIVED": "waived, "}
_ORDER = tuple(_HEADINGS)


def render(audit: Audit, settings: Settings) -> Iterator[str]:
    """Yield the report line by line: every finding, passed results on request, and what is not covered."""
    all_findings = findings(audit.results)
    lines = chain(
        _groups(all_findings, settings),
        _passed(audit, settings) if settings.verbose else (),
        [*_baseline(audit), *_not_covered(audit, settings), _counts(audit, all_findings, settings)],
    )
    return (f"{line}\n" for line in lines)


def brief(audit: Audit, settings: Settings) -> str:
    """Return the findings to fix, and the counts."""
    failing = failing_ids(audit, settings.fail_on, settings.strict)
    all_findings = findings(audit.results)
    lines = _groups([finding for finding in all_findings if finding.fails(failing)], settings)
    return "\n".join([*lines, *_baseline(audit), _counts(audit, all_findings, settings)]) + "\n"


def _groups(shown: list[Finding], settings: Settings) -> Iterator[str]:
    """Yield the lines of all findings, grouped by the controls that they list."""
    groups: dict[tuple[int, int, tuple[str, ...]], list[Finding]] = {}
    for finding in shown:
        severity = SEVERITIES.index(finding.lead.control.severity)
        ids = tuple(control.id for control in finding.controls)
        groups.setdefault((_ORDER.index(_kind(finding)), severity, ids), []).append(finding)
    # Within one severity, the group with most resources comes first.
    for _, members in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1], -len(item[1]), item[0][2])):
        yield from _group(members, settings)


def _kind(finding: Finding) -> str:
    return _KNOWN if finding.lead.in_baseline else finding.lead.status


def _group(members: list[Finding], settings: Settings) -> Iterator[str]:
    first = members[0]
    control, kind = first.lead.control, _kind(first)
    heading = f"{_HEADINGS[kind]}{control.severity}"
    yield _title(control, heading.upper() if kind is FAIL else heading, settings)
    yield f"  {control.title}."
    yield from (
        f"  Also fails {_paint(f'{other.severity}  ', other.severity, settings)}{other.id}{_state(other)}"
        for other in first.controls[1:]
    )
    for finding in members:
        yield from _resource(finding.lead, settings)
        yield from (f"      {printable(message)}" for message in finding.messages)
        if finding.lead.is_cdk_helper:
            yield "      created by the CDK itself; reported, never fails the check"
        if finding.lead.waiver is not None:
            waiver = finding.lead.waiver
            author = f" ({waiver.author})" if waiver.author else ""
            text = f"waived by {waiver.owner} until {waiver.expires}: {waiver.reason}{author}"
            yield f"      {printable(text)}"
    yield f"  Fix: {first.lead.fix}"
    for result in first.fixes:
        if result is not first.lead:
            yield f"  Fix for {result.control.id}: {result.fix}"
    yield ""


def _title(control: Control, heading: str, settings: Settings) -> str:
    criteria = _paint(", ".join(control.criteria), "dim", settings)
    return f"{_paint(heading, control.severity, settings)}  {control.id}{_state(control)}  {criteria}"


def _state(control: Control) -> str:
    return {"preview": "  (preview; never fails the check)", "deprecated": "  (deprecated)"}.get(control.state, "")


def _resource(result: Result, settings: Settings) -> list[str]:
    template = result.template
    place = result.construct_path or result.logical_id
    if place is None and result.control.scope == "resource":
        place = "the template"
    elif place is None and template is not None:
        place = template.region
    where = "  ".join(filter(None, (result.source, template.path if template is not None else "")))
    return [f"    {printable(place or 'region not known')}  {_paint(printable(where), 'dim', settings)}"]


def _passed(audit: Audit, settings: Settings) -> Iterator[str]:
    """Yield the lines of passed results, by control."""
    groups: dict[str, list[Result]] = {}
    for result in audit.results:
        if result.status is PASS:
            groups.setdefault(result.control.id, []).append(result)
    for results in groups.values():
        control = results[0].control
        yield _title(control, f"passed, {control.severity}", settings)
        yield f"  {control.title}."
        for result in results:
            yield from _resource(result, settings)
            yield f"      {printable(result.message)}"
        yield ""


def _not_covered(audit: Audit, settings: Settings) -> list[str]:
    """Return a line for each skipped path, the resource types without a control, and the controls of the account."""
    lines = [
        _paint(f"skipped: {printable(f'{path}: {reason}')}", "dim", settings) for path, reason in audit.assembly.skipped
    ]
    if types := not_judged_line(audit):
        lines.append(_paint(f"not judged: {printable(types)}", "dim", settings))
    live = sum(is_live(result) and result.status is UNRESOLVED for result in audit.results)
    if live:
        text = f"not covered: {counted(live, 'control')} need AWS Config in the live account; `soc2 controls --live`"
        lines.append(_paint(text if live > 1 else text.replace("need ", "needs "), "dim", settings))
    return [*lines, ""] if lines else []


def _baseline(audit: Audit) -> list[str]:
    if audit.baseline is None or not audit.baseline.fixed:
        return []
    fixed = counted(len(audit.baseline.fixed), "known failure")
    return [f"{printable(audit.baseline.path)}: {fixed} fixed; `soc2 baseline` removes fixed ones from the file", ""]


def _counts(audit: Audit, all_findings: list[Finding], settings: Settings) -> str:
    counts = audit.counts()
    failing = failing_ids(audit, settings.fail_on, settings.strict)
    number = sum(finding.fails(failing) for finding in all_findings)
    verdict = _paint(f"{number} to fix", "high", settings) if number else _paint("nothing to fix", "good", settings)
    failed = [finding for finding in all_findings if finding.lead.status is FAIL]
    # Failed findings that never fail the check.
    parts = {
        "known": sum(finding.lead.in_baseline for finding in failed),
        "created by the CDK itself": sum(finding.lead.is_cdk_helper for finding in failed),
    }
    exempt = ", ".join(f"{number} {words}" for words, number in parts.items() if number)
    hidden = parts_not_judged(audit)
    missing = f"; {counted(hidden, 'part')} not judged" if hidden else ""
    return (
        f"{verdict}: {counted(len(failed), 'finding')}{f' ({exempt})' if exempt else ''}; "
        f"results: {counts[FAIL]} failed, {counts[UNRESOLVED]} unresolved, {counts['WAIVED']} waived, "
        f"{counts[PASS]} passed; "
        f"{counted(len(audit.controls), 'control')} on {counted(len(audit.assembly.templates), 'template')}{missing}"
    )


def _paint(text: str, colour: str, settings: Settings) -> str:
    return f"{_COLOURS[colour]}{text}\x1b[0m" if settings.colour else text
