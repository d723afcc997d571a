"""The plain references in parts of templates, found in their JSON text: most references are plain, and text is fast."""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.cloudformation.template import Template

#: A reference to a resource as JSON writes it, by its name or by its name and an attribute.
_REFERENCE = re.compile(r'\{"(?:Ref": "([^"\\]+)"|Fn::GetAtt": \["([^"\\]+)", "([^"\\]+)"\])\}')
_write = json.JSONEncoder(check_circular=False).encode


def likeness(node: Any, template: Template) -> tuple[str, int] | None:
    """The same for all that say the same of whichever resources; None where it is not plain data.

    Functions other than references say what they say in their own template.
    """
    try:
        text = _write(node)
    except (TypeError, ValueError, RecursionError):
        return None
    resources, parameters = template.resources, template.parameters

    def blank(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return f"<{found[3] or ''}>" if name in resources and name not in parameters else found[0]

    if _holds_functions(text):
        text = _REFERENCE.sub(blank, text)
        if _holds_functions(text):
            return text, id(template)
    return text, 0


def plain_references(node: Any, template: Template) -> list[str] | None:
    """The logical ids of the resources that a part refers to, each once; None where functions have to be decided."""
    try:
        text = _write(node)
    except (TypeError, ValueError, RecursionError):
        return None
    references, attributes = text.split('{"Ref": "'), text.split('{"Fn::GetAtt": ["')
    plain = len(references) + len(attributes) - 2
    joins = text.count('"Fn::Join"')
    if template.opaque or text.count('"Fn::') + text.count('"Ref"') != plain + joins:
        return None
    resources, parameters = template.resources, template.parameters
    found: dict[str, None] = {}
    for rest in references[1:]:
        name, _, end = rest.partition('"')
        if end[:1] != "}" or not (name in resources or name.startswith("AWS::")) or name in parameters:
            return None
        if name in resources:
            found[name] = None
    for rest in attributes[1:]:
        name, between, attribute, end, *_ = [*rest.split('"', 4), "", "", ""]
        if between != ", " or end[:2] != "]}" or name not in resources or attribute.startswith("Outputs."):
            return None
        found[name] = None
    return list(found)


def _holds_functions(text: str) -> bool:
    return '{"Ref' in text or "Fn::" in text
