"""The error of a drop-in module if the CDK is missing or too old."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

from soc2_constructs.hardening import installed

import pytest

from support.minimal import MODULES

#: What loads the CDK, beside the drop-in modules.
OTHERS = ["enforcement", "pack", "patterns"]

WITHOUT_CDK = """
import importlib, sys
from importlib import metadata

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("aws_cdk", "cdk_nag", "constructs", "jsii"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

def version(name, known=metadata.version):
    if name in ("aws-cdk-lib", "constructs", "jsii"):
        raise metadata.PackageNotFoundError(name)
    return known(name)

sys.meta_path.insert(0, Missing())
metadata.version = version
for name in sys.argv[1:]:
    try:
        importlib.import_module(f"soc2_constructs.{name}")
    except ImportError as error:
        print(name, error, sep=": ")
"""


def test_every_module_that_needs_the_cdk_names_the_command_that_installs_it() -> None:
    names = [*MODULES, *OTHERS]
    done = subprocess.run([sys.executable, "-c", WITHOUT_CDK, *names], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == names
    for line in lines:
        assert "aws-cdk-lib is not installed; constructs of soc2-constructs require aws-cdk-lib" in line
        assert line.endswith('Type: pip install "soc2-constructs[cdk]"')


def test_an_old_version_names_the_minimum(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        return "2.9.1" if name == "aws-cdk-lib" else "999"

    monkeypatch.setattr(metadata, "version", version)
    minimum = installed._minimum_versions()["aws-cdk-lib"]
    with pytest.raises(ImportError) as caught:
        installed.require_cdk()
    assert str(caught.value) == (
        f"aws-cdk-lib is installed in version 2.9.1; constructs of soc2-constructs require {minimum} or newer. "
        'Type: pip install "soc2-constructs[cdk]" --upgrade'
    )


def test_the_minimum_versions_are_those_of_the_package_metadata() -> None:
    minimums = installed._minimum_versions()
    assert set(minimums) == set(installed.DISTRIBUTIONS)
    assert "0" not in minimums.values()


@pytest.mark.parametrize(
    "requirement", ["aws-cdk-lib<3,>=2.275", 'aws-cdk-lib<3,>=2.275; extra == "cdk"', "aws-cdk-lib (>=2.275,<3)"]
)
def test_a_requirement_is_read_with_and_without_an_extra(requirement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: [requirement])
    assert installed._minimum_versions() == {"aws-cdk-lib": "2.275", "constructs": "0", "jsii": "0"}


@pytest.mark.parametrize(
    ("version", "numbers"), [("2.275.0", (2, 275, 0)), ("10.5.1rc1", (10, 5, 1)), ("2", (2,)), ("unknown", ())]
)
def test_versions_are_compared_by_number(version: str, numbers: tuple[int, ...]) -> None:
    assert installed._numbers(version) == numbers
