"""Predicates of values: each compares one value and returns a verdict with the observation."""

from __future__ import annotations

from soc2_constructs.cloudformation.values import (
    ABSENT,
    Reference,
    Text,
    Unresolved,
    as_boolean,
    as_number,
    format_value,
    is_present,
    same,
)
from soc2_constructs.cloudformation.verdicts import FAIL, PASS, UNRESOLVED, Verdict, render_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


class Predicates:
    """One value with its path; `Value` adds the resource and the values below it."""

    __slots__ = ("node", "path")

    def __init__(self, path: tuple[str | int, ...], node: Any) -> None:
        self.path = path
        #: str, bool, int, float, a raw dict or list, Reference, Text, Unresolved or ABSENT
        self.node = node

    def each(self) -> Sequence[Predicates]:
        """The items of a list."""
        raise NotImplementedError

    @property
    def known(self) -> Any:
        """The plain value, or None."""
        raise NotImplementedError

    def _resolve(self, node: Any) -> Any:
        raise NotImplementedError

    @property
    def is_absent(self) -> bool:
        return self.node is ABSENT

    @property
    def unresolved(self) -> str | None:
        """Why the value is unknown, or None where it is known."""
        node = self.node
        if type(node) is Unresolved:
            return node.reason
        if type(node) is Reference:
            return f"it is an attribute of {node.resource.logical_id} ({node.resource.type}), set at deployment"
        if type(node) is Text:
            return "parts of it are known only at deployment"
        return None

    def equals(self, wanted: Any) -> Verdict:
        """Passes where the value equals `wanted`."""
        node = self.node
        if same(node, wanted):
            return Verdict(PASS, "{} is {}", self, _Shown(wanted), path=self.path)
        return self._otherwise("{} is {}, not {}", _Shown(wanted), wanted)

    def one_of(self, *wanted: Any) -> Verdict:
        """Passes where the value equals one of `wanted`."""
        node = self.node
        for candidate in wanted:
            if same(node, candidate):
                return Verdict(PASS, "{} is {}", self, _Shown(candidate), path=self.path)
        return self._otherwise("{} is {}, not {}", _Choices(wanted), *wanted)

    def is_set(self) -> Verdict:
        """Passes where the value is set and not empty."""
        node = self.node
        if node is ABSENT:
            return Verdict(FAIL, "{} is not set", self, path=self.path)
        if type(node) in (Unresolved, Text) and not is_present(node):
            return self._unresolved()
        if node == "" or (type(node) in (list, dict) and self._is_empty()):
            return Verdict(FAIL, "{} is empty", self, path=self.path)
        return Verdict(PASS, "{} is set", self, path=self.path)

    def _is_empty(self) -> bool:
        """Whether a list or an object contains nothing but AWS::NoValue."""
        children = self.node.values() if type(self.node) is dict else self.node
        return all(self._resolve(child) is ABSENT for child in children)

    def at_least(self, minimum: float) -> Verdict:
        """Passes where the value is a number of at least `minimum`."""
        return self._compare(minimum, "at least", lambda number: number >= minimum)

    def at_most(self, maximum: float) -> Verdict:
        """Passes where the value is a number of at most `maximum`."""
        return self._compare(maximum, "at most", lambda number: number <= maximum)

    def includes(self, *wanted: Any) -> Verdict:
        """Passes where the list contains every item of `wanted`."""
        items = self.each()
        missing = [item for item in wanted if not any(same(value.node, item) for value in items)]
        if not missing:
            return Verdict(PASS, "{} includes {}", self, _Listed(wanted), path=self.path)
        for value in items:
            if value.unresolved is not None:
                return value._unresolved()
        if self.node is ABSENT:
            return Verdict(FAIL, "{} is not set; it must include {}", self, _Listed(wanted), path=self.path)
        return Verdict(FAIL, "{} does not include {}", self, _Listed(tuple(missing)), path=self.path)

    def satisfies(self, accepts: Callable[[Any], bool], wanted: str) -> Verdict:
        """Passes where `accepts` returns True for the known value; `wanted` describes the accepted values."""
        if self.node is not ABSENT and self.unresolved is None:
            known = self.known
            if accepts(known):
                return Verdict(PASS, "{} is {}", self, _Shown(known), path=self.path)
        return self._otherwise("{} is {}, not {}", wanted)

    def _observed(self) -> object:
        """The value as a message shows it."""
        return _Shown(self.node)

    def _compare(self, bound: float, words: str, accepts: Callable[[float], bool]) -> Verdict:
        number = as_number(self.node)
        if number is not None and accepts(number):
            return Verdict(PASS, "{} is {}", self, self._observed(), path=self.path)
        return self._otherwise("{} is {}, not {}", f"{words} {bound:g}", bound)

    def _otherwise(self, text: str, wanted: object, *values: Any) -> Verdict:
        """The verdict of a value that does not pass; unresolved where it is text without the type of the values."""
        if self.node is ABSENT:
            return Verdict(FAIL, "{} is not set; it must be {}", self, wanted, path=self.path)
        if self.unresolved is not None:
            return self._unresolved()
        kinds = [_unreadable_as(self.node, value) for value in values]
        if kinds and all(kinds):
            return Verdict(UNRESOLVED, "{} is {}, which is not {}", self, self._observed(), kinds[0], path=self.path)
        return Verdict(FAIL, text, self, self._observed(), wanted, path=self.path)

    def _unresolved(self) -> Verdict:
        return Verdict(UNRESOLVED, "{} is not known before deployment: {}", self, self.unresolved, path=self.path)

    def __str__(self) -> str:
        return render_path(self.path)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}: {self.node!r}>"


def _unreadable_as(node: Any, value: Any) -> str | None:
    """The type of a required number or boolean where the node is text that does not have it; None elsewhere."""
    if type(node) is not str or type(value) is str:
        return None
    if type(value) is bool:
        return "true or false" if as_boolean(node) is None else None
    return "a number" if as_number(node) is None else None


class _Shown:
    """A value that is formatted only when its message is read."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __str__(self) -> str:
        return format_value(self._value)


class _Listed(_Shown):
    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(format_value(item) for item in self._value)


class _Choices(_Shown):
    __slots__ = ()

    def __str__(self) -> str:
        *others, last = [format_value(item) for item in self._value]
        return f"{', '.join(others)} or {last}" if others else last
