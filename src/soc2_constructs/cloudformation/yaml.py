"""YAML as CloudFormation reads it: short-form intrinsic functions, and the numbers of YAML 1.1.

This module alone imports PyYAML, and only a YAML file makes it do so.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.cloudformation.limits import MAX_DEPTH, MAX_DIGITS, MAX_NODES

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: Short forms whose long form has no `Fn::` before it.
_PLAIN = ("Ref", "Condition")
_FUNCTIONS = frozenset(
    [
        "And",
        "Base64",
        "Cidr",
        "Contains",
        "EachMemberEquals",
        "EachMemberIn",
        "Equals",
        "FindInMap",
        "ForEach",
        "GetAtt",
        "GetAZs",
        "GetStackOutput",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "RefAll",
        "Select",
        "Split",
        "Sub",
        "ToJsonString",
        "Transform",
        "ValueOf",
        "ValueOfAll",
    ]
)

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
#: The notations of an integer, by the base that Python reads them in; groups may be separated by underscores.
_INTEGERS = (
    (re.compile(r"[-+]?(?:0|[1-9][0-9_]*)"), 10),
    (re.compile(r"[-+]?0[0-7_]+"), 8),
    (re.compile(r"[-+]?0x[0-9a-fA-F_]+"), 16),
    (re.compile(r"[-+]?0b[01_]+"), 2),
)
_SEXAGESIMAL = re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+")
_FRACTION = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+")


def parse(text: str, name: str) -> Any:
    """Parse one YAML document.

    Raises:
        InputError: with line and column.
    """
    try:
        _refuse_depth(text, name)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
        return None if node is None else _Builder(name).build(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(
            name,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
            problem=f"this is not valid YAML ({', '.join(filter(None, (error.context, error.problem)))})",
            remedy="Correct the file there",
        ) from None
    except yaml.YAMLError as error:
        raise InputError(
            name, problem=f"this is not valid YAML ({str(error).splitlines()[0]})", remedy="Correct the file"
        ) from None
    except UnicodeEncodeError:
        raise InputError(
            name, problem="a text holds half of a character (a lone surrogate)", remedy="Write the whole character"
        ) from None


def _refuse_depth(text: str, name: str) -> None:
    """Walk the events, which takes no recursion, before nodes are composed, which does."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > MAX_DEPTH:
                _too_deep(name, event.start_mark)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1


def _too_deep(name: str, mark: Any = None) -> Any:
    raise InputError(
        name,
        line=mark.line + 1 if mark else None,
        column=mark.column + 1 if mark else None,
        problem=f"the file nests objects and lists deeper than {MAX_DEPTH} levels",
        remedy="Check that it is a template",
    )


class _Builder:
    """Builds plain data from YAML nodes, counting what aliases expand to."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes = 0
        self._open: set[int] = set()

    def build(self, node: Any) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES or id(node) in self._open:
            self._refuse(node, "its aliases expand to far more than a template can hold")
        self._open.add(id(node))
        try:
            tag = node.tag
            if tag.startswith("!"):
                return self._function(node, tag[1:])
            return self._plain(node)
        finally:
            self._open.discard(id(node))

    def _plain(self, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item) for item in node.value]
        return _scalar(node)

    def _mapping(self, node: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                sources = self.build(value_node)
                for source in reversed(sources if isinstance(sources, list) else [sources]):
                    if not isinstance(source, dict):
                        self._refuse(value_node, "a merge key takes an object or a list of objects")
                    merged.update(source)
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._refuse(key_node, "a key is not a text")
            key = key_node.value
            if key in found:
                self._refuse(key_node, f"the key {key!r} stands here a second time")
            found[key] = self.build(value_node)
        return {**merged, **found}

    def _function(self, node: Any, short: str) -> Any:
        if short in _PLAIN:
            return {short: self._plain(node)}
        if short not in _FUNCTIONS:
            self._refuse(node, f"!{short} is no intrinsic function of CloudFormation")
        value = self._plain(node)
        if short == "GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {f"Fn::{short}": value}

    def _refuse(self, node: Any, problem: str) -> Any:
        mark = node.start_mark
        raise InputError(
            self._name, line=mark.line + 1, column=mark.column + 1, problem=problem, remedy="Correct the file there"
        )


def _scalar(node: Any) -> Any:
    """A scalar as CloudFormation reads it; dates and account ids with leading zeros stay text.

    Source: "CloudFormation template format", AWS CloudFormation User Guide: YAML 1.1 without the tag timestamp.
    """
    text, kind = node.value, node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return _BOOLEANS.get(text.lower(), text)
    if kind == "int" and len(text) <= MAX_DIGITS:
        return _integer(text)
    if kind == "float" and _FRACTION.fullmatch(text):
        number = float(text)
        return number if abs(number) != float("inf") else text
    return text


def _integer(text: str) -> int | str:
    """An integer of YAML 1.1, where ``026``, ``0x16`` and ``0b10110`` are 22, and ``22:30`` is 22 * 60 + 30."""
    for notation, base in _INTEGERS:
        if notation.fullmatch(text):
            digits = text.replace("_", "").replace("0x", "").replace("0b", "")
            return int(digits, base) if digits.strip("+-") else text
    if not _SEXAGESIMAL.fullmatch(text):
        return text
    number = 0
    for part in text.lstrip("+-").replace("_", "").split(":"):
        number = number * 60 + int(part)
    return -number if text[0] == "-" else number
