"""The audit as JSON, for machines and as evidence; `schema.json` beside this file describes it."""

from __future__ import annotations

import json
import os

from soc2_constructs.criteria import CRITERIA
from soc2_constructs.reports import Settings, tool_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.audit import Audit, Result

SCHEMA_VERSION = 1


def schema() -> dict[str, Any]:
    """The JSON schema of the report."""
    with open(os.path.join(os.path.dirname(__file__), "schema.json"), encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


def render(audit: Audit, settings: Settings) -> str:
    return json.dumps(document(audit, settings), indent=2, ensure_ascii=False) + "\n"


def document(audit: Audit, settings: Settings) -> dict[str, Any]:
    """The report as plain data. It holds no time of day: the same input gives the same bytes."""
    failing = audit.failures(settings.fail_on, strict=settings.strict)
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "soc2-constructs", "version": tool_version()},
        "summary": {
            **audit.counts(),
            "known": sum(result.in_baseline for result in audit.results),
            "failing": len(failing),
            "compliant": not failing,
            "fail_on": settings.fail_on,
            "strict": settings.strict,
            "templates": len(audit.assembly.templates),
            "controls": len(audit.controls),
        },
        "criteria": _criteria(audit),
        "controls": {
            control.id: {
                "title": control.title,
                "service": control.service,
                "severity": control.severity,
                "criteria": list(control.criteria),
                "fix": control.fix,
                "config_rules": list(control.config_rules),
                "aliases": list(control.aliases),
            }
            for control in audit.controls
        },
        "results": [result_as_dict(result) for result in audit.results],
        "skipped": [{"path": path, "reason": reason} for path, reason in audit.assembly.skipped],
        "baseline": _baseline(audit),
    }


def _baseline(audit: Audit) -> dict[str, Any] | None:
    if audit.baseline is None:
        return None
    fixed = [{"control": control, "at": place, "property": path} for control, place, path in audit.baseline.fixed]
    return {"path": audit.baseline.path, "fixed": fixed}


def _criteria(audit: Audit) -> dict[str, Any]:
    """Every criterion, those that no control serves too: a list of what was looked at would hide what was not."""
    serving: dict[str, list[str]] = {name: [] for name in CRITERIA}
    counts: dict[str, dict[str, int]] = {name: {} for name in CRITERIA}
    for control in audit.controls:
        for name in control.criteria:
            serving[name].append(control.id)
    for result in audit.results:
        for name in result.control.criteria:
            counts[name][result.status] = counts[name].get(result.status, 0) + 1
    return {
        name: {
            "category": criterion.category,
            "title": criterion.title,
            "summary": criterion.summary,
            "evidence": criterion.evidence,
            "remains": criterion.remains,
            "controls": serving[name],
            "results": counts[name],
        }
        for name, criterion in CRITERIA.items()
    }


def result_as_dict(result: Result) -> dict[str, Any]:
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
        "property_path": result.property_path or None,
        "cdk_helper": result.is_cdk_helper,
        "known": result.in_baseline,
        "waiver": result.waiver.as_dict() if result.waiver is not None else None,
    }
