"""Policy documents as IAM reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs.aws.policies import Statement, statements, statements_of
from soc2_constructs.aws.public_access import grants_public
from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED, Assembly
from soc2_constructs.cloudformation.wildcards import patterns_overlap, wildcard_match
from support.evaluated import only_scope

UNKNOWN = {"Ref": "P"}


def statements_in(document: Any) -> list[Statement]:
    template = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {
            "R": {"Type": "T", "Properties": {"Document": document}},
            "Key": {"Type": "AWS::KMS::Key"},
        },
    }
    return statements(only_scope(Assembly.of_document(template)).resources["R"]["Document"])


def statement(**body: Any) -> Statement:
    (found,) = statements_in({"Statement": [{"Effect": "Allow", **body}]})
    return found


@pytest.mark.parametrize("document", [{"Ref": "AWS::NoValue"}, {}, {"Statement": []}, None])
def test_no_statements(document: Any) -> None:
    assert statements_in(document) == []


def test_one_statement_may_stand_without_a_list() -> None:
    assert [found.actions for found in statements_in({"Statement": {"Effect": "Allow", "Action": "a:b"}})] == [["a:b"]]


@pytest.mark.parametrize(
    "document",
    [
        UNKNOWN,
        {"Statement": UNKNOWN},
        {"Statement": [UNKNOWN]},
        {"Statement": ["text"]},
        {"Statement": [{}]},
        {"Statement": [{"Effect": UNKNOWN}]},
        {"Statement": [{"Effect": "allow"}]},
        {"Statement": [{"Effect": "Allow", "Condition": UNKNOWN}]},
        {"Statement": [{"Effect": "Allow", "Condition": {"StringEquals": UNKNOWN}}]},
        {"Statement": [{"Effect": "Allow", "Condition": ["x"]}]},
        {"Statement": [{"Effect": "Allow", "Condition": {"StringEquals": "x"}}]},
        "no JSON",
        "5",
        '["Statement"]',
        {"Fn::Sub": "${P}"},
        {"Fn::Sub": '{"Statement": ${P}}'},
        '{"a":' * 400 + "1" + "}" * 400,
        "[" * 100_000,
    ],
)
def test_unknown_documents_are_malformed(document: Any) -> None:
    (found,) = statements_in(document)
    assert found.malformed
    assert grants_public(found, "s3").status == UNRESOLVED


def test_a_statement_that_is_left_out_under_a_condition() -> None:
    document = {"Statement": [{"Ref": "AWS::NoValue"}, {"Effect": "Deny"}]}
    assert [found.path for found in statements_in(document)] == [("Document", "Statement", 1)]


def test_documents_as_json_text() -> None:
    text = '{"Statement": [{"Effect": "Allow", "Action": ["kms:*"], "Resource": "${Key.Arn}/x", "Principal": "${P}"}]}'
    (found,) = statements_in({"Fn::Sub": text})
    assert found.actions == ["kms:*"]
    assert repr(found.resources[0]) == "${<Key.Arn>}/x"
    assert found.is_for_everyone().status == UNRESOLVED
    (plain,) = statements_in('{"Statement": {"Effect": "Deny", "Sid": "\\ue0007\\ue001 \\ue000"}}')
    assert plain.body["Sid"] == "\ue0007\ue001 \ue000"


@pytest.mark.parametrize(
    ("principal", "status"),
    [
        ("*", PASS),
        ({"AWS": "*"}, PASS),
        ({"AWS": ["123456789012", "*"]}, PASS),
        ({"Service": "*"}, FAIL),
        ({"Service": "s3.amazonaws.com"}, FAIL),
        ({"AWS": "arn:aws:iam::123456789012:root"}, FAIL),
        ({"AWS": {"Fn::GetAtt": ["Key", "Arn"]}}, FAIL),
        ({"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}, FAIL),
        ({"AWS": {"Ref": "AWS::AccountId"}}, FAIL),
        ({"AWS": ["123456789012", {"Ref": "AWS::AccountId"}]}, FAIL),
        ({"AWS": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", UNKNOWN, ":root"]]}}, FAIL),
        (UNKNOWN, UNRESOLVED),
        ({"Fn::Sub": "${P}${P}"}, UNRESOLVED),
        ({"Fn::Sub": "${P}*"}, UNRESOLVED),
        ({"AWS": UNKNOWN}, UNRESOLVED),
        ({"AWS": [{"Ref": "AWS::AccountId"}, UNKNOWN]}, UNRESOLVED),
        ({"AWS": ["*", UNKNOWN]}, PASS),
        (None, FAIL),
    ],
)
def test_everyone(principal: Any, status: str) -> None:
    assert statement(Principal=principal).is_for_everyone().status == status


def test_not_principal() -> None:
    assert statement(NotPrincipal={"AWS": "1"}).is_for_everyone().status == PASS
    assert statement(Effect="Deny", NotPrincipal={"AWS": "1"}).is_for_everyone().status == FAIL


def test_principals_are_listed_whatever_their_kind() -> None:
    assert statement(Principal={"AWS": ["1", "2"], "Service": "x"}).principals == ["1", "2", "x"]
    assert statement(Principal="*").principals == ["*"]
    assert statement().principals == []


@pytest.mark.parametrize(
    ("body", "action", "status"),
    [
        ({"Action": "*"}, "s3:GetObject", PASS),
        ({"Action": "S3:getobject"}, "s3:GetObject", PASS),
        ({"Action": ["s3:Put*", "s3:Get*"]}, "s3:GetObject", PASS),
        ({"Action": "s3:Get?bject"}, "s3:GetObject", PASS),
        ({"Action": "s3:*"}, "s3:*", PASS),
        ({"Action": "s3:Get*"}, "s3:*", FAIL),
        ({"Action": "ec2:*"}, "s3:GetObject", FAIL),
        ({}, "s3:GetObject", FAIL),
        ({"Action": UNKNOWN}, "s3:GetObject", UNRESOLVED),
        ({"Action": [UNKNOWN, "s3:*"]}, "s3:GetObject", PASS),
        ({"NotAction": "iam:*"}, "s3:GetObject", PASS),
        ({"NotAction": ["iam:*", "s3:Get*"]}, "s3:GetObject", FAIL),
        ({"NotAction": "s3:PutObject"}, "s3:GetObject", PASS),
        # One action of many that is left out: not all of them are covered.
        ({"NotAction": "s3:GetObject"}, "s3:*", FAIL),
        ({"NotAction": "*:Get*"}, "s3:*", FAIL),
        ({"NotAction": "iam:*"}, "s3:*", PASS),
        ({"NotAction": UNKNOWN}, "s3:GetObject", UNRESOLVED),
    ],
)
def test_actions(body: dict[str, Any], action: str, status: str) -> None:
    assert statement(**body).covers_action(action).status == status


patterns = st.text(alphabet="ab*?", max_size=8)
plain = st.text(alphabet="ab", max_size=8)


@given(patterns, plain)
def test_wildcards_match_as_a_regular_expression_would(pattern: str, text: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    assert wildcard_match(pattern, text) is (re.fullmatch(expression, text) is not None)


@given(patterns, patterns, plain)
def test_patterns_that_match_the_same_text_overlap(one: str, other: str, text: str) -> None:
    overlap = patterns_overlap(one, other)
    assert overlap is patterns_overlap(other, one)
    if wildcard_match(one, text) and wildcard_match(other, text):
        assert overlap
    if "*" not in one and "?" not in one:
        assert overlap is wildcard_match(other, one)


def test_patterns_that_share_nothing() -> None:
    assert not patterns_overlap("s3:*", "iam:*")
    assert not patterns_overlap("a?", "a")
    assert patterns_overlap("*b", "a*")


def reads(ask: Callable[[Statement], Any]) -> set[str] | None:
    """The read log of a check."""
    policy = {"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": {"Ref": "Key"}}}
    resources = {"R": {"Type": "T", "Properties": {"Document": policy}}, "Key": {"Type": "AWS::KMS::Key"}}
    scope = only_scope(Assembly.of_document({"Resources": resources}))
    resource, log = scope.resources["R"], scope.context.log
    log.start(resource)
    for found in statements_of(resource, "Document"):
        ask(found)
    keys = log.end()
    return None if keys is None else {str(key) for key in keys}


@pytest.mark.parametrize(
    "ask",
    [
        lambda found: found.covers_action("a:b"),
        lambda found: found.covers_unnamed_resources(),
        lambda found: grants_public(found, "s3"),
        lambda found: found.malformed,
        lambda found: len(found.resources),
        lambda found: found.principals,
    ],
)
def test_what_says_nothing_of_names_is_traced_without_them(ask: Callable[[Statement], Any]) -> None:
    assert reads(ask) == {"shape Document"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda found: found.resources[0].resource,
        lambda found: found.resources[0] == found.resources[0],
    ],
)
def test_who_asks_for_names_is_traced_with_them(ask: Callable[[Statement], Any]) -> None:
    assert reads(ask) == {"property and identities Document"}
