"""RelationalDatabase: an instance or a cluster that nobody reaches from outside, with alarms and backups."""

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
    """A database in subnets without a way out, with its key, rotated password, parameters, alarms and backup plan.

    Args:
        scope: Where the construct belongs.
        id: Its id there.
        engine: An instance engine (`rds.DatabaseInstanceEngine.postgres(...)`) makes an instance, a cluster engine
            (`rds.DatabaseClusterEngine.aurora_postgres(...)`) an Aurora cluster.
        vpc: The network. It needs isolated or private subnets in two zones.
        vpc_subnets: Where in it. Default: isolated subnets if the network has any, else private ones.
        options: More arguments for `rds.DatabaseInstance` or `rds.DatabaseCluster`. Default: none; a cluster has a
            serverless writer and reader then.
        backup_plan: The plan that backs it up. Default: a plan of the stack's own, which selects what carries our tag;
            False where a `BackupPolicy` in the same account and region does.
        topic: Where alarms go. Default: the topic that the constructs of a stack share.
        max_cpu: Percent of CPU over 15 minutes that raise the alarm. Default: 80.
        min_free_storage: Free storage of an instance that raises the alarm. Default: 10 GiB.

    Raises:
        ValueError: the network has no subnets but public ones.

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
        where = vpc_subnets or self._subnets(vpc)
        context: dict[str, Any] = {"vpc": vpc, "vpc_subnets": where, **(options or {})}
        #: Who is told of alarms.
        self.topic = topic or notification_topic(self)
        #: The instance; None where the engine is that of a cluster.
        self.instance: rds.DatabaseInstance | None = None
        #: The cluster; None where the engine is that of an instance.
        self.cluster: rds.DatabaseCluster | None = None
        if hasattr(engine, "bind_to_cluster"):
            context.setdefault("writer", rds.ClusterInstance.serverless_v2("Writer"))
            self.cluster = rds.DatabaseCluster(self, "Database", engine=cast(rds.IClusterEngine, engine), **context)
        else:
            self.instance = rds.DatabaseInstance(self, "Database", engine=engine, **context)
        self.alarms = self._alarms(max_cpu, min_free_storage or cdk.Size.gibibytes(10))
        if backup_plan is not False:
            plan = stack_singleton(self, "BackupPlan", backup.BackupPlan) if backup_plan is True else backup_plan
            plan.add_tagged()

    @property
    def database(self) -> rds.DatabaseInstance | rds.DatabaseCluster:
        """The instance or the cluster, whichever it is."""
        database = self.instance or self.cluster
        assert database is not None
        return database

    @property
    def connections(self) -> ec2.Connections:
        """Who may connect: `database.connections.allow_default_port_from(service)`."""
        return self.database.connections

    def _subnets(self, vpc: ec2.IVpc) -> ec2.SubnetSelection:
        if vpc.isolated_subnets:
            return ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        if vpc.private_subnets:
            return ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
        raise ValueError(
            f"{self.node.path}: {vpc.node.path} has public subnets only. Add "
            "ec2.SubnetConfiguration(name='Data', subnet_type=ec2.SubnetType.PRIVATE_ISOLATED) to its "
            "subnet_configuration, or give vpc_subnets."
        )

    def _alarms(self, max_cpu: float, min_free_storage: cdk.Size) -> tuple[cloudwatch.Alarm, ...]:
        period = cdk.Duration.minutes(5)
        cpu = self._alarm(
            "Cpu",
            self.database.metric_cpu_utilization(period=period),
            max_cpu,
            cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            "The database is busy.",
        )
        if self.instance is None:
            return (cpu,)
        storage = self._alarm(
            "FreeStorage",
            self.instance.metric_free_storage_space(period=period),
            min_free_storage.to_bytes(),
            cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            "The database runs out of storage.",
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
