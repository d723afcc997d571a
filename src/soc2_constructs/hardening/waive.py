"""Waivers in the code of an app."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import IConstruct

from soc2_constructs.cloudformation import sources
from soc2_constructs.controls import find
from soc2_constructs.waivers import FROM_APP, FROM_PACKAGE, METADATA_TYPE, is_day, today

#: The namespace of the rules in acknowledgements of the CDK: the name of the rule pack.
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
    """Accept a failing control on a construct and its descendants until a date.

    Call it before creating the constructs: a constructor raises for a non-compliant value without a waiver. After the
    last day, the control fails again, and the expired waiver is a finding of its own.

    The line that calls it is part of the waiver: reports name it if it belongs to an installed package.

    Args:
        scope: A construct, stack, stage or app.
        control: The id of the control, as in `soc2 controls`.
        reason: The reason why the risk is acceptable; it is part of the evidence.
        owner: The person or team that is accountable for the risk.
        expires: The last day of the waiver, as YYYY-MM-DD.
        ticket: The record of the decision. Default: none.
        since: The day of the decision, as YYYY-MM-DD; `soc2 waivers` shows the age. Default: none.

    Raises:
        ValueError: the control is unknown, the reason or the owner is empty, or a date is invalid.
    """
    control = find(control).id
    for name, text in (("reason", reason), ("owner", owner)):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f'The waiver for {control} has no {name}; it must not be empty. Write {name}="…".')
    for name, day in (("expires", expires), ("since", since)):
        if not is_day(day) and not (name == "since" and day is None):
            raise ValueError(
                f'The waiver for {control} has {name}={day!r}; it must be a date. Write {name}="YYYY-MM-DD".'
            )
    data = {"control": control, "reason": reason, "owner": owner, "expires": expires}
    data.update({name: text for name, text in (("ticket", ticket), ("since", since)) if text})
    data["source"], is_own = sources.caller()
    data["origin"] = FROM_APP if is_own else FROM_PACKAGE
    scope.node.add_metadata(METADATA_TYPE, data)
    if expires < today():
        # An acknowledgement of the CDK has no expiry date, so none is added for an expired waiver.
        return
    terms = [f"owner: {owner}"] + ([f"ticket: {ticket}"] if ticket else []) + [f"expires: {expires}"]
    cdk.Validations.of(scope).acknowledge(
        cdk.Acknowledgment(id=f"{NAMESPACE}::{control}", reason=f"{reason} ({', '.join(terms)})")
    )
