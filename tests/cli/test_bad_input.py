"""`soc2 check` on bad input: exit 2 with one clear line, or UNRESOLVED; never a traceback, a hang, or a silent pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from soc2_constructs.cli import main

Captured = pytest.CaptureFixture[str]
BUCKET: dict[str, Any] = {"Type": "AWS::S3::Bucket"}


@pytest.fixture(autouse=True)
def _bounded() -> Any:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < 30


def refusal(path: Path | str, capsys: Captured) -> str:
    """The one line that the command says of input that it refuses."""
    assert main(["check", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("soc2: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert len(err) < 600
    return err


def refused(content: bytes | str, tmp_path: Path, capsys: Captured, name: str = "t.yaml") -> str:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    line = refusal(path, capsys)
    assert str(path) in line
    return line


def checked(document: Any, tmp_path: Path, capsys: Captured, control: str) -> tuple[int, dict[str, str]]:
    """Exit code under --strict, and the status of a control by resource."""
    path = tmp_path / "t.json"
    path.write_text(json.dumps(document))
    return statuses(path, capsys, control)


def statuses(path: Path, capsys: Captured, control: str) -> tuple[int, dict[str, str]]:
    code = main(["check", str(path), "--strict", "--fail-on", "low", "--format", "json", "--control", control])
    out, err = capsys.readouterr()
    assert err == ""
    assert "please report it" not in out
    results = json.loads(out)["results"]
    return code, {f"{result['control']} {result['resource']}": result["status"] for result in results}


VERSIONING = "s3_bucket_versioning_enabled"
VISIBLE = "soc2_template_visible"


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        ("{", ":1:2:", "not valid JSON"),
        ('{\n  "Resources": {,}\n}', ":2:17:", "not valid JSON"),
        ("a: [", ":2:1:", "not valid YAML"),
        ("Resources:\n  A: {Type: X\n", ":3:1:", "not valid YAML"),
        ("Resources: {}\nResources: {}\n", ":2:1:", "a second time"),
        ("Resources:\n  A: !Nope x\n", ":2:6:", "!Nope is no intrinsic function"),
        ("Resources: {}\n---\nResources: {}\n", ":2:1:", "another document"),
        ("Resources:\n  [a]: {Type: X}\n", ":2:3:", "a key is not a text"),
        ("a: &x [*x]", ":1:4:", "aliases"),
    ],
)
def test_syntax_errors_have_a_place(content: str, place: str, words: str, tmp_path: Path, capsys: Captured) -> None:
    line = refused(content, tmp_path, capsys)
    assert place in line
    assert words in line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x00\xff\xfe", "binary"),
        (b"\x89PNG\r\n\x1a\n\x00", "binary"),
        ("Resources: {\u00e4: 1}".encode("latin-1"), "binary or not in UTF-8"),
        ('{"Resources": {}}'.encode("utf-16-le"), "binary"),
        (b"[]", "holds a list"),
        (b"- a\n- b\n", "holds a list"),
        (b"just words", "single value"),
        (b"{}", "no Resources"),
        (b'{"Resources": []}', "Resources is not an object"),
        (b'{"Resources": null}', "Resources is not an object"),
        (b'{"Resources": {"A": []}}', "Resources.A is not an object"),
        (b'{"Resources": {"A": {}}}', "Resources.A has no Type"),
        (b'{"Resources": {"A": {"Type": ["X"]}}}', "Resources.A has no Type"),
        (b'{"Resources": {"A": {"Type": "X", "Properties": []}}}', "Resources.A.Properties is not an object"),
        (b'{"Resources": {"A\\n\\u001b[31m": []}}', "that cannot be printed"),
        (b'{"Resources": {}, "Parameters": []}', "Parameters is not an object"),
        (b'{"Resources": {"A": NaN}}', "NaN is not a number"),
        (b'{"Resources": {"A": -Infinity}}', "-Infinity is not a number"),
        (b'{"Resources": {"A": 1e999}}', "1e999 is not a number"),
        (b'{"Resources": {"A": ' + b"7" * 10_000 + b"}}", "is not a number"),
        (b'{"Resources": {"\\ud800": 1}}', "surrogate"),
        (b'Resources: {A: "\\ud800"}', "not valid YAML"),
        (b"[" * 10_000, "deeper than"),
        (b'{"a":' * 10_000, "deeper than"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "deeper than"),
        (b"a: " + b"[" * 10_000, "deeper than"),
        (b"a: " + b"{a: " * 10_000 + b"1" + b"}" * 10_000, "deeper than"),
        (b"- " * 10_000, "deeper than"),
        ("".join(" " * depth + "a:\n" for depth in range(1000)).encode(), "deeper than"),
    ],
)
def test_what_is_no_template(content: bytes, words: str, tmp_path: Path, capsys: Captured) -> None:
    assert words in refused(content, tmp_path, capsys)


def test_alias_bombs(tmp_path: Path, capsys: Captured) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "aliases" in refused("\n".join(lines), tmp_path, capsys)


def test_fifty_megabytes(tmp_path: Path, capsys: Captured) -> None:
    resource = json.dumps({"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "x" * 5000}})
    body = ",".join(f'"B{number}": {resource}' for number in range(10_000))
    assert "larger than 16 MiB" in refused('{"Resources": {' + body + "}}", tmp_path, capsys)
    assert "larger than" in refused("Resources:\n" + "  A: {Type: X}\n" * 3_500_000, tmp_path, capsys)
    assert "larger than 2 MiB" in refused("Resources:\n" + "  A: {Type: X}\n" * 200_000, tmp_path, capsys)


def test_eight_megabytes_are_judged(tmp_path: Path, capsys: Captured) -> None:
    document = {"Resources": {f"B{n}": {**BUCKET, "Properties": {"BucketName": "x" * 800}} for n in range(10_000)}}
    code, found = checked(document, tmp_path, capsys, VERSIONING)
    assert code == 1
    assert len(found) == 10_000


@pytest.mark.parametrize("name", ["gone.json", "gone/*.json", "gone", "no\0name"])
def test_paths_that_lead_nowhere(name: str, tmp_path: Path, capsys: Captured) -> None:
    line = refusal(tmp_path / name, capsys)
    assert "does not exist" in line or "no file matches" in line


def test_a_folder_without_templates(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "package.json").write_text('{"name": "x"}')
    assert "no CloudFormation template was found" in refusal(tmp_path, capsys)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser reads every file")
def test_a_file_without_permission(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "t.json"
    path.write_text("{}")
    path.chmod(0)
    assert "cannot be read" in refusal(path, capsys)


def test_a_file_that_cannot_be_opened(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.json"
    path.write_text("{}")

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", deny)
    assert "cannot be read (Permission denied)" in refusal(path, capsys)


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ("x", "is not an object"),
        ({"templateFile": "../t.json"}, "is outside the assembly"),
        ({"templateFile": "gone.json"}, "does not exist"),
        ({"templateFile": 5}, "names no file"),
    ],
)
def test_broken_manifests(properties: Any, words: str, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "t.json").write_text('{"Resources": {}}')
    folder = tmp_path / "cdk.out"
    folder.mkdir()
    manifest = {"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": properties}}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert words in refusal(folder, capsys)


# -- what is odd and yet a template: judged, and what is not known is said


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_are_read(encoding: str, tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "t.json"
    path.write_bytes(json.dumps({"Resources": {"B": BUCKET}}).encode(encoding))
    assert statuses(path, capsys, VERSIONING) == (1, {f"{VERSIONING} B": "FAIL"})


@pytest.mark.parametrize(
    "status",
    [
        {"Ref": "Gone"},
        {"Fn::GetAtt": ["Gone", "Arn"]},
        {"Fn::GetAtt": ["N", "Outputs.Gone"]},
        {"Fn::ImportValue": "gone"},
        {"Fn::ImportValue": "circle"},
        {"Fn::FindInMap": ["Gone", "a", "b"]},
        {"Fn::FindInMap": ["Odd", "a", "b"]},
        {"Fn::If": ["Gone", "Enabled", "Suspended"]},
        {"Fn::If": ["Circle", "Enabled", "Enabled", "more"]},
        {"Fn::Select": [9, ["a"]]},
        {"Fn::Sub": "${Gone}"},
        {"Fn::Nope": 1},
        {"Fn::Join": "x"},
        {"Ref": "Odd"},
        {"Ref": {"Ref": "Odd"}},
        {"Fn::Transform": {"Name": "X"}},
    ],
)
def test_what_is_not_known_is_no_pass(status: Any, tmp_path: Path, capsys: Captured) -> None:
    document = {
        "Parameters": {"Odd": ["x"], "Other": 5},
        "Conditions": {"Circle": {"Condition": "Circle"}, "Odd": 5},
        "Mappings": {"Odd": 5, "Other": {"a": [1]}},
        "Outputs": {"Odd": 5, "C": {"Value": {"Fn::ImportValue": "circle"}, "Export": {"Name": "circle"}}},
        "Resources": {"B": {**BUCKET, "Properties": {"VersioningConfiguration": {"Status": status}}}},
    }
    code, found = checked(document, tmp_path, capsys, VERSIONING)
    assert code == 1
    assert found[f"{VERSIONING} B"] in ("UNRESOLVED", "FAIL")
    assert found[f"{VERSIONING} B"] == "UNRESOLVED" or "Fn::If" in status


@pytest.mark.parametrize("value", [5, [], "x", {"Enabled": True}, {"Ref": "AWS::NoValue"}, None, [[[]]]])
def test_properties_of_the_wrong_type_are_no_pass(value: Any, tmp_path: Path, capsys: Captured) -> None:
    for properties in ({"VersioningConfiguration": value}, {"VersioningConfiguration": {"Status": value}}):
        code, found = checked({"Resources": {"B": {**BUCKET, "Properties": properties}}}, tmp_path, capsys, VERSIONING)
        assert code == 1
        assert found[f"{VERSIONING} B"] in ("FAIL", "UNRESOLVED")


def test_conditions_in_a_circle(tmp_path: Path, capsys: Captured) -> None:
    document = {
        "Conditions": {"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}},
        "Resources": {"B": {**BUCKET, "Condition": "A"}},
    }
    assert checked(document, tmp_path, capsys, VERSIONING)[1] == {f"{VERSIONING} B": "FAIL"}


def test_nested_stacks_in_circles(tmp_path: Path, capsys: Captured) -> None:
    """A parameter that is the output of the nested stack that it is given to."""
    stack = {
        "Type": "AWS::CloudFormation::Stack",
        "Metadata": {"aws:asset:path": "child.json"},
        "Properties": {"Parameters": {"P": {"Fn::GetAtt": ["N", "Outputs.O"]}}},
    }
    status = {"Fn::GetAtt": ["N", "Outputs.O"]}
    bucket = {**BUCKET, "Properties": {"VersioningConfiguration": {"Status": status}}}
    child = {
        "Parameters": {"P": {"Type": "String"}},
        "Outputs": {"O": {"Value": {"Ref": "P"}}},
        "Resources": {"C": {**BUCKET, "Properties": {"VersioningConfiguration": {"Status": {"Ref": "P"}}}}},
    }
    (tmp_path / "child.json").write_text(json.dumps(child))
    code, found = checked({"Resources": {"N": stack, "B": bucket}}, tmp_path, capsys, VERSIONING)
    assert code == 1
    assert found == {f"{VISIBLE} N": "PASS", f"{VERSIONING} B": "UNRESOLVED", f"{VERSIONING} C": "UNRESOLVED"}


def test_a_nested_template_that_is_missing_or_contains_itself(tmp_path: Path, capsys: Captured) -> None:
    for file in ("gone.json", "t.json", "../outside.json"):
        stack = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": file}}
        code, found = checked({"Resources": {"N": stack}}, tmp_path, capsys, VERSIONING)
        assert code == 1
        assert found == {f"{VISIBLE} N": "UNRESOLVED"}


def test_what_a_transform_adds_is_not_passed_in_silence(tmp_path: Path, capsys: Captured) -> None:
    for document in (
        {"Transform": "AWS::Serverless-2016-10-31", "Resources": {}},
        {"Resources": {"Fn::ForEach::Buckets": []}},
        {"Resources": {"A": {"Fn::Transform": {"Name": "AWS::Include"}}}},
    ):
        assert checked(document, tmp_path, capsys, VERSIONING) == (1, {f"{VISIBLE} None": "UNRESOLVED"})


def test_keys_of_yaml_that_are_no_texts(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("1: x\ntrue: y\nResources:\n  2: {Type: 'AWS::S3::Bucket'}\n  yes: {Type: 'AWS::S3::Bucket'}\n")
    code, found = statuses(path, capsys, VERSIONING)
    assert code == 1
    assert found == {f"{VERSIONING} 2": "FAIL", f"{VERSIONING} yes": "FAIL"}


def test_a_name_that_the_terminal_cannot_write(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path / "t") + b"\xff.json"
    try:
        with open(path, "wb") as file:
            file.write(json.dumps({"Resources": {"B": BUCKET}}).encode())
    except OSError:
        pytest.skip("the file system takes no such names")
    command = [sys.executable, "-m", "soc2_constructs.cli", "check", path]
    for more in ([], ["--format", "json"], ["--format", "sarif"]):
        ran = subprocess.run([*command, *more], capture_output=True, check=False)
        assert (ran.returncode, ran.stderr) == (1, b"")
        assert VERSIONING.encode() in ran.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the platform has no named pipes")
@pytest.mark.parametrize("name", ["pipe.json", "manifest.json"])
def test_a_named_pipe_in_a_folder_is_skipped(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    (tmp_path / "t.json").write_text('{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}')
    command = [sys.executable, "-m", "soc2_constructs.cli", "check", str(tmp_path), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    skipped = [{"path": str(tmp_path / name), "reason": "it is not a regular file"}]
    assert json.loads(done.stdout)["skipped"] == skipped
