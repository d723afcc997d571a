"""All of `aws_cdk.aws_ecr.mixins`."""

from aws_cdk.aws_ecr.mixins import *
from aws_cdk.aws_ecr.mixins import __all__ as __all__
