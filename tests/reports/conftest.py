"""Fixtures for the reports."""

from __future__ import annotations

import pytest

from soc2_constructs.controls import catalogue
from support.audits import ENCRYPTION, PUBLIC, SNAPSHOT


@pytest.fixture
def unrelated(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return a patcher, after removing the implications among the controls of `of_one_weakness`."""
    for name in (ENCRYPTION, SNAPSHOT, PUBLIC):
        monkeypatch.setattr(catalogue()[name], "implies", ())
    return monkeypatch
