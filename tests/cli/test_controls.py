"""`soc2 controls` and `soc2 --version`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import soc2_constructs
from soc2_constructs.cli import main
from soc2_constructs.controls import catalogue

VERSIONING = "s3_bucket_versioning_enabled"


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["controls", *arguments, "--format", "json"]) == 0
    return [entry["id"] for entry in json.loads(capsys.readouterr().out)]


def test_without_a_text_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys) == list(catalogue())


def test_a_text_is_how_a_word_begins(capsys: pytest.CaptureFixture[str]) -> None:
    found = listed(capsys, "RDS")
    assert "rds_db_instance_logging_enabled" in found
    # Neither what records nor what asks for passwords.
    assert "cloudtrail_multi_region_trail_enabled" not in found
    assert "iam_account_password_policy_strong_min_reuse_24" not in found


@pytest.mark.parametrize("text", ["logg", "bucket_versioning", "versioning_enabled", "aws::s3::bucket", "cc6.1", "kms"])
def test_what_a_text_finds(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = listed(capsys, text)
    assert 0 < len(found) < len(catalogue())
    for name in found:
        control = catalogue()[name]
        parts = (name, *control.aliases, control.title, control.service, *control.criteria, *control.resource_types)
        assert text in " ".join(parts).lower()


def test_a_category_narrows_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 < len(listed(capsys, "--category", "Availability")) < len(catalogue())
    assert listed(capsys, "--category", "availability") == listed(capsys, "--category", "Availability")


def test_changed_since_lists_later_controls(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert listed(capsys, "--changed-since", "0.1.0") == []
    assert listed(capsys, "--changed-since", "0.0.9") == list(catalogue())
    monkeypatch.setattr(catalogue()[VERSIONING], "since", "0.10.0")
    monkeypatch.setattr(catalogue()[VERSIONING], "state", "preview")
    assert listed(capsys, "--changed-since", "0.9") == [VERSIONING]
    assert listed(capsys, "--changed-since", "0.10") == []
    assert main(["controls", "--changed-since", "0.9"]) == 0
    assert "[preview, since 0.10.0, " in capsys.readouterr().out


def test_a_version_that_is_none_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["controls", "--changed-since", "latest"]) == 2
    assert capsys.readouterr().err == "soc2: --changed-since is 'latest'; write a version such as 0.1.0\n"


def test_live_lists_the_controls_that_a_check_counts_as_not_covered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["controls", "--live"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    controls = [control for control in catalogue().values() if control.live_only]
    assert [line.split()[0] for line in lines] == [control.id for control in controls]
    for line, control in zip(lines, controls, strict=True):
        assert line.endswith(f"[{', '.join(control.config_rules) or 'no managed rule exists'}]")
    assert last == f"{len(controls)} controls"
    (tmp_path / "t.json").write_text('{"Resources": {}}')
    main(["check", str(tmp_path / "t.json")])
    assert f"not covered: {len(controls)} controls need AWS Config in the live account" in capsys.readouterr().out


def test_types_lists_the_controls_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["controls", "--types", "--format", "json"]) == 0
    types = json.loads(capsys.readouterr().out)
    assert list(types) == sorted({type for control in catalogue().values() for type in control.resource_types})
    assert all(type in catalogue()[name].resource_types for type, names in types.items() for name in names)
    assert main(["controls", "--types"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert last == f"{len(types)} resource types"
    (bucket,) = (line for line in lines if line.startswith("AWS::S3::Bucket "))
    assert bucket.split(maxsplit=1)[1] == f"{len(types['AWS::S3::Bucket'])} controls"


def test_the_json_holds_the_facts_of_the_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    main(["controls", VERSIONING, "--format", "json"])
    (entry,) = json.loads(capsys.readouterr().out)
    control = catalogue()[VERSIONING]
    assert entry["rationale"] == {name: control.rationale(name) for name in control.criteria}
    assert (entry["kind"], entry["state"], entry["since"]) == (control.kind, control.state, control.since)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"soc2-constructs {soc2_constructs.__version__}\n"
