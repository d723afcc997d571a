"""Buckets that comply."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from soc2_constructs.hardening import BACKUP_TAG, RECOVERY_REGION, NonCompliantError, PropsContext
from soc2_constructs.hardening.waive import waive

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as plain
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template
from constructs import Construct

from soc2_constructs import aws_s3 as s3

BUCKET = "AWS::S3::Bucket"
FLAG = "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy"
TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def bucket_of(stack: cdk.Stack, start: str = "Bucket") -> dict[str, Any]:
    """The one bucket of a stack whose logical id starts so."""
    found = Template.from_stack(stack).find_resources(BUCKET)
    (bucket,) = (resource for name, resource in found.items() if name.startswith(start))
    return dict(bucket)


def accept(stack: cdk.Stack, *controls: str) -> None:
    for control in controls:
        waive(stack, control, reason="r", owner="o", expires=TODAY)


# The module


def test_everything_of_the_cdk_is_there() -> None:
    assert set(plain.__all__) <= set(dir(s3))
    assert s3.BlockPublicAccess is plain.BlockPublicAccess
    assert issubclass(s3.Bucket, plain.Bucket)
    assert s3.Bucket is not plain.Bucket


def test_it_can_be_used_as_a_bucket_of_the_cdk(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    bucket.grant_read_write(role)
    cloudfront.Distribution(
        stack,
        "Web",
        default_behavior=cloudfront.BehaviorOptions(origin=origins.S3BucketOrigin.with_origin_access_control(bucket)),
    )
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::IAM::Policy", {"PolicyDocument": {"Statement": Match.any_value()}})
    template.resource_count_is("AWS::CloudFront::OriginAccessControl", 1)


def test_imported_buckets_are_those_of_the_cdk(stack: cdk.Stack) -> None:
    assert s3.Bucket.from_bucket_name(stack, "Imported", "theirs").bucket_name == "theirs"


def test_users_can_subclass(stack: cdk.Stack) -> None:
    class Uploads(s3.Bucket):
        def __init__(self, scope: cdk.Stack, id: str, **props: Any) -> None:
            super().__init__(scope, id, bucket_name="uploads", **props)
            self.ours = True

    assert Uploads(stack, "Bucket").ours
    assert bucket_of(stack)["Properties"]["BucketName"] == "uploads"
    with pytest.raises(NonCompliantError):
        Uploads(stack, "Bad", versioned=False)


# Defaults


def test_defaults(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Bucket")
    bucket = bucket_of(stack)
    properties = bucket["Properties"]
    assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert "Fn::GetAtt" in rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert properties["ObjectLockEnabled"] is True
    assert "ObjectLockConfiguration" not in properties, "nothing is held unless somebody says so"
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert properties["LoggingConfiguration"]["LogFilePrefix"] == "Bucket/"
    assert properties["Tags"] == [{"Key": BACKUP_TAG, "Value": "true"}]
    noncurrent, uploads = properties["LifecycleConfiguration"]["Rules"]
    assert noncurrent["NoncurrentVersionExpiration"] == {"NoncurrentDays": 365}
    assert uploads["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_only_tls_12_gets_in(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Bucket")
    policies = Template.from_stack(stack).find_resources("AWS::S3::BucketPolicy")
    assert len(policies) == 2
    for policy in policies.values():
        plain_http, old_tls, *_ = policy["Properties"]["PolicyDocument"]["Statement"]
        assert plain_http["Effect"] == old_tls["Effect"] == "Deny"
        assert plain_http["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert old_tls["Condition"] == {"NumericLessThan": {"s3:TlsVersion": 1.2}}


def test_a_default_bucket_deploys_no_function(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Bucket")
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Lambda::Function", 0)
    template.resource_count_is("AWS::IAM::Role", 0)


# Values of the user's


def test_compliant_values_win(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    s3.Bucket(
        stack,
        "Bucket",
        encryption_key=key,
        minimum_tls_version=1.3,
        removal_policy=cdk.RemovalPolicy.DESTROY,
        auto_delete_objects=True,
        object_ownership=plain.ObjectOwnership.BUCKET_OWNER_PREFERRED,
        server_access_logs_prefix="mine/",
        lifecycle_rules=[plain.LifecycleRule(expiration=cdk.Duration.days(30))],
    )
    bucket = bucket_of(stack)
    properties = bucket["Properties"]
    assert bucket["DeletionPolicy"] == "Delete"
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]["Fn::GetAtt"][0].startswith("Key")
    assert properties["LifecycleConfiguration"]["Rules"] == [{"ExpirationInDays": 30, "Status": "Enabled"}]
    assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerPreferred"}]
    assert properties["LoggingConfiguration"]["LogFilePrefix"] == "mine/"
    assert "Soc2DataKey" not in str(Template.from_stack(stack).to_json())


@pytest.mark.parametrize(
    ("encryption", "algorithm", "own_key"),
    [
        (plain.BucketEncryption.KMS, "aws:kms", True),
        (plain.BucketEncryption.KMS_MANAGED, "aws:kms", False),
        (plain.BucketEncryption.DSSE, "aws:kms:dsse", True),
        (plain.BucketEncryption.DSSE_MANAGED, "aws:kms:dsse", False),
    ],
)
def test_every_encryption_with_kms(
    stack: cdk.Stack, encryption: plain.BucketEncryption, algorithm: str, own_key: bool
) -> None:
    s3.Bucket(stack, "Bucket", encryption=encryption)
    (rule,) = bucket_of(stack)["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == algorithm
    assert ("KMSMasterKeyID" in rule["ServerSideEncryptionByDefault"]) is own_key
    assert rule.get("BucketKeyEnabled") is (None if "dsse" in algorithm else True)


def test_lifecycle_rules_may_be_dicts(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Bucket", lifecycle_rules=[{"expiration": cdk.Duration.days(9)}])
    (row,) = (row for row in s3.BUCKET if row.property == "lifecycle_rules")
    context = PropsContext(stack, "Other", {})
    assert row.is_met([{"expiration": cdk.Duration.days(9)}], context)
    assert not row.is_met([{"expiration": cdk.Duration.days(9), "enabled": False}], context)


def test_a_public_access_block_with_all_flags_is_accepted() -> None:
    for flags, context in (
        (
            dict.fromkeys(
                ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
            ),
            {},
        ),
        ({"block_public_acls": True}, {"@aws-cdk/aws-s3:publicAccessBlockedByDefault": True}),
    ):
        stack = cdk.Stack(cdk.App(context=context), "S")
        s3.Bucket(stack, "Bucket", block_public_access=plain.BlockPublicAccess(**flags))
        assert set(bucket_of(stack)["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    with pytest.raises(NonCompliantError, match="s3_public_access_block_bucket"):
        s3.Bucket(cdk.Stack(cdk.App(), "S"), "B", block_public_access=plain.BlockPublicAccess.BLOCK_ACLS)


def test_an_access_control_list_needs_another_owner(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Bucket", access_control=plain.BucketAccessControl.LOG_DELIVERY_WRITE)
    assert bucket_of(stack)["Properties"]["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "ObjectWriter"}]


def test_tags_of_the_users_win(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Bucket")
    cdk.Tags.of(stack).add(BACKUP_TAG, "false")
    assert bucket_of(stack)["Properties"]["Tags"] == [{"Key": BACKUP_TAG, "Value": "false"}]


# Waivers


def test_waived_values_are_taken(stack: cdk.Stack) -> None:
    accept(
        stack,
        "s3_bucket_versioning_enabled",
        "s3_bucket_object_lock_enabled",
        "s3_bucket_default_encryption_enabled_kms",
        "s3_bucket_enforces_ssl",
        "s3_bucket_event_notifications_enabled",
        "s3_bucket_lifecycle_policy_enabled",
        "s3_public_access_block_bucket",
    )
    s3.Bucket(
        stack,
        "Bucket",
        versioned=False,
        object_lock_enabled=False,
        encryption=plain.BucketEncryption.S3_MANAGED,
        enforce_ssl=False,
        event_bridge_enabled=False,
        lifecycle_rules=[],
        block_public_access=plain.BlockPublicAccess.BLOCK_ACLS,
    )
    properties = bucket_of(stack)["Properties"]
    assert not {"VersioningConfiguration", "NotificationConfiguration", "LifecycleConfiguration"} & set(properties)
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert "Soc2DataKey" not in str(Template.from_stack(stack).to_json())


def test_an_encryption_of_the_user_stays(stack: cdk.Stack) -> None:
    """S3 encrypts every object, so the controls are of low severity and raise nothing."""
    s3.Bucket(stack, "Bucket", encryption=plain.BucketEncryption.UNENCRYPTED)
    assert "BucketEncryption" not in bucket_of(stack, "Bucket")["Properties"]


# The log bucket


@pytest.mark.parametrize("flag", [True, False])
def test_one_log_bucket_for_a_stack(flag: bool) -> None:
    stack = cdk.Stack(cdk.App(context={FLAG: flag}), "S")
    one, two = s3.Bucket(stack, "One"), s3.Bucket(stack, "Two")
    assert one.access_logs_bucket is two.access_logs_bucket
    template = Template.from_stack(stack)
    template.resource_count_is(BUCKET, 3)
    logs = bucket_of(stack, "Soc2AccessLogs")
    assert logs["DeletionPolicy"] == "Retain"
    properties = logs["Properties"]
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert not {"LoggingConfiguration", "ObjectLockEnabled", "AccessControl"} & set(properties)
    prefixes = {start: bucket_of(stack, start)["Properties"]["LoggingConfiguration"] for start in ("One", "Two")}
    assert {logging["LogFilePrefix"] for logging in prefixes.values()} == {"One/", "Two/"}
    deliveries = [
        statement
        for policy in template.find_resources("AWS::S3::BucketPolicy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    ]
    assert [statement["Condition"] for statement in deliveries] == [
        {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    ]


def test_a_plain_bucket_can_log_to_ours_without_the_flag(stack: cdk.Stack) -> None:
    plain.Bucket(stack, "Plain", server_access_logs_bucket=s3.access_logs_bucket(stack))
    assert "AccessControl" not in bucket_of(stack, "Soc2AccessLogs")["Properties"]


def test_a_log_bucket_of_the_users_wins(stack: cdk.Stack) -> None:
    theirs = s3.AccessLogsBucket(stack, "Logs")
    imported = plain.Bucket.from_bucket_name(stack, "Imported", "central-logs")
    foreign = plain.Bucket(stack, "Foreign")
    for id, logs in (("A", theirs), ("B", imported), ("C", foreign)):
        bucket = s3.Bucket(stack, f"Bucket{id}", server_access_logs_bucket=logs)
        assert bucket.access_logs_bucket is logs
    logging = {id: bucket_of(stack, f"Bucket{id}")["Properties"]["LoggingConfiguration"] for id in "ABC"}
    assert logging["B"] == {"DestinationBucketName": "central-logs"}
    assert logging["A"]["DestinationBucketName"]["Ref"].startswith("Logs")
    assert logging["C"]["DestinationBucketName"]["Ref"].startswith("Foreign")
    assert stack.node.try_find_child("Soc2").node.try_find_child("AccessLogs") is None  # type: ignore[union-attr]


def test_a_bucket_that_cannot_receive_logs_is_refused(stack: cdk.Stack) -> None:
    locked = s3.Bucket(stack, "Logs", encryption=plain.BucketEncryption.KMS)
    with pytest.raises(NonCompliantError, match=r"s3\.AccessLogsBucket") as caught:
        s3.Bucket(stack, "Bucket", server_access_logs_bucket=locked)
    assert caught.value.control == "s3_bucket_logging_enabled"
    accept(stack, "s3_bucket_object_lock_enabled", "s3_bucket_default_encryption_enabled_kms")
    unlocked = s3.Bucket(
        stack, "Mine", encryption=plain.BucketEncryption.S3_MANAGED, object_lock_enabled=False, versioned=True
    )
    assert s3.Bucket(stack, "Bucket", server_access_logs_bucket=unlocked).access_logs_bucket is unlocked


def test_a_default_bucket_that_receives_logs_is_one_that_s3_delivers_to(stack: cdk.Stack) -> None:
    logs = s3.Bucket(stack, "Logs")
    s3.Bucket(stack, "Bucket", server_access_logs_bucket=logs)
    properties = bucket_of(stack, "Logs")["Properties"]
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert properties["ObjectLockEnabled"] is False
    (warning,) = (entry.data for entry in logs.node.metadata if entry.type == "aws:cdk:warning")
    assert "S/Logs: soc2-constructs does not set encryption" in str(warning)
    assert "encryption=s3.BucketEncryption.S3_MANAGED" in str(warning)


def test_the_prefix_tells_nested_constructs_apart() -> None:
    stack = cdk.Stack(cdk.Stage(cdk.App(), "Prod"), "Data")
    s3.Bucket(cdk.NestedStack(stack, "Nested"), "Bucket")
    s3.Bucket(Construct(stack, "Team"), "Bucket")
    assert bucket_of(stack, "Team")["Properties"]["LoggingConfiguration"]["LogFilePrefix"] == "Team/Bucket/"


# Events


def test_other_notifications_take_eventbridge_along(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    bucket.add_event_notification(
        plain.EventType.OBJECT_CREATED, notifications.SnsDestination(sns.Topic(stack, "Topic"))
    )
    bucket.add_object_removed_notification(notifications.SnsDestination(sns.Topic(stack, "Removed")))
    assert "NotificationConfiguration" not in bucket_of(stack)["Properties"]
    (custom,) = Template.from_stack(stack).find_resources("Custom::S3BucketNotifications").values()
    configuration = custom["Properties"]["NotificationConfiguration"]
    assert "EventBridgeConfiguration" in configuration
    assert len(configuration["TopicConfigurations"]) == 2


def test_eventbridge_can_be_switched_on_later(stack: cdk.Stack) -> None:
    accept(stack, "s3_bucket_event_notifications_enabled")
    bucket = s3.Bucket(stack, "Bucket", event_bridge_enabled=False)
    bucket.enable_event_bridge_notification()
    assert "EventBridgeConfiguration" in bucket_of(stack)["Properties"]["NotificationConfiguration"]


# Another region


def test_objects_are_copied_to_the_region_that_was_named(tmp_path: Path) -> None:
    from soc2_constructs.audit import audit

    app = cdk.App(outdir=str(tmp_path), context={RECOVERY_REGION: "eu-west-1"})
    stack = cdk.Stack(app, "S", env=cdk.Environment(account="111111111111", region="eu-central-1"))
    s3.Bucket(Construct(stack, "Team"), "Files")
    app.synth()
    recovery = app.node.find_child("SRecovery")
    assert isinstance(recovery, cdk.Stack)
    replica = bucket_of(recovery, "Soc2Replica")["Properties"]
    configuration = bucket_of(stack, "Team")["Properties"]["ReplicationConfiguration"]
    (rule,) = configuration["Rules"]
    assert rule["Destination"]["Bucket"]["Fn::Join"][1][-1] == f":s3:::{replica['BucketName']}"
    assert (rule["Priority"], "Filter" in rule) == (1, True)
    assert rule["SourceSelectionCriteria"] == {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
    assert "kms:eu-west-1:111111111111:alias/aws/s3" in str(rule["Destination"]["EncryptionConfiguration"])
    (role,) = Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    assert "RoleName" not in role["Properties"], "with a fixed name, a second bucket would fail to deploy"
    policies = str(Template.from_stack(stack).find_resources("AWS::IAM::Policy"))
    for action in ("s3:ReplicateObject", "s3:GetObjectRetention", "kms:Decrypt"):
        assert action in policies
    found = {r.control.id for r in audit(tmp_path).results if r.status != "PASS" and r.resource}
    assert found == set()


def test_paths_that_differ_in_their_separators_have_replicas_of_their_own() -> None:
    app = cdk.App(context={RECOVERY_REGION: "eu-west-1"})
    stack = cdk.Stack(app, "S", env=cdk.Environment(account="111111111111", region="eu-central-1"))
    nested = cdk.NestedStack(stack, "A")
    for scope in (stack, Construct(stack, "A-B"), Construct(nested, "B"), nested):
        s3.Bucket(scope, "Files")
    s3.Bucket(Construct(stack, "C"), "B-Files")
    s3.Bucket(Construct(stack, "C-B"), "Files")
    found = Template.from_stack(app.node.find_child("SRecovery")).find_resources(BUCKET)  # type: ignore[arg-type]
    assert len({body["Properties"]["BucketName"] for body in found.values() if "BucketName" in body["Properties"]}) == 6


def test_names_of_replicas_differ() -> None:
    names = set()
    for account in ("111111111111", "222222222222"):
        app = cdk.App(context={RECOVERY_REGION: "eu-west-1"})
        stack = cdk.Stack(app, "S", env=cdk.Environment(account=account, region="eu-central-1"))
        for id in ("A-b", "A_b", "x" * 200):
            s3.Bucket(stack, id)
        found = Template.from_stack(app.node.find_child("SRecovery")).find_resources(BUCKET)  # type: ignore[arg-type]
        names |= {body["Properties"]["BucketName"] for body in found.values() if "BucketName" in body["Properties"]}
    assert len(names) == 6
    assert all(len(name) <= 63 for name in names)


def test_no_copies_where_the_account_is_not_known() -> None:
    app = cdk.App(context={RECOVERY_REGION: "eu-west-1"})
    stack = cdk.Stack(app, "S", env=cdk.Environment(region="eu-central-1"))
    s3.Bucket(stack, "Bucket")
    assert "ReplicationConfiguration" not in bucket_of(stack)["Properties"]


# Judges


def test_our_catalogue_finds_only_decisions_of_the_user(tmp_path: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    from soc2_constructs.audit import audit

    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    s3.Bucket(cdk.Stack(app, "S"), "Bucket")
    app.synth()
    findings = {
        (result.control.id, result.construct_path)
        for result in audit(tmp_path / "cdk.out").results
        if result.status != "PASS" and result.resource is not None
    }
    # Needs a second region, which only the user can name.
    assert findings == {("s3_bucket_cross_region_replication_enabled", "S/Bucket/Resource")}
    assert cfn_lint(tmp_path) == []


def _key_statements(stack: cdk.Stack, service: str) -> list[dict[str, Any]]:
    (key,) = (
        each
        for name, each in Template.from_stack(stack).find_resources("AWS::KMS::Key").items()
        if name.startswith("Soc2DataKey")
    )
    statements: list[dict[str, Any]] = key["Properties"]["KeyPolicy"]["Statement"]
    return [each for each in statements if each["Principal"].get("Service") == service]


@pytest.mark.parametrize("bucket_key", [True, False])
def test_services_that_a_bucket_policy_lets_in_may_use_the_key(stack: cdk.Stack, bucket_key: bool) -> None:
    inventory = s3.Bucket(stack, "Inventory", bucket_key_enabled=bucket_key)
    s3.Bucket(stack, "Files").add_inventory(destination=s3.InventoryDestination(bucket=inventory))
    (statement,) = _key_statements(stack, "s3.amazonaws.com")
    # Only with a bucket key a writer also decrypts.
    assert statement["Action"] == (["kms:Decrypt", "kms:GenerateDataKey*"] if bucket_key else "kms:GenerateDataKey*")
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert len(_key_statements(stack, "delivery.logs.amazonaws.com")) == 1


@pytest.mark.parametrize("written", ["by the bucket", "L1", "L2"])
def test_principals_that_a_bucket_policy_lets_in_may_use_the_key(written: str, stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    arn = bucket.arn_for_objects("*")
    organization = iam.PolicyStatement(
        principals=[iam.OrganizationPrincipal("o-abcdefghij")], actions=["s3:Get*"], resources=[arn]
    )
    if written == "by the bucket":
        bucket.add_to_resource_policy(organization)
    elif written == "L2":
        plain.BucketPolicy(stack, "Own", bucket=bucket).document.add_statements(organization)
    else:
        document = {"Statement": organization.to_json()}
        plain.CfnBucketPolicy(stack, "Own", bucket=bucket.bucket_name, policy_document=document)
    template = Template.from_stack(stack)
    policies = template.find_resources("AWS::S3::BucketPolicy", {"Properties": {"Bucket": {"Ref": _id(bucket)}}})
    (policy,) = policies.values()
    effects = [each["Effect"] for each in policy["Properties"]["PolicyDocument"]["Statement"]]
    assert sorted(effects) == ["Allow", "Deny", "Deny"]
    keys = template.find_resources("AWS::KMS::Key")
    (let_in,) = (
        statement
        for key in keys.values()
        for statement in key["Properties"]["KeyPolicy"]["Statement"]
        if "aws:PrincipalOrgID" in str(statement.get("Condition"))
    )
    assert let_in["Action"] == "kms:Decrypt"
    assert set(let_in["Condition"]["StringEquals"]) == {"aws:PrincipalOrgID", "kms:ViaService"}


def _id(construct: Any) -> str:
    return str(cdk.Stack.of(construct).resolve(construct.node.default_child.logical_id))


def test_a_resource_that_depends_on_the_policy_depends_on_the_users_own(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket", removal_policy=cdk.RemovalPolicy.DESTROY, auto_delete_objects=True)
    own = plain.BucketPolicy(stack, "Own", bucket=bucket)
    template = Template.from_stack(stack)
    (custom,) = template.find_resources("Custom::S3AutoDeleteObjects").values()
    assert custom["DependsOn"] == [_id(own)]


def test_a_website_serves_http(tmp_path: Path) -> None:
    """A website endpoint supports HTTP only; its readers are anonymous, which a key cannot let in."""
    stack = cdk.Stack(cdk.App(outdir=str(tmp_path)), "S")
    s3.Bucket(stack, "Bucket", website_index_document="index.html")
    template = Template.from_stack(stack)
    assert not template.find_resources("AWS::S3::BucketPolicy", {"Properties": {"Bucket": {"Ref": "Bucket83908E77"}}})
    assert "AES256" in str(bucket_of(stack)["Properties"]["BucketEncryption"])


@pytest.mark.parametrize("selects", [False, True])
def test_a_replication_rule_without_encrypted_objects_leaves_sse_s3(stack: cdk.Stack, selects: bool) -> None:
    replica = plain.Bucket.from_bucket_name(stack, "Replica", "replica")
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:111122223333:key/1")
    more: dict[str, Any] = {"sse_kms_encrypted_objects": True, "kms_key": key} if selects else {}
    s3.Bucket(stack, "Bucket", replication_rules=[s3.ReplicationRule(destination=replica, **more)])
    assert ("aws:kms" in str(bucket_of(stack)["Properties"]["BucketEncryption"])) is selects


@pytest.mark.parametrize("fixed", [False, True])
def test_notifications_that_are_set_elsewhere_stay(fixed: bool) -> None:
    app = cdk.App()
    data, reader = cdk.Stack(app, "Data"), cdk.Stack(app, "Reader")
    bucket = s3.Bucket(data, "Bucket", bucket_name="inbox" if fixed else None)
    name = "inbox" if fixed else bucket.bucket_name
    plain.Bucket.from_bucket_name(reader, "Imported", name).add_event_notification(
        s3.EventType.OBJECT_CREATED, notifications.SnsDestination(sns.Topic(reader, "Topic"))
    )
    assert "NotificationConfiguration" not in bucket_of(data)["Properties"]


def test_load_balancer_logs_need_sse_s3(stack: cdk.Stack) -> None:
    from aws_cdk import aws_elasticloadbalancing as classic

    bucket = s3.Bucket(stack, "Bucket")
    policy = classic.CfnLoadBalancer.AccessLoggingPolicyProperty(enabled=True, s3_bucket_name=bucket.bucket_name)
    classic.CfnLoadBalancer(stack, "Balancer", listeners=[], access_logging_policy=policy)
    assert "AES256" in str(bucket_of(stack)["Properties"]["BucketEncryption"])
    assert bucket.encryption_key is None
