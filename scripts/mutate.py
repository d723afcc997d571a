"""Mutation tests for the catalogue: change every detail of every check, and run its cases.

`python scripts/mutate.py` runs the cases of `tests/controls` against mutants, checks with one change each: an operand
removed, a condition inverted, a value that always passes. A mutant that no case detects is a survivor: that detail of
the check is untested. The command prints the survivors, and exits with 1 if there are any.

    python scripts/mutate.py [--control ID] [--service NAME] [--quick]

With `--quick`, only the verdict of a check as a whole is changed; the whole catalogue takes seconds.
"""

from __future__ import annotations
import __future__

import argparse
import ast
import contextlib
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from soc2_constructs import controls  # noqa: E402
from soc2_constructs.cloudformation import Assembly, Verdict, failed, passed, unresolved  # noqa: E402
from support.cases import all_cases, assembly_of, problem  # noqa: E402

Case = dict[str, Any]
#: Removes a mutant again.
Undo = Callable[[], None]

#: The modules that are mutated: the catalogue, and the facts about AWS that it shares with constructs.
PACKAGES = (f"{controls.__name__}.", "soc2_constructs.aws.")
#: Modules with exhaustive unit tests, which the cases of the catalogue do not replace; and generated data.
_APART = (
    "_managed_policies",
    "end_of_support",
    "filter_patterns",
    "patterns",
    "policies",
    "public_access",
    "schedules",
    "secret_formats",
)
TESTED_APART = {f"soc2_constructs.aws.{name}" for name in _APART}
#: Time limit of a mutant, in seconds; 0 is no limit. A mutant that loops counts as detected.
SECONDS = 5.0

#: Methods that return a verdict on a value or a policy statement.
TESTS = (
    *("at_least", "at_most", "equals", "includes", "is_set", "one_of", "satisfies"),
    *("covers_action", "is_for_everyone", "is_narrowed", "is_private"),
)
#: Methods that compare a value with their arguments.
COMPARING = ("at_least", "at_most", "equals", "includes", "one_of")
#: Functions whose arguments are messages only.
WORDS = ("with_message", "failed", "passed", "unresolved")
OTHERWISE = {"all": "any", "any": "all", "all_of": "any_of", "any_of": "all_of"}
#: Functions that mutants call instead of the original; added to every mutated module.
PARTS: dict[str, Callable[..., Verdict]] = {
    "always_passes": lambda: passed("mutant"),
    "always_fails": lambda: failed("mutant"),
    "turned_where_absent": lambda value, verdict: ~verdict if value.is_absent else verdict,
}
#: Replacements of a plain verdict.
OTHERS = {"passed": ("always_fails",), "failed": ("always_passes",), "unresolved": ("always_passes", "always_fails")}


@dataclass(frozen=True)
class Mutant:
    """One change of one check, or of a definition that checks use."""

    #: File and line of the change.
    place: str
    #: The original and its replacement.
    change: str
    #: The controls whose cases are run.
    controls: tuple[str, ...]
    install: Callable[[], Undo] = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.place}: {self.change}"


# -- judging ------------------------------------------------------------------------------------------------------


class Bench:
    """The cases of controls, each with its assembly, which is built once."""

    def __init__(self, cases: Iterable[tuple[str, int, Case]]) -> None:
        self._cases: dict[str, list[Case]] = {}
        self._assemblies: dict[int, Assembly] = {}
        self._impossible: dict[str, set[str]] = {}
        for control, _, case in cases:
            if "elsewhere" in case:
                self._impossible.setdefault(control, set()).add(case["expect"])
            else:
                self._cases.setdefault(control, []).append(case)

    def problems(self, control: str) -> Iterator[str]:
        """The cases of a control whose result differs from the expected one."""
        for case in self._cases.get(control, ()):
            if (assembly := self._assemblies.get(id(case))) is None:
                assembly = self._assemblies[id(case)] = assembly_of(case)
            if (found := problem(control, case, assembly)) is not None:
                yield f"{control}, {case['name']}: {found}"

    def outcomes(self, control: str) -> set[str]:
        """The possible results of a control: all but those that its cases declare impossible."""
        return {"pass", "fail", "unresolved"} - self._impossible.get(control, set())

    def judges(self, control: str) -> bool:
        """Whether a case of the control calls its check; the cases of a few controls are in other tests."""
        check, calls = controls._checks[control], []

        def counting(*args: Any, **kwargs: Any) -> Verdict:
            calls.append(1)
            verdict: Verdict = check(*args, **kwargs)
            return verdict

        controls._checks[control] = counting
        try:
            list(self.problems(control))
        finally:
            controls._checks[control] = check
        return bool(calls)

    def notices(self, mutant: Mutant) -> bool:
        """Whether the result of a case changes under the mutant, or the mutant exceeds the time limit."""
        undo = mutant.install()
        try:
            with _time_limit():
                return any(True for control in mutant.controls for _ in self.problems(control))
        except _TooSlowError:
            # The interrupted mutant may have left an incomplete index in its assembly.
            self._assemblies.clear()
            return True
        finally:
            undo()


class _TooSlowError(BaseException):
    """The mutant loops. A BaseException, so that no `except Exception` of an audit handles it as a failed check."""


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise _TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# -- mutants of a verdict as a whole ------------------------------------------------------------------------------


def verdict_mutants(control: controls.Control, outcomes: set[str]) -> Iterator[Mutant]:
    """The check returns the opposite, or always the same verdict, unless that is its only possible result."""
    check = controls._checks[control.id]
    code = check.__code__
    mutated: dict[str, Callable[..., Verdict]] = {
        "returns the opposite": lambda *args, **kwargs: ~check(*args, **kwargs),
        "always passes": lambda *_, **__: passed("mutant"),
        "always fails": lambda *_, **__: failed("mutant"),
        "is never resolved": lambda *_, **__: unresolved("mutant"),
    }
    same = {"pass": "always passes", "fail": "always fails", "unresolved": "is never resolved"}
    for change, mutant in mutated.items():
        if len(outcomes) == 1 and change == same[next(iter(outcomes))]:
            continue
        yield Mutant(
            f"{_relative(code.co_filename)}:{code.co_firstlineno}",
            f"{control.id} {change}",
            (control.id,),
            lambda mutant=mutant: _put(controls._checks, control.id, mutant),  # type: ignore[misc]
        )


def _put(names: dict[str, Any], name: str, value: Any) -> Undo:
    before = names[name]
    names[name] = value
    return lambda: names.update({name: before})


# -- mutants of the source ----------------------------------------------------------------------------------------


def _is_mutated(module: str) -> bool:
    return module.startswith(PACKAGES) and module not in TESTED_APART


class Source:
    """The source of a module: its top-level definitions, and which definition uses which."""

    def __init__(self, module: ModuleType) -> None:
        assert module.__file__ is not None
        self.module = module
        self.path = module.__file__
        self.definitions: dict[str, ast.stmt] = {}
        self.imports: dict[str, tuple[str, str]] = {}
        for node in ast.parse(Path(self.path).read_text()).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self.definitions[node.name] = node
            elif isinstance(node, (ast.Assign, ast.AnnAssign)):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name):
                            self.definitions[name.id] = node
            elif isinstance(node, ast.ImportFrom) and _is_mutated(node.module or ""):
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = (str(node.module), alias.name)

    def uses(self, name: str) -> Iterator[tuple[str, str]]:
        """The definitions that a definition uses, in this and other modules."""
        node = self.definitions[name]
        parts = [*node.body, node.args] if isinstance(node, ast.FunctionDef) else [node]
        for part in parts:
            for found in ast.walk(part):
                if isinstance(found, ast.Name) and isinstance(found.ctx, ast.Load):
                    if found.id in self.imports:
                        yield self.imports[found.id]
                    elif found.id in self.definitions:
                        yield self.module.__name__, found.id

    def returns_verdict(self, name: str) -> bool:
        node = self.definitions.get(name)
        return isinstance(node, ast.FunctionDef) and node.returns is not None and ast.unparse(node.returns) == "Verdict"


class Sources:
    """All imported modules that are mutated, and the definitions on which each control depends."""

    def __init__(self) -> None:
        self._sources = {name: Source(module) for name, module in sys.modules.items() if _is_mutated(name)}
        #: Definition → the constants that are computed from it.
        self._makers: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def users(self, selected: Iterable[controls.Control]) -> dict[tuple[str, str], list[str]]:
        """Definition, as module and name → the controls whose checks use it, directly or not."""
        found: dict[tuple[str, str], list[str]] = {}
        for control in selected:
            waiting, seen = [(controls._checks[control.id].__module__, control.id)], set()
            while waiting:
                module, name = key = waiting.pop()
                source = self._sources.get(module)
                if key not in seen and source is not None and name in source.definitions:
                    seen.add(key)
                    found.setdefault(key, []).append(control.id)
                    waiting.extend(source.uses(name))
        return found

    def mutants(self, module: str, name: str, users: list[str]) -> Iterator[Mutant]:
        """Every change of one definition."""
        source = self._sources[module]
        definition = source.definitions[name]
        seen: set[str] = set()
        for expression, role, replace in _places(definition):
            original = ast.unparse(expression)
            for new in _changes(expression, role, source):
                change = f"{_short(original)}  →  {_short(ast.unparse(new))}"
                place = f"{_relative(source.path)}:{getattr(expression, 'lineno', definition.lineno)}"
                if f"{place} {change}" in seen:
                    continue
                seen.add(f"{place} {change}")
                replace(new)
                try:
                    value = _run(source, definition, name)
                except Exception:  # it fails at import, which every test detects
                    continue
                finally:
                    replace(expression)
                # The control that the definition belongs to comes first: its cases are the likeliest to detect it.
                first = sorted(users, key=lambda user: user != name)
                yield Mutant(place, change, tuple(first), lambda value=value: self._install(module, name, value))  # type: ignore[misc]

    def _install(self, module: str, name: str, value: Any) -> Undo:
        """Replace a definition by a mutated one, in every module that imports it."""
        original = vars(self._sources[module].module)[name]
        undo = []
        for source in self._sources.values():
            for bound, found in list(vars(source.module).items()):
                own = source.module.__name__ == module and bound == name
                if own or source.imports.get(bound) == (module, name):
                    undo.append(_put(vars(source.module), bound, value))
                    assert found is original
        if controls._checks.get(name) is original:
            undo.append(_put(controls._checks, name, value))
        undo += [self._install(*key, self._run_anew(*key)) for key in self._derived(module, name)]
        return lambda: [step() for step in reversed(undo)] and None

    def _run_anew(self, module: str, name: str) -> Any:
        return _run(self._sources[module], self._sources[module].definitions[name], name)

    def _derived(self, module: str, name: str) -> list[tuple[str, str]]:
        """The constants that functions compute from a definition when their modules are imported."""
        if not self._makers:
            for maker, source in self._sources.items():
                for constant, node in source.definitions.items():
                    if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                        for key in self._called_by(maker, constant):
                            self._makers.setdefault(key, []).append((maker, constant))
        return self._makers.get((module, name), [])

    def _called_by(self, module: str, name: str) -> set[tuple[str, str]]:
        """The definitions from which a constant is computed: those it uses, and those that the called functions use."""
        waiting, seen = list(self._sources[module].uses(name)), set()
        while waiting:
            module, name = key = waiting.pop()
            source = self._sources.get(module)
            if key not in seen and source is not None and name in source.definitions:
                seen.add(key)
                if isinstance(source.definitions[name], (ast.FunctionDef, ast.ClassDef)):
                    waiting.extend(source.uses(name))
        return seen


def _run(source: Source, definition: ast.stmt, name: str) -> Any:
    """The value of a definition, evaluated again in its module."""
    if isinstance(definition, ast.FunctionDef):
        decorators, definition.decorator_list = definition.decorator_list, []
    tree = ast.fix_missing_locations(ast.Module([definition], []))
    code = compile(tree, source.path, "exec", flags=__future__.annotations.compiler_flag, dont_inherit=True)
    if isinstance(definition, ast.FunctionDef):
        definition.decorator_list = decorators
    names: dict[str, Any] = {}
    vars(source.module).update(PARTS)
    exec(code, vars(source.module), names)
    return names[name]


def _places(node: ast.AST) -> Iterator[tuple[ast.expr, str, Callable[[ast.expr], None]]]:
    """Every expression that affects a verdict, the field of its parent, and a function that replaces it."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "decorator_list", "returns", "defaults", "type_params"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _is_words(node, name, index):
                continue
            if isinstance(child, ast.expr):

                def replace(new: ast.expr, value: Any = value, name: str = name, index: int | None = index) -> None:
                    if index is None:
                        setattr(node, name, new)
                    else:
                        value[index] = new

                yield child, "record" if _is_record(node, name) else name, replace
            yield from _places(child)


def _is_record(node: ast.AST, name: str) -> bool:
    """Whether the parts of a mapping or tuple are records, all with the same fields, instead of lists to iterate."""
    parts = node.values if isinstance(node, ast.Dict) and name == "values" else []
    parts = node.elts if isinstance(node, ast.Tuple) else parts
    return len({len(part.elts) if isinstance(part, ast.Tuple) else 0 for part in parts}) == 1


def _is_words(node: ast.AST, name: str, index: int | None) -> bool:
    """Whether an expression is text for readers: a docstring, a message, a part of an f-string."""
    if isinstance(node, (ast.Expr, ast.JoinedStr)):
        return True
    if not isinstance(node, ast.Call) or name == "func":
        return False
    return _called(node) in WORDS or name == "keywords" or (_called(node) == "satisfies" and index == 1)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _changes(node: ast.expr, role: str, source: Source) -> Iterator[ast.expr]:
    """The replacements of an expression; its role is the field of its parent."""
    if role in ("ifs", "test"):
        yield ast.UnaryOp(ast.Not(), node)
    if role == "kw_defaults":
        # The default of a keyword of a check is a threshold.
        if isinstance(node, ast.Tuple):
            for number in range(len(node.elts)):
                yield ast.Tuple([*node.elts[:number], *node.elts[number + 1 :]], ast.Load())
        else:
            yield from _literals(node)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr)):
        yield from (node.left, node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        yield node.operand
    elif isinstance(node, ast.BoolOp):
        for number, operand in enumerate(node.values):
            if not _guards_type(operand):
                rest = [*node.values[:number], *node.values[number + 1 :]]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    elif isinstance(node, ast.Compare):
        for number, operand in enumerate(node.comparators):
            for new in _literals(operand):
                comparators = [*node.comparators[:number], new, *node.comparators[number + 1 :]]
                yield ast.Compare(node.left, node.ops, comparators)
    elif isinstance(node, ast.Dict):
        for number in range(len(node.keys) if all(map(_is_constant, node.values)) else 0):
            yield ast.Dict(*([*items[:number], *items[number + 1 :]] for items in (node.keys, node.values)))
    elif isinstance(node, (ast.Tuple, ast.List)):
        constant = isinstance(node.ctx, ast.Load) and all(map(_is_constant, node.elts))
        if constant and len(node.elts) > 1 and role != "record":
            for number in range(len(node.elts)):
                yield type(node)([*node.elts[:number], *node.elts[number + 1 :]], ast.Load())
    elif isinstance(node, ast.Call):
        yield from _changed_calls(node, source)


def _changed_calls(node: ast.Call, source: Source) -> Iterator[ast.expr]:
    name, args = _called(node), node.args
    is_method = isinstance(node.func, ast.Attribute)
    if is_method and name == "implies":
        premise = node.func.value  # type: ignore[attr-defined]
        yield ast.Call(ast.Attribute(args[0], "implies", ast.Load()), [premise], [])
        yield args[0]
        yield _part("always_passes")
    elif not is_method and name in OTHERS:
        yield from map(_part, OTHERS[name])
    elif not is_method and name in OTHERWISE:
        for number in range(len(args) if len(args) > 1 else 0):
            yield ast.Call(node.func, [*args[:number], *args[number + 1 :]], node.keywords)
        yield ast.Call(ast.Name(OTHERWISE[name], ast.Load()), args, node.keywords)
    elif (is_method and name in TESTS) or (not is_method and _returns_verdict(name, source)):
        yield _part("always_passes")
        yield _part("always_fails")
        yield ast.UnaryOp(ast.Invert(), node)
        value = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "default":
            yield _part("turned_where_absent", value.func.value, node)
    if is_method and name in COMPARING:
        for number, argument in enumerate(args):
            for new in _literals(argument):
                yield ast.Call(node.func, [*args[:number], new, *args[number + 1 :]], node.keywords)
            if len(args) > 1:
                yield ast.Call(node.func, [*args[:number], *args[number + 1 :]], node.keywords)


def _returns_verdict(name: str, source: Source) -> bool:
    if name in source.imports:
        module, name = source.imports[name]
        source = Source(sys.modules[module])
    return source.returns_verdict(name)


def _part(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _literals(node: ast.expr) -> Iterator[ast.expr]:
    """Constants other than this one."""
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, (int, float)):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    elif isinstance(node.value, str):
        yield ast.Constant(node.value + "~")


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(map(_is_constant, node.elts))
    return isinstance(node, ast.Constant)


def _guards_type(node: ast.expr) -> bool:
    """Whether an operand only guards the others against an exception: `isinstance(x, str)`, `x is not None`."""
    if isinstance(node, ast.UnaryOp):
        return _guards_type(node.operand)
    if isinstance(node, ast.Compare):
        return isinstance(node.ops[0], (ast.Is, ast.IsNot))
    return isinstance(node, ast.Call) and _called(node) == "isinstance"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 160 else f"{text[:100]} … {text[-50:]}"


def _relative(path: str) -> str:
    return str(Path(path).relative_to(ROOT)) if Path(path).is_relative_to(ROOT) else path


# -- the whole ----------------------------------------------------------------------------------------------------


def survivors(
    selected: Iterable[controls.Control], cases: Iterable[tuple[str, int, Case]], *, quick: bool = False
) -> Iterator[tuple[Mutant, bool]]:
    """Generate every mutant of the controls, and whether it survives.

    Raises:
        ValueError: A case fails without any mutant; its result under a mutant would prove nothing.
    """
    bench = Bench(cases)
    checked = [control for control in selected if control.check is not None]
    for control in checked:
        for found in bench.problems(control.id):
            raise ValueError(f"a case fails without any mutant: {found}")
    checked = [control for control in checked if bench.judges(control.id)]
    for control in checked:
        for mutant in verdict_mutants(control, bench.outcomes(control.id)):
            yield mutant, not bench.notices(mutant)
    if not quick:
        sources = Sources()
        for (module, name), users in sources.users(checked).items():
            for mutant in sources.mutants(module, name, users):
                yield mutant, not bench.notices(mutant)


def main(arguments: list[str]) -> int:
    """Print the surviving mutants and the number of mutants; return 1 if one survives."""
    parser = argparse.ArgumentParser(
        description="Change every detail of every check, and print the changes that no case detects."
    )
    parser.add_argument("--control", metavar="ID", help="only this control, and what it uses")
    parser.add_argument("--service", metavar="NAME", help="only the controls of this module")
    parser.add_argument("--quick", action="store_true", help="only change the verdict as a whole")
    options = parser.parse_args(arguments)
    selected = [controls.find(options.control)] if options.control else list(controls.catalogue().values())
    selected = [control for control in selected if options.service in (None, control.service)]
    total = alive = 0
    for mutant, survives in survivors(selected, all_cases(), quick=options.quick):
        total += 1
        if survives:
            alive += 1
            print(mutant, flush=True)
    print(f"{total} mutants of {len(selected)} controls: {total - alive} noticed, {alive} survive")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
