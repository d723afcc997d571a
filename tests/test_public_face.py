"""The public face is lazy: what needs no CDK never pays for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import soc2_constructs


def heavy_after(statement: str) -> set[str]:
    """Which heavy modules a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split()) & {"aws_cdk", "constructs", "jsii", "cdk_nag"}


@pytest.mark.parametrize(
    "statement",
    [
        "import soc2_constructs",
        "from soc2_constructs import Audit, Result",
        "import soc2_constructs.cli",
        "import soc2_constructs.baseline",
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
