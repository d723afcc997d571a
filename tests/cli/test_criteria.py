"""`soc2 criteria`: the list with its honest denominator, and one criterion with its records."""

from __future__ import annotations

import json

import pytest

from soc2_constructs.cli import main
from soc2_constructs.controls import catalogue
from soc2_constructs.criteria import CRITERIA


def serving(name: str) -> list[str]:
    return [control.id for control in catalogue().values() if name in control.criteria]


def test_the_list_has_a_line_for_each_and_ends_with_how_many_infrastructure_supports(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["criteria"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(CRITERIA)
    for line, criterion in zip(lines, CRITERIA.values(), strict=True):
        for text in (criterion.category, f" {criterion.evidence} ", criterion.title):
            assert text in line
        count = len(serving(criterion.id))
        assert line.endswith(f"[{count} {'control' if count == 1 else 'controls'}]")
    assert last == (
        "Infrastructure can support 23 of the 61 criteria: 5 substantially, 18 in part. "
        "The other 38 depend on people and records."
    )


def test_the_json_gives_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["criteria", "--format", "json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["id"] for entry in entries] == list(CRITERIA)
    for entry in entries:
        criterion = CRITERIA[entry["id"]]
        assert entry.pop("controls") == serving(criterion.id)
        assert entry == {name: getattr(criterion, name) for name in criterion.__slots__}


def test_one_criterion_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["criteria", "cc6.1"]) == 0
    out = capsys.readouterr().out
    criterion = CRITERIA["CC6.1"]
    assert out.startswith("CC6.1\n")
    listed = [line.split()[0] for line in out.splitlines() if line.startswith("  ")]
    listed = [name for name in listed if name in catalogue()]
    assert all(
        len(line) <= 100 for line in out.splitlines() if line.split()[:1] != [] and line.split()[0] not in listed
    )
    flat = " ".join(out.split())
    for text in (criterion.title, criterion.summary, criterion.shows, criterion.does_not_show, criterion.records):
        assert text in flat
    assert listed == serving("CC6.1") != []
    assert f"Controls that support it: {len(listed)}\n" in out


def test_a_criterion_that_no_template_shows_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["criteria", "CC9.2"]) == 0
    out = capsys.readouterr().out
    assert "none (no control supports it; it depends on people and records)" in out
    assert "Controls that support it: none\n" in out


def test_one_criterion_as_json_has_the_shape_of_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["criteria", "A1.2", "--format", "json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["id"] == "A1.2"
    assert entry["controls"] == serving("A1.2") != []


@pytest.mark.parametrize(
    ("name", "hint"),
    [("CC6.9", "Did you mean CC6."), ("cc6.9", "Did you mean CC6."), ("nope", "`soc2 criteria` lists them all")],
)
def test_an_unknown_id_exits_2_with_the_closest(name: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["criteria", name]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"no criterion {name!r}" in captured.err
    assert hint in captured.err
