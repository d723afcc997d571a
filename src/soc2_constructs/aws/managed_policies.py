"""Statements of AWS managed policies, which a template attaches by ARN or name."""

from __future__ import annotations

import functools

from soc2_constructs.aws.patterns import NAME, OPEN, as_pattern
from soc2_constructs.aws.policies import Statement
from soc2_constructs.cloudformation.resource import Value
from soc2_constructs.cloudformation.values import Reference, Unresolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def aws_managed(policy: Value) -> list[Statement] | None:
    """The statements that matter to a control of an AWS managed policy.

    Args:
        policy: The ARN of a policy, or its name as SAM templates write it.

    Returns:
        The statements, each at the path of the ARN. A policy that is not known yields an unresolved statement. None for
        a customer managed policy.
    """
    if type(policy.node) is Reference:
        return None
    pattern = as_pattern(policy.node)
    fields, name = pattern.split(":", 5), pattern.rpartition("/")[2]
    if len(fields) == 6 and fields[4] not in ("aws", OPEN, NAME):
        return None
    bodies = _excerpt(name)
    if bodies is None:
        return [Statement(Value(policy.resource, policy.path, Unresolved(f"the policy {_shown(name)} is not known")))]
    return [
        Statement(Value(policy.resource, policy.path, body), source=f"the AWS managed policy {name}") for body in bodies
    ]


def _shown(name: str) -> str:
    return name.replace(OPEN, "…").replace(NAME, "…")


@functools.lru_cache(maxsize=1024)
def _excerpt(name: str) -> tuple[dict[str, Any], ...] | None:
    """The statements of the policy with that name; None where it is unknown."""
    from soc2_constructs.aws import _managed_policies as data

    if name in data.EXCERPTS:
        import json

        return tuple(json.loads(data.EXCERPTS[name]))
    if name in data.OTHERS.split():
        return ()
    # The end of the name can be known: a policy that grants nothing of interest has to have no such end.
    end = name.rpartition(OPEN)[2].rpartition(NAME)[2]
    return () if end not in ("", name) and not any(known.endswith(end) for known in data.EXCERPTS) else None
