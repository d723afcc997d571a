"""Worlds: every combination of the choices met, and no other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs.cloudformation.scenarios import MAX_SCENARIOS, deciding_notes, scenarios


def test_no_choice_is_one_scenario() -> None:
    assert len(list(scenarios())) == 1


@given(st.lists(st.integers(1, 3), max_size=4))
def test_every_combination_comes_once(sizes: list[int]) -> None:
    seen = [
        tuple(scenario.choose(key, list(range(size))) for key, size in enumerate(sizes)) for scenario in scenarios()
    ]
    expected = 1
    for size in sizes:
        expected *= size
    assert len(seen) == len(set(seen)) == expected


def test_a_choice_stays_made_in_its_scenario() -> None:
    for scenario in scenarios():
        assert scenario.choose("a", [1, 2, 3]) == scenario.choose("a", [1, 2, 3])


def test_a_choice_met_in_some_scenarios_only_splits_those() -> None:
    seen = [
        scenario.choose("b", ["x", "y"]) if scenario.choose("a", [True, False]) else "z" for scenario in scenarios()
    ]
    assert sorted(seen) == ["x", "y", "z"]


def test_scenarios_end_one_beyond_the_limit() -> None:
    count = 0
    for scenario in scenarios():
        count += 1
        for key in range(20):
            scenario.choose(key, [True, False])
    assert count == MAX_SCENARIOS + 1


def test_what_is_met_and_noted() -> None:
    scenario = next(scenarios())
    scenario.choose("a", [1])
    assert scenario.met == 0
    scenario.choose("b", [1, 2])
    scenario.choose("b", [1, 2])
    assert scenario.met == 2
    for words in ("one", "two", "one"):
        scenario.note(words, words)
    assert " and ".join(scenario.notes.values()) == "one and two"


@pytest.mark.parametrize(
    ("notes", "others", "expected"),
    [
        ({1: "a", 2: "b"}, [], []),
        ({1: "a", 2: "b"}, [{1: "x", 2: "b"}], ["a"]),
        # Where the parameter and the condition made of it both decide, the condition is named.
        ({1: "P is x", 2: "C is true"}, [{1: "P is y", 2: "C is false"}], ["C is true"]),
        ({1: "a", 2: "b"}, [{1: "x", 2: "b"}, {1: "a", 2: "y"}], ["a", "b"]),
        # A scenario that never met the second choice differs by the first one.
        ({1: "a", 2: "b"}, [{1: "x"}], ["a"]),
        ({n: f"{n} holds" for n in range(18)}, [{7: "7 fails"}], ["7 holds"]),
    ],
)
def test_only_the_notes_that_decide_are_named(notes: Any, others: Any, expected: list[str]) -> None:
    assert deciding_notes(notes, others) == expected
