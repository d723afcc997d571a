"""The JUnit report: of the shape that CI systems read, whatever characters a template brings along."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs.audit import audit
from soc2_constructs.audit.baseline import Baseline
from soc2_constructs.cloudformation import Assembly
from soc2_constructs.reports import Settings, render
from support.audits import (
    ENCRYPTION,
    PATH,
    REGION,
    RETENTION,
    SNAPSHOT,
    VERSIONING,
    bucket,
    of_every_status,
    of_one_weakness,
)
from support.dates import LATER

#: Attributes of each element in the common schema of the format, and what it may hold.
SHAPE = {
    "testsuites": ({"name", "tests", "failures", "errors", "time", "disabled"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"testcase"}),
    "testcase": ({"name", "classname", "time"}, {"skipped", "failure"}),
    "failure": ({"type", "message"}, set()),
    "skipped": ({"message"}, set()),
}


def parsed(found: Any = None, **settings: Any) -> ElementTree.Element:
    return ElementTree.fromstring(render(found or of_every_status(), "junit", Settings(**settings)).encode())


def cases(root: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {case.attrib["name"]: case for case in root.iter("testcase")}


def outcome(case: ElementTree.Element) -> str:
    return case[0].tag if len(case) else "passed"


def test_it_has_the_common_shape() -> None:
    root = parsed()
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = SHAPE[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
        if element.tag == "testcase":
            assert set(element.attrib) == attributes
            assert len(element) <= 1


def test_the_counts_are_those_of_the_cases() -> None:
    root = parsed()
    for scope in (root, *root):
        outcomes = [outcome(case) for case in scope.iter("testcase")]
        assert int(scope.attrib["tests"]) == len(outcomes)
        assert int(scope.attrib["failures"]) == outcomes.count("failure")
        assert int(scope.attrib.get("skipped", outcomes.count("skipped"))) == outcomes.count("skipped")
        assert scope.attrib["errors"] == "0"


def test_a_suite_for_each_template_and_a_case_for_each_control_there() -> None:
    root = parsed()
    assert [suite.attrib["name"] for suite in root] == [PATH, "the assembly as a whole"]
    found = cases(root)
    assert {name: outcome(case) for name, case in found.items() if name.startswith(VERSIONING)} == {
        f"{VERSIONING} [Off]": "failure",
        f"{VERSIONING} [Suspended]": "failure",
        f"{VERSIONING} [On]": "passed",
        f"{VERSIONING} [Open]": "skipped",
        f"{VERSIONING} [Stack/Accepted/Resource]": "skipped",
    }
    assert outcome(found[f"{REGION} [eu-central-1]"]) == "failure"
    assert len(found) == int(root.attrib["tests"])


def test_a_failure_says_what_where_and_what_to_type() -> None:
    (failure,) = cases(parsed())[f"{VERSIONING} [Suspended]"]
    assert failure.attrib == {
        "type": "high",
        "message": "VersioningConfiguration.Status is 'Suspended', not 'Enabled'",
    }
    assert failure.text is not None
    lines = failure.text.splitlines()
    assert lines[0].startswith("Buckets keep previous object versions (")
    assert lines[2] == "At: VersioningConfiguration.Status"
    assert lines[3] == "Fix: Set `versioned=True` (VersioningConfiguration.Status: Enabled)."


def test_what_is_skipped_says_why() -> None:
    baseline = Baseline()
    baseline.add(of_every_status(baseline=baseline).results)
    found = cases(parsed(of_every_status(baseline=baseline), fail_on="low"))
    reasons = {name: case[0].attrib["message"] for name, case in found.items() if outcome(case) == "skipped"}
    assert reasons[f"{VERSIONING} [Stack/Accepted/Resource]"] == f"waived by data team until {LATER}: Scratch data"
    assert reasons[f"{VERSIONING} [Off]"].startswith("known in the baseline: ")
    assert reasons[f"{VERSIONING} [Open]"].startswith("unresolved: ")
    assert next(text for name, text in reasons.items() if name.startswith(RETENTION)).startswith(
        "created by the CDK itself"
    )


@pytest.mark.parametrize("settings", [{}, {"fail_on": "high"}, {"fail_on": "none"}, {"strict": True}])
def test_it_fails_what_makes_the_check_fail(settings: dict[str, Any]) -> None:
    found = of_every_status()
    root = parsed(found, **settings)
    failures = found.failures(settings.get("fail_on", "medium"), strict=settings.get("strict", False))
    assert int(root.attrib["failures"]) == len(failures)
    assert (outcome(cases(root)[f"{VERSIONING} [Open]"]) == "failure") == settings.get("strict", False)


def named(text: str) -> ElementTree.Element:
    """The report on a template in which a text stands wherever one may stand, as the command writes it."""
    resource = {**bucket(VersioningConfiguration={"Status": text}), "Metadata": {"aws:cdk:path": text}}
    assembly = Assembly.of_document({"Resources": {"Files": resource}}, f"{text}.json")
    report = render(audit(assembly=assembly, include=[VERSIONING]), "junit", Settings())
    return ElementTree.fromstring(report.encode("utf-8", "backslashreplace"))


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), min_size=1))
def test_every_character_can_stand_in_a_template(text: str) -> None:
    root = named(text)
    (case,) = (case for case in root.iter("testcase") if VERSIONING in case.attrib["name"])
    assert outcome(case) == "failure"
    if text.isprintable() and text.strip("/"):
        assert case.attrib["name"] == f"{VERSIONING} [{text}]"
        assert case.attrib["classname"] == f"{text}.json"


def test_control_characters_are_spelt_out() -> None:
    name = cases(named("A\x1b[31m\x00&<\"'>\n\t\ud800\ufffe\x85é"))
    assert rf"{VERSIONING} [A\x1b[31m\x00&<" + "\"'>\n\t" + r"\ud800\ufffe\x85é]" in name


def test_the_same_input_gives_the_same_bytes() -> None:
    assert render(of_every_status(), "junit", Settings()) == render(of_every_status(), "junit", Settings())


@pytest.mark.usefixtures("unrelated")
def test_one_weakness_is_one_case() -> None:
    root = parsed(of_one_weakness())
    names = cases(root)
    (failure,) = names[f"{ENCRYPTION} [Db]"]
    assert f"Also fails: {SNAPSHOT} (" in (failure.text or "")
    assert f"{SNAPSHOT} [Db]" not in names
    assert root.attrib["failures"] == "2"
