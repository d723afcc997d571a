"""Keys that comply."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from soc2_constructs.hardening import NonCompliantError
from soc2_constructs.hardening.waive import waive

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as plain
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk.assertions import Template

from soc2_constructs import aws_kms as kms
from soc2_constructs import aws_rds as rds
from soc2_constructs import aws_s3 as s3
from soc2_constructs import aws_secretsmanager as secretsmanager
from soc2_constructs import aws_sns as sns
from soc2_constructs import aws_sqs as sqs
from soc2_constructs.controls import catalogue

ROTATION = "kms_cmk_rotation_enabled"


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def test_everything_of_the_cdk_is_there() -> None:
    assert set(plain.__all__) <= set(dir(kms))
    assert kms.Alias is plain.Alias
    assert issubclass(kms.Key, plain.Key)
    assert kms.Key is not plain.Key


def test_defaults(stack: cdk.Stack) -> None:
    kms.Key(stack, "Key")
    Template.from_stack(stack).has_resource(
        "AWS::KMS::Key",
        {
            "Properties": {"EnableKeyRotation": True, "PendingWindowInDays": 30},
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
    )


def test_without_rotation_it_raises(stack: cdk.Stack) -> None:
    with pytest.raises(NonCompliantError) as caught:
        kms.Key(stack, "Key", enable_key_rotation=False)
    assert caught.value.control == ROTATION


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    kms.Key(
        stack,
        "Key",
        rotation_period=cdk.Duration.days(90),
        pending_window=cdk.Duration.days(30),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    Template.from_stack(stack).has_resource(
        "AWS::KMS::Key",
        {
            "Properties": {"EnableKeyRotation": True, "RotationPeriodInDays": 90, "PendingWindowInDays": 30},
            "DeletionPolicy": "Delete",
        },
    )


@pytest.mark.parametrize(
    ("spec", "usage"),
    [
        (plain.KeySpec.RSA_2048, plain.KeyUsage.SIGN_VERIFY),
        (plain.KeySpec.HMAC_256, plain.KeyUsage.GENERATE_VERIFY_MAC),
    ],
)
def test_keys_that_kms_cannot_rotate_do_not(stack: cdk.Stack, spec: plain.KeySpec, usage: plain.KeyUsage) -> None:
    kms.Key(stack, "Key", key_spec=spec, key_usage=usage)
    kms.Key(stack, "Said", key_spec=spec, key_usage=usage, enable_key_rotation=False)
    for key in Template.from_stack(stack).find_resources("AWS::KMS::Key").values():
        assert key["Properties"].get("EnableKeyRotation") is not True


def test_a_symmetric_spec_rotates(stack: cdk.Stack) -> None:
    kms.Key(stack, "Key", key_spec=plain.KeySpec.SYMMETRIC_DEFAULT)
    Template.from_stack(stack).has_resource_properties("AWS::KMS::Key", {"EnableKeyRotation": True})


@pytest.mark.skipif(ROTATION not in catalogue(), reason="the catalogue has no control of AWS KMS yet")
def test_a_waiver_is_accepted(stack: cdk.Stack) -> None:
    waive(stack, ROTATION, reason="r", owner="o", expires=datetime.now(UTC).date().isoformat())
    kms.Key(stack, "Key", enable_key_rotation=False)
    Template.from_stack(stack).has_resource_properties("AWS::KMS::Key", {"EnableKeyRotation": False})


def test_helper_keys_are_shared_and_comply(stack: cdk.Stack) -> None:
    assert kms.data_key(stack) is kms.data_key(stack)
    assert kms.logs_key(stack) is kms.logs_key(stack)
    assert kms.data_key(stack) is not kms.logs_key(stack)
    keys = Template.from_stack(stack).find_resources("AWS::KMS::Key")
    assert len(keys) == 2
    assert all(key["Properties"]["EnableKeyRotation"] and key["DeletionPolicy"] == "Retain" for key in keys.values())


def test_a_key_that_is_deleted_with_its_stack_has_a_waiting_period_of_30_days(tmp_path: Path) -> None:
    from soc2_constructs.audit import audit

    stack = cdk.Stack(cdk.App(outdir=str(tmp_path)), "S")
    week = cdk.Duration.days(7)
    kms.Key(stack, "Kept", pending_window=week)
    # The control has low severity: the value stays, and the rule pack reports it.
    kms.Key(stack, "Short", pending_window=week, removal_policy=cdk.RemovalPolicy.DESTROY)
    hasty = kms.Key(stack, "Hasty", removal_policy=cdk.RemovalPolicy.DESTROY)
    assert isinstance(hasty.node.default_child, plain.CfnKey)
    hasty.node.default_child.pending_window_in_days = 7
    cdk.App.of(stack).synth()  # type: ignore[union-attr]
    results = audit(tmp_path, include=["kms_key_not_pending_deletion"]).results
    assert {r.construct_path: r.status for r in results if r.resource} == {
        "S/Kept/Resource": "PASS",
        "S/Hasty/Resource": "FAIL",
        "S/Short/Resource": "FAIL",
    }


def _role(stack: cdk.Stack, *actions_on: str) -> iam.Role:
    """A role that reads by a policy of its own, so that it depends on what it reads."""
    statement = iam.PolicyStatement(
        actions=["s3:GetObject", "secretsmanager:GetSecretValue"], resources=[*actions_on] or ["*"]
    )
    return iam.Role(
        stack,
        "Reader",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        inline_policies={"Read": iam.PolicyDocument(statements=[statement])},
    )


def _statements(template: Template, service: str = "") -> list[dict[str, Any]]:
    (key,) = (
        each
        for each in template.find_resources("AWS::KMS::Key").values()
        if each["Properties"]["Description"].startswith("Data of")
    )
    found: list[dict[str, Any]] = key["Properties"]["KeyPolicy"]["Statement"]
    return [each for each in found if not service or each["Principal"].get("Service") == service]


_VIA = {
    "kms:ViaService": {"Fn::Join": ["", ["secretsmanager.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"}]]},
    "kms:CallerAccount": {"Ref": "AWS::AccountId"},
}


def test_a_secret_of_the_shared_key_is_read_from_another_stack() -> None:
    app = cdk.App()
    data, service = cdk.Stack(app, "Data"), cdk.Stack(app, "Service")
    secret = secretsmanager.Secret(data, "Secret")
    role = _role(service, secret.secret_arn)
    secret.grant_read(role)
    secret.grant_write(role)
    (statement,) = (each for each in _statements(Template.from_stack(data)) if each["Principal"] == {"AWS": "*"})
    assert statement["Condition"] == {"StringEquals": _VIA}
    assert set(statement["Action"]) == {
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    }


def test_with_grants_only_the_key_lets_in_no_one_else() -> None:
    app = cdk.App(context={"soc2:key-access": "grants"})
    stack = cdk.Stack(app, "S")
    role = _role(stack)
    s3.Bucket(stack, "Bucket").grant_read(role)
    secretsmanager.Secret(stack, "Secret").grant_read(role)
    template = Template.from_stack(stack)
    (statement,) = (each for each in _statements(template) if each["Principal"] == {"AWS": "*"})
    assert "secretsmanager" in str(statement["Condition"]["StringEquals"]["kms:ViaService"])
    assert "kms:Decrypt" in str(template.find_resources("AWS::IAM::Policy"))
    with pytest.raises(ValueError, match='"account" or "grants"'):
        kms.data_key(cdk.Stack(cdk.App(context={"soc2:key-access": "all"}), "S"))


@pytest.mark.parametrize("region", ["eu-central-1", "cn-north-1"])
def test_each_service_in_use_has_one_statement(region: str) -> None:
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="111122223333", region=region))
    for id in ("One", "Two"):
        s3.Bucket(stack, f"Bucket{id}")
        sqs.Queue(stack, f"Queue{id}")
    conditions = [
        each["Condition"]["StringEquals"]
        for each in _statements(Template.from_stack(stack))
        if each["Principal"] == {"AWS": "*"}
    ]
    suffix = "amazonaws.com.cn" if region == "cn-north-1" else "amazonaws.com"
    assert sorted(each["kms:ViaService"] for each in conditions) == [
        f"{name}.{region}.{suffix}" for name in ("s3", "sqs")
    ]
    assert {each["kms:CallerAccount"] for each in conditions} == {"111122223333"}


def test_the_key_takes_no_canonical_user(stack: cdk.Stack) -> None:
    from aws_cdk import aws_cloudfront as cloudfront

    s3.Bucket(stack, "Bucket").grant_read(cloudfront.OriginAccessIdentity(stack, "Identity"))
    assert not [each for each in _statements(Template.from_stack(stack)) if "CanonicalUser" in each["Principal"]]


def test_a_password_that_rds_manages_is_read_from_another_stack() -> None:
    from aws_cdk import aws_ec2 as ec2

    app = cdk.App()
    data, service = cdk.Stack(app, "Data"), cdk.Stack(app, "Service")
    engine = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16)
    database = rds.DatabaseInstance(data, "Database", engine=engine, vpc=ec2.Vpc(data, "Vpc"))
    assert database.secret is not None
    database.secret.grant_read(_role(service, database.secret.secret_arn))
    assert {"AWS": "*"} in [each["Principal"] for each in _statements(Template.from_stack(data))]


def test_a_resource_under_the_shared_key_can_depend_on_its_readers(stack: cdk.Stack) -> None:
    bucket, secret = s3.Bucket(stack, "Bucket"), secretsmanager.Secret(stack, "Secret")
    secret.grant_read(_role(stack, bucket.arn_for_objects("*"), secret.secret_arn))
    # It refuses a template with a circle.
    Template.from_stack(stack)


@pytest.mark.parametrize("restricted", [True, False])
def test_a_bucket_and_a_topic_of_the_shared_key_send_to_a_queue_of_it(restricted: bool) -> None:
    app = cdk.App(context={"@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption": restricted})
    stack = cdk.Stack(app, "S", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    queue = sqs.Queue(stack, "Queue")
    s3.Bucket(stack, "Bucket").add_event_notification(s3.EventType.OBJECT_CREATED, notifications.SqsDestination(queue))
    sns.Topic(stack, "Topic").add_subscription(subscriptions.SqsSubscription(queue))
    template = Template.from_stack(stack)
    for service in ("s3.amazonaws.com", "sns.amazonaws.com"):
        (statement,) = _statements(template, service)
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def test_the_shared_key_keeps_statements_that_name_no_resource(stack: cdk.Stack) -> None:
    foreign = iam.Role.from_role_arn(stack, "Foreign", "arn:aws:iam::999999999999:role/reader")
    secretsmanager.Secret(stack, "Secret").grant_read(foreign)
    own = iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    via: dict[str, Any] = {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}
    for effect in (iam.Effect.DENY, iam.Effect.ALLOW):
        kms.data_key(stack).add_to_resource_policy(
            iam.PolicyStatement(
                effect=effect,
                principals=[own],
                actions=["kms:Decrypt"],
                resources=["*"],
                conditions=via if effect == iam.Effect.DENY else {**via, "Bool": {"aws:SecureTransport": "true"}},
            )
        )
    statements = _statements(Template.from_stack(stack))
    assert "arn:aws:iam::999999999999:role/reader" in [each["Principal"].get("AWS") for each in statements]
    assert [each["Effect"] for each in statements if each.get("Condition") == via] == ["Deny"]
    assert [each["Effect"] for each in statements if "Bool" in each.get("Condition", {})] == ["Allow"]


def test_a_resource_under_the_shared_key_can_be_read_from_another_region() -> None:
    app = cdk.App()
    data, service = (
        cdk.Stack(app, region, env=cdk.Environment(account="111122223333", region=region), cross_region_references=True)
        for region in ("eu-central-1", "eu-west-1")
    )
    bucket = s3.Bucket(data, "Bucket")
    role = iam.Role(service, "Reader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    bucket.grant_read(role)
    cdk.CfnOutput(service, "Bucket", value=bucket.bucket_name)
    app.synth()
    reader = Template.from_stack(service).to_json()["Resources"]
    assert any("kms:Decrypt" in str(each) for each in reader.values() if each["Type"] == "AWS::IAM::Policy")
