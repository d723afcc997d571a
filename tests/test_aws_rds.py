"""Databases that comply, of every engine that the CDK knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as plain
from aws_cdk.assertions import Match, Template

from soc2_constructs import aws_rds as rds
from soc2_constructs.audit import audit
from soc2_constructs.hardening import BACKUP_TAG, NonCompliantError

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
def test_what_no_parameter_says_an_option_does(name: str, option: str, assembly: Path) -> None:
    (group,) = of_type(assembly, name, "AWS::RDS::OptionGroup")
    assert [entry["OptionName"] for entry in group["OptionConfigurations"]] == [option]


@pytest.mark.parametrize("name", list(ENGINES))
def test_two_zones_where_the_engine_knows_them(name: str, assembly: Path) -> None:
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


def instance(stack: cdk.Stack, id: str = "Db", **props: Any) -> rds.DatabaseInstance:
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
            "DeletionPolicy": "Retain",
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
    template.resource_count_is("AWS::KMS::Key", 1)


def test_a_parameter_group_of_the_users_stays_as_it_is(stack: cdk.Stack) -> None:
    group = plain.ParameterGroup(stack, "Group", engine=ENGINES["postgres"], parameters={"log_statement": "all"})
    instance(stack, parameter_group=group)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::RDS::DBParameterGroup", 1)
    template.has_resource_properties("AWS::RDS::DBParameterGroup", {"Parameters": {"log_statement": "all"}})


def test_a_named_instance_has_log_groups_of_ours(stack: cdk.Stack) -> None:
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
    with pytest.raises(ValueError, match=r"S/Replica: RDS makes no replica of S/Source.*from_generated_secret"):
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


def test_a_cluster_without_readers_if_the_user_says_so(stack: cdk.Stack) -> None:
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
