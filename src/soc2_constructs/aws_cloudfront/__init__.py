"""Amazon CloudFront: all of `aws_cdk.aws_cloudfront`, with compliant distributions."""

from __future__ import annotations

import soc2_constructs.hardening  # noqa: F401 - checks that the CDK is installed

from aws_cdk import aws_cloudfront as cloudfront

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_cloudfront import *

    __all__ = ["Distribution", "distribution_logs_bucket"]
    __all__ += cloudfront.__all__

from soc2_constructs.aws_cloudfront.distribution import Distribution as Distribution
from soc2_constructs.aws_cloudfront.requirements import ADDED_BEHAVIOR as ADDED_BEHAVIOR
from soc2_constructs.aws_cloudfront.requirements import DISTRIBUTION as DISTRIBUTION
from soc2_constructs.aws_cloudfront.requirements import ORIGIN as ORIGIN
from soc2_constructs.aws_cloudfront.requirements import distribution_logs_bucket as distribution_logs_bucket

if MYPY:
    from aws_cdk.aws_cloudfront import *  # type: ignore[assignment]
