"""The laws and the template reader, on small templates: each law reports a broken template, and not the cured one."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from flows.access import key_of, role, serve, service
from flows.laws import problems
from flows.world import Stack, TwoPolicies, World

KMS = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
LAMBDA = {"Service": "lambda.amazonaws.com"}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def arn(id: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [id, "Arn"]}


def world(resources: dict[str, Any], region: str = "us-east-1", **sections: Any) -> World:
    return World([Stack("S", "111111111111", region, {"Resources": copy.deepcopy(resources), **sections})])


def allow(*actions: str, on: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": [*actions], "Resource": on, **more}]}


def made_by(*actions: str) -> dict[str, Any]:
    return resource("IAM::Role", Policies=[{"PolicyName": "p", "PolicyDocument": allow(*actions)}])


def bucket_policy(bucket: str, service: str, **more: Any) -> dict[str, Any]:
    document = allow("s3:*", Principal={"Service": service}, **more)
    return resource("S3::BucketPolicy", Bucket={"Ref": bucket}, PolicyDocument=document)


TRACED = resource("Lambda::Function", Role=arn("Role"), TracingConfig={"Mode": "Active"})
LOGGED = resource("StepFunctions::StateMachine", RoleArn=arn("Role"), LoggingConfiguration={"Level": "ALL"})
SOURCE = resource("S3::Bucket", LoggingConfiguration={"DestinationBucketName": {"Ref": "Logs"}})
LOG_POLICY = bucket_policy("Logs", "logging.s3.amazonaws.com")
REPLICATED = resource(
    "S3::Bucket",
    BucketEncryption=KMS,
    ReplicationConfiguration={"Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::far"}}]},
)
SELECTED = resource(
    "S3::Bucket",
    BucketEncryption=KMS,
    ReplicationConfiguration={
        "Rules": [
            {
                "Status": "Enabled",
                "Destination": {"Bucket": "arn:aws:s3:::far", "EncryptionConfiguration": {"ReplicaKmsKeyID": "k"}},
                "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
            }
        ]
    },
)
BALANCER = resource(
    "ElasticLoadBalancingV2::LoadBalancer",
    LoadBalancerAttributes=[
        {"Key": "access_logs.s3.enabled", "Value": "true"},
        {"Key": "access_logs.s3.bucket", "Value": {"Ref": "Logs"}},
    ],
)
TRAIL = resource("CloudTrail::Trail", S3BucketName={"Ref": "Logs"})
ALARM = resource("CloudWatch::Alarm", AlarmActions=[{"Ref": "Topic"}])
TLS = {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}
TLS["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}  # type: ignore[assignment]
DENIES_ONLY = resource("SNS::TopicPolicy", Topics=[{"Ref": "Topic"}], PolicyDocument={"Statement": [TLS]})
NOTIFIED = {
    "Type": "Custom::S3BucketNotifications",
    "Properties": {"BucketName": {"Ref": "Bucket"}, "NotificationConfiguration": {}},
}
EMITS = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
WEB = resource(
    "CloudFront::Distribution",
    DistributionConfig={"Logging": {"Bucket": {"Fn::GetAtt": ["Logs", "RegionalDomainName"]}}},
)
TAKES_ACLS = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
AT_EDGE = resource(
    "CloudFront::Distribution",
    DistributionConfig={"DefaultCacheBehavior": {"LambdaFunctionAssociations": [{"LambdaFunctionARN": {"Ref": "V"}}]}},
)
VERSION = resource("Lambda::Version", FunctionName={"Ref": "Function"})
FED = {
    "Function": resource("Lambda::Function", Role=arn("Role")),
    "Queue": resource("SQS::Queue"),
    "Source": resource("Lambda::EventSourceMapping", FunctionName={"Ref": "Function"}, EventSourceArn=arn("Queue")),
}
FLOW_LOG = resource("EC2::FlowLog", DeliverLogsPermissionArn=arn("Role"), LogGroupName={"Ref": "Group"}, ResourceId="v")
WRITER = resource(
    "IAM::Role",
    AssumeRolePolicyDocument=allow("sts:AssumeRole", Principal={"Service": "vpc-flow-logs.amazonaws.com"}),
    Policies=[{"PolicyName": "p", "PolicyDocument": allow("logs:*")}],
)
LOG_KEY = resource("KMS::Key", KeyPolicy=allow("kms:*", Principal={"Service": "logs.us-east-1.amazonaws.com"}))
VIA_ONLY = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
AS_MANAGED = {"StringEquals": {**VIA_ONLY["StringEquals"], "kms:CallerAccount": "111111111111"}}
GROUP = resource("Logs::LogGroup", KmsKeyId=arn("Key"))


@pytest.mark.parametrize(
    ("problem", "broken", "cured"),
    [
        (
            "2 resources write the policy",
            {"B": resource("S3::Bucket"), "P": bucket_policy("B", "a"), "Q": bucket_policy("B", "b")},
            {"B": resource("S3::Bucket"), "P": bucket_policy("B", "a")},
        ),
        ("active tracing", {"Function": TRACED, "Role": made_by("logs:*")},
         {"Function": TRACED, "Role": made_by("xray:*")}),
        ("used at the edge", {"Function": TRACED, "Role": made_by("xray:*"), "V": VERSION, "D": AT_EDGE},
         {"Function": resource("Lambda::Function", Role=arn("Role")), "Role": made_by("x:*"), "V": VERSION,
          "D": AT_EDGE}),
        ("which logging requires", {"M": LOGGED, "Role": made_by("lambda:*")},
         {"M": LOGGED, "Role": made_by("logs:*")}),
        ("cannot sqs:SendMessage",
         {"F": resource("Lambda::Function", Role=arn("Role"), DeadLetterConfig={"TargetArn": arn("Q")}),
          "Q": resource("SQS::Queue"), "Role": made_by("logs:*")},
         {"F": resource("Lambda::Function", Role=arn("Role"), DeadLetterConfig={"TargetArn": arn("Q")}),
          "Q": resource("SQS::Queue"), "Role": made_by("sqs:SendMessage")}),
        ("encrypted with a KMS key", {"Source": SOURCE, "Logs": resource("S3::Bucket", BucketEncryption=KMS)},
         {"Source": SOURCE, "Logs": resource("S3::Bucket"), "P": LOG_POLICY}),
        ("cannot s3:PutObject", {"Source": SOURCE, "Logs": resource("S3::Bucket")},
         {"Source": SOURCE, "Logs": resource("S3::Bucket", AccessControl="LogDeliveryWrite")}),
        ("default retention",
         {"Source": SOURCE, "P": LOG_POLICY,
          "Logs": resource("S3::Bucket", ObjectLockConfiguration={"Rule": {"x": 1}})},
         {"Source": SOURCE, "P": LOG_POLICY, "Logs": resource("S3::Bucket")}),
        ("CloudWatch Logs may not", {"G": GROUP, "Key": resource("KMS::Key")}, {"G": GROUP, "Key": LOG_KEY}),
        ("a replication rule does not take along", {"B": REPLICATED}, {"B": SELECTED}),
        ("cannot deliver its logs",
         {"L": BALANCER, "Logs": resource("S3::Bucket", BucketEncryption=KMS),
          "P": bucket_policy("Logs", "logdelivery.elasticloadbalancing.amazonaws.com")},
         {"L": BALANCER, "Logs": resource("S3::Bucket"),
          "P": bucket_policy("Logs", "logdelivery.elasticloadbalancing.amazonaws.com")}),
        ("cloudtrail.amazonaws.com cannot s3:GetBucketAcl", {"T": TRAIL, "Logs": resource("S3::Bucket")},
         {"T": TRAIL, "Logs": resource("S3::Bucket"), "P": bucket_policy("Logs", "cloudtrail.amazonaws.com")}),
        ("cloudwatch.amazonaws.com cannot sns:Publish", {"A": ALARM, "Topic": resource("SNS::Topic"), "P": DENIES_ONLY},
         {"A": ALARM, "Topic": resource("SNS::Topic")}),
        ("events.amazonaws.com cannot sqs:SendMessage",
         {"R": resource("Events::Rule", Targets=[{"Arn": arn("Q")}]), "Q": resource("SQS::Queue")},
         {"R": resource("Events::Rule", Targets=[{"Arn": arn("Q"), "RoleArn": "r"}]), "Q": resource("SQS::Queue")}),
        ("sns.amazonaws.com cannot sqs:SendMessage",
         {"S": resource("SNS::Subscription", TopicArn={"Ref": "T"}, Endpoint=arn("Q")), "T": resource("SNS::Topic"),
          "Q": resource("SQS::Queue")},
         {"S": resource("SNS::Subscription", TopicArn={"Ref": "T"}, Endpoint=arn("Q")), "T": resource("SNS::Topic"),
          "Q": resource("SQS::Queue"),
          "P": resource("SQS::QueuePolicy", Queues=[{"Ref": "Q"}],
                        PolicyDocument=allow("sqs:SendMessage", Principal={"Service": "sns.amazonaws.com"}))}),
        ("has notifications in its template",
         {"Bucket": resource("S3::Bucket", NotificationConfiguration=EMITS), "N": NOTIFIED},
         {"Bucket": resource("S3::Bucket"), "N": NOTIFIED}),
        ("takes no ACL", {"W": WEB, "Logs": resource("S3::Bucket")},
         {"W": WEB, "Logs": resource("S3::Bucket", OwnershipControls=TAKES_ACLS)}),
        ("lacks logs:CreateLogStream",
         {"L": FLOW_LOG, "Group": resource("Logs::LogGroup"),
          "Role": {**WRITER, "Properties": {**WRITER["Properties"], "Policies": []}}},
         {"L": FLOW_LOG, "Group": resource("Logs::LogGroup"), "Role": WRITER}),
        ("lets in", {"Key": resource("KMS::Key", KeyPolicy=allow("kms:*", Principal={"AWS": "*"}))},
         {"Key": resource("KMS::Key", KeyPolicy=allow("kms:*", Principal={"AWS": "*"}, Condition=AS_MANAGED))}),
        ("lets in arn:aws:iam::999999999999",
         {"Key": resource("KMS::Key", KeyPolicy=allow("kms:*", Principal={"AWS": "*"}, Condition=VIA_ONLY))},
         {"Key": resource("KMS::Key")}),
        ("cannot read", {**FED, "Role": made_by("logs:*")}, {**FED, "Role": made_by("sqs:ReceiveMessage")}),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)  # fmt: skip
def test_law(problem: str, broken: dict[str, Any], cured: dict[str, Any]) -> None:
    assert any(problem in each for each in problems(world(broken)))
    assert problems(world(cured)) == []


def test_intrinsic_functions_are_decided() -> None:
    stack = Stack(
        "S",
        "111111111111",
        "eu-west-1",
        {
            "Parameters": {"Stage": {"Default": "test"}},
            "Mappings": {"M": {"eu-west-1": {"x": "found"}}},
            "Conditions": {"Live": {"Fn::Equals": [{"Ref": "Stage"}, "live"]}},
            "Resources": {"Q": resource("SQS::Queue"), "Gone": {**resource("SQS::Queue"), "Condition": "Live"}},
            "Outputs": {"Out": {"Value": arn("Q"), "Export": {"Name": "queue"}}},
        },
    )
    read = World([stack])
    queue = "arn:aws:sqs:eu-west-1:111111111111:S-Q"
    for value, expected in [
        (arn("Q"), queue),
        ({"Ref": "Q"}, "https://sqs.eu-west-1.amazonaws.com/111111111111/S-Q"),
        ({"Fn::Sub": "${Q.Arn}/${AWS::Region}/${!x}"}, f"{queue}/eu-west-1/${{x}}"),
        ({"Fn::Sub": ["${a}", {"a": {"Ref": "Stage"}}]}, "test"),
        ({"Fn::Join": ["-", ["a", {"Ref": "AWS::AccountId"}]]}, "a-111111111111"),
        ({"Fn::Select": ["1", {"Fn::Split": [":", "a:b"]}]}, "b"),
        ({"Fn::If": ["Live", 1, 2]}, 2),
        ({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "x"]}, "found"),
        ({"Fn::ImportValue": "queue"}, queue),
        ([{"Ref": "AWS::NoValue"}, 1], [1]),
        ({"a": {"Ref": "AWS::NoValue"}}, {}),
    ]:
        assert read.resolve(value, stack) == expected
    assert [each.id for each in read.all("AWS::SQS::Queue")] == ["Q"]


def test_two_policies_for_one_queue_are_an_error() -> None:
    document = allow("sqs:*", Principal="*")
    policy = resource("SQS::QueuePolicy", Queues=[{"Ref": "Q"}], PolicyDocument=document)
    made = world({"Q": resource("SQS::Queue"), "A": policy, "B": policy})
    with pytest.raises(TwoPolicies):
        made.guard(made.resource("S", "Q"))


@pytest.mark.parametrize(
    ("key_policy", "caller", "served"),
    [
        (allow("kms:*", Principal={"AWS": "arn:aws:iam::111111111111:root"}), "role", False),
        (allow("kms:*", Principal={"Service": "s3.amazonaws.com"}), "s3.amazonaws.com", True),
        (
            allow(
                "kms:*",
                Principal={"Service": "events.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceAccount": "111111111111"}},
            ),
            "events.amazonaws.com",
            False,
        ),
        (allow("kms:*", Principal={"Service": "events.amazonaws.com"}), "events.amazonaws.com", True),
        (
            allow(
                "kms:*",
                Principal={"AWS": "*"},
                Condition={
                    "StringEquals": {
                        "kms:ViaService": "sns.us-east-1.amazonaws.com",
                        "kms:CallerAccount": "111111111111",
                    }
                },
            ),
            "role",
            True,
        ),
        (allow("kms:*", Principal={"Service": "config.amazonaws.com"}), "config.amazonaws.com", False),
    ],
    ids=["delegation-only", "service", "condition-not-passed", "without-condition", "as-managed-key", "never"],
)
def test_encrypted_topic(key_policy: dict[str, Any], caller: str, served: bool) -> None:
    publish = allow("sns:Publish", Principal={"Service": [caller]})
    made = world(
        {
            "Key": resource("KMS::Key", KeyPolicy=key_policy),
            "Topic": resource("SNS::Topic", KmsMasterKeyId=arn("Key")),
            "Policy": resource("SNS::TopicPolicy", Topics=[{"Ref": "Topic"}], PolicyDocument=publish),
            "Role": made_by("sns:Publish"),
        }
    )
    topic = made.resource("S", "Topic")
    who = role(made.resource("S", "Role").arn) if caller == "role" else service(caller)
    assert (serve(made, who, "sns:Publish", topic) is None) is served


def test_a_bucket_key_asks_services_for_decrypt() -> None:
    generate = allow("kms:GenerateDataKey*", Principal={"Service": "delivery.logs.amazonaws.com"})
    rule = {**KMS["ServerSideEncryptionConfiguration"][0], "BucketKeyEnabled": True}
    rule["ServerSideEncryptionByDefault"] = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn("Key")}
    resources = {
        "Key": resource("KMS::Key", KeyPolicy=generate),
        "B": resource("S3::Bucket", BucketEncryption={"ServerSideEncryptionConfiguration": [rule]}),
        "P": bucket_policy("B", "delivery.logs.amazonaws.com"),
    }
    made, caller = world(resources), service("delivery.logs.amazonaws.com")
    bucket = made.resource("S", "B")
    assert key_of(bucket) == made.resource("S", "Key").arn
    assert "kms:Decrypt" in str(serve(made, caller, "s3:PutObject", bucket, "/a"))
    rule["BucketKeyEnabled"] = False
    made = world(resources)
    assert serve(made, caller, "s3:PutObject", made.resource("S", "B"), "/a") is None
