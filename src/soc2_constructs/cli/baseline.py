"""`soc2 baseline`: record the current failures in a file, so that a check fails on new ones only."""

from __future__ import annotations

import os

from soc2_constructs.cli._common import COMPLIANT, add_paths, add_selection, selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from soc2_constructs.cli._common import Commands


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "baseline", help="record the current failures as known, or remove fixed ones from the file"
    )
    add_paths(command)
    command.add_argument(
        "--output", metavar="FILE", default="soc2-baseline.json", help="default: soc2-baseline.json in this folder"
    )
    command.add_argument("--add", action="store_true", help="add new failures to an existing file")
    add_selection(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from soc2_constructs.output import print_text, write_file

    text, summary = updated(*options.paths, file=options.output, add=options.add, **selection(options))
    write_file(options.output, text)
    print_text(f"{summary}\n")
    return COMPLIANT


def updated(*paths: str, file: str, add: bool, **options: Any) -> tuple[str, str]:
    """Return the content of the file, and a summary in one line.

    An existing file only loses fixed failures; new ones are added on request.

    Args:
        paths: The templates to audit.
        file: The path of the file.
        add: Whether to add new failures to an existing file.
        options: Further options of the audit.
    """
    from soc2_constructs.audit import audit
    from soc2_constructs.audit.baseline import Baseline, is_recordable, read_baseline
    from soc2_constructs.output import counted, printable

    exists = os.path.exists(file)
    baseline = read_baseline(file) if exists else Baseline(file)
    outcome = audit(*paths, baseline=baseline, **options)
    fixed = len(baseline.fixed)
    new = sum(is_recordable(result) and not result.in_baseline for result in outcome.results)
    baseline.shrink()
    if add or not exists:
        baseline.add(outcome.results)
    summary = f"{printable(file)}: {counted(len(baseline), 'known failure')}"
    if exists:
        summary += f"; {fixed} fixed and removed, {new} new and {'added' if add else 'not added'}"
        summary += " (to add: --add)" if new and not add else ""
    return baseline.render(), summary
