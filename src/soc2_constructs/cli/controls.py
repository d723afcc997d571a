"""`soc2 controls`: list the controls."""

from __future__ import annotations

from soc2_constructs.cli._common import COMPLIANT, add_format, deliver, deliver_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from soc2_constructs.cli._common import Commands
    from soc2_constructs.controls import Control


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("controls", help="list the controls")
    command.add_argument("filter", nargs="?", default="", help="prefix match on id, title, service, criteria or type")
    command.add_argument("--category", metavar="NAME", help="only controls that support this category")
    add_format(command, "table", "json")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from soc2_constructs.controls import catalogue

    controls = [
        control
        for control in (catalogue().values() if options.category is None else _of_category(options.category))
        if _matches(options.filter.lower(), control)
    ]
    if options.format == "json":
        deliver_json([as_dict(control) for control in controls], options)
    else:
        width = max((len(control.id) for control in controls), default=0)
        lines = [
            f"{control.id:{width}}  {control.severity:6}  {control.title}  [{', '.join(control.criteria)}]"
            for control in controls
        ]
        deliver("\n".join([*lines, f"{len(controls)} controls"]) + "\n", options)
    return COMPLIANT


def as_dict(control: Control) -> dict[str, object]:
    """Return a control as plain data."""
    return {
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


def _matches(prefix: str, control: Control) -> bool:
    """Return whether a word of the control starts with the prefix: `rds` does not match `records`."""
    parts = (control.id, *control.aliases, control.title, control.service, *control.criteria, *control.resource_types)
    text = " ".join(parts).lower()
    at = text.find(prefix)
    while at > 0 and text[at - 1].isalnum():
        at = text.find(prefix, at + 1)
    return at >= 0


def _of_category(category: str) -> list[Control]:
    """Return the controls that support a criterion of one category.

    Raises:
        ValueError: The category does not exist.
    """
    from soc2_constructs.controls import catalogue
    from soc2_constructs.criteria import CATEGORIES, CRITERIA

    if category not in CATEGORIES:
        raise ValueError(f"There is no category {category!r}; the categories are {', '.join(CATEGORIES)}")
    return [
        control
        for control in catalogue().values()
        if any(CRITERIA[name].category == category for name in control.criteria)
    ]
