"""Waivers: who accepted which failing control, why, and until when.

They are in the app, as written by `soc2_constructs.waive`, or in a file for templates without an app:

    # soc2-waivers.toml
    [[waiver]]
    control = "s3_bucket_versioning_enabled"
    resource = "Shop/Scratch*"      # pattern for construct paths or logical ids, with * and ?
    reason = "Rebuilt every night"
    owner = "data team"
    expires = 2027-03-31
    ticket = "SEC-42"               # optional, as is `since`, the day of the decision
"""

from __future__ import annotations

import os

from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.cloudformation.wildcards import wildcard_match
from soc2_constructs.output import write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, NoReturn

    from soc2_constructs.cloudformation import Declaration

#: The type of construct metadata that holds a waiver in a cloud assembly.
METADATA_TYPE = "soc2:waiver"
#: The default file of waivers.
FILE = "soc2-waivers.toml"
#: In a cloud assembly, the file of waivers on scopes above the stacks: the metadata of no stack contains them.
ASSEMBLY_FILE = "soc2-waivers.json"

_REQUIRED = ("control", "reason", "owner", "expires")
_FIELDS = ("control", "scope", "resource", "reason", "owner", "ticket", "since", "expires", "source")


class Waiver:
    """An accepted risk: a control that may fail on a scope or resource until a day."""

    __slots__ = _FIELDS

    def __init__(
        self,
        control: str,
        reason: str,
        owner: str,
        expires: str,
        *,
        ticket: str | None = None,
        since: str | None = None,
        scope: str = "",
        resource: str | None = None,
        source: str | None = None,
    ) -> None:
        self.control = control
        self.reason = reason
        self.owner = owner
        #: The last day on which the waiver applies, as YYYY-MM-DD.
        self.expires = expires
        self.ticket = ticket
        #: The day of the decision, if recorded.
        self.since = since
        #: The construct path at or below which the waiver applies.
        self.scope = scope
        #: A pattern for construct paths or logical ids; None if the scope alone applies.
        self.resource = resource
        #: The file and entry that contain it; None for a waiver in an app.
        self.source = source

    def holds_on(self, day: str) -> bool:
        """Return whether the waiver still applies on a day given as YYYY-MM-DD."""
        return day <= self.expires

    def covers(self, resource: Declaration) -> bool:
        """Return whether the waiver applies to a resource."""
        path = resource.construct_path or ""
        if self.resource is not None:
            names = (path, path.removesuffix("/Resource"), resource.logical_id)
            return any(name and wildcard_match(self.resource, name) for name in names)
        return self.covers_path(path)

    def covers_path(self, path: str) -> bool:
        """Return whether the waiver applies to a construct path as a whole, not just to single resources there."""
        if self.resource is not None:
            return wildcard_match(self.resource, path)
        return not self.scope or path == self.scope or path.startswith(f"{self.scope}/")

    @property
    def place(self) -> str:
        """The resource pattern or scope, for messages."""
        return self.resource or self.scope or "the whole app"

    @property
    def key(self) -> tuple[str | None, ...]:
        """The identity of the waiver: one that is read twice, from a stack and its nested stack, is the same."""
        return tuple(getattr(self, name) for name in _FIELDS)

    def as_dict(self) -> dict[str, str | None]:
        """Return the waiver as plain data."""
        return {name: getattr(self, name) for name in _FIELDS}

    def __repr__(self) -> str:
        return f"<Waiver {self.control} on {self.place} until {self.expires}>"


def waivers_of(entries: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[Waiver]:
    """Return the waivers in the construct metadata of a stack, those closest to the resources first."""
    waivers = [
        waiver
        for path, notes in entries.items()
        for note in notes
        if note.get("type") == METADATA_TYPE and (waiver := from_data(note.get("data"), path.strip("/"))) is not None
    ]
    return closest_first(waivers)


def from_data(data: Any, scope: str) -> Waiver | None:
    """Return a waiver from metadata; None if the data is not what `waive` writes."""
    if not isinstance(data, dict) or not all(isinstance(data.get(name), str) and data[name] for name in _REQUIRED):
        return None
    return Waiver(*(data[name] for name in _REQUIRED), ticket=data.get("ticket"), since=data.get("since"), scope=scope)


def closest_first(waivers: Iterable[Waiver]) -> list[Waiver]:
    """Return waivers in order of precedence: the one closest to the resource applies."""

    def distance(waiver: Waiver) -> tuple[bool, int, str, str]:
        return waiver.resource is None, -len(waiver.scope), waiver.scope, waiver.control

    return sorted(waivers, key=distance)


def read_assembly_waivers(folder: str) -> list[Waiver]:
    """Read the waivers that the rule pack wrote into a cloud assembly."""
    path = os.path.join(folder, ASSEMBLY_FILE)
    if not os.path.isfile(path):
        return []
    from soc2_constructs.cloudformation.documents import read_document

    entries = read_document(path).get("waivers")
    waivers = (from_data(entry, entry.get("scope") or "") for entry in entries or () if isinstance(entry, dict))
    return [waiver for waiver in waivers if waiver is not None]


def write_assembly_waivers(folder: str, waivers: Iterable[Waiver]) -> None:
    """Write the waivers on scopes above the stacks into a cloud assembly, for later audits of it."""
    import json

    entries = [waiver.as_dict() for waiver in waivers]
    if entries:
        text = json.dumps({"waivers": entries}, indent=2, ensure_ascii=False)
        write_file(os.path.join(folder, ASSEMBLY_FILE), f"{text}\n")


def default_waivers(path: str | os.PathLike[str] | None) -> list[Waiver]:
    """Read a file of waivers. Default: soc2-waivers.toml in the current folder, if it exists.

    Raises:
        InputError: The file does not exist or is invalid.
    """
    if path is not None:
        return read_waivers(os.fspath(path))
    return read_waivers(FILE) if os.path.isfile(FILE) else []


def read_waivers(path: str) -> list[Waiver]:
    """Read a file of waivers, such as soc2-waivers.toml.

    Raises:
        InputError: The file cannot be read, or an entry has no reason, no owner, or no expiry date.
    """
    import tomllib

    try:
        with open(path, "rb") as file:
            document = tomllib.load(file)
    except OSError as error:
        raise InputError(
            path, problem=f"the file cannot be read ({error.strerror})", remedy="Check the path and its permissions"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(path, problem=f"not valid TOML ({error})", remedy="Correct the file there") from None
    entries = document.get("waiver", [])
    unknown = sorted(document.keys() - {"waiver"})
    if unknown or not isinstance(entries, list):
        raise InputError(
            path,
            problem=f"{unknown[0] if unknown else 'waiver'} is not a list of waivers",
            remedy="Write each as [[waiver]]",
        )
    return [_from_entry(entry, number, path) for number, entry in enumerate(entries, start=1)]


def _from_entry(entry: Any, number: int, path: str) -> Waiver:
    where = f"waiver {number}"

    def refuse(problem: str, remedy: str) -> NoReturn:
        raise InputError(path, problem=f"{where} {problem}", remedy=remedy)

    if not isinstance(entry, dict):
        refuse("is not a table", "Write it as [[waiver]]")
    terms = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in entry.items()}
    where += f" ({terms['control']})" if isinstance(terms.get("control"), str) else ""
    known = (*_REQUIRED, "resource", "ticket", "since")
    for name, value in terms.items():
        if name not in known:
            refuse(f"has the unknown field {name}", f"The fields are {', '.join(known)}")
        if not isinstance(value, str) or not value.strip():
            refuse(f"has no text in {name}", f'Write {name} = "..."')
    for name in (*_REQUIRED, "resource"):
        if name not in terms:
            refuse(f"has no {name}", f'Write {name} = "..."')
    for name in ("expires", "since"):
        if name in terms and not is_day(terms[name]):
            refuse(f"has {name} = {terms[name]!r}, which is not a date", f"Write {name} = 2027-03-31")
    return Waiver(
        *(terms[name] for name in _REQUIRED),
        ticket=terms.get("ticket"),
        since=terms.get("since"),
        resource=terms["resource"],
        source=f"{path}, waiver {number}",
    )


def today() -> str:
    """Return the current day in UTC, as YYYY-MM-DD."""
    import time

    return time.strftime("%Y-%m-%d", time.gmtime())


def is_day(text: Any) -> bool:
    """Return whether a text is a date in the form YYYY-MM-DD."""
    if not isinstance(text, str) or len(text) != 10:
        return False
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def days_between(first: str, last: str) -> int:
    """Return the number of days between two dates as YYYY-MM-DD; negative if the last is before the first."""
    from datetime import date

    return (date.fromisoformat(last) - date.fromisoformat(first)).days
