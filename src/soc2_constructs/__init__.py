"""SOC 2 for AWS infrastructure: constructs that comply, a rule pack that verifies, an audit that leaves the proof."""

from __future__ import annotations

from soc2_constructs._version import __version__ as __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.hardening import NonCompliantError
    from soc2_constructs.hardening.waive import waive

    from soc2_constructs.audit import Audit, Result
    from soc2_constructs.enforcement import Enforcement, enforce
    from soc2_constructs.pack import Soc2Checks
    from soc2_constructs.synthesis import synth


#: Where each public name lives: a name is imported when it is first used, so that `soc2 check` never pays for the CDK.
_HOMES = {
    "Audit": "audit",
    "Enforcement": "enforcement",
    "NonCompliantError": "hardening",
    "Result": "audit",
    "Soc2Checks": "pack",
    "enforce": "enforcement",
    "synth": "synthesis",
    "waive": "hardening.waive",
}

__all__ = ["Audit", "Enforcement", "NonCompliantError", "Result", "Soc2Checks", "enforce", "synth", "waive"]


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
