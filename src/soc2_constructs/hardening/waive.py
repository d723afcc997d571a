"""Waivers, as they are written in an app."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import IConstruct

from soc2_constructs.controls import find
from soc2_constructs.waivers import METADATA_TYPE, is_day, today

#: Namespace of our rules among the framework's acknowledgements: the name of the rule pack.
NAMESPACE = "SOC2"


def waive(
    scope: IConstruct,
    control: str,
    *,
    reason: str,
    owner: str,
    expires: str,
    ticket: str | None = None,
    since: str | None = None,
) -> None:
    """Accept that a control fails on a construct and on everything below it, until a day.

    Write it before the constructs it is about: a constructor refuses a value unless the waiver stands already. After
    its last day it waives nothing: what it was about fails again, and that it has expired is a finding of its own.

    Args:
        scope: A construct, stack, stage or app.
        control: Id of the control, as `soc2 controls` lists them.
        reason: Why the risk is acceptable; it stands in the evidence.
        owner: Who answers for it: a person or a team.
        expires: The last day on which the waiver holds, as YYYY-MM-DD.
        ticket: Where the decision is recorded. Default: nowhere.
        since: The day on which it was decided, as YYYY-MM-DD; `soc2 waivers` shows the age. Default: not told.

    Raises:
        ValueError: an unknown control, no reason, no owner, or a day that is not one.
    """
    control = find(control).id
    for name, text in (("reason", reason), ("owner", owner)):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f'The waiver of {control} has no {name}: write {name}="…".')
    for name, day in (("expires", expires), ("since", since)):
        if not is_day(day) and not (name == "since" and day is None):
            raise ValueError(f'The waiver of {control} has {name}={day!r}: write a day as {name}="YYYY-MM-DD".')
    data = {"control": control, "reason": reason, "owner": owner, "expires": expires}
    data.update({name: text for name, text in (("ticket", ticket), ("since", since)) if text})
    scope.node.add_metadata(METADATA_TYPE, data)
    if expires < today():
        # The framework knows no end of an acknowledgement: one that is over must not be made.
        return
    terms = [f"owner: {owner}"] + ([f"ticket: {ticket}"] if ticket else []) + [f"expires: {expires}"]
    cdk.Validations.of(scope).acknowledge(
        cdk.Acknowledgment(id=f"{NAMESPACE}::{control}", reason=f"{reason} ({', '.join(terms)})")
    )
