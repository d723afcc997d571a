"""Whether a property names a resource: by reference, or by an ARN that ends in a name and a generated id.

The index of references covers references and plain names. The ARNs of load balancers and web ACLs end in an id that AWS
generates, after the name: `…:loadbalancer/app/<name>/<id>`.
"""

from __future__ import annotations

import functools

from soc2_constructs.cloudformation import (
    OPEN,
    Reference,
    Resource,
    Text,
    Value,
    Verdict,
    failed,
    passed,
    unresolved,
    with_keys,
)
from soc2_constructs.cloudformation.values import text_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator


def names(value: Value, resource: Resource, service: str, name: str) -> Verdict:
    """Whether a value is the ARN of the resource, which belongs to `service` and has its name in the property `name`.

    The verdict is unresolved where the ARN can be that of the resource after deployment.
    """
    if value.is_absent:
        return failed("{} is not set", value, path=value.path)
    parts = value.node.parts if type(value.node) is Text else (value.node,)
    referred = [part.resource for part in parts if type(part) is Reference]
    if referred:
        return passed("it is named") if resource in referred else failed("another resource is named")
    fields = text_with(value.node, "*").split(":", 5)
    given = resource[name].known
    if len(fields) == 6:
        if fields[2] not in (service, "*") or (resource.region and fields[3] not in (resource.region, "*")):
            return failed("another resource is named")
        if given in fields[5].split("/")[-2:]:
            return passed("it is named")
        if isinstance(given, str) and "*" not in fields[5]:
            return failed("another resource is named")
    return unresolved("{} may name it: that is known only at deployment", value, path=value.path)


def naming(resource: Resource, resource_type: str, via: str, name: str) -> list[Resource]:
    """Return the resources of a type whose property `via` may be the ARN of this one, for `names` to judge each.

    Args:
        resource: The resource.
        resource_type: The type of the resources to return.
        via: The property with the ARN.
        name: The property with the name of the resource.
    """
    given = resource[name].known
    own = given if isinstance(given, str) else _WRITTEN
    return with_keys(resource, resource_type, _arn_keys(via), (id(resource), own, OPEN))


#: The key of an ARN that is written out: it may be that of a resource without a known name.
_WRITTEN = ("written",)


@functools.cache
def _arn_keys(via: str) -> Callable[[Resource], Iterator[Hashable]]:
    def keys_of(source: Resource) -> Iterator[Hashable]:
        node = source[via].node
        parts = node.parts if type(node) is Text else (node,)
        referred = [id(part.resource) for part in parts if type(part) is Reference]
        if referred:
            yield from referred
            return
        text = text_with(node, "*")
        yield _WRITTEN
        yield from text.split(":", 5)[-1].split("/")[-2:]
        if "*" in text:
            yield OPEN

    return keys_of
