"""Repositories that comply."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from soc2_constructs import aws_ecr as ecr
from soc2_constructs import aws_kms as kms

REPOSITORY = "AWS::ECR::Repository"


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def test_defaults(stack: cdk.Stack) -> None:
    ecr.Repository(stack, "Images")
    key = stack.resolve(kms.data_key(stack).key_arn)
    Template.from_stack(stack).has_resource(
        REPOSITORY,
        {
            "Properties": {
                "ImageScanningConfiguration": {"ScanOnPush": True},
                "ImageTagMutability": "IMMUTABLE",
                "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": key},
            },
            "DeletionPolicy": "Retain",
        },
    )


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    ecr.Repository(
        stack,
        "Images",
        encryption=ecr.RepositoryEncryption.AES_256,
        image_tag_mutability=ecr.TagMutability.MUTABLE,
    )
    template = Template.from_stack(stack)
    (images,) = template.find_resources(REPOSITORY).values()
    assert images["Properties"] == {
        "ImageScanningConfiguration": {"ScanOnPush": True},
        "ImageTagMutability": "MUTABLE",
    }
    template.resource_count_is("AWS::KMS::Key", 0)
