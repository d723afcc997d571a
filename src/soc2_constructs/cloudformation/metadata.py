"""Construct metadata, as the CDK writes it: in the manifest of an assembly, or in a file beside the template."""

from __future__ import annotations

from soc2_constructs.cloudformation.documents import parse_document, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Entries = dict[str, list[dict[str, Any]]]


class Metadata:
    """The metadata of a stack's constructs, by construct path. It is read when somebody asks for it, and once.

    The file is about as large as the template, and most audits want a few entries of it that most assemblies have not:
    so it is parsed only where it holds the words that are looked for.
    """

    __slots__ = ("_content", "_entries", "_inline", "_locate")

    def __init__(self, inline: Any = None, locate: Callable[[], str] | None = None) -> None:
        self._inline = inline
        self._locate = locate
        self._content: bytes | None = None
        self._entries: Entries | None = None

    @property
    def entries(self) -> Entries:
        """Everything."""
        if self._entries is None:
            self._entries = {}
            sources = [self._inline]
            if self._locate is not None:
                sources.append(parse_document(self._text, self._locate()))
            for source in sources:
                for path, found in source.items() if type(source) is dict else ():
                    if type(found) is list:
                        notes = [entry for entry in found if type(entry) is dict]
                        self._entries.setdefault(path.strip("/"), []).extend(notes)
        return self._entries

    def of_type(self, kind: str) -> Entries:
        """The entries of one type."""
        if self._inline is None and self._entries is None and kind.encode() not in self._text:
            return {}
        found = {path: [note for note in notes if note.get("type") == kind] for path, notes in self.entries.items()}
        return {path: notes for path, notes in found.items() if notes}

    @property
    def _text(self) -> bytes:
        if self._content is None:
            self._content = b"" if self._locate is None else read_bytes(self._locate())
        return self._content
