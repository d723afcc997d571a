"""The import contracts of pyproject.toml, and what import-linter does not cover: dynamic imports and some cycles."""

from __future__ import annotations

import ast
import fnmatch
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import grimp
import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "soc2_constructs"
SOURCE = ROOT / "src" / PACKAGE
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]
(LAYERS,) = (contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")
#: Room → its floor, the highest first; optional rooms without their parentheses.
FLOORS = {name.strip(" ()\n"): floor for floor, layer in enumerate(LAYERS) for name in layer.split(":")}
#: The lowest room that may import the CDK.
LINE = "hardening"


def rooms() -> set[str]:
    """The top-level modules and packages of the library."""
    return {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()} - {
        "__init__"
    }


def test_every_room_has_a_floor() -> None:
    assert rooms() <= FLOORS.keys()


def test_the_contract_without_the_cdk_covers_every_room_below_the_line() -> None:
    (sources,) = (
        contract["source_modules"] for contract in CONTRACTS if "aws_cdk" in contract.get("forbidden_modules", ())
    )
    below = {name for name in rooms() if FLOORS[name] > FLOORS[LINE]}
    assert set(sources) == {f"{PACKAGE}.{name}" for name in below}


def test_no_contract_has_an_exception() -> None:
    exceptions = {"ignore_imports", "exhaustive_ignores", "skip_descendants", "exclude_type_checking_imports"}
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert not exceptions & settings.keys()
    assert [contract["name"] for contract in CONTRACTS if exceptions & contract.keys()] == []


# -- cycles ---------------------------------------------------------------------------------------------------------


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """One cycle of a graph of imports, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def packages() -> list[str]:
    return sorted(name for name in rooms() if (SOURCE / name).is_dir())


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """Module → the modules of the library that it imports, also inside functions and under TYPE_CHECKING."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


@pytest.mark.parametrize("package", list(packages()))
def test_no_modules_of_a_package_import_each_other(imports: dict[str, set[str]], package: str) -> None:
    """Counts imports of the package's own `__init__`, which the contract about siblings does not."""
    prefix = f"{PACKAGE}.{package}"
    inside = {module for module in imports if f"{module}.".startswith(f"{prefix}.")}
    assert cycle({module: imports[module] & inside for module in inside}) == []


def test_a_cycle_is_found() -> None:
    assert set(cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}
    assert cycle({"a": {"b", "c"}, "b": {"c"}}) == []


# -- dynamic imports ------------------------------------------------------------------------------------------------


def dynamic_imports(text: str, module: str) -> Iterator[str]:
    """The modules that `import_module` and `__import__` load, as patterns: `*` for each part known only at run time."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("import_module", "__import__"):
            yield _pattern(node.args[0], module)


def _pattern(node: ast.expr, module: str) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_pattern(part, module) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _pattern(node.value, module)
    return module if isinstance(node, ast.Name) and node.id == "__name__" else "*"


def upward(pattern: str, module: str) -> set[str]:
    """The rooms on the floor of a module, or above it, that a dynamic import may reach; not the module's own room."""
    own = module.split(".")[1]
    reached = {name for name in FLOORS if _reaches(pattern, f"{PACKAGE}.{name}")}
    return {name for name in reached - {own} if FLOORS[name] <= FLOORS[own]}


def _reaches(pattern: str, room: str) -> bool:
    first_two = ".".join(pattern.split(".")[:2])
    return fnmatch.fnmatchcase(room, pattern) or fnmatch.fnmatchcase(room, first_two)


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def test_no_module_imports_upward_dynamically() -> None:
    found = {
        (module, pattern): upward(pattern, module)
        for module, path in modules()
        if module != PACKAGE  # the public face is above every room
        for pattern in dynamic_imports(path.read_text(), module)
    }
    assert len(found) >= 4
    assert {key: rooms for key, rooms in found.items() if rooms} == {}


@pytest.mark.parametrize(
    ("statement", "module", "rooms"),
    [
        ('importlib.import_module("soc2_constructs.pack")', "audit", {"pack"}),
        ('import_module("soc2_constructs.cli.baseline")', "hardening", set()),
        ('__import__("soc2_constructs.enforcement.report")', "audit.results", {"enforcement"}),
        ('import_module(f"{__name__}.{form}")', "reports", set()),
        ('import_module(f"soc2_constructs.aws_{service}")', "enforcement", set()),
        ('import_module("aws_cdk.aws_s3")', "hardening", set()),
    ],
)
def test_which_dynamic_imports_go_upward(statement: str, module: str, rooms: set[str]) -> None:
    (pattern,) = dynamic_imports(statement, f"{PACKAGE}.{module}")
    assert upward(pattern, f"{PACKAGE}.{module}") == rooms


@pytest.mark.parametrize("pattern", ["name", 'f"soc2_constructs.{name}"', '"soc2_constructs." + name'])
def test_a_dynamic_import_names_its_room(pattern: str) -> None:
    """A name that is known only at run time may be that of any room."""
    (found,) = dynamic_imports(f"import_module({pattern})", f"{PACKAGE}.audit")
    assert {"pack", "aws_s3", "reports"} <= upward(found, f"{PACKAGE}.audit")
