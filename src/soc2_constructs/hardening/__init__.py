'''Requirement tables: the required properties of a CDK class, with the control that requires each.

There is one table per class. The drop-in class, the property injector of `enforce` and the documentation read it:

    BUCKET = Hardening(
        s3.Bucket,
        require("versioned", True, "s3_bucket_versioning_enabled", bad_value=False),
        provide("server_access_logs_bucket", access_logs_bucket, "s3_bucket_logging_enabled", required="a log bucket"),
    )

    @hardened(BUCKET)
    class Bucket(s3.Bucket):
        """A bucket that complies."""

A compliant value of the user takes precedence over the default. A non-compliant value raises `NonCompliantError` if the
control has high or medium severity and no valid waiver applies. The rule pack reports the others, and values that are
known only at deployment.

Drop-in modules re-export a module of `aws_cdk` and define classes with the same names:

    MYPY = False
    if not MYPY:
        from aws_cdk.aws_s3 import *

        __all__ = ["AccessLogsBucket", "Bucket"]
        __all__ += s3.__all__

    ...  # The classes.

    if MYPY:
        from aws_cdk.aws_s3 import *

Python and Pyright use the last definition of a name, mypy uses the first. mypy also treats any variable named `MYPY` as
true. So mypy reads the re-export after the classes, all others read it before, and every tool resolves a name of the
CDK to the class of this library. `__all__` limits `import *` to the names of the CDK and of this library.
'''

# ruff: noqa: E402 - the check precedes the first import of the CDK
from __future__ import annotations

from soc2_constructs._requirements import require_cdk

require_cdk()

from soc2_constructs.hardening.context import After, Around, Init, PropsContext
from soc2_constructs.hardening.decorator import building, hardened, is_building
from soc2_constructs.hardening.errors import NonCompliantError, Violation
from soc2_constructs.hardening.finishing import Phase, finish
from soc2_constructs.hardening.helpers import (
    BACKUP_TAG,
    HELPERS_ID,
    existing_helper,
    record_backup_tag,
    stack_singleton,
    tag_for_backup,
)
from soc2_constructs.hardening.key_access import KEY_ACCESS, choose_key_access, key_access
from soc2_constructs.hardening.locations import places_below, record_location
from soc2_constructs.hardening.names import NAMED_REMOVAL_POLICY, deployed_path, root_stack, unique_name
from soc2_constructs.hardening.places import is_available, may_change, warn_unavailable
from soc2_constructs.hardening.policies import keep_one_policy
from soc2_constructs.hardening.recovery import RECOVERY_REGION, recovery_stack
from soc2_constructs.hardening.requirements import (
    Override,
    Requirement,
    at_least,
    default,
    provide,
    refuse,
    require,
)
from soc2_constructs.hardening.structs import format_value, member, read_path, with_members
from soc2_constructs.hardening.table import RAISING_SEVERITIES, Hardening, raise_together
from soc2_constructs.hardening.view import View, as_list
from soc2_constructs.hardening.waiver_lookup import waived, waivers_on

__all__ = [
    "After",
    "Around",
    "BACKUP_TAG",
    "HELPERS_ID",
    "Hardening",
    "Init",
    "KEY_ACCESS",
    "NAMED_REMOVAL_POLICY",
    "NonCompliantError",
    "Override",
    "Phase",
    "PropsContext",
    "RAISING_SEVERITIES",
    "RECOVERY_REGION",
    "Requirement",
    "View",
    "Violation",
    "as_list",
    "at_least",
    "building",
    "choose_key_access",
    "default",
    "deployed_path",
    "existing_helper",
    "finish",
    "format_value",
    "hardened",
    "is_available",
    "is_building",
    "keep_one_policy",
    "key_access",
    "may_change",
    "member",
    "places_below",
    "provide",
    "raise_together",
    "read_path",
    "record_backup_tag",
    "record_location",
    "recovery_stack",
    "refuse",
    "require",
    "root_stack",
    "stack_singleton",
    "tag_for_backup",
    "unique_name",
    "waived",
    "waivers_on",
    "warn_unavailable",
    "with_members",
]
