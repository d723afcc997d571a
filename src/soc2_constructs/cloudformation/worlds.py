"""Worlds: the ways in which the parameters and conditions of a template may turn out.

A check is written as if a template said one thing. Where it may say several, because a parameter has several allowed
values or a condition depends on the region, the check runs once in each world that it can tell apart. A choice is made
only when a check comes across it, so a template without parameters has one world and pays nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: Beyond so many combinations the answer is UNRESOLVED: nobody reads a hundred variants of one finding.
MAX_WORLDS = 128


class World:
    """One assignment of values to the choices met so far."""

    __slots__ = ("_pending", "choices", "memo", "met", "notes")

    def __init__(self, choices: dict[Any, Any], pending: list[dict[Any, Any]]) -> None:
        self.choices = choices
        self._pending = pending
        #: What tells this world from others, in words, in the order in which it was met.
        self.notes: dict[str, None] = {}
        #: What was found once and stays so in this world.
        self.memo: dict[Any, Any] = {}
        #: How often a choice was met: what depends on none is the same in every world.
        self.met = 0

    def choose(self, key: Any, options: list[Any]) -> Any:
        """The option that holds in this world; the others are left to worlds that come later."""
        if len(options) > 1:
            self.met += 1
        if key in self.choices:
            return self.choices[key]
        if len(options) > 1:
            for option in options[1:]:
                self._pending.append({**self.choices, key: option})
        self.choices[key] = options[0]
        return options[0]

    def note(self, words: str) -> None:
        self.notes[words] = None

    @property
    def description(self) -> str:
        return " and ".join(self.notes)


def worlds() -> Iterator[World]:
    """Every world that the caller's work tells apart; ends after MAX_WORLDS + 1, so that the caller notices."""
    pending: list[dict[Any, Any]] = [{}]
    count = 0
    while pending and count <= MAX_WORLDS:
        count += 1
        yield World(pending.pop(), pending)
