"""The evaluator itself, on cases whose outcome the IAM User Guide and the KMS Developer Guide give."""

from __future__ import annotations

from typing import Any

import pytest

from flows.evaluator import Guard, Principal, Request, evaluate

HERE, OTHER = "111111111111", "222222222222"
OBJECT = "arn:aws:s3:::files/a.txt"
KEY = f"arn:aws:kms:us-east-1:{HERE}:key/k"


def statement(effect: str = "Allow", principal: Any = None, **more: Any) -> dict[str, Any]:
    body = {"Effect": effect, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::files/*", **more}
    return body if principal is None else {**body, "Principal": principal}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role(*policies: dict[str, Any], account: str = HERE) -> Principal:
    return Principal("role", f"arn:aws:iam::{account}:role/r", account, policies)


READER = policy(statement())
DENY_HTTP = statement("Deny", "*", Action="s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})
SERVICE = Principal("service", "cloudtrail.amazonaws.com")
ANYONE = Principal("anonymous")
ROOT = f"arn:aws:iam::{HERE}:root"
USE = {"Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"}
DELEGATES = statement("Allow", {"AWS": ROOT}, Action="kms:*", Resource="*")
VIA_S3 = statement(
    "Allow",
    {"AWS": "*"},
    **USE,
    Condition={"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": HERE}},
)
THROUGH_S3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": HERE}


@pytest.mark.parametrize(
    ("name", "allowed", "caller", "document", "context"),
    [
        ("nothing allows it", False, role(), None, {}),
        ("the identity policy allows it", True, role(READER), None, {}),
        ("the resource policy names the role", True, role(), policy(statement(principal={"AWS": role().id})), {}),
        ("the resource policy names everyone", True, role(), policy(statement(principal="*")), {}),
        ("the resource policy only delegates", False, role(), policy(statement(principal={"AWS": ROOT})), {}),
        ("an explicit deny wins", False, role(READER, policy(statement("Deny"))), None, {}),
        ("a deny for HTTP", False, role(READER), policy(DENY_HTTP), {"aws:SecureTransport": "false"}),
        ("a deny for HTTP, over HTTPS", True, role(READER), policy(DENY_HTTP), {"aws:SecureTransport": "true"}),
        ("a deny whose key the request lacks", True, role(READER), policy(DENY_HTTP), {}),
        ("another account without resource policy", False, role(READER, account=OTHER), None, {}),
        (
            "another account that the resource policy names",
            True,
            role(READER, account=OTHER),
            policy(statement(principal={"AWS": OTHER})),
            {},
        ),
        (
            "another account without an identity policy",
            False,
            role(account=OTHER),
            policy(statement(principal={"AWS": f"arn:aws:iam::{OTHER}:root"})),
            {},
        ),
        ("a service that nothing names", False, SERVICE, policy(statement(principal={"AWS": ROOT})), {}),
        ("a service by name", True, SERVICE, policy(statement(principal={"Service": SERVICE.id})), {}),
        (
            "a service without the source account it must pass",
            False,
            SERVICE,
            policy(
                statement(principal={"Service": SERVICE.id}, Condition={"StringEquals": {"aws:SourceAccount": HERE}})
            ),
            {},
        ),
        (
            "a service with the source account it must pass",
            True,
            SERVICE,
            policy(
                statement(principal={"Service": SERVICE.id}, Condition={"StringEquals": {"AWS:SourceAccount": HERE}})
            ),
            {"aws:SourceAccount": HERE},
        ),
        ("an anonymous caller", False, ANYONE, policy(statement(principal={"AWS": ROOT})), {}),
        ("an anonymous caller of a public bucket", True, ANYONE, policy(statement(principal={"AWS": "*"})), {}),
        (
            "a canonical user",
            True,
            Principal("canonical", "abc"),
            policy(statement(principal={"CanonicalUser": "abc"})),
            {},
        ),
        (
            "all but a principal, denied",
            False,
            role(READER),
            policy({**statement("Deny"), "NotPrincipal": {"AWS": "arn:aws:iam::111111111111:role/other"}}),
            {},
        ),
        ("another resource", False, role(policy(statement(Resource="arn:aws:s3:::others/*"))), None, {}),
        ("all but an action", True, role(policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})), None, {}),
    ],
)
def test_resources(name: str, allowed: bool, caller: Principal, document: Any, context: dict[str, str]) -> None:
    request = Request(caller, "s3:GetObject", OBJECT, context)
    assert bool(evaluate(request, Guard(HERE, document))) is allowed, name


@pytest.mark.parametrize(
    ("name", "allowed", "caller", "document", "context"),
    [
        ("the key policy delegates, the role has nothing", False, role(), policy(DELEGATES), {}),
        ("the key policy delegates, the role may", True, role(policy(statement(**USE))), policy(DELEGATES), {}),
        ("the role may, the key policy does not delegate", False, role(policy(statement(**USE))), policy(), {}),
        ("the key policy names the role", True, role(), policy(statement(principal={"AWS": role().id}, **USE)), {}),
        ("as the managed key of S3, through S3", True, role(), policy(VIA_S3), THROUGH_S3),
        ("as the managed key of S3, not through S3", False, role(), policy(VIA_S3), {"kms:CallerAccount": HERE}),
        (
            "as the managed key of S3, from another account",
            False,
            role(policy(statement(**USE)), account=OTHER),
            policy(VIA_S3),
            {**THROUGH_S3, "kms:CallerAccount": OTHER},
        ),
        ("as the managed key of S3, for a service", False, SERVICE, policy(VIA_S3), {"aws:SourceAccount": HERE}),
        ("another account, named", True, role(policy(statement(**USE)), account=OTHER),
         policy(statement(principal={"AWS": OTHER}, **USE)), {}),
    ],
)  # fmt: skip
def test_keys(name: str, allowed: bool, caller: Principal, document: Any, context: dict[str, str]) -> None:
    request = Request(caller, "kms:Decrypt", KEY, context)
    assert bool(evaluate(request, Guard(HERE, document, is_key=True))) is allowed, name


@pytest.mark.parametrize(
    ("allowed", "condition", "context"),
    [
        (True, {"StringLike": {"aws:x": "a*"}}, {"aws:x": "abc"}),
        (False, {"StringEquals": {"aws:x": "a*"}}, {"aws:x": "abc"}),
        (True, {"StringNotEquals": {"aws:x": "a"}}, {}),
        (False, {"StringEquals": {"aws:x": "a"}}, {}),
        (True, {"StringEqualsIfExists": {"aws:x": "a"}}, {}),
        (False, {"StringEqualsIfExists": {"aws:x": "a"}}, {"aws:x": "b"}),
        (False, {"StringNotEquals": {"aws:x": ["a", "b"]}}, {"aws:x": "b"}),
        (True, {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:files"}}, {"aws:SourceArn": "arn:aws:s3:::files"}),
        (False, {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*"}}, {"aws:SourceArn": "arn:aws:sns:r:1:t"}),
        (False, {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::f[i]les"}}, {"aws:SourceArn": "arn:aws:s3:::files"}),
        (True, {"Bool": {"aws:SecureTransport": True}}, {"aws:SecureTransport": "true"}),
        (True, {"Null": {"aws:x": "true"}}, {}),
        (False, {"Null": {"aws:x": "false"}}, {}),
        (True, {"NumericLessThan": {"s3:TlsVersion": 1.3}}, {"s3:TlsVersion": "1.2"}),
        (True, {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}}, {"aws:SourceIp": "10.1.2.3"}),
        (True, {"ForAnyValue:StringEquals": {"aws:CalledVia": "a"}}, {"aws:CalledVia": ["b", "a"]}),
        (False, {"ForAnyValue:StringEquals": {"aws:CalledVia": "a"}}, {}),
        (True, {"ForAllValues:StringEquals": {"aws:CalledVia": "a"}}, {}),
        (False, {"ForAllValues:StringEquals": {"aws:CalledVia": "a"}}, {"aws:CalledVia": ["a", "b"]}),
        (True, {"StringEquals": {"aws:x": "${aws:PrincipalAccount}"}}, {"aws:x": "1", "aws:PrincipalAccount": "1"}),
        (False, {"Bool": {"aws:x": "true"}, "StringEquals": {"aws:y": "1"}}, {"aws:x": "true", "aws:y": "2"}),
    ],
)
def test_conditions(allowed: bool, condition: dict[str, Any], context: dict[str, Any]) -> None:
    caller = role(policy(statement(Condition=condition)))
    assert bool(evaluate(Request(caller, "s3:GetObject", OBJECT, context), Guard(HERE))) is allowed
