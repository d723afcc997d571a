"""The audit as SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

from __future__ import annotations

import os

from soc2_constructs.audit.coverage import coverage, not_judged, parts_not_judged
from soc2_constructs.audit.findings import Finding, entries
from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED
from soc2_constructs.cloudformation.sources import split
from soc2_constructs.reports import Settings, tool_version
from soc2_constructs.reports._json_text import json_parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from soc2_constructs.audit import Audit, Result
    from soc2_constructs.controls import Control
    from soc2_constructs.waivers import Waiver

_LEVELS = {"high": "error", "medium": "error", "low": "warning"}
_KINDS = {FAIL: "fail", "WAIVED": "fail", UNRESOLVED: "review", PASS: "pass"}


def render(audit: Audit, settings: Settings) -> Iterator[str]:  # noqa: ARG001 - every format has the same signature
    """Yield the report in parts: a SARIF result for each finding, and for each passed result."""
    controls = {result.control.id: result.control for result in audit.results}
    index = {name: number for number, name in enumerate(controls)}
    run = {
        "tool": {
            "driver": {
                "name": "soc2-constructs",
                "version": tool_version(),
                "rules": [_rule(control) for control in controls.values()],
            }
        },
        "results": (_result(entry, index, audit.baseline is not None) for entry in entries(audit)),
        "properties": {
            "resourceTypes": {
                entry.type: {"resources": entry.resources, "controls": entry.controls} for entry in coverage(audit)
            },
            "notJudged": [entry.type for entry in not_judged(audit)],
            "partsNotJudged": parts_not_judged(audit),
            "skipped": [{"path": path, "reason": reason} for path, reason in audit.assembly.skipped],
        },
    }
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    yield from json_parts(document)
    yield "\n"


def _rule(control: Control) -> dict[str, Any]:
    return {
        "id": control.id,
        "shortDescription": {"text": control.title},
        "fullDescription": {"text": control.documentation or control.title},
        "help": {"text": control.fix},
        "defaultConfiguration": {"level": _LEVELS[control.severity]},
        "properties": {
            "tags": ["soc2", *control.criteria],
            "severity": control.severity,
            "kind": control.kind,
            "state": control.state,
        },
    }


def _result(entry: Finding, index: dict[str, int], compared: bool) -> dict[str, Any]:
    lead = entry.lead
    kind = _KINDS[lead.status]
    also = f" Also fails {', '.join(control.id for control in entry.controls[1:])}." if len(entry.results) > 1 else ""
    result: dict[str, Any] = {
        "ruleId": lead.control.id,
        "ruleIndex": index[lead.control.id],
        "kind": kind,
        "level": _level(lead, kind),
        "message": {"text": f"{lead.logical_id or lead.control.title}: {lead.message}{f'.{also}' if also else ''}"},
        "locations": [],
    }
    if lead.template is not None:
        template = {"artifactLocation": {"uri": _uri(lead.template.file)}}
        location: dict[str, Any] = {"physicalLocation": template}
        file, line = split(lead.source) if lead.source is not None else ("", 0)
        if file and _is_inside(file):
            # The line to edit comes first; the template shows the evidence.
            source = {"artifactLocation": {"uri": _uri(file)}, "region": {"startLine": line}}
            location = {"physicalLocation": source}
            result["relatedLocations"] = [{"physicalLocation": template, "message": {"text": "the template"}}]
        if lead.logical_id is not None:
            name = lead.construct_path or lead.logical_id
            location["logicalLocations"] = [{"name": lead.logical_id, "fullyQualifiedName": name}]
        result["locations"].append(location)
    if kind != "pass":
        result["properties"] = {
            "controls": [control.id for control in entry.controls],
            "implied": [each.control.id for each in entry.implied],
            "fix": lead.fix,
        }
    if compared:
        result["baselineState"] = "unchanged" if lead.in_baseline else "new"
    if lead.waiver is not None:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": _justification(lead.waiver)},
        ]
    return result


def _level(result: Result, kind: str) -> str:
    """SARIF reserves every level but "none" for failures."""
    if kind != "fail":
        return "none"
    return "note" if result.is_cdk_helper or result.control.state == "preview" else _LEVELS[result.control.severity]


def _justification(waiver: Waiver) -> str:
    terms = [f"owner: {waiver.owner}", f"until {waiver.expires}", *([waiver.author] if waiver.author else [])]
    return f"{waiver.reason} ({', '.join(terms)})"


def _uri(path: str) -> str:
    """Return the path of a file from the current folder, which never leads out of the project.

    Code scanning shows files of the repository only. A file elsewhere keeps its names without the way there.
    """
    from urllib.parse import quote

    if os.path.isabs(path) and _is_inside(relative := os.path.relpath(path)):
        path = relative
    names = os.path.splitdrive(path)[1].replace("\\", "/").split("/")
    return quote("/".join(name for name in names if name not in ("", ".", "..")), errors="surrogateescape")


def _is_inside(path: str) -> bool:
    """Return whether a relative path stays in the current folder."""
    path = os.path.normpath(path).replace("\\", "/")
    return not (os.path.isabs(path) or os.path.splitdrive(path)[0] or path == ".." or path.startswith("../"))
