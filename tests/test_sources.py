"""The line of the user's own Python, from a construct to every report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as plain

import soc2_constructs as soc2
from soc2_constructs import aws_s3
from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import sources
from soc2_constructs.reports import Settings, render
from soc2_constructs.reports import json as as_json

CONTROL = "s3_bucket_cross_region_replication_enabled"


def line() -> int:
    """The line of the caller."""
    return sys._getframe(1).f_lineno


def place(number: int) -> str:
    return f"tests/test_sources.py:{number}"


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    return cdk.App(outdir=str(tmp_path / "cdk.out"))


def judged(app: cdk.App, **options: Any) -> None:
    cdk.Validations.of(app).add_plugins(soc2.Soc2Checks(app, report_only=True, **options))  # type: ignore[arg-type]


def found(app: cdk.App, path: str) -> str | None:
    (result,) = (
        result for result in audit(app.outdir, include=[CONTROL]).results if result.construct_path == f"{path}/Resource"
    )
    return result.source


def test_a_drop_in_class_remembers_where_it_was_made(app: cdk.App) -> None:
    judged(app)
    stack = cdk.Stack(app, "S")
    aws_s3.Bucket(stack, "B")
    there = line() - 1
    app.synth()
    assert found(app, "S/B") == place(there)
    # What it needs was made there too.
    assert found(app, "S/Soc2/AccessLogs") == place(there)


def test_a_construct_of_the_cdk_does_so_where_it_is_enforced(app: cdk.App) -> None:
    soc2.enforce(app, report_only=True)
    plain.Bucket(cdk.Stack(app, "S"), "B")
    there = line() - 1
    app.synth()
    assert found(app, "S/B") == place(there)


def test_the_innermost_line_of_the_user_counts(app: cdk.App) -> None:
    def make(stack: cdk.Stack) -> None:
        aws_s3.Bucket(stack, "B")

    there = line() - 2
    judged(app)
    make(cdk.Stack(cdk.Stage(app, "Prod"), "S"))
    app.synth()
    assert found(app, "Prod/S/B") == place(there)


def test_two_apps_do_not_meet(tmp_path: Path) -> None:
    apps = [cdk.App(outdir=str(tmp_path / name)) for name in "ab"]
    for each in apps:
        judged(each)
    aws_s3.Bucket(cdk.Stack(apps[0], "S"), "B")
    plain.Bucket(cdk.Stack(apps[1], "S"), "B")
    for each in apps:
        each.synth()
    assert found(apps[0], "S/B") is not None
    assert found(apps[1], "S/B") is None


@pytest.mark.parametrize("way", ["argument", "context", "environment", "enforce"])
def test_it_can_be_switched_off(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = {sources.CONTEXT_KEY: "false"} if way == "context" else {}
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), context=context)
    if way == "environment":
        monkeypatch.setenv(sources.VARIABLE, "0")
    if way == "enforce":
        soc2.enforce(app, report_only=True, sources=False)
    else:
        judged(app, sources=way != "argument")
    # One that was there before.
    Path(app.outdir, sources.FILE).write_text('{"sources": {"S/B": "old.py:1"}}')
    aws_s3.Bucket(cdk.Stack(app, "S"), "B")
    app.synth()
    assert found(app, "S/B") is None
    assert not Path(app.outdir, sources.FILE).exists()


def test_a_second_synthesis_into_the_same_folder_has_the_new_lines(tmp_path: Path) -> None:
    places = []
    for make in (lambda stack: aws_s3.Bucket(stack, "B"), lambda stack: aws_s3.Bucket(stack, "B", versioned=True)):
        app = cdk.App(outdir=str(tmp_path / "cdk.out"))
        judged(app)
        make(cdk.Stack(app, "S"))
        there = make.__code__.co_firstlineno
        app.synth()
        places.append((found(app, "S/B"), place(there)))
    assert places == [(each, each) for _, each in places]


def test_a_source_file_is_relative_to_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    program = tmp_path / "infra" / "app.py"
    program.write_text(
        "import aws_cdk as cdk\n"
        "import soc2_constructs as soc2\n"
        "from aws_cdk import aws_s3 as s3\n"
        "app = cdk.App(outdir='cdk.out')\n"
        "soc2.enforce(app, report_only=True)\n"
        "stack = cdk.Stack(app, 'S')\n"
        "s3.Bucket(\n"
        "    stack,\n"
        "    'B',\n"
        ")\n"
        "app.synth()\n"
    )
    subprocess.run([sys.executable, "infra/app.py"], cwd=tmp_path, check=True, capture_output=True)
    written = json.loads((tmp_path / "cdk.out" / sources.FILE).read_text())["sources"]
    assert written["S/B"] == "infra/app.py:7"


# Reports


@pytest.fixture
def results(app: cdk.App) -> Any:
    soc2.enforce(app, report_only=True)
    stack = cdk.Stack(app, "S")
    plain.Bucket(stack, "B")
    plain.CfnBucket(stack, "L1")
    app.synth()
    return audit(app.outdir, include=[CONTROL])


def test_the_table_names_it(results: Any) -> None:
    (result,) = (each for each in results.results if each.construct_path == "S/B/Resource")
    assert f"S/B/Resource  {result.source}  " in render(results, "table", Settings())


def test_json_has_it(results: Any) -> None:
    places = {each["construct_path"]: each["source"] for each in as_json.document(results, Settings())["results"]}
    assert places["S/B/Resource"].startswith("tests/test_sources.py:")
    assert places["S/L1"] is None


def test_sarif_points_there_and_keeps_the_template(results: Any) -> None:
    by_path = {}
    for each in json.loads(render(results, "sarif", Settings()))["runs"][0]["results"]:
        for location in each["locations"]:
            for name in location.get("logicalLocations", ()):
                by_path[name["fullyQualifiedName"]] = (each, location["physicalLocation"])
    made, where = by_path["S/B/Resource"]
    (result,) = (each for each in results.results if each.construct_path == "S/B/Resource")
    file, number = sources.split(result.source)
    assert where == {"artifactLocation": {"uri": file}, "region": {"startLine": number}}
    (related,) = made["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"]["uri"].endswith("S.template.json")
    without, template = by_path["S/L1"]
    assert template["artifactLocation"]["uri"].endswith("S.template.json")
    assert "relatedLocations" not in without


def test_the_report_of_the_cdk_has_it(app: cdk.App, results: Any) -> None:  # noqa: ARG001
    report = json.loads(Path(app.outdir, "validation-report.json").read_text())
    told = [
        violation["ruleMetadata"].get("source", "")
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        if violation["ruleName"] == CONTROL
    ]
    assert told
    assert any(each.startswith("tests/test_sources.py:") for each in told)
