"""Cases notice what is broken: over the whole catalogue, and over a control whose cases are bad."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from soc2_constructs import controls
from soc2_constructs.controls import Control, catalogue
from support.cases import all_cases

ROOT = Path(__file__).parent.parent

FAKE = '''\
from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, all_of
from soc2_constructs.controls import control

WORDS = ("One", "Two")
FLAGS = tuple(WORDS)


@control(resource_types="AWS::Fake::Thing", kind="network_boundary", severity="low", fix="Nothing")
def fake_thing_guarded(thing: Resource, *, least: int = 5) -> Verdict:
    """Things are guarded."""
    return _flagged(thing) & thing["Size"].default(0).at_least(least)


def _flagged(thing: Resource) -> Verdict:
    return all_of(Flag(thing, flag).is_on() for flag in FLAGS)


class Flag:
    def __init__(self, thing: Resource, name: str) -> None:
        self.value = thing[name]

    def is_on(self) -> Verdict:
        return self.value.equals(True)
'''


def case(expect: str, **properties: Any) -> tuple[str, int, dict[str, Any]]:
    resources = {"Thing": {"Type": "AWS::Fake::Thing", "Properties": properties}}
    return "fake_thing_guarded", 0, {"name": str(properties), "expect": expect, "resources": resources}


#: Every operand decides in one of them.
CASES = [
    case("pass", One=True, Two=True, Size=5),
    case("fail", One=True, Two=True, Size=4),
    case("fail", One=True, Two=True),
    case("fail", One=False, Two=True, Size=5),
    case("fail", One=True, Two=False, Size=5),
    case("unresolved", One=True, Two=True, Size={"Fn::GetAtt": ["Thing", "Size"]}),
]


def imported(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def mutate() -> Iterator[ModuleType]:
    yield imported("mutate_script", ROOT / "scripts" / "mutate.py")
    del sys.modules["mutate_script"]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Control]:
    """A control of a module that the catalogue has for the length of one test."""
    catalogue()
    for registry in ("_defined", "_checks", "_catalogue"):
        monkeypatch.setattr(controls, registry, dict(getattr(controls, registry)))
    path = tmp_path / "fake.py"
    path.write_text(FAKE)
    name = f"{controls.__name__}.fake"
    imported(name, path)
    entry = controls._defined["fake_thing_guarded"]
    controls._catalogue[entry.id] = entry
    yield entry
    del sys.modules[name]


def alive(mutate: ModuleType, entry: Control, cases: list[Any], **options: bool) -> list[str]:
    return [str(mutant) for mutant, survives in mutate.survivors([entry], cases, **options) if survives]


def test_every_detail_of_the_catalogue_is_noticed(mutate: ModuleType) -> None:
    found = list(mutate.survivors(catalogue().values(), all_cases()))
    checked = [entry for entry in catalogue().values() if entry.resource_types]
    whole = [mutant for mutant, _ in found if mutant.change.startswith(tuple(f"{entry.id} " for entry in checked))]
    assert len(whole) > 4 * len(checked) - 8, "all but the few whose cases stand elsewhere"
    assert len(found) > 20 * len(checked)
    assert [str(mutant) for mutant, survives in found if survives] == []


def test_what_good_cases_notice(mutate: ModuleType, fake: Control) -> None:
    assert alive(mutate, fake, CASES) == []


@pytest.mark.parametrize(
    ("dropped", "survivor"),
    [
        (1, "fake.py:11: 5  →  4"),
        (2, "fake.py:13: thing['Size'].default(0).at_least(least)  →  turned_where_absent("),
        (3, "fake.py:6: ('One', 'Two')  →  ('Two',)"),
        (4, "fake.py:6: ('One', 'Two')  →  ('One',)"),
    ],
)
def test_what_bad_cases_miss(mutate: ModuleType, fake: Control, dropped: int, survivor: str) -> None:
    missed = alive(mutate, fake, CASES[:dropped] + CASES[dropped + 1 :])
    assert any(survivor in text for text in missed), missed


def test_classes_are_broken_too(mutate: ModuleType, fake: Control) -> None:
    changes = [mutant.change for mutant, _ in mutate.survivors([fake], CASES)]
    assert "self.value.equals(True)  →  always_passes()" in changes


def test_what_cases_of_one_outcome_miss(mutate: ModuleType, fake: Control) -> None:
    (missed,) = alive(mutate, fake, CASES[:1], quick=True)
    assert missed.endswith("fake_thing_guarded always passes")


def test_mutants_leave_nothing_behind(mutate: ModuleType, fake: Control) -> None:
    module = sys.modules[f"{controls.__name__}.fake"]
    before = dict(vars(module)), controls._checks[fake.id]
    alive(mutate, fake, CASES)
    assert {name: vars(module)[name] for name in before[0]} == before[0]
    assert controls._checks[fake.id] is before[1]


def test_cases_that_fail_without_a_mutant_are_refused(mutate: ModuleType, fake: Control) -> None:
    with pytest.raises(ValueError, match="a case fails without any mutant: fake_thing_guarded"):
        alive(mutate, fake, [case("pass", One=False)])


def test_the_command(
    mutate: ModuleType, fake: Control, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mutate, "all_cases", lambda: CASES[:1])
    assert mutate.main(["--control", fake.id, "--quick"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "4 mutants of 1 controls: 3 noticed, 1 survive"
    assert len(lines) == 2
    monkeypatch.setattr(mutate, "all_cases", lambda: CASES)
    assert mutate.main(["--service", "fake"]) == 0
