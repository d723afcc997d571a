"""`soc2 waivers`: every accepted risk with its owner, its age, and the days until it expires."""

from __future__ import annotations

from soc2_constructs.cli._common import (
    COMPLIANT,
    FINDINGS,
    add_format,
    add_paths,
    add_waivers,
    deliver,
    deliver_json,
    waiver_options,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from soc2_constructs.audit import Audit
    from soc2_constructs.cli._common import Commands
    from soc2_constructs.waivers import Waiver

IN_FORCE = "in force"
#: The state of a waiver that fails one of the controls for waivers, the most severe first.
_STATES = (
    ("soc2_waiver_valid", "invalid"),
    ("soc2_waiver_known", "unknown control"),
    ("soc2_waiver_in_force", "expired"),
    ("soc2_waiver_used", "unused"),
)


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "waivers", help="list waivers with owner, age and days left; exits with 1 if one needs a decision"
    )
    add_paths(command)
    add_waivers(command)
    add_format(command, "table", "json")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from soc2_constructs.audit import audit
    from soc2_constructs.output import counted

    outcome = audit(*options.paths, **waiver_options(options))
    waivers = sorted(outcome.waivers, key=lambda waiver: (waiver.expires, waiver.control, waiver.place))
    entries = [_entry(waiver, outcome) for waiver in waivers]
    if options.format == "json":
        deliver_json(entries, options)
    else:
        counts: dict[str, int] = {}
        for entry in entries:
            counts[entry["state"]] = counts.get(entry["state"], 0) + 1
        states = ", ".join(f"{count} {state}" for state, count in counts.items())
        total = counted(len(entries), "waiver") + (f": {states}" if states else "")
        deliver("".join(map(_lines, entries)) + f"{total}\n", options)
    return COMPLIANT if all(entry["state"] == IN_FORCE for entry in entries) else FINDINGS


def _entry(waiver: Waiver, audit: Audit) -> dict[str, Any]:
    from soc2_constructs.audit import WAIVED
    from soc2_constructs.cloudformation import PASS
    from soc2_constructs.waivers import days_between, today

    now = today()
    failed = {
        result.control.id: result.message
        for result in audit.results
        if result.control.scope == "waiver" and result.judged_waiver is waiver and result.status != PASS
    }
    return {
        **waiver.as_dict(),
        "author": waiver.author,
        "state": next((state for control, state in _STATES if control in failed), IN_FORCE),
        "problem": failed.get("soc2_waiver_valid"),
        "age_days": days_between(waiver.since, now) if waiver.since and waiver.problem is None else None,
        "days_left": days_between(now, waiver.expires) if waiver.problem is None else None,
        "waives": sum(result.status == WAIVED and result.waiver is waiver for result in audit.results),
    }


def _lines(entry: dict[str, Any]) -> str:
    from soc2_constructs.output import counted, printable

    left = entry["days_left"]
    if left is None:
        until = "no valid date"
    else:
        until = f"{counted(left, 'day')} left" if left >= 0 else f"expired {counted(-left, 'day')} ago"
    age = "" if entry["age_days"] is None else f", {counted(entry['age_days'], 'day')} old"
    ticket = f", {entry['ticket']}" if entry["ticket"] else ""
    place = entry["resource"] or entry["scope"] or "the whole app"
    place += f" in {entry['template']}" if entry["template"] else ""
    source = f"  ({entry['author'] or entry['source']})" if entry["author"] or entry["source"] else ""
    lines = (
        f"{entry['state']}: {entry['control']} on {place}{source}",
        *([f"  {entry['problem']}"] if entry["problem"] else []),
        f"  {entry['reason']}",
        f"  {entry['owner']}{ticket}; until {entry['expires']}, {until}{age}; "
        f"waives {counted(entry['waives'], 'result')}",
    )
    return "".join(f"{printable(line)}\n" for line in lines) + "\n"
