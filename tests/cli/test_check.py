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
