"""The stack in the disaster recovery region."""

from __future__ import annotations

import re
from typing import cast
from weakref import WeakKeyDictionary

from soc2_constructs.hardening.names import root_stack

import aws_cdk as cdk
from constructs import Construct, IConstruct

#: The context key for the disaster recovery region, which receives copies. Only the user can choose it.
RECOVERY_REGION = "soc2:dr-region"

#: The recovery stack of each stack that has asked for one.
_recovery: WeakKeyDictionary[cdk.Stack, cdk.Stack | None] = WeakKeyDictionary()


def recovery_stack(scope: IConstruct) -> cdk.Stack | None:
    """The stack for copies in the disaster recovery region; created on the first call.

    The region is the value of the context key `soc2:dr-region`, the account is that of the scope. The region must be
    bootstrapped (`cdk bootstrap aws://ACCOUNT/REGION`): the description of the stack, which the CDK and CloudFormation
    show, and docs/deployment.md name it.

    Returns:
        The stack. None if the context key is not set, if the stack of the scope is in that region already, or if that
        stack has no explicit region.

    Raises:
        ValueError: the context key is not the name of an AWS region.
    """
    own = scope if isinstance(scope, cdk.Stack) else cdk.Stack.of(scope)
    if own not in _recovery:
        _recovery[own] = _recovery_of(own)
    return _recovery[own]


def _recovery_of(scope: cdk.Stack) -> cdk.Stack | None:
    stack = root_stack(scope)
    region = stack.node.try_get_context(RECOVERY_REGION)
    if not isinstance(region, str) or not region or cdk.Token.is_unresolved(stack.region) or region == stack.region:
        return None
    if not re.fullmatch(r"[a-z]+(-[a-z]+)+-\d+", region):
        raise ValueError(
            f"the context key {RECOVERY_REGION} is {region!r}; it must be the name of an AWS region. "
            f'Write "{RECOVERY_REGION}": "eu-west-1" in cdk.json, or remove the key. Bootstrap that region before the '
            "first deployment: cdk bootstrap aws://ACCOUNT/REGION."
        )
    parent = cast(Construct, stack.node.scope)
    id = f"{stack.node.id}Recovery"
    existing = parent.node.try_find_child(id)
    if existing is not None:
        return cast(cdk.Stack, existing)
    account = None if cdk.Token.is_unresolved(stack.account) else stack.account
    recovery = cdk.Stack(
        parent,
        id,
        stack_name=f"{stack.stack_name}-recovery",
        env=cdk.Environment(account=account, region=region),
        description=f"Copies of the data of {stack.stack_name} in a second region (soc2-constructs). Requires: "
        f"cdk bootstrap aws://{account or 'ACCOUNT'}/{region}",
        termination_protection=stack.termination_protection,
    )
    stack.add_stack_dependency(recovery)
    return recovery
