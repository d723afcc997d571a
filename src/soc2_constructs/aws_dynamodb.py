"""Amazon DynamoDB: all of `aws_cdk.aws_dynamodb`, with compliant tables."""

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

from soc2_constructs.aws_kms import data_key, is_data_key, let_in

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_dynamodb import *

    __all__ = ["Table", "TableV2"]
    __all__ += dynamodb.__all__

_RECOVERY = "dynamodb_table_point_in_time_recovery_enabled"
_IN_PLAN = "dynamodb_table_in_backup_plan"
_ENCRYPTION = "dynamodb_table_encrypted_with_kms"
_WHY_LEFT = "DynamoDB encrypts all tables; with a KMS key other accounts and roles would need permission for the key"
_ENABLED = "point_in_time_recovery_specification.point_in_time_recovery_enabled"


def _is_replicated(context: PropsContext) -> bool:
    """Whether a table has replicas in other regions, which cannot use a key of this region."""
    return bool(context.props.get("replication_regions") or context.props.get("replicas"))


def _recovers(replicas: Any, _: PropsContext) -> bool:
    """Whether no replica disables point-in-time recovery."""
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
        # The CDK accepts only one of the two properties.
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
        return None  # The CDK derives the encryption from the key.
    if _needs_aws_managed_key(context):
        return dynamodb.TableEncryption.AWS_MANAGED
    return dynamodb.TableEncryption.CUSTOMER_MANAGED


def _encryption_v2(context: PropsContext) -> dynamodb.TableEncryptionV2:
    # The CDK needs an explicit region to assign keys to replicas.
    if _needs_aws_managed_key(context) or cdk.Token.is_unresolved(cdk.Stack.of(context.scope).region):
        return dynamodb.TableEncryptionV2.aws_managed_key()
    return dynamodb.TableEncryptionV2.customer_managed_key(data_key(context.scope, "dynamodb"))


def _needs_aws_managed_key(context: PropsContext) -> bool:
    """Whether the table needs the AWS managed key: with replicas, because each needs a key in its region."""
    return _is_replicated(context)


def _after_table(table: dynamodb.Table, context: PropsContext) -> None:
    tag_for_backup(table.node.default_child, context, _IN_PLAN)
    _let_in(table, context.props.get("encryption_key"), "SSESpecification.KMSMasterKeyId")


def _let_in(table: Any, key: Any, key_property: str) -> None:
    if is_data_key(key):
        let_in(table.node.default_child, key, "dynamodb", key_property)


#: The scopes at which enforcement has added the backup tag for global tables.
_tagged: WeakSet[Any] = WeakSet()


def _before_table_v2(context: PropsContext) -> None:
    # Each replica has its own tags, which only an Aspect can set. Enforcement calls `after` too late to add an Aspect.
    if context.injected and context.scope not in _tagged:
        _tagged.add(context.scope)
        _tag_v2(context.scope)


def _after_table_v2(table: dynamodb.TableV2, context: PropsContext) -> None:
    if not context.injected:
        _tag_v2(table)
        _let_in(table, table.encryption_key, "SSESpecification")
    record_backup_tag(context, _IN_PLAN)


def _tag_v2(scope: IConstruct) -> None:
    # Priority 0: tags of the user and of the scopes above override it.
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
        leave=_WHY_LEFT,
    ),
    provide(
        "encryption_key",
        lambda context: data_key(context.scope, "dynamodb"),
        None,
        required="a KMS key; by default one per stack",
        when=lambda context: context.props.get("encryption") == dynamodb.TableEncryption.CUSTOMER_MANAGED,
    ),
    *_staying_rows(),
    after=_after_table,
)


@hardened(TABLE)
class Table(dynamodb.Table):
    """A table with point-in-time recovery, a customer managed key and deletion protection.

    It has the backup tag, so that a `BackupPolicy` selects it. With `replication_regions` it is encrypted with the AWS
    managed key of each region.

    Controls: dynamodb_table_point_in_time_recovery_enabled, dynamodb_table_encrypted_with_kms,
    dynamodb_table_in_backup_plan. AWS page: "DynamoDB encryption at rest".
    """


TABLE_V2 = Hardening(
    dynamodb.TableV2,
    *_recovery_rows(("Replicas.0.PointInTimeRecoverySpecification", None)),
    refuse(
        "replicas",
        _RECOVERY,
        accepts=_recovers,
        required="point-in-time recovery of each replica, which is the default",
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
        leave=_WHY_LEFT,
    ),
    *_staying_rows(),
    before=_before_table_v2,
    after=_after_table_v2,
    props=dynamodb.TablePropsV2,
)


@hardened(TABLE_V2)
class TableV2(dynamodb.TableV2):
    """As `Table`, with any number of replicas.

    With `replicas`, and in a stack without an explicit region, it is encrypted with the AWS managed key of each region.
    If you call `add_replica(...)` later, set `encryption`: with a customer managed key the CDK requires a key for the
    region of each replica.
    """


if MYPY:
    from aws_cdk.aws_dynamodb import *  # type: ignore[assignment]
