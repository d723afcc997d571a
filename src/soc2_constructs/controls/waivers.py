"""Waivers: an accepted risk has not expired, names a control, and is needed."""

from __future__ import annotations

from soc2_constructs.cloudformation import Verdict, failed, passed
from soc2_constructs.controls import UnknownControlError, control, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soc2_constructs.waivers import Waiver


@control(
    scope="waiver",
    kind="risk_acceptance",
    severity="medium",
    fix='Comply and delete the waiver, or renew the decision with a later date: `expires="YYYY-MM-DD"`.',
)
def soc2_waiver_in_force(waiver: Waiver, *, used: bool, today: str, refusal: str | None) -> Verdict:  # noqa: ARG001
    """Waivers have not expired.

    A risk is accepted for a limited time and then reviewed.

    After its last day, a waiver has no effect, and the resource fails the control again.
    """
    if refusal is not None:
        return passed("does not apply: the waiver is not valid")
    if waiver.holds_on(today):
        return passed("the waiver of {} is valid until {}", waiver.control, waiver.expires)
    return failed("the waiver of {} by {} expired on {}", waiver.control, waiver.owner, waiver.expires)


@control(
    scope="waiver",
    kind="risk_acceptance",
    severity="medium",
    fix="Write a control ID that `soc2 controls` lists.",
)
def soc2_waiver_known(waiver: Waiver, *, used: bool, today: str, refusal: str | None) -> Verdict:  # noqa: ARG001
    """Waivers name a control of the catalogue.

    A waiver with a misspelled control ID has no effect, and its author assumes that the risk is accepted.

    Correcting the ID puts the waiver into effect.
    """
    if refusal is not None:
        return passed("does not apply: the waiver is not valid")
    try:
        return passed("{} is a control of the catalogue", find(waiver.control).id)
    except UnknownControlError as error:
        return failed("{}", error)


@control(
    scope="waiver",
    kind="risk_acceptance",
    severity="medium",
    fix="Correct the field that the message names. To accept longer waivers, pass `--max-waiver-days`.",
)
def soc2_waiver_valid(waiver: Waiver, *, used: bool, today: str, refusal: str | None) -> Verdict:  # noqa: ARG001
    """Waivers are complete, limited in time, and allowed.

    A waiver without a reason, an owner or a near end accepts a risk that no one reviews again.

    A waiver is valid if its reason and owner are not blank, its dates exist, and it expires within 365 days from today.
    It names no control of the list in `--do-not-waive`, and no logical ID that several templates have. An invalid
    waiver has no effect, so the resource fails the control.
    """
    if refusal is None:
        return passed("the waiver of {} is valid", waiver.control)
    source = f" ({waiver.author or waiver.source})" if waiver.author or waiver.source else ""
    return failed("the waiver of {} {}{}", waiver.control or "no control", refusal, source)


@control(
    scope="waiver",
    kind="risk_acceptance",
    severity="low",
    fix="Delete the waiver, because no resource in its scope fails the control.",
)
def soc2_waiver_used(waiver: Waiver, *, used: bool, today: str, refusal: str | None) -> Verdict:  # noqa: ARG001
    """Waivers are needed.

    A waiver that matches no failure would hide a future failure without a decision.

    Deleting an unused waiver changes no result.
    """
    if used or not waiver.holds_on(today):
        return passed("the waiver applies to a failure, or has expired")
    return failed("no resource on {} fails {}", waiver.place, waiver.control)
