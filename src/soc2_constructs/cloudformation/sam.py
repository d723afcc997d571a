"""AWS Serverless Application Model: the resources of a template after Globals and implicit APIs are applied.

Source: "Globals section of the AWS SAM template" and "CloudFormation resources generated when you specify
AWS::Serverless::Function", AWS SAM Developer Guide.
"""

from __future__ import annotations

from soc2_constructs.cloudformation.values import is_intrinsic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Bodies = Mapping[str, dict[str, Any]]

_NAMESPACE = "AWS::Serverless::"
#: Type of an event, the property that names an API, and the logical id of the API that SAM creates without that name.
_IMPLICIT_APIS = (("Api", "RestApiId", "ServerlessRestApi"), ("HttpApi", "ApiId", "ServerlessHttpApi"))
_EVENT_TARGETS = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")


def expand(bodies: Bodies, document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Apply the section Globals to resources and add implicit APIs.

    Args:
        bodies: The resources of the template by logical id, each with a Type.
        document: The template.

    Returns:
        New bodies where SAM changes them; the given ones elsewhere.
    """
    expanded = dict(bodies)
    if "Transform" in document:
        for kind, naming, logical_id in _IMPLICIT_APIS:
            sources = [body for body in bodies.values() if _has_implicit_api(body, kind, naming, logical_id)]
            if sources and logical_id not in expanded:
                expanded[logical_id] = _implicit_api(kind, sources)
    sections = document.get("Globals")
    if type(sections) is dict:
        for logical_id, body in expanded.items():
            if body["Type"].startswith(_NAMESPACE):
                common = sections.get(body["Type"].removeprefix(_NAMESPACE))
                if type(common) is dict:
                    expanded[logical_id] = {**body, "Properties": _merged(common, body.get("Properties") or {})}
    return expanded


def _implicit_api(kind: str, sources: list[dict[str, Any]]) -> dict[str, Any]:
    """The API of events without one; it has the condition that all of its functions share."""
    body: dict[str, Any] = {"Type": _NAMESPACE + kind}
    condition = sources[0].get("Condition")
    if condition is not None and all(source.get("Condition") == condition for source in sources):
        body["Condition"] = condition
    return body


def _has_implicit_api(body: dict[str, Any], kind: str, naming: str, logical_id: str) -> bool:
    """Whether a resource has an event of that kind that names no API."""
    if body["Type"] not in _EVENT_TARGETS:
        return False
    events = (body.get("Properties") or {}).get("Events")
    for event in events.values() if type(events) is dict else ():
        if type(event) is dict and event.get("Type") == kind:
            properties = event.get("Properties")
            named = properties.get(naming) if type(properties) is dict else None
            if named is None or named == {"Ref": logical_id}:
                return True
    return False


def _merged(common: Any, own: Any) -> Any:
    """Merge Globals into a resource's own value, as SAM does: objects by member, lists by concatenation."""
    if type(common) is dict and type(own) is dict and not is_intrinsic(own) and not is_intrinsic(common):
        return {
            **common,
            **{key: _merged(common[key], value) if key in common else value for key, value in own.items()},
        }
    if type(common) is list and type(own) is list:
        return [*common, *own]
    return own
