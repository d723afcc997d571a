"""Worlds: every combination of the choices met, and no other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs.cloudformation.worlds import MAX_WORLDS, worlds


def test_no_choice_is_one_world() -> None:
    assert len(list(worlds())) == 1


@given(st.lists(st.integers(1, 3), max_size=4))
def test_every_combination_comes_once(sizes: list[int]) -> None:
    seen = [tuple(world.choose(key, list(range(size))) for key, size in enumerate(sizes)) for world in worlds()]
    expected = 1
    for size in sizes:
        expected *= size
    assert len(seen) == len(set(seen)) == expected


def test_a_choice_stays_made_in_its_world() -> None:
    for world in worlds():
        assert world.choose("a", [1, 2, 3]) == world.choose("a", [1, 2, 3])


def test_a_choice_met_in_some_worlds_only_splits_those() -> None:
    seen = [world.choose("b", ["x", "y"]) if world.choose("a", [True, False]) else "z" for world in worlds()]
    assert sorted(seen) == ["x", "y", "z"]


def test_worlds_end_one_beyond_the_limit() -> None:
    count = 0
    for world in worlds():
        count += 1
        for key in range(20):
            world.choose(key, [True, False])
    assert count == MAX_WORLDS + 1


def test_what_is_met_and_noted() -> None:
    world = next(worlds())
    world.choose("a", [1])
    assert world.met == 0
    world.choose("b", [1, 2])
    world.choose("b", [1, 2])
    assert world.met == 2
    for words in ("one", "two", "one"):
        world.note(words)
    assert world.description == "one and two"
