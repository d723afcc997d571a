"""Write anew what is generated from the catalogue and the hardening tables: `make generate`.

With `--check`, only say what is not current, and exit 1.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

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


def hardened_classes() -> Iterator[tuple[str, Any]]:
    """Every hardened class with the module that defines it, in the order of the modules."""
    for path in sorted(SOURCE.glob("aws_*.py")):
        module = importlib.import_module(f"soc2_constructs.{path.stem}")
        for value in list(vars(module).values()):
            if isinstance(value, type) and value.__module__ == module.__name__ and hasattr(value, "hardening"):
                yield path.stem, value


def constructs() -> str:
    """One row per construct: what it enforces, and what it sets where the user says nothing."""
    lines = ["| Construct | Enforced | Set unless you say otherwise |", "|---|---|---|"]
    for module, kind in hardened_classes():
        enforced = dict.fromkeys(row.property for row in kind.hardening if row.control)
        chosen = dict.fromkeys(row.property for row in kind.hardening if row.property not in enforced)
        lines.append(f"| `{module}.{kind.__name__}` | {_listed(enforced)} | {_listed(chosen)} |")
    return "\n".join(lines)


def _listed(properties: Iterable[str]) -> str:
    """Properties in one cell, the members of a struct together after its name."""
    structs: dict[str, list[str]] = {}
    for name in properties:
        struct, _, member = name.rpartition(".")
        structs.setdefault(struct, []).append(f"`{member}`")
    cells = [
        f"`{struct}`: {', '.join(members)}" if struct else ", ".join(members) for struct, members in structs.items()
    ]
    return "; ".join(cells) or "nothing"


def patterns() -> str:
    """One row per pattern: what it is."""
    from soc2_constructs import patterns as package

    lines = ["| Pattern | What it is |", "|---|---|"]
    for name in package.__all__:
        first = (getattr(package, name).__doc__ or "").strip().partition("\n")[0]
        lines.append(f"| `{name}` | {first} |")
    return "\n".join(lines)


def readme() -> str:
    """The README with its tables."""
    text = (ROOT / "README.md").read_text()
    for name, make in (("constructs", constructs), ("patterns", patterns)):
        before, opened, rest = text.partition(f"<!-- {name} -->\n")
        _, closed, after = rest.partition(f"<!-- /{name} -->")
        assert opened, f"README.md has no place for {name}"
        assert closed, f"README.md does not close {name}"
        text = f"{before}{opened}{make()}\n{closed}{after}"
    return text


#: What is generated: the file, and what writes its text.
FILES: dict[Path, Callable[[], str]] = {
    SOURCE / "controls" / "_index.py": index,
    ROOT / "README.md": readme,
}


def main(arguments: list[str]) -> int:
    """Write what is not current, or with `--check` name it and exit 1."""
    check = "--check" in arguments
    stale = 0
    for path, make in FILES.items():
        text = make()
        if text != (path.read_text() if path.exists() else ""):
            stale += 1
            if not check:
                path.write_text(text)
            print(path.relative_to(ROOT), "is not current: run `make generate`" if check else "written")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
