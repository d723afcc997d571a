"""The audit as JUnit XML, which CI systems show as tests: a suite per template, a case per finding or pass."""

from __future__ import annotations

import re

from soc2_constructs.audit.findings import Finding, entries, failing_ids
from soc2_constructs.cloudformation import FAIL, UNRESOLVED
from soc2_constructs.reports import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from soc2_constructs.audit import Audit, Result

#: The suite of results without a template: the live account, and waivers above the stacks.
_NO_TEMPLATE = "the assembly as a whole"
#: The suite of files that are not checked.
_SKIPPED = "skipped files"


def render(audit: Audit, settings: Settings) -> Iterator[str]:
    """Yield the report in parts. It contains no time: the same input gives the same bytes."""
    failing = failing_ids(audit, settings.fail_on, settings.strict)
    suites: dict[str, list[Finding]] = {}
    all_entries = list(entries(audit))
    for entry in all_entries:
        suites.setdefault(entry.lead.template_path or _NO_TEMPLATE, []).append(entry)
    paths = audit.assembly.skipped
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="soc2" {_counts(all_entries, failing, len(paths))} time="0">\n'
    for name, members in suites.items():
        skipped = sum(not entry.fails(failing) and _reason(entry.lead) is not None for entry in members)
        counts = f'{_counts(members, failing)} skipped="{skipped}" time="0"'
        yield f'  <testsuite name="{_escaped(name)}" {counts}>\n'
        for entry in members:
            yield "".join(f"{line}\n" for line in _case(entry, entry.fails(failing)))
        yield "  </testsuite>\n"
    if paths:
        yield "".join(f"{line}\n" for line in _skipped(paths))
    yield "</testsuites>\n"


def _skipped(paths: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the suite of files that are not checked."""
    counts = f'{_counts([], set(), len(paths))} skipped="{len(paths)}" time="0"'
    lines = [f'  <testsuite name="{_SKIPPED}" {counts}>']
    for path, reason in paths:
        lines.append(f'    <testcase classname="{_SKIPPED}" name="{_escaped(path)}" time="0">')
        lines += [f'      <skipped message="{_escaped(reason)}"/>', "    </testcase>"]
    return [*lines, "  </testsuite>"]


def _counts(members: list[Finding], failing: set[int], skipped: int = 0) -> str:
    failures = sum(entry.fails(failing) for entry in members)
    return f'tests="{len(members) + skipped}" failures="{failures}" errors="0"'


def _case(entry: Finding, fails: bool) -> list[str]:
    """Return a test case. CI systems show and compare its name, so that identifies control and resource."""
    result = entry.lead
    place = _place(result)
    name = f"{result.control.id} [{place}]" if place else result.control.id
    head = (
        f'    <testcase classname="{_escaped(result.template_path or _NO_TEMPLATE)}" name="{_escaped(name)}" time="0"'
    )
    if fails:
        terms = f'type="{result.control.severity}" message="{_escaped(result.message)}"'
        return [f"{head}>", f"      <failure {terms}>{_escaped(_details(entry))}</failure>", "    </testcase>"]
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
    """Return why a result neither passes nor fails the check; None if it does."""
    if result.waiver is not None and result.status == "WAIVED":
        waiver = result.waiver
        author = f" ({waiver.author})" if waiver.author else ""
        return f"waived by {waiver.owner} until {waiver.expires}: {waiver.reason}{author}"
    if result.in_baseline:
        return f"known in the baseline: {result.message}"
    if result.is_cdk_helper:
        return f"created by the CDK itself: {result.message}"
    if result.status == UNRESOLVED:
        return f"unresolved: {result.message}"
    if result.status == FAIL:
        why = "preview" if result.control.state == "preview" else f"severity {result.control.severity}"
        return f"{why}, does not fail the check: {result.message}"
    return None


def _details(entry: Finding) -> str:
    result = entry.lead
    control = result.control
    lines = [f"{control.title} ({', '.join(control.criteria)}).", *entry.messages]
    if result.property_path:
        lines.append(f"At: {result.property_path}")
    lines += [f"Also fails: {other.id} ({other.severity})" for other in entry.controls[1:]]
    lines.append(f"Fix: {result.fix}")
    lines += [f"Fix for {each.control.id}: {each.fix}" for each in entry.fixes if each is not result]
    return "\n".join(lines)


_ENTITIES = {
    ord(letter): f"&{name};" for letter, name in zip("&<>\"'", ("amp", "lt", "gt", "quot", "apos"), strict=True)
}


def _escaped(text: str) -> str:
    """Return a text for elements and attributes. Characters that cannot be printed are references or escapes."""
    text = text.translate(_ENTITIES) if text.isprintable() else "".join(map(_letter, text))
    # CI systems take `##` for a command.
    return re.sub("#(?=#)", "&#35;", text) if "##" in text else text


def _letter(letter: str) -> str:
    if letter.isprintable():
        return letter.translate(_ENTITIES)
    return f"&#{ord(letter)};" if _is_allowed(letter) else ascii(letter)[1:-1]


def _is_allowed(letter: str) -> bool:
    return (
        letter in "\t\n\r"
        or " " <= letter < "\x7f"
        or "\xa0" <= letter < "\ud800"
        or "\ue000" <= letter < "\ufffe"
        or letter > "\uffff"
    )
