"""Indexes over the resources of a type: a check finds the few that concern its resource without a scan of all.

The keys of a resource are computed once, over all scenarios. A selection that names one table has one key:

>>> from soc2_constructs.cloudformation.assembly import Assembly
>>> from soc2_constructs.cloudformation.evaluation import Evaluation
>>> evaluation = Evaluation(Assembly.of_document({"Resources": {
...     "A": {"Type": "AWS::EC2::VPC"}, "B": {"Type": "AWS::EC2::VPC"},
...     "LogOfA": {"Type": "AWS::EC2::FlowLog", "Properties": {"ResourceId": {"Ref": "A"}}},
...     "LogOfB": {"Type": "AWS::EC2::FlowLog", "Properties": {"ResourceId": {"Ref": "B"}}},
... }}))
>>> a, b = evaluation.of_type("AWS::EC2::VPC")
>>> referring_or_open(a, "AWS::EC2::FlowLog", "ResourceId")
[<AWS::EC2::FlowLog LogOfA>]
"""

from __future__ import annotations

import functools

from soc2_constructs.cloudformation.read_log import untracked
from soc2_constructs.cloudformation.references import in_any_scenario
from soc2_constructs.cloudformation.resource import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from typing import TypeVar

    _T = TypeVar("_T")

    Keys = Callable[[Resource], Iterable[Hashable]]

#: The key of a resource that may concern any other: a value is known only at deployment.
OPEN = "open"


def with_keys(resource: Resource, resource_type: str, keys_of: Keys, keys: Iterable[Hashable]) -> list[Resource]:
    """Return the resources of a type that have one of the keys, in the order of the templates.

    They exist in the present scenario, but may have the key in another one only: the check still judges each.

    Args:
        resource: The resource that the check is about.
        resource_type: The type of the resources to return.
        keys_of: Computes the keys of one of them. A function of a module, because the index is stored under it.
        keys: The keys to look up.
    """
    resource.mark_uncacheable()
    context = resource._scope.context
    index = context.indexes.get((resource_type, keys_of))
    if index is None:
        index = context.indexes[resource_type, keys_of] = {}
        with untracked(context.log):
            for position, source in enumerate(context.of_type(resource_type)):
                found, _ = in_any_scenario(context, source, lambda one: list(keys_of(one)))
                for key in found:
                    index.setdefault(key, []).append(position)
    sources = context.of_type(resource_type)
    positions = {position for key in keys for position in index.get(key, ())}
    return [sources[position] for position in sorted(positions) if sources[position].exists]


def referring_or_open(resource: Resource, resource_type: str, via: str) -> list[Resource]:
    """Return the resources of a type whose property `via` names this one, or is known only at deployment."""
    return with_keys(resource, resource_type, _targets(via), (id(resource), OPEN))


@functools.cache
def _targets(via: str) -> Keys:
    def keys_of(source: Resource) -> Iterable[Hashable]:
        for value in source.values(via):
            target = value.target
            if target is not None:
                yield id(target)
            elif value.unresolved is not None:
                yield OPEN

    return keys_of


def shared(resource: Resource, build: Callable[[Resource], _T]) -> _T:
    """Return the result of a function over the whole assembly, which is computed once in each scenario.

    Args:
        resource: Any resource of the assembly.
        build: Computes the result. A function of a module, because the result is stored under it.
    """
    resource.mark_uncacheable()
    cache = resource._scope.context.scenario.cache
    key = ("shared", build)
    if key not in cache:
        cache[key] = build(resource)
    result: _T = cache[key]
    return result


def is_output(resource: Resource) -> bool:
    """Return whether an output of the template refers to the resource, which may then be used outside the assembly."""
    resource.mark_uncacheable()
    scope = resource._scope
    context, outputs = scope.context, list(scope.template.outputs.values())

    def referred(position: int) -> list[int]:
        return [id(reference._resource) for reference in scope.references_in(outputs[position])]

    key = ("outputs", id(scope.template))
    index = context.indexes.get(key)
    if index is None:
        index = context.indexes[key] = {}
        with untracked(context.log):
            for position in range(len(outputs)):
                for target in in_any_scenario(context, resource, lambda _: referred(position))[0]:  # noqa: B023
                    index.setdefault(target, []).append(position)
    return any(id(resource) in referred(position) for position in index.get(id(resource), ()))
