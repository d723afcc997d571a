"""Statements of resource policies that grant access to the public, and conditions that narrow them."""

from __future__ import annotations

from typing import Any

import pytest

from soc2_constructs.aws.policies import Statement, statements
from soc2_constructs.aws.public_access import grants_public, no_public_grant
from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED, Assembly
from support.evaluated import only_scope

UNKNOWN = {"Ref": "P"}


def statement(**body: Any) -> Statement:
    template = {
        "Parameters": {"P": {"Type": "String"}, "Vpc": {"Type": "AWS::EC2::VPC::Id"}},
        "Resources": {
            "R": {"Type": "T", "Properties": {"Document": {"Statement": {"Effect": "Allow", **body}}}},
            "Key": {"Type": "AWS::KMS::Key"},
            "Bucket": {"Type": "AWS::S3::Bucket"},
        },
    }
    (found,) = statements(only_scope(Assembly.of_document(template)).resources["R"]["Document"])
    return found


def sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({}, PASS),
        # Accounts
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, FAIL),
        ({"StringEquals": {"AWS:sourceaccount": ["123456789012"]}}, FAIL),
        ({"StringEquals": {"aws:SourceAccount": 123456789012}}, FAIL),
        ({"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}, FAIL),
        ({"StringLike": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}, FAIL),
        ({"StringEquals": {"aws:SourceOwner": UNKNOWN}}, FAIL),
        ({"StringLike": {"aws:SourceOwner": UNKNOWN}}, UNRESOLVED),
        ({"StringLike": {"aws:PrincipalAccount": ["0*", "1*", "2*"]}}, PASS),
        ({"StringLike": {"aws:PrincipalAccount": ["123456789012", "?23456789012"]}}, PASS),
        ({"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}, PASS),
        ({"StringEquals": {"aws:SourceAccount": ""}}, PASS),
        # Organizations
        ({"StringLike": {"aws:PrincipalOrgID": "o-abc"}}, FAIL),
        ({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, PASS),
        ({"StringLike": {"aws:PrincipalOrgID": ["o-abc", "**"]}}, PASS),
        ({"StringLike": {"aws:PrincipalOrgID": UNKNOWN}}, UNRESOLVED),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/*"}}, FAIL),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-1/"}}, PASS),
        ({"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-abc/"}}, PASS),
        # Networks
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, FAIL),
        ({"StringLike": {"aws:SourceVpc": {"Ref": "Vpc"}}}, FAIL),
        ({"StringLike": {"aws:SourceVpc": "vpc-*"}}, PASS),
        ({"StringLike": {"aws:SourceVpce": "vpce-?*"}}, PASS),
        ({"IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "192.0.2.7"]}}, FAIL),
        ({"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}, FAIL),
        ({"IpAddress": {"aws:SourceIp": "2001:db8::/31"}}, PASS),
        ({"IpAddress": {"aws:SourceIp": "8.0.0.0/8"}}, FAIL),
        ({"IpAddress": {"aws:SourceIp": "8.0.0.0/7"}}, PASS),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, PASS),
        ({"IpAddress": {"aws:SourceIp": "::/0"}}, PASS),
        ({"IpAddress": {"aws:SourceIp": [f"{first}.0.0.0/8" for first in range(256)]}}, PASS),
        ({"IpAddress": {"aws:SourceIp": UNKNOWN}}, UNRESOLVED),
        ({"IpAddress": {"aws:SourceIp": [UNKNOWN, "0.0.0.0/1"]}}, PASS),
        ({"IpAddress": {"aws:SourceIp": UNKNOWN}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}, FAIL),
        # Private addresses exist in every network.
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, PASS),
        ({"IpAddress": {"aws:SourceIp": "192.168.1.0/24"}}, PASS),
        ({"IpAddress": {"aws:SourceIp": "fd00::/8"}}, PASS),
        ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.7"]}}, FAIL),
        ({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/24"}}, PASS),
        # Callers and sources
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}}, FAIL),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket/*"}}, FAIL),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, PASS),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket*"}}, PASS),
        ({"ArnLike": {"aws:SourceArn": sub("${Bucket.Arn}/*")}}, FAIL),
        ({"ArnLike": {"aws:SourceArn": sub("${Bucket.Arn}*")}}, PASS),
        ({"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["Key", "Arn"]}}}, FAIL),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:123456789012:*"}}, FAIL),
        ({"ArnLike": {"aws:SourceArn": sub("arn:aws:sns:${P}:123456789012:*")}}, FAIL),
        ({"ArnLike": {"aws:SourceArn": sub("arn:aws:sns:${AWS::Region}:${AWS::AccountId}:*")}}, FAIL),
        ({"ArnLike": {"aws:SourceArn": sub("arn:aws:sns:${AWS::Region}:*:*")}}, PASS),
        ({"ArnLike": {"aws:SourceArn": sub("arn:aws:sns:us-east-1:${P}:*")}}, UNRESOLVED),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:*"}}, PASS),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/*"}}, FAIL),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}}, PASS),
        ({"ArnLike": {"aws:PrincipalArn": sub("arn:${AWS::Partition}:iam::*:role/*")}}, PASS),
        ({"StringLike": {"aws:PrincipalArn": "*:*"}}, PASS),
        ({"StringLike": {"aws:PrincipalArn": UNKNOWN}}, UNRESOLVED),
        ({"StringEquals": {"aws:PrincipalArn": UNKNOWN}}, FAIL),
        ({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}, FAIL),
        ({"StringLike": {"aws:userid": "A*"}}, PASS),
        ({"StringLike": {"aws:userid": "*:session"}}, PASS),
        # Operators and keys that narrow nothing
        ({"Bool": {"aws:ViaAWSService": "true"}}, PASS),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, PASS),
        ({"Bool": {"aws:SecureTransport": "true"}}, PASS),
        ({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}, PASS),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, PASS),
        ({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, PASS),
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::1:role/x"}}, PASS),
        ({"Null": {"aws:SourceVpce": "false"}}, PASS),
        ({"StringLike": {"s3:prefix": "public/"}}, PASS),
        ({"StringEquals": {"aws:PrincipalTag/team": "a"}}, PASS),
    ],
)
def test_conditions(condition: dict[str, Any], public: str) -> None:
    found = statement(Principal="*", Action="*", Resource="*", Condition=condition)
    assert grants_public(found, "sns").status == public
    private = no_public_grant([found], "sns")
    assert private.status == {PASS: FAIL, FAIL: PASS}.get(public, public)
    assert private.property_path == ("Document.Statement" if public == PASS else "")


@pytest.mark.parametrize(
    ("key", "value", "service"),
    [
        ("kms:CallerAccount", "123456789012", "kms"),
        ("s3:DataAccessPointAccount", "123456789012", "s3"),
        ("s3:DataAccessPointArn", "arn:aws:s3:us-east-1:123456789012:accesspoint/*", "s3"),
    ],
)
def test_keys_of_one_service(key: str, value: str, service: str) -> None:
    found = statement(Principal="*", Action="*", Condition={"StringLike": {key: value}})
    assert grants_public(found, service).status == FAIL
    assert grants_public(found, "sqs").status == PASS
    wide = statement(Principal="*", Action="*", Condition={"StringLike": {key: value.replace("123456789012", "*")}})
    assert grants_public(wide, service).status == PASS


def test_denials_grant_nothing() -> None:
    assert grants_public(statement(Effect="Deny", Principal="*", Condition=UNKNOWN), "s3").status == FAIL


def test_named_principals_are_private() -> None:
    assert grants_public(statement(Principal={"AWS": "123456789012"}, Action="*"), "s3").status == FAIL
    assert grants_public(statement(NotPrincipal={"AWS": "1"}, Action="*"), "s3").status == PASS
