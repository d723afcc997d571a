"""How files and terminal text are written."""

from __future__ import annotations

import ast
import io
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs import output
from soc2_constructs.output import print_text, printable, write_file


def test_a_regular_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    before = path.stat().st_ino
    write_file(path, "new\n")
    assert path.read_text() == "new\n"
    assert path.stat().st_ino != before
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o640)
    write_file(path, "new\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output.os, "replace", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_file(path, "new\n")
    assert caught.value.filename == str(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_symbolic_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    write_file(link, "new\n")
    assert link.is_symlink()
    assert target.read_text() == "new\n"


def test_a_device_stays_a_device() -> None:
    write_file(os.devnull, "text")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the platform has no named pipes")
def test_a_named_pipe_is_written(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(path.read_text()), daemon=True)
    reader.start()
    write_file(path, "text")
    reader.join(10)
    assert received == ["text"]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_an_error_names_the_file_of_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "report.json"
    with pytest.raises(FileNotFoundError) as caught:
        write_file(path, "text")
    assert caught.value.filename == str(path)


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", rb"\xe9\udcff"), ("utf-8", b"\xc3\xa9\\udcff")])
def test_a_character_that_the_terminal_cannot_show_is_an_escape(encoding: str, shown: bytes) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    print_text("\xe9\udcff\n", stream)
    assert raw.getvalue() == shown + b"\n"


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())))
def test_no_text_controls_the_terminal(text: str) -> None:
    assert printable(text).isprintable()
    if text.isprintable():
        assert printable(text) == text


def test_nothing_else_writes_files_or_prints() -> None:
    source = Path(output.__file__).parent
    for path in source.rglob("*.py"):
        if path.name != "output.py":
            tree = ast.parse(path.read_text())
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                name = ast.unparse(call.func)
                modes = [ast.unparse(argument) for argument in [*call.args[1:2], *(k.value for k in call.keywords)]]
                assert name != "print", f"{path.name}:{call.lineno} prints; use print_text"
                assert name != "open" or not any(mode[1:2] in "wax" for mode in modes), f"{path.name}:{call.lineno}"
                assert not name.endswith((".write_text", ".write_bytes")), f"{path.name}:{call.lineno}"
