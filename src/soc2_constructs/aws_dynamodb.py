"""Amazon DynamoDB: all of `aws_cdk.aws_dynamodb`, with tables that comply."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb

from soc2_constructs.aws_kms import data_key
from soc2_constructs.hardening import (
    BACKUP_TAG,
    Default,
    Given,
    Hardening,
    Init,
    Override,
    Provide,
    Refuse,
    Require,
    Row,
    hardened,
    member,
)

MYPY = False  # see hardening.py, "Drop-in modules"
if not MYPY:
    from aws_cdk.aws_dynamodb import *

_RECOVERY = "dynamodb_table_point_in_time_recovery_enabled"
_ENCRYPTION = "dynamodb_table_encrypted_with_kms"
_ENABLED = "point_in_time_recovery_specification.point_in_time_recovery_enabled"


def _is_replicated(given: Given) -> bool:
    """Whether a table has copies in other regions, where a key of this one opens nothing."""
    return bool(given.props.get("replication_regions") or given.props.get("replicas"))


def _recovers(replicas: Any, _: Given) -> bool:
    """Whether no replica says otherwise than its table."""
    return all(
        False
        not in (
            member(replica, "point_in_time_recovery"),
            member(member(replica, "point_in_time_recovery_specification"), "point_in_time_recovery_enabled"),
        )
        for replica in replicas
    )


def _recovery_rows(override: Override) -> tuple[Row, ...]:
    return (
        Refuse(
            "point_in_time_recovery",
            _RECOVERY,
            accepts=lambda found, _: found is True,
            wanted="True",
            refuses=False,
            override=override,
        ),
        # The CDK takes the one or the other.
        Require(
            _ENABLED,
            True,
            _RECOVERY,
            refuses=False,
            override=override,
            when=lambda given: "point_in_time_recovery" not in given.props,
        ),
    )


def _staying_rows() -> tuple[Row, ...]:
    return (
        Default("removal_policy", cdk.RemovalPolicy.RETAIN),
        Default(
            "deletion_protection",
            True,
            when=lambda given: given.props.get("removal_policy") != cdk.RemovalPolicy.DESTROY,
        ),
    )


TABLE = Hardening(
    dynamodb.Table,
    *_recovery_rows(("PointInTimeRecoverySpecification", None)),
    Provide(
        "encryption",
        lambda given: (
            dynamodb.TableEncryption.AWS_MANAGED if _is_replicated(given) else dynamodb.TableEncryption.CUSTOMER_MANAGED
        ),
        _ENCRYPTION,
        accepts=lambda found, _: found != dynamodb.TableEncryption.DEFAULT,
        wanted="TableEncryption.CUSTOMER_MANAGED or AWS_MANAGED",
        refuses=dynamodb.TableEncryption.DEFAULT,
        override=("SSESpecification", None),
    ),
    Provide(
        "encryption_key",
        lambda given: data_key(given.scope),
        None,
        wanted="a KMS key; one per stack unless you give one",
        when=lambda given: given.props.get("encryption") == dynamodb.TableEncryption.CUSTOMER_MANAGED,
    ),
    *_staying_rows(),
)


def _build_table(table: Any, init: Init, given: Given) -> None:
    init(given.props)
    _after_table(table, given)


def _after_table(table: Table, _: Given) -> None:
    resource = table.node.default_child
    assert isinstance(resource, dynamodb.CfnTable)
    # With the least priority, so that the user's own tags and those of the scopes above win.
    resource.tags.set_tag(BACKUP_TAG, "true", 0)


@hardened(TABLE, _build_table)
class Table(dynamodb.Table):
    """A table that comes back to any second of 35 days, is encrypted with a customer managed key, and stays.

    It is protected from deletion, and carries the tag by which a backup plan of ours selects it. With
    `replication_regions` it is encrypted with the key that AWS manages for DynamoDB in each region.
    """


TABLE_V2 = Hardening(
    dynamodb.TableV2,
    *_recovery_rows(("Replicas.0.PointInTimeRecoverySpecification", None)),
    Refuse(
        "replicas",
        _RECOVERY,
        accepts=_recovers,
        wanted="point-in-time recovery of each, as of the table, which is what they have unless they say otherwise",
        refuses=lambda _: [
            dynamodb.ReplicaTableProps(
                region="eu-west-1",
                point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                    point_in_time_recovery_enabled=False
                ),
            )
        ],
        override=("Replicas.0.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", False),
    ),
    Provide(
        "encryption",
        lambda given: (
            dynamodb.TableEncryptionV2.aws_managed_key()
            # The CDK sorts keys by region, and has to know it.
            if _is_replicated(given) or cdk.Token.is_unresolved(cdk.Stack.of(given.scope).region)
            else dynamodb.TableEncryptionV2.customer_managed_key(data_key(given.scope))
        ),
        _ENCRYPTION,
        accepts=lambda found, _: found.type != dynamodb.TableEncryption.DEFAULT,
        wanted="TableEncryptionV2.customer_managed_key(...) or aws_managed_key()",
        refuses=lambda _: dynamodb.TableEncryptionV2.dynamo_owned_key(),
        override=("SSESpecification", None),
    ),
    *_staying_rows(),
    props=dynamodb.TablePropsV2,
)


def _build_table_v2(table: Any, init: Init, given: Given) -> None:
    init(given.props)
    _after_table_v2(table, given)


def _after_table_v2(table: TableV2, _: Given) -> None:
    # Each replica has tags of its own, which the CDK keeps to itself. With the least priority, as above.
    cdk.Tags.of(table).add(BACKUP_TAG, "true", priority=0, include_resource_types=["AWS::DynamoDB::GlobalTable"])


@hardened(TABLE_V2, _build_table_v2)
class TableV2(dynamodb.TableV2):
    """As `Table`, with any number of replicas.

    With `replicas`, and in a stack that does not tell its region, it is encrypted with the key that AWS manages for
    DynamoDB in each region. If you call `add_replica(...)` later, say so by `encryption` beforehand: with a customer
    managed key the CDK wants one for the region of each replica.
    """


if MYPY:
    from aws_cdk.aws_dynamodb import *  # type: ignore[assignment]
