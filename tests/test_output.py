"""How files and terminal text are written."""

from __future__ import annotations

import ast
import io
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs import output
from soc2_constructs.cli import main
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
    assert "##" not in printable(text)
    if text.isprintable() and "#" not in text and ":" not in text:
        assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::forged", r"\x3a:error::forged"),
        ("  ::add-mask::x", r"  \x3a:add-mask::x"),
        ("AWS::S3::Bucket", "AWS::S3::Bucket"),
        ("a ##vso[task.setvariable variable=x]y", r"a \x23#vso[task.setvariable variable=x]y"),
        ("###[error]", r"\x23\x23#[error]"),
        ("a\n::error::b", r"a\n::error::b"),
        ("a\u202eb\u2066\x9b\x7f\ufeff", r"a\u202eb\u2066\x9b\x7f\ufeff"),
    ],
)
def test_no_text_is_a_command_of_a_ci_system(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_an_interrupted_report_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")

    def parts() -> Iterator[str]:
        yield "new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_file(path, parts())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="the platform has no limit on the size of files")
def test_a_full_disk_keeps_the_old_file_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit on the size of files fails in the middle of a write, as a full disk does."""
    path = tmp_path / "report.json"
    path.write_text("old")
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); "
        "from soc2_constructs.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    template = tmp_path / "t.json"
    template.write_text('{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}')
    command = [sys.executable, "-c", program, "check", str(template), "--format", "json", "--output", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == f"soc2: {path}: cannot be written: File too large. Check the path, its permissions and the free space.\n"
    )
    assert path.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == [path, template]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the platform has no full device")
def test_a_device_without_space_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = tmp_path / "t.json"
    template.write_text('{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}')
    assert main(["check", str(template), "--output", "/dev/full"]) == 2
    assert "soc2: /dev/full: cannot be written: No space left on device. Check" in capsys.readouterr().err
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


def test_a_planted_link_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary file must not exist, whatever it is."""
    path, victim = tmp_path / "report.json", tmp_path / "victim"
    victim.write_text("precious")
    monkeypatch.setattr(output.os, "urandom", lambda size: b"\0" * size)
    (tmp_path / f"report.json.{'00' * 8}.part").symlink_to(victim)
    with pytest.raises(FileExistsError):
        write_file(path, "new")
    assert victim.read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 2


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
