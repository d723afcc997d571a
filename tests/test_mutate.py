"""Mutation tests: over the whole catalogue, and over a control whose cases are incomplete."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from soc2_constructs import controls
from soc2_constructs.controls import Control, catalogue

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
    module = imported("mutate_script", ROOT / "scripts" / "mutate.py")
    # The time limit raises from a signal handler. Inside coverage's lock that is a deadlock: here, mutants run without
    # a limit; the tests that need it run in a process of their own, without coverage.
    module.SECONDS = 0.0
    yield module
    del sys.modules["mutate_script"]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Control]:
    """A control in a module that is part of the catalogue during one test."""
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


def in_own_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def mutants(*arguments: str) -> int:
    """The number of mutants that the command makes of the whole catalogue, none of which survives."""
    done = in_own_process("scripts/mutate.py", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = re.fullmatch(r"(\d+) mutants of (\d+) controls: (\d+) noticed, 0 survive\n", done.stdout)
    assert counts is not None, done.stdout
    assert int(counts[2]) == len(catalogue())
    return int(counts[1])


def test_every_detail_of_the_catalogue_is_noticed() -> None:
    checked = [entry for entry in catalogue().values() if entry.resource_types]
    assert mutants("--quick") > 4 * len(checked) - 8, "all but the few whose cases are in other tests"
    assert mutants() > 20 * len(checked)


LOOP = """
import sys
sys.path.insert(0, "scripts")
import mutate
mutate.SECONDS = 0.1
def loop(*_, **__):
    while True:
        pass
control = mutate.controls.find("sns_topic_encrypted_at_rest")
bench = mutate.Bench(mutate.all_cases())
install = lambda: mutate._put(mutate.controls._checks, control.id, loop)
mutate.controls.definitions()
print(bench.notices(mutate.Mutant("here", "loops", (control.id,), install)))
print(list(bench.problems(control.id)))
"""


def test_a_mutant_that_loops_is_noticed() -> None:
    done = in_own_process("-c", LOOP)
    assert done.stdout == "True\n[]\n", done.stderr


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
