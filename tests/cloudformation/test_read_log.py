"""What a check looked at, and what is taken over from one resource to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from soc2_constructs.audit.cache import VerdictCache
from soc2_constructs.aws.policies import statements_of
from soc2_constructs.cloudformation import Assembly, Evaluation, Resource, Verdict, failed, passed

POLICY = "AWS::S3::BucketPolicy"


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


def policy(of: str, about: str, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Deny", "Resource": {"Fn::GetAtt": [about, "Arn"]}}
    return {"Type": POLICY, "Properties": {"Bucket": {"Ref": of}, "PolicyDocument": {"Statement": statement}}, **more}


def judged(resources: dict[str, Any], check: Callable[[Resource], Verdict]) -> tuple[list[str], list[str]]:
    """What a check says of the buckets, and of which it was asked."""
    asked = []

    def counting(resource: Resource) -> Verdict:
        asked.append(resource._logical_id)
        return check(resource)

    evaluation = Evaluation(
        Assembly.of_document(
            {
                "Parameters": {"P": {"Type": "String"}},
                "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
                "Resources": resources,
            }
        )
    )
    judged = VerdictCache(evaluation, counting).judged(evaluation.of_type("AWS::S3::Bucket"))
    return [verdict.status for _, verdict, _ in judged], asked


def has_policy(resource: Resource) -> Verdict:
    return passed() if resource.referrers(POLICY, via="Bucket") else failed("none")


def is_named(resource: Resource) -> Verdict:
    """Whether its policies are about the bucket itself."""
    named = [
        found.resource is resource
        for each in resource.referrers(POLICY, via="Bucket")
        for statement in statements_of(each, "PolicyDocument")
        for found in statement.resources
    ]
    return passed() if named and all(named) else failed("no")


def denies(resource: Resource) -> Verdict:
    found = [
        s.denies for each in resource.referrers(POLICY, via="Bucket") for s in statements_of(each, "PolicyDocument")
    ]
    return passed() if any(found) else failed("no")


def test_what_has_as_many_referrers_is_asked_once() -> None:
    resources = {
        "A": bucket(),
        "B": bucket(),
        "C": bucket(),
        "D": bucket(),
        "P": policy("B", "B"),
        "Q": policy("D", "A"),
    }
    assert judged(resources, has_policy) == (["FAIL", "PASS", "FAIL", "PASS"], ["A", "B"])


def test_it_counts_whether_a_policy_names_its_own_bucket() -> None:
    resources = {name: bucket() for name in "ABCD"}
    resources |= {"Pa": policy("A", "A"), "Pb": policy("B", "B"), "Pc": policy("C", "B"), "Pd": policy("D", "D")}
    assert judged(resources, is_named) == (["PASS", "PASS", "FAIL", "PASS"], ["A", "C"])


def test_it_counts_what_a_policy_says() -> None:
    resources = {name: bucket() for name in "ABC"}
    resources |= {"Pa": policy("A", "A"), "Pb": policy("B", "B"), "Pc": policy("C", "C")}
    resources["Pc"]["Properties"]["PolicyDocument"]["Statement"]["Effect"] = "Allow"
    assert judged(resources, denies) == (["PASS", "PASS", "FAIL"], ["A", "C"])


def test_a_referrer_under_a_condition_is_looked_at_each_time() -> None:
    resources = {"A": bucket(), "B": bucket(), "Pa": policy("A", "A"), "Pb": policy("B", "B", Condition="C")}
    assert judged(resources, has_policy)[0] == ["PASS", "FAIL"]


def test_what_refers_to_itself_stands_for_no_other() -> None:
    def logs(resource: Resource) -> Verdict:
        sources = resource.referrers("AWS::S3::Bucket", via="LoggingConfiguration.DestinationBucketName")
        return passed() if any(source["BucketName"].known == "x" for source in sources) else failed("no")

    def to(name: str) -> dict[str, Any]:
        return {"DestinationBucketName": {"Ref": name}}

    resources = {
        "A": bucket(LoggingConfiguration=to("A"), BucketName="x"),
        "B": bucket(BucketName="x"),
        "C": bucket(BucketName="y", LoggingConfiguration=to("B")),
    }
    assert judged(resources, logs)[0] == ["PASS", "FAIL", "FAIL"]


def test_what_refers_under_a_condition_is_looked_at_each_time() -> None:
    either = policy("A", "A")
    either["Properties"]["Bucket"] = {"Fn::If": ["C", {"Ref": "B"}, {"Ref": "A"}]}
    resources = {"A": bucket(), "B": bucket(), "C": bucket(), "Pc": policy("C", "C"), "Either": either}
    assert judged({"C": resources.pop("C"), **resources}, has_policy)[0] == ["PASS", "FAIL", "FAIL"]


def test_who_refers_in_two_ways_is_looked_at_in_both() -> None:
    def check(resource: Resource) -> Verdict:
        ways = ("LoggingConfiguration.DestinationBucketName", "Other")
        sources = [source for via in ways for source in resource.referrers("AWS::S3::Bucket", via=via)]
        return passed() if all(source["BucketName"].known == "x" for source in sources) else failed("no")

    def source(one: str, two: str, name: str) -> dict[str, Any]:
        return bucket(LoggingConfiguration={"DestinationBucketName": {"Ref": one}}, Other={"Ref": two}, BucketName=name)

    resources = {name: bucket() for name in "ABC"}
    resources |= {"X": source("A", "A", "x"), "Y": source("B", "C", "y"), "Z": source("C", "B", "x")}
    assert judged(resources, check)[0][:3] == ["PASS", "FAIL", "FAIL"]


@pytest.mark.parametrize(
    "look",
    [
        lambda resource: resource.logical_id,
        lambda resource: resource.region,
        lambda resource: resource.all_of_type("AWS::S3::Bucket"),
        lambda resource: resource.referenced_by(),
        lambda resource: resource.referrers(POLICY, via="Bucket")[0].logical_id,
        lambda resource: resource.referrers(POLICY, via="Bucket")[0].referrers(POLICY, via="Bucket"),
        lambda resource: resource.referrers(POLICY, via="Bucket")[0].target("Bucket"),
        lambda resource: resource["Other"].target,
    ],
)
def test_who_looks_elsewhere_is_asked_each_time(look: Callable[[Resource], Any]) -> None:
    def check(resource: Resource) -> Verdict:
        look(resource)
        return passed()

    resources = {name: bucket(Other={"Ref": "A"}) for name in "AB"}
    resources |= {"Pa": policy("A", "A"), "Pb": policy("B", "B")}
    assert judged(resources, check)[1] == ["A", "B"]


@pytest.mark.parametrize(
    "look",
    [
        lambda resource: resource["Other"].target,
        lambda resource: resource.referrers(POLICY, via="Bucket")[0]["PolicyDocument"]["Statement"]["Effect"].known,
    ],
)
def test_what_is_the_same_there_is_asked_once(look: Callable[[Resource], Any]) -> None:
    def check(resource: Resource) -> Verdict:
        look(resource)
        return passed()

    resources = {name: bucket(Other="nobody is called so") for name in "AB"}
    resources |= {"Pa": policy("A", "A"), "Pb": policy("B", "A")}
    assert judged(resources, check)[1] == ["A"]
