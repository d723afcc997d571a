"""Write anew what is generated from the catalogue, the hardening tables and the resource schemas: `make generate`.

With `--check`, only say what is not current, and exit 1.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import docs
from constructs import Construct
from soc2_constructs.controls import FIELDS, definitions

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "soc2_constructs"


def index() -> str:
    """The index of the catalogue: what every control says of itself, without importing the modules that define it."""
    lines = [
        '"""Every control without its check; written by scripts/generate.py (`make generate`), never by hand."""',
        "",
        "ENTRIES: tuple[tuple[object, ...], ...] = (",
        # Nothing but constants: Python then reads the whole of it in one piece.
        *(f"    {tuple(_constant(getattr(entry, name)) for name in FIELDS)!r}," for entry in definitions()),
        ")",
    ]
    return "\n".join(lines) + "\n"


def _constant(value: Any) -> Any:
    return tuple(value.items()) if isinstance(value, Mapping) else value


def updates() -> str:
    """For every resource type, the properties that can be set only when a resource is created."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER as schemas

    lines = [
        '"""What can be set only when a resource is created; written by scripts/generate.py (`make generate`).',
        "",
        "It is taken from the resource schemas that cfn-lint ships: the paths of createOnlyProperties, and, with a",
        "question mark before them, those of conditionalCreateOnlyProperties.",
        '"""',
        "",
        "CREATE_ONLY: dict[str, str] = {",
    ]
    for kind in sorted(schemas.get_resource_types("us-east-1")):
        # The transform makes other types of these; the metadata of the CDK deploys nothing.
        if kind.startswith("AWS::") and not kind.startswith(("AWS::Serverless::", "AWS::CDK::")):
            schema = schemas.get_resource_schema("us-east-1", kind).schema
            always = _outermost(schema.get("createOnlyProperties") or ())
            sometimes = set(_outermost(schema.get("conditionalCreateOnlyProperties") or ())) - set(always)
            lines.append(f'    "{kind}": "{" ".join([*always, *(f"?{path}" for path in sorted(sometimes))])}",')
    return "\n".join([*lines, "}"]) + "\n"


def _outermost(pointers: Iterable[str]) -> list[str]:
    """JSON pointers as property paths, without those that others cover."""
    paths = sorted({pointer.removeprefix("/properties/").replace("/", ".") for pointer in pointers})
    return [path for path in paths if not any(path.startswith(f"{other}.") for other in paths)]


def classes() -> Iterator[tuple[str, Any]]:
    """Every construct of our modules with the module that defines it, in the order of the modules."""
    for stem in sorted(path.stem for path in SOURCE.glob("aws_*")):
        module = importlib.import_module(f"soc2_constructs.{stem}")
        for name, value in list(vars(module).items()):
            if (
                isinstance(value, type)
                and issubclass(value, Construct)
                and f"{value.__module__}.".startswith(f"{module.__name__}.")
                and value.__name__ == name
                and not name.startswith("_")
            ):
                yield stem, value


def hardened_classes() -> Iterator[tuple[str, Any]]:
    """Those of the classes that have a hardening table."""
    return ((module, kind) for module, kind in classes() if hasattr(kind, "hardening"))


def enforced_classes() -> str:
    """The index of the classes that `enforce` completes, without importing the modules that define them."""
    lines = [
        '"""The classes that `enforce` completes; written by scripts/generate.py (`make generate`), never by hand."""',
        "",
        "#: By drop-in module and class: the id under which the CDK looks up property injectors.",
        "CLASSES: dict[str, dict[str, str]] = {",
    ]
    found: dict[str, dict[str, str]] = {}
    for module, kind in hardened_classes():
        table = kind.hardening
        # A class of another name, such as AccessLogsBucket, is one that the user chooses.
        same_name = kind.__name__ == table.construct.__name__
        if table.enforced and same_name and (table.controls or table.after):
            found.setdefault(module, {})[kind.__name__] = table.construct.PROPERTY_INJECTION_ID
    for module, names in found.items():
        entries = (f'        "{name}": "{unique_id}",' for name, unique_id in sorted(names.items()))
        lines += [f'    "{module}": {{', *entries, "    },"]
    return "\n".join([*lines, "}"]) + "\n"


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
        text = _filled(text, f"<!-- {name} -->\n", f"\n<!-- /{name} -->", make())
    return text


def site() -> str:
    """The settings of the site with their navigation."""
    text = (ROOT / "mkdocs.yml").read_text()
    for name, part in docs.navigation(list(classes())).items():
        text = _filled(text, f"      # <{name}>\n", f"\n      # </{name}>", part)
    return text


def _filled(text: str, opening: str, closing: str, part: str) -> str:
    """The text with the part between its two marks."""
    before, opened, rest = text.partition(opening)
    _, closed, after = rest.partition(closing.lstrip("\n"))
    assert opened, f"no place for {opening.strip()}"
    assert closed, f"{opening.strip()} is not closed"
    return f"{before}{opening}{part}{closing}{after}"


#: What is generated: the file, and what writes its text. The index comes first: the pages show what it holds.
FILES: dict[Path, Callable[[], str]] = {
    SOURCE / "deployment" / "_updates.py": updates,
    SOURCE / "controls" / "_index.py": index,
    SOURCE / "enforcement" / "_index.py": enforced_classes,
    ROOT / "README.md": readme,
    ROOT / "mkdocs.yml": site,
}


def pages() -> dict[Path, str]:
    """The generated pages of the documentation."""
    return {ROOT / "docs" / name: text for name, text in docs.pages(list(classes())).items()}


def main(arguments: list[str]) -> int:
    """Write what is not current, or with `--check` name it and exit 1."""
    check = "--check" in arguments
    stale: list[Path] = []

    def settle(path: Path, text: str) -> None:
        if text != (path.read_text() if path.exists() else ""):
            stale.append(path)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)

    for path, make in FILES.items():
        settle(path, make())
    if check and SOURCE / "controls" / "_index.py" in stale:
        # The examples of the pages are judged by the index.
        print("the pages of docs/ were not looked at: the index has to be current first")
    else:
        found = pages()
        for path, text in found.items():
            settle(path, text)
        for folder in docs.FOLDERS:
            for path in sorted((ROOT / "docs" / folder).rglob("*.md")):
                if path not in found:
                    stale.append(path)
                    if not check:
                        path.unlink()
    for path in stale:
        print(path.relative_to(ROOT), "is not current: run `make generate`" if check else "written")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
