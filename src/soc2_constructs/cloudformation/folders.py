"""The files of a folder: which of them may be templates, and why others are skipped."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Endings of templates; a file with one of them is read, or listed as skipped.
SUFFIXES = (".json", ".yaml", ".yml", ".template", ".cfn", ".cform", ".tmpl", ".tpl", ".stack")
#: Endings that JSON and YAML documents have: such a file with the word Resources is an error where it cannot be parsed.
DOCUMENT_SUFFIXES = (".json", ".yaml", ".yml", ".template")
#: Endings of documentation and code, which quotes templates.
_PROSE = (".md", ".rst", ".html", ".py", ".ts", ".js", ".ipynb", ".go", ".java", ".cs", ".rb", ".sh")
#: Folders with files of other tools; so are folders whose names begin with a dot.
_FOREIGN_FOLDERS = ("__pycache__", "node_modules")
#: Size of a template in Amazon S3: "CloudFormation quotas", AWS CloudFormation User Guide.
_MAX_ODD_BYTES = 1024 * 1024
_UNNAMED = "the manifest does not name it, so it is not deployed; delete it, or run `cdk synth` into an empty folder"
#: Files of the CDK in a cloud assembly, which no manifest names.
_CDK_FILES = ("manifest.json", "tree.json", "validation-report.json")


class Walk:
    """One walk through a folder. Symbolic links are followed inside the folder, each target once.

    Attributes:
        skipped: Paths that are not read, each with the reason.
        stays_out: Whether the caller read the present folder in another way: the folders in it are left out.
    """

    def __init__(self, root: str) -> None:
        self.skipped: list[tuple[str, str]] = []
        self.stays_out = False
        self._start = root
        self._root = os.path.realpath(root)
        self._seen: set[str] = set()
        self._links: list[str] = []

    def __iter__(self) -> Iterator[tuple[str, list[str]]]:
        """Each folder with the names of its files."""
        waiting = [self._start]
        while waiting:
            for parent, folders, files in os.walk(waiting.pop()):
                real = os.path.realpath(parent)
                self.stays_out = real in self._seen
                if not self.stays_out:
                    self._seen.add(real)
                    yield parent, sorted(files)
                if self.stays_out:
                    folders.clear()
                    continue
                reasons = {name: _why_foreign(parent, name) for name in sorted(folders)}
                self.skipped += ((os.path.join(parent, name), reason) for name, reason in reasons.items() if reason)
                folders[:] = [name for name, reason in reasons.items() if reason is None]
                self._links += [path for name in folders if os.path.islink(path := os.path.join(parent, name))]
            waiting = waiting or self._next_links()

    def _next_links(self) -> list[str]:
        links, self._links = self._links, []
        inside = []
        for link in links:
            target = os.path.realpath(link)
            if os.path.commonpath([self._root, target]) != self._root:
                self.skipped.append((link, "it links to a folder outside; pass the folder itself to check it"))
            elif target not in self._seen:
                inside.append(link)
        return inside


def may_be_template(path: str) -> bool:
    """Whether a file with an ending that templates do not have may be one after all: judged by its words."""
    if path.lower().endswith(_PROSE):
        return False
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _MAX_ODD_BYTES:
            return False
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return False
    return b"Resources" in content and (b"AWS::" in content or b"AWSTemplateFormatVersion" in content)


def unnamed(folder: str, named: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Templates and assemblies in the folder of a manifest that does not name them, each with the reason."""
    known = {os.path.realpath(os.path.join(folder, name)) for name in (*named, *_CDK_FILES)}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.realpath(path) in known:
            continue
        if os.path.isdir(path):
            stale = os.path.isfile(os.path.join(path, "manifest.json")) and not name.startswith("asset.")
        else:
            stale = name.lower().endswith(SUFFIXES) and may_be_template(path)
        if stale:
            yield path, _UNNAMED


def _why_foreign(parent: str, name: str) -> str | None:
    """Why a folder is skipped, or None where it is read."""
    if name in _FOREIGN_FOLDERS or name.startswith("."):
        return f"files in {name} are skipped; pass the folder itself to check it"
    if os.path.exists(os.path.join(parent, name, "pyvenv.cfg")):
        return "a virtual environment is skipped; pass the folder itself to check it"
    return None
