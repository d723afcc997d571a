"""Resources and their values as a check sees them: evaluated in one scenario, and recorded in the read log.

A `Resource` binds a declaration to an evaluation. Each accessor records what it reads, or marks the verdict as
uncacheable; the raw body is not reachable.
"""

from __future__ import annotations

from soc2_constructs.cloudformation.context import Scope
from soc2_constructs.cloudformation.predicates import Predicates
from soc2_constructs.cloudformation.values import (
    ABSENT,
    Text,
    Unresolved,
    format_value,
    is_intrinsic,
    parse,
    split_path,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from soc2_constructs.cloudformation.gaps import Gap
    from soc2_constructs.cloudformation.read_log import ReadKey, ReadLog
    from soc2_constructs.cloudformation.template import Declaration, Template
    from soc2_constructs.cloudformation.values import Reference


#: Intrinsic functions whose argument is a name rather than text.
_NAMING = ("Ref", "Fn::GetAtt", "Fn::ImportValue")


class Value(Predicates):
    """One property of a resource, its intrinsic functions evaluated."""

    __slots__ = ("resource",)

    def __init__(self, resource: Resource, path: tuple[str | int, ...], node: Any) -> None:
        self.resource = resource
        self.path = path
        self.node = node

    def __getitem__(self, path: str) -> Value:
        """The value below this one; `path` may have several steps: ``"A.B"``."""
        return self.resource.value_at(self.node, self.path, path)

    def member(self, name: str) -> Value:
        """The value below this one at a name that may contain dots, such as the name of a tag."""
        node = self._resolve(self.node.get(name, ABSENT)) if type(self.node) is dict else self.node
        return Value(self.resource, (*self.path, name), node)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.each())

    def each(self) -> list[Value]:
        """The items of a list, each with its index in its path.

        Returns:
            No item for an absent list, the unresolved value itself for an unresolved list. A single item counts as a
            list of one, as in CloudFormation.
        """
        node = self.node
        if type(node) is not list:
            return [] if node is ABSENT else [self]
        resolve = self.resource._scope.resolve
        values = ((index, resolve(item)) for index, item in enumerate(node))
        return [Value(self.resource, (*self.path, index), item) for index, item in values if item is not ABSENT]

    def keys(self) -> list[str]:
        """The keys of an object; empty where it is absent or unresolved."""
        return list(self.node) if type(self.node) is dict else []

    def parsed(self) -> Value:
        """This value, parsed as JSON where it is a string: some properties accept a document either way."""
        return Value(self.resource, self.path, parse(self.node)) if type(self.node) in (str, Text) else self

    def default(self, value: Any, words: str = "") -> Value:
        """This value, or the default of the service where the property is absent.

        Args:
            value: The default.
            words: The default as messages show it, such as `"events never expire"`. Default: the value itself.
        """
        if self.node is not ABSENT:
            return self
        return DefaultValue(self, value, words) if words else Value(self.resource, self.path, value)

    @property
    def known(self) -> Any:
        """The plain value (nested functions evaluated), or None where it is absent or unknown."""
        if self.node is ABSENT or self.unresolved is not None:
            return None
        return self.resource._scope.resolve_deep(self.node)

    @property
    def target(self) -> Resource | None:
        """The resource of the assembly that this value refers to, or None."""
        target: Resource | None = self.resource._scope.context.references.resource_named(self)
        return target

    def target_of(self, resource_type: str) -> Resource | None:
        """The resource that this value refers to, where it has that type."""
        return target if (target := self.target) is not None and target.type == resource_type else None

    def _resolve(self, node: Any) -> Any:
        return self.resource._scope.resolve(node)


class DefaultValue(Value):
    """The default of a service that messages show in words."""

    __slots__ = ("_words",)

    def __init__(self, absent: Value, node: Any, words: str) -> None:
        super().__init__(absent.resource, absent.path, node)
        self._words = words

    def _observed(self) -> str:
        return f"not set ({self._words})"


class Properties:
    """All properties of a resource, for checks that read items of a list and whole resources alike."""

    __slots__ = ("resource",)

    path: tuple[str | int, ...] = ()

    def __init__(self, resource: Resource) -> None:
        self.resource = resource

    def __getitem__(self, path: str) -> Value:
        return self.resource[path]


class Resource:
    """One resource of a template: ``resource["VersioningConfiguration.Status"]`` is the value of a property.

    Attributes:
        type: The resource type. All resources that a verdict is reused for have the same one.
        is_conditional: Whether the resource has a condition. Its verdict is never reused.
    """

    __slots__ = (
        "_declaration",
        "_fingerprints",
        "_log",
        "_logical_id",
        "_properties",
        "_scope",
        "_unexpanded",
        "is_conditional",
        "type",
    )

    def __init__(self, scope: Scope, log: ReadLog, declaration: Declaration) -> None:
        self._scope = scope
        self._log = log
        self._declaration = declaration
        self._logical_id = declaration.logical_id
        self._properties = declaration.properties
        self._unexpanded = scope.template.unexpanded
        #: By read key; None is whether the properties are an object with literal names.
        self._fingerprints: dict[ReadKey | None, Any] = {}
        self.is_conditional = "Condition" in declaration.body
        self.type = declaration.type

    def __getitem__(self, path: str) -> Value:
        if self._log._reads is not None:
            self._log.read(self, split_path(path)[0])
        return self.value_at(self._properties, (), path)

    def shape(self, property: str) -> Value:
        """A property, for checks that do not depend on which resources it refers to.

        `Reference.resource` records the exception, where a check looks at one after all.
        """
        if self._log._reads is not None:
            self._log.read(self, property, shape=True)
        return self.value_at(self._properties, (), property)

    @property
    def whole(self) -> Properties:
        """All properties together."""
        return Properties(self)

    def values(self, path: str) -> list[Value]:
        """Every value at a path that leads through lists: ``"Rules[].Destination.Bucket"``."""
        head, *rest = path.removesuffix("[]").split("[].")
        values = [self[head]]
        for step in rest:
            values = [item[step] for value in values for item in value.each()]
        return [item for value in values for item in value.each()] if path.endswith("[]") else values

    def attribute(self, name: str) -> Value:
        """A resource attribute beside the properties: `DeletionPolicy`, `Metadata`, `UpdateReplacePolicy`."""
        self._log.read_attribute(self, name)
        return Value(self, (name,), self._scope.resolve(self._declaration.attribute(name)))

    def texts(self, name: str, *, attribute: bool = False) -> Iterator[str]:
        """Every string that the template contains in a property, those in `Fn::Join` and `Fn::Sub` as well.

        The names in `Ref`, `Fn::GetAtt` and `Fn::ImportValue` are left out.

        Args:
            name: The property.
            attribute: Whether it is an attribute beside the properties. Default False.
        """
        if attribute:
            self._log.read_attribute(self, name)
        else:
            self._log.read(self, name)
        properties = self._declaration.body if attribute else self._properties
        waiting = [properties.get(name) if type(properties) is dict else None]
        while waiting:
            node = waiting.pop()
            if type(node) is str:
                yield node
            elif type(node) is dict and not (is_intrinsic(node) and next(iter(node)) in _NAMING):
                waiting.extend(node.values())
            elif type(node) is list:
                waiting.extend(node)

    def value_at(self, node: Any, prefix: tuple[str | int, ...], path: str) -> Value:
        """The value at `path` below a node of this resource."""
        steps = split_path(path)
        resolve, unexpanded = self._scope.resolve, self._unexpanded
        for step in steps:
            if type(node) is dict:
                child = node.get(step)
                if unexpanded or "Fn::Transform" in node or (child is None and len(node) == 1):
                    node = resolve(node)
                    if type(node) is not dict:
                        if node is not ABSENT and type(node) is not Unresolved:
                            node = Unresolved(f"{format_value(node)} is not an object with {step!r}")
                        break
                    child = node.get(step)
                node = ABSENT if child is None else child
            elif node is not ABSENT:
                if type(node) is not Unresolved:
                    node = Unresolved(f"{format_value(node)} is not an object with {step!r}")
                break
        if type(node) is dict or type(node) is str or node is None:
            node = resolve(node)
        return Value(self, prefix + steps if prefix else steps, node)

    @property
    def exists(self) -> bool:
        """Whether the resource is created in the present scenario."""
        condition = self._declaration.condition
        return condition is None or self._scope.holds(condition)

    @property
    def is_possible(self) -> bool:
        """Whether the resource is created in some scenario: its condition is defined, and not always false."""
        return self._scope.context.references.is_possible(self)

    @property
    def today(self) -> str:
        """The day of the audit as YYYY-MM-DD. It is the same for all resources, so verdicts can be reused."""
        today = self._scope.context.today
        if today is None:
            raise ValueError("the evaluation has no day")
        return today

    @property
    def template(self) -> Template:
        self.mark_uncacheable()
        return self._declaration.template

    @property
    def logical_id(self) -> str:
        self.mark_uncacheable()
        return self._logical_id

    @property
    def construct_path(self) -> str | None:
        """The path of the construct in the CDK app, or None for a template that the CDK did not write."""
        self.mark_uncacheable()
        return self._declaration.construct_path

    @property
    def region(self) -> str | None:
        """The region of the stack, or None where the stack is environment-agnostic."""
        self.mark_uncacheable()
        return self._declaration.template.region

    @property
    def present_region(self) -> str | None:
        """The region of the stack, or the one of the present scenario where conditions ask for it."""
        self.mark_uncacheable()
        return self._scope.present_region

    @property
    def gap(self) -> Gap | None:
        """Why a template that the resource deploys could not be read, or None."""
        self.mark_uncacheable()
        return self._declaration.gap

    def target(self, path: str) -> Resource | None:
        """The resource of the assembly that a property refers to, or None."""
        return self[path].target

    def referrers(self, resource_type: str, via: str) -> list[Resource]:
        """The resources of a type whose property `via` refers to this one, across the stacks of the assembly.

        Args:
            resource_type: The type of the referring resources.
            via: A property path, which may lead through lists: ``"Rules[].TargetArn"``.
        """
        return self._scope.context.references.referrers(self, resource_type, via)

    def referenced_by(self) -> list[Resource]:
        """The resources that refer to this one anywhere in their properties, across the stacks of the assembly."""
        self.mark_uncacheable()
        return self._scope.context.references.mentioning(self)

    def references(self) -> Iterator[Reference]:
        """Every reference to a resource in the properties."""
        self._log.read(self, "")
        return self._scope.references_in(self._properties)

    def all_of_type(self, resource_type: str) -> list[Resource]:
        """The resources of a type in the whole assembly that exist in the present scenario."""
        self.mark_uncacheable()
        return [resource for resource in self._scope.context.of_type(resource_type) if resource.exists]

    @property
    def declaration(self) -> Declaration:
        """The resource as its template declares it, for results."""
        self.mark_uncacheable()
        return self._declaration

    def mark_uncacheable(self) -> None:
        """Record that a check looked at more than the read log describes."""
        self._log.mark_uncacheable()

    def read_identity(self) -> None:
        """Record that a check looked at which resource a reference names."""
        self._log.read_identity()

    def __repr__(self) -> str:
        return f"<{self.type} {self._logical_id}>"
