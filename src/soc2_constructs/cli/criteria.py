"""`soc2 criteria`: list the criteria, or explain one with its controls."""

from __future__ import annotations

from soc2_constructs.cli._common import COMPLIANT, add_format, deliver, deliver_json
from soc2_constructs.cli._text import columns, wrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from soc2_constructs.cli._common import Commands
    from soc2_constructs.controls import Control
    from soc2_constructs.criteria import Criterion


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("criteria", help="list the criteria, or explain one and your own work for it")
    command.add_argument("criterion", nargs="?", metavar="CRITERION", help="explain this one, such as CC6.1")
    add_format(command, "table", "json")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from soc2_constructs.controls import catalogue
    from soc2_constructs.criteria import CRITERIA, find

    criteria = list(CRITERIA.values()) if options.criterion is None else [find(options.criterion)]
    supporting: dict[str, list[Control]] = {name: [] for name in CRITERIA}
    for control in catalogue().values():
        for name in control.criteria:
            supporting[name].append(control)
    if options.format == "json":
        deliver_json([_as_dict(criterion, supporting[criterion.id]) for criterion in criteria], options)
    elif options.criterion is not None:
        deliver("\n".join(_explained(criteria[0], supporting[criteria[0].id])) + "\n", options)
    else:
        deliver("\n".join(_list(criteria, supporting)) + "\n", options)
    return COMPLIANT


def _as_dict(criterion: Criterion, controls: list[Control]) -> dict[str, object]:
    return {
        "id": criterion.id,
        "category": criterion.category,
        "evidence": criterion.evidence,
        "title": criterion.title,
        "summary": criterion.summary,
        "shows": criterion.shows,
        "does_not_show": criterion.does_not_show,
        "records": criterion.records,
        "controls": [control.id for control in controls],
    }


def _list(criteria: list[Criterion], supporting: dict[str, list[Control]]) -> list[str]:
    from soc2_constructs.criteria import EVIDENCE
    from soc2_constructs.output import counted

    lines = [
        f"{criterion.id:5}  {criterion.category:20}  {criterion.evidence:14}  {criterion.title}"
        f"  [{counted(len(supporting[criterion.id]), 'control')}]"
        for criterion in criteria
    ]
    kinds = [criterion.evidence for criterion in criteria]
    fully, partly, none = (kinds.count(kind) for kind in EVIDENCE)
    lines.append(
        f"Infrastructure can support {fully + partly} of the {len(criteria)} criteria: {fully} substantially, "
        f"{partly} in part. The other {none} depend on people and records."
    )
    return lines


def _explained(criterion: Criterion, controls: list[Control]) -> list[str]:
    from soc2_constructs.criteria import EVIDENCE

    facts = [
        ("Category", criterion.category),
        ("Evidence", f"{criterion.evidence} ({EVIDENCE[criterion.evidence]})"),
    ]
    lines = [criterion.id, *wrapped(f"{criterion.title}."), "", *wrapped(criterion.summary), "", *columns(facts)]
    lines += ["", f"Controls that support it: {len(controls) or 'none'}"]
    width = max((len(control.id) for control in controls), default=0)
    lines += [f"  {control.id:{width}}  {control.severity:6}  {control.title}" for control in controls]
    for heading, text in (
        ("Infrastructure shows", criterion.shows),
        ("Infrastructure cannot show", criterion.does_not_show),
        ("Records to prepare", criterion.records),
    ):
        lines += ["", heading, *wrapped(text)]
    return lines
