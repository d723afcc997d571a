"""Amazon ECR: all of `aws_cdk.aws_ecr`, with compliant repositories."""

from __future__ import annotations

import soc2_constructs.hardening  # noqa: F401 - checks that the CDK is installed

from aws_cdk import aws_ecr as ecr

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_ecr import *

    __all__ = ["Repository"]
    __all__ += ecr.__all__

from soc2_constructs.aws_ecr.repository import REPOSITORY as REPOSITORY
from soc2_constructs.aws_ecr.repository import Repository as Repository

if MYPY:
    from aws_cdk.aws_ecr import *  # type: ignore[assignment]
