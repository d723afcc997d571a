"""Tables that comply."""

from __future__ import annotations

from soc2_constructs.hardening import BACKUP_TAG, NonCompliantError

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from soc2_constructs import aws_dynamodb as dynamodb
from soc2_constructs import aws_kms as kms
from soc2_constructs.audit import audit
from soc2_constructs.aws_backup import BackupPlan

KEY = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
RECOVERS = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
TAGS = [{"Key": BACKUP_TAG, "Value": "true"}]


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="111122223333", region="eu-central-1"))


def test_defaults(stack: cdk.Stack) -> None:
    table = dynamodb.Table(stack, "Table", partition_key=KEY)
    assert table.encryption_key is kms.data_key(stack)
    Template.from_stack(stack).has_resource(
        "AWS::DynamoDB::Table",
        {
            "Properties": {
                **RECOVERS,
                "DeletionProtectionEnabled": True,
                "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
                "Tags": TAGS,
            },
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
    )


def test_defaults_of_a_global_table(stack: cdk.Stack) -> None:
    dynamodb.TableV2(stack, "Table", partition_key=KEY)
    template = Template.from_stack(stack)
    (key,) = template.find_resources("AWS::KMS::Key")
    template.has_resource(
        "AWS::DynamoDB::GlobalTable",
        {
            "Properties": {
                "Replicas": [
                    {
                        **RECOVERS,
                        "DeletionProtectionEnabled": True,
                        "Region": "eu-central-1",
                        "SSESpecification": {"KMSMasterKeyId": {"Fn::GetAtt": [key, "Arn"]}},
                        "Tags": TAGS,
                    }
                ],
                "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
            },
            "DeletionPolicy": "Retain",
        },
    )


def test_every_replica_is_as_its_table(stack: cdk.Stack) -> None:
    replica = dynamodb.ReplicaTableProps(region="eu-west-1", tags=[cdk.CfnTag(key=BACKUP_TAG, value="false")])
    dynamodb.TableV2(stack, "Table", partition_key=KEY, replicas=[replica])
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::KMS::Key", 0)
    (table,) = template.find_resources("AWS::DynamoDB::GlobalTable").values()
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    replicas = table["Properties"]["Replicas"]
    assert len(replicas) == 2
    assert all(RECOVERS.items() <= replica.items() for replica in replicas)
    assert {replica["Region"]: replica["Tags"][0]["Value"] for replica in replicas} == {
        "eu-central-1": "true",
        "eu-west-1": "false",
    }


def test_a_replica_without_recovery_raises(stack: cdk.Stack) -> None:
    for replica in ({"region": "eu-west-1", "point_in_time_recovery": False},):
        with pytest.raises(NonCompliantError) as caught:
            dynamodb.TableV2(stack, "Table", partition_key=KEY, replicas=[replica])  # type: ignore[list-item]
        assert (caught.value.control, caught.value.property) == (
            "dynamodb_table_point_in_time_recovery_enabled",
            "replicas",
        )


def test_a_table_with_replicas_takes_no_key(stack: cdk.Stack) -> None:
    dynamodb.Table(stack, "Table", partition_key=KEY, replication_regions=["eu-west-1"])
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::DynamoDB::Table", {"SSESpecification": {"SSEEnabled": True}})
    template.resource_count_is("AWS::KMS::Key", 0)


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    recovery = dynamodb.PointInTimeRecoverySpecification(
        point_in_time_recovery_enabled=True, recovery_period_in_days=14
    )
    dynamodb.Table(
        stack,
        "Table",
        partition_key=KEY,
        encryption_key=key,
        point_in_time_recovery_specification=recovery,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    dynamodb.Table(stack, "Old", partition_key=KEY, point_in_time_recovery=True, deletion_protection=False)
    dynamodb.Table(stack, "Managed", partition_key=KEY, encryption=dynamodb.TableEncryption.AWS_MANAGED)
    template = Template.from_stack(stack)
    tables = template.find_resources("AWS::DynamoDB::Table")
    mine, old, managed = (table for _, table in sorted(tables.items(), key=lambda entry: "TOM".index(entry[0][0])))
    assert mine["Properties"]["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 14,
    }
    assert mine["Properties"]["SSESpecification"]["KMSMasterKeyId"] == {
        "Fn::GetAtt": [stack.get_logical_id(key.node.default_child), "Arn"]  # type: ignore[arg-type]
    }
    assert mine["DeletionPolicy"] == "Delete"
    assert "DeletionProtectionEnabled" not in mine["Properties"], "what goes with its stack has to be able to"
    assert old["Properties"]["DeletionProtectionEnabled"] is False
    assert managed["Properties"]["SSESpecification"] == {"SSEEnabled": True}


@pytest.mark.parametrize("cls", [dynamodb.Table, dynamodb.TableV2])
def test_a_backup_policy_selects_it(cls: type[dynamodb.Table], tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("out")
    app = cdk.App(outdir=str(out))
    stack = cdk.Stack(app, "S")
    cls(stack, "Table", partition_key=KEY)
    BackupPlan(stack, "Plan").add_tagged()
    app.synth()
    (result,) = audit(out, include=["dynamodb_table_in_backup_plan"]).results
    assert result.status == "PASS"


@pytest.mark.parametrize("cls", [dynamodb.Table, dynamodb.TableV2])
def test_a_tag_of_the_users_wins(cls: type[dynamodb.Table], stack: cdk.Stack) -> None:
    cdk.Tags.of(stack).add(BACKUP_TAG, "false")
    cls(stack, "Table", partition_key=KEY)
    (table,) = (
        body
        for body in Template.from_stack(stack).to_json()["Resources"].values()
        if body["Type"].startswith("AWS::DynamoDB::")
    )
    assert [{"Key": BACKUP_TAG, "Value": "false"}] in (
        table["Properties"].get("Tags"),
        table["Properties"].get("Replicas", [{}])[0].get("Tags"),
    )
