"""Names of resources that must be known before the resource is created."""

from __future__ import annotations

import hashlib
import re

import aws_cdk as cdk
from constructs import IConstruct

#: The removal policy of resources that this library names: if the first deployment fails, the second one is not
#: blocked by a resource of the same name that the first one left behind.
NAMED_REMOVAL_POLICY = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE


def root_stack(scope: IConstruct) -> cdk.Stack:
    """The top-level stack of a construct; the stack of the construct itself may be nested."""
    stack = cdk.Stack.of(scope)
    while (parent := stack.nested_stack_parent) is not None:
        stack = parent
    return stack


def deployed_path(scope: IConstruct, path: str | None = None) -> str:
    """The path of a construct, with the name of the deployed stack in place of the path of the stack.

    An app may be deployed twice to one account, with the same construct ids and other stack names.

    Args:
        scope: The construct, or the scope of the construct that `path` names.
        path: The path of a construct in that scope. Default: the path of `scope`.
    """
    stack = root_stack(scope)
    path = scope.node.path if path is None else path
    return f"{stack.stack_name}/{path.removeprefix(stack.node.path).strip('/')}"


def unique_name(path: str, *qualifiers: str, limit: int) -> str:
    """A name of lowercase letters, digits and hyphens, unique for the path and the qualifiers.

    Args:
        path: The path of the construct; the name ends with its last characters and a digest.
        qualifiers: Further text that distinguishes the name, such as a region.
        limit: The maximum number of characters.
    """
    digest = hashlib.sha256("/".join((*qualifiers, path)).encode()).hexdigest()[:10]
    words = re.sub("[^a-z0-9]+", "-", path.lower())[-(limit - len(digest) - 2) :].strip("-")
    return f"{words if words[:1].isalpha() else f'n{words}'}-{digest}"
