"""Violations of the CDK's validation framework, made of results.

Violations are plain dictionaries with jsii's names: creating an object for each takes longer than auditing the app.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import aws_cdk as cdk

from soc2_constructs.audit import Result
from soc2_constructs.audit.findings import Finding
from soc2_constructs.cloudformation import FAIL, UNRESOLVED
from soc2_constructs.controls import Control

#: A violation with the property names of jsii.
Violation = dict[str, Any]

#: Rule names of the pack's own violations: an acknowledgement that matches nothing, and an internal error.
NO_MATCH = "soc2_acknowledgement_matches"
BROKEN = "soc2_pack_works"
#: Rule names of the warnings of `soc2.enforce`: another injector precedes ours, a change is held back, an allowance
#: matches nothing.
NOT_REACHED, HELD_BACK, NOTHING_HELD_BACK = REMARKS = (
    "soc2_enforcement_reaches",
    "soc2_enforcement_completes",
    "soc2_enforcement_allowance_is_used",
)


def violations_of(found: Iterable[Finding], failing: set[int], with_paths: bool) -> tuple[bool, list[Violation]]:
    """Return whether no finding fails, and the violations, failures first.

    One violation holds all findings that list the same controls and have the same message.

    Args:
        found: The findings.
        failing: Ids (`id()`) of the results that fail the synthesis.
        with_paths: Whether to add construct paths. In a synthesis the framework adds them.
    """
    groups: dict[tuple[bool, str, str, tuple[str, ...]], list[Finding]] = {}
    for finding in found:
        fails = finding.fails(failing)
        lead = finding.lead
        key = (not fails, lead.message, note_on(lead), tuple(control.id for control in finding.controls))
        groups.setdefault(key, []).append(finding)
    violations = [
        _violation_of(members, "warning" if passes else "error", with_paths)
        for (passes, *_), members in sorted(groups.items(), key=lambda item: item[0][0])
    ]
    return all(passes for passes, *_ in groups), violations


def suppressed_violations(results: Mapping[str, list[Result]], failing: set[int]) -> Iterator[Violation]:
    """Yield violations for the framework to suppress and record.

    Args:
        results: Acknowledged results by the acknowledged control id.
        failing: Ids (`id()`) of the results that fail the synthesis where they are not acknowledged.
    """
    for rule, members in results.items():
        groups: dict[tuple[str, str, bool], list[Result]] = {}
        for result in members:
            groups.setdefault((result.control.id, result.message, id(result) in failing), []).append(result)
        for (_, _, fails), alike in groups.items():
            control = alike[0].control
            yield new_violation(
                rule,
                f"{control.title} ({', '.join(control.criteria)}): {alike[0].message}{note_on(alike[0])}",
                alike[0].fix,
                "error" if fails else "warning",
                list(_resources(alike, False)),
                _metadata([control], alike),
            )


def _violation_of(members: list[Finding], severity: str, with_paths: bool) -> Violation:
    """Return one violation for findings that differ in their resources only."""
    first = members[0]
    lead = first.lead
    others = ", ".join(f"{control.id} ({control.severity})" for control in first.controls[1:])
    return new_violation(
        lead.control.id,
        f"{lead.control.title} ({', '.join(lead.control.criteria)}): {'; '.join(first.messages)}{note_on(lead)}"
        + (f". Also fails {others}" if others else ""),
        " ".join(f"{result.control.id}: {result.fix}" for result in first.fixes) if len(first.fixes) > 1 else lead.fix,
        severity,
        list(_resources([finding.lead for finding in members], with_paths)),
        _metadata(first.controls, [finding.lead for finding in members])
        | ({"implied": ", ".join(dict.fromkeys(r.control.id for r in first.implied))} if first.implied else {}),
    )


def _metadata(controls: list[Control], results: list[Result]) -> dict[str, str]:
    """Return the metadata of a violation.

    Args:
        controls: The controls that fail, the most severe first.
        results: The results of the first of them, one for each resource.
    """
    control = controls[0]
    rules = dict.fromkeys(rule for each in controls for rule in each.config_rules)
    sources = dict.fromkeys(result.source for result in results if result.source is not None)
    return {
        "controls": ", ".join(each.id for each in controls),
        "criteria": ", ".join(dict.fromkeys(name for each in controls for name in each.criteria)),
        "severity": control.severity,
        "status": FAIL if results[0].status is not UNRESOLVED else UNRESOLVED,
        **({"config_rules": ", ".join(rules)} if rules else {}),
        **({"source": ", ".join(sources)} if sources else {}),
    }


def new_violation(
    rule: str,
    description: str,
    fix: str,
    severity: str,
    resources: list[dict[str, Any]],
    metadata: dict[str, str] | None = None,
) -> Violation:
    """Return a violation with the property names of jsii."""
    violation = {
        "ruleName": rule,
        "description": description,
        "fix": fix,
        "severity": severity,
        "violatingResources": resources,
    }
    return {**violation, "ruleMetadata": metadata} if metadata else violation


def as_struct(violation: Violation) -> cdk.PolicyViolation:
    """Return the violation as an object of the CDK."""
    resources = [_python_named(cdk.PolicyViolatingResource, each) for each in violation["violatingResources"]]
    return cast(cdk.PolicyViolation, _python_named(cdk.PolicyViolation, {**violation, "violatingResources": resources}))


def _python_named(struct: Any, members: dict[str, Any]) -> Any:
    names = {jsii_name: name for name, jsii_name in struct.__jsii_name_mapping__.items()}
    return struct(**{names[jsii_name]: value for jsii_name, value in members.items()})


def note_on(result: Result) -> str:
    """Return why a result never fails the check, as the end of a sentence; empty where it may."""
    if result.in_baseline:
        return "; known in the baseline: reported, does not fail the check"
    if result.is_cdk_helper:
        return "; created by the CDK itself: reported, never fails the check"
    return "; preview: reported, never fails the check" if result.control.state == "preview" else ""


def _resources(results: list[Result], with_paths: bool) -> Iterator[dict[str, Any]]:
    """Yield the resources of results with jsii's names; in a synthesis the framework adds the construct path."""
    # Consecutive results mostly share verdict and template.
    verdict = template = None
    locations, path = ["Properties"], ""
    for result in results:
        if result.verdict is not verdict:
            verdict = result.verdict
            locations = [f"Properties.{verdict.property_path}" if verdict.property_path else "Properties"]
        if result.template is not template and result.template is not None:
            template = result.template
            path = _absolute(template.file)
        logical_id = result.logical_id
        if logical_id is None:
            yield {"locations": locations, "constructPath": path_of(result)}
        elif with_paths:
            yield {
                "locations": locations,
                "resourceLogicalId": logical_id,
                "templatePath": path,
                "constructPath": path_of(result),
            }
        else:
            yield {"locations": locations, "resourceLogicalId": logical_id, "templatePath": path}


@functools.cache
def _absolute(path: str) -> str:
    return os.path.abspath(path)


def path_of(result: Result) -> str:
    """Return the construct path of the resource that a result is about, or of its stack where it has no resource."""
    if result.judged_waiver is not None:
        return result.judged_waiver.scope
    template = result.template
    return result.construct_path or (template.stack_path or "" if template is not None else "")


def is_below(path: str, scope: str) -> bool:
    """Return whether a construct path is a scope or below it; the empty scope is the app."""
    return not scope or path == scope or path.startswith(f"{scope}/")


def enforcement_remark(rule: str, location: str, description: str, fix: str, places: list[str]) -> Violation:
    """Return a warning about a change that `soc2.enforce` did not make.

    Args:
        rule: One of `REMARKS`.
        location: The property or class that the warning is about.
        description: What was not done, and why.
        fix: What to type to change that.
        places: Construct paths that the warning is about.
    """
    resources = [{"locations": [location], "constructPath": place} for place in places]
    return new_violation(rule, description, fix, "warning", resources)


def broken_report(error: Exception, path: str) -> cdk.PolicyValidationPluginReport:
    """Return the report of a pack that raised an error: a failure at a construct path, never silence."""
    return cdk.PolicyValidationPluginReport(
        success=False,
        violations=[
            cdk.PolicyViolation(
                rule_name=BROKEN,
                description=f"The rule pack could not audit the app ({type(error).__name__}): {error}",
                fix="Correct the input that the message names. If it names none, report the message as a bug.",
                severity="error",
                violating_resources=[cdk.PolicyViolatingResource(locations=["Template"], construct_path=path)],
            )
        ],
    )
