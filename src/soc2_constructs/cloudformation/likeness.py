"""Parts of templates by their plain references, which most references are: what takes no function to be decided."""

from __future__ import annotations

import json
import marshal
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.cloudformation.template import Resource, Template

#: A reference to a resource as JSON writes it, by its name or by its name and an attribute.
_REFERENCE = re.compile(r'\{"(?:Ref": "([^"\\]+)"|Fn::GetAtt": \["([^"\\]+)", "([^"\\]+)"\])\}')
#: Most of them, for which no function has to be called.
_BY_NAME = re.compile(r'\{"Ref": "(\w+)"\}')
_BY_ARN = re.compile(r'\{"Fn::GetAtt": \["(\w+)", "Arn"\]\}')
_write = json.JSONEncoder(check_circular=False).encode


def likeness(node: Any, template: Template) -> tuple[str, int] | None:
    """The same for all that say the same of whichever resources; None where it is not plain data.

    Functions other than references say what they say in their own template.
    """
    try:
        text = _write(node)
    except (TypeError, ValueError, RecursionError):
        return None
    if not _holds_functions(text):
        return text, 0
    resources, parameters = template.resources, template.parameters
    names = {*_BY_NAME.findall(text), *_BY_ARN.findall(text)}
    if names <= resources.keys() and names.isdisjoint(parameters):
        text = _BY_ARN.sub("<Arn>", _BY_NAME.sub("<>", text))

    def blank(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return f"<{found[3] or ''}>" if name in resources and name not in parameters else found[0]

    if _holds_functions(text):
        text = _REFERENCE.sub(blank, text)
    return text, id(template) if _holds_functions(text) else 0


def relative_likeness(source: Resource, property: str, target: Resource) -> tuple[bytes, int]:
    """What a property says where it counts which of the resources in it is the target, and who the others are."""
    template, name = source._template, target._logical_id
    text = data(source.properties.get(property))
    if template is target._template and name not in template.parameters:
        text = text.replace(data({"Ref": name}), b"<>").replace(data({"Fn::GetAtt": [name, "Arn"]}), b"<Arn>")
    return text, id(template) if b"Ref" in text or b"Fn::" in text else 0


def data(node: Any) -> bytes:
    """A node as bytes, the same for all that are equal: the fastest way to compare what was read from files.

    Later formats than the second tell texts that Python has interned from others.
    """
    return marshal.dumps(node, 2)


def plain_references(node: Any, template: Template) -> list[str] | None:
    """The logical ids of the resources that a part refers to, each once; None where functions have to be decided."""
    if template.opaque:
        return None
    resources, parameters = template.resources, template.parameters
    found: dict[str, None] = {}
    waiting = [node]
    for node in waiting:
        if type(node) is dict:
            if len(node) == 1:
                ((function, argument),) = node.items()
                if function == "Ref" or (function[:4] == "Fn::" and function != "Fn::Join"):
                    name = referred(node)
                    if name in resources and name not in parameters:
                        found[name] = None
                    elif function != "Ref" or type(argument) is not str or not argument.startswith("AWS::"):
                        return None
                    continue
            elif "Fn::Transform" in node:
                return None
            waiting.extend(node.values())
        elif type(node) is list:
            waiting.extend(node)
    return list(found)


def is_plain(node: Any) -> bool:
    """Whether a node is an object of which each member stands where it is written."""
    if type(node) is not dict or "Fn::Transform" in node:
        return False
    return len(node) != 1 or not next(iter(node)).startswith(("Ref", "Fn::"))


def referred(node: dict[str, Any]) -> str:
    """The logical id in a Ref, or in a Fn::GetAtt that asks for no output of a nested stack; else an empty text."""
    ((function, argument),) = node.items()
    if function == "Fn::GetAtt" and type(argument) is list and len(argument) == 2:
        argument, attribute = argument
        if type(attribute) is not str or attribute.startswith("Outputs."):
            return ""
    elif function != "Ref":
        return ""
    return argument if type(argument) is str else ""


def _holds_functions(text: str) -> bool:
    return '{"Ref' in text or "Fn::" in text
