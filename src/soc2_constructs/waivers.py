"""Waivers: who accepted which failing control, why, and until when.

They are in the app, as written by `soc2_constructs.waive`, or in a file for templates without an app:

    # soc2-waivers.toml
    [[waiver]]
    control = "s3_bucket_versioning_enabled"
    resource = "Shop/Scratch*"      # pattern for construct paths or logical ids, with * and ?
    template = "Shop.template.json" # optional: only in this template
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

    from soc2_constructs.cloudformation import Declaration, Template

#: The type of construct metadata that holds a waiver in a cloud assembly.
METADATA_TYPE = "soc2:waiver"
#: The default file of waivers.
FILE = "soc2-waivers.toml"
#: In a cloud assembly, the file of waivers on scopes above the stacks: the metadata of no stack contains them.
ASSEMBLY_FILE = "soc2-waivers.json"

_REQUIRED = ("control", "reason", "owner", "expires")
_OPTIONAL = ("ticket", "since")
_FIELDS = (
    *("control", "scope", "resource", "template", "reason", "owner", "ticket", "since", "expires"),
    *("origin", "source"),
)

#: Where a waiver comes from: a file of waivers, the app's own code, installed code of a third party, or metadata that
#: `waive` did not write.
FROM_FILE, FROM_APP, FROM_PACKAGE, FROM_METADATA = "file", "app", "package", "metadata"
ORIGINS = (FROM_FILE, FROM_APP, FROM_PACKAGE, FROM_METADATA)


class Waiver:
    """An accepted risk: a control that may fail on a scope or resource until a day."""

    __slots__ = (*_FIELDS, "folder", "problem")

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
        template: str | None = None,
        origin: str = FROM_FILE,
        source: str | None = None,
        problem: str | None = None,
        folder: str | None = None,
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
        #: The template to which it is restricted, by file or stack name; None for every template.
        self.template = template
        #: One of ORIGINS.
        self.origin = origin
        #: The file and entry, or the file and line of the call, that wrote it; None if not recorded.
        self.source = source
        #: The reason why it is invalid, or None. An invalid waiver never applies.
        self.problem = problem
        #: The folder of the cloud assembly that contains it, to whose templates it is restricted; None for a file.
        self.folder = folder

    def holds_on(self, day: str) -> bool:
        """Return whether the waiver is valid and still applies on a day given as YYYY-MM-DD."""
        return self.problem is None and day <= self.expires

    def covers(self, resource: Declaration) -> bool:
        """Return whether the waiver applies to a resource."""
        path = assembly_path(resource)
        if not self._applies_in(resource.template):
            return False
        if self.resource is None:
            return self.covers_path(path)
        names = (path, path.removesuffix("/Resource"), resource.logical_id)
        return any(name and wildcard_match(self.resource, name) for name in names)

    def covers_by_id(self, resource: Declaration) -> bool:
        """Return whether the waiver names just the logical id of a resource, which other templates may have too."""
        path = assembly_path(resource)
        return (
            self.resource == resource.logical_id
            and self.template is None
            and self.resource not in (path, path.removesuffix("/Resource"))
        )

    def _applies_in(self, template: Template) -> bool:
        path = template.path.replace(os.sep, "/")
        if self.folder is not None and not path.startswith(f"{self.folder.replace(os.sep, '/').rstrip('/')}/"):
            return False
        if self.template is None or self.template in (path, template.stack_name, template.stack_path):
            return True
        return path.endswith(f"/{self.template}")

    def covers_stack(self, template: Template) -> bool:
        """Return whether the waiver applies to a stack as a whole, not just to single resources there."""
        path = template.stack_path or ""
        if not self._applies_in(template):
            return False
        return self.covers_path(path) if self.resource is None else wildcard_match(self.resource, path)

    def covers_path(self, path: str) -> bool:
        """Return whether a construct path is the scope, or below it."""
        return not self.scope or path == self.scope or path.startswith(f"{self.scope}/")

    @property
    def place(self) -> str:
        """The resource pattern or scope, for messages."""
        place = self.resource or self.scope or "the whole app"
        return f"{place} in {self.template}" if self.template is not None else place

    @property
    def author(self) -> str:
        """The code that wrote it, for messages; empty for a file of waivers and for the app's own code."""
        words = {FROM_PACKAGE: "third-party code", FROM_METADATA: "metadata that soc2_constructs.waive did not write"}
        return ", ".join(filter(None, (words[self.origin], self.source))) if self.origin in words else ""

    @property
    def key(self) -> tuple[str | None, ...]:
        """The identity of the waiver: one that is read twice, from a stack and its nested stack, is the same."""
        return (self.folder, *(getattr(self, name) for name in _FIELDS))

    def as_dict(self) -> dict[str, str | None]:
        """Return the waiver as plain data."""
        return {name: getattr(self, name) for name in _FIELDS}

    def __repr__(self) -> str:
        return f"<Waiver {self.control} on {self.place} until {self.expires}>"


def waivers_of(template: Template) -> list[Waiver]:
    """Return the waivers in the construct metadata of a stack, invalid ones included, the closest to resources first.

    A waiver that `waive` did not write gets the line of Python that created its construct, if the assembly has it.
    """
    waivers = []
    for path, notes in template.notes.of_type(METADATA_TYPE).items():
        for note in notes:
            waiver = from_data(note.get("data"), path.strip("/"), os.path.dirname(template.path))
            if waiver.origin == FROM_METADATA:
                waiver.source = template.sources.of(waiver.scope)
            waivers.append(waiver)
    return closest_first(waivers)


def from_data(data: Any, scope: str, folder: str | None = None) -> Waiver:
    """Return the waiver in a metadata entry. Its `problem` names the first field that is missing or invalid.

    Args:
        data: The entry.
        scope: The construct path of the entry.
        folder: The folder of the assembly. Default: none, for the metadata of constructs.
    """
    data = data if isinstance(data, dict) else {}
    texts = {name: data[name] for name in (*_REQUIRED, *_OPTIONAL, "source") if isinstance(data.get(name), str)}
    written = data.get("origin") in (FROM_APP, FROM_PACKAGE) and "source" in texts
    return Waiver(
        *(texts.get(name, "") for name in _REQUIRED),
        ticket=texts.get("ticket"),
        since=texts.get("since"),
        scope=scope,
        origin=data["origin"] if written else FROM_METADATA,
        source=texts["source"] if written else None,
        problem=problem_in({name: data.get(name) for name in (*_REQUIRED, *_OPTIONAL)}),
        folder=folder,
    )


def problem_in(terms: Mapping[str, Any]) -> str | None:
    """Return the first problem of the fields of a waiver: a missing or blank text, or a date that is none."""
    for name in (*_REQUIRED, *_OPTIONAL):
        text = terms.get(name)
        if text is None and name in _OPTIONAL:
            continue
        if not isinstance(text, str) or not text.strip():
            return f"has no {name}"
        if name in ("expires", "since") and not is_day(text):
            return f"has {name} = {text!r}, which is not a date"
    return None


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
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(path, problem="`waivers` is not a list of objects", remedy="Run `cdk synth` again")
    return [from_data(entry, str(entry.get("scope") or ""), folder) for entry in entries]


def write_assembly_waivers(folder: str, waivers: Iterable[Waiver]) -> None:
    """Write the waivers on scopes above the stacks into a cloud assembly, for later audits of it."""
    import json

    path, entries = os.path.join(folder, ASSEMBLY_FILE), [waiver.as_dict() for waiver in waivers]
    if entries:
        write_file(path, f"{json.dumps({'waivers': entries}, indent=2, ensure_ascii=False)}\n")
    elif os.path.isfile(path):
        # The waivers of an earlier synthesis no longer apply.
        os.remove(path)


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
    except (ValueError, RecursionError) as error:
        # ValueError: TOML, UTF-8, and numbers with too many digits.
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
    known = (*_REQUIRED, "resource", "template", *_OPTIONAL)
    for name, value in terms.items():
        if name not in known:
            refuse(f"has the unknown field {name}", f"The fields are {', '.join(known)}")
        if not isinstance(value, str) or not value.strip():
            refuse(f"has no text in {name}", f'Write {name} = "..."')
    for name in (*_REQUIRED, "resource"):
        if name not in terms:
            refuse(f"has no {name}", f'Write {name} = "..."')
    if (problem := problem_in(terms)) is not None:
        refuse(problem, "Write the date as 2027-03-31")
    return Waiver(
        *(terms[name] for name in _REQUIRED),
        ticket=terms.get("ticket"),
        since=terms.get("since"),
        resource=terms["resource"],
        template=terms.get("template"),
        source=f"{path}, waiver {number}",
    )


def assembly_path(resource: Declaration) -> str:
    """Return the construct path of a resource, or an empty text where nothing but its own template claims it.

    Any template can claim a path in its metadata. The manifest of a cloud assembly names the path of its stack, and the
    paths of its resources are below that.
    """
    stack, path = resource.template.stack_path, resource.construct_path
    return path if stack and path and path.startswith(f"{stack}/") else ""


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
