"""What a construct may use where it is deployed: resource types of its region, and roles that it may change."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from constructs import Construct, IConstruct

from soc2_constructs.aws.regions import has_type


def is_available(scope: IConstruct, kind: str) -> bool:
    """Whether a resource type exists in the region of a scope; True if the region is known only at deployment."""
    region = cdk.Stack.of(scope).region
    return cdk.Token.is_unresolved(region) or has_type(kind, region)


def warn_unavailable(scope: IConstruct, kind: str, consequence: str) -> bool:
    """Add a warning if a resource type does not exist in the region of a scope.

    Args:
        scope: The construct that gets the warning.
        kind: The resource type.
        consequence: What the construct leaves out, as a sentence.

    Returns:
        Whether the type is missing.
    """
    if is_available(scope, kind):
        return False
    region = cdk.Stack.of(scope).region
    cdk.Annotations.of(scope).add_warning_v2(
        f"soc2:unavailable:{kind}", f"{kind} does not exist in {region}. {consequence}"
    )
    return True


def may_change(role: Any) -> bool:
    """Whether the CDK can add permissions to a role; True without a role, because the CDK creates one.

    The CDK represents a role that is imported with `mutable=False`, or that belongs to another account, by a construct
    that ignores permissions. It reports them as added.
    """
    if role is None:
        return True
    id = role.node.id
    scope = role.node.scope
    beside = isinstance(scope, Construct) and scope.node.try_find_child(f"MutableRole{id}") is not None
    return not (beside or id.startswith("ImmutableRole"))
