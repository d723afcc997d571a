"""The gate in `examples/ci` and the guide: every documented command is valid."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from soc2_constructs import __version__
from soc2_constructs.cli import _parser

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "ci"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
FILES = [*sorted(EXAMPLES.iterdir()), HOOKS]


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def texts(node: Any) -> Iterator[str]:
    """Yield every string of a YAML document."""
    if isinstance(node, dict):
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
    elif isinstance(node, str):
        yield node


def commands_in(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if re.match(r"\s*soc2 [a-z]", line)]


def written() -> Iterator[Any]:
    for path in FILES:
        for text in texts(loaded(path)):
            for line in commands_in(text):
                yield pytest.param(line, id=f"{path.name}: {line}")
    for path in (ROOT / "docs" / "ci.md", ROOT / "docs" / "evidence.md", ROOT / "README.md"):
        fenced = re.findall(r"```shell\n(.*?)```|((?:^    .*\n)+)", path.read_text(), re.S | re.M)
        for line in commands_in("\n".join("\n".join(groups) for groups in fenced)):
            yield pytest.param(line, id=f"{path.name}: {line}")


def test_there_are_commands_to_test() -> None:
    lines = [parameter.id for parameter in written()]
    for name in ("github-actions.yml", "gitlab-ci.yml", ".pre-commit-hooks.yaml", "ci.md", "README.md"):
        assert any(line.startswith(f"{name}: soc2 check") for line in lines), name
    assert any("soc2 baseline" in line for line in lines)


@pytest.mark.parametrize("line", list(written()))
def test_every_documented_command_is_valid(line: str) -> None:
    arguments = shlex.split(line, comments=True)[1:]
    if arguments == ["check"]:
        # pre-commit appends the files to the command of the hook.
        arguments.append("t.template.json")
    options = _parser().parse_args(arguments)
    assert options.run


def test_the_workflow_gates_and_keeps_the_evidence() -> None:
    (job,) = loaded(EXAMPLES / "github-actions.yml")["jobs"].values()
    runs = [step.get("run", "") for step in job["steps"]]
    synth = next(index for index, run in enumerate(runs) if " synth '**'" in run)
    later = job["steps"][synth + 1 :]
    assert all(step["if"] == "${{ !cancelled() }}" for step in later), "the steps after a failed synthesis run as well"
    outputs = {re.search(r"--output (\S+)", run)[1] for run in runs if "--output" in run}  # type: ignore[index]
    taken = {step["with"].get("sarif_file") or step["with"].get("path") for step in later if "uses" in step}
    assert outputs == taken == {"evidence.json", "soc2.sarif"}
    (gate,) = (run for run in runs if "--format sarif" in run)
    assert "--fail-on none" not in gate
    assert loaded(EXAMPLES / "github-actions.yml")["permissions"]["security-events"] == "write"


def test_the_gitlab_job_ends_with_the_gate_and_keeps_its_reports() -> None:
    job = loaded(EXAMPLES / "gitlab-ci.yml")["soc2"]
    assert "--format junit" in job["script"][-1]
    assert job["artifacts"]["when"] == "always"
    written = {re.search(r"--output (\S+)", line)[1] for line in job["script"] if "--output" in line}  # type: ignore[index]
    assert written == {*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]}


def test_the_versions_match_the_toolchain() -> None:
    import json

    pinned = json.loads((ROOT / "package.json").read_text())["devDependencies"]["aws-cdk"]
    for name in ("github-actions.yml", "gitlab-ci.yml"):
        assert re.findall(r"aws-cdk@([\d.]+)", (EXAMPLES / name).read_text()) == [pinned]
    (repo,) = loaded(EXAMPLES / "pre-commit-config.yaml")["repos"]
    assert repo["rev"] == f"v{__version__}"


def hook_on(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the hook as pre-commit does: its entry, the configured arguments, and the matching files."""
    (hook,) = loaded(HOOKS)
    files = sorted(path.name for path in folder.iterdir() if re.search(hook["files"], path.name))
    command = [*shlex.split(hook["entry"]), *arguments, *files]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )


def test_the_hook_checks_committed_templates(tmp_path: Path) -> None:
    (hook,) = loaded(HOOKS)
    assert hook["language"] == "python"
    assert hook["require_serial"] is True
    (tmp_path / "data.template.yaml").write_text("Resources:\n  Files: {Type: 'AWS::S3::Bucket'}\n")
    (tmp_path / "notes.yaml").write_text("just: notes\n")
    done = hook_on(tmp_path)
    assert done.returncode == 1
    assert "    Files  data.template.yaml" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("on 1 template")
    assert hook_on(tmp_path, "--fail-on", "none").returncode == 0


def test_the_sample_configuration_uses_the_hook_with_valid_options() -> None:
    (repo,) = loaded(EXAMPLES / "pre-commit-config.yaml")["repos"]
    (used,) = repo["hooks"]
    (hook,) = loaded(HOOKS)
    assert used["id"] == hook["id"]
    assert _parser().parse_args([*shlex.split(hook["entry"])[1:], *used["args"], "t.json"]).run
    assert re.search(used["files"], "cloudformation/data/bucket.yml")
    assert not re.search(used["files"], "config/settings.yml")
