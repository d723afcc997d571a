"""What several commands share: exit codes, options, and where a report goes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence
    from typing import Any

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

COMPLIANT = 0
FINDINGS = 1
WRONG_INPUT = 2

#: Help of the `PATH` argument.
PATHS = (
    "a cdk.out, a folder, a glob, or a template; folders are searched without hidden files, node_modules, __pycache__ "
    "and virtual environments"
)


def add_paths(command: argparse.ArgumentParser) -> None:
    """Add the argument for the templates to audit."""
    command.add_argument("paths", nargs="+", metavar="PATH", help=PATHS)


def add_format(command: argparse.ArgumentParser, *formats: str) -> None:
    """Add the option for the output format; the first one is the default."""
    command.add_argument("--format", choices=formats, default=formats[0], help=f"output format; default: {formats[0]}")


def add_selection(command: argparse.ArgumentParser) -> None:
    """Add the options that select controls, thresholds and waivers."""
    command.add_argument(
        "--category", action="append", metavar="NAME", help="only this category (Security is always included)"
    )
    command.add_argument("--control", action="append", metavar="ID", help="only this control; may be repeated")
    command.add_argument("--exclude", action="append", default=[], metavar="ID", help="all but this control")
    command.add_argument(
        "--threshold",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="such as log_retention_days=400; commas separate the numbers of a list, such as public_ports=443,8443",
    )
    add_waivers(command)


def add_waivers(command: argparse.ArgumentParser) -> None:
    """Add the options for the file of waivers and for the waivers that are accepted."""
    command.add_argument("--waivers", metavar="FILE", help="default: soc2-waivers.toml in this folder, if it exists")
    command.add_argument(
        "--max-waiver-days",
        type=int,
        default=365,
        metavar="DAYS",
        help="refuse waivers that expire later than this number of days from today; default: 365",
    )
    command.add_argument(
        "--do-not-waive",
        action="append",
        default=[],
        metavar="ID",
        help="refuse waivers of this control; may be repeated",
    )
    command.add_argument(
        "--trust-assembly-waivers",
        choices=("yes", "no"),
        default="yes",
        help="whether waivers in cloud assemblies apply, or only the file of waivers; default: yes",
    )


def waiver_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options of `add_waivers` as options of an audit."""
    from soc2_constructs.audit import WaiverPolicy
    from soc2_constructs.waivers import default_waivers

    policy = WaiverPolicy(
        max_days=options.max_waiver_days,
        do_not_waive=options.do_not_waive,
        trust_assembly=options.trust_assembly_waivers == "yes",
    )
    return {"waivers": default_waivers(options.waivers), "waiver_policy": policy}


def selection(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options of `add_selection` as options of an audit."""
    return {
        "categories": options.category,
        "include": options.control,
        "exclude": options.exclude,
        "thresholds": _thresholds(options.threshold),
        **waiver_options(options),
    }


def _thresholds(texts: Sequence[str]) -> dict[str, float | Sequence[float]]:
    thresholds: dict[str, float | Sequence[float]] = {}
    for text in texts:
        name, _, numbers = text.partition("=")
        try:
            first, *others = map(float, numbers.split(","))
        except ValueError:
            raise ValueError(f"--threshold is {text!r}; write NAME=NUMBER") from None
        thresholds[name] = (first, *others) if others else first
    return thresholds


def has_colour(options: argparse.Namespace) -> bool:
    """Return whether the report goes to a terminal that shows colors."""
    import sys

    from soc2_constructs.output import supports_colour

    return options.output is None and supports_colour(sys.stdout)


def deliver(text: str | Iterable[str], options: argparse.Namespace) -> None:
    """Write a report to the file of `--output`, or to stdout. Machine-readable formats are always in UTF-8.

    Args:
        text: The report, whole or in parts.
        options: The options of the command.
    """
    from soc2_constructs.output import print_text, write_file

    output: str | None = getattr(options, "output", None)
    if output is not None:
        write_file(output, text)
    else:
        print_text(text, encoding=None if getattr(options, "format", "table") == "table" else "utf-8")


def deliver_json(entries: Any, options: argparse.Namespace) -> None:
    """Write plain data as JSON."""
    from soc2_constructs.reports._json_text import json_text

    deliver(f"{json_text(entries)}\n", options)
