"""Streams that comply."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk.assertions import Template

from soc2_constructs import aws_kinesis as kinesis
from soc2_constructs import aws_kms as kms


def stack(region: str) -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="111122223333", region=region))


def test_defaults() -> None:
    here = stack("eu-central-1")
    stream = kinesis.Stream(here, "Stream")
    assert stream.encryption_key is kms.data_key(here)
    template = Template.from_stack(here)
    (key,) = template.find_resources("AWS::KMS::Key")
    template.has_resource(
        "AWS::Kinesis::Stream",
        {
            "Properties": {
                "RetentionPeriodHours": 168,
                "StreamEncryption": {"EncryptionType": "KMS", "KeyId": {"Fn::GetAtt": [key, "Arn"]}},
            },
            "DeletionPolicy": "Retain",
        },
    )


def test_values_of_the_users_win() -> None:
    here = stack("eu-central-1")
    arn = "arn:aws:kms:eu-central-1:111122223333:key/1234"
    kinesis.Stream(
        here,
        "Stream",
        encryption_key=kms.Key.from_key_arn(here, "Key", arn),
        retention_period=cdk.Duration.days(30),
    )
    template = Template.from_stack(here)
    template.has_resource_properties(
        "AWS::Kinesis::Stream",
        {"RetentionPeriodHours": 720, "StreamEncryption": {"EncryptionType": "KMS", "KeyId": arn}},
    )
    template.resource_count_is("AWS::KMS::Key", 0)


def test_encryption_stays_unset_in_regions_without_it() -> None:
    here = stack("cn-north-1")
    kinesis.Stream(here, "Stream")
    template = Template.from_stack(here)
    template.resource_count_is("AWS::KMS::Key", 0)
    template.has_resource_properties("AWS::Kinesis::Stream", {"RetentionPeriodHours": 168})
