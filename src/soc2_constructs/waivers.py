"""Waivers: who accepted which failing control, why, and until when."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.cloudformation import Resource

#: The type of the construct metadata in which a waiver stands in a cloud assembly.
METADATA_TYPE = "soc2:waiver"


class Waiver:
    """One accepted risk."""

    __slots__ = ("control", "expires", "owner", "reason", "scope", "ticket")

    def __init__(self, control: str, reason: str, owner: str, expires: str, ticket: str | None, scope: str) -> None:
        self.control = control
        self.reason = reason
        self.owner = owner
        #: The last day on which the waiver holds, as YYYY-MM-DD.
        self.expires = expires
        self.ticket = ticket
        #: The construct path at or below which the waiver holds.
        self.scope = scope

    def holds_on(self, day: str) -> bool:
        """Whether the waiver still holds on a day given as YYYY-MM-DD."""
        return day <= self.expires

    def as_dict(self) -> dict[str, str | None]:
        return {name: getattr(self, name) for name in ("control", "scope", "reason", "owner", "ticket", "expires")}

    def __repr__(self) -> str:
        return f"<Waiver {self.control} on {self.scope} until {self.expires}>"


def waivers_of(metadata: dict[str, list[dict[str, Any]]]) -> list[Waiver]:
    """The waivers that stand in the construct metadata of a stack, the closest to the resources first."""
    found = []
    for path, entries in metadata.items():
        for entry in entries:
            data = entry.get("data")
            if entry.get("type") == METADATA_TYPE and isinstance(data, dict):
                texts = {name: data.get(name) for name in ("control", "reason", "owner", "expires")}
                if all(isinstance(text, str) and text for text in texts.values()):
                    found.append(Waiver(**texts, ticket=data.get("ticket"), scope=path.strip("/")))  # type: ignore[arg-type]
    return sorted(found, key=lambda waiver: (-len(waiver.scope), waiver.scope, waiver.control))


def covers(waiver: Waiver, control: str, resource: Resource) -> bool:
    """Whether a waiver is about this control on this resource."""
    path = resource.construct_path or ""
    return waiver.control == control and (
        path == waiver.scope or path.startswith(f"{waiver.scope}/") or not waiver.scope
    )
