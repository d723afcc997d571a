"""The construct that a requirement table is applied to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
from constructs import Construct


class PropsContext:
    """A construct that is about to be created: its scope, its id and its properties so far, by their Python names.

    Args:
        scope: The scope of the construct.
        id: The id of the construct in that scope.
        props: The properties so far.
        user_set: Under `enforce`, the properties that the user set, which must stay as they are; a drop-in class sets
            none. Default: none.
        injected: Whether the construct is created by a class of the CDK and completed by `enforce`. Default False.
    """

    __slots__ = (
        "given",
        "id",
        "injected",
        "props",
        "recorded_changes",
        "report_left",
        "scope",
        "scratch",
        "user_set",
    )

    def __init__(
        self,
        scope: Construct,
        id: str,
        props: dict[str, Any],
        *,
        user_set: frozenset[str] = frozenset(),
        injected: bool = False,
    ) -> None:
        self.scope = scope
        self.id = id
        self.props = props
        self.user_set = user_set
        #: The properties that the user set, of drop-in classes as well.
        self.given = frozenset(props)
        self.injected = injected
        #: Values that the `before` hook of a table passes to its `after` hook.
        self.scratch: dict[str, Any] = {}
        #: Changes that the `after` hook makes beyond the table: (property, value as text, control).
        self.recorded_changes: list[tuple[str, str, str]] = []
        #: Reports a property that stays as it is, with the reason and the control; set by `enforce`.
        self.report_left: Callable[[str, str, str], None] | None = None

    def pop(self, property: str) -> Any:
        """Remove a property that the `after` hook sets in its own way, and return it; None if the user set it."""
        return None if property in self.user_set else self.props.pop(property, None)

    def record_change(self, property: str, value: str, control: str) -> None:
        """Record a change that the `after` hook makes beyond the table."""
        self.recorded_changes.append((property, value, control))

    def leave(self, property: str, reason: str, control: str) -> None:
        """Report a property that stays as it is although a control requires another value."""
        if self.report_left is not None:
            self.report_left(property, reason, control)

    def take_back(self, property: str, reason: str, control: str, fix: str) -> None:
        """Report a value of this library that is taken back at synthesis, as a warning and in the report of `enforce`.

        Args:
            property: The property, which has the value of the CDK again.
            reason: The consumer that cannot use the value.
            control: The control that requires the value.
            fix: How to comply, or how to make the decision explicit: the text after "Type".
        """
        self.leave(property, reason, control)
        construct = self.scope.node.try_find_child(self.id) or self.scope
        cdk.Annotations.of(construct).add_warning_v2(
            f"soc2:{control}:{property}",
            f"{self.path}: soc2-constructs does not set {property}, because {reason}. {control} requires it. {fix}",
        )

    @property
    def path(self) -> str:
        """The path of the construct."""
        return "/".join(filter(None, (self.scope.node.path, self.id)))


#: Creates the construct with the given properties.
Init = Callable[[dict[str, Any]], None]
#: Replaces the constructor: receives the new object, the function that creates it, and the completed context.
Around = Callable[[Any, Init, PropsContext], None]
#: Runs with the completed properties, before the construct is created.
Before = Callable[[PropsContext], None]
#: Runs with the construct, after it is created.
After = Callable[[Any, PropsContext], None]
