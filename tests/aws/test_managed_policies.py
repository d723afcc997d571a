"""AWS managed policies, by their documents."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from soc2_constructs.aws import _managed_policies as data
from soc2_constructs.aws.managed_policies import aws_managed
from soc2_constructs.cloudformation import Assembly
from support.evaluated import only_scope


def attached(arn: Any) -> list[str] | None:
    """The actions of the statements of a policy, or the reason where it is not known; None for a customer's own."""
    document = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": [arn]}},
            "Policy": {"Type": "AWS::IAM::ManagedPolicy"},
        },
    }
    (value,) = only_scope(Assembly.of_document(document)).resources["Role"]["ManagedPolicyArns"].each()
    found = aws_managed(value)
    if found is None:
        return None
    assert all(statement.path == value.path for statement in found)
    return [statement.malformed or ",".join(statement.actions) for statement in found]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:aws-cn:iam::aws:policy/AdministratorAccess",
        "AdministratorAccess",
        {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess"},
        {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/AdministratorAccess"]]},
        {"Fn::Sub": "${P}/AdministratorAccess"},
    ],
)
def test_a_policy_by_every_spelling_of_its_arn(arn: Any) -> None:
    assert attached(arn) == ["*"]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "ReadOnlyAccess",
        {"Fn::Sub": "arn:aws:iam::aws:policy/${P}-of-this-app"},
    ],
)
def test_policies_that_grant_nothing_that_a_control_judges(arn: Any) -> None:
    assert attached(arn) == []


@pytest.mark.parametrize(
    "arn", ["arn:aws:iam::aws:policy/FutureFullAccess", {"Ref": "P"}, {"Fn::Sub": "arn:aws:iam::aws:policy/${P}"}]
)
def test_policies_that_are_not_known(arn: Any) -> None:
    (reason,) = attached(arn) or []
    assert reason.endswith("is not known")


@pytest.mark.parametrize(
    "arn",
    [
        {"Ref": "Policy"},
        "arn:aws:iam::111122223333:policy/AdministratorAccess",
        {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:policy/AdministratorAccess"},
    ],
)
def test_customer_managed_policies(arn: Any) -> None:
    assert attached(arn) is None


def test_the_data() -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", data.DATE)
    others = data.OTHERS.split()
    assert len(others) > 500
    assert data.EXCERPTS.keys().isdisjoint(others)
    assert {"PowerUserAccess", "SystemAdministrator", "IAMFullAccess"} <= data.EXCERPTS.keys()
    for name, text in data.EXCERPTS.items():
        assert any(statement["Effect"] == "Allow" for statement in json.loads(text)), name
