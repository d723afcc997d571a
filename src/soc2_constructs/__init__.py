"""SOC 2 for AWS infrastructure: a catalogue of controls and an audit that judges CloudFormation templates by it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.audit import Audit, Result, audit

__version__ = "0.1.0"

#: Where each public name lives: a name is imported when it is first used, so that `soc2 check` never pays for the CDK.
_HOMES = {
    "Audit": "audit",
    "Result": "audit",
    "audit": "audit",
}

__all__ = ["Audit", "Result", "audit"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
