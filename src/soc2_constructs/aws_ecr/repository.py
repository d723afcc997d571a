"""The repository."""

from __future__ import annotations

from soc2_constructs.hardening import Hardening, default, hardened, provide, require

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr

from soc2_constructs.aws_kms import data_key

REPOSITORY = Hardening(
    ecr.Repository,
    require(
        "image_scan_on_push",
        True,
        "ecr_repository_image_scan_on_push_enabled",
        bad_value=False,
        bad_override=("ImageScanningConfiguration", None),
    ),
    default("image_tag_mutability", ecr.TagMutability.IMMUTABLE),
    provide(
        "encryption_key",
        lambda context: data_key(context.scope),
        None,
        required="a KMS key; one per stack unless you give one, or say `encryption=RepositoryEncryption.AES_256`",
        when=lambda context: "encryption" not in context.props,
    ),
    default("removal_policy", cdk.RemovalPolicy.RETAIN),
)


@hardened(REPOSITORY)
class Repository(ecr.Repository):
    """A repository that scans what is pushed, keeps its tags, and is encrypted with a customer managed key.

    Beware with a repository that is deployed already: encryption is decided when it is made, so without
    `encryption=RepositoryEncryption.AES_256` CloudFormation replaces one with S3's keys by an empty one.
    """
