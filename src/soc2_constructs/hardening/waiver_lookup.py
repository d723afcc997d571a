"""Waivers on a construct and its ancestors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from constructs import IConstruct

from soc2_constructs.waivers import METADATA_TYPE, Waiver, from_data, today


def waivers_on(scope: IConstruct) -> Iterator[Waiver]:
    """The waivers on a construct and its ancestors, the closest first."""
    for ancestor in reversed(scope.node.scopes):
        for entry in ancestor.node.metadata:
            if entry.type == METADATA_TYPE and isinstance(entry.data, Mapping):
                yield from_data(dict(entry.data), ancestor.node.path)


def waived(scope: IConstruct, control: str) -> bool:
    """Whether a waiver for the control that is valid today applies to a construct."""
    now = today()
    return any(waiver.control == control and waiver.holds_on(now) for waiver in waivers_on(scope))


def expired_on(scope: IConstruct, control: str) -> str | None:
    """The last day of the closest valid waiver for the control, as YYYY-MM-DD; None without a waiver."""
    return next(
        (waiver.expires for waiver in waivers_on(scope) if waiver.control == control and waiver.problem is None), None
    )
