"""All of `aws_cdk.aws_cloudfront.experimental`."""

from aws_cdk.aws_cloudfront.experimental import *
from aws_cdk.aws_cloudfront.experimental import __all__ as __all__
