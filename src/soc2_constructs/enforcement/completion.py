"""Complete the properties of one construct with the defaults of a table."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from soc2_constructs.hardening import (
    After,
    Hardening,
    Phase,
    PropsContext,
    Requirement,
    View,
    finish,
    format_value,
    read_path,
)

from constructs import Construct

from soc2_constructs.cloudformation.wildcards import wildcard_match
from soc2_constructs.deployment.updates import IN_PLACE
from soc2_constructs.enforcement.changes import Change
from soc2_constructs.enforcement.effects import effect_of_default, endangers_data
from soc2_constructs.enforcement.jsii_values import to_jsii, to_python, type_of


class Allowance:
    """The construct paths at which enforcement may cause the replacement of a resource.

    Args:
        patterns: Patterns of construct paths, with `*` and `?`; True for all paths, False for none.
    """

    def __init__(self, patterns: bool | Sequence[str]) -> None:
        self._patterns = ["*"] if patterns is True else list(patterns or ())
        self._used: set[str] = set()

    def covers(self, path: str) -> bool:
        """Whether replacement is allowed at a construct path or at an ancestor."""
        matching = [
            pattern
            for pattern in self._patterns
            if wildcard_match(pattern, path) or wildcard_match(f"{pattern}/*", path)
        ]
        self._used.update(matching)
        return bool(matching)

    @property
    def unused(self) -> list[str]:
        """The patterns that have allowed nothing so far."""
        return [pattern for pattern in self._patterns if pattern not in self._used and pattern != "*"]


class Completer:
    """Completes properties and records the changes.

    Args:
        changes: The list to which the completer adds its changes.
        allowance: The construct paths at which replacement is allowed.
    """

    def __init__(self, changes: list[Change], allowance: Allowance) -> None:
        self._changes = changes
        self._allowance = allowance

    def complete(self, table: Hardening, props: Mapping[str, Any], scope: Construct, id: str) -> dict[str, Any]:
        """The properties by their jsii names, completed with the defaults that controls require."""
        names = {jsii_name: name for name, jsii_name in table.names.items()}
        given = {
            names[name]: to_python(type_of(table.props, names[name]), value, scope)
            for name, value in props.items()
            if value is not None and name in names
        }
        context = PropsContext(scope, id, dict(given), user_set=frozenset(given), injected=True)
        selection = _Selection(table, given, context.path, self._allowance)
        table.complete(context, selection.admits)
        applied = selection.changes(context.props)
        if not applied and not selection.held_back and not selection.left and table.after is None:
            return dict(props)
        self._changes += applied
        self._changes += selection.held_back.values()
        self._changes += selection.left.values()
        context.report_left = functools.partial(self._leave, context.path)
        if table.before is not None:
            table.before(context)
        if table.after is not None:
            self._finish(table.after, context)
        completed = {
            table.names[name]: to_jsii(type_of(table.props, name), value)
            for name, value in context.props.items()
            if name not in given or value is not given[name]
        }
        return {**{name: value for name, value in props.items() if names.get(name) in context.props}, **completed}

    def _finish(self, after: After, context: PropsContext) -> None:
        """Run the `after` hook of a table at synthesis, when the user has called all methods of the construct."""

        def step(_: View) -> None:
            construct = context.scope.node.try_find_child(context.id)
            if construct is None:
                return
            after(construct, context)
            for property, value, control in context.recorded_changes:
                self._changes.append(Change(context.path, property, value, control, IN_PLACE, applied=True))

        finish(context.scope, Phase.COMPLETE, step)

    def _leave(self, path: str, property: str, reason: str, control: str) -> None:
        """Record that a property stays as it is; a value that was set before is taken back."""
        taken_back = [each for each in self._changes if (each.path, each.property) == (path, property)]
        for each in taken_back:
            self._changes.remove(each)
        self._changes.append(Change(path, property, None, control, IN_PLACE, applied=False, reason=reason))


class _Selection:
    """Selects the defaults that enforcement sets on one construct, and those that it holds back."""

    def __init__(self, table: Hardening, given: Mapping[str, Any], path: str, allowance: Allowance) -> None:
        self._table = table
        self._given = given
        self._path = path
        self._allowance = allowance
        #: By property: the changes that would endanger data.
        self.held_back: dict[str, Change] = {}
        #: By property: the changes that enforcement does not make in an existing app.
        self.left: dict[str, Change] = {}
        #: By property: the effect of the default that is set.
        self._effects: dict[str, str] = {}
        self._selected: list[tuple[Requirement, str]] = []

    def admits(self, row: Requirement, steps: tuple[str, ...]) -> bool:
        """Whether to set the default of a requirement, or to fill a value of the user."""
        property = ".".join(steps)
        if property in self.held_back or property in self.left or not (row.has_default or self._is_given(property)):
            return False
        if row.leave is not None:
            if row.control and row.only_with is None and not self._is_given(property):
                self.left[property] = Change(
                    self._path, property, None, row.control, IN_PLACE, applied=False, reason=row.leave
                )
            return False
        effect = self._effect(row)
        if effect is None:
            return False
        if endangers_data(self._table, row, effect) and not self._allowance.covers(self._path):
            value = row.required if row.constant is None else format_value(row.constant)
            self.held_back[property] = Change(self._path, property, value, row.control, effect, applied=False)
            return False
        self._effects[property] = effect
        self._selected.append((row, property))
        return True

    def _effect(self, row: Requirement) -> str | None:
        """The effect of the default; None if enforcement does not set it at all."""
        if row.only_with is None:
            return None if row.control is None else effect_of_default(self._table, row)
        if row.only_with in self.held_back or row.only_with in self.left or self._is_given(row.only_with):
            return None
        if row.control is None or not row.paths:
            return self._effects.get(row.only_with, IN_PLACE)
        return effect_of_default(self._table, row)

    def changes(self, props: Mapping[str, Any]) -> list[Change]:
        """The changes of the selected defaults, with the values that they have now."""
        changes = []
        for row, property in self._selected:
            value = _read(props, property)
            if value is None:
                continue
            effect = effect_of_default(self._table, row, value) if row.paths else self._effects[property]
            # The text of a filled value of the user would show little of the change.
            after = row.required if self._is_given(property) else format_value(value)
            changes.append(Change(self._path, property, after, row.control, effect, applied=True))
        return changes

    def _is_given(self, property: str) -> bool:
        return _read(self._given, property) is not None


def _read(props: Mapping[str, Any], property: str) -> Any:
    return read_path(props, property.split("."))
