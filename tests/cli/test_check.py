"""`soc2 check` as a user calls it: exit codes, and bad input that is never passed in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from soc2_constructs.cli import main

BUCKET = '{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}'


def test_findings_exit_1_and_stand_in_the_json(tmp_path: Path) -> None:
    template, report = tmp_path / "t.json", tmp_path / "report.json"
    template.write_text(BUCKET)
    assert main(["check", str(template), "--format", "json", "--output", str(report)]) == 1
    failed = [r["control"] for r in json.loads(report.read_text())["results"] if r["status"] == "FAIL"]
    assert "s3_bucket_versioning_enabled" in failed


def test_compliant_exits_0(tmp_path: Path) -> None:
    template = tmp_path / "t.yaml"
    template.write_text("Resources:\n  Topic: {Type: 'AWS::SNS::Topic'}\n")
    assert main(["check", str(template)]) == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"a: [",
        b"\x00\xff\xfe",
        b"[]",
        b"{}",
        b'{"Resources": []}',
        b'{"Resources": {"A": {}}}',
        b'{"Resources": {"A": {"Type": "X", "Properties": []}}}',
        b"[" * 10_000,
        b'{"a":' * 10_000,
        b"a: !Nope 1",
        b"a: &x [*x]",
        b"a: 1\na: 2",
    ],
)
def test_bad_input_exits_2_with_one_line(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = tmp_path / "t.yaml"
    template.write_bytes(content)
    assert main(["check", str(template)]) == 2
    assert str(template) in capsys.readouterr().err


def test_reference_cycles_end(tmp_path: Path) -> None:
    template = tmp_path / "t.yaml"
    template.write_text(
        "Conditions: {A: {Condition: B}, B: {Condition: A}}\n"
        "Resources: {X: {Type: 'AWS::S3::Bucket', Condition: A, Properties: {ObjectLockEnabled: !Ref Gone}}}\n"
    )
    assert main(["check", str(template), "--control", "s3_bucket_versioning_enabled"]) == 1
