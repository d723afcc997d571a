"""Three-valued verdicts: what a check says of a resource.

A verdict is PASS, FAIL, or UNRESOLVED where the template alone does not tell. Verdicts combine like truth values in
Kleene's three-valued logic: a conjunction fails as soon as one part fails, a disjunction passes as soon as one part
passes, and what is unresolved stays unresolved unless another part decides the question.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

PASS = "PASS"
FAIL = "FAIL"
UNRESOLVED = "UNRESOLVED"

_OPPOSITE = {PASS: FAIL, FAIL: PASS, UNRESOLVED: UNRESOLVED}


class Verdict:
    """What a check found: a status, the observation behind it, and where in the properties it was made.

    The observation is kept as a format string and its arguments: most verdicts pass and their text is never
    read, so it is formatted on first use.
    """

    __slots__ = ("_args", "_fix", "_path", "_said", "_text", "status")

    def __init__(self, status: str, text: str = "", *args: Any, path: tuple[str | int, ...] = ()) -> None:
        self.status = status
        self._text = text
        self._args = args
        self._path = path

    @property
    def message(self) -> str:
        """The observation, as one sentence without a full stop."""
        try:
            return self._said
        except AttributeError:
            self._said: str = self._text.format(*self._args) if self._args else self._text
            return self._said

    @property
    def property_path(self) -> str:
        """Where the observation was made, list indices included: ``Rules[1].Status``."""
        return render_path(self._path)

    @property
    def path(self) -> tuple[str | int, ...]:
        return self._path

    def with_message(self, text: str, path: tuple[str | int, ...] | None = None) -> Verdict:
        """The same verdict, its observation in words that fit the control better, and at the path where it is given.

        Only a failure is reworded: a pass and an unresolved value keep saying what was seen.
        """
        return Verdict(FAIL, "{}", text, path=self._path if path is None else path) if self.status is FAIL else self

    @property
    def fix(self) -> str | None:
        """The text of the fix, where it depends on the cause; None where the control's own text fits."""
        return getattr(self, "_fix", None)

    def with_fix(self, text: str | None) -> Verdict:
        """This verdict with the text of its fix."""
        if text is not None:
            self._fix = text
        return self

    def with_pass_message(self, text: str, *args: Any) -> Verdict:
        """The same verdict; a pass gives this format string and its arguments as its observation."""
        return Verdict(PASS, text, *args, path=self._path) if self.status is PASS else self

    def __and__(self, other: Verdict) -> Verdict:
        return all_of(self, other)

    def __or__(self, other: Verdict) -> Verdict:
        return any_of(self, other)

    def __invert__(self) -> Verdict:
        return Verdict(_OPPOSITE[self.status], self._text, *self._args, path=self._path)

    def implies(self, consequence: Verdict) -> Verdict:
        """Passes where this does not hold; elsewhere the consequence decides."""
        if self.status is FAIL:
            return Verdict(PASS, "does not apply: {}", _Joined([self]), path=self._path)
        if self.status is PASS:
            return consequence
        return consequence if consequence.status is PASS else self

    def __bool__(self) -> bool:
        raise TypeError(
            "a verdict has three values, so it cannot decide an `if`: combine verdicts with &, |, ~, all_of, any_of "
            "or .implies(), or compare its .status"
        )

    def __repr__(self) -> str:
        return f"<Verdict {self.status} {self.property_path}: {self.message}>"


def passed(text: str = "", *args: Any) -> Verdict:
    """A verdict that passes, with the observation."""
    return Verdict(PASS, text, *args)


def failed(text: str, *args: Any, path: tuple[str | int, ...] = ()) -> Verdict:
    """A verdict that fails, with the observation."""
    return Verdict(FAIL, text, *args, path=path)


def unresolved(text: str, *args: Any, path: tuple[str | int, ...] = ()) -> Verdict:
    """A verdict that the template alone does not decide, with the reason."""
    return Verdict(UNRESOLVED, text, *args, path=path)


def all_of(*verdicts: Verdict | Iterable[Verdict]) -> Verdict:
    """Passes where every part passes; no parts at all pass."""
    return _combine(verdicts, FAIL, PASS, "nothing to check")


def any_of(*verdicts: Verdict | Iterable[Verdict]) -> Verdict:
    """Passes where at least one part passes, and asks for no more; no parts at all fail."""
    return _combine(verdicts, PASS, FAIL, "nothing found")


def _combine(groups: tuple[Verdict | Iterable[Verdict], ...], decisive: str, neutral: str, nothing: str) -> Verdict:
    deciding: list[Verdict] = []
    open_: list[Verdict] = []
    others: list[Verdict] = []
    for group in groups:
        for verdict in (group,) if type(group) is Verdict else group:  # type: ignore[union-attr]
            status = verdict.status
            if status is decisive:
                if status is PASS:
                    return verdict
                deciding.append(verdict)
            elif status is UNRESOLVED:
                open_.append(verdict)
            else:
                others.append(verdict)
    parts = deciding or open_ or others
    if not parts:
        return Verdict(neutral, nothing)
    if len(parts) == 1 or parts[0].status is PASS:
        return parts[0]
    return Verdict(parts[0].status, "{}", _Joined(parts), path=parts[0].path)


class _Joined:
    """What several verdicts say, each thing once; written only when somebody reads it."""

    __slots__ = ("_parts",)

    def __init__(self, parts: list[Verdict]) -> None:
        self._parts = parts

    def __str__(self) -> str:
        return "; ".join(dict.fromkeys(part.message for part in self._parts))

    def __format__(self, _: str) -> str:
        return str(self)


def render_path(path: tuple[str | int, ...]) -> str:
    """Write a property path as CloudFormation's documentation does: ``A.B[0].C``."""
    text = ""
    for step in path:
        if type(step) is int:
            text += f"[{step}]"
        else:
            text += f".{step}" if text else str(step)
    return text
