"""The only ways in which this library writes files and terminal text.

write_file("report.json", text)      # complete or not at all
print_text(text)                     # stdout, in the terminal's own encoding
printable("a\\x1b[31mb")              # 'a\\x1b[31mb': names from templates never control the terminal
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO, TextIO


def write_file(path: str | os.PathLike[str], text: str | Iterable[str]) -> None:
    """Write a text file in UTF-8. A regular file is replaced in one step, so that no reader sees half of it.

    Everything else is written in place and never replaced: a symbolic link, a named pipe, or a device such as
    `/dev/null`. Characters that are not text, such as undecodable bytes of a file name, are written as escapes.

    Args:
        path: The file. An existing file keeps its permissions.
        text: The content, whole or in parts.

    Raises:
        OSError: The file cannot be written. The error names `path`.
    """
    path = os.fspath(path)
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        mode = None
    in_place = mode is not None and not stat.S_ISREG(mode)
    part = path if in_place else f"{path}.{os.urandom(8).hex()}.part"
    try:
        with open(part, "wb" if in_place else "xb") as file:
            _write(file, text)
        if in_place:
            return
        if mode is not None:
            os.chmod(part, stat.S_IMODE(mode))
        os.replace(part, path)
    except BaseException as error:
        if not in_place and not isinstance(error, FileExistsError):
            with contextlib.suppress(OSError):
                os.remove(part)
        if isinstance(error, OSError):
            raise OSError(error.errno, f"cannot be written: {_reason(error, path)}", path) from None
        raise


def _reason(error: OSError, path: str) -> str:
    folder = os.path.dirname(path)
    if isinstance(error, FileNotFoundError) and folder and not os.path.isdir(folder):
        return f"the folder {folder} does not exist"
    return str(error.strerror)


def _write(file: BinaryIO, text: str | Iterable[str]) -> None:
    for part in (text,) if isinstance(text, str) else text:
        file.write(part.encode("utf-8", "backslashreplace"))


def print_text(text: str | Iterable[str], stream: TextIO | None = None, *, encoding: str | None = None) -> None:
    """Print a text. Characters that the encoding cannot represent are printed as escapes.

    Args:
        text: The text, whole or in parts; it ends with a newline.
        stream: Default: stdout.
        encoding: The encoding that a machine-readable format requires. Default: that of the stream.
    """
    stream = sys.stdout if stream is None else stream
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding=encoding, errors="backslashreplace")
    for part in (text,) if isinstance(text, str) else text:
        stream.write(part)
    stream.flush()


def printable(text: str) -> str:
    """Return a text on one line in which every control character is an escape such as `\\x1b`.

    CI systems take `##[` and `##vso[` anywhere in a line, and `::` at its start, for commands: they are escapes too.
    """
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
    if "##" in text:
        text = re.sub("#(?=#)", r"\\x23", text)
    if "::" in text and text.lstrip().startswith("::"):
        text = text.replace("::", r"\x3a:", 1)
    return text


def supports_colour(stream: TextIO) -> bool:
    """Return whether a stream is a terminal that shows colors. The variable `NO_COLOR` disables them."""
    return stream.isatty() and "NO_COLOR" not in os.environ


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where needed: `1 waiver`, `2 waivers`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
