"""Minimal constructors of `aws_backup`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_backup as backup


def backup_plan(stack: cdk.Stack, id: str, **props: Any) -> backup.BackupPlan:
    return backup.BackupPlan(stack, id, **props)


def backup_vault(stack: cdk.Stack, id: str, **props: Any) -> backup.BackupVault:
    return backup.BackupVault(stack, id, **props)


MINIMAL = {"BackupPlan": backup_plan, "BackupVault": backup_vault}
