"""Policy documents: which actions and resources a statement is about."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from soc2_constructs.aws.policies import Statement, statements
from soc2_constructs.cloudformation import Assembly
from soc2_constructs.cloudformation.wildcards import patterns_overlap, wildcard_match
from support.evaluated import only_scope

TEXTS = st.text("ab:", max_size=6)
PATTERNS = st.text("ab:*?", max_size=6)


def statement(**body: Any) -> Statement:
    parameters = {"Plain": {"Type": "String"}, "Ami": {"Type": "AWS::SSM::Parameter::Value<String>"}}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": body}}}
    topic = {"Type": "AWS::SNS::Topic"}
    document = {"Parameters": parameters, "Resources": {"Policy": policy, "Topic": topic}}
    (found,) = statements(only_scope(Assembly.of_document(document)).resources["Policy"]["PolicyDocument"])
    return found


@given(PATTERNS, TEXTS)
def test_a_text_overlaps_with_the_patterns_that_it_matches(pattern: str, text: str) -> None:
    assert patterns_overlap(pattern, text) == wildcard_match(pattern, text)


@given(PATTERNS, PATTERNS, TEXTS)
@example("a*b", "*a?b", "aaab")
def test_patterns_that_match_one_text_overlap(one: str, other: str, text: str) -> None:
    assert patterns_overlap(one, other) == patterns_overlap(other, one)
    if wildcard_match(one, text) and wildcard_match(other, text):
        assert patterns_overlap(one, other)


@pytest.mark.parametrize(
    ("resource", "everything", "unnamed"),
    [
        ("*", "PASS", "PASS"),
        ("**", "PASS", "PASS"),
        ("arn:*", "PASS", "PASS"),
        ("arn:aws:*", "PASS", "PASS"),
        ("a*", "PASS", "PASS"),
        ("arn:*:*:*:*:*", "PASS", "PASS"),
        ({"Fn::Sub": "arn:${AWS::Partition}:*:*:${AWS::AccountId}:*"}, "PASS", "PASS"),
        ({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::*:role/*"]]}, "FAIL", "PASS"),
        ("arn:aws:iam:*", "FAIL", "PASS"),
        ("arn:aws:iam::123456789012:*", "FAIL", "PASS"),
        ("arn:aws:iam::123456789012:ro*", "FAIL", "PASS"),
        ("arn:aws:*:*:*:role/?*", "FAIL", "PASS"),
        ("arn:aws:iam::*:*/*", "FAIL", "PASS"),
        ("arn:aws:iam::123456789012:role/app-*", "FAIL", "FAIL"),
        ("arn:aws:iam::123456789012:role/*-app", "FAIL", "FAIL"),
        ("arn:aws:iam::123456789012:role/service-role/*", "FAIL", "FAIL"),
        ("arn:aws:iam::123456789012:role/app", "FAIL", "FAIL"),
        ("arn:aws:iam::123456789012:role", "FAIL", "FAIL"),
        ("arn:aws:iam::123456789012:user/${aws:username}", "FAIL", "FAIL"),
        ("arn:aws:s3:::bucket*", "FAIL", "FAIL"),
        ("arn:aws:iam", "FAIL", "FAIL"),
        ("nonsense", "FAIL", "FAIL"),
        (["arn:aws:iam::123456789012:role/app", "*"], "PASS", "PASS"),
        ({"Ref": "Topic"}, "FAIL", "FAIL"),
        ({"Fn::Sub": "${Topic}/*"}, "FAIL", "FAIL"),
        ({"Ref": "Plain"}, "UNRESOLVED", "UNRESOLVED"),
        ({"Ref": "Ami"}, "UNRESOLVED", "UNRESOLVED"),
        ({"Fn::Sub": "${Plain}/*"}, "UNRESOLVED", "UNRESOLVED"),
        ({"Fn::Sub": "arn:aws:${Plain}"}, "UNRESOLVED", "UNRESOLVED"),
        ({"Fn::Sub": "arn:aws:${Plain}:*:*:*"}, "UNRESOLVED", "UNRESOLVED"),
        ({"Fn::Sub": "arn:aws:iam::*:role/${Plain}"}, "FAIL", "UNRESOLVED"),
        ({"Fn::Sub": "arn:aws:iam::*:role/app-${Plain}"}, "FAIL", "FAIL"),
        ({"Fn::Sub": "arn:aws:iam::*:role/${Ami}"}, "FAIL", "FAIL"),
        ({"Fn::Sub": "arn:aws:iam::*:role/${AWS::StackName}-*"}, "FAIL", "FAIL"),
    ],
)
def test_resources_that_a_statement_names(resource: Any, everything: str, unnamed: str) -> None:
    found = statement(Effect="Allow", Action="*", Resource=resource)
    assert (found.covers_every_resource().status, found.covers_unnamed_resources().status) == (everything, unnamed)


def test_resources_that_a_statement_does_not_name() -> None:
    found = statement(Effect="Allow", Action="*", NotResource="arn:aws:s3:::bucket")
    assert found.covers_every_resource().status == found.covers_unnamed_resources("iam").status == "PASS"
    nothing = statement(Effect="Allow", Action="*")
    assert nothing.covers_every_resource().status == nothing.covers_unnamed_resources().status == "FAIL"


@pytest.mark.parametrize(("service", "status"), [("iam", "PASS"), ("lambda", "FAIL"), ("*", "PASS")])
def test_resources_of_a_service(service: str, status: str) -> None:
    found = statement(Effect="Allow", Action="*", Resource="arn:aws:i*:*:*:role/*")
    assert found.covers_unnamed_resources(service).status == status
