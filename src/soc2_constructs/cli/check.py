"""`soc2 check`: audit templates, and fail if there is something to fix."""

from __future__ import annotations

from soc2_constructs.cli._common import (
    COMPLIANT,
    FINDINGS,
    WRONG_INPUT,
    add_format,
    add_paths,
    add_selection,
    deliver,
    has_colour,
    selection,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from soc2_constructs.cli._common import Commands
    from soc2_constructs.cloudformation import InputError


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("check", help="check templates, folders and cloud assemblies (cdk.out)")
    add_paths(command)
    add_format(command, "table", "json", "sarif", "junit")
    command.add_argument("--output", metavar="FILE", help="write the report to FILE instead of the terminal")
    add_selection(command)
    command.add_argument(
        "--fail-on",
        choices=("high", "medium", "low", "none"),
        default="medium",
        help="minimum severity that fails the check; default: medium",
    )
    command.add_argument("--strict", action="store_true", help="fail on unresolved results too")
    command.add_argument("--all", action="store_true", help="also list passed controls")
    command.add_argument(
        "--baseline", metavar="FILE", help="failures in this file of `soc2 baseline` do not fail the check"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    import sys

    from soc2_constructs.audit import audit, gc_paused
    from soc2_constructs.audit.baseline import read_baseline
    from soc2_constructs.output import print_text
    from soc2_constructs.reports import Settings, parts

    baseline = read_baseline(options.baseline) if options.baseline is not None else None
    unreadable: list[InputError] = []
    with gc_paused():
        outcome = audit(*options.paths, baseline=baseline, unreadable=unreadable, **selection(options))
        settings = Settings(
            fail_on=options.fail_on, strict=options.strict, colour=has_colour(options), verbose=options.all
        )
        deliver(parts(outcome, options.format, settings), options)
        for error in unreadable:
            print_text(f"soc2: {error}\n", sys.stderr)
        if unreadable:
            return WRONG_INPUT
        return FINDINGS if outcome.failures(options.fail_on, strict=options.strict) else COMPLIANT
