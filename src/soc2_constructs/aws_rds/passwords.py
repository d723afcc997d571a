"""Passwords that RDS manages."""

from __future__ import annotations

from typing import Any, cast

from soc2_constructs.hardening import (
    PropsContext,
)

from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import IConstruct

from soc2_constructs.aws_rds.engines import engine_type


def refuse_managed_source(context: PropsContext, source: rds.IDatabaseInstance) -> None:
    """Raise a ValueError if RDS cannot replicate a source because it manages the password."""
    if getattr(source, "_managed", False) and not engine_type({"engine": source.engine}).startswith("sqlserver"):
        raise ValueError(
            f"{context.path}: RDS manages the password of {source.node.path}; a source of replicas requires a password "
            "that RDS does not manage. Pass "
            '`credentials=rds.Credentials.from_generated_secret("...", encryption_key=key)` to the source, and rotate '
            "that secret."
        )


class ManagedPasswordMixin:
    """A database whose password RDS may manage."""

    _managed: bool = False

    def add_rotation_single_user(self, **options: Any) -> secretsmanager.SecretRotation:
        """Add a rotation of the password, if RDS does not manage it.

        Raises:
            ValueError: RDS manages the password.
        """
        self._refuse_rotation("add_rotation_single_user")
        rotation: secretsmanager.SecretRotation = cast(Any, super()).add_rotation_single_user(**options)
        return rotation

    def add_rotation_multi_user(self, id: str, **options: Any) -> secretsmanager.SecretRotation:
        """Add a rotation of the password of another user, with the secret of the master user.

        Raises:
            ValueError: RDS manages the password of the master user.
        """
        self._refuse_rotation("add_rotation_multi_user")
        rotation: secretsmanager.SecretRotation = cast(Any, super()).add_rotation_multi_user(id, **options)
        return rotation

    def _refuse_rotation(self, method: str) -> None:
        if self._managed:
            raise ValueError(
                f"{cast(IConstruct, self).node.path}: RDS manages the password and rotates it every 7 days; {method} "
                "requires a secret of the app. Remove the call, or pass "
                '`credentials=rds.Credentials.from_generated_secret("...", encryption_key=key)`.'
            )


class ManagedPassword(rds.SnapshotCredentials):
    """Credentials with the key of a managed password only; all credentials of the CDK have a password as well."""

    def __init__(self, key: kms.IKey) -> None:
        super().__init__()
        self._key = key

    @property
    def encryption_key(self) -> kms.IKey:
        return self._key

    @property
    def exclude_characters(self) -> None:
        return None

    @property
    def generate_password(self) -> bool:
        return False

    @property
    def password(self) -> None:
        return None

    @property
    def replace_on_password_criteria_changes(self) -> None:
        return None

    @property
    def replica_regions(self) -> None:
        return None

    @property
    def secret(self) -> None:
        return None

    @property
    def username(self) -> None:
        return None
