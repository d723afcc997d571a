"""Scenarios: the outcomes that parameters and conditions of a template can have.

A check is written as if a template had one meaning. Where it has several, because a parameter has several allowed
values or a condition depends on the region, the check runs once in each scenario that it can tell apart. A choice is
made only when a check meets it, so a template without parameters has one scenario and no cost.

A check that meets two choices, the second one only in production, runs in three scenarios:

>>> def check(scenario):
...     stage = scenario.choose("Stage", ["dev", "prod"])
...     return stage if stage == "dev" else (stage, scenario.choose("Region", ["eu-central-1", "us-east-1"]))
>>> [check(scenario) for scenario in scenarios()]
['dev', ('prod', 'eu-central-1'), ('prod', 'us-east-1')]
"""

from __future__ import annotations

from soc2_constructs.cloudformation.limits import MAX_SCENARIOS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any


class Scenario:
    """One assignment of options to the choices met so far.

    Attributes:
        choices: The option of each choice, by the key of the choice.
        notes: What tells this scenario from others, in words, by the key of a choice or a condition.
        cache: Values that are the same throughout this scenario.
        met: How often a choice was met: a result that meets none is the same in every scenario.
    """

    __slots__ = ("_pending", "cache", "choices", "met", "notes")

    def __init__(self, choices: dict[Any, Any] | None = None, pending: list[dict[Any, Any]] | None = None) -> None:
        self.choices: dict[Any, Any] = {} if choices is None else choices
        self._pending = [] if pending is None else pending
        self.notes: dict[Any, str] = {}
        self.cache: dict[Any, Any] = {}
        self.met = 0

    def choose(self, key: Any, options: list[Any]) -> Any:
        """The option of this scenario; each other option starts a later scenario.

        Args:
            key: Identifies the choice.
            options: Every option, the default first.
        """
        if len(options) > 1:
            self.met += 1
        if key in self.choices:
            return self.choices[key]
        if len(options) > 1:
            for option in options[1:]:
                self._pending.append({**self.choices, key: option})
        self.choices[key] = options[0]
        return options[0]

    def note(self, key: Any, words: str) -> None:
        """Record in words the option of a choice, or the truth of a condition."""
        self.notes[key] = words


def scenarios() -> Iterator[Scenario]:
    """Every scenario that the caller's work tells apart; ends after MAX_SCENARIOS + 1, so that the caller notices."""
    pending: list[dict[Any, Any]] = [{}]
    count = 0
    while pending and count <= MAX_SCENARIOS:
        count += 1
        yield Scenario(pending.pop(), pending)


def deciding_notes(notes: Mapping[Any, str], others: Iterable[Mapping[Any, str]]) -> list[str]:
    """The fewest notes that tell a scenario from others.

    Of two conditions, only the first one decides here:

    >>> deciding_notes({1: "Encrypt is false", 2: "Log is true"}, [{1: "Encrypt is true", 2: "Log is true"}])
    ['Encrypt is false']

    Args:
        notes: The notes of the scenario.
        others: The notes of the scenarios that it must be told from.
    """
    conflicts = [{key for key, words in other.items() if notes.get(key, words) != words} for other in others]
    kept = dict(notes)
    for key in notes:
        if all(len(keys & kept.keys()) > (key in keys) for keys in conflicts):
            del kept[key]
    return list(kept.values())
