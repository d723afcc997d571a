"""Where in the user's own Python a construct was made.

The rule pack writes it into the cloud assembly, so that an audit of the assembly, also a later one, can say it.
"""

from __future__ import annotations

import os
import re
import sys

from soc2_constructs.output import write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: In a cloud assembly: construct path → "app.py:12".
FILE = "soc2-sources.json"
#: Environment variable and context key that switch it off, with "0", "false" or "off".
VARIABLE = "SOC2_SOURCES"
CONTEXT_KEY = "soc2:sources"

#: A file and a line, as `split` reads them.
_PLACE = re.compile(r".+:\d{1,9}", re.DOTALL | re.ASCII)
_OFF = ("0", "false", "off", "no")
#: Folders whose code is not the user's: this library and Python's own.
_FOREIGN = (os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep, os.path.dirname(os.__file__) + os.sep)
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")

#: Each source file as it is shown; None where it is not the user's.
_shown: dict[str, str | None] = {}


def is_off(setting: object) -> bool:
    """Whether a setting switches the sources off."""
    return setting is False or (isinstance(setting, str) and setting.strip().lower() in _OFF)


def wanted() -> bool:
    """Whether the environment lets them be remembered."""
    setting = os.environ.get(VARIABLE)
    return setting is None or not is_off(setting)


def here() -> str | None:
    """The innermost line of the user's own that runs now, as "app.py:12"; None where there is none."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        try:
            shown = _shown[name]
        except KeyError:
            shown = _shown[name] = _as_shown(name)
        if shown is not None:
            return f"{shown}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return None


def caller(depth: int = 1) -> tuple[str, bool]:
    """The line that called the caller of this function, as "app.py:12", and whether it is the user's own code.

    A file of an installed package is shown from its folder of packages on: "vendor/stack.py:12".

    Args:
        depth: How many further calls to skip. Default 1.
    """
    frame = sys._getframe(depth + 1)
    name = frame.f_code.co_filename
    own = _as_shown(name)
    shown = own
    if shown is None:
        path = os.path.abspath(name)
        shown = next((path.rpartition(part)[2] for part in _INSTALLED if part in path), os.path.basename(path))
        shown = shown.replace(os.sep, "/")
    return f"{shown}:{frame.f_lineno}", own is not None


def _as_shown(name: str) -> str | None:
    """A file by its path from the present folder; None where it is no file of the user's."""
    path = os.path.abspath(name)
    installed = any(part in path for part in _INSTALLED)
    if name.startswith("<") or installed or path.startswith(_FOREIGN):
        return None
    try:
        path = os.path.relpath(path)
    except ValueError:
        # It lies on another drive.
        return path.replace(os.sep, "/")
    return path.replace(os.sep, "/")


def read_sources(folder: str) -> dict[str, str]:
    """What the rule pack wrote into a cloud assembly; empty where it wrote nothing."""
    path = os.path.join(folder, FILE)
    if not os.path.isfile(path):
        return {}
    from soc2_constructs.cloudformation.documents import read_document

    found = read_document(path).get("sources")
    entries = found.items() if isinstance(found, dict) else ()
    return {path: place for path, place in entries if isinstance(place, str) and _PLACE.fullmatch(place)}


class SourceLocations:
    """The source locations of constructs in cloud assemblies; the files are read once, when a report needs them.

    Args:
        folders: The folders of the cloud assemblies.
    """

    def __init__(self, folders: Sequence[str] = ()) -> None:
        self._folders = folders
        self._places: dict[str, str] | None = None

    def of(self, construct_path: str | None) -> str | None:
        """The location of a construct, or of the closest construct above it, as "app.py:12"; None where unknown."""
        if self._places is None:
            self._places = {}
            for folder in self._folders:
                self._places.update(read_sources(folder))
        path = construct_path if self._places else None
        while path:
            if path in self._places:
                return self._places[path]
            path = path.rpartition("/")[0]
        return None


def write_sources(folder: str, places: Mapping[str, str]) -> None:
    """Write into a cloud assembly where its constructs were made."""
    path = os.path.join(folder, FILE)
    if not places:
        # That of a synthesis before would lie.
        if os.path.isfile(path):
            os.remove(path)
    else:
        import json

        write_file(path, json.dumps({"sources": dict(sorted(places.items()))}, indent=1, ensure_ascii=False) + "\n")


def split(place: str) -> tuple[str, int]:
    """The file and the line of "app.py:12"."""
    file, _, line = place.rpartition(":")
    return file, int(line)
