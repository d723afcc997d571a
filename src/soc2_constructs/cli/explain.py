"""`soc2 explain`: one control with all its facts."""

from __future__ import annotations

from soc2_constructs.cli._common import COMPLIANT, deliver
from soc2_constructs.cli._text import columns, paragraphs, wrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from soc2_constructs.cli._common import Commands
    from soc2_constructs.controls import Control

_SCOPES = {"resource": "", "region": ", all in a region together", "account": ", all in an account together"}


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("explain", help="explain one control")
    command.add_argument("control", metavar="CONTROL")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from soc2_constructs.controls import find

    deliver("\n".join(_lines(find(options.control))) + "\n", options)
    return COMPLIANT


def _lines(control: Control) -> Iterator[str]:
    from soc2_constructs.criteria import CRITERIA

    yield control.id
    yield from wrapped(f"{control.title}.")
    yield ""
    yield from columns(list(_facts(control)))
    yield from ("", "Why it matters, and what enabling it changes")
    yield from paragraphs(control.documentation)
    yield from ("", "Criteria")
    for name in control.criteria:
        yield from wrapped(f"{name} {CRITERIA[name].title}")
        yield from wrapped(control.rationale(name), "    ", "    ")
    if control.also_mapped:
        yield from ("", "Also mapped by others")
        yield from columns([(source, ", ".join(names)) for source, names in control.also_mapped.items()])
    yield from ("", "How to comply")
    fix, template = control.fix_terms
    if template:
        yield from (*wrapped(f"CDK: {fix}"), *wrapped(f"CloudFormation: {template}."))
    else:
        yield from wrapped(fix)
    if live := list(_live_account(control)):
        yield from ("", "In the live account", *columns(live))
    yield from ("", "To accept the risk")
    if control.resource_types:
        yield "  In the app, before the construct is created:"
        yield f'    soc2.waive(<scope>, "{control.id}",'
        yield '               reason="…", owner="…", expires="YYYY-MM-DD")'
        yield f"  or acknowledge SOC2::{control.id}"
    else:
        yield from wrapped("No waiver is needed: a control of the live account fails neither a synthesis nor a check.")


def _facts(control: Control) -> Iterator[tuple[str, str]]:
    from soc2_constructs.controls import KINDS, format_threshold

    yield "Severity", control.severity + (f": {control.severity_reason}" if control.severity_reason else "")
    yield "Kind", f"{KINDS[control.kind].title} ({control.kind})"
    yield "State", f"{_STATES[control.state]}; since {control.since}"
    yield "Service", control.service
    if control.resource_types:
        yield "Evaluated on", ", ".join(control.resource_types) + _SCOPES.get(control.scope, "")
    else:
        yield "Evaluated on", "waivers" if control.scope == "waiver" else "the live account only"
    if control.resource_types and control.live_only:
        yield "Limits", "a template shows only part of it; the AWS Config rule covers the rest"
    for name, value in control.thresholds.items():
        text = format_threshold(value)
        yield "Threshold", f"{name} = {text} (--threshold {name}={text})"
    if control.implies:
        yield "Implies", ", ".join(control.implies)
    if control.aliases:
        yield "Aliases", ", ".join(control.aliases)


_STATES = {
    "preview": "preview: reported, never fails the check",
    "stable": "stable",
    "deprecated": "deprecated: removed in the next minor release",
}


def _live_account(control: Control) -> Iterator[tuple[str, str]]:
    if control.config_rules:
        yield "AWS Config", ", ".join(control.config_rules)
        for name, value in control.config_parameters.items():
            yield "  with", f"{name} = {value}"
    elif control.live_only:
        yield "AWS Config", "no managed rule exists; check it yourself"
    if control.prowler:
        yield "Prowler", ", ".join(control.prowler)
