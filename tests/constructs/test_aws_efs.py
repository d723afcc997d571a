"""File systems that comply."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from soc2_constructs import aws_ec2 as ec2
from soc2_constructs import aws_efs as efs
from soc2_constructs import aws_kms as kms

FILE_SYSTEM = "AWS::EFS::FileSystem"


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def test_defaults(stack: cdk.Stack) -> None:
    efs.FileSystem(stack, "Files", vpc=ec2.Vpc(stack, "Vpc"))
    key = stack.resolve(kms.data_key(stack).key_arn)
    Template.from_stack(stack).has_resource(
        FILE_SYSTEM,
        {
            "Properties": {"Encrypted": True, "KmsKeyId": key, "BackupPolicy": {"Status": "ENABLED"}},
            "DeletionPolicy": "Retain",
        },
    )


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    arn = "arn:aws:kms:eu-west-1:111122223333:key/1234"
    key = kms.Key.from_key_arn(stack, "Key", arn)
    efs.FileSystem(stack, "Files", vpc=ec2.Vpc(stack, "Vpc"), kms_key=key, enable_automatic_backups=False)
    (files,) = Template.from_stack(stack).find_resources(FILE_SYSTEM).values()
    assert files["Properties"]["KmsKeyId"] == arn
    assert files["Properties"].get("BackupPolicy", {}).get("Status") != "ENABLED"
