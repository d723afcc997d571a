"""SOC 2 controls for AWS infrastructure: compliant constructs, a rule pack, and an audit that writes evidence."""

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

#: Public name → the module that defines it. A name is imported at its first use: `soc2 check` never loads the CDK.
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

#: The modules of _HOMES that run without the `cdk` extra.
_WITHOUT_CDK = {"audit"}

__all__ = ["Audit", "Enforcement", "NonCompliantError", "Result", "Soc2Checks", "enforce", "synth", "waive"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    if home not in _WITHOUT_CDK:
        from soc2_constructs._requirements import require_cdk

        require_cdk()
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
