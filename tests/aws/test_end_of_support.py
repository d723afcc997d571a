"""The end of support of runtimes and engine versions."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path

import cfnlint
import pytest

from soc2_constructs.aws.end_of_support import DATABASES, KUBERNETES, LAMBDA_RUNTIMES, REDIS, SEARCH, end_of_support

TABLES = [LAMBDA_RUNTIMES, KUBERNETES, REDIS, SEARCH, *DATABASES.values()]


@pytest.mark.parametrize("table", TABLES)
def test_dates_are_days(table: Mapping[str, str]) -> None:
    for version, end in table.items():
        assert datetime.date.fromisoformat(end).isoformat() == end, version


@pytest.mark.parametrize("table", [KUBERNETES, REDIS, *DATABASES.values()])
def test_newer_versions_are_supported_no_shorter(table: Mapping[str, str]) -> None:
    ordered = sorted(table, key=lambda version: [int(part) for part in version.split(".")])
    ends = [table[version] for version in ordered]
    assert ends == sorted(ends)


@pytest.mark.parametrize(
    ("version", "end"),
    [
        ("13", "2026-02-28"),
        ("13.20", "2026-02-28"),
        ("9.6.24", "2022-04-26"),
        ("9.5", None),
        ("130.1", None),
        ("", None),
    ],
)
def test_a_version_has_the_end_of_its_major_version(version: str, end: str | None) -> None:
    assert end_of_support(version, DATABASES["postgres"]) == end


def test_runtimes_have_the_dates_that_cfn_lint_knows() -> None:
    """An update of cfn-lint brings new runtimes and dates."""
    path = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "LmbdRuntimeLifecycle.json"
    known = {name: entry["deprecated"] for name, entry in json.loads(path.read_text()).items()}
    assert known == LAMBDA_RUNTIMES
