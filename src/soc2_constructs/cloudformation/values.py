"""Kinds of values in a template: known, absent, unresolved, a reference, or a partly known string."""

from __future__ import annotations

from soc2_constructs.cloudformation.documents import too_deep
from soc2_constructs.cloudformation.limits import MAX_PARTS, MAX_TEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeGuard

_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")


def is_function_name(name: str) -> bool:
    """Whether the only key of an object is the name of an intrinsic function."""
    return name == "Ref" or name[:4] == "Fn::"


def is_intrinsic(node: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a node is an intrinsic function: `{"Ref": …}`, `{"Fn::Sub": …}`."""
    return type(node) is dict and len(node) == 1 and is_function_name(next(iter(node)))


def split_path(path: str) -> tuple[str, ...]:
    """Split `"A.B"` into `("A", "B")`."""
    return tuple(path.split("."))


class _Absent:
    """The type of ABSENT: the property is missing, or is AWS::NoValue."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


class Unresolved:
    """A value that is known only at deployment.

    Attributes:
        reason: Why the value is unknown.
        present: Whether the value is known to be set and not empty.
        sample: A text of the same form, where the value cannot contain a wildcard: ``"111122223333"`` for
            AWS::AccountId. Empty where it can.
        parameter: The parameter whose value it is, or empty.
        hidden: Whether CloudFormation keeps the value out of sight: a dynamic reference, or a parameter with NoEcho.
    """

    __slots__ = ("hidden", "parameter", "present", "reason", "sample")

    def __init__(
        self, reason: str, present: bool = False, sample: str = "", *, parameter: str = "", hidden: bool = False
    ) -> None:
        self.reason = reason
        self.present = present
        self.sample = sample
        self.parameter = parameter
        self.hidden = hidden

    def __repr__(self) -> str:
        return f"<Unresolved: {self.reason}>"


class Reference:
    """A `Ref` or `Fn::GetAtt` to a resource of the assembly: the target is known, the text is not."""

    __slots__ = ("_resource", "attribute")

    def __init__(self, resource: Any, attribute: str) -> None:
        self._resource = resource
        self.attribute = attribute

    @property
    def resource(self) -> Any:
        """The target, a `Resource`; the read log records that the check looked at which one it is."""
        self._resource.read_identity()
        return self._resource

    def __eq__(self, other: object) -> bool:
        if type(other) is not Reference:
            return False
        self._resource.read_identity()
        return other._resource is self._resource and other.attribute == self.attribute

    def __hash__(self) -> int:
        return hash((id(self._resource), self.attribute))

    def __repr__(self) -> str:
        return f"<{self._resource._logical_id}.{self.attribute}>"


class Text:
    """A string with parts that are references or unresolved: ``arn:aws:s3:::`` + <Bucket> + ``/*``."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[str | Reference | Unresolved, ...]) -> None:
        self.parts = parts

    def __eq__(self, other: object) -> bool:
        return type(other) is Text and other.parts == self.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def __repr__(self) -> str:
        return "".join(part if type(part) is str else f"${{{part!r}}}" for part in self.parts)


def text_of(parts: list[Any]) -> Any:
    """Join resolved parts to a string, or to a Text where the text of a part is unknown."""
    merged: list[str | Reference | Unresolved] = []
    length = 0
    for part in parts:
        pieces = part.parts if type(part) is Text else (part,)
        for piece in pieces:
            if piece is ABSENT:
                continue
            if not isinstance(piece, (str, Reference, Unresolved)):
                piece = as_string(piece)
            if type(piece) is str:
                length += len(piece)
                if length > MAX_TEXT:
                    return Unresolved("the string is longer than a template can be")
            if type(piece) is str and merged and type(merged[-1]) is str:
                merged[-1] += piece
            elif piece != "":
                merged.append(piece)
    if not merged:
        return ""
    if len(merged) == 1:
        return merged[0]
    if len(merged) > MAX_PARTS:
        return Unresolved("the string has more parts than a template can hold")
    return Text(tuple(merged))


def is_present(node: Any) -> bool:
    """Whether an unknown value is known not to be empty."""
    if type(node) is Text:
        return any(type(part) is str or is_present(part) for part in node.parts)
    return type(node) is Reference or (type(node) is Unresolved and node.present)


def as_string(value: Any) -> str | Unresolved:
    """The string that CloudFormation converts a value to."""
    if type(value) is str:
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (int, float)):
        return str(value)
    return Unresolved("a string is required here, not a list or an object")


#: Mark an unknown part in JSON text; private-use characters, so that no document contains them.
_OPENING, _CLOSING = "\ue000", "\ue001"


def parse(text: str | Text) -> Any:
    """Parse a document that is written as JSON text; unknown parts keep their places."""
    import json

    parts = text.parts if type(text) is Text else (text,)
    marked = [part if type(part) is str else f"{_OPENING}{number}{_CLOSING}" for number, part in enumerate(parts)]
    try:
        document = json.loads("".join(marked))
    except (ValueError, RecursionError):
        return Unresolved("the text is not valid JSON")
    return Unresolved("the JSON text nests too deeply") if too_deep(document) else _unmarked(document, parts)


def _unmarked(node: Any, parts: tuple[Any, ...]) -> Any:
    if type(node) is dict:
        return {key: _unmarked(child, parts) for key, child in node.items()}
    if type(node) is list:
        return [_unmarked(child, parts) for child in node]
    if type(node) is not str or _OPENING not in node:
        return node
    first, *others = node.split(_OPENING)
    pieces: list[Any] = [first]
    for other in others:
        number, closed, rest = other.partition(_CLOSING)
        known = closed and number.isdecimal() and len(number) < 10 and int(number) < len(parts)
        pieces += [parts[int(number)], rest] if known else [_OPENING + other]
    return text_of(pieces)


def json_text(node: Any) -> Any:
    """A resolved object or list as JSON text without spaces; unknown parts keep their places.

    >>> json_text({"Version": 1, "Resource": Text(("arn:", Unresolved("unknown")))})
    {"Version":1,"Resource":"arn:${<Unresolved: unknown>}"}
    """
    import json

    parts: list[Any] = []

    def marked(unknown: Any) -> str:
        pieces = unknown.parts if type(unknown) is Text else (unknown,)
        text = ""
        for piece in pieces:
            if type(piece) is str:
                text += piece
            else:
                text += f"{_OPENING}{len(parts)}{_CLOSING}"
                parts.append(piece)
        return text

    text = json.dumps(node, separators=(",", ":"), ensure_ascii=False, default=marked)
    return _unmarked(text, tuple(parts))


def same(found: Any, wanted: Any) -> bool:
    """Whether two values are equal to CloudFormation, which reads ``"true"`` as true and ``"35"`` as 35."""
    kind = type(wanted)
    if kind is bool:
        if type(found) is bool:
            return bool(found == wanted)
        return type(found) is str and as_boolean(found) is wanted
    if kind is int or kind is float:
        number = as_number(found)
        return number is not None and number == wanted
    if kind is str and type(found) is not str:
        return not isinstance(found, (dict, list)) and as_string(found) == wanted
    return bool(found == wanted)


def as_boolean(text: str) -> bool | None:
    """The boolean that CloudFormation reads from a text, or None."""
    return True if text in _TRUE else False if text in _FALSE else None


def as_number(found: Any) -> float | None:
    """The number that CloudFormation reads from a value, or None."""
    if type(found) is bool:
        return None
    if isinstance(found, (int, float)):
        return found
    if type(found) is str:
        # Python alone accepts "nan", "inf", "1_000" and digits of other scripts.
        if "_" in found or not found.isascii():
            return None
        try:
            number = float(found)
        except ValueError:
            return None
        return number if abs(number) < float("inf") else None
    return None


def format_value(found: Any) -> str:
    """Format a value for a message: at most 80 characters of a string, no objects."""
    if type(found) is str:
        return repr(found if len(found) <= 80 else found[:77] + "...")
    if type(found) is bool:
        return "true" if found else "false"
    if isinstance(found, dict):
        return "an object"
    if isinstance(found, list):
        return "a list" if len(found) > 6 else "[" + ", ".join(format_value(item) for item in found) + "]"
    return str(found)


def text_with(node: Any, placeholder: str) -> str:
    """The known parts of a string, with a placeholder for each other part.

    Args:
        node: The node of a value.
        placeholder: The text for references and unresolved parts.
    """
    parts = node.parts if type(node) is Text else (node,)
    return "".join(part if type(part) is str else placeholder for part in parts)
