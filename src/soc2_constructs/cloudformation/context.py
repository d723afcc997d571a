"""The evaluation as a resource sees it: its state, the references of the assembly, and the scope of one template.

Resources are defined above this module, so they are `Any` here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from soc2_constructs.cloudformation.assembly import Assembly
    from soc2_constructs.cloudformation.read_log import ReadLog
    from soc2_constructs.cloudformation.scenarios import Scenario
    from soc2_constructs.cloudformation.template import Template
    from soc2_constructs.cloudformation.values import Reference


class References(ABC):
    """The references between the resources of an assembly, in the present scenario."""

    @abstractmethod
    def resource_named(self, value: Any) -> Any:
        """The resource that a value names, by reference or by literal name."""

    @abstractmethod
    def referrers(self, target: Any, resource_type: str, via: str) -> list[Any]:
        """The resources of a type whose property `via` names the target."""

    @abstractmethod
    def fixed_referrers(self, target: Any, resource_type: str, via: str) -> list[Any] | None:
        """The same, where they are the same in every scenario; else None."""

    @abstractmethod
    def is_possible(self, resource: Any) -> bool:
        """Whether a resource is created in some scenario."""

    @abstractmethod
    def mentioning(self, target: Any) -> list[Any]:
        """The resources that refer to the target anywhere in their properties."""


class Context(ABC):
    """The state of an evaluation, which is passed along while templates stay immutable.

    Attributes:
        scenario: The scenario in which values are resolved.
        default_scenario: A scenario without choices, for indexes that are built outside of the present one.
        log: The read log of the check that runs.
        depth: How deep intrinsic functions, conditions and their targets are nested at present.
        assembly: The templates.
        references: The references between resources.
        indexes: Positions of resources by their keys, for `indexes.with_keys`.
        today: The day of the audit as YYYY-MM-DD; None where nothing is judged.
    """

    assembly: Assembly
    scenario: Scenario
    default_scenario: Scenario
    log: ReadLog
    depth: int
    references: References
    indexes: dict[Any, dict[Any, list[int]]]
    today: str | None

    @abstractmethod
    def of_type(self, resource_type: str) -> list[Any]:
        """The resources of a type in the whole assembly, in every scenario."""

    @abstractmethod
    def resources(self) -> Iterator[Any]:
        """Every resource of the assembly, in the order of the templates."""

    @abstractmethod
    def output(self, template: Template, name: str) -> Any:
        """The value of an output of a template."""

    @abstractmethod
    def exported(self, name: str, importer: Template) -> Any:
        """The value that a stack of the assembly exports to the importer; None where no stack is known to."""


class Scope(ABC):
    """The evaluation of one template: its functions, parameters and conditions in the present scenario."""

    context: Context
    template: Template
    #: The resources of the template, by logical id.
    resources: dict[str, Any]

    @abstractmethod
    def resolve(self, node: Any) -> Any:
        """Evaluate an intrinsic function; members of objects and lists stay as they are."""

    @abstractmethod
    def resolve_deep(self, node: Any) -> Any:
        """Evaluate every intrinsic function in a value."""

    @abstractmethod
    def holds(self, condition: str) -> bool:
        """Whether a condition of the template holds in the present scenario."""

    @abstractmethod
    def references_in(self, node: Any) -> Iterator[Reference]:
        """Every reference to a resource in a value."""

    @property
    @abstractmethod
    def present_region(self) -> str | None:
        """The region of the stack in the present scenario, or None where it is unknown."""
