"""Soc2Checks: the options of the pack, and its answers to the CDK's validation framework."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypedDict

from soc2_constructs.hardening.waive import NAMESPACE

import aws_cdk as cdk
import cdk_nag
import jsii
from constructs import IConstruct

from soc2_constructs._version import __version__
from soc2_constructs.audit import FAIL_ON, WAIVED, Audit, Result, gc_paused, select, validate_options
from soc2_constructs.audit.baseline import read_baseline
from soc2_constructs.audit.coverage import not_judged_line
from soc2_constructs.audit.findings import failing_ids, findings
from soc2_constructs.cloudformation import PASS
from soc2_constructs.pack.acknowledgements import Acknowledgements, not_acknowledged, unmatched_acknowledgements
from soc2_constructs.pack.runs import PackRun, audit_assembly, audit_scope, is_muted, record
from soc2_constructs.pack.violations import Violation, as_struct, broken_report, suppressed_violations, violations_of
from soc2_constructs.waivers import FROM_FILE, default_waivers


class PackOptions(TypedDict, total=False):
    """The options of `Soc2Checks`, for functions that pass them on."""

    categories: Collection[str] | None
    include: Iterable[str] | None
    exclude: Iterable[str]
    thresholds: Mapping[str, float | Sequence[float]] | None
    fail_on: str
    strict: bool
    report_only: bool
    waivers: str | os.PathLike[str] | None
    baseline: str | os.PathLike[str] | None


class Soc2Checks(cdk_nag.NagPack):
    """The rule pack.

    Args:
        scope: The app or stage to audit. Optional, as for every rule pack of cdk-nag.
        categories: Trust services categories in scope, such as `("Availability", "Confidentiality")`. Security is
            always included. Default: all five.
        include: Only these control ids. Default: all.
        exclude: All but these control ids. Default: none.
        thresholds: Values for the thresholds of controls, in days: `{"log_retention_days": 400,
            "backup_retention_days": 90}`. Default: those of the catalogue, 365 and 35 days.
        fail_on: Minimum severity that fails the synthesis: `"high"`, `"medium"`, `"low"` or `"none"`. Findings below it
            are warnings. Default `"medium"`.
        strict: Whether unresolved results fail too. Default False: they are warnings.
        report_only: Report every finding as a warning, and never fail. Default False.
        waivers: A file of waivers in addition to those in the app. Default: `soc2-waivers.toml` in the current folder,
            if it exists.
        baseline: A file written by `soc2 baseline`; its findings are warnings. Default: none.
        sources: Whether findings name the line of Python that created the construct. This covers constructs of this
            library's classes and constructs created under `soc2_constructs.enforce`. Default True; the context key
            `soc2:sources` and the environment variable `SOC2_SOURCES` also disable it.

    Raises:
        ValueError: A category, control, threshold or severity does not exist.
    """

    def __init__(
        self,
        scope: IConstruct | None = None,
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
        sources: bool = True,
    ) -> None:
        super().__init__(scope)
        self._pack_name = NAMESPACE
        self._options: dict[str, Any] = {
            "categories": None if categories is None else tuple(categories),
            "include": None if include is None else tuple(include),
            "exclude": tuple(exclude),
            "thresholds": dict(thresholds or {}),
        }
        self._fail_on = "none" if report_only else fail_on
        self._strict = strict
        self._waivers = waivers
        self._baseline = baseline
        self._sources = sources
        #: Called with the folder of the assembly before the audit, to write files beside the templates.
        self._writers: list[Callable[[str], None]] = []
        #: Called after the writers, for warnings besides the findings.
        self._remarks: list[Callable[[], Iterable[Violation]]] = []
        validate_options(**self._options, fail_on=self._fail_on)

    @property
    @jsii.member(jsii_name="name")
    def name(self) -> str:
        """The pack's name; an acknowledgement is written `SOC2::<control id>`."""
        return NAMESPACE

    @property
    @jsii.member(jsii_name="ruleIds")
    def rule_ids(self) -> list[str]:
        """Ids of the selected controls."""
        selection = {name: self._options[name] for name in ("categories", "include", "exclude")}
        return [control.id for control in select(**selection)]

    @property
    @jsii.member(jsii_name="version")
    def version(self) -> str:
        """The version of this library."""
        return __version__

    @jsii.member(jsii_name="checkResource")
    def _check_resource(self, node: cdk.CfnResource) -> None:
        """Do nothing: `validate` audits the templates as a whole."""

    @jsii.member(jsii_name="validate")
    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Audit the templates of an app. The CDK calls this at the end of a synthesis."""
        if is_muted():
            return cdk.PolicyValidationPluginReport(success=True, violations=[])
        with gc_paused():
            return self._validated(context)

    def _validated(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        stacks: list[cdk.PolicyValidationStack] = []
        try:
            stacks = self._stacks_to_judge(_once(context, "stack_templates"))
            root = _once(context, "app_construct")
            if not stacks:
                return cdk.PolicyValidationPluginReport(success=True, violations=[])
            audit = audit_assembly(root, [stack.stack_construct_path for stack in stacks], **self._audit_options())
            results = audit.results
            covered = _covered(audit, {os.path.realpath(stack.template_path) for stack in stacks})
            if len(covered) < len(audit.assembly.templates):
                results = [result for result in results if result.template is None or id(result.template) in covered]
            acknowledgements = Acknowledgements(audit, root)
            success, violations = self._judge(audit, results, acknowledgements)
            violations += unmatched_acknowledgements(acknowledgements, audit, results)
            violations += (remark for remarks in self._remarks for remark in remarks())
            record(
                lambda: PackRun(
                    self,
                    stacks,
                    audit.with_results(not_acknowledged(acknowledgements, results)),
                    self._fail_on,
                    self._strict,
                )
            )
            return cdk.PolicyValidationPluginReport(success=success, violations=violations, metadata=_metadata(audit))
        except Exception as error:
            failure = error
            record(lambda: PackRun(self, stacks, error=failure))
            return broken_report(error, stacks[0].stack_construct_path if stacks else "")

    @jsii.member(jsii_name="validateScope")
    def validate_scope(self, scope: IConstruct) -> cdk.PolicyValidationPluginReport:
        """Audit a construct, stack, stage or app on its own, as in a unit test.

        Acknowledged and waived findings are left out of the report. The whole app is synthesized.
        """
        audit = audit_scope(scope, **self._audit_options())
        results = [result for result in audit.results if result.status is not WAIVED]
        success, violations = self._judge(audit, results, with_paths=True)
        return cdk.PolicyValidationPluginReport(
            success=success, violations=[as_struct(violation) for violation in violations]
        )

    def _audit_options(self) -> dict[str, Any]:
        """Return the options of an audit by this pack."""
        baseline = read_baseline(self._baseline) if self._baseline is not None else None
        return {
            **self._options,
            "waivers": default_waivers(self._waivers),
            "baseline": baseline,
            "sources": self._sources,
            "writers": tuple(self._writers),
        }

    def _stacks_to_judge(self, stacks: list[cdk.PolicyValidationStack]) -> list[cdk.PolicyValidationStack]:
        """Return the stacks to audit, out of those that the framework passes."""
        return stacks

    def _judge(
        self,
        audit: Audit,
        results: list[Result],
        acknowledgements: Acknowledgements | None = None,
        *,
        with_paths: bool = False,
    ) -> tuple[bool, list[Violation]]:
        """Return whether nothing fails, and one violation for each kind of finding, failures first.

        Acknowledged results are violations of their own, under the acknowledged id: the framework suppresses and
        records them by that id.
        """
        failing = failing_ids(audit, self._fail_on, self._strict)
        reported: list[Result] = []
        suppressed: dict[str, list[Result]] = {}
        for result in results:
            if result.status is PASS or (result.waiver is not None and result.waiver.origin == FROM_FILE):
                # The framework suppresses acknowledgements in the app, but not waivers in a file.
                continue
            id = acknowledgements.covering(result) if acknowledgements is not None else None
            if id is None:
                reported.append(result)
            else:
                suppressed.setdefault(id, []).append(result)
        success, violations = violations_of(findings(reported), failing, with_paths)
        return success, [*violations, *suppressed_violations(suppressed, failing)]


def _once(context: cdk.IPolicyValidationContext, property: str) -> Any:
    """Return a property of the context, read once.

    jsii's proxy for an object of an unexported class checks whether a property exists by reading it, and then reads it
    again: two round trips to Node for each member of each stack.
    """
    for proxy in getattr(context, "_delegates", ()):
        if hasattr(type(proxy), property):
            return getattr(proxy, property)
    return getattr(context, property)


def _metadata(audit: Audit) -> dict[str, str]:
    """Return the metadata of a report: results per status, and the resource types that no control evaluates."""
    types = not_judged_line(audit)
    counts = {name: str(number) for name, number in audit.counts().items()}
    return {**counts, "not_judged": types} if types else counts


def _covered(audit: Audit, paths: set[str]) -> set[int]:
    """Return the ids of templates at these paths, and of the nested stacks that they deploy."""
    covered = set()
    for template in audit.assembly.templates:
        stack = template
        while stack.parent is not None:
            stack = stack.parent.template
        if os.path.realpath(stack.path) in paths:
            covered.add(id(template))
    return covered
