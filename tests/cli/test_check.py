"""`soc2 check` as a user calls it; what it says of bad input stands in test_bad_input.py."""

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
    template.write_text("Resources:\n  Topic: {Type: 'AWS::SNS::Topic', Properties: {KmsMasterKeyId: alias/aws/sns}}\n")
    assert main(["check", str(template)]) == 0


def test_a_threshold_takes_a_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = {"GroupId": "sg-0123", "IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "CidrIp": "0.0.0.0/0"}
    resources = {"Rule": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": rule}}
    template = tmp_path / "t.json"
    template.write_text(json.dumps({"Resources": resources}))
    command = ["check", str(template), "--control", "vpc_security_group_restrict_ingress_public_ports"]
    assert main([*command, "--threshold", "public_ports=443"]) == 1
    assert main([*command, "--threshold", "public_ports=443,8443"]) == 0
    assert main([*command, "--threshold", "public_ports=443,"]) == 2
    assert "write NAME=NUMBER" in capsys.readouterr().err


def test_a_report_in_a_folder_that_does_not_exist_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template, report = tmp_path / "t.json", tmp_path / "reports" / "soc2.json"
    template.write_text(BUCKET)
    assert main(["check", str(template), "--output", str(report)]) == 2
    assert capsys.readouterr().err == (
        f"soc2: {report}: cannot be written: the folder {report.parent} does not exist. "
        "Check the path, its permissions and the free space.\n"
    )
