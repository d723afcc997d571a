"""The audit as JSON, for machines and as evidence; `schema.json` in this folder describes it."""

from __future__ import annotations

import json
import os

from soc2_constructs.audit.coverage import coverage, parts_not_judged
from soc2_constructs.audit.findings import failing_ids, findings
from soc2_constructs.cloudformation import PASS
from soc2_constructs.criteria import CRITERIA
from soc2_constructs.reports import Settings, tool_version
from soc2_constructs.reports._json_text import json_parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from soc2_constructs.audit import Audit, Result
    from soc2_constructs.audit.findings import Finding
    from soc2_constructs.controls import Control

SCHEMA_VERSION = 1


def schema() -> dict[str, Any]:
    """The JSON schema of the report."""
    with open(os.path.join(os.path.dirname(__file__), "schema.json"), encoding="utf-8") as file:
        content: dict[str, Any] = json.load(file)
    return content


def render(audit: Audit, settings: Settings) -> Iterator[str]:
    """Yield the report in parts."""
    yield from json_parts(document(audit, settings))
    yield "\n"


def document(audit: Audit, settings: Settings) -> dict[str, Any]:
    """Return the report as plain data, its findings and results as iterators. It contains no time.

    The same input gives the same bytes.
    """
    failing = failing_ids(audit, settings.fail_on, settings.strict)
    all_findings = findings(audit.results)
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "soc2-constructs", "version": tool_version()},
        "summary": {
            **audit.counts(),
            "known": sum(result.in_baseline for result in audit.results),
            "failing": len(failing),
            "findings": sum(finding.fails(failing) for finding in all_findings),
            "compliant": not failing,
            "fail_on": settings.fail_on,
            "strict": settings.strict,
            "templates": len(audit.assembly.templates),
            "parts_not_judged": parts_not_judged(audit),
            "controls": len(audit.controls),
        },
        "criteria": _criteria(audit),
        "controls": {control.id: control_as_dict(control) for control in audit.controls},
        "resource_types": {
            entry.type: {"resources": entry.resources, "controls": entry.controls} for entry in coverage(audit)
        },
        "findings": _findings(audit, all_findings, failing),
        "results": map(result_as_dict, audit.results),
        "skipped": [{"path": path, "reason": reason} for path, reason in audit.assembly.skipped],
        "baseline": _baseline(audit),
    }


def control_as_dict(control: Control) -> dict[str, Any]:
    """Return the facts about a control that evidence requires, as plain data."""
    return {
        "title": control.title,
        "service": control.service,
        "severity": control.severity,
        "severity_reason": control.severity_reason or None,
        "kind": control.kind,
        "criteria": list(control.criteria),
        "rationale": {name: control.rationale(name) for name in control.criteria},
        "also_mapped": {source: list(names) for source, names in control.also_mapped.items()},
        "implies": list(control.implies),
        "state": control.state,
        "since": control.since,
        "fix": control.fix,
        "config_rules": list(control.config_rules),
        "aliases": list(control.aliases),
    }


def _findings(audit: Audit, all_findings: list[Finding], failing: set[int]) -> Iterator[dict[str, Any]]:
    numbers = {id(result): number for number, result in enumerate(audit.results)}
    return (
        {
            "controls": [control.id for control in finding.controls],
            "implied": [result.control.id for result in finding.implied],
            "severity": finding.lead.control.severity,
            "status": finding.lead.status,
            "fails": finding.fails(failing),
            "resource": finding.lead.logical_id,
            "template": finding.lead.template_path,
            "construct_path": finding.lead.construct_path,
            "property_path": finding.lead.property_path or None,
            "results": [numbers[id(result)] for result in finding.all_results],
        }
        for finding in all_findings
    )


def _baseline(audit: Audit) -> dict[str, Any] | None:
    if audit.baseline is None:
        return None
    fixed = [{"control": control, "at": place, "property": path} for control, place, path in audit.baseline.fixed]
    return {"path": audit.baseline.path, "fixed": fixed}


def _criteria(audit: Audit) -> dict[str, Any]:
    """Return every criterion, those without a control included, so that the report hides no gap."""
    supporting: dict[str, list[str]] = {name: [] for name in CRITERIA}
    counts: dict[str, dict[str, int]] = {name: {} for name in CRITERIA}
    for control in audit.controls:
        for name in control.criteria:
            supporting[name].append(control.id)
    for result in audit.results:
        for name in result.control.criteria:
            counts[name][result.status] = counts[name].get(result.status, 0) + 1
    return {
        name: {
            "category": criterion.category,
            "title": criterion.title,
            "summary": criterion.summary,
            "evidence": criterion.evidence,
            "shows": criterion.shows,
            "does_not_show": criterion.does_not_show,
            "records": criterion.records,
            "controls": supporting[name],
            "results": counts[name],
        }
        for name, criterion in CRITERIA.items()
    }


def result_as_dict(result: Result) -> dict[str, Any]:
    """Return a result as plain data."""
    resource = result.resource
    return {
        "control": result.control.id,
        "status": result.status,
        "severity": result.control.severity,
        "resource": result.logical_id,
        "resource_type": resource.type if resource is not None else None,
        "template": result.template_path,
        "account": result.template.account if result.template is not None else None,
        "region": result.template.region if result.template is not None else None,
        "construct_path": result.construct_path,
        "source": result.source,
        "message": result.message,
        "fix": result.fix if result.status is not PASS else None,
        "property_path": result.property_path or None,
        "cdk_helper": result.is_cdk_helper,
        "known": result.in_baseline,
        "waiver": result.waiver.as_dict() if result.waiver is not None else None,
    }
