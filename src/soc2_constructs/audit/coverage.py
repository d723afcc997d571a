"""Coverage: for each resource type in the input, how many resources there are and how many controls evaluate them.

A type without a control is not compliant, it is not evaluated. Every report lists these types.
"""

from __future__ import annotations

from soc2_constructs.controls import catalogue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from soc2_constructs.audit import Audit
    from soc2_constructs.controls import Control

#: Deploys nothing: the CDK records in it which constructs an app uses.
_CDK_METADATA = "AWS::CDK::Metadata"


class TypeCoverage:
    """One resource type of the input."""

    __slots__ = ("controls", "resources", "type")

    def __init__(self, type: str, resources: int, controls: int) -> None:
        self.type = type
        #: Number of resources in the input.
        self.resources = resources
        #: Number of selected controls that evaluate the type.
        self.controls = controls

    def __repr__(self) -> str:
        return f"<TypeCoverage {self.type} ×{self.resources}: {self.controls} controls>"


def coverage(audit: Audit) -> list[TypeCoverage]:
    """Return the coverage of each resource type in the input, ordered by type."""
    controls = controls_by_type(audit.controls)
    return [
        TypeCoverage(type, len(resources), len(controls.get(type, ())))
        for type, resources in sorted(audit.assembly.by_type.items())
        if type != _CDK_METADATA
    ]


def not_judged(audit: Audit) -> list[TypeCoverage]:
    """Return the resource types in the input that no control evaluates, whichever controls are selected."""
    evaluated = controls_by_type(catalogue().values())
    return [entry for entry in coverage(audit) if entry.type not in evaluated]


def not_judged_line(audit: Audit) -> str:
    """Return these types in one line, such as `AWS::IoT::Thing ×2, AWS::Lambda::Url`; empty if there are none."""
    return ", ".join(
        entry.type if entry.resources == 1 else f"{entry.type} ×{entry.resources}" for entry in not_judged(audit)
    )


def parts_not_judged(audit: Audit) -> int:
    """Return the number of parts of the deployment that no template shows, whichever controls are selected."""
    return sum(gap.is_part for _, gap in audit.assembly.gaps)


def controls_by_type(controls: Iterable[Control]) -> dict[str, list[Control]]:
    """Return the controls that evaluate each resource type."""
    by_type: dict[str, list[Control]] = {}
    for control in controls:
        for type in control.resource_types:
            by_type.setdefault(type, []).append(control)
    return by_type
