"""Template files in JSON and YAML, read to plain data with long-form intrinsic functions."""

from __future__ import annotations

import json
import os

from soc2_constructs.cloudformation.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

#: CloudFormation takes templates of up to 1 MB; an assembly's other files (manifest, metadata) may be larger.
MAX_BYTES = 64 * 1024 * 1024
#: Deeper than any template that CloudFormation accepts, and shallow enough for every parser and for our own recursion.
MAX_DEPTH = 256
#: How many nodes a YAML file may have once its aliases are expanded.
MAX_NODES = 2_000_000


def read_document(path: str) -> dict[str, Any]:
    """Read one JSON or YAML file whose top level is an object.

    Raises:
        InputError: where the file cannot be read or parsed, with line and column.
    """
    try:
        if os.path.getsize(path) > MAX_BYTES:
            raise InputError(
                path, problem=f"the file is larger than {MAX_BYTES >> 20} MiB", remedy="Check that it is a template"
            )
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise InputError(
            path, problem=f"the file cannot be read ({error.strerror})", remedy="Check the path and its permissions"
        ) from None
    return parse_document(content, path)


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
    if start in "{[":
        document = _parse_json(text, name)
    else:
        from soc2_constructs.cloudformation import yaml

        document = yaml.parse(text, name)
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


def _parse_json(text: str, name: str) -> Any:
    # No hook is passed: a hook would take the parser off its fast path. Of duplicate keys the last one counts, which
    # is how CloudFormation reads them too.
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        if _looks_like_yaml(text):
            from soc2_constructs.cloudformation import yaml

            return yaml.parse(text, name)
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
    if text.count("{") + text.count("[") > MAX_DEPTH and too_deep(document):
        _refuse_depth(name)
    return document


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number in JSON")


def _looks_like_yaml(text: str) -> bool:
    """Whether text that starts like JSON may still be YAML in flow style: it has a tag or a plain key."""
    import re

    return re.match(r"\s*\{\s*[A-Za-z]", text) is not None


def _refuse_depth(name: str) -> NoReturn:
    raise InputError(
        name,
        problem=f"the file nests objects and lists deeper than {MAX_DEPTH} levels",
        remedy="Check that it is a template",
    )


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
    """Check that a document has the shape of a template, so that nobody further on needs to.

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
        if logical_id.startswith("Fn::"):
            continue
        if type(body) is not dict:
            refuse(f"Resources.{logical_id}", "is not an object")
        if type(body.get("Type")) is not str:
            refuse(f"Resources.{logical_id}", "has no Type that is a text")
        properties = body.get("Properties")
        if properties is not None and type(properties) is not dict:
            refuse(f"Resources.{logical_id}.Properties", "is not an object")
