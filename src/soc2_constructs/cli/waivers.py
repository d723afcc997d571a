"""`soc2 waivers`: every accepted risk, who answers for it, how old it is, and how long it still holds."""

from __future__ import annotations

from soc2_constructs.audit import WAIVED, audit
from soc2_constructs.waivers import days_between, default_waivers, today

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from soc2_constructs.audit import Audit
    from soc2_constructs.waivers import Waiver


#: What a control about waivers calls one that it fails, the gravest first.
_STATES = (
    ("soc2_waiver_known", "unknown control"),
    ("soc2_waiver_in_force", "expired"),
    ("soc2_waiver_used", "unused"),
)


def report(paths: Sequence[str], file: str | None, form: str) -> tuple[str, bool]:
    """The list as text, and whether none of the waivers asks for anything."""
    found = audit(*paths, waivers=default_waivers(file))
    waivers = sorted(found.waivers, key=lambda waiver: (waiver.expires, waiver.control, waiver.place))
    entries = [_entry(waiver, found) for waiver in waivers]
    in_order = all(entry["state"] == "in force" for entry in entries)
    if form == "json":
        import json

        return json.dumps(entries, indent=2, ensure_ascii=False) + "\n", in_order
    return "".join(map(_lines, entries)) + f"{_counted(entries)}\n", in_order


def _entry(waiver: Waiver, found: Audit) -> dict[str, Any]:
    now = today()
    problems = [
        result.control.id
        for result in found.results
        if result.control.scope == "waiver" and result.judged_waiver is waiver and result.status != "PASS"
    ]
    left = days_between(now, waiver.expires)
    return {
        **waiver.as_dict(),
        "state": next((words for control, words in _STATES if control in problems), "in force"),
        "age_days": days_between(waiver.since, now) if waiver.since else None,
        "days_left": left,
        "waives": sum(result.status == WAIVED and result.waiver is waiver for result in found.results),
    }


def _lines(entry: dict[str, Any]) -> str:
    left = entry["days_left"]
    until = f"{left} days left" if left >= 0 else f"expired {-left} days ago"
    age = "" if entry["age_days"] is None else f", {entry['age_days']} days old"
    ticket = f", {entry['ticket']}" if entry["ticket"] else ""
    place = entry["resource"] or entry["scope"] or "the whole app"
    source = f"  ({entry['source']})" if entry["source"] else ""
    return (
        f"{entry['state']}: {entry['control']} on {place}{source}\n"
        f"  {entry['reason']}\n"
        f"  {entry['owner']}{ticket}; until {entry['expires']}, {until}{age}; waives {entry['waives']}\n\n"
    )


def _counted(entries: list[dict[str, Any]]) -> str:
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry["state"]] = counts.get(entry["state"], 0) + 1
    states = ", ".join(f"{count} {state}" for state, count in counts.items())
    number = len(entries)
    return f"{number} waiver{'' if number == 1 else 's'}" + (f": {states}" if states else "")
