"""The page that shows how an app is adopted: its diffs are applied, and what it says of each is so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from soc2_constructs.audit import Audit, audit
from soc2_constructs.audit.findings import to_fix
from support.programs import run

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "adoption.md"
#: What each step is a step from.
BEFORE = {"1": "0", "2": "1", "3": "2", "4": "3", "5a": "4", "5b": "4"}
#: The steps after which nothing is left to do.
LAST = ("5a", "5b")


class Step(NamedTuple):
    diff: str
    left: str
    plan: str


def steps() -> dict[str, Step]:
    """The steps of the page, by number."""
    found = {}
    for section in re.split(r"\n##+ ", PAGE.read_text()):
        diffs = re.findall(r"```diff\n(.*?)```", section, re.S)
        if diffs:
            (diff,) = diffs
            (left,) = re.findall(r"\*\*(\w+) findings are left\.\*\*", section)
            (plan,) = re.findall(r"```text\n(.*?)\n```", section)
            found[section.partition(".")[0].partition(" ")[0]] = Step(diff, left, plan)
    return found


def applied(diff: str, text: str) -> str:
    """A text after a diff whose parts stand between lines that begin with @@, each about one place."""
    for hunk in re.split(r"^@@.*\n", diff, flags=re.M):
        lines = hunk.splitlines(keepends=True)
        assert {line[:1] for line in lines} <= {" ", "+", "-"}, hunk
        old = "".join(line[1:] for line in lines if line[0] != "+")
        new = "".join(line[1:] for line in lines if line[0] != "-")
        assert text.count(f"\n{old}") == 1, f"app.py holds {text.count(old)} times:\n{old}"
        text = text.replace(f"\n{old}", f"\n{new}")
    return text


class World:
    """The product after each step: its text, its assembly, what is said of it, and how the program ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts = {"0": (ROOT / "examples" / "legacy" / "app.py").read_text()}
        self.status: dict[str, int] = {}
        self.audits: dict[str, Audit] = {}
        for name, step in steps().items():
            self.texts[name] = applied(step.diff, self.texts[BEFORE[name]])
        for name, text in self.texts.items():
            home = folder / name
            home.mkdir()
            (home / "app.py").write_text(text)
            self.status[name] = run(home / "app.py", home / "cdk.out").returncode
            self.audits[name] = audit(home / "cdk.out")

    def left(self, name: str) -> int:
        return len(to_fix(self.audits[name], "medium"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("adoption"))


def test_the_page_has_these_steps() -> None:
    assert list(steps()) == list(BEFORE)


def test_the_page_says_where_it_begins(world: World) -> None:
    text = PAGE.read_text()
    assert f"**{world.left('0')} findings** stop it. One line leaves {world.left('1')} of them" in text


@pytest.mark.parametrize("name", BEFORE)
def test_the_page_counts_what_is_left_after_a_step(world: World, name: str) -> None:
    assert steps()[name].left == (str(world.left(name)) if world.left(name) else "No")
    assert world.left(name) < world.left(BEFORE[name])
    assert (world.left(name) == 0) == (name in LAST) == (world.status[name] == 0)


@pytest.mark.parametrize("name", BEFORE)
def test_the_page_says_what_deploying_a_step_does(world: World, name: str) -> None:
    new, old = (world.folder / step / "cdk.out" for step in (name, BEFORE[name]))
    command = [sys.executable, "-m", "soc2_constructs.cli", "plan", str(new), "--against", str(old)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == (name in LAST), done.stderr
    assert done.stdout.splitlines()[-1] == steps()[name].plan


@pytest.mark.parametrize("name", LAST)
def test_nothing_is_waived_and_cfn_lint_finds_nothing(
    world: World, name: str, cfn_lint: Callable[[Path], list[str]]
) -> None:
    assert [result for result in world.audits[name].results if result.status == "WAIVED"] == []
    assert cfn_lint(world.folder / name / "cdk.out") == []


@pytest.mark.parametrize("name", LAST)
def test_the_last_step_is_one_in_the_settings_of_this_project_too(world: World, name: str, tmp_path: Path) -> None:
    """Which name a second region, to which backups are copied."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    assert run(world.folder / name / "app.py", tmp_path, context).returncode == 0
    assert audit(tmp_path).failures() == []


def test_what_is_restored_is_left_unresolved_as_the_page_says(world: World) -> None:
    (encryption,) = {
        result.status
        for result in world.audits["5b"].results
        if result.control.id == "rds_db_instance_encryption_at_rest_enabled"
        and (result.construct_path or "").endswith("Accounts/Resource")
    }
    assert encryption == "UNRESOLVED"
    assert audit(world.folder / "5b" / "cdk.out").failures(strict=True) != []
