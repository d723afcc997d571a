"""Aurora Serverless v1 clusters."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import (
    Hardening,
    Init,
    PropsContext,
    Requirement,
    hardened,
    provide,
)

import aws_cdk as cdk
from aws_cdk import aws_rds as rds

from soc2_constructs.aws.retention import BACKUP_RETENTION_DAYS
from soc2_constructs.aws_kms import is_own
from soc2_constructs.aws_rds.requirements import aws_managed_key, database_key, shared_requirements, tag_cluster
from soc2_constructs.aws_rds.retention import retain_companions


def _serverless_requirements() -> tuple[Requirement, ...]:
    return (
        *shared_requirements(),
        provide(
            "backup_retention",
            lambda _: cdk.Duration.days(BACKUP_RETENTION_DAYS),
            None,
            required=f"{BACKUP_RETENTION_DAYS} days by default",
        ),
    )


SERVERLESS_CLUSTER = Hardening(
    rds.ServerlessCluster,
    *_serverless_requirements(),
    provide(
        "credentials",
        lambda context: rds.Credentials.from_username(
            context.props["engine"].default_username or "admin", encryption_key=database_key(context)
        ),
        None,
        required="by default a password in a secret under the storage key",
    ),
    provide(
        "storage_encryption_key",
        database_key,
        "rds_db_cluster_encrypted_with_cmk",
        accepts=is_own,
        required="a customer managed key; by default one per stack",
        bad_value=aws_managed_key,
        bad_override=("KmsKeyId", None),
    ),
    after=tag_cluster,
)


SERVERLESS_CLUSTER_FROM_SNAPSHOT = Hardening(
    rds.ServerlessClusterFromSnapshot, *_serverless_requirements(), after=tag_cluster
)


def _build_serverless(cluster: Any, init: Init, context: PropsContext) -> None:
    init(context.props)
    retain_companions(cluster)


@hardened(SERVERLESS_CLUSTER, _build_serverless)
class ServerlessCluster(rds.ServerlessCluster):
    """An Aurora Serverless v1 cluster, for existing stacks; AWS offers no new ones. Use `DatabaseCluster` instead."""


@hardened(SERVERLESS_CLUSTER_FROM_SNAPSHOT, _build_serverless)
class ServerlessClusterFromSnapshot(rds.ServerlessClusterFromSnapshot):
    """As `ServerlessCluster`, restored from a snapshot."""
