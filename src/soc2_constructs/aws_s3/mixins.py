"""All of `aws_cdk.aws_s3.mixins`."""

from aws_cdk.aws_s3.mixins import *
from aws_cdk.aws_s3.mixins import __all__ as __all__
