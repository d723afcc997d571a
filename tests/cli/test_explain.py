"""`soc2 explain`: one control with all that its page says, for a terminal of 100 columns."""

from __future__ import annotations

import pytest

from soc2_constructs.cli import main
from soc2_constructs.controls import KINDS, Control, catalogue, format_threshold
from soc2_constructs.criteria import CRITERIA

CONTROLS = [pytest.param(entry, id=entry.id) for entry in catalogue().values()]


def explained(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["explain", name]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("entry", CONTROLS)
def test_every_fact_is_there(entry: Control, capsys: pytest.CaptureFixture[str]) -> None:
    out = explained(entry.id, capsys)
    flat = " ".join(out.split())
    assert out.startswith(f"{entry.id}\n")
    parts = [
        entry.title,
        f"Severity {entry.severity}" + (f": {entry.severity_reason}" if entry.severity_reason else ""),
        f"Kind {KINDS[entry.kind].title} ({entry.kind})",
        f"State {entry.state}",
        f"since {entry.since}",
        entry.service,
        *entry.implies,
        *entry.resource_types,
        *entry.aliases,
        *entry.config_rules,
        *entry.prowler,
    ]
    parts += [f"{name} {CRITERIA[name].title} {entry.rationale(name)}" for name in entry.criteria]
    parts += [f"{source} {', '.join(names)}" for source, names in entry.also_mapped.items()]
    parts += [f"{name} = {value}" for name, value in entry.config_parameters.items()]
    parts += [f"{name} = {format_threshold(value)}" for name, value in entry.thresholds.items()]
    parts += [part.rstrip(".") for part in entry.fix_terms]
    parts += [" ".join(entry.documentation.split())]
    for part in parts:
        assert " ".join(part.split()) in flat
    assert (f'soc2.waive(<scope>, "{entry.id}"' in flat) == bool(entry.resource_types)
    assert (f"SOC2::{entry.id}" in flat) == bool(entry.resource_types)
    assert ("No waiver is needed" in flat) == (not entry.resource_types)


@pytest.mark.parametrize("entry", CONTROLS)
def test_lines_fit_unless_a_word_does_not(entry: Control, capsys: pytest.CaptureFixture[str]) -> None:
    for line in explained(entry.id, capsys).splitlines():
        assert len(line) <= 100 or len(line.split()) <= 2, line
        assert line == line.rstrip()


def test_the_whole_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert explained("rds_db_instance_backup_enabled", capsys).splitlines()[:5] == [
        "rds_db_instance_backup_enabled",
        "  Database instances have automated backups.",
        "",
        "  Severity      high",
        "  Kind          Backups and recovery points (backups)",
    ]
    headings = [line for line in explained("kms_cmk_rotation_enabled", capsys).splitlines() if line[:1].strip()]
    assert headings == [
        "kms_cmk_rotation_enabled",
        "Why it matters, and what enabling it changes",
        "Criteria",
        "Also mapped by others",
        "How to comply",
        "In the live account",
        "To accept the risk",
    ]


def test_code_in_a_docstring_keeps_its_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "First\nparagraph.\n\n    one = 1\n    two = 2\n\nLast."
    monkeypatch.setattr(Control, "documentation", property(lambda _: text))
    assert "\n  First paragraph.\n\n      one = 1\n      two = 2\n\n  Last.\n" in explained(
        "kms_cmk_rotation_enabled", capsys
    )


def test_an_alias_explains_its_control(capsys: pytest.CaptureFixture[str]) -> None:
    entry = next(entry for entry in catalogue().values() if entry.aliases)
    assert explained(entry.aliases[0], capsys) == explained(entry.id, capsys)


def test_an_unknown_control_exits_2_with_the_closest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "s3_bucket_versioning"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "s3_bucket_versioning_enabled" in captured.err


def test_the_name_of_a_service_leads_to_its_controls(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "s3"]) == 2
    assert "`soc2 controls s3`" in capsys.readouterr().err
