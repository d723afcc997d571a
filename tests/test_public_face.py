"""The public names are imported on first use; the checker never imports the CDK."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import soc2_constructs
from soc2_constructs._requirements import DISTRIBUTIONS, require_cdk


def heavy_after(statement: str) -> set[str]:
    """The modules of the CDK that a new interpreter has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split()) & {"aws_cdk", "constructs", "jsii", "cdk_nag"}


@pytest.mark.parametrize(
    "statement",
    [
        "import soc2_constructs",
        "from soc2_constructs import Audit, Result",
        "import soc2_constructs.cli",
        "import soc2_constructs.audit.baseline",
        "import soc2_constructs.testing",
        "from soc2_constructs.testing import findings; findings({'Resources': {'B': {'Type': 'AWS::S3::Bucket'}}})",
        "from soc2_constructs.controls import catalogue; catalogue()",
    ],
)
def test_below_the_line_nothing_loads_the_cdk(statement: str) -> None:
    assert not heavy_after(statement)


def test_every_public_name_can_be_had() -> None:
    for name in soc2_constructs.__all__:
        assert getattr(soc2_constructs, name).__name__ == name
    assert set(soc2_constructs.__all__) <= set(dir(soc2_constructs))


def test_other_names_are_an_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Bucket'"):
        soc2_constructs.Bucket  # noqa: B018


def options(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The keyword-only parameters of a function."""
    found = inspect.signature(function).parameters
    return {name: each for name, each in found.items() if each.kind is inspect.Parameter.KEYWORD_ONLY}


def entries() -> list[Callable[..., Any]]:
    from soc2_constructs import testing
    from soc2_constructs.audit import audit, validate_options

    return [soc2_constructs.synth, testing.assert_compliant, testing.findings, validate_options, audit]


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.__name__)
def test_an_option_is_the_same_wherever_it_is_given(entry: Callable[..., Any]) -> None:
    """Each function declares its options explicitly, for signatures and `help()`; they are the same everywhere."""
    pack = options(soc2_constructs.Soc2Checks.__init__)
    # A test and an audit may be handed waivers and a baseline that are read already.
    shared = {name: each for name, each in options(entry).items() if name in pack.keys() - {"waivers", "baseline"}}
    assert len(shared) >= 4
    assert shared == {name: pack[name] for name in shared}


def test_enforcement_hands_on_every_option_of_the_pack() -> None:
    from soc2_constructs.pack import PackOptions

    pack = options(soc2_constructs.Soc2Checks.__init__)
    handed_on = {name: hint.__forward_arg__ for name, hint in PackOptions.__annotations__.items()}
    own = options(soc2_constructs.enforce)
    assert handed_on == {name: each.annotation for name, each in pack.items() if name not in own}
    assert own["sources"] == pack["sources"]


def test_versions_below_the_minimum_name_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minimum versions are those of the `cdk` extra."""
    wanted = ["aws-cdk-lib<3,>=2.275; extra == 'cdk'", "PyYAML>=6", "constructs<11,>=10.5.1; extra == 'cdk'"]
    installed = {"aws-cdk-lib": "2.275.0", "constructs": "10.5.1", "jsii": "1.0", "cdk-nag": "1.0"}
    monkeypatch.setattr(metadata, "requires", lambda _: wanted)
    monkeypatch.setattr(metadata, "version", installed.__getitem__)
    require_cdk()
    installed["aws-cdk-lib"] = "2.99.0"
    command = re.escape('pip install --upgrade "soc2-constructs[cdk]"')
    with pytest.raises(ImportError, match=f"aws-cdk-lib 2.99.0 is installed instead of 2.275 or newer; .*{command}$"):
        require_cdk()


def test_every_distribution_of_the_extra_is_checked() -> None:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
    extra = project["optional-dependencies"]["cdk"]
    assert {re.split("[<>=]", requirement)[0] for requirement in extra} == set(DISTRIBUTIONS)
    assert all(re.search(r">=[\d.]+", requirement) for requirement in extra)
    assert [re.split("[<>=]", requirement)[0] for requirement in project["dependencies"]] == ["PyYAML"]
