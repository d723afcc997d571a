"""The built wheel in empty environments: the checker alone, and with the `cdk` extra. No test uses the network."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from support.minimal import MODULES

ROOT = Path(__file__).parent.parent
INSTALL = 'pip install --upgrade "soc2-constructs[cdk]"'
#: An upper limit for the checker with PyYAML, in bytes; the CDK has several hundred million.
LARGEST_CHECKER = 10_000_000


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def closure(distribution: str) -> dict[str, importlib.metadata.Distribution]:
    """A distribution of this environment and everything that it requires, by name."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting = [distribution]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        # A requirement of another Python is not installed here; pip checks that nothing else is missing.
        if name not in found and next(importlib.metadata.distributions(name=name), None):
            found[name] = importlib.metadata.distribution(name)
            requirements = [each for each in found[name].requires or () if "extra ==" not in each]
            waiting += [re.match(r"[\w.-]+", each)[0] for each in requirements]  # type: ignore[index]
    return found


class Environment:
    """A virtual environment without pip, whose distributions are links to those of this environment."""

    def __init__(self, folder: Path, *distributions: str) -> None:
        venv.create(folder, with_pip=False)
        self.bin = folder / "bin"
        self.packages = next(folder.glob("lib/python*/site-packages"))
        for root in distributions:
            for distribution in closure(root).values():
                for top in {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "bin")}:
                    if not (self.packages / top).exists() and top != "__pycache__":
                        (self.packages / top).symlink_to(Path(str(distribution.locate_file(top))))

    def install(self, requirement: str) -> subprocess.CompletedProcess[str]:
        """Install with pip, which finds nothing but the links."""
        options = ("--no-index", "--disable-pip-version-check", "--quiet")
        return run(sys.executable, "-m", "pip", "--python", self.bin / "python", "install", *options, requirement)

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        return run(self.bin / "python", "-c", code, cwd=self.bin)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def checker(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("checker"), "PyYAML")
    done = environment.install(str(wheel))
    assert done.returncode == 0, done.stderr
    return environment


@pytest.fixture(scope="module")
def complete(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("complete"), "PyYAML", "cdk-nag", "aws-cdk-lib")
    done = environment.install(f"{wheel}[cdk]")
    assert done.returncode == 0, done.stderr
    return environment


def test_the_checker_judges_templates(checker: Environment, tmp_path: Path) -> None:
    (tmp_path / "data.template.yaml").write_text("Resources:\n  Files: {Type: 'AWS::S3::Bucket'}\n")
    done = run(checker.bin / "soc2", "check", tmp_path / "data.template.yaml")
    assert done.returncode == 1, done.stderr
    assert "s3_bucket_versioning_enabled" in done.stdout


def test_the_checker_runs_in_python(checker: Environment) -> None:
    code = "from soc2_constructs.testing import findings; print(len(findings({'Resources': {'B': {'Type': '%s'}}})))"
    done = checker.python(code % "AWS::S3::Bucket")
    assert int(done.stdout) > 1, done.stderr


def test_the_checker_is_small(checker: Environment) -> None:
    files = [
        path for top in checker.packages.iterdir() for path in (top.resolve().rglob("*") if top.is_dir() else [top])
    ]
    assert sum(path.stat().st_size for path in files if path.suffix != ".pyc") < LARGEST_CHECKER
    assert not {"aws_cdk", "constructs", "jsii"} & {path.name for path in checker.packages.iterdir()}


def test_the_extra_requires_the_cdk(checker: Environment, wheel: Path) -> None:
    done = checker.install(f"{wheel}[cdk]")
    assert done.returncode != 0
    assert re.search(r"No matching distribution found for (aws-cdk-lib|cdk-nag|constructs|jsii)", done.stderr)


@pytest.mark.parametrize("name", ["Soc2Checks", "enforce", "synth", "waive"])
def test_a_public_name_that_needs_the_cdk_names_the_command(checker: Environment, name: str) -> None:
    error = checker.python(f"from soc2_constructs import {name}").stderr.splitlines()[-1]
    assert re.fullmatch(r"ImportError: [\w-]+ is not installed; .*", error)
    assert error.endswith(INSTALL)


IMPORTS = """
import importlib
for name in {}:
    try:
        importlib.import_module(f"soc2_constructs.{{name}}")
    except ImportError as error:
        print(name, error, sep=": ")
"""


def test_every_module_that_needs_the_cdk_names_the_command(checker: Environment) -> None:
    modules = [*MODULES, "enforcement", "pack", "patterns", "patterns.backup_policy", "synthesis"]
    lines = checker.python(IMPORTS.format(modules)).stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == modules
    assert all(line.endswith(INSTALL) for line in lines)


APP = """
import sys
import aws_cdk as cdk
import soc2_constructs as soc2
from soc2_constructs import aws_s3 as s3
app = cdk.App(outdir=sys.argv[1])
s3.Bucket(cdk.Stack(app, "Data"), "Files")
soc2.synth(app, fail_on="none")
"""


def test_the_extra_runs_an_app(complete: Environment, tmp_path: Path) -> None:
    done = run(complete.bin / "python", "-c", APP, tmp_path)
    assert done.returncode == 0, done.stderr
    resources = json.loads((tmp_path / "Data.template.json").read_text())["Resources"].values()
    assert {"Status": "Enabled"} in [each["Properties"].get("VersioningConfiguration") for each in resources]
