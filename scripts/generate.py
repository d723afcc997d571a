"""Write anew what is generated from the catalogue: `make generate`. With `--check`, only say what is not current."""

from __future__ import annotations

import sys
from pathlib import Path

from soc2_constructs.controls import FIELDS, definitions

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "soc2_constructs"


def index() -> str:
    """The index of the catalogue: what every control says of itself, without importing the modules that define it."""
    lines = [
        '"""Every control without its check; written by scripts/generate.py (`make generate`), never by hand."""',
        "",
        "ENTRIES: tuple[tuple[object, ...], ...] = (",
        *(f"    {tuple(getattr(entry, name) for name in FIELDS)!r}," for entry in definitions()),
        ")",
    ]
    return "\n".join(lines) + "\n"


#: What is generated: the file, and what writes its text.
FILES = {SOURCE / "controls" / "_index.py": index}


def main(arguments: list[str]) -> int:
    """Write what is not current, or with `--check` name it and exit 1."""
    stale = {
        path: text for path, make in FILES.items() if (text := make()) != (path.read_text() if path.exists() else "")
    }
    for path, text in stale.items():
        if "--check" not in arguments:
            path.write_text(text)
        print(path.relative_to(ROOT), "is not current: run `make generate`" if "--check" in arguments else "written")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
