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
        lambda context: data_key(context.scope, "ecr"),
        None,
        required="a KMS key; by default one per stack, none with `encryption=RepositoryEncryption.AES_256`",
        when=lambda context: "encryption" not in context.props,
    ),
    default("removal_policy", cdk.RemovalPolicy.RETAIN),
)


@hardened(REPOSITORY)
class Repository(ecr.Repository):
    """A repository with scans on push, immutable tags and a customer managed key.

    For a repository that is already deployed without a KMS key, pass `encryption=RepositoryEncryption.AES_256`: with
    another encryption CloudFormation replaces the repository by an empty one.

    Controls: ecr_repository_image_scan_on_push_enabled. AWS page: "Encryption at rest" in the Amazon ECR User Guide.
    """
