"""Volumes."""

from __future__ import annotations

from soc2_constructs.hardening import (
    Hardening,
    default,
    hardened,
    provide,
    require,
    tag_for_backup,
)

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from soc2_constructs.aws_kms import data_key

VOLUME = Hardening(
    ec2.Volume,
    require(
        "encrypted", True, "ebs_volume_encryption_at_rest_enabled", bad_value=False, bad_override=("Encrypted", False)
    ),
    provide(
        "encryption_key",
        lambda context: data_key(context.scope, "ec2"),
        None,
        required="a KMS key; by default one per stack",
        when=lambda context: context.props.get("encrypted") is True,
        only_with="encrypted",
    ),
    default("removal_policy", cdk.RemovalPolicy.RETAIN),
    after=lambda volume, context: tag_for_backup(volume.node.default_child, context, "ebs_volume_in_backup_plan"),
)


@hardened(VOLUME)
class Volume(ec2.Volume):
    """A volume with a customer managed key and the backup tag, so that a `BackupPolicy` selects it.

    CloudFormation cannot encrypt a volume that is already deployed: create a snapshot, and a new volume under another
    id with `snapshot_id`. If it is encrypted with another key, pass that key as `encryption_key`.

    Controls: ebs_volume_encryption_at_rest_enabled, ebs_volume_in_backup_plan. AWS page: "Amazon EBS encryption".
    """
