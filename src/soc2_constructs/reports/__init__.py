"""Output formats, one module each. Each has a function `render(audit, settings)` that yields the report in parts."""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from soc2_constructs.audit import Audit

FORMATS = ("table", "json", "sarif", "junit")


class Settings:
    """Settings of a report.

    Args:
        fail_on: Minimum severity that fails the check. Default `"medium"`.
        strict: Whether unresolved results fail too. Default False.
        colour: Whether to color the text for a terminal. Default False.
        verbose: Whether to list passed results too. Default False.
    """

    __slots__ = ("colour", "fail_on", "strict", "verbose")

    def __init__(
        self, *, fail_on: str = "medium", strict: bool = False, colour: bool = False, verbose: bool = False
    ) -> None:
        self.fail_on = fail_on
        self.strict = strict
        self.colour = colour
        self.verbose = verbose


def render(audit: Audit, form: str, settings: Settings) -> str:
    """Return the report of an audit, ending in a newline; `parts` takes the same arguments and less memory."""
    return "".join(parts(audit, form, settings))


def parts(audit: Audit, form: str, settings: Settings) -> Iterator[str]:
    """Return the parts of the report of an audit; it ends in a newline.

    Args:
        audit: The audit.
        form: One of FORMATS.
        settings: The settings.

    Raises:
        ValueError: The format does not exist.
    """
    if form not in FORMATS:
        raise ValueError(f"There is no format {form!r}; the formats are {', '.join(FORMATS)}")
    module = importlib.import_module(f"{__name__}.{form}")
    found: Iterator[str] = module.render(audit, settings)
    return found


def tool_version() -> str:
    """Return the version of this library."""
    from soc2_constructs._version import __version__

    return __version__
