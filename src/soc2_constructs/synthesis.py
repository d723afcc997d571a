"""A synthesis that is a gate: it ends with a summary, and with an error code where something has to be fixed.

    import soc2_constructs as soc2

    soc2.synth(app)

The CDK's own command says nothing of what a rule pack found where all stacks live in stages, and exits 0. An app that
ends like this stops it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import cx_api

from soc2_constructs import pack
from soc2_constructs.audit import FAIL_ON
from soc2_constructs.cloudformation.documents import read_document
from soc2_constructs.output import print_text, wants_colour
from soc2_constructs.pack import PackRun, Soc2Checks
from soc2_constructs.reports import Settings
from soc2_constructs.reports.table import brief


def synth(
    app: cdk.App,
    *,
    categories: Collection[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    thresholds: Mapping[str, float] | None = None,
    fail_on: str = FAIL_ON,
    strict: bool = False,
    report_only: bool = False,
    waivers: str | os.PathLike[str] | None = None,
    baseline: str | os.PathLike[str] | None = None,
) -> cx_api.CloudAssembly:
    """Synthesize an app and judge it; write it as the last line of an app, instead of `app.synth()`.

    Where the app has a `Soc2Checks` of its own, that one judges; where it has none, or only on some of its stages, one
    is added. The summary goes to stderr.

    Args:
        app: The app.
        categories: As for `Soc2Checks`, like all that follow; where the app has a pack of its own, give them to that.
        include: Only these control ids. Default: all.
        exclude: All but these control ids. Default: none.
        thresholds: Values for the thresholds of controls. Default: those of the catalogue.
        fail_on: The least severity that fails. Default `"medium"`.
        strict: Whether what a template leaves open fails as well. Default False.
        report_only: Show everything, fail nothing. Default False.
        waivers: A file of waivers beside those in the app. Default: `soc2-waivers.toml` in the present folder, if any.
        baseline: A file that `soc2 baseline` wrote. Default: none.

    Returns:
        The cloud assembly, where nothing has to be fixed.

    Raises:
        SystemExit: with the code 1, where something has to be fixed.
        ValueError: where an option is wrong, or was context though the app has a pack of its own.
    """
    options: dict[str, Any] = {
        "categories": categories,
        "include": include,
        "exclude": exclude,
        "thresholds": thresholds,
        "fail_on": fail_on,
        "strict": strict,
        "report_only": report_only,
        "waivers": waivers,
        "baseline": baseline,
    }
    assembly: cx_api.CloudAssembly | None = None
    failure: RuntimeError | None = None
    with pack.watched() as runs:
        gate = _Gate(app, runs, **options)
        cdk.Validations.of(app).add_plugins(gate)
        try:
            assembly = app.synth()
        except RuntimeError as error:
            if all(run.passes for run in runs):
                # The app could not be synthesized at all, or another pack stops it: the framework says why.
                raise
            failure = error
    if assembly is not None:
        if _runs_again(assembly):
            return assembly
        if not gate.asked:
            gate.judge_now(app)
    if runs and gate not in [run.pack for run in runs] and options != (synth.__kwdefaults__ or {}):
        raise ValueError("The app has a Soc2Checks of its own: give the options to that one, not to soc2.synth")
    for run in runs:
        _print(run)
    if assembly is None or not all(run.passes for run in runs):
        # A stack trace would help nobody: a finding is no mistake in a program.
        raise SystemExit(1) from failure
    return assembly


class _Gate(Soc2Checks):
    """The pack that judges what no other one has judged."""

    def __init__(self, app: cdk.App, runs: list[PackRun], **options: Any) -> None:
        super().__init__(app, **options)
        self._judgements = runs
        #: Whether the framework asked it.
        self.asked = False

    def _stacks_to_judge(self, stacks: list[cdk.PolicyValidationStack]) -> list[cdk.PolicyValidationStack]:
        self.asked = True
        judged = {path for run in self._judgements for path in run.stacks}
        return [stack for stack in stacks if stack.stack_construct_path not in judged]

    def judge_now(self, app: cdk.App) -> None:
        """Judge without being asked: the framework asks once for each synthesis, and not where there is no stack."""
        if any(isinstance(scope, cdk.Stack) for scope in app.node.find_all()):
            found = pack.audit_scope(app, **self._audit_options())
            self._judgements.append(PackRun(self, [], found, self._fail_on, self._strict))


def _runs_again(assembly: cx_api.CloudAssembly) -> bool:
    """Whether the CDK's command will look something up and run the app once more: until then, values are made up."""
    if "CDK_OUTDIR" not in os.environ:
        return False
    # jsii cannot hand out the manifest of every assembly.
    return bool(read_document(os.path.join(assembly.directory, "manifest.json")).get("missing"))


def _print(run: PackRun) -> None:
    """What has to be fixed, and the counts."""
    if run.audit is None:
        print_text(f"soc2: the rule pack could not audit the app: {run.error}\n", sys.stderr)
        return
    settings = Settings(fail_on=run.fail_on, strict=run.strict, colour=wants_colour(sys.stderr))
    print_text(brief(run.audit, settings), sys.stderr)
