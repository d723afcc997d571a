"""Consequences that the effects of CloudFormation do not show: requests that fail afterward, and costs."""

from __future__ import annotations

from typing import Any

import pytest

from soc2_constructs.cloudformation import Assembly
from soc2_constructs.deployment import Plan, compare
from soc2_constructs.deployment.consequences import _ACCESS, _ACCESS_BY_ADDITION, _COSTS, _COSTS_OF_ADDITION, _POLICIES
from soc2_constructs.deployment.updates import IN_PLACE
from soc2_constructs.reports.plan import render

KMS = {
    "ServerSideEncryptionConfiguration": [
        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "Key"}}}
    ]
}
KEY = "principals without permission to use the key are rejected"
TLS = "connections without TLS are rejected"
AUTHORIZATION = "callers without authorization are rejected"
DENIED = "requests that a new Deny statement matches are rejected"


def resources(kind: str, properties: Any) -> Assembly:
    return Assembly.of_document({"Resources": {"Thing": {"Type": kind, "Properties": properties}}})


def plan(kind: str, before: Any, after: Any) -> Plan:
    return compare(resources(kind, before), resources(kind, after))


#: Type, deployed properties, new properties, requests that fail afterward, costs.
CHANGES: list[tuple[str, Any, Any, list[str], list[str]]] = [
    ("AWS::ApiGateway::Method", {"AuthorizationType": "NONE"}, {"AuthorizationType": "AWS_IAM"}, [AUTHORIZATION], []),
    ("AWS::ApiGateway::Method", {"AuthorizationType": "AWS_IAM"}, {"AuthorizationType": "CUSTOM"}, [], []),
    ("AWS::ApiGateway::Method", {"AuthorizationType": "AWS_IAM"}, {"AuthorizationType": "NONE"}, [], []),
    ("AWS::ApiGatewayV2::Route", {}, {"AuthorizationType": "AWS_IAM"}, [AUTHORIZATION], []),
    ("AWS::ApiGateway::Stage", {}, {"TracingEnabled": True}, [], ["traces"]),
    (
        "AWS::CloudFront::Distribution",
        {"DistributionConfig": {"DefaultCacheBehavior": {"ViewerProtocolPolicy": "allow-all"}}},
        {"DistributionConfig": {"DefaultCacheBehavior": {"ViewerProtocolPolicy": "redirect-to-https"}}},
        ["HTTP requests are redirected or rejected"],
        [],
    ),
    (
        "AWS::DynamoDB::Table",
        {},
        {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
        [],
        ["continuous backups"],
    ),
    (
        "AWS::EC2::Instance",
        {},
        {"MetadataOptions": {"HttpTokens": "required"}, "Monitoring": True},
        ["programs that use IMDSv1 get no credentials"],
        ["detailed monitoring"],
    ),
    (
        "AWS::EC2::Subnet",
        {"MapPublicIpOnLaunch": True},
        {"MapPublicIpOnLaunch": False},
        ["new instances have no public address"],
        [],
    ),
    (
        "AWS::Kinesis::Stream",
        {"RetentionPeriodHours": 24},
        {"RetentionPeriodHours": 168, "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "k"}},
        [KEY],
        ["longer retention"],
    ),
    ("AWS::Kinesis::Stream", {"RetentionPeriodHours": 168}, {"RetentionPeriodHours": 24}, [], []),
    ("AWS::Lambda::Function", {}, {"TracingConfig": {"Mode": "Active"}}, [], ["traces"]),
    ("AWS::RDS::DBCluster", {}, {"BackupRetentionPeriod": 35}, [], ["backup storage"]),
    ("AWS::RDS::DBClusterParameterGroup", {"Parameters": {}}, {"Parameters": {"rds.force_ssl": "1"}}, [TLS], []),
    ("AWS::RDS::DBClusterParameterGroup", {}, {"Parameters": {"require_secure_transport": "ON"}}, [TLS], []),
    (
        "AWS::RDS::DBInstance",
        {"PubliclyAccessible": True},
        {"PubliclyAccessible": False, "MultiAZ": True, "MonitoringInterval": 60, "BackupRetentionPeriod": 35},
        ["connections from the internet are rejected"],
        ["backup storage", "enhanced monitoring", "a standby instance"],
    ),
    ("AWS::RDS::DBParameterGroup", {}, {"Parameters": {"rds.force_ssl": 1}}, [TLS], []),
    (
        "AWS::RDS::DBParameterGroup",
        {"Parameters": {"require_secure_transport": "0"}},
        {"Parameters": {"require_secure_transport": "1"}},
        [TLS],
        [],
    ),
    ("AWS::RDS::DBProxy", {}, {"RequireTLS": True}, [TLS], []),
    ("AWS::S3::Bucket", {}, {"BucketEncryption": KMS}, [KEY], []),
    ("AWS::S3::Bucket", {"BucketEncryption": KMS}, {}, [], []),
    (
        "AWS::S3::Bucket",
        {},
        {
            "PublicAccessBlockConfiguration": {"BlockPublicPolicy": True},
            "VersioningConfiguration": {"Status": "Enabled"},
            "ReplicationConfiguration": {"Role": "r"},
        },
        ["public requests are rejected"],
        ["a second copy of all objects and its transfer", "storage of previous versions"],
    ),
    ("AWS::SNS::Topic", {}, {"KmsMasterKeyId": {"Ref": "Key"}}, [KEY], []),
    ("AWS::SQS::Queue", {"KmsMasterKeyId": "alias/aws/sqs"}, {"KmsMasterKeyId": {"Ref": "Key"}}, [KEY], []),
    ("AWS::SecretsManager::Secret", {}, {"KmsKeyId": {"Ref": "Key"}}, [KEY], []),
    (
        "AWS::StepFunctions::StateMachine",
        {},
        {"LoggingConfiguration": {"Level": "ALL"}, "TracingConfiguration": {"Enabled": True}},
        [],
        ["execution logs", "traces"],
    ),
]


@pytest.mark.parametrize(("kind", "before", "after", "access", "costs"), CHANGES)
def test_a_change_has_consequences(kind: str, before: Any, after: Any, access: list[str], costs: list[str]) -> None:
    (step,) = plan(kind, before, after).steps
    assert (step.access, step.costs) == (access, costs)


def test_each_rule_has_a_case() -> None:
    """Each text of each type occurs in a case."""
    shown = {(kind, text) for kind, _, _, access, costs in CHANGES for text in (*access, *costs)}
    assert {
        (kind, text) for table in (_ACCESS, _COSTS) for kind, rules in table.items() for _, text in rules.values()
    } == shown


@pytest.mark.parametrize("kind", sorted(_COSTS_OF_ADDITION))
def test_an_added_resource_has_costs(kind: str) -> None:
    before = Assembly.of_document({"Resources": {"Other": {"Type": "AWS::SNS::Topic"}}})
    after = Assembly.of_document({"Resources": {"Other": {"Type": "AWS::SNS::Topic"}, "New": {"Type": kind}}})
    (step,) = compare(before, after).steps
    assert step.costs == [_COSTS_OF_ADDITION[kind]]


@pytest.mark.parametrize("deployed", [True, False])
@pytest.mark.parametrize("kind", sorted(_ACCESS_BY_ADDITION))
def test_an_added_resource_affects_a_deployed_one(kind: str, deployed: bool) -> None:
    property, text = _ACCESS_BY_ADDITION[kind]
    added = {"Type": kind, "Properties": {property: {"Fn::GetAtt": ["Thing", "Arn"]}}}
    thing = {"Thing": {"Type": "AWS::SNS::Topic"}}
    other = {"Other": {"Type": "AWS::SNS::Topic"}}
    before = Assembly.of_document({"Resources": {**other, **(thing if deployed else {})}})
    after = Assembly.of_document({"Resources": {**other, **thing, "New": added}})
    access = {step.resource.logical_id: step.access for step in compare(before, after).steps}
    assert access["New"] == ([text] if deployed else [])


def policy(kind: str, *statements: dict[str, Any]) -> dict[str, Any]:
    name = "ResourcePolicy" if kind == "AWS::SecretsManager::ResourcePolicy" else "PolicyDocument"
    reference: Any = {"Ref": "Thing"}
    if _POLICIES[kind] in ("Topics", "Queues"):
        reference = [reference]
    return {"Type": kind, "Properties": {_POLICIES[kind]: reference, name: {"Statement": list(statements)}}}


ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "*"}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "*"}


@pytest.mark.parametrize("kind", sorted(_POLICIES))
def test_a_new_denial_is_shown(kind: str) -> None:
    thing = {"Thing": {"Type": "AWS::SNS::Topic"}}
    sides = {
        "without": thing,
        "allows": {**thing, "Policy": policy(kind, ALLOW)},
        "denies": {**thing, "Policy": policy(kind, ALLOW, DENY)},
    }
    assemblies = {name: Assembly.of_document({"Resources": side}) for name, side in sides.items()}
    for before, after, expected in (
        ("without", "denies", [DENIED]),
        ("allows", "denies", [DENIED]),
        ("without", "allows", []),
        ("denies", "allows", []),
    ):
        (step,) = compare(assemblies[before], assemblies[after]).steps
        assert step.access == expected, (before, after)


def test_the_report_does_not_leave_it_at_no_interruption() -> None:
    found = plan("AWS::ApiGateway::Method", {"AuthorizationType": "NONE"}, {"AuthorizationType": "AWS_IAM"})
    assert found.steps[0].effect == IN_PLACE
    text = render(found)
    assert "cuts off: callers without authorization are rejected" in text
    assert "1 resource may cut off users" in text


def test_the_report_lists_costs() -> None:
    before = Assembly.of_document({"Resources": {"Other": {"Type": "AWS::SNS::Topic"}}})
    after = Assembly.of_document({"Resources": {"Other": {"Type": "AWS::SNS::Topic"}, "K": {"Type": "AWS::KMS::Key"}}})
    text = render(compare(before, after))
    assert "costs: a key and its requests" in text
    assert "1 resource with additional costs" in text
