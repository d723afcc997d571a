"""The audit as JSON, for machines; `schema.json` beside this file describes it."""

from __future__ import annotations

import json

from soc2_constructs.reports import Settings, tool_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.audit import Audit, Result

SCHEMA_VERSION = 1


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
            "failing": len(failing),
            "compliant": not failing,
            "fail_on": settings.fail_on,
            "strict": settings.strict,
            "templates": len(audit.assembly.templates),
            "controls": len(audit.controls),
        },
        "controls": {
            control.id: {
                "title": control.title,
                "severity": control.severity,
                "criteria": list(control.criteria),
                "fix": control.fix,
                "config_rules": list(control.config_rules),
            }
            for control in audit.controls
        },
        "results": [result_as_dict(result) for result in audit.results],
        "skipped": [{"path": path, "reason": reason} for path, reason in audit.assembly.skipped],
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
        "region": result.template.region if result.template is not None else None,
        "construct_path": result.construct_path,
        "message": result.message,
        "cdk_helper": result.is_cdk_helper,
        "property_path": result.property_path or None,
        "waiver": result.waiver.as_dict() if result.waiver is not None else None,
    }
