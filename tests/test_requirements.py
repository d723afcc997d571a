"""The error of a module that needs the CDK, if the CDK is too old. `test_installation.py` tests a missing CDK."""

from __future__ import annotations

from importlib import metadata

import pytest

from soc2_constructs import _requirements


def test_an_old_version_names_the_minimum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: "2.9.1" if name == "aws-cdk-lib" else "999")
    minimum = _requirements._minimums()["aws-cdk-lib"]
    with pytest.raises(ImportError) as caught:
        _requirements.require_cdk()
    assert str(caught.value) == (
        f"aws-cdk-lib 2.9.1 is installed instead of {minimum} or newer; the constructs and the rule pack require it. "
        f"Run: {_requirements.INSTALL}"
    )


def test_the_minimum_versions_are_those_of_the_package_metadata() -> None:
    assert set(_requirements.DISTRIBUTIONS) <= set(_requirements._minimums())


@pytest.mark.parametrize("requirement", ["aws-cdk-lib<3,>=2.275", 'aws-cdk-lib<3,>=2.275; extra == "cdk"'])
def test_a_requirement_is_read_with_and_without_an_extra(requirement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: [requirement])
    assert _requirements._minimums() == {"aws-cdk-lib": "2.275"}


@pytest.mark.parametrize(
    ("version", "numbers"), [("2.275.0", (2, 275, 0)), ("10.5.1rc1", (10, 5, 1)), ("2", (2,)), ("unknown", ())]
)
def test_versions_are_compared_by_number(version: str, numbers: tuple[int, ...]) -> None:
    assert _requirements._numbers(version) == numbers
