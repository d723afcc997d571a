"""The `soc2` command. It needs neither Node nor the CDK, and starts as fast as Python does."""

from __future__ import annotations

import argparse
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from soc2_constructs.controls import Control
    from soc2_constructs.criteria import Criterion

COMPLIANT = 0
FINDINGS = 1
WRONG_INPUT = 2

_PATHS = (
    "a cdk.out, a folder, a glob, or a template; of a folder all but what begins with a dot, node_modules, __pycache__ "
    "and virtual environments"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0 where all is compliant, 1 with findings, 2 where the input or the call is wrong."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not hasattr(options, "run"):
        parser.print_help()
        return WRONG_INPUT
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader (head, less) has gone: what is left to print goes nowhere, and that is no fault of the input.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    except (ValueError, OSError) as error:
        print(f"soc2: {error}", file=sys.stderr)
        return WRONG_INPUT


def _parser() -> argparse.ArgumentParser:
    from soc2_constructs.reports import tool_version

    parser = argparse.ArgumentParser(prog="soc2", description="Judge CloudFormation templates by the SOC 2 criteria.")
    parser.add_argument("--version", action="version", version=f"soc2-constructs {tool_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    check = commands.add_parser("check", help="judge templates, folders and cloud assemblies (cdk.out)")
    check.add_argument("paths", nargs="+", metavar="PATH", help=_PATHS)
    check.add_argument("--format", choices=("table", "json", "sarif", "junit"), default="table", help="default: table")
    check.add_argument("--output", metavar="FILE", help="write the report to FILE instead of the terminal")
    _add_selection(check)
    check.add_argument(
        "--fail-on",
        choices=("high", "medium", "low", "none"),
        default="medium",
        help="the least severity that fails; default: medium",
    )
    check.add_argument("--strict", action="store_true", help="what is unresolved fails too")
    check.add_argument("--all", action="store_true", help="list what passes as well")
    check.add_argument(
        "--baseline", metavar="FILE", help="what stands in this file, as `soc2 baseline` writes it, passes"
    )
    check.set_defaults(run=_check)

    baseline = commands.add_parser("baseline", help="freeze the failures of today, or drop from the file what is fixed")
    baseline.add_argument("paths", nargs="+", metavar="PATH", help=_PATHS)
    baseline.add_argument(
        "--output", metavar="FILE", default="soc2-baseline.json", help="default: soc2-baseline.json in this folder"
    )
    baseline.add_argument("--add", action="store_true", help="take new failures up into a file that is there already")
    _add_selection(baseline)
    baseline.set_defaults(run=_baseline)

    waivers = commands.add_parser("waivers", help="list the waivers: owner, age, days left, and what needs a decision")
    waivers.add_argument("paths", nargs="+", metavar="PATH", help=_PATHS)
    waivers.add_argument("--waivers", metavar="FILE", help="default: soc2-waivers.toml in this folder, if it is there")
    waivers.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    waivers.set_defaults(run=_waivers)

    plan = commands.add_parser("plan", help="say what deploying would do to the resources that exist")
    plan.add_argument("path", metavar="PATH", help="what would be deployed: a cdk.out, a folder, or a template")
    plan.add_argument(
        "--against",
        required=True,
        metavar="DEPLOYED",
        help="what is deployed: a cdk.out, a folder, or a template as `aws cloudformation get-template --query "
        "TemplateBody` writes it, in a file named after its stack",
    )
    plan.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    plan.add_argument("--output", metavar="FILE", help="write the plan to FILE instead of the terminal")
    plan.set_defaults(run=_plan)

    controls = commands.add_parser("controls", help="list the controls")
    controls.add_argument(
        "filter", nargs="?", default="", help="how a word in the id, title, service, criteria or type begins"
    )
    controls.add_argument("--category", metavar="NAME", help="only controls of this category")
    controls.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    controls.set_defaults(run=_controls)

    explain = commands.add_parser("explain", help="explain one control")
    explain.add_argument("control", metavar="CONTROL")
    explain.set_defaults(run=_explain)

    criteria = commands.add_parser("criteria", help="list the criteria, or explain one: what stays your own work")
    criteria.add_argument("criterion", nargs="?", metavar="CRITERION", help="explain this one, such as CC6.1")
    criteria.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    criteria.set_defaults(run=_criteria)
    return parser


def _add_selection(command: argparse.ArgumentParser) -> None:
    """The options that say what is judged, and by what."""
    command.add_argument(
        "--category", action="append", metavar="NAME", help="only this category (Security always counts)"
    )
    command.add_argument("--control", action="append", metavar="ID", help="only this control; may be repeated")
    command.add_argument("--exclude", action="append", default=[], metavar="ID", help="without this control")
    command.add_argument(
        "--threshold", action="append", default=[], metavar="NAME=NUMBER", help="such as log_retention_days=400"
    )
    command.add_argument("--waivers", metavar="FILE", help="default: soc2-waivers.toml in this folder, if it is there")


def _selection(options: argparse.Namespace) -> dict[str, Any]:
    """The same as options of an audit."""
    from soc2_constructs.waivers import default_waivers

    return {
        "categories": options.category,
        "include": options.control,
        "exclude": options.exclude,
        "thresholds": _thresholds(options.threshold),
        "waivers": default_waivers(options.waivers),
    }


def _check(options: argparse.Namespace) -> int:
    from soc2_constructs.audit import audit
    from soc2_constructs.audit.baseline import read_baseline
    from soc2_constructs.reports import Settings, render

    known = read_baseline(options.baseline) if options.baseline is not None else None
    found = audit(*options.paths, baseline=known, **_selection(options))
    colour = options.output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    settings = Settings(fail_on=options.fail_on, strict=options.strict, colour=colour, verbose=options.all)
    # The name of a file may hold bytes that are no text.
    text = render(found, options.format, settings).encode("utf-8", "backslashreplace").decode()
    if options.output is None:
        sys.stdout.write(text)
    else:
        _write(options.output, text)
    return FINDINGS if found.failures(options.fail_on, strict=options.strict) else COMPLIANT


def _baseline(options: argparse.Namespace) -> int:
    from soc2_constructs.cli import baseline

    text, done = baseline.freeze(*options.paths, file=options.output, add=options.add, **_selection(options))
    _write(options.output, text)
    print(done)
    return COMPLIANT


def _waivers(options: argparse.Namespace) -> int:
    from soc2_constructs.cli import waivers

    text, in_order = waivers.report(options.paths, options.waivers, options.format)
    sys.stdout.write(text)
    return COMPLIANT if in_order else FINDINGS


def _plan(options: argparse.Namespace) -> int:
    from soc2_constructs.deployment import compare
    from soc2_constructs.reports.plan import render

    found = compare(options.against, options.path)
    colour = options.output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    text = render(found, options.format, colour=colour).encode("utf-8", "backslashreplace").decode()
    if options.output is None:
        sys.stdout.write(text)
    else:
        _write(options.output, text)
    return FINDINGS if found.losses else COMPLIANT


def _thresholds(texts: Sequence[str]) -> dict[str, float]:
    thresholds = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            thresholds[name] = float(number)
        except ValueError:
            raise ValueError(f"--threshold takes NAME=NUMBER, not {text!r}") from None
    return thresholds


def _write(path: str, text: str) -> None:
    """Write a report whole or not at all: a half-written one could pass for a clean one."""
    part = f"{path}.part"
    with open(part, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(part, path)


def _controls(options: argparse.Namespace) -> int:
    from soc2_constructs.audit import select

    wanted = options.filter.lower()
    candidates = select() if options.category is None else select_category(options.category)
    found = [control for control in candidates if _begins_a_word(wanted, control)]
    if options.format == "json":
        import json

        entries = [
            {
                "id": control.id,
                "title": control.title,
                "service": control.service,
                "severity": control.severity,
                "criteria": list(control.criteria),
                "resource_types": list(control.resource_types),
                "fix": control.fix,
                "config_rules": list(control.config_rules),
                "aliases": list(control.aliases),
                "thresholds": dict(control.thresholds),
            }
            for control in found
        ]
        print(json.dumps(entries, indent=2, ensure_ascii=False))
    else:
        width = max((len(control.id) for control in found), default=0)
        for control in found:
            print(f"{control.id:{width}}  {control.severity:6}  {control.title}  [{', '.join(control.criteria)}]")
        print(f"{len(found)} controls")
    return COMPLIANT


def _begins_a_word(wanted: str, control: Control) -> bool:
    """Whether a word of what is said of a control begins so: `rds` is none of its records and passwords."""
    parts = (control.id, *control.aliases, control.title, control.service, *control.criteria, *control.resource_types)
    text = " ".join(parts).lower()
    at = text.find(wanted)
    while at > 0 and text[at - 1].isalnum():
        at = text.find(wanted, at + 1)
    return at >= 0


def select_category(category: str) -> list[Control]:
    """The controls that support a criterion of one category."""
    from soc2_constructs.controls import catalogue
    from soc2_constructs.criteria import CATEGORIES, CRITERIA

    if category not in CATEGORIES:
        raise ValueError(f"There is no category {category!r}; the categories are {', '.join(CATEGORIES)}")
    return [
        control
        for control in catalogue().values()
        if any(CRITERIA[name].category == category for name in control.criteria)
    ]


def _explain(options: argparse.Namespace) -> int:
    from soc2_constructs.controls import find

    print("\n".join(_explained_control(find(options.control))))
    return COMPLIANT


def _explained_control(control: Control) -> list[str]:
    """What the page of a control says, for a terminal of 100 columns."""
    from soc2_constructs.criteria import CRITERIA

    subjects = {"resource": "", "region": ", all of a region together", "account": ", all of an account together"}
    judged = (
        ", ".join(control.resource_types) + subjects[control.scope]
        if control.resource_types
        else "the live account only"
    )
    facts = [("Severity", control.severity), ("Service", control.service), ("Judged on", judged)]
    if control.resource_types and control.live_only:
        facts += [("In part", "a template shows a part of it, the live account the rest")]
    facts += [
        ("Threshold", f"{name} = {value:g} (--threshold {name}={value:g})")
        for name, value in control.thresholds.items()
    ]
    if control.aliases:
        facts += [("Also called", ", ".join(control.aliases))]
    lines = [control.id, *_wrapped(f"{control.title}."), "", *_described(facts)]
    lines += ["", "Why, and what changes", *_paragraphs(control.documentation)]
    lines += ["", "Criteria that it supports"]
    lines += _described([(name, CRITERIA[name].title) for name in control.criteria])

    fix, template = control.fix_terms
    lines += ["", "How to comply"]
    if template:
        lines += [*_wrapped(f"CDK: {fix}"), *_wrapped(f"CloudFormation: {template}.")]
    else:
        lines += _wrapped(fix)

    live = []
    if control.config_rules:
        live += [("AWS Config", ", ".join(control.config_rules))]
        live += [("  with", f"{name} = {value}") for name, value in control.config_parameters.items()]
    elif control.live_only:
        live += [("AWS Config", "no rule shows it, so it stays your own check")]
    if control.prowler:
        live += [("Prowler", ", ".join(control.prowler))]
    if live:
        lines += ["", "In the live account", *_described(live)]

    lines += ["", "To accept the risk"]
    if control.resource_types:
        lines += [
            "  Write before the construct that it is about:",
            f'    soc2.waive(<scope>, "{control.id}",',
            '               reason="…", owner="…", expires="YYYY-MM-DD")',
            f"  or acknowledge SOC2::{control.id}",
        ]
    else:
        lines += _wrapped("Nothing to waive: what only a live account shows fails neither a synth nor a check.")
    return lines


def _wrapped(text: str, first: str = "  ", rest: str = "  ") -> list[str]:
    """A paragraph for a terminal of 100 columns. Ids and code stay whole, so that they can be copied."""
    import textwrap

    return textwrap.wrap(
        text, 100, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def _described(facts: Sequence[tuple[str, str]]) -> list[str]:
    """Names and what they stand for, in two columns."""
    width = max(len(name) for name, _ in facts) + 4
    return [line for name, text in facts for line in _wrapped(text, f"  {name}".ljust(width), " " * width)]


def _paragraphs(text: str) -> list[str]:
    """Paragraphs, wrapped anew; what is indented is code and stays as it is."""
    lines: list[str] = []
    for block in text.split("\n\n"):
        lines += [""] if lines else []
        if block.startswith("    "):
            lines += [f"  {line}" for line in block.splitlines()]
        else:
            lines += _wrapped(" ".join(block.split()))
    return lines


def _criteria(options: argparse.Namespace) -> int:
    from soc2_constructs.controls import catalogue
    from soc2_constructs.criteria import CRITERIA, EVIDENCE, find

    wanted = list(CRITERIA.values()) if options.criterion is None else [find(options.criterion)]
    serving: dict[str, list[Control]] = {name: [] for name in CRITERIA}
    for control in catalogue().values():
        for name in control.criteria:
            serving[name].append(control)
    if options.format == "json":
        import json

        entries = [
            {
                "id": criterion.id,
                "category": criterion.category,
                "evidence": criterion.evidence,
                "title": criterion.title,
                "summary": criterion.summary,
                "remains": criterion.remains,
                "controls": [control.id for control in serving[criterion.id]],
            }
            for criterion in wanted
        ]
        print(json.dumps(entries, indent=2, ensure_ascii=False))
    elif options.criterion is not None:
        print("\n".join(_explained(wanted[0], serving[wanted[0].id])))
    else:
        for criterion in wanted:
            count = len(serving[criterion.id])
            print(
                f"{criterion.id:5}  {criterion.category:20}  {criterion.evidence:14}  {criterion.title}"
                f"  [{count} {'control' if count == 1 else 'controls'}]"
            )
        kinds = [criterion.evidence for criterion in wanted]
        fully, partly, none = (kinds.count(kind) for kind in EVIDENCE)
        print(
            f"Infrastructure can support {fully + partly} of the {len(wanted)} criteria: {fully} substantially, "
            f"{partly} in part. The other {none} are your own work alone."
        )
    return COMPLIANT


def _explained(criterion: Criterion, controls: list[Control]) -> list[str]:
    import textwrap

    from soc2_constructs.criteria import EVIDENCE

    lines = [criterion.id, f"  {criterion.title}.", ""]
    lines += textwrap.wrap(criterion.summary, 110, initial_indent="  ", subsequent_indent="  ")
    lines += ["", f"  Category:    {criterion.category}"]
    lines += [f"  Evidence:    {criterion.evidence} ({EVIDENCE[criterion.evidence]})"]
    lines += ["", f"  Controls that support it: {len(controls) or 'none'}"]
    width = max((len(control.id) for control in controls), default=0)
    lines += [f"    {control.id:{width}}  {control.severity:6}  {control.title}" for control in controls]
    lines += ["", "  What remains yours:"]
    lines += textwrap.wrap(criterion.remains, 110, initial_indent="    ", subsequent_indent="    ")
    return lines
