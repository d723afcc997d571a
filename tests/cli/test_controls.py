"""`soc2 controls` and `soc2 --version`."""

from __future__ import annotations

import json

import pytest

import soc2_constructs
from soc2_constructs.cli import main
from soc2_constructs.controls import catalogue


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["controls", *arguments, "--format", "json"]) == 0
    return [entry["id"] for entry in json.loads(capsys.readouterr().out)]


def test_without_a_text_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys) == list(catalogue())


def test_a_text_is_how_a_word_begins(capsys: pytest.CaptureFixture[str]) -> None:
    found = listed(capsys, "RDS")
    assert "rds_db_instance_logging_enabled" in found
    # Neither what records nor what asks for passwords.
    assert "cloudtrail_multi_region_trail_enabled" not in found
    assert "iam_account_password_policy_strong_min_reuse_24" not in found


@pytest.mark.parametrize("text", ["logg", "bucket_versioning", "versioning_enabled", "aws::s3::bucket", "cc6.1", "kms"])
def test_what_a_text_finds(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = listed(capsys, text)
    assert 0 < len(found) < len(catalogue())
    for name in found:
        control = catalogue()[name]
        parts = (name, *control.aliases, control.title, control.service, *control.criteria, *control.resource_types)
        assert text in " ".join(parts).lower()


def test_a_category_narrows_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 < len(listed(capsys, "--category", "Availability")) < len(catalogue())


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"soc2-constructs {soc2_constructs.__version__}\n"
