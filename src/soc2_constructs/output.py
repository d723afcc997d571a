"""The only ways in which this library writes files and terminal text.

write_file("report.json", text)      # complete or not at all
print_text(text)                     # stdout, in the terminal's own encoding
printable("a\\x1b[31mb")              # 'a\\x1b[31mb': names from templates never control the terminal
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def write_file(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file in UTF-8. A regular file is replaced in one step, so that no reader sees half of it.

    Everything else is written in place and never replaced: a symbolic link, a named pipe, or a device such as
    `/dev/null`. Characters that are not text, such as undecodable bytes of a file name, are written as escapes.

    Args:
        path: The file. An existing file keeps its permissions.
        text: The content.

    Raises:
        OSError: The file cannot be written. The error names `path`.
    """
    path = os.fspath(path)
    content = text.encode("utf-8", "backslashreplace")
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        with open(path, "wb") as file:
            file.write(content)
        return
    part = f"{path}.{os.urandom(4).hex()}.part"
    try:
        with open(part, "xb") as file:
            file.write(content)
        if mode is not None:
            os.chmod(part, stat.S_IMODE(mode))
        os.replace(part, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.remove(part)
        raise OSError(error.errno, error.strerror, path) from None


def print_text(text: str, stream: TextIO | None = None, *, encoding: str | None = None) -> None:
    """Print a text. Characters that the encoding cannot represent are printed as escapes.

    Args:
        text: The text, which ends with a newline.
        stream: Default: stdout.
        encoding: The encoding that a machine-readable format requires. Default: that of the stream.
    """
    stream = sys.stdout if stream is None else stream
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding=encoding, errors="backslashreplace")
    stream.write(text)
    stream.flush()


def printable(text: str) -> str:
    """Return a text on one line in which every control character is an escape such as `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def supports_colour(stream: TextIO) -> bool:
    """Return whether a stream is a terminal that shows colors. The variable `NO_COLOR` disables them."""
    return stream.isatty() and "NO_COLOR" not in os.environ


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where needed: `1 waiver`, `2 waivers`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
