"""Fingerprints: parts of two resources with the same fingerprint have the same meaning for a check.

Most references are plain: `Ref` or `Fn::GetAtt` to a resource of the template, without other functions. A shape leaves
out which resources they name, so the policies of two buckets have the same one:

>>> from soc2_constructs.cloudformation.template import Template
>>> template = Template("app.json", {"Resources": {"A": {"Type": "T"}, "B": {"Type": "T"}}})
>>> shape({"Resource": {"Fn::GetAtt": ["A", "Arn"]}}, template)
('{"Resource": <Arn>}', 0)
>>> shape({"Resource": {"Fn::GetAtt": ["B", "Arn"]}}, template)
('{"Resource": <Arn>}', 0)

Other functions depend on their template, so its id is part of the fingerprint:

>>> shape({"Resource": {"Ref": "AWS::Region"}}, template) == ('{"Resource": {"Ref": "AWS::Region"}}', id(template))
True
"""

from __future__ import annotations

import json
import marshal
import re

from soc2_constructs.cloudformation.read_log import ALL, ATTRIBUTE, IDENTITY, REFERRER_SHAPE, SHAPE, ReadKey
from soc2_constructs.cloudformation.values import is_function_name, is_intrinsic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.cloudformation.template import Declaration, Template

#: A reference to a resource in JSON, by its name or by its name and an attribute.
_REFERENCE = re.compile(r'\{"(?:Ref": "([^"\\]+)"|Fn::GetAtt": \["([^"\\]+)", "([^"\\]+)"\])\}')
#: The most common references, which are replaced without a call of a function each.
_BY_NAME = re.compile(r'\{"Ref": "(\w+)"\}')
_BY_ARN = re.compile(r'\{"Fn::GetAtt": \["(\w+)", "Arn"\]\}')
_write = json.JSONEncoder(check_circular=False).encode

#: The fingerprint of a part that cannot be compared: its verdict is used for no other resource.
NO_FINGERPRINT = object()


def shape(node: Any, template: Template) -> tuple[str, int] | None:
    """The fingerprint of a part regardless of the resources that it refers to; None where it is not plain data."""
    try:
        text = _write(node)
    except (TypeError, ValueError, RecursionError):
        return None
    if not _has_functions(text):
        return text, 0
    resources, parameters = template.resources, template.parameters
    names = {*_BY_NAME.findall(text), *_BY_ARN.findall(text)}
    if names <= resources.keys() and names.isdisjoint(parameters):
        text = _BY_ARN.sub("<Arn>", _BY_NAME.sub("<>", text))

    def blank(match: re.Match[str]) -> str:
        name, attribute = match[1] or match[2], match[3] or ""
        if attribute.startswith("Outputs."):
            # The value of an output belongs to its nested stack.
            return match[0]
        return f"<{attribute}>" if name in resources and name not in parameters else match[0]

    if _has_functions(text):
        text = _REFERENCE.sub(blank, text)
    return text, id(template) if _has_functions(text) else 0


def relative(node: Any, template: Template, target: Declaration) -> tuple[bytes, int]:
    """The fingerprint of a part in which references to the target are told from references to other resources."""
    text, name = data(node), target.logical_id
    if template is target.template and name not in template.parameters:
        text = text.replace(data({"Ref": name}), b"<>").replace(data({"Fn::GetAtt": [name, "Arn"]}), b"<Arn>")
    return text, id(template) if b"Ref" in text or b"Fn::" in text else 0


def own_fingerprint(declaration: Declaration, key: ReadKey) -> Any:
    """The fingerprint of a part of the resource itself: a property, an attribute, or all properties."""
    kind, template = key.kind, declaration.template
    if kind is SHAPE or kind is REFERRER_SHAPE:
        return shape(declaration.properties.get(key.name), template) or NO_FINGERPRINT
    if kind is IDENTITY:
        return relative(declaration.properties.get(key.name), template, declaration)
    if kind is ALL:
        node = declaration.properties
    elif kind is ATTRIBUTE:
        node = declaration.body.get(key.name)
    else:
        node = declaration.properties.get(key.name)
    if node is None:
        return None
    whole = data(node)
    return (whole, id(template)) if b"Fn::" in whole or b"Ref" in whole else whole


def has_literal_properties(declaration: Declaration) -> bool:
    """Whether the properties are an object with literal names, and not the result of a function."""
    properties = declaration.properties
    return type(properties) is dict and not any(is_function_name(name) for name in properties)


def data(node: Any) -> bytes:
    """A node as bytes, equal for equal nodes: the fastest way to compare parsed documents.

    Later formats than the second tell interned strings from others.
    """
    return marshal.dumps(node, 2)


def plain_references(node: Any, template: Template) -> list[str] | None:
    """The logical ids of the resources that a part refers to, each once; None where functions must be evaluated."""
    if template.unexpanded:
        return None
    resources, parameters = template.resources, template.parameters
    names: dict[str, None] = {}
    waiting = [node]
    for node in waiting:
        if type(node) is dict:
            if len(node) == 1:
                ((function, argument),) = node.items()
                if is_function_name(function) and function != "Fn::Join":
                    name = plain_reference(node)
                    if name in resources and name not in parameters:
                        names[name] = None
                    elif function != "Ref" or type(argument) is not str or not argument.startswith("AWS::"):
                        return None
                    continue
            elif "Fn::Transform" in node:
                return None
            waiting.extend(node.values())
        elif type(node) is list:
            waiting.extend(node)
    return list(names)


def is_plain(node: Any) -> bool:
    """Whether a node is an object with literal members."""
    return type(node) is dict and "Fn::Transform" not in node and not is_intrinsic(node)


def plain_reference(node: dict[str, Any]) -> str:
    """The logical id in a Ref, or in a Fn::GetAtt of anything but a nested stack's output; else an empty string."""
    ((function, argument),) = node.items()
    if function == "Fn::GetAtt" and type(argument) is list and len(argument) == 2:
        argument, attribute = argument
        if type(attribute) is not str or attribute.startswith("Outputs."):
            return ""
    elif function != "Ref":
        return ""
    return argument if type(argument) is str else ""


def _has_functions(text: str) -> bool:
    return '{"Ref' in text or "Fn::" in text
