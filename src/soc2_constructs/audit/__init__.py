"""The audit: every control of the catalogue on the resources of an assembly.

`audit()` is the one entry point of the rule pack, the command line, the tests and the reports. The same input gives the
same results in the same order.
"""

from __future__ import annotations

import gc

from soc2_constructs.audit.cdk_helpers import is_made_by_cdk
from soc2_constructs.audit.judging import judge
from soc2_constructs.audit.results import STATUSES, WAIVED, Result
from soc2_constructs.audit.selection import (
    FAIL_ON,
    failing_severities,
    known_thresholds,
    select,
    validate_options,
)
from soc2_constructs.audit.waiving import AssemblyWaivers
from soc2_constructs.cloudformation import FAIL, UNRESOLVED, Assembly, read_assembly
from soc2_constructs.controls import UnknownControlError
from soc2_constructs.waivers import today as now

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterable, Mapping

    from soc2_constructs.audit.baseline import Baseline
    from soc2_constructs.controls import Control
    from soc2_constructs.waivers import Waiver


class Audit:
    """Every result of one audit, and what was audited."""

    def __init__(
        self,
        assembly: Assembly,
        controls: tuple[Control, ...],
        results: list[Result],
        waivers: list[Waiver],
        baseline: Baseline | None = None,
    ) -> None:
        self.assembly = assembly
        self.controls = controls
        self.results = results
        #: Every waiver, in force or not.
        self.waivers = waivers
        #: The recorded failures, and which of them are fixed.
        self.baseline = baseline

    def with_results(self, results: list[Result]) -> Audit:
        """The same audit with some of its results only."""
        return Audit(self.assembly, self.controls, results, self.waivers, self.baseline)

    def failures(self, fail_on: str = FAIL_ON, *, strict: bool = False) -> list[Result]:
        """The results that make a synth or a check fail.

        Args:
            fail_on: Minimum severity that fails: `"high"`, `"medium"`, `"low"`, or `"none"`. Default `"medium"`.
            strict: Whether unresolved results fail too. Default False. Controls of the live account never fail, nor do
                resources created by the CDK itself, nor results in the baseline.
        """
        failing = failing_severities(fail_on)
        return [
            result
            for result in self.results
            if (result.status is FAIL or (strict and result.status is UNRESOLVED and result.template is not None))
            and result.control.severity in failing
            and result.control.state != "preview"
            and result.control.state != "preview"
            and not result.in_baseline
            and (result.resource is None or not is_made_by_cdk(result.resource))
        ]

    def counts(self) -> dict[str, int]:
        """How many results have each status."""
        counts = dict.fromkeys(STATUSES, 0)
        for result in self.results:
            counts[result.status] += 1
        return counts


def audit(
    *paths: str | os.PathLike[str],
    assembly: Assembly | None = None,
    categories: Collection[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    thresholds: Mapping[str, float] | None = None,
    waivers: Iterable[Waiver] = (),
    baseline: Baseline | None = None,
    today: str | None = None,
    reuse_verdicts: bool = True,
) -> Audit:
    """Judge cloud assemblies, folders and templates by the catalogue.

    Args:
        paths: Cloud assemblies (`cdk.out`), folders, globs, or single templates in JSON or YAML.
        assembly: An assembly that is already read, instead of paths.
        categories: Trust services categories committed to, such as `("Security", "Availability")`. Security always
            counts. Default: all.
        include: Only these control ids. Default: all.
        exclude: All but these control ids. Default: none.
        thresholds: Values for the thresholds of controls, by name: `{"log_retention_days": 400}`.
        waivers: Waivers in addition to those in the metadata of the assembly. Default: none.
        baseline: Recorded failures, which are reported and never fail the check. Default: none.
        today: The day on which waivers must hold, as YYYY-MM-DD. Default: today, in UTC.
        reuse_verdicts: Whether resources with the same fingerprint share a verdict. The results are the same; without
            it an audit takes longer. Default True.

    Returns:
        The results and the audited templates.

    Raises:
        InputError: where a path does not exist, is no template, or is broken.
        ValueError: where a category, a control or a threshold does not exist.
    """
    selected = select(categories=categories, include=include, exclude=exclude)
    thresholds = known_thresholds(thresholds or {})
    with gc_paused():
        found = assembly if assembly is not None else read_assembly(paths)
        known = AssemblyWaivers(found, today or now(), waivers)
        results = judge(found, selected, thresholds, known, reuse_verdicts=reuse_verdicts)
        if baseline is not None:
            baseline.mark(results, {control.id for control in selected})
    return Audit(found, selected, results, known.all(), baseline)


class gc_paused:
    """Within it no garbage is collected: results are many, none forms a cycle, and to look for some costs time."""

    def __enter__(self) -> None:
        self._collecting = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._collecting:
            gc.enable()


__all__ = [
    "FAIL_ON",
    "STATUSES",
    "WAIVED",
    "Audit",
    "Result",
    "UnknownControlError",
    "audit",
    "gc_paused",
    "select",
    "validate_options",
]
