"""Whether a property names a resource: by reference, or by an ARN that ends in a name and a generated id.

The index of references covers references and plain names. The ARNs of load balancers and web ACLs end in an id that AWS
generates, after the name: `…:loadbalancer/app/<name>/<id>`.
"""

from __future__ import annotations

from soc2_constructs.cloudformation import Reference, Resource, Text, Value, Verdict, failed, passed, unresolved
from soc2_constructs.cloudformation.values import text_with


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
