"""Paragraphs and columns for a terminal of 100 columns."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def wrapped(text: str, first: str = "  ", rest: str = "  ") -> list[str]:
    """Return the lines of a paragraph. Ids and code stay whole, so that they can be copied."""
    import textwrap

    return textwrap.wrap(
        text, 100, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def columns(facts: Sequence[tuple[str, str]]) -> list[str]:
    """Return the lines of a table of names and texts."""
    width = max(len(name) for name, _ in facts) + 4
    return [line for name, text in facts for line in wrapped(text, f"  {name}".ljust(width), " " * width)]


def paragraphs(text: str) -> list[str]:
    """Return the lines of a text whose paragraphs are wrapped again; indented code keeps its lines."""
    lines: list[str] = []
    for block in text.split("\n\n"):
        lines += [""] if lines else []
        if block.startswith("    "):
            lines += [f"  {line}" for line in block.splitlines()]
        else:
            lines += wrapped(" ".join(block.split()))
    return lines
