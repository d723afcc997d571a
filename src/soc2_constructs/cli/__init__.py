"""The `soc2` command: one module per command; this one dispatches. It requires neither Node nor the CDK."""

from __future__ import annotations

import argparse
import os
import sys

from soc2_constructs.cli import baseline, check, controls, criteria, explain, plan, waivers
from soc2_constructs.cli._common import COMPLIANT, FINDINGS, WRONG_INPUT
from soc2_constructs.output import print_text, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = (check, baseline, waivers, plan, controls, explain, criteria)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the `soc2` command.

    Args:
        arguments: The arguments. Default: those of the process.

    Returns:
        0 if there is nothing to fix, 1 if there are findings, 2 if the input or the arguments are wrong.
    """
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
        # The reader (head, less) has closed the pipe. The rest of the output is dropped; that is no fault of the input.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    except (ValueError, OSError) as error:
        print_text(f"soc2: {printable(_problem(error))}\n", sys.stderr)
        return WRONG_INPUT


def _problem(error: Exception) -> str:
    """Return an error as problem and remedy; the text of an error of the operating system names neither."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}. Check the path, its permissions and the free space."
    return str(error)


def _parser() -> argparse.ArgumentParser:
    from soc2_constructs._version import __version__

    parser = argparse.ArgumentParser(
        prog="soc2", description="Check CloudFormation templates against controls that support SOC 2 criteria."
    )
    parser.add_argument("--version", action="version", version=f"soc2-constructs {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for module in _COMMANDS:
        module.add_to(commands)
    return parser


__all__ = ["COMPLIANT", "FINDINGS", "WRONG_INPUT", "main"]
