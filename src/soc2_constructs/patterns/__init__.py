"""Patterns: several services in one construct; each part can be accessed and replaced."""

from __future__ import annotations

import soc2_constructs.hardening  # noqa: F401 - checks that the CDK is installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.patterns.backup_policy import BackupPolicy
    from soc2_constructs.patterns.relational_database import RelationalDatabase
    from soc2_constructs.patterns.rest_service import RestService
    from soc2_constructs.patterns.security_trail import SecurityTrail
    from soc2_constructs.patterns.static_website import StaticWebsite

#: The module of each pattern, which is imported when the pattern is first used.
_HOMES = {
    "BackupPolicy": "backup_policy",
    "RelationalDatabase": "relational_database",
    "RestService": "rest_service",
    "SecurityTrail": "security_trail",
    "StaticWebsite": "static_website",
}

__all__ = ["BackupPolicy", "RelationalDatabase", "RestService", "SecurityTrail", "StaticWebsite"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
