"""A synthesis that acts as a gate: it prints a summary, and exits with 1 if there are findings to fix.

    import soc2_constructs as soc2

    soc2.synth(app)

If all stacks are in stages, the CDK's own command prints no violation of a rule pack and exits with 0. An app that ends
with this call fails instead.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import soc2_constructs.hardening  # noqa: F401 - checks that the CDK is installed

import aws_cdk as cdk
from aws_cdk import cx_api

from soc2_constructs import pack
from soc2_constructs.audit import FAIL_ON
from soc2_constructs.cloudformation.documents import read_document
from soc2_constructs.output import print_text, supports_colour
from soc2_constructs.pack import PackRun, Soc2Checks
from soc2_constructs.reports import Settings
from soc2_constructs.reports.table import brief


def synth(
    app: cdk.App,
    *,
    categories: Collection[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    thresholds: Mapping[str, float | Sequence[float]] | None = None,
    fail_on: str = FAIL_ON,
    strict: bool = False,
    report_only: bool = False,
    waivers: str | os.PathLike[str] | None = None,
    baseline: str | os.PathLike[str] | None = None,
) -> cx_api.CloudAssembly:
    """Synthesize an app and audit it. Call it at the end of the app, instead of `app.synth()`.

    A `Soc2Checks` of the app is used where it is registered. For an app or stages without one, a pack is added. The
    summary is printed to stderr.

    Args:
        app: The app.
        categories: Trust services categories in scope. This and the other options are those of `Soc2Checks`; if the app
            registers a pack, pass them to that pack. Default: all.
        include: Only these control ids. Default: all.
        exclude: All but these control ids. Default: none.
        thresholds: Values for the thresholds of controls, in days. Default: those of the catalogue.
        fail_on: Minimum severity that fails: `"high"`, `"medium"`, `"low"` or `"none"`. Default `"medium"`.
        strict: Whether all unresolved results fail too. Default False: those of `soc2_template_visible` fail, which
            report resources that no template shows, such as those of a module.
        report_only: Report every finding, and never fail. Default False.
        waivers: A file of waivers in addition to those in the app. Default: `soc2-waivers.toml` in the current folder,
            if it exists.
        baseline: A file that `soc2 baseline` wrote. Default: none.

    Returns:
        The cloud assembly.

    Raises:
        SystemExit: With code 1, if there are findings to fix.
        ValueError: An option is invalid, or is passed although the app registers a pack.
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
                # The app cannot be synthesized, or another pack fails: the framework reports the reason.
                raise
            failure = error
    if assembly is not None:
        if _runs_again(assembly):
            return assembly
        if not gate.called:
            gate.judge_now(app)
    if runs and gate not in [run.pack for run in runs] and options != (synth.__kwdefaults__ or {}):
        raise ValueError("the app registers a Soc2Checks; pass the options to that pack instead of soc2.synth")
    for run in runs:
        if run.audit is not None:
            run.audit.parts_fail = True
        _print(run)
    if assembly is None or not all(run.passes for run in runs):
        # A finding is not an error in a program: exit without a stack trace.
        raise SystemExit(1) from failure
    return assembly


class _Gate(Soc2Checks):
    """The pack for the stacks that no other pack audits."""

    def __init__(self, app: cdk.App, runs: list[PackRun], **options: Any) -> None:
        super().__init__(app, **options)
        self._runs = runs
        #: Whether the framework called `validate`.
        self.called = False

    def _stacks_to_judge(self, stacks: list[cdk.PolicyValidationStack]) -> list[cdk.PolicyValidationStack]:
        self.called = True
        audited = {path for run in self._runs for path in run.stacks}
        return [stack for stack in stacks if stack.stack_construct_path not in audited]

    def judge_now(self, app: cdk.App) -> None:
        """Audit an app that the framework did not pass to the pack: it calls the pack once per synthesis."""
        if any(isinstance(scope, cdk.Stack) for scope in app.node.find_all()):
            audit = pack.audit_scope(app, **self._audit_options())
            self._runs.append(PackRun(self, [], audit, self._fail_on, self._strict))


def _runs_again(assembly: cx_api.CloudAssembly) -> bool:
    """Return whether the CDK command looks up context and runs the app again. Until then it uses dummy values."""
    if "CDK_OUTDIR" not in os.environ:
        return False
    # jsii cannot return the manifest of every assembly.
    return bool(read_document(os.path.join(assembly.directory, "manifest.json")).get("missing"))


def _print(run: PackRun) -> None:
    """Print the findings to fix, and the counts, to stderr."""
    if run.audit is None:
        print_text(f"soc2: the rule pack could not audit the app: {run.error}\n", sys.stderr)
        return
    settings = Settings(fail_on=run.fail_on, strict=run.strict, colour=supports_colour(sys.stderr))
    print_text(brief(run.audit, settings), sys.stderr)
