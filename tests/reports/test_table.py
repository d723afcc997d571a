"""The report that a person reads in a terminal."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import Assembly
from soc2_constructs.reports import Settings, render
from soc2_constructs.reports.table import brief
from soc2_constructs.waivers import Waiver
from support.audits import RETENTION, VERSIONING, of_every_status, with_baseline
from support.dates import LATER


def table(**settings: object) -> list[str]:
    return render(of_every_status(), "table", Settings(**settings)).splitlines()  # type: ignore[arg-type]


def test_the_most_severe_finding_comes_first_and_the_counts_last() -> None:
    lines = table()
    assert lines[0].startswith(f"HIGH  {VERSIONING}")
    assert lines[1] == "  Buckets keep previous object versions."
    results = "results: 4 failed, 3 unresolved, 1 waived, 1 passed"
    assert lines[-1] == f"3 to fix: 4 findings (1 created by the CDK itself); {results}; 5 controls on 1 template"


def test_a_finding_says_where_what_and_what_to_type() -> None:
    lines = table()
    place = next(index for index, line in enumerate(lines) if line.startswith("    Suspended"))
    assert lines[place + 1] == "      VersioningConfiguration.Status is 'Suspended', not 'Enabled'"
    assert "  Fix: Set `versioned=True` (VersioningConfiguration.Status: Enabled)." in lines


def test_the_order_is_failed_unresolved_waived() -> None:
    text = "\n".join(table())
    order = [f"HIGH  {VERSIONING}", f"MEDIUM  {RETENTION}", f"unresolved, high  {VERSIONING}", "waived, high"]
    places = [text.index(heading) for heading in order]
    assert places == sorted(places)
    assert f"waived by data team until {LATER}: Scratch data" in text


def test_resources_created_by_the_cdk_are_marked() -> None:
    assert sum("created by the CDK itself; reported" in line for line in table()) == 1


def test_controls_of_the_live_account_are_one_line() -> None:
    lines = table()
    assert "not covered: 2 controls need AWS Config in the live account; `soc2 controls --live`" in lines
    assert not any("s3_public_access_block_account" in line for line in lines)


def test_resource_types_without_a_control_are_one_line() -> None:
    names = {"A": "AWS::IoT::Thing", "B": "AWS::IoT::Thing", "C": "AWS::S3::Bucket", "D": "AWS::SES::Template"}
    document = {"Resources": {name: {"Type": type} for name, type in names.items()}}
    lines = render(audit(assembly=Assembly.of_document(document)), "table", Settings()).splitlines()
    assert "not judged: AWS::IoT::Thing ×2, AWS::SES::Template" in lines


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), min_size=1))
def test_no_name_in_a_template_controls_the_terminal(name: str) -> None:
    resource = {
        "Type": "AWS::S3::Bucket",
        "Metadata": {"aws:cdk:path": name},
        "Properties": {"VersioningConfiguration": {"Status": name}},
    }
    other = {"Type": f"Custom::{name}"}
    waiver = Waiver("s3_bucket_enforces_ssl", name, name, LATER, resource="Files")
    assembly = Assembly.of_document({"Resources": {"Files": resource, "Other": other}}, f"{name}.json")
    outcome = audit(assembly=assembly, waivers=[waiver])
    for text in (render(outcome, "table", Settings(verbose=True)), brief(outcome, Settings())):
        assert all(line.isprintable() for line in text.split("\n"))


def test_passes_are_listed_on_demand() -> None:
    assert not any(line.startswith("    On") for line in table())
    assert any(line.startswith("    On") for line in table(verbose=True))


def test_colour_on_demand_only() -> None:
    plain, coloured = "\n".join(table()), "\n".join(table(colour=True))
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain != coloured


def test_nothing_to_fix() -> None:
    document = {"Resources": {"Topic": {"Type": "AWS::None::Such"}}}
    found = audit(assembly=Assembly.of_document(document), include=[VERSIONING])
    expected = (
        "not judged: AWS::None::Such\n\n"
        "nothing to fix: 0 findings; results: 0 failed, 0 unresolved, 0 waived, 0 passed; 2 controls on 1 template\n"
    )
    assert render(found, "table", Settings()) == expected


def test_known_findings_have_a_group_and_fixed_ones_a_line() -> None:
    lines = render(with_baseline(), "table", Settings()).splitlines()
    known = next(index for index, line in enumerate(lines) if line.startswith("known, high"))
    assert lines[known + 2].startswith("    Off")
    assert not any(line.startswith("    Off") for line in lines[:known])
    assert "soc2-baseline.json: 1 known failure fixed; `soc2 baseline` removes fixed ones from the file" in lines
    assert lines[-1].startswith("2 to fix: 4 findings (1 known, 1 created by the CDK itself); ")


def test_the_brief_report_lists_only_findings_to_fix() -> None:
    lines = brief(with_baseline(), Settings()).splitlines()
    assert [line for line in lines if line.startswith("    ") and not line.startswith("     ")] == [
        "    Suspended  out/Stack.template.json",
        "    eu-central-1  out/Stack.template.json",
    ]
    assert lines[-1] == render(with_baseline(), "table", Settings()).splitlines()[-1]
