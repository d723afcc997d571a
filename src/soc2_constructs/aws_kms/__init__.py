"""AWS KMS: all of `aws_cdk.aws_kms`, with compliant keys."""

from __future__ import annotations

import soc2_constructs.hardening  # noqa: F401 - checks that the CDK is installed

from aws_cdk import aws_kms as kms

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_kms import *

    __all__ = [
        "Key",
        "allow_logs",
        "data_key",
        "is_data_key",
        "is_own",
        "let_in",
        "let_service_use",
        "logs_key",
        "of_account",
    ]
    __all__ += kms.__all__

from soc2_constructs.aws_kms.data_key import data_key as data_key
from soc2_constructs.aws_kms.data_key import is_data_key as is_data_key
from soc2_constructs.aws_kms.data_key import let_service_use as let_service_use
from soc2_constructs.aws_kms.data_key import of_account as of_account
from soc2_constructs.aws_kms.key import KEY as KEY
from soc2_constructs.aws_kms.key import Key as Key
from soc2_constructs.aws_kms.key import is_own as is_own
from soc2_constructs.aws_kms.letting_in import let_in as let_in
from soc2_constructs.aws_kms.logs_key import allow_logs as allow_logs
from soc2_constructs.aws_kms.logs_key import logs_key as logs_key

if MYPY:
    from aws_cdk.aws_kms import *  # type: ignore[assignment]
