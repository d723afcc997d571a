"""Amazon S3: all of `aws_cdk.aws_s3`, with compliant buckets."""

from __future__ import annotations

import soc2_constructs.hardening  # noqa: F401 - checks that the CDK is installed

from aws_cdk import aws_s3 as s3

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_s3 import *

    __all__ = ["AccessLogsBucket", "Bucket", "access_logs_bucket", "refuses_acls", "release_key"]
    __all__ += s3.__all__

from soc2_constructs.aws_s3.access_logs import ACCESS_LOGS_BUCKET as ACCESS_LOGS_BUCKET
from soc2_constructs.aws_s3.access_logs import AccessLogsBucket as AccessLogsBucket
from soc2_constructs.aws_s3.access_logs import access_logs_bucket as access_logs_bucket
from soc2_constructs.aws_s3.base import refuses_acls as refuses_acls
from soc2_constructs.aws_s3.bucket import BUCKET as BUCKET
from soc2_constructs.aws_s3.bucket import Bucket as Bucket
from soc2_constructs.aws_s3.users import release_key as release_key

if MYPY:
    from aws_cdk.aws_s3 import *  # type: ignore[assignment]
