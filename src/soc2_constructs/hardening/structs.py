"""Read and write property values, including the members of jsii structs, and format them for messages.

Users pass a struct as an object of its class or as a dict. The functions here accept both. A path such as
`deploy_options.tracing_enabled` names a member of a struct.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk


def member(struct: Any, name: str, default: Any = None) -> Any:
    """A member of a struct, or the default if the member is not set."""
    value = struct.get(name) if isinstance(struct, Mapping) else getattr(struct, name, None)
    return default if value is None else value


def with_members(struct: Any, **members: Any) -> Any:
    """A copy of a struct with some of its members set; the original does not change."""
    if isinstance(struct, Mapping):
        return {**struct, **members}
    # jsii accepts no dict for a struct inside a mapping, so the copy has the class of the original.
    return type(struct)(**{**struct._values, **members})


def read_path(props: Any, steps: Sequence[str]) -> Any:
    """The value at a path; None if a step of the path is not set."""
    for step in steps:
        if props is None:
            return None
        props = member(props, step)
    return props


def write_path(props: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    """Set the value at a path; structs on the way are copied, never changed."""
    head, *rest = steps
    props[head] = _replace(props.get(head), rest, value)


def _replace(struct: Any, steps: Sequence[str], value: Any) -> Any:
    if not steps:
        return value
    head, *rest = steps
    if struct is None:
        return {head: _replace(None, rest, value)}
    return with_members(struct, **{head: _replace(member(struct, head), rest, value)})


def expand_path(props: Mapping[str, Any], steps: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The paths that a path with `*` matches, one for each key of the mapping; a path without `*` matches itself."""
    if "*" not in steps:
        return [steps]
    at = steps.index("*")
    mapping = read_path(props, steps[:at])
    keys = mapping if isinstance(mapping, Mapping) else ()
    return [path for key in keys for path in expand_path(props, (*steps[:at], key, *steps[at + 1 :]))]


def format_value(value: Any) -> str:
    """A value as Python source, where it can be written so; otherwise its type, such as "a Bucket"."""
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, cdk.Duration):
        return value.to_human_string()
    if value is None or isinstance(value, (str, int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(format_value, value))}]"
    if hasattr(value, "_values"):
        members = ", ".join(f"{name}={format_value(each)}" for name, each in value._values.items())
        return f"{type(value).__name__}({members})"
    if not hasattr(value, "__jsii_ref__"):
        return repr(value)
    name = type(value).__name__.lstrip("_")
    if name == "InterfaceDynamicProxy":
        # jsii returns a proxy for a value of an interface, such as an imported key.
        return "an imported construct"
    return f"{'an' if name.startswith(tuple('AEIO')) else 'a'} {name}"
