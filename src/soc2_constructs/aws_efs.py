"""Amazon EFS: all of `aws_cdk.aws_efs`, with compliant file systems."""

from __future__ import annotations

from soc2_constructs.hardening import Hardening, PropsContext, default, hardened, provide, refuse, tag_for_backup

import aws_cdk as cdk
from aws_cdk import aws_efs as efs

from soc2_constructs.aws_kms import data_key

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_efs import *

    __all__ = ["FileSystem"]
    __all__ += efs.__all__

_IN_PLAN = "efs_file_system_in_backup_plan"


def _after_file_system(file_system: efs.FileSystem, context: PropsContext) -> None:
    # The plan of automatic backups copies nothing to another region, and no restore test selects the file system.
    tag_for_backup(file_system.node.default_child, context, _IN_PLAN)


FILE_SYSTEM = Hardening(
    efs.FileSystem,
    refuse(
        "encrypted",
        "efs_file_system_encrypt_data_at_rest",
        accepts=lambda value, _: value is True,
        required="True",
        bad_value=False,
        bad_override=("Encrypted", False),
    ),
    provide(
        "kms_key",
        lambda context: data_key(context.scope, "elasticfilesystem"),
        None,
        required="a KMS key; by default one per stack",
        when=lambda context: context.props.get("encrypted") is not False,
    ),
    provide(
        "enable_automatic_backups",
        lambda _: True,
        _IN_PLAN,
        required="True, or a backup plan that selects the file system",
        bad_override=("BackupPolicy", None),
    ),
    default("removal_policy", cdk.RemovalPolicy.RETAIN),
    after=_after_file_system,
)


@hardened(FILE_SYSTEM)
class FileSystem(efs.FileSystem):
    """A file system that is encrypted with a customer managed key, backed up daily, and retained with its data.

    It also has the backup tag, so that a `BackupPolicy` selects, copies and restore-tests it. With such a policy,
    `enable_automatic_backups=False` avoids a second backup.

    For a file system that is already deployed, pass its current `kms_key`: with another key CloudFormation replaces the
    file system by an empty one.

    Controls: efs_file_system_encrypt_data_at_rest, efs_file_system_in_backup_plan.
    AWS page: "Data encryption in Amazon EFS".
    """


if MYPY:
    from aws_cdk.aws_efs import *  # type: ignore[assignment]
