"""JSON in parts: a report of a million results is written without holding its text.

>>> "".join(json_parts({"count": 2, "results": iter([{"a": 1}, {"a": "x"}])})) == json.dumps(
...     {"count": 2, "results": [{"a": 1}, {"a": "x"}]}, indent=2)
True

Characters that control a terminal, reorder its text or begin a command of a CI system are written as JSON escapes:

>>> print(json_text("##vso[task.setvariable]"))
"\\u0023#vso[task.setvariable]"
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False).encode


def json_parts(node: Any, line: str = "\n") -> Iterator[str]:
    """Yield JSON with an indent of two spaces. Iterators in objects and lists are written as lists, item by item.

    Args:
        node: Plain data with iterators.
        line: A line break and the indent of this node.
    """
    below = f"{line}  "
    if isinstance(node, Iterator):
        separator = "["
        for item in node:
            yield f"{separator}{below}{json_text(item, below)}"
            separator = ","
        yield "[]" if separator == "[" else f"{line}]"
    elif not _streams(node):
        yield json_text(node, line)
    else:
        opening, closing = "{}" if isinstance(node, dict) else "[]"
        members = node.items() if isinstance(node, dict) else ((None, item) for item in node)
        separator = opening
        for name, member in members:
            yield f"{separator}{below}" if name is None else f"{separator}{below}{json_text(name)}: "
            yield from json_parts(member, below)
            separator = ","
        yield f"{line}{closing}"


def json_text(node: Any, line: str = "\n") -> str:
    """Return plain data as JSON with an indent of two spaces."""
    if type(node) is dict and node:
        # The encoder in C knows no indent; most objects are flat.
        below = f"{line}  "
        return f"{{{','.join([f'{below}{_name(name)}: {json_text(node[name], below)}' for name in node])}{line}}}"
    if type(node) is list and node:
        below = f"{line}  "
        return f"[{','.join([f'{below}{json_text(item, below)}' for item in node])}{line}]"
    if node is None:
        return "null"
    text = _encode(node)
    return text if text.isprintable() and "##" not in text else _escaped(text)


@functools.lru_cache(maxsize=1024)
def _name(name: str) -> str:
    return json_text(name)


def _streams(node: Any) -> bool:
    if isinstance(node, dict):
        return any(_streams(member) for member in node.values())
    return isinstance(node, Iterator) or (isinstance(node, list) and any(map(_streams, node)))


def _escaped(text: str) -> str:
    """Return a JSON string in which characters that cannot be printed, and `##`, are escapes."""
    shown = "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)
    return re.sub("#(?=#)", r"\\u0023", shown)
