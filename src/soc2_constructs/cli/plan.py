"""`soc2 plan`: what a deployment would do to deployed resources."""

from __future__ import annotations

from soc2_constructs.cli._common import COMPLIANT, FINDINGS, add_format, deliver, has_colour

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from soc2_constructs.cli._common import Commands


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("plan", help="show what a deployment would do to deployed resources")
    command.add_argument("path", metavar="PATH", help="the new version: a cdk.out, a folder, or a template")
    command.add_argument(
        "--against",
        required=True,
        metavar="DEPLOYED",
        help="the deployed version: a cdk.out, a folder, or a template as written by `aws cloudformation get-template "
        "--query TemplateBody`, in a file named after its stack",
    )
    add_format(command, "table", "json")
    command.add_argument("--output", metavar="FILE", help="write the plan to FILE instead of the terminal")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from soc2_constructs.deployment import compare
    from soc2_constructs.reports.plan import render

    plan = compare(options.against, options.path)
    deliver(render(plan, options.format, colour=has_colour(options)), options)
    return FINDINGS if plan.losses else COMPLIANT
