"""The audit as SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

from __future__ import annotations

import json

from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED
from soc2_constructs.cloudformation.sources import split
from soc2_constructs.reports import Settings, tool_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.audit import Audit, Result
    from soc2_constructs.waivers import Waiver

_LEVELS = {"high": "error", "medium": "error", "low": "warning"}
_KINDS = {FAIL: "fail", "WAIVED": "fail", UNRESOLVED: "review", PASS: "pass"}


def render(audit: Audit, settings: Settings) -> str:  # noqa: ARG001 - every format has the same signature
    controls = {result.control.id: result.control for result in audit.results}
    index = {name: number for number, name in enumerate(controls)}
    run = {
        "tool": {
            "driver": {
                "name": "soc2-constructs",
                "version": tool_version(),
                "rules": [
                    {
                        "id": control.id,
                        "shortDescription": {"text": control.title},
                        "fullDescription": {"text": control.documentation or control.title},
                        "help": {"text": control.fix},
                        "defaultConfiguration": {"level": _LEVELS[control.severity]},
                        "properties": {"tags": ["soc2", *control.criteria], "severity": control.severity},
                    }
                    for control in controls.values()
                ],
            }
        },
        "results": [_result(result, index, audit.baseline is not None) for result in audit.results],
    }
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _result(result: Result, index: dict[str, int], compared: bool) -> dict[str, Any]:
    kind = _KINDS[result.status]
    found: dict[str, Any] = {
        "ruleId": result.control.id,
        "ruleIndex": index[result.control.id],
        "kind": kind,
        "level": _level(result, kind),
        "message": {"text": f"{result.logical_id or result.control.title}: {result.message}"},
        "locations": [],
    }
    if result.template is not None:
        template = {"artifactLocation": {"uri": _uri(result.template.path)}}
        location: dict[str, Any] = {"physicalLocation": template}
        if result.source is not None:
            # Where somebody can mend it; the template is what was seen.
            file, line = split(result.source)
            source = {"artifactLocation": {"uri": _uri(file)}, "region": {"startLine": line}}
            location = {"physicalLocation": source}
            found["relatedLocations"] = [{"physicalLocation": template, "message": {"text": "the template"}}]
        if result.logical_id is not None:
            name = result.construct_path or result.logical_id
            location["logicalLocations"] = [{"name": result.logical_id, "fullyQualifiedName": name}]
        found["locations"].append(location)
    if compared:
        found["baselineState"] = "unchanged" if result.in_baseline else "new"
    if result.waiver is not None:
        found["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": _justification(result.waiver)},
        ]
    return found


def _level(result: Result, kind: str) -> str:
    """SARIF reserves every level but "none" for failures."""
    if kind != "fail":
        return "none"
    return "note" if result.is_cdk_helper else _LEVELS[result.control.severity]


def _justification(waiver: Waiver) -> str:
    return f"{waiver.reason} (owner: {waiver.owner}, until {waiver.expires})"


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path.replace("\\", "/"), errors="surrogateescape")
