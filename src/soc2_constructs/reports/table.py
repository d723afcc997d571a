"""The audit as a person reads it in a terminal: the next thing to do on top, the counts in the last line."""

from __future__ import annotations

from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED
from soc2_constructs.controls import SEVERITIES
from soc2_constructs.reports import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soc2_constructs.audit import Audit, Result

_COLOURS = {"high": "\x1b[1;31m", "medium": "\x1b[33m", "low": "\x1b[36m", "dim": "\x1b[2m", "good": "\x1b[32m"}
_ORDER = (FAIL, UNRESOLVED, "WAIVED", PASS)
_HEADINGS = {FAIL: "", UNRESOLVED: "unresolved, ", "WAIVED": "waived, ", PASS: "passed, "}


def render(audit: Audit, settings: Settings) -> str:
    lines: list[str] = []
    shown = [result for result in audit.results if result.status is not PASS or settings.verbose]
    runtime = [result for result in shown if result.template is None and result.status is UNRESOLVED]
    groups: dict[tuple[int, int, str], list[Result]] = {}
    for result in shown:
        if result.template is not None or result.status is not UNRESOLVED:
            key = (_ORDER.index(result.status), SEVERITIES.index(result.control.severity), result.control.id)
            groups.setdefault(key, []).append(result)
    # Within one severity, the control that fixes most resources comes first.
    for _, results in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1], -len(item[1]), item[0][2])):
        lines += _group(results, settings)
    if runtime:
        lines += _runtime(runtime, settings)
    lines.append(_counts(audit, settings))
    return "\n".join(lines) + "\n"


def _group(results: list[Result], settings: Settings) -> list[str]:
    control, status = results[0].control, results[0].status
    heading = f"{_HEADINGS[status]}{control.severity}"
    lines = [
        f"{_paint(heading.upper() if status is FAIL else heading, control.severity, settings)}  {control.id}"
        f"  {_paint(', '.join(control.criteria), 'dim', settings)}",
        f"  {control.title}.",
    ]
    for result in results:
        place = result.construct_path or result.logical_id or (result.template.region if result.template else None)
        where = "  ".join(filter(None, (result.source, _file(result))))
        lines.append(f"    {place or 'region not known'}  {_paint(where, 'dim', settings)}")
        lines.append(f"      {result.message}")
        if result.is_cdk_helper:
            lines.append("      made by the CDK for itself: it fails nothing, and you cannot configure it")
        if result.waiver is not None:
            waiver = result.waiver
            lines.append(f"      waived by {waiver.owner} until {waiver.expires}: {waiver.reason}")
    if status is not PASS:
        lines.append(f"  Fix: {control.fix}")
    return [*lines, ""]


def _runtime(results: list[Result], settings: Settings) -> list[str]:
    lines = [_paint("not covered by a template", "dim", settings)]
    lines.append("  Only a live account shows these; deploy their AWS Config rules and they count as covered.")
    lines += [
        f"    {result.control.id}  {', '.join(result.control.config_rules) or 'no rule exists'}" for result in results
    ]
    return [*lines, ""]


def _file(result: Result) -> str:
    return result.template.path if result.template is not None else ""


def _counts(audit: Audit, settings: Settings) -> str:
    counts = audit.counts()
    failing = len(audit.failures(settings.fail_on, strict=settings.strict))
    verdict = _paint(f"{failing} to fix", "high", settings) if failing else _paint("nothing to fix", "good", settings)
    return (
        f"{verdict}: {counts[FAIL]} failed, {counts[UNRESOLVED]} unresolved, {counts['WAIVED']} waived, "
        f"{counts[PASS]} passed; {len(audit.controls)} controls on {len(audit.assembly.templates)} "
        f"{'template' if len(audit.assembly.templates) == 1 else 'templates'}"
    )


def _paint(text: str, colour: str, settings: Settings) -> str:
    return f"{_COLOURS[colour]}{text}\x1b[0m" if settings.colour else text
