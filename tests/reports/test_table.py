"""The report that a person reads in a terminal."""

from __future__ import annotations

import re

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import Assembly
from soc2_constructs.reports import Settings, render
from soc2_constructs.reports.table import brief
from support.audits import RETENTION, VERSIONING, of_every_status, with_baseline


def table(**settings: object) -> list[str]:
    return render(of_every_status(), "table", Settings(**settings)).splitlines()  # type: ignore[arg-type]


def test_the_gravest_failure_stands_first_and_the_counts_last() -> None:
    lines = table()
    assert lines[0].startswith(f"HIGH  {VERSIONING}")
    assert lines[1] == "  Buckets keep previous object versions."
    failed = "4 failed (1 on what the CDK made for itself)"
    assert lines[-1] == f"3 to fix: {failed}, 3 unresolved, 1 waived, 1 passed; 5 controls on 1 template"


def test_a_finding_says_where_what_and_what_to_type() -> None:
    lines = table()
    place = next(index for index, line in enumerate(lines) if line.startswith("    Suspended"))
    assert lines[place + 1] == "      VersioningConfiguration.Status is 'Suspended', not 'Enabled'"
    assert "  Fix: Set `versioned=True` (VersioningConfiguration.Status: Enabled)." in lines


def test_failures_come_before_the_unresolved_and_those_before_the_waived() -> None:
    text = "\n".join(table())
    order = [f"HIGH  {VERSIONING}", f"MEDIUM  {RETENTION}", f"unresolved, high  {VERSIONING}", "waived, high"]
    places = [text.index(heading) for heading in order]
    assert places == sorted(places)
    assert "waived by data team until 2999-12-31: Scratch data" in text


def test_what_the_cdk_made_is_marked() -> None:
    assert sum("made by the CDK for itself" in line for line in table()) == 1


def test_what_only_a_live_account_shows_stands_together() -> None:
    lines = table()
    place = lines.index("not covered by a template")
    rule = "    s3_public_access_block_account  S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC"
    assert rule in lines[place:]


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
    expected = "nothing to fix: 0 failed, 0 unresolved, 0 waived, 0 passed; 2 controls on 1 template\n"
    assert render(found, "table", Settings()) == expected


def test_what_is_known_stands_apart_and_what_is_fixed_is_told() -> None:
    lines = render(with_baseline(), "table", Settings()).splitlines()
    known = next(index for index, line in enumerate(lines) if line.startswith("known, high"))
    assert lines[known + 2].startswith("    Off")
    assert not any(line.startswith("    Off") for line in lines[:known])
    assert lines[-3].startswith("soc2-baseline.json: 1 entry of it matches no failure any more")
    assert lines[-1].startswith("2 to fix: 4 failed (1 known, 1 on what the CDK made for itself), ")


def test_the_brief_one_holds_what_has_to_be_fixed_only() -> None:
    lines = brief(with_baseline(), Settings()).splitlines()
    assert [line for line in lines if line.startswith("    ") and not line.startswith("     ")] == [
        "    Suspended  out/Stack.template.json",
        "    eu-central-1  out/Stack.template.json",
    ]
    assert lines[-1] == render(with_baseline(), "table", Settings()).splitlines()[-1]
