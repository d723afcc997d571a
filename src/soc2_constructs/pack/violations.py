"""Violations of the CDK's validation framework, made of results.

Violations are plain dictionaries with jsii's names: creating an object for each takes longer than auditing the app.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from typing import Any, cast

import aws_cdk as cdk

from soc2_constructs.audit import Result
from soc2_constructs.cloudformation import FAIL, UNRESOLVED

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


def violation_of(results: list[Result], severity: str, with_paths: bool) -> Violation:
    """Return one violation for results that share control and message."""
    control = results[0].control
    sources = ", ".join(dict.fromkeys(result.source for result in results if result.source is not None))
    return new_violation(
        control.id,
        f"{control.title} ({', '.join(control.criteria)}): {results[0].message}{note_on(results[0])}",
        control.fix,
        severity,
        list(_resources(results, with_paths)),
        {
            "criteria": ", ".join(control.criteria),
            "severity": control.severity,
            "status": FAIL if results[0].status is not UNRESOLVED else UNRESOLVED,
            **({"config_rules": ", ".join(control.config_rules)} if control.config_rules else {}),
            **({"source": sources} if sources else {}),
        },
    )


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
    return "; created by the CDK itself: reported, never fails the check" if result.is_cdk_helper else ""


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
            path = _absolute(template.path)
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
