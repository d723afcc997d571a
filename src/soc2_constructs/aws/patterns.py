"""Texts of policies as patterns, with placeholders for the parts that are known only at deployment."""

from __future__ import annotations

from soc2_constructs.cloudformation.values import Reference, Text, Unresolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Placeholders: for the text of an attribute, which contains no wildcard, and for a text that may contain some.
NAME, OPEN = "\ue002", "\ue003"


def as_pattern(node: Any) -> str:
    """A value of a policy as IAM compares it.

    Pseudo parameters are replaced by an example: `arn:${AWS::Partition}:iam::*:role/*` is `arn:aws:iam::*:role/*`.

    Args:
        node: A node of a policy document.

    Returns:
        The known text, with NAME for each attribute of a resource and OPEN for each other part that is not known.
    """
    return "".join(_pattern(part) for part in (node.parts if type(node) is Text else (node,)))


def _pattern(part: Any) -> str:
    if type(part) is Unresolved:
        return part.sample or OPEN
    return NAME if type(part) is Reference else str(part)


def has_wildcard(pattern: str) -> bool:
    """Whether a pattern contains a wildcard or a policy variable, such as ``${aws:username}``."""
    return "*" in pattern or "?" in pattern or "${" in pattern
