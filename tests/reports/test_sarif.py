"""The SARIF report: valid by the standard's own schema, and of use to a code-scanning view."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import Assembly
from soc2_constructs.controls import catalogue
from soc2_constructs.reports import Settings, render
from support.audits import ENCRYPTION, PATH, SNAPSHOT, VERSIONING, of_every_status, of_one_weakness, with_baseline
from support.dates import LATER

#: The schema comes with a package of npm that `make setup` installs.
SCHEMA = Path(__file__).parents[2] / "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"


@pytest.fixture(scope="module")
def log() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(of_every_status(), "sarif", Settings()))
    return found


def results(log: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [result for result in log["runs"][0]["results"] if result["kind"] == kind]


def test_it_is_valid(log: dict[str, Any]) -> None:
    jsonschema.Draft7Validator(json.loads(SCHEMA.read_text())).validate(log)


def test_the_schema_can_refuse(log: dict[str, Any]) -> None:
    wrong = {**log, "runs": [{**log["runs"][0], "results": [{"kind": "fail"}]}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(json.loads(SCHEMA.read_text())).validate(wrong)


def test_every_result_names_its_rule(log: dict[str, Any]) -> None:
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    for result in log["runs"][0]["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    versioning = next(rule for rule in rules if rule["id"] == VERSIONING)
    assert "versioned=True" in versioning["help"]["text"]
    assert "overwritten or deleted" in versioning["fullDescription"]["text"]
    assert {"soc2", "A1.2"} <= set(versioning["properties"]["tags"])


def test_a_failure_is_an_error_at_its_template(log: dict[str, Any]) -> None:
    failure = next(result for result in results(log, "fail") if result["message"]["text"].startswith("Off: "))
    assert failure["level"] == "error"
    (location,) = failure["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == PATH
    assert location["logicalLocations"] == [{"name": "Off", "fullyQualifiedName": "Off"}]


def test_what_fails_nothing_is_no_error(log: dict[str, Any]) -> None:
    assert {result["level"] for result in results(log, "pass") + results(log, "review")} == {"none"}
    helper = next(result for result in results(log, "fail") if result["message"]["text"].startswith("LogRetention"))
    assert helper["level"] == "note"


def test_a_waived_failure_is_suppressed_with_its_reason(log: dict[str, Any]) -> None:
    suppressed = [result for result in log["runs"][0]["results"] if "suppressions" in result]
    (waived,) = suppressed
    assert waived["suppressions"][0]["justification"] == f"Scratch data (owner: data team, until {LATER})"


def test_a_baseline_tells_what_is_new(log: dict[str, Any]) -> None:
    compared = json.loads(render(with_baseline(), "sarif", Settings()))
    jsonschema.Draft7Validator(json.loads(SCHEMA.read_text())).validate(compared)
    states = {
        result["message"]["text"].partition(":")[0]: result["baselineState"] for result in results(compared, "fail")
    }
    assert (states["Off"], states["Suspended"]) == ("unchanged", "new")
    # In one run, either all results have a state or none has.
    assert all("baselineState" in result for result in compared["runs"][0]["results"])
    assert not any("baselineState" in result for result in log["runs"][0]["results"])


@pytest.mark.usefixtures("unrelated")
def test_one_weakness_is_one_result() -> None:
    document = json.loads(render(of_one_weakness(), "sarif", Settings()))
    jsonschema.Draft7Validator(json.loads(SCHEMA.read_text())).validate(document)
    failed = {result["ruleId"]: result for result in results(document, "fail")}
    fix = catalogue()[ENCRYPTION].fix
    assert failed[ENCRYPTION]["properties"] == {"controls": [ENCRYPTION, SNAPSHOT], "implied": [], "fix": fix}
    assert SNAPSHOT not in failed
    assert SNAPSHOT in failed[ENCRYPTION]["message"]["text"]


def test_types_without_a_control_are_listed() -> None:
    properties = json.loads(render(of_one_weakness(), "sarif", Settings()))["runs"][0]["properties"]
    assert properties["notJudged"] == ["AWS::IoT::Thing"]
    assert properties["resourceTypes"]["AWS::RDS::DBInstance"] == {"resources": 1, "controls": 3}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("out/a b.json", "out/a%20b.json"),
        ("../elsewhere/t.json", "elsewhere/t.json"),
        ("/etc/passwd", "etc/passwd"),
        ("./t.json", "t.json"),
        ("a/../../t.json", "a/t.json"),
        (str(Path.cwd() / "out" / "t.json"), "out/t.json"),
    ],
)
def test_paths_stay_inside_the_project(path: str, uri: str) -> None:
    document = {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}
    found = audit(assembly=Assembly.of_document(document, path), include=[VERSIONING])
    log = json.loads(render(found, "sarif", Settings()))
    (location,) = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in log["runs"][0]["results"]
        if result["locations"]
    }
    assert location == uri


@pytest.mark.parametrize(
    ("source", "shown"), [("app.py:3", True), ("../x.py:3", False), ("/etc/x:3", False), ("x", False)]
)
def test_a_source_outside_the_project_is_left_out(source: str, shown: bool, tmp_path: Path) -> None:
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}, "displayName": "S"}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"S": stack}}))
    bucket = {"Type": "AWS::S3::Bucket", "Metadata": {"aws:cdk:path": "S/B"}}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"B": bucket}}))
    (tmp_path / "soc2-sources.json").write_text(json.dumps({"sources": {"S/B": source}}))
    log = json.loads(render(audit(tmp_path, include=[VERSIONING]), "sarif", Settings()))
    files = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in log["runs"][0]["results"]
        if result["ruleId"] == VERSIONING
    ]
    assert [file == "app.py" for file in files] == [shown]
