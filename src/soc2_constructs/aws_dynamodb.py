"""Amazon DynamoDB: all of `aws_cdk.aws_dynamodb`, with tables that comply."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from soc2_constructs.hardening import (
    BACKUP_TAG,
    Hardening,
    Override,
    PropsContext,
    Requirement,
    default,
    hardened,
    member,
    provide,
    record_backup_tag,
    refuse,
    require,
    tag_for_backup,
)

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from constructs import IConstruct

from soc2_constructs.aws_kms import data_key

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_dynamodb import *

    __all__ = ["Table", "TableV2"]
    __all__ += dynamodb.__all__

_RECOVERY = "dynamodb_table_point_in_time_recovery_enabled"
_IN_PLAN = "dynamodb_table_in_backup_plan"
_ENCRYPTION = "dynamodb_table_encrypted_with_kms"
_ENABLED = "point_in_time_recovery_specification.point_in_time_recovery_enabled"


def _is_replicated(context: PropsContext) -> bool:
    """Whether a table has copies in other regions, where a key of this one opens nothing."""
    return bool(context.props.get("replication_regions") or context.props.get("replicas"))


def _recovers(replicas: Any, _: PropsContext) -> bool:
    """Whether no replica says otherwise than its table."""
    return all(
        False
        not in (
            member(replica, "point_in_time_recovery"),
            member(member(replica, "point_in_time_recovery_specification"), "point_in_time_recovery_enabled"),
        )
        for replica in replicas
    )


def _recovery_rows(bad_override: Override) -> tuple[Requirement, ...]:
    return (
        refuse(
            "point_in_time_recovery",
            _RECOVERY,
            accepts=lambda value, _: value is True,
            required="True",
            bad_value=False,
            bad_override=bad_override,
        ),
        # The CDK takes the one or the other.
        require(
            _ENABLED,
            True,
            _RECOVERY,
            bad_value=False,
            bad_override=bad_override,
            when=lambda context: "point_in_time_recovery" not in context.props,
        ),
    )


def _staying_rows() -> tuple[Requirement, ...]:
    return (
        default("removal_policy", cdk.RemovalPolicy.RETAIN),
        default(
            "deletion_protection",
            True,
            when=lambda context: context.props.get("removal_policy") != cdk.RemovalPolicy.DESTROY,
        ),
    )


def _encryption(context: PropsContext) -> dynamodb.TableEncryption | None:
    if "encryption_key" in context.props:
        return None  # The CDK takes the key's word for it.
    if _keeps_its_readers(context):
        return dynamodb.TableEncryption.AWS_MANAGED
    return dynamodb.TableEncryption.CUSTOMER_MANAGED


def _encryption_v2(context: PropsContext) -> dynamodb.TableEncryptionV2:
    # The CDK sorts keys by region, and has to know it.
    if _keeps_its_readers(context) or cdk.Token.is_unresolved(cdk.Stack.of(context.scope).region):
        return dynamodb.TableEncryptionV2.aws_managed_key()
    return dynamodb.TableEncryptionV2.customer_managed_key(data_key(context.scope))


def _keeps_its_readers(context: PropsContext) -> bool:
    """Whether a key of the stack's may not do: in other regions, and where an app that exists may say more later.

    A replica that is added after the constructor wants a key of its own, and whoever reads the table by a policy that
    the CDK did not write would lose it; with the key that AWS manages for DynamoDB everybody in the account keeps it.
    """
    return context.injected or _is_replicated(context)


def _after_table(table: dynamodb.Table, context: PropsContext) -> None:
    tag_for_backup(table.node.default_child, context, _IN_PLAN)


#: Where enforcement has told every global table to carry the tag.
_tagged: WeakSet[Any] = WeakSet()


def _before_table_v2(context: PropsContext) -> None:
    # Each replica has tags of its own, which the CDK keeps to itself: an Aspect reaches them, and by the time that
    # enforcement calls `after` it is too late to add one.
    if context.injected and context.scope not in _tagged:
        _tagged.add(context.scope)
        _tag_v2(context.scope)


def _after_table_v2(table: dynamodb.TableV2, context: PropsContext) -> None:
    if not context.injected:
        _tag_v2(table)
    record_backup_tag(context, _IN_PLAN)


def _tag_v2(scope: IConstruct) -> None:
    # With the least priority, so that the user's own tags and those of the scopes above win.
    cdk.Tags.of(scope).add(BACKUP_TAG, "true", priority=0, include_resource_types=["AWS::DynamoDB::GlobalTable"])


TABLE = Hardening(
    dynamodb.Table,
    *_recovery_rows(("PointInTimeRecoverySpecification", None)),
    provide(
        "encryption",
        _encryption,
        _ENCRYPTION,
        accepts=lambda value, _: value != dynamodb.TableEncryption.DEFAULT,
        required="TableEncryption.CUSTOMER_MANAGED or AWS_MANAGED",
        bad_value=dynamodb.TableEncryption.DEFAULT,
        bad_override=("SSESpecification", None),
    ),
    provide(
        "encryption_key",
        lambda context: data_key(context.scope),
        None,
        required="a KMS key; one per stack unless you give one",
        when=lambda context: context.props.get("encryption") == dynamodb.TableEncryption.CUSTOMER_MANAGED,
    ),
    *_staying_rows(),
    after=_after_table,
)


@hardened(TABLE)
class Table(dynamodb.Table):
    """A table that comes back to any second of 35 days, is encrypted with a customer managed key, and stays.

    It is protected from deletion, and carries the tag by which a backup plan of ours selects it. With
    `replication_regions` it is encrypted with the key that AWS manages for DynamoDB in each region.
    """


TABLE_V2 = Hardening(
    dynamodb.TableV2,
    *_recovery_rows(("Replicas.0.PointInTimeRecoverySpecification", None)),
    refuse(
        "replicas",
        _RECOVERY,
        accepts=_recovers,
        required="point-in-time recovery of each, as of the table, which is what they have unless they say otherwise",
        bad_value=lambda _: [
            dynamodb.ReplicaTableProps(
                region="eu-west-1",
                point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                    point_in_time_recovery_enabled=False
                ),
            )
        ],
        bad_override=("Replicas.0.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", False),
    ),
    provide(
        "encryption",
        _encryption_v2,
        _ENCRYPTION,
        accepts=lambda value, _: value.type != dynamodb.TableEncryption.DEFAULT,
        required="TableEncryptionV2.customer_managed_key(...) or aws_managed_key()",
        bad_value=lambda _: dynamodb.TableEncryptionV2.dynamo_owned_key(),
        bad_override=("SSESpecification", None),
    ),
    *_staying_rows(),
    before=_before_table_v2,
    after=_after_table_v2,
    props=dynamodb.TablePropsV2,
)


@hardened(TABLE_V2)
class TableV2(dynamodb.TableV2):
    """As `Table`, with any number of replicas.

    With `replicas`, and in a stack that does not tell its region, it is encrypted with the key that AWS manages for
    DynamoDB in each region. If you call `add_replica(...)` later, say so by `encryption` beforehand: with a customer
    managed key the CDK wants one for the region of each replica.
    """


if MYPY:
    from aws_cdk.aws_dynamodb import *  # type: ignore[assignment]
