"""The audit: what it remembers from resource to resource, its order, and what fails."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from soc2_constructs.audit import Audit, audit
from soc2_constructs.audit.cache import VerdictCache
from soc2_constructs.cloudformation import Assembly, Evaluation, Template, references
from soc2_constructs.controls import catalogue

STAR_STAR = "iam_policy_no_star_star"
VERSIONING = "s3_bucket_versioning_enabled"


def seen(found: Audit) -> list[tuple[str, str | None, str, str, str]]:
    return [(r.control.id, r.logical_id, r.status, r.message, r.property_path) for r in found.results]


#: Properties of buckets and databases, wherever two may be the same and two may not.
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        "Enabled",
        "Suspended",
        True,
        "true",
        35,
        {"Ref": "Known"},
        {"Ref": "Unknown"},
        *({"Ref": f"R{number}"} for number in range(4)),
        {"Fn::GetAtt": ["R1", "Arn"]},
        {"Fn::If": ["Maybe", "Enabled", {"Ref": "AWS::NoValue"}]},
        {"Fn::If": ["Maybe", {"Ref": "R0"}, {"Ref": "R1"}]},
        {"Ref": "AWS::Region"},
        {"Fn::Sub": "${AWS::StackName}-x"},
    ]
)
_NAMED = st.sampled_from(
    [
        "*",
        "arn:aws:s3:::named/*",
        {"Ref": "R0"},
        {"Fn::GetAtt": ["R0", "Arn"]},
        {"Fn::GetAtt": ["R1", "Arn"]},
        {"Fn::Join": ["", [{"Fn::GetAtt": ["R0", "Arn"]}, "/*"]]},
        {"Fn::Join": ["", [{"Fn::GetAtt": ["R1", "Arn"]}, "/*"]]},
        {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "Unknown"}, ":role/*"]]},
        {"Fn::Sub": "${R0.Arn}/*"},
        {"Ref": "Known"},
        {"Ref": "Unknown"},
        {"Fn::If": ["Maybe", "*", {"Ref": "R0"}]},
        {"Ref": "Nothing"},
    ]
)
_STATEMENT = st.one_of(
    st.fixed_dictionaries(
        {"Effect": st.sampled_from(["Allow", "Deny", {"Ref": "Unknown"}])},
        optional={
            "Action": st.sampled_from(
                ["*", "s3:*", "s3:GetObject", ["iam:PassRole", "lambda:*"], "cloudtrail:*", {"Ref": "Unknown"}]
            ),
            "Resource": st.one_of(_NAMED, st.lists(_NAMED, max_size=2)),
            "Principal": st.one_of(st.just("*"), st.fixed_dictionaries({"AWS": _NAMED})),
            "Condition": st.sampled_from(
                [
                    {"Bool": {"aws:SecureTransport": "false"}},
                    {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                    {"ArnLike": {"aws:SourceArn": {"Fn::GetAtt": ["R1", "Arn"]}}},
                    {"Ref": "R0"},
                ]
            ),
        },
    ),
    st.sampled_from([{"Ref": "R0"}, {"Ref": "R1"}, {"Ref": "Unknown"}, "text"]),
)
_POLICY = st.one_of(
    st.fixed_dictionaries({"Statement": st.one_of(_STATEMENT, st.lists(_STATEMENT, max_size=2))}), VALUES
)
_ONE = st.sampled_from([*({"Ref": f"R{number}"} for number in range(4)), {"Fn::If": ["Maybe", {"Ref": "R0"}, "R1"]}])


def _closing(named: tuple[Any, Any]) -> tuple[str, dict[str, Any]]:
    """A policy of one bucket that denies plain HTTP to one, which may be another."""
    bucket, about = named
    (name,) = about.values() if "Ref" in about else ("R1",)
    arn = {"Fn::GetAtt": [name, "Arn"]}
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, {"Fn::Join": ["", [arn, "/*"]]}],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return "AWS::S3::BucketPolicy", {"Bucket": bucket, "PolicyDocument": {"Statement": [statement]}}


_REFERENCES = st.lists(st.sampled_from([{"Ref": "R0"}, {"Ref": "R1"}, {"Ref": "Unknown"}, "R0"]), max_size=2)
RESOURCES = st.lists(
    st.one_of(
        st.fixed_dictionaries({"PolicyDocument": _POLICY}, optional={"Roles": _REFERENCES, "Users": _REFERENCES}).map(
            lambda properties: ("AWS::IAM::Policy", properties)
        ),
        st.fixed_dictionaries({"PolicyDocument": _POLICY, "Bucket": _ONE}).map(
            lambda properties: ("AWS::S3::BucketPolicy", properties)
        ),
        st.tuples(_ONE, _ONE).map(_closing),
        st.fixed_dictionaries(
            {},
            optional={
                "Policies": st.lists(st.fixed_dictionaries({"PolicyDocument": _POLICY}), max_size=2),
                "ManagedPolicyArns": _REFERENCES,
                "PermissionsBoundary": VALUES,
            },
        ).map(lambda properties: ("AWS::IAM::Role", properties)),
        st.fixed_dictionaries({"KeyPolicy": _POLICY}).map(lambda properties: ("AWS::KMS::Key", properties)),
        st.fixed_dictionaries({}, optional={"GroupId": VALUES, "SecurityGroupIds": _REFERENCES}).map(
            lambda properties: ("AWS::EC2::Instance", properties)
        ),
        st.just(("AWS::EC2::SecurityGroup", {})),
        st.fixed_dictionaries(
            {},
            optional={
                "VersioningConfiguration": st.fixed_dictionaries({"Status": VALUES}),
                "BucketName": VALUES,
                "LoggingConfiguration": st.fixed_dictionaries({"DestinationBucketName": VALUES}),
                "ObjectLockEnabled": VALUES,
            },
        ).map(lambda properties: ("AWS::S3::Bucket", properties)),
        st.fixed_dictionaries(
            {},
            optional={
                "Engine": st.sampled_from(["postgres", "mysql", {"Ref": "Unknown"}]),
                "StorageEncrypted": VALUES,
                "BackupRetentionPeriod": VALUES,
                "DBClusterIdentifier": VALUES,
                "SourceDBInstanceIdentifier": VALUES,
                "PubliclyAccessible": VALUES,
            },
        ).map(lambda properties: ("AWS::RDS::DBInstance", properties)),
    ),
    min_size=2,
    max_size=8,
)


def document(resources: list[tuple[str, dict[str, Any]]], conditional: bool) -> dict[str, Any]:
    return {
        "Parameters": {"Known": {"Type": "String", "Default": "Enabled"}, "Unknown": {"Type": "String"}},
        "Conditions": {"Maybe": {"Fn::Equals": [{"Ref": "Unknown"}, "x"]}},
        "Resources": {
            f"R{number}": {"Type": kind, "Properties": properties, **({"Condition": "Maybe"} if conditional else {})}
            for number, (kind, properties) in enumerate(resources)
        },
    }


def _allowing(resource: Any) -> tuple[str, dict[str, Any]]:
    return "AWS::IAM::Policy", {
        "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": resource}}
    }


@pytest.mark.parametrize("branches", [("*", {"Ref": "R0"}), ({"Ref": "R0"}, "*")])
def test_what_hangs_on_a_condition_is_not_remembered(branches: tuple[Any, Any]) -> None:
    allowing = _allowing({"Fn::If": ["Maybe", *branches]})
    found = audit(assembly=Assembly.of_document(document([allowing, allowing], False)), include=[STAR_STAR]).results
    assert [result.status for result in found if result.resource] == ["FAIL", "FAIL"]
    for result in found:
        if result.resource:
            (when,) = re.findall(r"\(when (.*)\)$", result.message)
            assert re.fullmatch(r"condition Maybe is (true|false)", when)


@given(RESOURCES, st.booleans())
@example([_allowing({"Fn::If": ["Maybe", {"Ref": "R0"}, "*"]}), _allowing({"Ref": "R0"})], False)
def test_what_is_remembered_changes_nothing(resources: list[tuple[str, dict[str, Any]]], conditional: bool) -> None:
    """A verdict that is taken over from another resource is the one that the check would give.

    So are the references that are found without an evaluation.
    """
    found = seen(audit(assembly=Assembly.of_document(document(resources, conditional))))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(references, "plain_references", lambda *_: None)
        patched.setattr(references, "_plain_targets", lambda *_: None)
        fresh = Assembly.of_document(document(resources, conditional))
        assert found == seen(audit(assembly=fresh, reuse_verdicts=False))


def test_a_check_is_asked_once_for_what_is_the_same() -> None:
    asked = []
    control = catalogue()[VERSIONING]
    check = control.check
    assert check is not None

    def counting(bucket: Any) -> Any:
        asked.append(bucket)
        return check(bucket)

    on = {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}}
    off = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b"}}
    resources = {"A": on, "B": on, "C": off, "D": on, "E": {**off, "Properties": {}}}
    evaluation = Evaluation(Assembly.of_document({"Resources": resources}))
    judged = VerdictCache(evaluation, counting).judged(evaluation.of_type("AWS::S3::Bucket"))
    statuses = [verdict.status for _, verdict, _ in judged]
    assert statuses == ["PASS", "PASS", "FAIL", "PASS", "FAIL"]
    assert [resource.logical_id for resource in asked] == ["A", "C"]


def test_a_rule_that_names_the_place_is_not_remembered() -> None:
    """Kinesis streams without encryption pass in China only: two of them in different regions differ."""
    templates = []
    for region in ("cn-north-1", "eu-central-1"):
        body = {"Resources": {"Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": 1}}}}
        templates.append(Template(region, body, region=region))
    found = audit(assembly=Assembly(templates), include=["kinesis_stream_server_side_encryption_enabled"]).results
    assert [result.status for result in found if result.resource] == ["PASS", "FAIL"]


def test_results_follow_the_catalogue_and_the_template() -> None:
    buckets = {name: {"Type": "AWS::S3::Bucket"} for name in ("B", "A")}
    results = [r for r in audit(assembly=Assembly.of_document({"Resources": buckets})).results if r.resource]
    order = list(catalogue())
    places = [(order.index(r.control.id), ["B", "A"].index(str(r.logical_id))) for r in results]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("options", "failing"),
    [({}, 1), ({"fail_on": "high"}, 1), ({"fail_on": "none"}, 0), ({"strict": True}, 2)],
)
def test_what_fails(options: dict[str, Any], failing: int) -> None:
    open_ = {"VersioningConfiguration": {"Status": {"Fn::ImportValue": "x"}}}
    resources = {"A": {"Type": "AWS::S3::Bucket"}, "B": {"Type": "AWS::S3::Bucket", "Properties": open_}}
    found = audit(assembly=Assembly.of_document({"Resources": resources}), include=[VERSIONING])
    assert len(found.failures(**options)) == failing


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"categories": ["Secrecy"]}, "There is no category 'Secrecy'"),
        ({"include": ["s3_bucket_versionning_enabled"]}, "Did you mean s3_bucket_versioning_enabled"),
        ({"exclude": ["nothing"]}, "There is no control 'nothing'"),
        ({"thresholds": {"days": 1}}, "There is no threshold 'days'"),
        ({"thresholds": {"log_retention_days": True}}, "must be a number"),
        ({"thresholds": {"log_retention_days": -1}}, "must be a number"),
        ({"thresholds": {"log_retention_days": [1, 2]}}, "must be a number"),
        ({"thresholds": {"public_ports": [443, "8443"]}}, "must be numbers"),
        ({"thresholds": {"public_ports": -1}}, "must be numbers"),
    ],
)
def test_what_does_not_exist_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        audit(assembly=Assembly.of_document({"Resources": {}}), **options)


ROOT_MFA = "iam_root_user_mfa_enabled"
RULE = {"Type": "AWS::Config::ConfigRule", "Properties": {"Source": {"SourceIdentifier": "ROOT_ACCOUNT_MFA_ENABLED"}}}


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        (RULE, "PASS"),
        ({**RULE, "Condition": "Never"}, "UNRESOLVED"),
        ({**RULE, "Condition": "Always"}, "PASS"),
        ({**RULE, "Condition": "Sometimes"}, "UNRESOLVED"),
        (
            {
                "Type": "AWS::Config::ConformancePack",
                "Properties": {"TemplateBody": "{'x': 'ROOT_ACCOUNT_MFA_ENABLED'}"},
            },
            "PASS",
        ),
        (
            {"Type": "AWS::Config::ConformancePack", "Properties": {"TemplateBody": "ROOT_ACCOUNT_MFA_ENABLED_X"}},
            "UNRESOLVED",
        ),
    ],
)
def test_a_rule_covers_what_only_a_live_account_shows(rule: dict[str, Any], status: str) -> None:
    document = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["test", "prod"]}},
        "Conditions": {
            "Always": {"Fn::Equals": ["a", "a"]},
            "Never": {"Fn::Equals": ["a", "b"]},
            "Sometimes": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        },
        "Resources": {"Rule": rule},
    }
    found = audit(assembly=Assembly.of_document(document), include=[ROOT_MFA]).results
    assert [result.status for result in found if result.control.id == ROOT_MFA] == [status]


def encrypted(value: Any) -> dict[str, Any]:
    return {
        "Parameters": {"P": {"Type": "String"}, "Q": {"Type": "String"}},
        "Conditions": {name: {"Fn::Equals": [{"Ref": name[0]}, "x"]} for name in ("Pc", "Qc")},
        "Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": value}}}},
    }


@pytest.mark.parametrize(
    ("value", "suffix"),
    [
        ({"Fn::If": ["Pc", "Suspended", "Off"]}, ""),
        ({"Fn::If": ["Pc", "Enabled", {"Fn::If": ["Qc", "Off", "Off"]}]}, " (when condition Pc is false)"),
        (
            {"Fn::If": ["Pc", {"Fn::If": ["Qc", "Off", "Enabled"]}, "Enabled"]},
            " (when condition Pc is true and condition Qc is true)",
        ),
    ],
)
def test_a_message_names_only_the_conditions_that_decide(value: Any, suffix: str) -> None:
    found = audit(assembly=Assembly.of_document(encrypted(value)), include=[VERSIONING]).results
    (result,) = (one for one in found if one.control.id == VERSIONING)
    assert result.status == "FAIL"
    assert result.message.partition(" (when")[1:] == (suffix[:6], suffix[6:])


def test_a_default_is_shown_in_words() -> None:
    document = {"Resources": {"L": {"Type": "AWS::Logs::LogGroup"}}}
    retention = "cloudwatch_log_group_retention_period_365"
    found = audit(assembly=Assembly.of_document(document), include=[retention]).results
    (result,) = (one for one in found if one.control.id == retention)
    assert (result.status, result.message) == ("PASS", "RetentionInDays is not set (events never expire)")
