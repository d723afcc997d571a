"""`soc2 plan` as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from soc2_constructs.cli import main

Captured = pytest.CaptureFixture[str]


def template(path: Path, **resources: Any) -> str:
    path.write_text(json.dumps({"Resources": resources}))
    return str(path)


def fs(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::EFS::FileSystem", "Properties": properties}


def test_a_replaced_store_exits_1_and_comes_first(tmp_path: Path, capsys: Captured) -> None:
    old = template(tmp_path / "old.json", Fs=fs(), A={"Type": "AWS::SNS::Topic"})
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": "alias/aws/sns"}}
    new = template(tmp_path / "new.json", Fs=fs(Encrypted=True), A=topic)
    assert main(["plan", new, "--against", old]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[0] == "REPLACEMENT  Fs  AWS::EFS::FileSystem in new"
    assert lines[1] == "  It holds data: the old resource is deleted with its data."
    assert lines[2] == ("    Encrypted: not set -> true  [replacement; fixes efs_file_system_encrypt_data_at_rest]")
    assert lines[3] == "no interruption  A  AWS::SNS::Topic in new"
    assert lines[-1] == (
        "1 resource with data replaced or removed: 1 replacement, 1 no interruption; 2 failures fixed, 0 new"
    )
    assert "\x1b" not in out


def test_harmless_changes_exit_0(tmp_path: Path, capsys: Captured) -> None:
    old = template(tmp_path / "old.json", Fs=fs(Encrypted=True))
    new = template(tmp_path / "new.json", Fs=fs(Encrypted=True, BackupPolicy={"Status": "ENABLED"}))
    assert main(["plan", new, "--against", old]) == 0
    assert "no resource with data is replaced or removed: 1 no interruption" in capsys.readouterr().out
    assert main(["plan", new, "--against", new]) == 0
    assert capsys.readouterr().out == (
        "no resource with data is replaced or removed: no changes; 0 failures fixed, 0 new\n"
    )


def test_the_json_has_a_stable_shape(tmp_path: Path, capsys: Captured) -> None:
    old = template(tmp_path / "old.json", Fs=fs())
    new = template(tmp_path / "new.json", Fs=fs(Encrypted=True))
    report = tmp_path / "plan.json"
    assert main(["plan", new, "--against", old, "--format", "json", "--output", str(report)]) == 1
    assert capsys.readouterr().out == ""
    document = json.loads(report.read_text())
    assert list(document) == ["schema_version", "tool", "summary", "resources", "controls", "notes"]
    assert document["summary"] == {
        **dict.fromkeys(
            (
                "conditional replacement",
                "not supported",
                "some interruptions",
                "unknown",
                "no interruption",
                "remove",
                "rename",
                "add",
            ),
            0,
        ),
        "replacement": 1,
        "losses": 1,
        "fixed": 1,
        "broken": 0,
        "access": 0,
        "costs": 0,
    }
    assert document["resources"] == [
        {
            "action": "change",
            "effect": "replacement",
            "stack": "new",
            "resource": "Fs",
            "deployed_resource": "Fs",
            "resource_type": "AWS::EFS::FileSystem",
            "construct_path": None,
            "stateful": True,
            "loses": True,
            "old_resource": "deleted",
            "changes": [
                {
                    "property_path": "Encrypted",
                    "before": None,
                    "after": "true",
                    "effect": "replacement",
                    "reason": None,
                    "controls": ["efs_file_system_encrypt_data_at_rest"],
                }
            ],
            "controls": [],
            "broken": [],
            "access": [],
            "costs": [],
        }
    ]
    control = {"control": "efs_file_system_encrypt_data_at_rest", "stack": "new", "resource": "Fs"}
    assert document["controls"] == {"fixed": [control], "broken": []}
    first = report.read_bytes()
    main(["plan", new, "--against", old, "--format", "json", "--output", str(report)])
    assert report.read_bytes() == first


@pytest.mark.parametrize(
    ("content", "words"), [(None, "does not exist"), ("{", "not valid JSON"), ("[]", "holds a list")]
)
def test_wrong_input_exits_2_in_one_line(content: str | None, words: str, tmp_path: Path, capsys: Captured) -> None:
    good, bad = template(tmp_path / "good.json", Fs=fs()), tmp_path / "bad.json"
    if content is not None:
        bad.write_text(content)
    for arguments in (["plan", good, "--against", str(bad)], ["plan", str(bad), "--against", good]):
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert words in err


def test_it_needs_no_heavy_module(tmp_path: Path) -> None:
    old, new = template(tmp_path / "old.json", Fs=fs()), template(tmp_path / "new.json", Fs=fs(Encrypted=True))
    program = (
        "import sys; from soc2_constructs.cli import main; "
        f"code = main(['plan', {new!r}, '--against', {old!r}]); "
        "print(sorted({'aws_cdk', 'jsii', 'cfnlint', 'yaml', 'typing', 'dataclasses'} & set(sys.modules))); "
        "sys.exit(code)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.endswith("\n[]\n")
