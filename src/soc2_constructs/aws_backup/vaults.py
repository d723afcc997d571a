"""Backup vaults."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import (
    NAMED_REMOVAL_POLICY,
    Hardening,
    default,
    deployed_path,
    hardened,
    provide,
    recovery_stack,
    require,
    stack_singleton,
    unique_name,
)

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from constructs import Construct, IConstruct

from soc2_constructs.aws.retention import BACKUP_RETENTION_DAYS
from soc2_constructs.aws_kms import data_key

#: The minimum retention of recovery points, in days.
RETENTION_DAYS = BACKUP_RETENTION_DAYS


def days_of(duration: Any) -> float:
    """The days of a duration; infinity for a token, which the rule pack checks in the template."""
    if not isinstance(duration, cdk.Duration) or duration.is_unresolved():
        return float("inf")
    return float(duration.to_days(integral=False))


BACKUP_VAULT = Hardening(
    backup.BackupVault,
    provide(
        "encryption_key",
        lambda context: data_key(context.scope, "backup"),
        "backup_recovery_point_encryption_enabled",
        required="a KMS key; by default one per stack",
        bad_override=("EncryptionKeyArn", None),
    ),
    require(
        "block_recovery_point_deletion",
        True,
        "backup_recovery_point_manual_deletion_disabled",
        bad_value=False,
        bad_override=("LockConfiguration", None),
    ),
    # Governance mode: principals with IAM permission can remove the lock. `changeable_for` sets compliance mode.
    provide(
        "lock_configuration",
        lambda _: backup.LockConfiguration(min_retention=cdk.Duration.days(RETENTION_DAYS)),
        None,
        required=f"a min_retention of {RETENTION_DAYS} days by default",
        only_with="block_recovery_point_deletion",
    ),
    # CloudFormation requires a name; the CDK derives one from the construct path.
    default("removal_policy", NAMED_REMOVAL_POLICY),
)

#: The maximum number of characters in the name of a vault.
_NAME_LIMIT = 50


@hardened(BACKUP_VAULT)
class BackupVault(backup.BackupVault):
    """A vault that is encrypted with a customer managed key and denies the manual deletion of recovery points.

    Its lock is in governance mode and rejects recovery points with a retention below 35 days. The AWS Config rule for
    manual deletion also requires a denial of `backup:PutBackupVaultAccessPolicy`. That would lock out CloudFormation:
    add it to `access_policy` when the policy is final.

    Controls: backup_recovery_point_encryption_enabled, backup_recovery_point_manual_deletion_disabled.
    AWS page: "AWS Backup Vault Lock".
    """


def shared_vault(scope: IConstruct) -> BackupVault:
    """The default vault of the backup plans of a stack; one per stack, created on the first call."""

    def make(holder: Construct, id: str) -> BackupVault:
        name = unique_name(f"{deployed_path(holder)}/{id}", limit=_NAME_LIMIT)
        return BackupVault(holder, id, backup_vault_name=name)

    return stack_singleton(scope, "BackupVault", make)


def recovery_vault(scope: IConstruct) -> backup.IBackupVault | None:
    """The vault for the copies of the backups of a stack in the disaster recovery region.

    Returns:
        The vault; None without the context key `soc2:dr-region`, or if the stack has no explicit region.
    """
    stack = recovery_stack(scope)
    if stack is None:
        return None
    name = unique_name(stack.stack_name, limit=_NAME_LIMIT)

    def make(holder: Construct, id: str) -> BackupVault:
        return BackupVault(holder, id, backup_vault_name=name)

    stack_singleton(stack, "BackupVault", make)
    # By name: a reference between regions would require custom resources.
    arn = stack.format_arn(
        service="backup", resource="backup-vault", resource_name=name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
    )
    return stack_singleton(
        scope, "RecoveryVault", lambda holder, id: backup.BackupVault.from_backup_vault_arn(holder, id, arn)
    )


def recovery_vaults(scope: IConstruct) -> list[backup.IBackupVault]:
    """The vault of `recovery_vault` as a list; empty if there is none."""
    vault = recovery_vault(scope)
    return [] if vault is None else [vault]
