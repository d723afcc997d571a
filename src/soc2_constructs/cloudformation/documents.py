"""Template files in JSON and YAML, read to plain data with long-form intrinsic functions."""

from __future__ import annotations

import json

from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.cloudformation.limits import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, MAX_YAML_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


def read_document(path: str) -> dict[str, Any]:
    """Read one JSON or YAML file whose top level is an object.

    Raises:
        InputError: where the file cannot be read or parsed, with line and column.
    """
    return parse_document(read_bytes(path), path)


def read_bytes(path: str, limit: int = MAX_BYTES) -> bytes:
    """The content of a file.

    Raises:
        InputError: where the file cannot be read or is larger than `limit`.
    """
    try:
        with open(path, "rb") as file:
            # A device or a pipe tells no size: read no more than it takes to know.
            content = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            path, problem=f"the file cannot be read ({reason})", remedy="Check the path and its permissions"
        ) from None
    if len(content) > limit:
        _refuse_size(path, limit)
    return content


def _refuse_size(name: str, limit: int) -> NoReturn:
    raise InputError(name, problem=f"the file is larger than {limit >> 20} MiB", remedy="Check that it is a template")


def parse_document(source: str | bytes, name: str) -> dict[str, Any]:
    """Parse JSON or YAML text; `name` stands for it in errors.

    Raises:
        InputError: where the text is not valid, or its top level is not an object.
    """
    text = _decode(source, name) if isinstance(source, bytes) else source
    start = text.lstrip()[:1]
    if not start:
        raise InputError(name, problem="the file is empty", remedy="Name a template, or run `cdk synth` again")
    if "\0" in text:
        _refuse_binary(name)
    document = _parse_json(text, name) if start in "{[" else _parse_yaml(text, name)
    if type(document) is not dict:
        kind = "list" if type(document) is list else "single value"
        raise InputError(
            name,
            problem=f"the file holds a {kind} where an object belongs",
            remedy="A template is an object with the key Resources",
        )
    return document


def _decode(content: bytes, name: str) -> str:
    try:
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse_binary(name)


def _refuse_binary(name: str) -> NoReturn:
    raise InputError(name, problem="the file is binary or not in UTF-8", remedy="Name a template in JSON or YAML")


def _parse_yaml(text: str, name: str) -> Any:
    if len(text) > MAX_YAML_BYTES:
        _refuse_size(name, MAX_YAML_BYTES)
    from soc2_constructs.cloudformation import yaml

    return yaml.parse(text, name)


def _parse_json(text: str, name: str) -> Any:
    # No hook for objects is passed: it would take the parser off its fast path. Of duplicate keys the last one counts,
    # which is how CloudFormation reads them too.
    try:
        document = json.loads(text, parse_constant=_refuse_number, parse_int=_integer, parse_float=_fraction)
    except json.JSONDecodeError as error:
        if _looks_like_yaml(text):
            return _parse_yaml(text, name)
        read = text[: error.pos]
        if read.count("[") + read.count("{") - read.count("]") - read.count("}") > MAX_DEPTH:
            # A high recursion limit lets the parser reach the end of a text that never closes its brackets.
            _refuse_depth(name)
        raise InputError(
            name,
            line=error.lineno,
            column=error.colno,
            problem=f"this is not valid JSON ({error.msg[0].lower()}{error.msg[1:]})",
            remedy="Correct the file there",
        ) from None
    except RecursionError:
        _refuse_depth(name)
    except ValueError as error:
        raise InputError(name, problem=str(error), remedy="Write a number that JSON knows") from None
    if not _is_shallow(text) and too_deep(document):
        _refuse_depth(name)
    # Backslashes are few, and one letter is found faster than three.
    if any(rest[:2] in ("ud", "uD") for rest in text.split("\\")[1:]):
        _refuse_surrogates(document, name)
    return document


def _integer(digits: str) -> int:
    return int(digits) if len(digits) <= MAX_DIGITS else _refuse_number(digits)


def _fraction(digits: str) -> float:
    number = float(digits)
    return number if abs(number) < float("inf") else _refuse_number(digits)


def _refuse_number(number: str) -> NoReturn:
    shown = number if len(number) <= 20 else f"{number[:17]}..."
    raise ValueError(f"{shown} is not a number that a template can hold")


def _refuse_surrogates(document: Any, name: str) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError(
            name, problem="a text holds half of a character (a lone surrogate)", remedy="Write the whole character"
        ) from None


def _looks_like_yaml(text: str) -> bool:
    """Whether text that starts like JSON may still be YAML in flow style: it has a tag or a plain key."""
    import re

    return re.match(r"\s*\{\s*[A-Za-z]", text) is not None or re.search(r"[:,\[]\s*!(?:Ref|[A-Z])", text) is not None


def _refuse_depth(name: str) -> NoReturn:
    raise InputError(
        name,
        problem=f"the file nests objects and lists deeper than {MAX_DEPTH} levels",
        remedy="Check that it is a template",
    )


#: Everything but brackets.
_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))


def _is_shallow(text: str) -> bool:
    """Whether a JSON text surely nests no deeper than MAX_DEPTH; without a look at what was made of it.

    Its brackets are taken away from the inside out, two levels at a time. Brackets within strings can only add to them.
    """
    brackets = text.encode("utf-8", "replace").translate(None, _NO_BRACKETS)
    for _ in range(MAX_DEPTH // 4):
        if not brackets:
            return True
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return not brackets


def too_deep(document: Any) -> bool:
    """Whether objects and lists nest deeper than MAX_DEPTH; without recursion, level by level."""
    level = [document]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for node in level:
            if type(node) is dict:
                below += [child for child in node.values() if type(child) is dict or type(child) is list]
            elif type(node) is list:
                below += [child for child in node if type(child) is dict or type(child) is list]
        if not below:
            return False
        level = below
    return True


def check_template(document: dict[str, Any], path: str) -> None:
    """Check that a document has the shape of a template, so that later code can rely on it.

    Raises:
        InputError: naming the first place whose shape is wrong.
    """

    def refuse(place: str, problem: str) -> NoReturn:
        raise InputError(path, problem=f"{place} {problem}", remedy="Correct the template there")

    resources = document.get("Resources")
    if "Resources" not in document:
        raise InputError(
            path, problem="it has no Resources, so it is no CloudFormation template", remedy="Name a template"
        )
    if type(resources) is not dict:
        refuse("Resources", "is not an object")
    for section in ("Parameters", "Conditions", "Mappings", "Outputs"):
        if document.get(section) is not None and type(document[section]) is not dict:
            refuse(section, "is not an object")
    for logical_id, body in resources.items():
        if not logical_id.isprintable():
            refuse(f"Resources.{logical_id}", "has a name that cannot be printed")
        if logical_id.startswith("Fn::"):
            continue
        if type(body) is not dict:
            refuse(f"Resources.{logical_id}", "is not an object")
        if "Fn::Transform" in body and "Type" not in body:
            continue
        if type(body.get("Type")) is not str:
            refuse(f"Resources.{logical_id}", "has no Type that is a text")
        properties = body.get("Properties")
        if properties is not None and type(properties) is not dict:
            refuse(f"Resources.{logical_id}.Properties", "is not an object")
