"""The JSON report: its published schema, and what an auditor reads in it."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from soc2_constructs.controls import catalogue
from soc2_constructs.criteria import CRITERIA
from soc2_constructs.reports import Settings, render
from soc2_constructs.reports.json import schema
from support.audits import (
    ACCOUNT_BLOCK,
    ENCRYPTION,
    PATH,
    PUBLIC,
    REGION,
    RETENTION,
    SNAPSHOT,
    VERSIONING,
    of_every_status,
    of_one_weakness,
    with_baseline,
)
from support.dates import LATER


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(of_every_status(), "json", Settings()))
    return found


def results(report: dict[str, Any], control: str) -> dict[str | None, dict[str, Any]]:
    return {result["resource"]: result for result in report["results"] if result["control"] == control}


def test_it_is_what_the_schema_says(report: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(report)


def test_the_schema_refuses_what_it_does_not_know(report: dict[str, Any]) -> None:
    wrong = {**report, "results": [{**report["results"][0], "status": "MAYBE"}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(wrong)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate({**report, "time": "now"})


def test_passes_stand_beside_failures(report: dict[str, Any]) -> None:
    found = results(report, VERSIONING)
    assert {name: result["status"] for name, result in found.items()} == {
        "Off": "FAIL",
        "Suspended": "FAIL",
        "On": "PASS",
        "Open": "UNRESOLVED",
        "Accepted": "WAIVED",
    }
    assert found["Suspended"]["property_path"] == "VersioningConfiguration.Status"
    assert found["Suspended"]["message"] == "VersioningConfiguration.Status is 'Suspended', not 'Enabled'"
    assert found["Off"]["template"] == PATH
    assert found["Off"]["account"] == "111111111111"
    assert found["Off"]["region"] == "eu-central-1"
    assert found["Accepted"]["construct_path"] == "Stack/Accepted/Resource"
    assert found["Accepted"]["waiver"] == {
        "control": VERSIONING,
        "scope": "Stack/Accepted",
        "resource": None,
        "template": None,
        "reason": "Scratch data",
        "owner": "data team",
        "ticket": "SEC-1",
        "since": "2026-11-01",
        "expires": LATER,
        "origin": "file",
        "source": None,
    }


def test_what_is_about_no_single_resource(report: dict[str, Any]) -> None:
    (region,) = (r for r in report["results"] if r["control"] == REGION and r["template"])
    assert (region["resource"], region["region"], region["status"]) == (None, "eu-central-1", "FAIL")
    (account,) = results(report, ACCOUNT_BLOCK).values()
    assert (account["template"], account["status"]) == (None, "UNRESOLVED")


def test_the_cdks_own_helpers_are_marked(report: dict[str, Any]) -> None:
    (helper,) = results(report, RETENTION).values()
    assert helper["status"] == "FAIL"
    assert helper["cdk_helper"] is True
    assert not any(result["cdk_helper"] for result in results(report, VERSIONING).values())


def test_the_summary_counts(report: dict[str, Any]) -> None:
    summary = report["summary"]
    assert {status: summary[status] for status in ("PASS", "FAIL", "WAIVED", "UNRESOLVED")} == {
        "PASS": 1,
        "FAIL": 4,
        "WAIVED": 1,
        "UNRESOLVED": 3,
    }
    # Two buckets and the region; the helper of the CDK fails nothing.
    assert summary["failing"] == 3
    assert summary["compliant"] is False
    assert summary["templates"] == 1


def test_every_criterion_is_there_with_its_records(report: dict[str, Any]) -> None:
    assert list(report["criteria"]) == list(CRITERIA)
    served = report["criteria"]["A1.2"]
    assert served["controls"] == [REGION, VERSIONING]
    assert served["results"]["PASS"] == 1
    untouched = report["criteria"]["CC1.1"]
    assert (untouched["evidence"], untouched["controls"], untouched["results"]) == ("none", [], {})
    assert "code of conduct" in untouched["records"]


def test_the_same_input_gives_the_same_bytes() -> None:
    assert render(of_every_status(), "json", Settings()) == render(of_every_status(), "json", Settings())


def test_a_baseline_is_told_and_what_is_known_is_marked() -> None:
    compared = json.loads(render(with_baseline(), "json", Settings()))
    jsonschema.Draft202012Validator(schema()).validate(compared)
    found = results(compared, VERSIONING)
    assert [name for name, result in found.items() if result["known"]] == ["Off"]
    assert found["Off"]["status"] == "FAIL"
    assert (compared["summary"]["FAIL"], compared["summary"]["known"], compared["summary"]["failing"]) == (4, 1, 2)
    assert compared["baseline"] == {
        "path": "soc2-baseline.json",
        "fixed": [{"control": VERSIONING, "at": "Stack#Gone", "property": "VersioningConfiguration.Status"}],
    }


def test_without_a_baseline_nothing_is_known(report: dict[str, Any]) -> None:
    assert report["baseline"] is None
    assert report["summary"]["known"] == 0


@pytest.mark.usefixtures("unrelated")
def test_one_weakness_is_one_finding() -> None:
    document = json.loads(render(of_one_weakness(), "json", Settings()))
    jsonschema.Draft202012Validator(schema()).validate(document)
    public, encryption = sorted(document["findings"], key=lambda finding: finding["controls"] == [ENCRYPTION, SNAPSHOT])
    assert (public["controls"], public["property_path"], public["fails"]) == ([PUBLIC], "PubliclyAccessible", True)
    assert (encryption["controls"], encryption["implied"]) == ([ENCRYPTION, SNAPSHOT], [])
    assert (encryption["property_path"], encryption["resource"]) == ("StorageEncrypted", "Db")
    assert [document["results"][number]["control"] for number in encryption["results"]] == [ENCRYPTION, SNAPSHOT]
    assert (document["summary"]["findings"], document["summary"]["failing"]) == (2, 3)


def test_implied_controls_stay_in_the_evidence(unrelated: pytest.MonkeyPatch) -> None:
    unrelated.setattr(catalogue()[ENCRYPTION], "implies", (SNAPSHOT,))
    document = json.loads(render(of_one_weakness(), "json", Settings()))
    (encryption,) = (finding for finding in document["findings"] if finding["controls"] == [ENCRYPTION])
    assert encryption["implied"] == [SNAPSHOT]
    assert {result["control"] for result in document["results"] if result["status"] == "FAIL"} >= {ENCRYPTION, SNAPSHOT}


def test_types_without_a_control_are_listed() -> None:
    document = json.loads(render(of_one_weakness(), "json", Settings()))
    assert document["resource_types"] == {
        "AWS::IoT::Thing": {"resources": 1, "controls": 0},
        "AWS::RDS::DBInstance": {"resources": 1, "controls": 3},
    }


def test_a_control_has_its_rationale(report: dict[str, Any]) -> None:
    for name, entry in report["controls"].items():
        control = catalogue()[name]
        assert entry["rationale"] == {criterion: control.rationale(criterion) for criterion in control.criteria}
        assert entry["also_mapped"] == {source: list(ids) for source, ids in control.also_mapped.items()}
        assert (entry["kind"], entry["state"], entry["since"]) == (control.kind, control.state, control.since)
