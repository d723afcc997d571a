"""CONTRIBUTING, followed literally in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
#: Parts of the project that the copy does without: environments, and the output of commands.
IGNORED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "cdk.out", "evidence", "site", ".hypothesis", ".coverage*"
)
#: The files that `make` writes last when it sets up an environment.
STAMPS = (".venv/.installed", ".venv/.project", "node_modules/.installed")


def blocks(section: str) -> Iterator[tuple[str, str]]:
    """The fenced blocks of a section, in order: the file name and its text, or `""` and shell commands."""
    _, _, rest = TEXT.partition(f"\n## {section}\n")
    body = rest.partition("\n## ")[0]
    for language, title, text in re.findall(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', body, re.M | re.S):
        assert title or language == "shell", f"a block of {section} is neither a file nor commands"
        yield title, text


class Copy:
    """A copy of the project with the environments of this one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=IGNORED)
        later = time.time() + 86_400
        for name in (".venv", "node_modules"):
            (folder / name).mkdir()
            for path in (ROOT / name).iterdir():
                if f"{name}/{path.name}" not in STAMPS:
                    (folder / name / path.name).symlink_to(path)
        for stamp in STAMPS:
            # Newer than every file that the example writes: make must not install the copy into the shared environment.
            (folder / stamp).touch()
            os.utime(folder / stamp, (later, later))

    def shell(self, commands: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
        # Before the editable installation, which leads to this project.
        environment["PYTHONPATH"] = str(self.folder / "src")
        return subprocess.run(
            ["bash", "-euxc", commands],
            cwd=self.folder,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "soc2-constructs")


@pytest.mark.parametrize("section", ["Add a control", "Add a hardened class"])
def test_a_section_is_followed_literally(copy: Copy, section: str) -> None:
    kinds = {bool(title) for title, _ in blocks(section)}
    assert kinds == {True, False}, "a section has files and commands"
    for title, text in blocks(section):
        if title:
            path = copy.folder / title
            assert not path.exists(), f"{title} is part of the project now: choose another example"
            path.write_text(text)
        else:
            done = copy.shell(text)
            assert done.returncode == 0, done.stdout[-10_000:]
            assert " passed" in done.stdout


@pytest.mark.parametrize("section", ["Add a control", "Add a hardened class"])
def test_an_example_takes_two_files(section: str) -> None:
    assert len([title for title, _ in blocks(section) if title]) == 2


def test_the_check_fails_in_a_copy_with_a_bad_control(copy: Copy) -> None:
    """The copy is checked, not this project."""
    module = copy.folder / "src" / "soc2_constructs" / "controls" / "athena.py"
    module.write_text(module.read_text().replace(".equals(True)", ".equals(False)"))
    done = copy.shell(".venv/bin/pytest -q tests/controls/test_cases.py -k athena")
    assert done.returncode == 1
    assert "athena_workgroup_logging_enabled" in done.stdout


def test_the_room_table_names_every_room() -> None:
    _, _, table = TEXT.partition("\n## Rooms\n")
    named = set(re.findall(r"`(\w+)(?:\.py|/|<|)", table.partition("\n## ")[0]))
    rooms = {path.name.removesuffix(".py") for path in (ROOT / "src" / "soc2_constructs").iterdir()} - {"__pycache__"}
    assert {room for room in rooms if not room.startswith(("_v", "_r", "aws_", "py."))} <= named


def test_the_commands_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`make ([a-z]+)", TEXT)) <= targets


def test_the_single_tests_exist() -> None:
    for path, name in re.findall(r"pytest (tests/\S+?\.py)(?:::(\w+))?", TEXT):
        assert not name or f"def {name}(" in (ROOT / path).read_text()
