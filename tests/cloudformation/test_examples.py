"""The worked examples at the top of the engine's hardest modules run."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["fingerprints", "read_log", "references", "scenarios"])
def test_the_worked_example_runs(name: str) -> None:
    results = doctest.testmod(importlib.import_module(f"soc2_constructs.cloudformation.{name}"))
    assert results.attempted >= 3
    assert results.failed == 0
