"""The requirement table of a CDK class."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from soc2_constructs.hardening.context import After, Before, PropsContext
from soc2_constructs.hardening.errors import NonCompliantError, Violation
from soc2_constructs.hardening.requirements import Requirement
from soc2_constructs.hardening.structs import expand_path, format_value, read_path, write_path
from soc2_constructs.hardening.waiver_lookup import expired_on, waived

import aws_cdk as cdk
from constructs import Construct

#: The severities whose controls a constructor enforces; the rule pack reports the others.
RAISING_SEVERITIES = ("high", "medium")


class Hardening:
    """The requirement table of a CDK class.

    Args:
        construct: The class.
        rows: The requirements on its properties.
        before: A hook that runs with the completed properties, before the construct is created. Default: none.
        after: A hook that runs with the construct, for settings that the properties of the CDK cannot express. It runs
            when a drop-in class is created, and at synthesis for a construct that `enforce` completes. Default: none.
        props: The struct of the properties. Default: the class of the same name with the suffix `Props`.
        types: The resource types that the table is about, if its controls cover others too. Default: those of its
            controls.
        enforced: Whether `enforce` completes the constructs of the class. Default True.
    """

    def __init__(
        self,
        construct: type[Any],
        *rows: Requirement,
        before: Before | None = None,
        after: After | None = None,
        props: type[Any] | None = None,
        types: tuple[str, ...] = (),
        enforced: bool = True,
    ) -> None:
        self.construct = construct
        self.rows = rows
        self.before = before
        self.after = after
        self.types = types
        self.enforced = enforced
        self._props = props

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.rows)

    @property
    def controls(self) -> tuple[str, ...]:
        """The ids of the controls of the table, without duplicates."""
        return tuple(dict.fromkeys(row.control for row in self.rows if row.control))

    @functools.cached_property
    def names(self) -> Mapping[str, str]:
        """The jsii name of each property, by its Python name."""
        names: dict[str, str] = self.props.__jsii_name_mapping__
        return names

    @property
    def props(self) -> Any:
        """The struct of the properties."""
        module = sys.modules[self.construct.__module__]
        return self._props or getattr(module, f"{self.construct.__name__}Props")

    def applied(self, props: Mapping[str, Any], scope: Construct, id: str = "") -> dict[str, Any]:
        """The properties, completed with the defaults of the table.

        All values of the user are checked before the first default is created: a refused construct creates no helper.

        Raises:
            NonCompliantError: values of the user fail controls of high or medium severity without a valid waiver.
        """
        return self.fill(props, scope, id).props

    def fill(self, props: Mapping[str, Any], scope: Construct, id: str) -> PropsContext:
        """As `applied`, and return the whole context."""
        context = PropsContext(scope, id, {name: value for name, value in props.items() if value is not None})
        raise_together(self._violations(context))
        self.complete(context)
        return context

    def complete(
        self, context: PropsContext, admits: Callable[[Requirement, tuple[str, ...]], bool] | None = None
    ) -> None:
        """Complete the properties with the defaults of the table, without checking any value.

        Args:
            context: The construct and the properties to complete.
            admits: Whether to set a default or to fill a value of the user; called before each. Default: always.
        """
        for row in self.rows:
            for steps in expand_path(context.props, row.steps):
                given = read_path(context.props, steps)
                value = None if given is None else row.filled(given, context)
                if (given is not None and value is given) or not row.applies(context):
                    continue
                if admits is None or admits(row, steps):
                    value = row.default(context) if given is None else value
                    if value is not None:
                        write_path(context.props, steps, value)

    def violations(self, props: Mapping[str, Any], scope: Construct, id: str) -> list[Violation]:
        """The violations of values that are set after the constructor, as in `plan.add_rule(...)`."""
        return self._violations(PropsContext(scope, id, dict(props)))

    def _violations(self, context: PropsContext) -> list[Violation]:
        return [
            violation
            for row in self.rows
            if row.control
            for steps in expand_path(context.props, row.steps)
            if (violation := _violation(row, row.control, steps, context)) is not None
        ]


def _violation(row: Requirement, control: str, steps: tuple[str, ...], context: PropsContext) -> Violation | None:
    value = read_path(context.props, steps)
    # A value that is known only at deployment is checked by the rule pack, in the template.
    if value is None or not row.applies(context) or row.is_met(value, context) or cdk.Token.is_unresolved(value):
        return None
    from soc2_constructs.controls import catalogue

    entry = catalogue()[control]
    if entry.severity not in RAISING_SEVERITIES or waived(context.scope, control):
        return None
    return Violation(
        control=control,
        construct_path=context.path,
        property=".".join(steps),
        value=format_value(value),
        required=row.required,
        criteria=entry.criteria,
        fix=entry.fix,
        expired=expired_on(context.scope, control),
    )


def raise_together(violations: Sequence[Violation]) -> None:
    """Raise one error for all violations, if there are any.

    Raises:
        NonCompliantError: there is at least one violation.
    """
    if violations:
        raise NonCompliantError(violations)
