"""Values of a template as a check sees them: known, absent, or unresolved."""

from __future__ import annotations

from soc2_constructs.cloudformation.documents import too_deep
from soc2_constructs.cloudformation.verdicts import FAIL, PASS, UNRESOLVED, Verdict, render_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from soc2_constructs.cloudformation.template import Resource

_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")
#: CloudFormation takes templates of up to 1 MB: a longer text comes of functions that double what they are given.
_MAX_TEXT = 1_000_000
#: How many parts a Text may have.
_MAX_PARTS = 10_000


class _Absent:
    """The type of ABSENT: the property is not there, or is AWS::NoValue."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


class Unresolved:
    """A value that the template alone does not tell.

    `present` says that a value will be there and will not be empty, though not which one.
    """

    __slots__ = ("present", "reason")

    def __init__(self, reason: str, present: bool = False) -> None:
        self.reason = reason
        self.present = present

    def __repr__(self) -> str:
        return f"<Unresolved: {self.reason}>"


class Reference:
    """A `Ref` or `Fn::GetAtt` to a resource of the assembly: what it points at is known, its text is not."""

    __slots__ = ("attribute", "resource")

    def __init__(self, resource: Resource, attribute: str) -> None:
        self.resource = resource
        self.attribute = attribute

    def __eq__(self, other: object) -> bool:
        return type(other) is Reference and other.resource is self.resource and other.attribute == self.attribute

    def __hash__(self) -> int:
        return hash((id(self.resource), self.attribute))

    def __repr__(self) -> str:
        return f"<{self.resource.logical_id}.{self.attribute}>"


class Text:
    """A string of which some parts are references or unresolved: ``arn:aws:s3:::`` + <Bucket> + ``/*``."""

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
    """Join resolved parts to a string, or to a Text where a part has no known text."""
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
                if length > _MAX_TEXT:
                    return Unresolved("it is longer than a template can be")
            if type(piece) is str and merged and type(merged[-1]) is str:
                merged[-1] += piece
            elif piece != "":
                merged.append(piece)
    if not merged:
        return ""
    if len(merged) == 1:
        return merged[0]
    if len(merged) > _MAX_PARTS:
        return Unresolved("it has more parts than a template can hold")
    return Text(tuple(merged))


def is_present(node: Any) -> bool:
    """Whether a value that is not known is known not to be empty."""
    if type(node) is Text:
        return any(type(part) is str or is_present(part) for part in node.parts)
    return type(node) is Reference or (type(node) is Unresolved and node.present)


def as_string(value: Any) -> str | Unresolved:
    """The text that CloudFormation makes of a value where a text belongs."""
    if type(value) is str:
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (int, float)):
        return str(value)
    return Unresolved("a list or an object stands where a string belongs")


#: Stands in JSON text for a part whose text is not known; no document has these characters of its own.
_OPENING, _CLOSING = "\ue000", "\ue001"


def parse(text: str | Text) -> Any:
    """A document that was written as JSON text; the parts that are not known come back in their places."""
    import json

    parts = text.parts if type(text) is Text else (text,)
    marked = [part if type(part) is str else f"{_OPENING}{number}{_CLOSING}" for number, part in enumerate(parts)]
    try:
        document = json.loads("".join(marked))
    except (ValueError, RecursionError):
        return Unresolved("it is not known as JSON")
    return Unresolved("it nests too deeply") if too_deep(document) else _unmarked(document, parts)


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


def same(found: Any, wanted: Any) -> bool:
    """Whether CloudFormation takes the two for the same value: it reads ``"true"`` as true and ``"35"`` as 35."""
    kind = type(wanted)
    if kind is bool:
        if type(found) is bool:
            return bool(found == wanted)
        return type(found) is str and found in (_TRUE if wanted else _FALSE)
    if kind is int or kind is float:
        number = as_number(found)
        return number is not None and number == wanted
    if kind is str and type(found) is not str:
        return not isinstance(found, (dict, list)) and as_string(found) == wanted
    return bool(found == wanted)


def as_number(found: Any) -> float | None:
    """The number that CloudFormation reads here, or None where there is none."""
    if type(found) is bool:
        return None
    if isinstance(found, (int, float)):
        return found
    if type(found) is str:
        # "nan", "inf", "1_000" and digits of other scripts are numbers to Python and to nobody else.
        if "_" in found or not found.isascii():
            return None
        try:
            number = float(found)
        except ValueError:
            return None
        return number if abs(number) < float("inf") else None
    return None


def show(found: Any) -> str:
    """A value as a message shows it: short, and never a page of JSON."""
    if type(found) is str:
        return repr(found if len(found) <= 80 else found[:77] + "...")
    if type(found) is bool:
        return "true" if found else "false"
    if isinstance(found, dict):
        return "an object"
    if isinstance(found, list):
        return "a list" if len(found) > 6 else "[" + ", ".join(show(item) for item in found) + "]"
    return str(found)


class Value:
    """One property of a resource, its intrinsic functions already decided."""

    __slots__ = ("node", "path", "resource")

    def __init__(self, resource: Resource, path: tuple[str | int, ...], node: Any) -> None:
        self.resource = resource
        self.path = path
        #: str, bool, int, float, a raw dict or list, Reference, Text, Unresolved or ABSENT
        self.node = node

    def __getitem__(self, path: str) -> Value:
        """The value below this one; `path` may have several steps: ``"A.B"``."""
        return self.resource.value_at(self.node, self.path, path) if self.path else self.resource[path]

    def member(self, name: str) -> Value:
        """The value below this one whose name may hold dots, as the name of a tag may."""
        node = self.resource._template.resolve(self.node.get(name, ABSENT)) if type(self.node) is dict else self.node
        return Value(self.resource, (*self.path, name), node)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.each())

    def each(self) -> list[Value]:
        """The items of a list, each with its index in its path.

        Nothing where the list is absent; the one unresolved value itself where the list is unresolved; a lone item
        counts as a list of one, as it does for CloudFormation.
        """
        node = self.node
        if node is ABSENT:
            return []
        if type(node) is not list:
            return [self]
        resolve = self.resource._template.resolve
        items = []
        for index, item in enumerate(node):
            value = resolve(item)
            if value is not ABSENT:
                items.append(Value(self.resource, (*self.path, index), value))
        return items

    def keys(self) -> list[str]:
        """The keys of an object; nothing where it is absent or unresolved."""
        return list(self.node) if type(self.node) is dict else []

    def parsed(self) -> Value:
        """This value, read as JSON where it is text: some properties take a document either way."""
        return Value(self.resource, self.path, parse(self.node)) if type(self.node) in (str, Text) else self

    def default(self, value: Any) -> Value:
        """This value, or what the service takes where the property is absent."""
        return Value(self.resource, self.path, value) if self.node is ABSENT else self

    @property
    def is_absent(self) -> bool:
        return self.node is ABSENT

    @property
    def unresolved(self) -> str | None:
        """Why the value is not known, or None where it is."""
        node = self.node
        if type(node) is Unresolved:
            return node.reason
        if type(node) is Reference:
            return f"it is what {node.resource.logical_id} ({node.resource.type}) gets when it is deployed"
        if type(node) is Text:
            return "parts of it are known only when it is deployed"
        return None

    @property
    def known(self) -> Any:
        """The plain value (nested intrinsics resolved), or None where it is absent or not known."""
        if self.node is ABSENT or self.unresolved is not None:
            return None
        return self.resource._template.resolve_deep(self.node)

    @property
    def target(self) -> Resource | None:
        """The resource that this value refers to, in whatever stack of the assembly it stands."""
        return self.resource._template.assembly.resource_named(self)

    def target_of(self, kind: str) -> Resource | None:
        """The resource that this value refers to, where it is of that type."""
        target = self.target
        return target if target is not None and target.type == kind else None

    def equals(self, wanted: Any) -> Verdict:
        """Passes where the value is the wanted one."""
        node = self.node
        if same(node, wanted):
            return Verdict(PASS, "{} is {}", self, _Shown(wanted), path=self.path)
        return self._otherwise("{} is {}, not {}", _Shown(wanted))

    def one_of(self, *wanted: Any) -> Verdict:
        """Passes where the value is one of the wanted ones."""
        node = self.node
        for candidate in wanted:
            if same(node, candidate):
                return Verdict(PASS, "{} is {}", self, _Shown(candidate), path=self.path)
        return self._otherwise("{} is {}, not {}", _Choices(wanted))

    def is_set(self) -> Verdict:
        """Passes where there is a value and it is not empty."""
        node = self.node
        if node is ABSENT:
            return Verdict(FAIL, "{} is not set", self, path=self.path)
        if type(node) in (Unresolved, Text) and not is_present(node):
            return self._unresolved()
        if node == "" or (type(node) in (list, dict) and self._is_empty()):
            return Verdict(FAIL, "{} is empty", self, path=self.path)
        return Verdict(PASS, "{} is set", self, path=self.path)

    def _is_empty(self) -> bool:
        """Whether a list or an object holds nothing but AWS::NoValue."""
        resolve = self.resource._template.resolve
        children = self.node.values() if type(self.node) is dict else self.node
        return all(resolve(child) is ABSENT for child in children)

    def at_least(self, minimum: float) -> Verdict:
        """Passes where the value is a number of at least `minimum`."""
        return self._compare(minimum, "at least", lambda number: number >= minimum)

    def at_most(self, maximum: float) -> Verdict:
        """Passes where the value is a number of at most `maximum`."""
        return self._compare(maximum, "at most", lambda number: number <= maximum)

    def includes(self, *wanted: Any) -> Verdict:
        """Passes where the list holds every wanted item."""
        items = self.each()
        missing = [item for item in wanted if not any(same(value.node, item) for value in items)]
        if not missing:
            return Verdict(PASS, "{} includes {}", self, _Listed(wanted), path=self.path)
        for value in items:
            if value.unresolved is not None:
                return value._unresolved()
        if self.node is ABSENT:
            return Verdict(FAIL, "{} is not set; it must include {}", self, _Listed(wanted), path=self.path)
        return Verdict(FAIL, "{} does not include {}", self, _Listed(tuple(missing)), path=self.path)

    def satisfies(self, accepts: Callable[[Any], bool], wanted: str) -> Verdict:
        """Passes where `accepts` holds for the known value; `wanted` says in words what it accepts."""
        if self.node is not ABSENT and self.unresolved is None:
            known = self.known
            if accepts(known):
                return Verdict(PASS, "{} is {}", self, _Shown(known), path=self.path)
        return self._otherwise("{} is {}, not {}", wanted)

    def _compare(self, bound: float, words: str, accepts: Callable[[float], bool]) -> Verdict:
        number = as_number(self.node)
        if number is not None and accepts(number):
            return Verdict(PASS, "{} is {}", self, _Shown(self.node), path=self.path)
        return self._otherwise("{} is {}, not {}", f"{words} {bound:g}")

    def _otherwise(self, text: str, wanted: object) -> Verdict:
        if self.node is ABSENT:
            return Verdict(FAIL, "{} is not set; it must be {}", self, wanted, path=self.path)
        if self.unresolved is not None:
            return self._unresolved()
        return Verdict(FAIL, text, self, _Shown(self.node), wanted, path=self.path)

    def _unresolved(self) -> Verdict:
        return Verdict(UNRESOLVED, "{} is not known before deployment: {}", self, self.unresolved, path=self.path)

    def __str__(self) -> str:
        return render_path(self.path)

    def __repr__(self) -> str:
        return f"<Value {self}: {self.node!r}>"


class _Shown:
    """A value that is formatted only when its message is read."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __str__(self) -> str:
        return show(self._value)


class _Listed(_Shown):
    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(show(item) for item in self._value)


class _Choices(_Shown):
    __slots__ = ()

    def __str__(self) -> str:
        *others, last = [show(item) for item in self._value]
        return f"{', '.join(others)} or {last}" if others else last
