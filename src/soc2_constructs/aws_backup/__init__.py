"""AWS Backup: all of `aws_cdk.aws_backup`, with vaults and plans that comply, restore tests and reports."""

from __future__ import annotations

import soc2_constructs.hardening  # noqa: F401 - checks that the CDK is installed

from aws_cdk import aws_backup as backup

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_backup import *

    __all__ = [
        "AuditFramework",
        "BackupPlan",
        "BackupVault",
        "FailureNotifications",
        "RESTORABLE_TYPES",
        "NETWORK_TYPES",
        "RETENTION_DAYS",
        "RestoreTesting",
        "SELECTED_TYPES",
        "daily_rule",
        "recovery_vault",
        "recovery_vaults",
        "shared_vault",
    ]
    __all__ += backup.__all__

from soc2_constructs.aws_backup.plans import BACKUP_PLAN as BACKUP_PLAN
from soc2_constructs.aws_backup.plans import SELECTED_TYPES as SELECTED_TYPES
from soc2_constructs.aws_backup.plans import BackupPlan as BackupPlan
from soc2_constructs.aws_backup.plans import daily_rule as daily_rule
from soc2_constructs.aws_backup.reports import AuditFramework as AuditFramework
from soc2_constructs.aws_backup.restores import NETWORK_TYPES as NETWORK_TYPES
from soc2_constructs.aws_backup.restores import RESTORABLE_TYPES as RESTORABLE_TYPES
from soc2_constructs.aws_backup.restores import FailureNotifications as FailureNotifications
from soc2_constructs.aws_backup.restores import RestoreTesting as RestoreTesting
from soc2_constructs.aws_backup.vaults import BACKUP_VAULT as BACKUP_VAULT
from soc2_constructs.aws_backup.vaults import RETENTION_DAYS as RETENTION_DAYS
from soc2_constructs.aws_backup.vaults import BackupVault as BackupVault
from soc2_constructs.aws_backup.vaults import recovery_vault as recovery_vault
from soc2_constructs.aws_backup.vaults import recovery_vaults as recovery_vaults
from soc2_constructs.aws_backup.vaults import shared_vault as shared_vault

if MYPY:
    from aws_cdk.aws_backup import *  # type: ignore[assignment]
