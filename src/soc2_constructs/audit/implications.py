"""Which results cover others: those of controls that imply the others, directly or through others.

`rds_db_cluster_encrypted_with_cmk` implies `rds_db_cluster_encryption_at_rest_enabled`: whenever the first passes on a
cluster, so does the second. Where both fail, one finding lists the first, and its waiver covers the second.

Four limits keep a weakness from being hidden or accepted with another one:

- A result covers only results that report the same weakness: the same property, or no other observation. A bucket
  without a public access block and with a public access control list has two weaknesses.
- A control never covers a more severe one: accepting the risk of a low control must not accept that of a high one.
- A preview or deprecated control covers nothing.
- Both results have the same status.
"""

from __future__ import annotations

from soc2_constructs.controls import SEVERITIES, catalogue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.audit.results import Result
    from soc2_constructs.controls import Control


def covered_by(control: Control) -> list[str]:
    """Return the ids of the controls that a control covers, without its own."""
    if control.state != "stable":
        return []
    rank = SEVERITIES.index(control.severity)
    ids: dict[str, None] = {}
    pending = list(control.implies)
    while pending:
        id = pending.pop()
        implied = catalogue().get(id)
        if implied is None or id in ids or id == control.id or SEVERITIES.index(implied.severity) < rank:
            continue
        ids[id] = None
        if implied.state == "stable":
            pending += implied.implies
    return list(ids)


def is_same_weakness(covering: Result, implied: Result) -> bool:
    """Return whether a result of an implied control on the same resource reports no other weakness."""
    if covering.verdict.status != implied.verdict.status:
        return False
    if covering.property_path and covering.property_path == implied.property_path:
        return True
    return set(implied.message.split("; ")).issubset(covering.message.split("; "))


def place_of(result: Result) -> tuple[Any, ...]:
    """Return what identifies the resource, waiver, region, account or template that a result is about."""
    if result.resource is not None:
        return (id(result.resource),)
    if result.judged_waiver is not None:
        return ("waiver", id(result.judged_waiver))
    template = result.template
    if template is None:
        return ("live", result.control.id)
    scope = result.control.scope
    if scope in ("region", "account"):
        return (scope, template.account, template.region if scope == "region" else None)
    return ("template", id(template))
