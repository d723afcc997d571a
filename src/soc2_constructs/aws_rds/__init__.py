"""Amazon RDS: all of `aws_cdk.aws_rds`, with compliant databases."""

from __future__ import annotations

import soc2_constructs.hardening  # noqa: F401 - checks that the CDK is installed

from aws_cdk import aws_rds as rds

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_rds import *

    __all__ = [
        "DatabaseCluster",
        "DatabaseClusterFromSnapshot",
        "DatabaseInstance",
        "DatabaseInstanceFromSnapshot",
        "DatabaseInstanceReadReplica",
        "DatabaseProxy",
        "ServerlessCluster",
        "ServerlessClusterFromSnapshot",
    ]
    __all__ += rds.__all__

from soc2_constructs.aws_rds.clusters import DATABASE_CLUSTER as DATABASE_CLUSTER
from soc2_constructs.aws_rds.clusters import DATABASE_CLUSTER_FROM_SNAPSHOT as DATABASE_CLUSTER_FROM_SNAPSHOT
from soc2_constructs.aws_rds.clusters import DatabaseCluster as DatabaseCluster
from soc2_constructs.aws_rds.clusters import DatabaseClusterFromSnapshot as DatabaseClusterFromSnapshot
from soc2_constructs.aws_rds.instances import DATABASE_INSTANCE as DATABASE_INSTANCE
from soc2_constructs.aws_rds.instances import DATABASE_INSTANCE_FROM_SNAPSHOT as DATABASE_INSTANCE_FROM_SNAPSHOT
from soc2_constructs.aws_rds.instances import DATABASE_INSTANCE_READ_REPLICA as DATABASE_INSTANCE_READ_REPLICA
from soc2_constructs.aws_rds.instances import DatabaseInstance as DatabaseInstance
from soc2_constructs.aws_rds.instances import DatabaseInstanceFromSnapshot as DatabaseInstanceFromSnapshot
from soc2_constructs.aws_rds.instances import DatabaseInstanceReadReplica as DatabaseInstanceReadReplica
from soc2_constructs.aws_rds.proxies import DATABASE_PROXY as DATABASE_PROXY
from soc2_constructs.aws_rds.proxies import DatabaseProxy as DatabaseProxy
from soc2_constructs.aws_rds.serverless import SERVERLESS_CLUSTER as SERVERLESS_CLUSTER
from soc2_constructs.aws_rds.serverless import SERVERLESS_CLUSTER_FROM_SNAPSHOT as SERVERLESS_CLUSTER_FROM_SNAPSHOT
from soc2_constructs.aws_rds.serverless import ServerlessCluster as ServerlessCluster
from soc2_constructs.aws_rds.serverless import ServerlessClusterFromSnapshot as ServerlessClusterFromSnapshot

if MYPY:
    from aws_cdk.aws_rds import *  # type: ignore[assignment]
