"""Databases that comply, of every engine that the CDK knows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from soc2_constructs.hardening import BACKUP_TAG, NonCompliantError

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as plain
from aws_cdk.assertions import Match, Template
from constructs import Construct

from soc2_constructs import aws_rds as rds
from soc2_constructs.audit import audit

INSTANCE = "AWS::RDS::DBInstance"
CLUSTER = "AWS::RDS::DBCluster"
ENGINE = rds.DatabaseInstanceEngine
ENGINES: dict[str, plain.IInstanceEngine] = {
    "mysql": ENGINE.mysql(version=rds.MysqlEngineVersion.VER_8_0_46),
    "mysql-84": ENGINE.mysql(version=rds.MysqlEngineVersion.VER_8_4_5),
    "mariadb": ENGINE.maria_db(version=rds.MariaDbEngineVersion.VER_11_4_5),
    "postgres": ENGINE.postgres(version=rds.PostgresEngineVersion.VER_17_9),
    "oracle-ee": ENGINE.oracle_ee(version=rds.OracleEngineVersion.VER_19),
    "oracle-se2": ENGINE.oracle_se2(version=rds.OracleEngineVersion.VER_19),
    "oracle-ee-cdb": ENGINE.oracle_ee_cdb(version=rds.OracleEngineVersion.VER_21),
    "oracle-se2-cdb": ENGINE.oracle_se2_cdb(version=rds.OracleEngineVersion.VER_21),
    "sqlserver-ee": ENGINE.sql_server_ee(version=rds.SqlServerEngineVersion.VER_16_00_4236_2_V1),
    "sqlserver-se": ENGINE.sql_server_se(version=rds.SqlServerEngineVersion.VER_16_00_4236_2_V1),
    "sqlserver-ex": ENGINE.sql_server_ex(version=rds.SqlServerEngineVersion.VER_16_00_4236_2_V1),
    "sqlserver-web": ENGINE.sql_server_web(version=rds.SqlServerEngineVersion.VER_16_00_4236_2_V1),
}
CLUSTER_ENGINES: dict[str, plain.IClusterEngine] = {
    "aurora-mysql": rds.DatabaseClusterEngine.aurora_mysql(version=rds.AuroraMysqlEngineVersion.VER_3_08_0),
    "aurora-postgresql": rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_9),
}
#: Engines whose TLS is a matter of a parameter, and its name.
TLS = {
    "aurora-mysql": "require_secure_transport",
    "aurora-postgresql": "rds.force_ssl",
    "mariadb": "require_secure_transport",
    "mysql": "require_secure_transport",
    "mysql-84": "require_secure_transport",
    "postgres": "rds.force_ssl",
    **dict.fromkeys(("sqlserver-ee", "sqlserver-se", "sqlserver-ex", "sqlserver-web"), "rds.force_ssl"),
}


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each engine in a stack of its own, with defaults only."""
    outdir = tmp_path_factory.mktemp("rds") / "cdk.out"
    app = cdk.App(outdir=str(outdir))
    for name, engine in ENGINES.items():
        stack = cdk.Stack(app, name)
        rds.DatabaseInstance(stack, "Db", engine=engine, vpc=ec2.Vpc(stack, "Vpc"))
    for name, cluster_engine in CLUSTER_ENGINES.items():
        stack = cdk.Stack(app, name)
        writer = rds.ClusterInstance.provisioned("Writer")
        rds.DatabaseCluster(stack, "Db", engine=cluster_engine, vpc=ec2.Vpc(stack, "Vpc"), writer=writer)
    app.synth()
    return outdir


def of_type(assembly: Path, name: str, kind: str) -> list[dict[str, Any]]:
    template = json.loads((assembly / f"{name}.template.json").read_text())
    return [resource["Properties"] for resource in template["Resources"].values() if resource["Type"] == kind]


@pytest.mark.parametrize("name", [*ENGINES, *CLUSTER_ENGINES])
def test_every_engine_complies_by_default(name: str, assembly: Path) -> None:
    findings = {
        result.control.id
        for result in audit(assembly / f"{name}.template.json").results
        if result.status != "PASS" and result.resource is not None and result.resource.type.startswith("AWS::RDS::")
    }
    # A backup plan is a construct of its own, one for a region.
    assert findings <= {
        "rds_db_instance_in_backup_plan",
        "rds_db_instance_protected_by_backup_plan",
        "rds_db_cluster_aurora_protected_by_backup_plan",
        # The version is a choice of the user: MySQL 8.0 is past the end of standard support.
        *(("rds_db_instance_engine_version_supported",) if name == "mysql" else ()),
    }


@pytest.mark.parametrize("name", list(TLS))
def test_every_engine_refuses_plain_connections(name: str, assembly: Path) -> None:
    kind = "AWS::RDS::DBClusterParameterGroup" if name in CLUSTER_ENGINES else "AWS::RDS::DBParameterGroup"
    (group,) = of_type(assembly, name, kind)
    assert group["Parameters"][TLS[name]] in ("1", "ON")


@pytest.mark.parametrize(
    ("name", "option"),
    [
        *((name, "NATIVE_NETWORK_ENCRYPTION") for name in ENGINES if name.startswith("oracle")),
        *((name, "MARIADB_AUDIT_PLUGIN") for name in ("mysql", "mysql-84", "mariadb")),
    ],
)
def test_options_are_set_for_engines_without_the_parameter(name: str, option: str, assembly: Path) -> None:
    (group,) = of_type(assembly, name, "AWS::RDS::OptionGroup")
    assert [entry["OptionName"] for entry in group["OptionConfigurations"]] == [option]


@pytest.mark.parametrize("name", list(ENGINES))
def test_multi_az_is_set_for_engines_that_support_it(name: str, assembly: Path) -> None:
    (instance,) = of_type(assembly, name, INSTANCE)
    assert instance.get("MultiAZ", False) is (name not in ("sqlserver-ex", "sqlserver-web"))


def test_cfn_lint_finds_nothing(assembly: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    assert cfn_lint(assembly) == []


def test_every_engine_of_the_cdk_is_here() -> None:
    def factories(engines: type[Any]) -> set[str]:
        return {name for name in dir(engines) if not name.startswith("_") and name.islower()}

    tested = {name.partition("-84")[0].replace("-", "").replace("mariadb", "maria_db") for name in ENGINES}
    assert {name.replace("_", "") for name in factories(ENGINE)} == {name.replace("_", "") for name in tested}
    # The engine named just Aurora, of MySQL 5.6, has a test of its own: AWS makes no more of them.
    assert factories(rds.DatabaseClusterEngine) == {"aurora", "aurora_mysql", "aurora_postgres"}


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def instance(stack: Construct, id: str = "Db", **props: Any) -> rds.DatabaseInstance:
    vpc = stack.node.try_find_child("Vpc") or ec2.Vpc(stack, "Vpc")
    return rds.DatabaseInstance(stack, id, **{"engine": ENGINES["postgres"], "vpc": vpc, **props})


def test_everything_of_the_cdk_is_there() -> None:
    assert set(plain.__all__) <= set(dir(rds))
    assert rds.Credentials is plain.Credentials
    assert issubclass(rds.DatabaseInstance, plain.DatabaseInstance)


def test_defaults(stack: cdk.Stack) -> None:
    instance(stack)
    Template.from_stack(stack).has_resource(
        INSTANCE,
        {
            # It has a name, which must not block the deployment after a first one that fails.
            "DeletionPolicy": "RetainExceptOnCreate",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "StorageEncrypted": True,
                "KmsKeyId": {"Fn::GetAtt": [Match.string_like_regexp("Soc2DataKey"), "Arn"]},
                "EnableIAMDatabaseAuthentication": True,
                "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
                "BackupRetentionPeriod": 35,
                "DeletionProtection": True,
                "MultiAZ": True,
                "MonitoringInterval": 60,
                "EnablePerformanceInsights": True,
                "PerformanceInsightsKMSKeyId": Match.any_value(),
                "PubliclyAccessible": False,
                "CopyTagsToSnapshot": True,
                "AutoMinorVersionUpgrade": True,
                "ManageMasterUserPassword": True,
                "MasterUserSecret": {"KmsKeyId": Match.any_value()},
                "Tags": [{"Key": BACKUP_TAG, "Value": "true"}],
            },
        },
    )


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    instance(
        stack,
        storage_encryption_key=key,
        performance_insight_encryption_key=key,
        backup_retention=cdk.Duration.days(14),
        multi_az=False,
        parameters={"rds.force_ssl": "0", "log_min_duration_statement": "500"},
        cloudwatch_logs_exports=["postgresql", "upgrade", "iam-db-auth-error"],
        credentials=plain.Credentials.from_generated_secret("owner", encryption_key=key),
    )
    template = Template.from_stack(stack)
    template.has_resource_properties(
        INSTANCE,
        {
            "BackupRetentionPeriod": 14,
            "MultiAZ": False,
            "ManageMasterUserPassword": Match.absent(),
            "EnableCloudwatchLogsExports": ["postgresql", "upgrade", "iam-db-auth-error"],
        },
    )
    template.has_resource_properties(
        "AWS::RDS::DBParameterGroup",
        {"Parameters": {"rds.force_ssl": "0", "log_min_duration_statement": "500", "log_statement": "ddl"}},
    )
    template.resource_count_is("AWS::KMS::Key", 2)
    template.has_resource_properties("AWS::KMS::Key", {"Description": Match.string_like_regexp("^Log groups")})


def test_a_parameter_group_of_the_users_stays_as_it_is(stack: cdk.Stack) -> None:
    group = plain.ParameterGroup(stack, "Group", engine=ENGINES["postgres"], parameters={"log_statement": "all"})
    instance(stack, parameter_group=group)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::RDS::DBParameterGroup", 1)
    template.has_resource_properties("AWS::RDS::DBParameterGroup", {"Parameters": {"log_statement": "all"}})


def test_a_named_instance_has_log_groups(stack: cdk.Stack) -> None:
    instance(stack, instance_identifier="Accounts")
    template = Template.from_stack(stack)
    for log in ("postgresql", "upgrade"):
        template.has_resource_properties(
            "AWS::Logs::LogGroup",
            {
                "LogGroupName": f"/aws/rds/instance/accounts/{log}",
                "RetentionInDays": 365,
                "KmsKeyId": Match.any_value(),
            },
        )
    (database,) = template.find_resources(INSTANCE).values()
    assert sum(name.startswith("DbLog") for name in database["DependsOn"]) == 2


def test_no_engine_version_no_parameter_group(stack: cdk.Stack) -> None:
    instance(stack, engine=ENGINE.MYSQL)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::RDS::DBParameterGroup", 0)
    template.resource_count_is("AWS::RDS::OptionGroup", 0)


def test_small_classes_have_no_performance_insights(stack: cdk.Stack) -> None:
    small = ec2.InstanceType("t4g.micro")
    instance(stack, "MySql", engine=ENGINES["mysql"], instance_type=small)
    instance(stack, "Postgres", instance_type=small)
    found = Template.from_stack(stack).find_resources(INSTANCE)
    insights = {name[:5]: body["Properties"].get("EnablePerformanceInsights") for name, body in found.items()}
    assert insights == {"MySql": None, "Postg": True}


def test_instances_of_one_engine_share_an_option_group(stack: cdk.Stack) -> None:
    for id in ("One", "Two"):
        instance(stack, id, engine=ENGINES["mysql"])
    Template.from_stack(stack).resource_count_is("AWS::RDS::OptionGroup", 1)


def test_a_replica_of_an_instance_with_a_managed_password_is_refused(stack: cdk.Stack) -> None:
    source = instance(stack, "Source")
    with pytest.raises(ValueError, match=r"S/Replica: RDS manages the password of S/Source;.*from_generated_secret"):
        rds.DatabaseInstanceReadReplica(
            stack,
            "Replica",
            source_database_instance=source,
            instance_type=ec2.InstanceType("m7g.large"),
            vpc=stack.node.find_child("Vpc"),  # type: ignore[arg-type]
        )


def test_members_of_a_cluster_are_private(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    engine = CLUSTER_ENGINES["aurora-postgresql"]
    rds.DatabaseCluster(stack, "Db", engine=engine, vpc=vpc, writer=rds.ClusterInstance.provisioned("Writer"))
    members = Template.from_stack(stack).find_resources(INSTANCE)
    assert [body["Properties"]["PubliclyAccessible"] for body in members.values()] == [False, False]
    assert all(body["Properties"]["EnablePerformanceInsights"] for body in members.values())
    assert all(body["Properties"]["PerformanceInsightsKMSKeyId"] for body in members.values())
    writer = rds.ClusterInstance.provisioned("Writer", publicly_accessible=True)
    with pytest.raises(NonCompliantError) as caught:
        rds.DatabaseCluster(stack, "Bad", engine=engine, vpc=vpc, writer=writer)
    assert caught.value.control == "rds_db_instance_prohibit_public_access"


def test_a_cluster_can_have_no_readers(stack: cdk.Stack) -> None:
    rds.DatabaseCluster(
        stack,
        "Db",
        engine=CLUSTER_ENGINES["aurora-mysql"],
        vpc=ec2.Vpc(stack, "Vpc"),
        writer=rds.ClusterInstance.provisioned("Writer"),
        readers=[],
    )
    Template.from_stack(stack).resource_count_is(INSTANCE, 1)


def test_a_proxy_takes_tls_and_iam_only(stack: cdk.Stack) -> None:
    secret = plain.Credentials.from_generated_secret("postgres")
    database = instance(stack, credentials=secret)
    assert database.secret is not None
    rds.DatabaseProxy(
        stack,
        "Proxy",
        proxy_target=plain.ProxyTarget.from_instance(database),
        secrets=[database.secret],
        vpc=stack.node.find_child("Vpc"),  # type: ignore[arg-type]
    )
    Template.from_stack(stack).has_resource_properties(
        "AWS::RDS::DBProxy", {"RequireTLS": True, "Auth": [Match.object_like({"IAMAuth": "REQUIRED"})]}
    )


# Logs


def test_logs_of_an_instance_are_kept_and_encrypted(stack: cdk.Stack) -> None:
    database = instance(Construct(stack, "Team"))
    assert set(database.log_groups) == {"postgresql", "upgrade"}
    template = Template.from_stack(stack)
    ((_, body),) = template.find_resources(INSTANCE).items()
    name = body["Properties"]["DBInstanceIdentifier"]
    assert re.fullmatch("s-team-db-[0-9a-f]{10}", name)
    groups = template.find_resources("AWS::Logs::LogGroup")
    assert {group["Properties"]["LogGroupName"] for group in groups.values()} == {
        f"/aws/rds/instance/{name}/{log}" for log in ("postgresql", "upgrade")
    }
    for group in groups.values():
        assert group["Properties"]["RetentionInDays"] == 365
        assert group["Properties"]["KmsKeyId"]
        assert group["DeletionPolicy"] == "RetainExceptOnCreate", "a second try would find it in its way"
    assert set(groups) <= set(body["DependsOn"]), "RDS makes those that are not there when it writes the first line"
    template.resource_count_is("AWS::Lambda::Function", 0)


def test_names_tell_stacks_apart_and_stay() -> None:
    names = set()
    for outer in ("A", "B", "A"):
        stack = cdk.Stack(cdk.Stage(cdk.App(), "Prod"), outer)
        for id in ("Db", "db", "1"):
            instance(stack, id)
        found = Template.from_stack(stack).find_resources(INSTANCE).values()
        names |= {body["Properties"]["DBInstanceIdentifier"] for body in found}
    assert len(names) == 6
    assert all(re.fullmatch("[a-z](-?[a-z0-9])*", name) and len(name) <= 63 for name in names)


def test_a_name_of_the_users_is_that_of_the_log_groups(stack: cdk.Stack) -> None:
    instance(stack, instance_identifier="Accounts")
    Template.from_stack(stack).has_resource_properties(
        "AWS::Logs::LogGroup", {"LogGroupName": "/aws/rds/instance/accounts/postgresql"}
    )


def test_a_deployed_database_is_not_replaced(stack: cdk.Stack) -> None:
    """A name would replace it; the CDK's function sets the retention without."""
    from aws_cdk import aws_logs as logs

    assert instance(stack, cloudwatch_logs_retention=logs.RetentionDays.ONE_YEAR).log_groups == {}
    template = Template.from_stack(stack)
    template.has_resource_properties(INSTANCE, {"DBInstanceIdentifier": Match.absent()})
    template.resource_count_is("AWS::Logs::LogGroup", 0)
    template.resource_properties_count_is("Custom::LogRetention", {"RetentionInDays": 365}, 2)


def test_a_name_that_is_known_at_deployment_leaves_the_log_groups_to_rds(stack: cdk.Stack) -> None:
    name = cdk.CfnParameter(stack, "Name").value_as_string
    assert instance(stack, instance_identifier=name).log_groups == {}


def test_logs_of_a_cluster_are_kept_and_encrypted(stack: cdk.Stack) -> None:
    database = rds.DatabaseCluster(
        stack,
        "Db",
        engine=CLUSTER_ENGINES["aurora-mysql"],
        vpc=ec2.Vpc(stack, "Vpc"),
        writer=rds.ClusterInstance.serverless_v2("Writer"),
    )
    assert set(database.log_groups) == {"audit", "error", "general", "slowquery"}
    template = Template.from_stack(stack)
    ((_, body),) = template.find_resources(CLUSTER).items()
    name = body["Properties"]["DBClusterIdentifier"]
    template.has_resource_properties("AWS::Logs::LogGroup", {"LogGroupName": f"/aws/rds/cluster/{name}/audit"})
    assert set(template.find_resources("AWS::Logs::LogGroup")) <= set(body["DependsOn"])


# Keys


def test_one_key_of_the_users_encrypts_all_of_a_database(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    vpc = ec2.Vpc(stack, "Vpc")
    assert instance(stack, storage_encryption_key=key).storage_encryption_key is key
    writer = rds.ClusterInstance.serverless_v2("Writer")
    engine = CLUSTER_ENGINES["aurora-postgresql"]
    cluster = rds.DatabaseCluster(stack, "Cluster", engine=engine, vpc=vpc, writer=writer, storage_encryption_key=key)
    assert cluster.storage_encryption_key is key
    assert "Soc2DataKey" not in str(Template.from_stack(stack).to_json())


def test_an_aws_managed_key_of_the_user_stays(stack: cdk.Stack) -> None:
    """The storage is encrypted, so the control is of low severity and raises nothing."""
    key = kms.Alias.from_alias_name(stack, "Key", "alias/aws/rds")
    cluster = rds.DatabaseCluster(
        stack,
        "Db",
        engine=CLUSTER_ENGINES["aurora-mysql"],
        vpc=ec2.Vpc(stack, "Vpc"),
        writer=rds.ClusterInstance.serverless_v2("Writer"),
        storage_encryption_key=key,
    )
    assert cluster.storage_encryption_key is key


# Features that an engine or instance class does not support


@pytest.mark.parametrize(
    ("engine", "size", "insights"),
    [
        ("aurora-mysql", "t3.medium", None),
        ("aurora-mysql", "t4g.medium", True),
        ("aurora-mysql", "r7g.large", True),
        ("aurora-postgresql", "t3.medium", True),
    ],
)
def test_members_have_performance_insights_where_their_class_has(
    engine: str, size: str, insights: bool | None, stack: cdk.Stack
) -> None:
    rds.DatabaseCluster(
        stack,
        "Db",
        engine=CLUSTER_ENGINES[engine],
        vpc=ec2.Vpc(stack, "Vpc"),
        writer=rds.ClusterInstance.provisioned("Writer", instance_type=ec2.InstanceType(size)),
        readers=[],
    )
    ((_, member),) = Template.from_stack(stack).find_resources(INSTANCE).items()
    assert member["Properties"].get("EnablePerformanceInsights") is insights


def test_the_engine_that_aws_makes_no_more(stack: cdk.Stack) -> None:
    engine = rds.DatabaseClusterEngine.aurora(version=rds.AuroraEngineVersion.VER_1_23_4)
    writer = rds.ClusterInstance.provisioned("Writer")
    rds.DatabaseCluster(stack, "Db", engine=engine, vpc=ec2.Vpc(stack, "Vpc"), writer=writer)
    Template.from_stack(stack).has_resource_properties(CLUSTER, {"StorageEncrypted": True, "BackupRetentionPeriod": 35})


# Of snapshots


def test_a_restored_database_complies(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    key = kms.Key(stack, "Key")
    given = {"snapshot_identifier": "snapshot", "vpc": vpc}
    rds.DatabaseInstanceFromSnapshot(
        stack,
        "Instance",
        engine=ENGINES["mysql"],
        credentials=rds.SnapshotCredentials.from_generated_secret("admin", encryption_key=key),
        **given,
    )
    rds.DatabaseClusterFromSnapshot(
        stack,
        "Cluster",
        engine=CLUSTER_ENGINES["aurora-mysql"],
        writer=rds.ClusterInstance.serverless_v2("Writer"),
        snapshot_credentials=rds.SnapshotCredentials.from_generated_secret("admin", encryption_key=key),
        **given,
    )
    rds.ServerlessClusterFromSnapshot(
        stack, "Serverless", engine=rds.DatabaseClusterEngine.AURORA_POSTGRESQL, parameter_group=_theirs(stack), **given
    )
    template = Template.from_stack(stack)
    template.has_resource_properties(
        INSTANCE,
        {
            "DBSnapshotIdentifier": "snapshot",
            "DeletionProtection": True,
            "BackupRetentionPeriod": 35,
            "PubliclyAccessible": False,
            "EnableCloudwatchLogsExports": ["audit", "error", "general", "slowquery"],
        },
    )
    template.has_resource_properties(CLUSTER, {"EngineMode": "serverless", "DeletionProtection": True})
    template.all_resources_properties(CLUSTER, {"SnapshotIdentifier": "snapshot", "CopyTagsToSnapshot": True})


def _theirs(stack: cdk.Stack) -> plain.IParameterGroup:
    return plain.ParameterGroup.from_parameter_group_name(stack, "Group", "theirs")


@pytest.mark.parametrize("kind", ["instance", "cluster"])
def test_a_second_rotation_is_refused(kind: str) -> None:
    stack = cdk.Stack(cdk.App(), "S")
    vpc = ec2.Vpc(stack, "Vpc")

    def make(id: str, **props: Any) -> Any:
        if kind == "cluster":
            aurora = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_16_4)
            writer = rds.ClusterInstance.serverless_v2("Writer")
            return rds.DatabaseCluster(stack, id, engine=aurora, vpc=vpc, writer=writer, **props)
        engine = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16)
        return rds.DatabaseInstance(stack, id, engine=engine, vpc=vpc, **props)

    managed = make("Managed")
    for rotate in (
        lambda: managed.add_rotation_single_user(),
        lambda: managed.add_rotation_multi_user("User", secret=managed.secret),
    ):
        with pytest.raises(
            ValueError,
            match=r"S/Managed: RDS manages the password .* `credentials=rds\.Credentials\.from_generated_secret",
        ):
            rotate()
    own = make("Own", credentials=rds.Credentials.from_generated_secret("admin"))
    own.add_rotation_single_user(automatically_after=cdk.Duration.days(7))
    own.add_rotation_multi_user("User", secret=rds.DatabaseSecret(stack, "User", username="u"))
    Template.from_stack(stack).resource_count_is("AWS::SecretsManager::RotationSchedule", 2)


# Retention

#: The types that AWS refuses to delete while a database uses them, or without which it cannot be used.
COMPANIONS = (
    "AWS::EC2::SecurityGroup",
    "AWS::IAM::Role",
    "AWS::RDS::DBClusterParameterGroup",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::RDS::OptionGroup",
    "AWS::SecretsManager::Secret",
)


def retention(stack: cdk.Stack) -> dict[str, set[tuple[str, str]]]:
    """The deletion and replacement policies of the companions of databases, by type."""
    found: dict[str, set[tuple[str, str]]] = {}
    for name, resource in Template.from_stack(stack).to_json()["Resources"].items():
        if resource["Type"] in COMPANIONS and not name.startswith(("Vpc", "Custom")):
            policies = (resource.get("DeletionPolicy", "Delete"), resource.get("UpdateReplacePolicy", "Delete"))
            found.setdefault(resource["Type"], set()).add(policies)
    return found


def test_the_companions_of_a_database_are_retained_with_it(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    rds.DatabaseInstance(
        stack,
        "Db",
        engine=rds.DatabaseInstanceEngine.maria_db(version=rds.MariaDbEngineVersion.VER_10_11),
        vpc=vpc,
        credentials=rds.Credentials.from_generated_secret("owner"),
    )
    rds.DatabaseCluster(
        stack, "Aurora", engine=CLUSTER_ENGINES["aurora-mysql"], vpc=vpc, writer=rds.ClusterInstance.provisioned("One")
    )
    retained = {("RetainExceptOnCreate", "Delete")}
    assert retention(stack) == {
        **dict.fromkeys(COMPANIONS, retained),
        "AWS::RDS::DBInstance": retained | {("RetainExceptOnCreate", "Retain")},
        "AWS::SecretsManager::Secret": {("RetainExceptOnCreate", "Retain")},
    }


def test_a_database_that_is_deleted_with_its_stack_leaves_nothing_behind(stack: cdk.Stack) -> None:
    instance(stack, removal_policy=cdk.RemovalPolicy.DESTROY, deletion_protection=None)
    assert all(policies == {("Delete", "Delete")} for policies in retention(stack).values())


def test_a_replica_of_sql_server_is_not_selected_for_backups(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    tags = {}
    for name, engine in (
        ("Postgres", rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9)),
        ("Sql", rds.DatabaseInstanceEngine.sql_server_ee(version=rds.SqlServerEngineVersion.VER_16)),
    ):
        source = rds.DatabaseInstance(
            stack, f"{name}Source", engine=engine, vpc=vpc, credentials=rds.Credentials.from_generated_secret("owner")
        )
        replica = rds.DatabaseInstanceReadReplica(
            stack, name, source_database_instance=source, instance_type=ec2.InstanceType("m7g.large"), vpc=vpc
        )
        resource = replica.node.default_child
        assert isinstance(resource, rds.CfnDBInstance)
        tags[name] = [tag["key"] for tag in stack.resolve(resource.tags.render_tags()) or ()]
    assert tags == {"Postgres": [BACKUP_TAG], "Sql": []}
