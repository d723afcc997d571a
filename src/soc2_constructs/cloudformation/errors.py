"""What is wrong with an input, where, and what to do."""

from __future__ import annotations


class InputError(ValueError):
    """An input that cannot be read or is no CloudFormation template.

    Attributes:
        path: The file.
        line: Its line, counted from 1, where one is to blame.
        column: The column in that line, counted from 1.
        problem: What is wrong.
        remedy: What to do.
    """

    def __init__(
        self, path: str, *, problem: str, remedy: str, line: int | None = None, column: int | None = None
    ) -> None:
        self.path = path
        self.line = line
        self.column = column
        self.problem = problem
        self.remedy = remedy
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        # One line, whatever characters the input brings along.
        text = f"{place}: {problem}. {remedy}."
        super().__init__(text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text))
