"""RelationalDatabase: a private instance or cluster, with alarms and backups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from soc2_constructs.hardening import stack_singleton

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sns as sns
from constructs import Construct

from soc2_constructs import aws_backup as backup
from soc2_constructs import aws_rds as rds
from soc2_constructs.aws_sns import notification_topic


class RelationalDatabase(Construct):
    """A database in private subnets, with a key, a managed password, parameters, alarms and a backup plan.

    Args:
        scope: The scope of the construct.
        id: The id of the construct.
        engine: The engine: an instance engine (`rds.DatabaseInstanceEngine.postgres(...)`) creates an instance, a
            cluster engine (`rds.DatabaseClusterEngine.aurora_postgres(...)`) an Aurora cluster.
        vpc: The VPC, with isolated or private subnets in two Availability Zones.
        vpc_subnets: The subnets. Default: isolated subnets if the VPC has any, otherwise private ones.
        options: Further arguments of `rds.DatabaseInstance` or `rds.DatabaseCluster`. Default: none; a cluster has a
            serverless writer and a serverless reader.
        backup_plan: The backup plan; False if a `BackupPolicy` in the same account and region selects the database.
            Default True: a plan that the stack shares.
        topic: The topic for alarms. Default: the topic that the stack shares.
        max_cpu: The CPU utilization over 15 minutes that raises the alarm, in percent. Default: 80.
        min_free_storage: The free storage of an instance below which the alarm is raised. Default: 10 GiB.

    Raises:
        ValueError: the VPC has only public subnets.

    Controls: those of `aws_rds`, and rds_db_instance_in_backup_plan or rds_db_cluster_aurora_protected_by_backup_plan.
    Criteria: CC6.1, CC6.6, CC7.2, CC7.4, A1.2, C1.1.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        engine: rds.IInstanceEngine | rds.IClusterEngine,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        options: Mapping[str, Any] | None = None,
        backup_plan: backup.BackupPlan | bool = True,
        topic: sns.ITopic | None = None,
        max_cpu: float = 80,
        min_free_storage: cdk.Size | None = None,
    ) -> None:
        super().__init__(scope, id)
        subnets = vpc_subnets or self._subnets(vpc)
        props: dict[str, Any] = {"vpc": vpc, "vpc_subnets": subnets, **(options or {})}
        #: The topic for alarms.
        self.topic = topic or notification_topic(self)
        #: The instance; None with a cluster engine.
        self.instance: rds.DatabaseInstance | None = None
        #: The cluster; None with an instance engine.
        self.cluster: rds.DatabaseCluster | None = None
        if hasattr(engine, "bind_to_cluster"):
            props.setdefault("writer", rds.ClusterInstance.serverless_v2("Writer"))
            self.cluster = rds.DatabaseCluster(self, "Database", engine=cast(rds.IClusterEngine, engine), **props)
        else:
            self.instance = rds.DatabaseInstance(self, "Database", engine=engine, **props)
        self.alarms = self._alarms(max_cpu, min_free_storage or cdk.Size.gibibytes(10))
        if backup_plan is not False:
            plan = stack_singleton(self, "BackupPlan", backup.BackupPlan) if backup_plan is True else backup_plan
            plan.add_tagged()

    @property
    def database(self) -> rds.DatabaseInstance | rds.DatabaseCluster:
        """The instance or the cluster."""
        database = self.instance or self.cluster
        assert database is not None
        return database

    @property
    def connections(self) -> ec2.Connections:
        """The connections of the database: `database.connections.allow_default_port_from(service)`."""
        return self.database.connections

    def _subnets(self, vpc: ec2.IVpc) -> ec2.SubnetSelection:
        if vpc.isolated_subnets:
            return ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        if vpc.private_subnets:
            return ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
        raise ValueError(
            f"{self.node.path}: {vpc.node.path} has only public subnets; a database requires private ones. Add "
            "ec2.SubnetConfiguration(name='Data', subnet_type=ec2.SubnetType.PRIVATE_ISOLATED) to its "
            "subnet_configuration, or pass vpc_subnets."
        )

    def _alarms(self, max_cpu: float, min_free_storage: cdk.Size) -> tuple[cloudwatch.Alarm, ...]:
        period = cdk.Duration.minutes(5)
        cpu = self._alarm(
            "Cpu",
            self.database.metric_cpu_utilization(period=period),
            max_cpu,
            cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            "The CPU utilization of the database is high.",
        )
        if self.instance is None:
            return (cpu,)
        storage = self._alarm(
            "FreeStorage",
            self.instance.metric_free_storage_space(period=period),
            min_free_storage.to_bytes(),
            cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            "The free storage of the database is low.",
        )
        return cpu, storage

    def _alarm(
        self,
        id: str,
        metric: cloudwatch.Metric,
        threshold: float,
        operator: cloudwatch.ComparisonOperator,
        description: str,
    ) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            f"{id}Alarm",
            metric=metric,
            threshold=threshold,
            evaluation_periods=3,
            comparison_operator=operator,
            alarm_description=description,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        return alarm
