"""SOC 2 for AWS infrastructure: constructs that comply, a rule pack that verifies, an audit that leaves the proof."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.acknowledge import waive
    from soc2_constructs.audit import Audit, Result
    from soc2_constructs.enforcement import Enforcement, enforce
    from soc2_constructs.hardening import NonCompliantError
    from soc2_constructs.nag import Soc2Checks
    from soc2_constructs.synthesis import synth

__version__ = "0.1.0"

#: Where each public name lives: a name is imported when it is first used, so that `soc2 check` never pays for the CDK.
_HOMES = {
    "Audit": "audit",
    "Enforcement": "enforcement",
    "NonCompliantError": "hardening",
    "Result": "audit",
    "Soc2Checks": "nag",
    "enforce": "enforcement",
    "synth": "synthesis",
    "waive": "acknowledge",
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
