"""What an update does, as the documentation of CloudFormation says under "Update requires"."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs.controls import catalogue
from soc2_constructs.deployment._updates import CREATE_ONLY
from soc2_constructs.deployment.updates import (
    CORRECTIONS,
    EFFECTS,
    IN_PLACE,
    INTERRUPT,
    MAY_REPLACE,
    REFUSED,
    REPLACE,
    STATEFUL,
    UNKNOWN,
    effect_of,
)

ROOT = Path(__file__).parent.parent.parent

#: The page of https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/ that says it, the type, the
#: property, a value before and after, and the effect.
DOCUMENTED: list[tuple[str, str, str, Any, Any, str]] = [
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "StorageEncrypted", None, True, REPLACE),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "KmsKeyId", None, "alias/a", REPLACE),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "DBInstanceIdentifier", "a", "b", REPLACE),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "DBName", "a", "b", REPLACE),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "BackupRetentionPeriod", 0, 35, INTERRUPT),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "AllocatedStorage", "20", "40", IN_PLACE),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "DBInstanceClass", "db.t3.micro", "db.m5.large", INTERRUPT),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "EngineVersion", "16.1", "16.2", INTERRUPT),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "MultiAZ", None, True, INTERRUPT),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "AutoMinorVersionUpgrade", False, True, INTERRUPT),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "DBParameterGroupName", "a", "b", INTERRUPT),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "StorageType", "gp2", "gp3", INTERRUPT),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "PubliclyAccessible", True, False, IN_PLACE),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "DeletionProtection", None, True, IN_PLACE),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "MonitoringInterval", 0, 60, IN_PLACE),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "CopyTagsToSnapshot", None, True, IN_PLACE),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "PerformanceInsightsKMSKeyId", "a", "b", MAY_REPLACE),
    ("aws-resource-rds-dbinstance", "AWS::RDS::DBInstance", "PerformanceInsightsKMSKeyId", "a", None, IN_PLACE),
    ("aws-resource-rds-dbcluster", "AWS::RDS::DBCluster", "StorageEncrypted", False, True, REPLACE),
    ("aws-resource-rds-dbcluster", "AWS::RDS::DBCluster", "DBClusterIdentifier", "a", "b", REPLACE),
    ("aws-resource-rds-dbcluster", "AWS::RDS::DBCluster", "DBSubnetGroupName", "a", "b", REPLACE),
    ("aws-resource-rds-dbcluster", "AWS::RDS::DBCluster", "EngineVersion", "16.1", "16.2", INTERRUPT),
    ("aws-resource-rds-dbcluster", "AWS::RDS::DBCluster", "EnableIAMDatabaseAuthentication", None, True, IN_PLACE),
    ("aws-resource-rds-dbcluster", "AWS::RDS::DBCluster", "DeletionProtection", None, True, IN_PLACE),
    ("aws-resource-redshift-cluster", "AWS::Redshift::Cluster", "Encrypted", None, True, IN_PLACE),
    ("aws-resource-redshift-cluster", "AWS::Redshift::Cluster", "DBName", "a", "b", REPLACE),
    ("aws-resource-dynamodb-table", "AWS::DynamoDB::Table", "SSESpecification", None, {"SSEEnabled": True}, INTERRUPT),
    ("aws-resource-dynamodb-table", "AWS::DynamoDB::Table", "SSESpecification.SSEEnabled", False, True, INTERRUPT),
    ("aws-resource-dynamodb-table", "AWS::DynamoDB::Table", "TableName", "a", "b", REPLACE),
    ("aws-resource-efs-filesystem", "AWS::EFS::FileSystem", "Encrypted", None, True, REPLACE),
    ("aws-resource-efs-filesystem", "AWS::EFS::FileSystem", "KmsKeyId", None, "alias/a", REPLACE),
    ("aws-resource-efs-filesystem", "AWS::EFS::FileSystem", "BackupPolicy", None, {"Status": "ENABLED"}, IN_PLACE),
    ("aws-resource-ec2-volume", "AWS::EC2::Volume", "Encrypted", None, True, REFUSED),
    ("aws-resource-ec2-volume", "AWS::EC2::Volume", "AvailabilityZone", "a", "b", REFUSED),
    ("aws-resource-ec2-volume", "AWS::EC2::Volume", "AutoEnableIO", None, True, IN_PLACE),
    ("aws-resource-ec2-instance", "AWS::EC2::Instance", "InstanceType", "t2.micro", "t3.micro", INTERRUPT),
    ("aws-resource-ec2-instance", "AWS::EC2::Instance", "EbsOptimized", False, True, INTERRUPT),
    ("aws-resource-ec2-instance", "AWS::EC2::Instance", "BlockDeviceMappings[0].Ebs.Encrypted", None, True, REPLACE),
    (
        "aws-resource-ec2-instance",
        "AWS::EC2::Instance",
        "BlockDeviceMappings[0].Ebs.DeleteOnTermination",
        True,
        False,
        IN_PLACE,
    ),
    ("aws-resource-kms-key", "AWS::KMS::Key", "KeySpec", None, "RSA_2048", REFUSED),
    ("aws-resource-kms-key", "AWS::KMS::Key", "KeyUsage", None, "SIGN_VERIFY", REFUSED),
    ("aws-resource-kms-key", "AWS::KMS::Key", "EnableKeyRotation", None, True, IN_PLACE),
    ("aws-resource-kms-key", "AWS::KMS::Key", "PendingWindowInDays", None, 7, IN_PLACE),
    ("aws-resource-kinesis-stream", "AWS::Kinesis::Stream", "StreamEncryption", None, {"KeyId": "a"}, IN_PLACE),
    ("aws-resource-logs-loggroup", "AWS::Logs::LogGroup", "KmsKeyId", None, "arn", IN_PLACE),
    ("aws-resource-logs-loggroup", "AWS::Logs::LogGroup", "LogGroupName", None, "a", REPLACE),
    ("aws-resource-backup-backupvault", "AWS::Backup::BackupVault", "EncryptionKeyArn", None, "arn", REPLACE),
    ("aws-resource-backup-backupvault", "AWS::Backup::BackupVault", "BackupVaultTags.a", None, "b", IN_PLACE),
    ("aws-resource-sns-topic", "AWS::SNS::Topic", "KmsMasterKeyId", None, "alias/aws/sns", IN_PLACE),
    ("aws-resource-sns-topic", "AWS::SNS::Topic", "FifoTopic", None, True, REPLACE),
    ("aws-resource-neptune-dbcluster", "AWS::Neptune::DBCluster", "StorageEncrypted", None, True, REPLACE),
    ("aws-resource-neptune-dbinstance", "AWS::Neptune::DBInstance", "DBInstanceClass", "a", "b", INTERRUPT),
    ("aws-resource-docdb-dbcluster", "AWS::DocDB::DBCluster", "StorageEncrypted", None, True, REPLACE),
    ("aws-resource-cloudtrail-trail", "AWS::CloudTrail::Trail", "EnableLogFileValidation", None, True, IN_PLACE),
    (
        "aws-resource-dms-replicationinstance",
        "AWS::DMS::ReplicationInstance",
        "PubliclyAccessible",
        True,
        False,
        REPLACE,
    ),
    ("aws-resource-sagemaker-notebookinstance", "AWS::SageMaker::NotebookInstance", "KmsKeyId", None, "a", REPLACE),
    ("aws-resource-amazonmq-broker", "AWS::AmazonMQ::Broker", "EncryptionOptions.KmsKeyId", None, "a", REPLACE),
    (
        "aws-properties-msk-cluster-encryptionintransit",
        "AWS::MSK::Cluster",
        "EncryptionInfo.EncryptionInTransit.InCluster",
        False,
        True,
        REPLACE,
    ),
    (
        "aws-properties-msk-cluster-encryptionintransit",
        "AWS::MSK::Cluster",
        "EncryptionInfo",
        None,
        {"EncryptionInTransit": {"ClientBroker": "TLS"}},
        IN_PLACE,
    ),
    (
        "aws-properties-opensearchservice-domain-encryptionatrestoptions",
        "AWS::OpenSearchService::Domain",
        "EncryptionAtRestOptions",
        None,
        {"Enabled": True},
        IN_PLACE,
    ),
    (
        "aws-properties-opensearchservice-domain-encryptionatrestoptions",
        "AWS::OpenSearchService::Domain",
        "EncryptionAtRestOptions.Enabled",
        False,
        True,
        REPLACE,
    ),
    (
        "aws-properties-opensearchservice-domain-nodetonodeencryptionoptions",
        "AWS::OpenSearchService::Domain",
        "NodeToNodeEncryptionOptions.Enabled",
        False,
        True,
        IN_PLACE,
    ),
    (
        "aws-resource-opensearchservice-domain",
        "AWS::OpenSearchService::Domain",
        "EngineVersion",
        "OpenSearch_2.11",
        "OpenSearch_2.13",
        MAY_REPLACE,
    ),
    (
        "aws-properties-elasticsearch-domain-nodetonodeencryptionoptions",
        "AWS::Elasticsearch::Domain",
        "NodeToNodeEncryptionOptions.Enabled",
        False,
        True,
        IN_PLACE,
    ),
    (
        "aws-properties-s3-bucket-objectlockconfiguration",
        "AWS::S3::Bucket",
        "ObjectLockConfiguration",
        None,
        {"ObjectLockEnabled": "Enabled"},
        IN_PLACE,
    ),
]


@pytest.mark.parametrize(("page", "kind", "path", "before", "after", "effect"), DOCUMENTED)
def test_the_effect_is_that_of_the_documentation(
    page: str, kind: str, path: str, before: Any, after: Any, effect: str
) -> None:
    assert effect_of(kind, path, before, after) == effect, page


def test_backups_interrupt_only_where_they_are_switched() -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html
    for before, after, effect in (
        (7, 35, IN_PLACE),
        ("7", 35, IN_PLACE),
        (None, 35, IN_PLACE),
        (7, 0, INTERRUPT),
        ("0", 7, INTERRUPT),
        ({"Ref": "Days"}, 7, INTERRUPT),
    ):
        assert effect_of("AWS::RDS::DBInstance", "BackupRetentionPeriod", before, after) == effect


def test_object_lock_is_switched_on_and_never_off() -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
    for before, after, effect in (
        (None, True, IN_PLACE),
        (False, "true", IN_PLACE),
        (True, False, REFUSED),
        (True, None, REFUSED),
    ):
        assert effect_of("AWS::S3::Bucket", "ObjectLockEnabled", before, after) == effect


def test_what_cannot_be_told_may_be() -> None:
    choice = {"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]}
    for before, after, effect in (
        (choice, "a", MAY_REPLACE),
        (None, choice, MAY_REPLACE),
        ({"Ref": "Parameter"}, "a", MAY_REPLACE),
        (None, {"Fn::GetAtt": ["Key", "Arn"]}, REPLACE),
        ({"Fn::GetAtt": ["Key", "Arn"]}, None, REPLACE),
        ({"Ref": "One"}, {"Ref": "Other"}, REPLACE),
        (None, {"Fn::Join": ["", ["a", {"Ref": "B"}]]}, REPLACE),
        ({"Fn::Join": ["", ["a", {"Ref": "B"}]]}, {"Fn::Sub": "a${B}"}, MAY_REPLACE),
    ):
        assert effect_of("AWS::EFS::FileSystem", "KmsKeyId", before, after) == effect
    assert effect_of("AWS::MSK::Cluster", "EncryptionInfo", choice, {"EncryptionInTransit": {}}) == MAY_REPLACE


def test_lists_on_the_way_are_looked_through() -> None:
    kind, path = "AWS::MSK::Replicator", "ReplicationInfoList"
    assert "ReplicationInfoList.*.TargetCompressionType" in CREATE_ONLY[kind].split()
    old, new = [{"TargetCompressionType": "NONE"}], [{"TargetCompressionType": "GZIP"}]
    assert effect_of(kind, path, old, new) == REPLACE
    assert effect_of(kind, path, old, [*old, {}]) == IN_PLACE
    assert effect_of(kind, f"{path}[0].TargetCompressionType", "NONE", "GZIP") == REPLACE


def test_a_type_that_nobody_knows_is_unknown() -> None:
    for kind in ("Custom::Thing", "Third::Party::Type", "AWS::Serverless::Function", "AWS::No::Such"):
        assert effect_of(kind, "A", 1, 2) == UNKNOWN


def test_every_type_that_a_control_judges_is_known() -> None:
    judged = {kind for control in catalogue().values() for kind in control.resource_types}
    assert {
        kind for kind in judged - set(CREATE_ONLY) if not kind.startswith(("AWS::Serverless::", "Custom::"))
    } == set()
    assert set(CREATE_ONLY) >= STATEFUL
    assert set(CREATE_ONLY) >= set(CORRECTIONS)


def test_every_correction_is_of_a_property_that_exists() -> None:
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER as schemas

    for kind, rules in CORRECTIONS.items():
        properties = schemas.get_resource_schema("us-east-1", kind).schema["properties"]
        assert {path.partition(".")[0] for path in rules} <= set(properties)


def test_every_type_that_cfn_lint_takes_for_stateful_is() -> None:
    import cfnlint

    file = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "StatefulResources.json"
    theirs = set(json.loads(file.read_text())["ResourceTypes"])
    # The data of these lie in their clusters.
    assert theirs - STATEFUL == {"AWS::DocDB::DBInstance", "AWS::Neptune::DBInstance"}


def test_the_generated_module_is_current_and_small() -> None:
    """`make generate` writes it."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "scripts" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    text = (ROOT / "src/soc2_constructs/deployment/_updates.py").read_text()
    assert text == generate.updates()
    assert len(text) < 150_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Enabled", "KmsKeyId", "Ref", "Fn::If", "Ebs"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(sorted({*CORRECTIONS, "AWS::MSK::Cluster", "AWS::MSK::Replicator", "Custom::X"})),
    st.data(),
    VALUES,
    VALUES,
)
def test_nothing_raises(kind: str, data: st.DataObject, before: Any, after: Any) -> None:
    known = [*CREATE_ONLY.get(kind, "").replace("?", "").split(), *CORRECTIONS.get(kind, {}), ""]
    path = data.draw(st.sampled_from(known)).replace(".*", "[0]")
    for above in (path, path.rpartition(".")[0], f"{path}.Below[1]"):
        assert effect_of(kind, above, before, after) in EFFECTS
