"""The error that a drop-in class raises for values that fail controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """A property whose value fails a control.

    Attributes:
        control: The id of the control.
        construct_path: The path of the construct.
        property: The property by its Python name, a member of a struct as `deploy_options.tracing_enabled`.
        value: The value, as text.
        required: The compliant values, as text.
        criteria: The criteria of the control.
        fix: How to comply, from the catalogue.
        expired: The last day of a waiver for the control that has expired, as YYYY-MM-DD; None without one.
    """

    control: str
    construct_path: str
    property: str
    value: str
    required: str
    criteria: tuple[str, ...] = ()
    fix: str = ""
    expired: str | None = None

    def __str__(self) -> str:
        criteria = f" ({', '.join(self.criteria)})" if self.criteria else ""
        expired = f" The waiver for this control expired on {self.expired}." if self.expired else ""
        fix = f"  To comply: {self.fix}\n" if self.fix else ""
        return (
            f"{self.construct_path}: {self.property} is {self.value}; "
            f"{self.control}{criteria} requires {self.required}.{expired}\n"
            f"{fix}"
            f"  To accept the risk, type before the construct: "
            f'soc2.waive(<scope>, "{self.control}", reason="…", owner="…", expires="YYYY-MM-DD")'
        )


class NonCompliantError(ValueError):
    """Values of a constructor fail controls of high or medium severity.

    The error holds all violations of the constructor. The attributes `control`, `criteria`, `construct_path`,
    `property`, `value` and `required` are those of the first violation.

    Attributes:
        violations: The violations, in the order of the requirement table.
    """

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        first = self.violations[0]
        self.control = first.control
        self.criteria = first.criteria
        self.construct_path = first.construct_path
        self.property = first.property
        self.value = first.value
        self.required = first.required
        super().__init__("\n".join(map(str, self.violations)))
