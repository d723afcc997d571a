"""The audit as a person reads it in a terminal: the next thing to do on top, the counts in the last line."""

from __future__ import annotations

from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED
from soc2_constructs.controls import SEVERITIES
from soc2_constructs.reports import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soc2_constructs.audit import Audit, Result

_COLOURS = {"high": "\x1b[1;31m", "medium": "\x1b[33m", "low": "\x1b[36m", "dim": "\x1b[2m", "good": "\x1b[32m"}
#: What stands in the baseline is a failure for which nobody is stopped.
_KNOWN = "known"
_HEADINGS = {FAIL: "", _KNOWN: "known, ", UNRESOLVED: "unresolved, ", "WAIVED": "waived, ", PASS: "passed, "}
_ORDER = tuple(_HEADINGS)


def render(audit: Audit, settings: Settings) -> str:
    shown = [result for result in audit.results if result.status is not PASS or settings.verbose]
    runtime = [result for result in shown if result.template is None and result.status is UNRESOLVED]
    lines = _groups(
        [result for result in shown if result.template is not None or result.status is not UNRESOLVED], settings
    )
    if runtime:
        lines += _runtime(runtime, settings)
    return "\n".join([*lines, *_baseline(audit), _counts(audit, settings)]) + "\n"


def brief(audit: Audit, settings: Settings) -> str:
    """What has to be fixed, and the counts."""
    lines = _groups(audit.failures(settings.fail_on, strict=settings.strict), settings)
    return "\n".join([*lines, *_baseline(audit), _counts(audit, settings)]) + "\n"


def _groups(shown: list[Result], settings: Settings) -> list[str]:
    groups: dict[tuple[int, int, str], list[Result]] = {}
    for result in shown:
        key = (_ORDER.index(_kind(result)), SEVERITIES.index(result.control.severity), result.control.id)
        groups.setdefault(key, []).append(result)
    # Within one severity, the control that fixes most resources comes first.
    lines: list[str] = []
    for _, results in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1], -len(item[1]), item[0][2])):
        lines += _group(results, settings)
    return lines


def _kind(result: Result) -> str:
    return _KNOWN if result.in_baseline else result.status


def _group(results: list[Result], settings: Settings) -> list[str]:
    control, kind = results[0].control, _kind(results[0])
    heading = f"{_HEADINGS[kind]}{control.severity}"
    lines = [
        f"{_paint(heading.upper() if kind is FAIL else heading, control.severity, settings)}  {control.id}"
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
    if kind is not PASS:
        lines.append(f"  Fix: {control.fix}")
    return [*lines, ""]


def _runtime(results: list[Result], settings: Settings) -> list[str]:
    lines = [_paint("not covered by a template", "dim", settings)]
    lines.append("  Only a live account shows these; deploy their AWS Config rules and they count as covered.")
    lines += [
        f"    {result.control.id}  {', '.join(result.control.config_rules) or 'no rule exists'}" for result in results
    ]
    return [*lines, ""]


def _baseline(audit: Audit) -> list[str]:
    if audit.baseline is None or not audit.baseline.fixed:
        return []
    number = len(audit.baseline.fixed)
    entries = "entry of it matches" if number == 1 else "entries of it match"
    return [f"{audit.baseline.path}: {number} {entries} no failure any more; `soc2 baseline` drops what is fixed", ""]


def _file(result: Result) -> str:
    return result.template.path if result.template is not None else ""


def _counts(audit: Audit, settings: Settings) -> str:
    counts = audit.counts()
    failing = len(audit.failures(settings.fail_on, strict=settings.strict))
    verdict = _paint(f"{failing} to fix", "high", settings) if failing else _paint("nothing to fix", "good", settings)
    failed = [result for result in audit.results if result.status is FAIL]
    # Of the failures, those that stop nobody.
    parts = {
        "known": sum(r.in_baseline for r in failed),
        "on what the CDK made for itself": sum(r.is_cdk_helper for r in failed),
    }
    apart = ", ".join(f"{number} {words}" for words, number in parts.items() if number)
    return (
        f"{verdict}: {len(failed)} failed{f' ({apart})' if apart else ''}, {counts[UNRESOLVED]} unresolved, "
        f"{counts['WAIVED']} waived, "
        f"{counts[PASS]} passed; {len(audit.controls)} controls on {len(audit.assembly.templates)} "
        f"{'template' if len(audit.assembly.templates) == 1 else 'templates'}"
    )


def _paint(text: str, colour: str, settings: Settings) -> str:
    return f"{_COLOURS[colour]}{text}\x1b[0m" if settings.colour else text
