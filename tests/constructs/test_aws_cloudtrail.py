"""Trails that comply."""

from __future__ import annotations

from pathlib import Path

from soc2_constructs.hardening import NonCompliantError

import aws_cdk as cdk
import pytest
from aws_cdk import aws_logs as plain_logs
from aws_cdk.assertions import Template

from soc2_constructs import aws_cloudtrail as cloudtrail
from soc2_constructs import aws_kms as kms
from soc2_constructs import aws_logs as logs
from soc2_constructs import aws_s3 as s3
from soc2_constructs.audit import audit


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    return cdk.Stack(
        cdk.App(outdir=str(tmp_path)), "S", env=cdk.Environment(account="111122223333", region="eu-central-1")
    )


def test_defaults_meet_all_security_settings(stack: cdk.Stack, tmp_path: Path) -> None:
    cloudtrail.Trail(stack, "Trail")
    cdk.App.of(stack).synth()  # type: ignore[union-attr]
    ids = ["cloudtrail_security_trail_enabled", "cloudtrail_trail_enabled", "cloudtrail_s3_logging_enabled"]
    results = audit(tmp_path, include=ids).results
    assert {result.control.id: result.status for result in results} == dict.fromkeys(ids, "PASS")


def test_the_key_lets_trails_of_the_account_in(stack: cdk.Stack) -> None:
    cloudtrail.Trail(stack, "One")
    cloudtrail.Trail(stack, "Two")
    keys = Template.from_stack(stack).find_resources("AWS::KMS::Key").values()
    statements = [
        statement
        for key in keys
        for statement in key["Properties"]["KeyPolicy"]["Statement"]
        if str(statement.get("Sid")).startswith("CloudTrail")
    ]
    conditions = {statement["Action"]: statement.get("Condition", {}).get("StringLike") for statement in statements}
    (encrypt,) = conditions.pop("kms:GenerateDataKey*").items()
    # CloudTrail refuses a bucket with an S3 Bucket Key without this action.
    (decrypt,) = conditions.pop("kms:Decrypt").items()
    assert (encrypt[0], decrypt[0]) == ("kms:EncryptionContext:aws:cloudtrail:arn", "aws:SourceArn")
    for _, trails in (encrypt, decrypt):
        assert trails["Fn::Join"][1][-1] == ":cloudtrail:*:111122223333:trail/*"
    assert conditions == {"kms:DescribeKey": None}


def test_only_trails_of_the_account_write_to_the_bucket(stack: cdk.Stack) -> None:
    cloudtrail.Trail(stack, "Trail")
    (statements,) = (
        statements
        for policy in Template.from_stack(stack).find_resources("AWS::S3::BucketPolicy").values()
        if "cloudtrail" in str(statements := policy["Properties"]["PolicyDocument"]["Statement"])
    )
    written = [each for each in statements if each["Principal"] == {"Service": "cloudtrail.amazonaws.com"}]
    assert sorted(each["Action"] for each in written) == ["s3:GetBucketAcl", "s3:PutObject"]
    for each in written:
        assert each["Condition"]["StringLike"]["aws:SourceArn"]["Fn::Join"][1][-1].endswith(":111122223333:trail/*")


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket", encryption=s3.BucketEncryption.KMS_MANAGED)
    group = logs.LogGroup(stack, "Group")
    arn = "arn:aws:kms:eu-central-1:111122223333:key/1234"
    trail = cloudtrail.Trail(
        stack,
        "Trail",
        bucket=bucket,
        cloud_watch_log_group=group,
        encryption_key=kms.Key.from_key_arn(stack, "Key", arn),
    )
    assert trail.log_group is group
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Logs::LogGroup", 1)
    template.resource_count_is("AWS::S3::Bucket", 2)
    template.has_resource_properties("AWS::CloudTrail::Trail", {"KMSKeyId": arn})


def test_another_retention_creates_a_log_group(stack: cdk.Stack) -> None:
    cloudtrail.Trail(stack, "Trail", cloud_watch_logs_retention=plain_logs.RetentionDays.TWO_YEARS)
    (group,) = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup").values()
    assert group["Properties"]["RetentionInDays"] == 731
    assert "KmsKeyId" in group["Properties"]
    with pytest.raises(NonCompliantError) as caught:
        cloudtrail.Trail(stack, "Short", cloud_watch_logs_retention=plain_logs.RetentionDays.ONE_WEEK)
    assert caught.value.control == "cloudwatch_log_group_retention_period_365"
