"""`soc2 check` as a user calls it; what it says of bad input stands in test_bad_input.py."""

from __future__ import annotations

import json
from pathlib import Path

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
    template.write_text("Resources:\n  Topic: {Type: 'AWS::SNS::Topic', Properties: {KmsMasterKeyId: alias/aws/sns}}\n")
    assert main(["check", str(template)]) == 0
