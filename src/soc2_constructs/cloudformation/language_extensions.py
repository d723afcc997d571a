"""The loops of the transform AWS::LanguageExtensions, expanded before anything else reads a template.

Source: "Fn::ForEach", AWS CloudFormation User Guide. A loop over a collection that only a deployment shows stays as it
is; the template then has a gap.

>>> expand({"Resources": {"Fn::ForEach::Queues": ["Name", ["A", "B"], {"${Name}Queue": {"Type": "AWS::SQS::Queue"}}]}})
{'Resources': {'AQueue': {'Type': 'AWS::SQS::Queue'}, 'BQueue': {'Type': 'AWS::SQS::Queue'}}}
"""

from __future__ import annotations

from soc2_constructs.cloudformation.limits import MAX_LOOP_NODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LOOP = "Fn::ForEach::"
_SECTIONS = ("Resources", "Conditions", "Outputs")


def expand(document: dict[str, Any]) -> dict[str, Any]:
    """The template with its loops expanded; the given template where it has none."""
    if not _has_loop(document):
        return document
    loops = _Loops(document)
    sections = {name: loops.expanded(document[name], {}) for name in _SECTIONS if type(document.get(name)) is dict}
    return {**document, **sections}


class _Loops:
    """Expands the loops of one template, up to a number of nodes."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._parameters = _section(document, "Parameters")
        self._mappings = _section(document, "Mappings")
        self._nodes = 0

    def expanded(self, node: Any, names: dict[str, str]) -> Any:
        """A node with its loops expanded, and the identifiers of the loops around it replaced."""
        self._nodes += bool(names)
        if type(node) is dict:
            if names and len(node) == 1 and (name := node.get("Ref")) is not None and type(name) is str:
                return names.get(name, node)
            members: dict[str, Any] = {}
            for key, child in node.items():
                if key.startswith(_LOOP):
                    members.update(self._iterated(key, child, names))
                else:
                    members[_replaced(key, names)] = self.expanded(child, names)
            return members
        if type(node) is list:
            return [self.expanded(item, names) for item in node]
        return _replaced(node, names) if names and type(node) is str else node

    def _iterated(self, key: str, loop: Any, names: dict[str, str]) -> dict[str, Any]:
        """The members that a loop adds; the loop itself where it cannot be expanded."""
        kept = {_replaced(key, names): loop}
        if type(loop) is not list or len(loop) != 3 or type(loop[0]) is not str or type(loop[2]) is not dict:
            return kept
        items = self._collection(loop[1], names)
        if items is None:
            return kept
        members: dict[str, Any] = {}
        for item in items:
            members.update(self.expanded(loop[2], {**names, loop[0]: item}))
            if self._nodes > MAX_LOOP_NODES:
                return kept
        return members

    def _collection(self, node: Any, names: dict[str, str]) -> list[str] | None:
        """The items of a collection; None where a deployment decides them."""
        if type(node) is dict:
            found = self._value(node, names)
            return found if type(found) is list and all(type(item) is str for item in found) else None
        if type(node) is not list:
            return None
        items: list[str] = []
        for item in node:
            value = self._value(item, names)
            for text in value if type(value) is list else [value]:
                if type(text) is not str:
                    return None
                items.append(text)
        return items

    def _value(self, node: Any, names: dict[str, str]) -> Any:
        """A literal, the only value of a parameter, or an entry of a mapping; None for other nodes."""
        if type(node) is dict and len(node) == 1:
            ((function, argument),) = node.items()
            if function == "Ref" and type(argument) is str:
                return names.get(argument, self._default(argument))
            if function == "Fn::FindInMap" and type(argument) is list and len(argument) == 3:
                found: Any = self._mappings
                for key in argument:
                    name = self._value(key, names)
                    found = found.get(name) if type(found) is dict and type(name) is str else None
                return [_text(item) for item in found] if type(found) is list else _text(found)
            return None
        return _replaced(node, names) if type(node) is str else _text(node)

    def _default(self, name: str) -> Any:
        """The default of a parameter that has no other value in the template."""
        parameter = _section(self._parameters, name)
        default, kind, values = _text(parameter.get("Default")), parameter.get("Type"), parameter.get("AllowedValues")
        if default is None or type(kind) is not str:
            return None
        if type(values) is list and [_text(value) for value in values] != [default]:
            return None
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            return [item.strip() for item in default.split(",")]
        return default if kind in ("String", "Number") else None


def _has_loop(document: dict[str, Any]) -> bool:
    waiting: list[Any] = [document.get(name) for name in _SECTIONS]
    while waiting:
        node = waiting.pop()
        if type(node) is dict:
            if any(key.startswith(_LOOP) for key in node):
                return True
            waiting.extend(node.values())
        elif type(node) is list:
            waiting.extend(node)
    return False


def _replaced(text: str, names: dict[str, str]) -> str:
    for name, item in names.items():
        text = text.replace("${" + name + "}", item)
        # The form for logical ids leaves out everything but letters and digits.
        text = text.replace("&{" + name + "}", "".join(letter for letter in item if letter.isalnum()))
    return text


def _section(document: dict[str, Any], name: str) -> dict[str, Any]:
    section = document.get(name)
    return section if type(section) is dict else {}


def _text(value: Any) -> str | None:
    """A scalar as text, or None."""
    if type(value) is str:
        return value
    return str(value) if type(value) in (int, float) else None
