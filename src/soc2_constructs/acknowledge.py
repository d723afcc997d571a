"""Waivers, as they are written in an app."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import aws_cdk as cdk
from constructs import IConstruct

from soc2_constructs.controls import find
from soc2_constructs.waivers import METADATA_TYPE

#: Namespace of our rules among the framework's acknowledgements: the name of the rule pack.
NAMESPACE = "SOC2"


def waive(scope: IConstruct, control: str, *, reason: str, owner: str, expires: str, ticket: str | None = None) -> None:
    """Accept that a control fails on a construct and on everything below it, until a day.

    Write it before the constructs it is about: a constructor refuses a value unless the waiver stands already.

    Args:
        scope: A construct, stack, stage or app.
        control: Id of the control, as `soc2 controls` lists them.
        reason: Why the risk is acceptable; it stands in the evidence.
        owner: Who answers for it: a person or a team.
        expires: The last day on which the waiver holds, as YYYY-MM-DD.
        ticket: Where the decision is recorded.

    Raises:
        ValueError: an unknown control, no reason, no owner, or a day that is not one or that lies in the past.
    """
    control = find(control).id
    for name, text in (("reason", reason), ("owner", owner)):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f'The waiver of {control} has no {name}: write {name}="…".')
    if not _is_day(expires):
        raise ValueError(f'The waiver of {control} expires on {expires!r}: write a day as expires="YYYY-MM-DD".')
    today = datetime.now(UTC).date().isoformat()
    if expires < today:
        raise ValueError(
            f"The waiver of {control} expired on {expires}: comply, or decide again and write a later day as expires."
        )
    data = {"control": control, "reason": reason, "owner": owner, "expires": expires}
    if ticket:
        data["ticket"] = ticket
    scope.node.add_metadata(METADATA_TYPE, data)
    terms = [f"owner: {owner}"] + ([f"ticket: {ticket}"] if ticket else []) + [f"expires: {expires}"]
    cdk.Validations.of(scope).acknowledge(
        cdk.Acknowledgment(id=f"{NAMESPACE}::{control}", reason=f"{reason} ({', '.join(terms)})")
    )


def _is_day(text: str) -> bool:
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
