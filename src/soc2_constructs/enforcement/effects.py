"""The effect of a default on a resource that is deployed already."""

from __future__ import annotations

import enum
from typing import Any

from soc2_constructs.hardening import Hardening, Requirement

import aws_cdk as cdk

from soc2_constructs.controls import catalogue
from soc2_constructs.deployment.updates import EFFECTS, MAY_REPLACE, REFUSED, REPLACE, STATEFUL, UNKNOWN, effect_of

#: The effects that enforcement causes on a stateful resource only where replacement is allowed.
_DESTRUCTIVE = (REPLACE, MAY_REPLACE, REFUSED, UNKNOWN)


def effect_of_default(table: Hardening, row: Requirement, value: Any = None) -> str:
    """The most severe effect on a deployed resource that gets the default of a requirement.

    Args:
        table: The table of the class.
        row: The requirement.
        value: The value. Default: the constant of the requirement.
    """
    value = row.constant if value is None else value
    if isinstance(value, cdk.Duration) and not value.is_unresolved():
        value = value.to_days(integral=False)
    if not isinstance(value, (bool, int, float, str)) or isinstance(value, enum.Enum):
        # The template refers to a helper that is created for it.
        value = {"Ref": "Helper"}
    effects = [effect_of(kind, path, None, value) for kind in _resource_types(table, row) for path in row.paths]
    return min(effects, key=EFFECTS.index, default=UNKNOWN)


def endangers_data(table: Hardening, row: Requirement, effect: str) -> bool:
    """Whether an effect may cost data; an unknown effect on a stateful resource may."""
    if effect == REFUSED:
        return True
    return effect in _DESTRUCTIVE and any(kind in STATEFUL for kind in _resource_types(table, row))


def _resource_types(table: Hardening, row: Requirement) -> tuple[str, ...]:
    """The resource types that a requirement is about; the CDK creates none of those that a transform expands."""
    types = catalogue()[row.control].resource_types if row.control else ()
    return tuple(kind for kind in types if not kind.startswith("AWS::Serverless::") and kind in (table.types or types))
