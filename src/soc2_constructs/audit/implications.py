"""Which controls a control covers: those that it implies, directly or through others.

`rds_db_cluster_encrypted_with_cmk` implies `rds_db_cluster_encryption_at_rest_enabled`: whenever the first passes on a
cluster, so does the second. Where both fail, one finding lists the first, and its waiver covers the second.

A control never covers a more severe one: accepting the risk of a low control must not accept that of a high one.
"""

from __future__ import annotations

from soc2_constructs.controls import SEVERITIES, catalogue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soc2_constructs.controls import Control


def covered_by(control: Control) -> list[str]:
    """Return the ids of the controls that a control covers, without its own."""
    rank = SEVERITIES.index(control.severity)
    ids: dict[str, None] = {}
    pending = list(control.implies)
    while pending:
        id = pending.pop()
        implied = catalogue().get(id)
        if implied is None or id in ids or id == control.id or SEVERITIES.index(implied.severity) < rank:
            continue
        ids[id] = None
        pending += implied.implies
    return list(ids)
