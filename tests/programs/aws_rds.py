"""Minimal constructors of `aws_rds`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds

POSTGRES = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9)
AURORA_POSTGRES = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_9)


def database_instance(stack: cdk.Stack, id: str, **props: Any) -> rds.DatabaseInstance:
    return rds.DatabaseInstance(stack, id, engine=POSTGRES, vpc=ec2.Vpc(stack, f"Vpc{id}"), **props)


def database_instance_from_snapshot(stack: cdk.Stack, id: str, **props: Any) -> rds.DatabaseInstanceFromSnapshot:
    vpc = ec2.Vpc(stack, f"Vpc{id}")
    return rds.DatabaseInstanceFromSnapshot(stack, id, engine=POSTGRES, vpc=vpc, snapshot_identifier="snap", **props)


def database_instance_read_replica(stack: cdk.Stack, id: str, **props: Any) -> rds.DatabaseInstanceReadReplica:
    """Of a source whose password RDS does not manage, because RDS replicates no other."""
    vpc = ec2.Vpc(stack, f"Vpc{id}")
    credentials = rds.Credentials.from_generated_secret("postgres")
    source = rds.DatabaseInstance(stack, f"Source{id}", engine=POSTGRES, vpc=vpc, credentials=credentials)
    instance_type = ec2.InstanceType("m7g.large")
    return rds.DatabaseInstanceReadReplica(
        stack, id, source_database_instance=source, instance_type=instance_type, vpc=vpc, **props
    )


def _cluster_props(stack: cdk.Stack, id: str, props: dict[str, Any]) -> dict[str, Any]:
    vpc = ec2.Vpc(stack, f"Vpc{id}")
    if "instance_props" in props:
        # The deprecated way to describe the members of a cluster.
        place: dict[str, Any] = {"instance_props": {"vpc": vpc, **props["instance_props"]}}
    else:
        place = {"vpc": vpc, "writer": rds.ClusterInstance.serverless_v2("Writer")}
    return {"engine": AURORA_POSTGRES, **props, **place}


def database_cluster(stack: cdk.Stack, id: str, **props: Any) -> rds.DatabaseCluster:
    return rds.DatabaseCluster(stack, id, **_cluster_props(stack, id, props))


def database_cluster_from_snapshot(stack: cdk.Stack, id: str, **props: Any) -> rds.DatabaseClusterFromSnapshot:
    props = _cluster_props(stack, id, {"snapshot_identifier": "snapshot", **props})
    return rds.DatabaseClusterFromSnapshot(stack, id, **props)


def _serverless_props(stack: cdk.Stack, id: str, props: dict[str, Any]) -> dict[str, Any]:
    group = rds.ParameterGroup.from_parameter_group_name(stack, f"{id}Group", "theirs")
    engine = rds.DatabaseClusterEngine.AURORA_POSTGRESQL
    return {"engine": engine, "vpc": ec2.Vpc(stack, f"Vpc{id}"), "parameter_group": group, **props}


def serverless_cluster(stack: cdk.Stack, id: str, **props: Any) -> rds.ServerlessCluster:
    return rds.ServerlessCluster(stack, id, **_serverless_props(stack, id, props))


def serverless_cluster_from_snapshot(stack: cdk.Stack, id: str, **props: Any) -> rds.ServerlessClusterFromSnapshot:
    props = _serverless_props(stack, id, {"snapshot_identifier": "snapshot", **props})
    return rds.ServerlessClusterFromSnapshot(stack, id, **props)


def database_proxy(stack: cdk.Stack, id: str, **props: Any) -> rds.DatabaseProxy:
    source = rds.DatabaseInstance(stack, f"Source{id}", engine=POSTGRES, vpc=ec2.Vpc(stack, f"Vpc{id}"))
    assert source.secret is not None
    target = rds.ProxyTarget.from_instance(source)
    return rds.DatabaseProxy(stack, id, proxy_target=target, secrets=[source.secret], vpc=source.vpc, **props)


MINIMAL = {
    "DatabaseCluster": database_cluster,
    "DatabaseClusterFromSnapshot": database_cluster_from_snapshot,
    "DatabaseInstance": database_instance,
    "DatabaseInstanceFromSnapshot": database_instance_from_snapshot,
    "DatabaseInstanceReadReplica": database_instance_read_replica,
    "DatabaseProxy": database_proxy,
    "ServerlessCluster": serverless_cluster,
    "ServerlessClusterFromSnapshot": serverless_cluster_from_snapshot,
}
