"""The cache of cfn-lint's results: same findings, one run per template and region."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import linting
from support.linting import Finding, Linter

TEMPLATE = json.dumps({"Resources": {"Files": {"Type": "AWS::S3::Bucket", "Properties": {"BucketNam": "files"}}}})
MISSPELLED = "E3002"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The regions of the runs of cfn-lint."""
    regions: list[str] = []
    lint = linting._lint

    def counting(text: str, region: str) -> list[Finding]:
        regions.append(region)
        return lint(text, region)

    monkeypatch.setattr(linting, "_lint", counting)
    return regions


def test_each_template_is_linted_once_per_region(tmp_path: Path, runs: list[str]) -> None:
    found = Linter(tmp_path).template(TEMPLATE, "eu-central-1")
    assert [finding.rule for finding in found] == [MISSPELLED]
    assert Linter(tmp_path).template(TEMPLATE, "eu-central-1") == found
    assert Linter(tmp_path).template(TEMPLATE, "eu-west-1") == found
    assert runs == ["eu-central-1", "eu-west-1"]


def test_a_change_of_the_template_or_of_cfn_lint_is_linted_again(
    tmp_path: Path, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Linter(tmp_path).template(TEMPLATE, "eu-central-1")
    assert Linter(tmp_path).template(TEMPLATE.replace("BucketNam", "BucketName"), "eu-central-1") == []
    monkeypatch.setattr("cfnlint.version.__version__", "0.0.0")
    Linter(tmp_path).template(TEMPLATE, "eu-central-1")
    assert len(runs) == 3


def test_the_rules_find_the_same_in_every_run() -> None:
    """The rules are loaded once: a template that was linted before changes nothing."""
    first = linting._lint(TEMPLATE, "eu-central-1")
    assert linting._lint('{"Resources": {}}', "eu-central-1") != first
    assert linting._lint(TEMPLATE, "eu-central-1") == first


def test_a_template_is_linted_for_the_region_of_its_stack(tmp_path: Path, runs: list[str]) -> None:
    (tmp_path / "A.template.json").write_text(TEMPLATE)
    (tmp_path / "B.template.json").write_text(TEMPLATE)
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/us-east-1",
        "properties": {"templateFile": "B.template.json"},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"B": stack}}))
    found = list(Linter(tmp_path / "cache").assembly(tmp_path))
    assert [(template, finding.rule) for template, finding in found] == [
        ("A.template.json", MISSPELLED),
        ("B.template.json", MISSPELLED),
    ]
    assert runs == ["eu-central-1", "us-east-1"]
