"""`soc2 controls`: list the controls, or the resource types that they evaluate."""

from __future__ import annotations

from soc2_constructs.cli._common import COMPLIANT, add_format, deliver, deliver_json
from soc2_constructs.output import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from soc2_constructs.cli._common import Commands
    from soc2_constructs.controls import Control


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("controls", help="list the controls, or the resource types that they evaluate")
    command.add_argument("filter", nargs="?", default="", help="prefix match on id, title, service, criteria or type")
    command.add_argument("--category", metavar="NAME", help="only controls that support this category")
    command.add_argument(
        "--changed-since", metavar="VERSION", help="only controls added after this version, such as 0.1.0"
    )
    command.add_argument(
        "--live", action="store_true", help="only controls that need AWS Config in the live account, with its rules"
    )
    command.add_argument(
        "--types", action="store_true", help="list resource types with the number of controls that evaluate each"
    )
    add_format(command, "table", "json")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from soc2_constructs.controls import catalogue

    controls = [
        control
        for control in (catalogue().values() if options.category is None else _of_category(options.category))
        if _matches(options.filter.lower(), control)
        and (control.live_only or not options.live)
        and (options.changed_since is None or _version(control.since) > _version(options.changed_since))
    ]
    if options.types:
        _deliver_types(controls, options)
    elif options.format == "json":
        deliver_json([as_dict(control) for control in controls], options)
    else:
        width = max((len(control.id) for control in controls), default=0)
        lines = [f"{control.id:{width}}  {control.severity:6}  {_summary(control, options)}" for control in controls]
        deliver("\n".join([*lines, counted(len(controls), "control")]) + "\n", options)
    return COMPLIANT


def as_dict(control: Control) -> dict[str, object]:
    """Return a control as plain data: its facts in the JSON report, and how it is evaluated."""
    from soc2_constructs.reports.json import control_as_dict

    return {
        "id": control.id,
        **control_as_dict(control),
        "resource_types": list(control.resource_types),
        "live_only": control.live_only,
        "thresholds": dict(control.thresholds),
    }


def _summary(control: Control, options: argparse.Namespace) -> str:
    """Return the last columns of a line: title and criteria, or what the option asks for."""
    if options.live:
        return f"{control.title}  [{', '.join(control.config_rules) or 'no managed rule exists'}]"
    state = "" if control.state == "stable" else f"{control.state}, "
    since = f"since {control.since}, " if options.changed_since is not None else ""
    return f"{control.title}  [{state}{since}{', '.join(control.criteria)}]"


def _deliver_types(controls: list[Control], options: argparse.Namespace) -> None:
    from soc2_constructs.audit.coverage import controls_by_type

    types = sorted(controls_by_type(controls).items())
    if options.format == "json":
        deliver_json({type: [control.id for control in members] for type, members in types}, options)
    else:
        width = max((len(type) for type, _ in types), default=0)
        lines = [f"{type:{width}}  {counted(len(members), 'control')}" for type, members in types]
        deliver("\n".join([*lines, counted(len(types), "resource type")]) + "\n", options)


def _version(text: str) -> tuple[int, ...]:
    """Return a version as numbers, for comparison.

    >>> _version("0.10.0") > _version("0.9")
    True

    Raises:
        ValueError: The text is not a version.
    """
    try:
        numbers = [int(part) for part in text.split(".")]
    except ValueError:
        raise ValueError(f"--changed-since is {text!r}; write a version such as 0.1.0") from None
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


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
    from soc2_constructs.criteria import CRITERIA, category_named

    wanted = category_named(category)
    return [
        control
        for control in catalogue().values()
        if any(CRITERIA[name].category == wanted for name in control.criteria)
    ]
