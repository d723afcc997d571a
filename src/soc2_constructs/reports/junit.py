"""The audit as JUnit XML, which CI systems show as tests: a suite for each template, a case for each control there."""

from __future__ import annotations

from soc2_constructs.cloudformation import FAIL, UNRESOLVED
from soc2_constructs.reports import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soc2_constructs.audit import Audit, Result

#: The suite of what stands in no template: the live account, and waivers above the stacks.
_NO_TEMPLATE = "the assembly as a whole"


def render(audit: Audit, settings: Settings) -> str:
    failing = set(map(id, audit.failures(settings.fail_on, strict=settings.strict)))
    suites: dict[str, list[Result]] = {}
    for result in audit.results:
        suites.setdefault(result.template_path or _NO_TEMPLATE, []).append(result)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuites name="soc2" {_counts(audit.results, failing)} time="0">')
    for name, results in suites.items():
        skipped = sum(id(result) not in failing and _reason(result) is not None for result in results)
        # An audit holds no time: the same input gives the same bytes.
        counts = f'{_counts(results, failing)} skipped="{skipped}" time="0"'
        lines.append(f'  <testsuite name="{_escaped(name)}" {counts}>')
        for result in results:
            lines += _case(result, id(result) in failing)
        lines.append("  </testsuite>")
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def _counts(results: list[Result], failing: set[int]) -> str:
    failures = sum(id(result) in failing for result in results)
    return f'tests="{len(results)}" failures="{failures}" errors="0"'


def _case(result: Result, fails: bool) -> list[str]:
    """A test case. Its name says it all, since that is what CI systems show and compare."""
    place = _place(result)
    name = f"{result.control.id} [{place}]" if place else result.control.id
    head = (
        f'    <testcase classname="{_escaped(result.template_path or _NO_TEMPLATE)}" name="{_escaped(name)}" time="0"'
    )
    if fails:
        terms = f'type="{result.control.severity}" message="{_escaped(result.message)}"'
        return [f"{head}>", f"      <failure {terms}>{_escaped(_details(result))}</failure>", "    </testcase>"]
    reason = _reason(result)
    if reason is None:
        return [f"{head}/>"]
    return [f"{head}>", f'      <skipped message="{_escaped(reason)}"/>', "    </testcase>"]


def _place(result: Result) -> str:
    if result.judged_waiver is not None:
        return f"{result.judged_waiver.control} on {result.judged_waiver.place}"
    if result.construct_path or result.logical_id:
        return result.construct_path or result.logical_id or ""
    template = result.template
    return f"{template.region or 'region not known'}" if template is not None else ""


def _reason(result: Result) -> str | None:
    """Why a result is neither a pass nor a failure of the check."""
    if result.waiver is not None and result.status == "WAIVED":
        waiver = result.waiver
        return f"waived by {waiver.owner} until {waiver.expires}: {waiver.reason}"
    if result.in_baseline:
        return f"known, it stands in the baseline: {result.message}"
    if result.is_cdk_helper:
        return f"made by the CDK for itself: {result.message}"
    if result.status == UNRESOLVED:
        return f"unresolved: {result.message}"
    if result.status == FAIL:
        return f"{result.control.severity}, too little to fail the check: {result.message}"
    return None


def _details(result: Result) -> str:
    control = result.control
    where = f"At: {result.property_path}\n" if result.property_path else ""
    return f"{control.title} ({', '.join(control.criteria)}).\n{result.message}\n{where}Fix: {control.fix}"


_ENTITIES = {
    ord(letter): f"&{name};" for letter, name in zip("&<>\"'", ("amp", "lt", "gt", "quot", "apos"), strict=True)
}


def _escaped(text: str) -> str:
    """A text for elements and attributes. What XML cannot hold at all, such as control characters, is spelt out."""
    if not text.isprintable():
        text = "".join(letter if _is_allowed(letter) else ascii(letter)[1:-1] for letter in text)
    return text.translate(_ENTITIES).replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")


def _is_allowed(letter: str) -> bool:
    return (
        letter in "\t\n\r"
        or " " <= letter < "\x7f"
        or "\xa0" <= letter < "\ud800"
        or "\ue000" <= letter < "\ufffe"
        or letter > "\uffff"
    )
