"""Templates as checks see them."""

from __future__ import annotations

from soc2_constructs.cloudformation import Assembly, Evaluation
from soc2_constructs.cloudformation.intrinsics import Intrinsics


def scopes(assembly: Assembly) -> list[Intrinsics]:
    """The evaluation of each template, in the order of the assembly."""
    evaluation = Evaluation(assembly)
    return [evaluation.scope(template) for template in assembly.templates]


def only_scope(assembly: Assembly) -> Intrinsics:
    """The evaluation of the only template."""
    (scope,) = scopes(assembly)
    return scope
