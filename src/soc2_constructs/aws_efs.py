"""Amazon EFS: all of `aws_cdk.aws_efs`, with file systems that comply."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_efs as efs

from soc2_constructs.aws_kms import data_key
from soc2_constructs.hardening import Default, Hardening, Provide, Require, hardened

MYPY = False  # see hardening.py, "Drop-in modules"
if not MYPY:
    from aws_cdk.aws_efs import *

FILE_SYSTEM = Hardening(
    efs.FileSystem,
    Require("encrypted", True, "efs_file_system_encrypt_data_at_rest", refuses=False, override=("Encrypted", False)),
    Provide(
        "kms_key",
        lambda given: data_key(given.scope),
        None,
        wanted="a KMS key; one per stack unless you give one",
        when=lambda given: given.props.get("encrypted") is True,
    ),
    Provide(
        "enable_automatic_backups",
        lambda _: True,
        "efs_file_system_in_backup_plan",
        wanted="True unless a plan of yours selects it",
        override=("BackupPolicy", None),
    ),
    Default("removal_policy", cdk.RemovalPolicy.RETAIN),
)


@hardened(FILE_SYSTEM)
class FileSystem(efs.FileSystem):
    """A file system that is encrypted with a customer managed key, is backed up every day, and outlives its stack.

    Who sets `enable_automatic_backups=False` has a plan of their own select it.
    """


if MYPY:
    from aws_cdk.aws_efs import *  # type: ignore[assignment]
