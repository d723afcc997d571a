"""`soc2 waivers`, and `soc2 check` with a file of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from soc2_constructs.cli import main
from support.dates import LATER

VERSIONING = "s3_bucket_versioning_enabled"
FILE = f"""
[[waiver]]
control = "s3_bucket_versioning_enabled"
resource = "Scratch"
reason = "Rebuilt every night"
owner = "data team"
ticket = "SEC-42"
since = 2026-01-01
expires = {LATER}

[[waiver]]
control = "s3_bucket_versioning_enabled"
resource = "Gone"
reason = "r"
owner = "o"
expires = {LATER}

[[waiver]]
control = "s3_bucket_enforces_ssl"
resource = "Scratch"
reason = "r"
owner = "o"
expires = 2020-12-31

[[waiver]]
control = "s3_bucket_enforce_ssl"
resource = "Scratch"
reason = "r"
owner = "o"
expires = {LATER}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "t.json").write_text('{"Resources": {"Scratch": {"Type": "AWS::S3::Bucket"}}}')
    (tmp_path / "soc2-waivers.toml").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["waivers", "t.json", "--format", "json"]) == 1
    entries = json.loads(capsys.readouterr().out)
    assert [(entry["control"], entry["resource"], entry["state"], entry["waives"]) for entry in entries] == [
        ("s3_bucket_enforces_ssl", "Scratch", "expired", 0),
        ("s3_bucket_enforce_ssl", "Scratch", "unknown control", 0),
        (VERSIONING, "Gone", "unused", 0),
        (VERSIONING, "Scratch", "in force", 1),
    ]
    assert entries[0]["days_left"] < 0 < entries[3]["days_left"]
    assert entries[3]["age_days"] >= 327
    assert entries[2]["age_days"] is None


def test_the_list_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["waivers", "t.json"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "expired: s3_bucket_enforces_ssl on Scratch  (soc2-waivers.toml, waiver 3)"
    assert "in force: s3_bucket_versioning_enabled on Scratch  (soc2-waivers.toml, waiver 1)" in lines
    (terms,) = (line for line in lines if line.startswith("  data team"))
    assert terms.startswith(f"  data team, SEC-42; until {LATER}, ")
    assert terms.endswith("days old; waives 1 result")
    assert lines[-1] == "4 waivers: 1 expired, 1 unknown control, 1 unused, 1 in force"


def test_waivers_in_order_exit_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "good.toml").write_text(FILE[: FILE.index("[[waiver]]", 5)])
    assert main(["waivers", "t.json", "--waivers", "good.toml"]) == 0
    assert capsys.readouterr().out.endswith("1 waiver: 1 in force\n")


def test_check_takes_them_and_reports_what_is_wrong_with_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "t.json", "--format", "json"]) == 1
    results = json.loads(capsys.readouterr().out)["results"]
    found = {(result["control"], result["status"]) for result in results}
    assert (VERSIONING, "WAIVED") in found
    assert ("s3_bucket_enforces_ssl", "FAIL") in found
    failed = {r["control"]: r["message"] for r in results if r["status"] == "FAIL" and r["resource"] is None}
    assert "expired on 2020-12-31" in failed["soc2_waiver_in_force"]
    assert "Did you mean s3_bucket_enforces_ssl" in failed["soc2_waiver_known"]
    assert failed["soc2_waiver_used"] == f"no resource on Gone fails {VERSIONING}"


def test_a_file_that_is_wrong_exits_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "soc2-waivers.toml").write_text("[[waiver]]\ncontrol = 5\n")
    assert main(["check", "t.json"]) == 2
    assert "soc2-waivers.toml: waiver 1 has no text in control" in capsys.readouterr().err


def test_an_invalid_waiver_is_listed_with_its_problem(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "soc2-waivers.toml").write_text(FILE[: FILE.index("[[waiver]]", 5)])
    assert main(["waivers", "t.json", "--max-waiver-days", "10"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"invalid: {VERSIONING} on Scratch  (soc2-waivers.toml, waiver 1)"
    assert "more than 10 days from today" in lines[1]
    assert lines[-1] == "1 waiver: 1 invalid"


def test_the_policy_of_an_organization(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", "t.json", "--control", VERSIONING, "--format", "json"]
    for extra, waived in (([], 1), (["--do-not-waive", VERSIONING], 0), (["--max-waiver-days", "299"], 0)):
        main([*arguments, *extra])
        assert json.loads(capsys.readouterr().out)["summary"]["WAIVED"] == waived
    assert main([*arguments, "--do-not-waive", "s3_bucket_versioned"]) == 2
    assert main([*arguments, "--max-waiver-days", "0"]) == 2


def test_metadata_without_a_date_is_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note = {"type": "soc2:waiver", "data": {"control": VERSIONING, "reason": "r", "owner": "o", "since": "x"}}
    stack = {
        "type": "aws:cloudformation:stack",
        "properties": {"templateFile": "t.json"},
        "displayName": "Shop",
        "metadata": {"/Shop/Scratch": [note]},
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"Shop": stack}}))
    (folder / "soc2-waivers.toml").unlink()
    assert main(["waivers", "."]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"invalid: {VERSIONING} on Shop/Scratch  (metadata that soc2_constructs.waive did not write)",
        f"  the waiver of {VERSIONING} has no expires (metadata that soc2_constructs.waive did not write)",
        "  r",
        "  o; until , no valid date; waives 0 results",
        "",
        "1 waiver: 1 invalid",
    ]
    assert main(["waivers", ".", "--trust-assembly-waivers", "no"]) == 0
    assert capsys.readouterr().out == "0 waivers\n"
