"""The statement on the coverage of the CloudFormation registry."""

from __future__ import annotations

from pathlib import Path

import registry
from soc2_constructs.controls import catalogue

ROOT = Path(__file__).parent.parent


def test_the_numbers_are_those_of_the_catalogue() -> None:
    coverage = registry.registry_coverage()
    judged = {type for control in catalogue().values() for type in control.resource_types}
    assert set(coverage.judged) == judged & set(coverage.types)
    # Every judged type is in the registry, except those that a transform or a custom resource replaces.
    assert {
        type for type in judged - set(coverage.types) if not type.startswith(("AWS::Serverless::", "Custom::"))
    } == set()
    assert 0 < len(coverage.judged) < len(coverage.types)
    assert not any(type.startswith(("AWS::Serverless::", "AWS::CDK::")) for type in coverage.types)


def test_the_common_types_exist() -> None:
    coverage = registry.registry_coverage()
    assert len(coverage.common) == len(set(coverage.common)) == 50
    assert set(coverage.common) <= set(coverage.types)
    assert set(coverage.common_not_judged) == set(coverage.common) - set(coverage.judged)


def test_the_page_holds_the_statement() -> None:
    coverage = registry.registry_coverage()
    text = (ROOT / "docs" / "controls" / "coverage.md").read_text()
    assert coverage.statement in text
    assert all(f"- `{type}`" in text for type in coverage.common_not_judged)


def test_the_readme_holds_the_statement() -> None:
    text = " ".join((ROOT / "README.md").read_text().split())
    assert registry.registry_coverage().statement in text
    assert "(docs/controls/coverage.md)" in text


def test_a_type_without_its_control_is_not_judged() -> None:
    controls = [control for control in catalogue().values() if "AWS::S3::Bucket" not in control.resource_types]
    assert "AWS::S3::Bucket" in registry.registry_coverage(controls).common_not_judged
