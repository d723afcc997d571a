"""Wording: a short list of phrases that no document, message, docstring or comment contains."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent

#: Phrases of the former style, each with the wording that replaces it.
PHRASES = {
    r"unless you (?:say|give|tell)": "by default",
    r"of (?:yours|ours)": "your own, such as a customer managed key",
    r"nobody": "no one, or a sentence with a subject",
    r"whoever": "a noun, such as principal, user or caller",
    r"(?:an app|apps|resources|what) that exists?": "an existing app, existing resources",
    r"(?:stands?|exists?) already": "is already deployed, is already registered",
    r"(?:what|that|one) stands": "a noun, such as statement, resource or waiver",
    r"stands? (?:in|on|there|beside|behind|below|above)": "is in, is on, contains",
    r"by themselves": "automatically",
    r"wants": "requires",
    r"takes? the user's word": "accepts the value",
    r"made it for itself": "created by the CDK itself",
    r"gravest|least severity": "highest severity, minimum severity",
    r"knows nothing of": "ignores",
    r"your own work alone|remains? yours": "what infrastructure cannot show",
}
_PHRASE = re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in PHRASES), re.IGNORECASE)

#: Tables of constants that scripts/generate.py writes from texts that are scanned themselves.
_GENERATED = ("_index.py", "_updates.py")


def offenders(text: str) -> list[str]:
    """Return each phrase with the words around it."""
    plain = " ".join(text.split())
    return [plain[max(0, match.start() - 40) : match.end() + 40] for match in _PHRASE.finditer(plain)]


def words_of(source: str) -> Iterator[str]:
    """Yield the string literals, docstrings and comments of a Python module; adjacent comment lines as one text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
    comment, previous = "", -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            if token.start[0] != previous + 1:
                yield comment
                comment = ""
            comment += " " + token.string.lstrip("#: ")
            previous = token.start[0]
    yield comment


def documents() -> Iterator[Any]:
    names = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "mkdocs.yml")
    others = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.y*ml")]
    for path in [*(ROOT / name for name in names), *sorted(others)]:
        yield pytest.param(path, id=str(path.relative_to(ROOT)))


def modules() -> Iterator[Any]:
    for folder in ("src", "scripts", "examples"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.name not in _GENERATED:
                yield pytest.param(path, id=str(path.relative_to(ROOT)))


@pytest.mark.parametrize("path", list(documents()))
def test_documents_do_not_contain_the_phrases(path: Path) -> None:
    assert offenders(path.read_text()) == []


@pytest.mark.parametrize("path", list(modules()))
def test_modules_do_not_contain_the_phrases(path: Path) -> None:
    assert [phrase for text in words_of(path.read_text()) for phrase in offenders(text)] == []


@pytest.mark.parametrize(
    "source",
    [
        '"""Keys are encrypted,\n\nunless you\nsay otherwise."""\n',
        'def f():\n    """A key of yours."""\n',
        "x = 1  # nobody reads it\n",
        "# Constructs that\n# stand; the one that\n# stands\nx = 1\n",
        'raise ValueError("a resource that "\n    "stands in another stack")\n',
        'print(f"{name} wants {value}")\n',
    ],
)
def test_a_phrase_is_found_wherever_it_is_written(source: str) -> None:
    assert len([phrase for text in words_of(source) for phrase in offenders(text)]) == 1


@pytest.mark.parametrize(
    "source",
    [
        "wants = unless_you_say = 1\n",
        '"""The stack is already deployed; understand it by default."""\n',
        "# A statement stands.\nx = 1\n\n# Already.\n",
    ],
)
def test_ordinary_words_are_not_found(source: str) -> None:
    assert [phrase for text in words_of(source) for phrase in offenders(text)] == []
