"""Helper constructs that the constructs of a stack share, such as its key and its bucket for access logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from soc2_constructs.hardening.context import PropsContext

import aws_cdk as cdk
from constructs import Construct, IConstruct

T = TypeVar("T")

#: The id of the construct, one per stack, that contains the helpers of the stack.
HELPERS_ID = "Soc2"

#: The tag of stateful constructs, by which the backup plans of this library select them; its value is `"true"`.
BACKUP_TAG = "soc2:backup"

#: The helpers of each stack: a lookup in the construct tree takes two calls to Node for each construct.
_helpers: WeakKeyDictionary[cdk.Stack, dict[str, Any]] = WeakKeyDictionary()


def stack_singleton(scope: IConstruct, id: str, make: Callable[[Construct, str], T]) -> T:
    """The helper with an id in the stack of a scope; created on the first call.

    All helpers are children of one construct, so their ids never collide with those of the user, and a feature flag can
    be set for them alone: with it the CDK allows log delivery by bucket policy instead of an access control list.

    Args:
        scope: A construct in the stack, or the stack.
        id: The id of the helper.
        make: Creates the helper from its scope and its id.
    """
    stack = scope if isinstance(scope, cdk.Stack) else cdk.Stack.of(scope)
    known = _helpers.setdefault(stack, {})
    if id not in known:
        holder = stack.node.try_find_child(HELPERS_ID)
        if holder is None:
            holder = Construct(stack, HELPERS_ID)
            holder.node.set_context("@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy", True)
        known[id] = make(cast(Construct, holder), id)
    return cast(T, known[id])


def existing_helper(scope: IConstruct, id: str) -> Any:
    """The helper with an id in the stack of a scope; None if it has not been created."""
    return _helpers.get(cdk.Stack.of(scope), {}).get(id)


def tag_for_backup(resource: Any, context: PropsContext, control: str) -> None:
    """Tag a resource so that the backup plans of this library select it; tags of the user take precedence."""
    # Priority 0: tags on the resource and on the scopes above override it.
    resource.tags.set_tag(BACKUP_TAG, "true", 0)
    record_backup_tag(context, control)


def record_backup_tag(context: PropsContext, control: str) -> None:
    """Record that a construct has the backup tag."""
    context.record_change(f"tags[{BACKUP_TAG!r}]", "'true'", control)
