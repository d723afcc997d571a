"""Filter patterns of CloudWatch Logs for events in JSON: ``{ ($.eventName = CreateVpc) && ($.errorCode NOT EXISTS) }``.

`parse` reads a pattern, `matches` says whether an event meets it: True, False, or None where the language's
documentation does not tell. `&&` binds closer than `||`; comparison of text minds the case and knows `*` for anything.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    #: ("or" | "and", parts), or (operator, steps of the selector, value)
    Pattern = tuple[Any, ...]

#: Maximum depth of nested parentheses; a deeper pattern is rejected.
_MAX_DEPTH = 64
_MAX_LENGTH = 1024

_OPERATORS = ("!=", ">=", "<=", "=", ">", "<")
_WORDS = {
    ("NOT", "EXISTS"): "not exists",
    ("IS", "NULL"): "is null",
    ("IS", "TRUE"): "is true",
    ("IS", "FALSE"): "is false",
}
_MISSING = object()


class PatternError(ValueError):
    """The pattern is not one for events in JSON, or is broken."""


def parse(text: str) -> Pattern:
    """Read a pattern.

    Raises:
        PatternError: saying what is wrong with it.
    """
    if len(text) > _MAX_LENGTH:
        raise PatternError(f"it is longer than the {_MAX_LENGTH} characters that CloudWatch Logs takes")
    body = text.strip()
    if not (body.startswith("{") and body.endswith("}") and len(body) > 1):
        raise PatternError("it is no pattern for events in JSON")
    parser = _Parser(body[1:-1])
    pattern = parser.disjunction(0)
    parser.skip()
    if parser.rest:
        raise PatternError(f"{parser.rest[:20]!r} stands where && or || belongs")
    return pattern


class _Parser:
    """Recursive descent: a disjunction of conjunctions of comparisons and parentheses."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def rest(self) -> str:
        return self._text[self._at :]

    def skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def disjunction(self, depth: int) -> Pattern:
        parts = [self._conjunction(depth)]
        while self._take("||"):
            parts.append(self._conjunction(depth))
        return parts[0] if len(parts) == 1 else ("or", tuple(parts))

    def _conjunction(self, depth: int) -> Pattern:
        parts = [self._part(depth)]
        while self._take("&&"):
            parts.append(self._part(depth))
        return parts[0] if len(parts) == 1 else ("and", tuple(parts))

    def _part(self, depth: int) -> Pattern:
        if depth >= _MAX_DEPTH:
            raise PatternError("its parentheses nest too deeply")
        if self._take("("):
            pattern = self.disjunction(depth + 1)
            if not self._take(")"):
                raise PatternError("a parenthesis is not closed")
            return pattern
        return self._comparison()

    def _comparison(self) -> Pattern:
        steps = self._selector()
        for operator in _OPERATORS:
            if self._take(operator):
                return (operator, steps, self._value())
        words = (self._word().upper(), self._word().upper())
        if words not in _WORDS:
            raise PatternError(f"{' '.join(words).strip()!r} is no comparison")
        return (_WORDS[words], steps, "")

    def _selector(self) -> tuple[str | int, ...]:
        if not self._take("$"):
            raise PatternError(f"{self.rest[:20]!r} stands where a field such as $.eventName belongs")
        steps: list[str | int] = []
        while self.rest[:1] in (".", "["):
            self._at += 1
            if self._text[self._at - 1] == "[":
                steps.append(self._subscript())
            elif self.rest[:1] != "[":
                name = self._run(lambda letter: letter.isalnum() or letter in "_-")
                if not name:
                    raise PatternError("a field has no name")
                steps.append(name)
        if not steps:
            raise PatternError("a field has no name")
        return tuple(steps)

    def _subscript(self) -> str | int:
        inside, closed, _ = self.rest.partition("]")
        if not closed:
            raise PatternError("a bracket is not closed")
        self._at += len(inside) + 1
        inside = inside.strip()
        if inside[:1] in ("'", '"') and inside[-1:] == inside[:1] and len(inside) > 2:
            return inside[1:-1]
        if inside.isascii() and inside.isdigit():
            return int(inside[:6])
        raise PatternError(f"[{inside[:20]}] is neither an index nor a name")

    def _value(self) -> str:
        self.skip()
        if self._take('"'):
            inside, closed, _ = self.rest.partition('"')
            if not closed:
                raise PatternError("a quotation mark is not closed")
            self._at += len(inside) + 1
            return inside
        if self.rest[:1] == "%":
            raise PatternError("it asks for a regular expression")
        value = self._run(lambda letter: letter.isalnum() or letter in "*._-/:@+,;#")
        if not value:
            raise PatternError(f"{self.rest[:20]!r} stands where a value belongs")
        return value

    def _word(self) -> str:
        self.skip()
        return self._run(str.isalpha)

    def _run(self, belongs: Any) -> str:
        start = self._at
        while self._at < len(self._text) and belongs(self._text[self._at]):
            self._at += 1
        return self._text[start : self._at]

    def _take(self, token: str) -> bool:
        self.skip()
        if self._text.startswith(token, self._at):
            self._at += len(token)
            return True
        return False


def matches(pattern: Pattern, event: object) -> bool | None:
    """Whether an event meets the pattern; None where that is not known."""
    operator = pattern[0]
    if operator in ("or", "and"):
        decisive = operator == "or"
        found = [matches(part, event) for part in pattern[1]]
        return decisive if decisive in found else (None if None in found else not decisive)
    _, steps, wanted = pattern
    return _compare(operator, _look_up(event, steps), wanted)


def _look_up(event: object, steps: tuple[str | int, ...]) -> object:
    found = event
    for step in steps:
        if isinstance(found, dict):
            found = found.get(step, _MISSING)
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            return _MISSING
    return found


def _compare(operator: str, found: object, wanted: str) -> bool | None:
    if operator == "not exists":
        return found is _MISSING
    if operator.startswith("is "):
        return found is {"is null": None, "is true": True, "is false": False}[operator]
    if operator == "=":
        return _equals(found, wanted)
    if operator == "!=":
        equal = None if found is _MISSING else _equals(found, wanted)
        return None if equal is None else not equal
    return False if found is _MISSING else None


def _equals(found: object, wanted: str) -> bool | None:
    if found is _MISSING:
        return False
    if wanted == "*":
        return True
    return _like(wanted, found) if isinstance(found, str) else None


def _like(pattern: str, text: str) -> bool:
    """Whether a text is spelled as the pattern, in which each ``*`` stands for anything."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == text
    *between, last = others
    if not text.startswith(first) or not text.endswith(last) or len(first) + len(last) > len(text):
        return False
    at, end = len(first), len(text) - len(last)
    for part in between:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
