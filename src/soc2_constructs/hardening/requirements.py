"""One requirement on one property of a CDK class, and the functions that create the usual kinds of requirements."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from soc2_constructs.hardening.context import PropsContext
from soc2_constructs.hardening.structs import format_value

import aws_cdk as cdk
from constructs import Construct, IConstruct

Condition = Callable[[PropsContext], bool]
Predicate = Callable[[Any, PropsContext], bool]
Factory = Callable[[PropsContext], Any]
Completion = Callable[[Any, PropsContext], Any]
#: A property path of a CloudFormation resource, its value (None deletes the property), and the path of the child
#: construct that is the resource, if that path is not "Resource".
Override = tuple[str, Any] | tuple[str, Any, str]


class Options(TypedDict, total=False):
    """The optional fields that all kinds of requirements share; `Requirement` describes them."""

    bad_value: Any
    bad_override: Override | Sequence[Override] | None
    when: Condition | None
    only_with: str | None
    fill_nested: Completion | None
    leave: str | None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Requirement:
    """A property of a class: the default, the accepted values, and the control that requires them.

    Args:
        property: The property by its Python name. `deploy_options.tracing_enabled` is a member of a struct,
            `additional_behaviors.*.compress` a member of each struct in a mapping.
        required: The compliant values, as text for "requires …".
        control: The id of the control; None for a default that no control requires. Default None.
        constant: The default value if it is the same for all constructs. Default None: there is none.
        factory: Creates the default value of one construct. Default None: `constant` is the default.
        accepts: Whether a value of the user complies. Default None: all values comply.
        bad_value: A non-compliant example value, or a function that creates one in a scope. Default None: there is
            no such value.
        bad_override: Overrides of the CloudFormation resource that violate the requirement, one `Override` or several.
            Default None: there are none.
        when: The condition under which the requirement applies. Default None: always.
        only_with: Another property; `enforce` sets this property only if it sets the other one as well, because the
            value belongs to that choice. Default None.
        fill_nested: Fills in members that a value of the user leaves unset, such as the encryption of one volume in a
            list; returns the same object if nothing is unset. It creates no construct. Default None.
        leave: Why `enforce` leaves the property of an existing app as it is, and reports that; drop-in classes set it.
            Default None: `enforce` sets it.
    """

    property: str
    required: str
    control: str | None = None
    constant: Any = None
    factory: Factory | None = None
    accepts: Predicate | None = None
    bad_value: Any = None
    bad_override: Override | Sequence[Override] | None = None
    when: Condition | None = None
    only_with: str | None = None
    fill_nested: Completion | None = None
    leave: str | None = None

    @functools.cached_property
    def steps(self) -> tuple[str, ...]:
        """The steps of the property path."""
        return tuple(self.property.split("."))

    @functools.cached_property
    def has_default(self) -> bool:
        """Whether the requirement sets a value if the user sets none."""
        return self.constant is not None or self.factory is not None

    def applies(self, context: PropsContext) -> bool:
        """Whether the requirement applies to a construct."""
        return self.when is None or self.when(context)

    def default(self, context: PropsContext) -> Any:
        """The default value for a construct; None leaves the property unset."""
        return self.constant if self.factory is None else self.factory(context)

    def is_met(self, value: Any, context: PropsContext) -> bool:
        """Whether a value of the user complies."""
        return self.accepts is None or self.accepts(value, context)

    def filled(self, value: Any, context: PropsContext) -> Any:
        """A value of the user with its unset members filled in; the same object if nothing is unset."""
        return value if self.fill_nested is None else self.fill_nested(value, context)

    @functools.cached_property
    def overrides(self) -> tuple[Override, ...]:
        """The overrides that violate the requirement."""
        if self.bad_override is None:
            return ()
        return (self.bad_override,) if isinstance(self.bad_override, tuple) else tuple(self.bad_override)

    @functools.cached_property
    def paths(self) -> tuple[str, ...]:
        """The CloudFormation properties that the requirement is about, if it declares overrides."""
        return tuple(path for path, *_ in self.overrides)

    def make_bad_value(self, scope: Construct) -> Any:
        """A non-compliant example value."""
        return self.bad_value(scope) if callable(self.bad_value) else self.bad_value

    def violate(self, construct: IConstruct) -> None:
        """Apply the overrides that violate the requirement, which no constructor can refuse."""
        if not self.overrides:
            raise ValueError(f"{self!r} has no bad_override. Declare one in its table.")
        for path, value, *child in self.overrides:
            resource: IConstruct = construct
            for id in (child[0] if child else "Resource").split("/"):
                resource = resource.node.find_child(id)
            assert isinstance(resource, cdk.CfnResource)
            if value is None:
                resource.add_property_deletion_override(path)
            else:
                resource.add_property_override(path, value)

    def __repr__(self) -> str:
        return f"<Requirement {self.property} {self.control}>"


def require(
    property: str,
    value: Any,
    control: str,
    *,
    accepts: Predicate | None = None,
    required: str | None = None,
    **options: Unpack[Options],
) -> Requirement:
    """Require a value, or one that `accepts` accepts; set the value by default."""
    return Requirement(
        property=property,
        constant=value,
        control=control,
        accepts=accepts or (lambda given, _: bool(given == value)),
        required=required or format_value(value),
        **options,
    )


def at_least(property: str, minimum: float, control: str, **options: Unpack[Options]) -> Requirement:
    """Require a number that is not below a minimum; set the minimum by default."""
    return Requirement(
        property=property,
        constant=minimum,
        control=control,
        accepts=lambda given, _: bool(given >= minimum),
        required=f"{minimum} or more",
        **options,
    )


def provide(
    property: str,
    factory: Factory,
    control: str | None,
    *,
    required: str,
    accepts: Predicate | None = None,
    **options: Unpack[Options],
) -> Requirement:
    """Set a value that a function creates for each construct, if the user sets none."""
    return Requirement(
        property=property, factory=factory, control=control, required=required, accepts=accepts, **options
    )


def refuse(
    property: str, control: str, *, accepts: Predicate, required: str, **options: Unpack[Options]
) -> Requirement:
    """Refuse the values that `accepts` does not accept; leave the property unset by default."""
    return Requirement(property=property, control=control, accepts=accepts, required=required, **options)


def default(property: str, value: Any, **options: Unpack[Options]) -> Requirement:
    """Set a value by default that no control requires; the user may set any other."""
    return Requirement(property=property, constant=value, required=f"{format_value(value)} by default", **options)
