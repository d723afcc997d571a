"""Output formats: one module each, each a function of an Audit."""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soc2_constructs.audit import Audit

FORMATS = ("table", "json", "sarif", "junit")


class Settings:
    """What a report needs to know beside the audit itself."""

    __slots__ = ("colour", "fail_on", "strict", "verbose")

    def __init__(
        self, *, fail_on: str = "medium", strict: bool = False, colour: bool = False, verbose: bool = False
    ) -> None:
        self.fail_on = fail_on
        self.strict = strict
        self.colour = colour
        #: Also list what passes.
        self.verbose = verbose


def render(audit: Audit, form: str, settings: Settings) -> str:
    """The report of an audit in one of FORMATS, ending in a newline."""
    if form not in FORMATS:
        raise ValueError(f"There is no format {form!r}; the formats are {', '.join(FORMATS)}")
    module = importlib.import_module(f"{__name__}.{form}")
    text: str = module.render(audit, settings)
    return text


def tool_version() -> str:
    from soc2_constructs._version import __version__

    return __version__
