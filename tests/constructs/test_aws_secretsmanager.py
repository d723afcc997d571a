"""Secrets that are encrypted with a key of yours."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from soc2_constructs import aws_kms as kms
from soc2_constructs import aws_secretsmanager as secretsmanager

SECRET = "AWS::SecretsManager::Secret"


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def test_defaults(stack: cdk.Stack) -> None:
    secret = secretsmanager.Secret(stack, "Secret")
    assert secret.encryption_key is kms.data_key(stack)
    template = Template.from_stack(stack)
    (key,) = template.find_resources("AWS::KMS::Key")
    template.has_resource(
        SECRET, {"Properties": {"KmsKeyId": {"Fn::GetAtt": [key, "Arn"]}}, "DeletionPolicy": "Retain"}
    )


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    arn = "arn:aws:kms:eu-west-1:111122223333:key/1234"
    key = kms.Key.from_key_arn(stack, "Key", arn)
    secretsmanager.Secret(stack, "Secret", encryption_key=key, removal_policy=cdk.RemovalPolicy.DESTROY)
    template = Template.from_stack(stack)
    template.has_resource(SECRET, {"Properties": {"KmsKeyId": arn}, "DeletionPolicy": "Delete"})
    template.resource_count_is("AWS::KMS::Key", 0)
