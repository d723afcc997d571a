"""`soc2 baseline`, and `soc2 check` with what it wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from soc2_constructs.cli import main
from support.dates import LATER

VERSIONING = "s3_bucket_versioning_enabled"
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("Old")


def write(*names: str, **more: Any) -> None:
    document = {"Resources": {name: {"Type": "AWS::S3::Bucket"} for name in names}, **more}
    Path("t.json").write_text(json.dumps(document))


def known() -> list[str]:
    return sorted({entry["at"] for entry in json.loads(Path("soc2-baseline.json").read_text())["findings"]})


def checked(capsys: Captured, *options: str) -> tuple[int, str]:
    code = main(["check", "t.json", "--control", VERSIONING, "--baseline", "soc2-baseline.json", *options])
    return code, capsys.readouterr().out


def test_what_is_known_does_not_fail_and_what_is_new_does(capsys: Captured) -> None:
    assert main(["check", "t.json"]) == 1
    assert main(["baseline", "t.json"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("soc2-baseline.json: ")
    assert main(["check", "t.json", "--fail-on", "low", "--baseline", "soc2-baseline.json"]) == 0
    write("Old", "New")
    capsys.readouterr()
    code, text = checked(capsys)
    assert code == 1
    failed, _, rest = text.partition(f"known, high  {VERSIONING}")
    assert failed.startswith(f"HIGH  {VERSIONING}")
    assert "    New  t.json" in failed
    assert "Old" not in failed
    assert "    Old  t.json" in rest
    assert "1 to fix: 2 findings (1 known); " in rest


def test_the_json_marks_it(capsys: Captured) -> None:
    main(["baseline", "t.json"])
    write("Old", "New")
    capsys.readouterr()
    report = json.loads(checked(capsys, "--format", "json")[1])
    found = {result["resource"]: result for result in report["results"] if result["control"] == VERSIONING}
    assert [(found[name]["status"], found[name]["known"]) for name in ("Old", "New")] == [
        ("FAIL", True),
        ("FAIL", False),
    ]
    assert (report["summary"]["known"], report["summary"]["failing"]) == (1, 1)


def test_it_shrinks_and_grows_on_demand_only(capsys: Captured) -> None:
    write("Old", "Fixed")
    assert main(["baseline", "t.json", "--control", VERSIONING]) == 0
    assert capsys.readouterr().out == "soc2-baseline.json: 2 known failures\n"
    write("Old", "New")
    code, text = checked(capsys)
    assert code == 1
    assert "soc2-baseline.json: 1 known failure fixed; `soc2 baseline` removes fixed ones from the file" in text
    assert main(["baseline", "t.json", "--control", VERSIONING]) == 0
    assert capsys.readouterr().out == (
        "soc2-baseline.json: 1 known failure; 1 fixed and removed, 1 new and not added (to add: --add)\n"
    )
    assert known() == ["t.json#Old"]
    assert main(["baseline", "t.json", "--control", VERSIONING, "--add"]) == 0
    assert capsys.readouterr().out == "soc2-baseline.json: 2 known failures; 0 fixed and removed, 1 new and added\n"
    assert known() == ["t.json#New", "t.json#Old"]
    assert checked(capsys)[0] == 0


def test_it_is_the_same_file_each_time() -> None:
    main(["baseline", "t.json"])
    first = Path("soc2-baseline.json").read_bytes()
    main(["baseline", "t.json"])
    assert Path("soc2-baseline.json").read_bytes() == first
    main(["baseline", "t.json", "--output", "other.json"])
    assert Path("other.json").read_bytes() == first


def test_waived_results_are_not_recorded(capsys: Captured) -> None:
    Path("w.toml").write_text(
        f'[[waiver]]\ncontrol = "{VERSIONING}"\nresource = "Old"\nreason = "r"\nowner = "o"\nexpires = {LATER}\n'
    )
    main(["baseline", "t.json", "--control", VERSIONING, "--waivers", "w.toml"])
    assert capsys.readouterr().out == "soc2-baseline.json: 0 known failures\n"


def test_thresholds_count(capsys: Captured) -> None:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 365}}
    Path("t.json").write_text(json.dumps({"Resources": {"G": group}}))
    retention = ["--control", "cloudwatch_log_group_retention_period_365", "--threshold", "log_retention_days=400"]
    main(["baseline", "t.json", *retention])
    assert capsys.readouterr().out == "soc2-baseline.json: 1 known failure\n"
    assert main(["check", "t.json", *retention]) == 1
    assert main(["check", "t.json", *retention, "--baseline", "soc2-baseline.json"]) == 0


@pytest.mark.parametrize(
    "command", [["check", "t.json", "--baseline", "b.json"], ["baseline", "t.json", "--output", "b.json"]]
)
def test_a_bad_file_exits_2_with_one_line_and_stays(command: list[str], capsys: Captured) -> None:
    Path("b.json").write_text('{"version": 9}')
    assert main(command) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("soc2: b.json: not a baseline of version 1. ")
    assert err.count("\n") == 1
    assert Path("b.json").read_text() == '{"version": 9}'


def test_a_file_that_is_not_there_exits_2(capsys: Captured) -> None:
    assert main(["check", "t.json", "--baseline", "gone.json"]) == 2
    assert capsys.readouterr().err.startswith("soc2: gone.json: the baseline does not exist. ")
