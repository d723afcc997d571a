"""Waivers themselves: an accepted risk has to be in force, known, and needed."""

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
    fix='Comply and delete the waiver, or decide again and write a later day: `expires="YYYY-MM-DD"`.',
)
def soc2_waiver_in_force(waiver: Waiver, *, used: bool, today: str) -> Verdict:  # noqa: ARG001
    """Waivers are in force.

    A risk is accepted for a time, so that somebody looks at it again. After its last day a waiver waives nothing: what
    it was about fails again.
    """
    if waiver.holds_on(today):
        return passed("the waiver of {} holds until {}", waiver.control, waiver.expires)
    return failed("the waiver of {} by {} expired on {}", waiver.control, waiver.owner, waiver.expires)


@control(
    scope="waiver",
    kind="risk_acceptance",
    severity="medium",
    fix="Write the id of a control as `soc2 controls` lists them.",
)
def soc2_waiver_known(waiver: Waiver, *, used: bool, today: str) -> Verdict:  # noqa: ARG001
    """Waivers name a control that exists.

    A waiver with a misspelled id waives nothing, and whoever wrote it believes that it does.
    """
    try:
        return passed("{} exists", find(waiver.control).id)
    except UnknownControlError as error:
        return failed("{}", error)


@control(
    scope="waiver",
    kind="risk_acceptance",
    severity="low",
    fix="Delete the waiver: nothing that it is about fails the control.",
)
def soc2_waiver_used(waiver: Waiver, *, used: bool, today: str) -> Verdict:
    """Waivers are needed.

    A waiver that waives nothing today would silence tomorrow's failure without anybody deciding it.
    """
    if used or not waiver.holds_on(today):
        return passed("it waives what fails, or has expired")
    return failed("nothing on {} fails {}", waiver.place, waiver.control)
