"""Waivers: the file, what they cover, and what an assembly remembers of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import Assembly, InputError
from soc2_constructs.waivers import (
    Waiver,
    closest_first,
    default_waivers,
    is_day,
    read_assembly_waivers,
    read_waivers,
    waivers_of,
    write_assembly_waivers,
)

VERSIONING = "s3_bucket_versioning_enabled"
LATER = "2999-12-31"
ENTRY = f"""
[[waiver]]
control = "{VERSIONING}"
resource = "Shop/Scratch*"
reason = "Rebuilt every night"
owner = "data team"
expires = 2999-12-31
ticket = "SEC-42"
since = "2026-11-01"
"""


def bucket(path: str | None = None) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", **({"Metadata": {"aws:cdk:path": path}} if path else {})}


def statuses(resources: dict[str, Any], *waivers: Waiver, today: str = "2026-11-24") -> dict[str | None, str]:
    found = audit(
        assembly=Assembly.of_document({"Resources": resources}), include=[VERSIONING], waivers=waivers, today=today
    )
    return {result.logical_id: result.status for result in found.results if result.control.id == VERSIONING}


def waiver(**terms: Any) -> Waiver:
    return Waiver(terms.pop("control", VERSIONING), "r", "o", terms.pop("expires", LATER), **terms)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_text(ENTRY)
    (found,) = read_waivers(str(path))
    assert found.as_dict() == {
        "control": VERSIONING,
        "scope": "",
        "resource": "Shop/Scratch*",
        "reason": "Rebuilt every night",
        "owner": "data team",
        "ticket": "SEC-42",
        "since": "2026-11-01",
        "expires": LATER,
        "source": f"{path}, waiver 1",
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('reason = "Rebuilt every night"', ""), "waiver 1 (s3_bucket_versioning_enabled) has no reason"),
        (('owner = "data team"', 'owner = " "'), "has no text in owner"),
        (('resource = "Shop/Scratch*"', ""), "has no resource"),
        (("expires = 2999-12-31", 'expires = "soon"'), "has expires = 'soon', which is not a date"),
        (("expires = 2999-12-31", "expires = 2999-02-30"), "not valid TOML"),
        (('ticket = "SEC-42"', 'tiket = "SEC-42"'), "has the unknown field tiket. The fields are control"),
        (("[[waiver]]", "[[waivers]]"), "waivers is not a list of waivers. Write each as [[waiver]]"),
        (("[[waiver]]", "[waiver]"), "is not a list of waivers"),
        (('control = "', "control = "), "not valid TOML"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(change: tuple[str, str], message: str, tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_text(ENTRY.replace(*change))
    with pytest.raises(InputError) as caught:
        read_waivers(str(path))
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_the_file_of_the_present_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_waivers(None) == []
    (tmp_path / "soc2-waivers.toml").write_text(ENTRY)
    assert [found.owner for found in default_waivers(None)] == ["data team"]
    with pytest.raises(InputError, match=r"gone\.toml"):
        default_waivers("gone.toml")


@pytest.mark.parametrize(
    ("terms", "covered"),
    [
        ({"resource": "Shop/Scratch*"}, {"A", "B"}),
        ({"resource": "Shop/Scratch"}, {"A"}),
        ({"resource": "C"}, {"C"}),
        ({"resource": "?"}, {"A", "B", "C"}),
        ({"resource": "Scratch"}, set()),
        ({"scope": "Shop/Scratch"}, {"A"}),
        ({"scope": "Shop"}, {"A", "B"}),
        ({"scope": ""}, {"A", "B", "C"}),
        ({"scope": "Shop", "control": "s3_bucket_enforces_ssl"}, set()),
        ({"scope": "Shop", "expires": "2026-11-23"}, set()),
        ({"scope": "Shop", "expires": "2026-11-24"}, {"A", "B"}),
    ],
)
def test_what_a_waiver_covers(terms: dict[str, str], covered: set[str]) -> None:
    resources = {"A": bucket("Shop/Scratch/Resource"), "B": bucket("Shop/Scratch2/Resource"), "C": bucket()}
    found = statuses(resources, waiver(**terms))
    assert {name for name, status in found.items() if status == "WAIVED"} == covered
    assert {status for name, status in found.items() if name not in covered} <= {"FAIL"}


def test_what_passes_is_not_waived() -> None:
    on = {**bucket(), "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}}
    assert statuses({"On": on}, waiver()) == {"On": "PASS"}


def test_an_outer_waiver_holds_where_a_closer_one_has_expired() -> None:
    resources = {"A": bucket("Shop/Scratch/Resource")}
    closer, outer = waiver(scope="Shop/Scratch", expires="2020-01-01"), waiver(scope="Shop")
    assert closest_first([outer, closer]) == [closer, outer]
    assert statuses(resources, closer, outer) == {"A": "WAIVED"}


def test_an_alias_waives_its_control() -> None:
    table = {"T": {"Type": "AWS::DynamoDB::Table", "Properties": {"Tags": []}}}
    found = audit(
        assembly=Assembly.of_document({"Resources": table}),
        include=["dynamodb_table_encrypted_with_kms"],
        waivers=[waiver(control="dynamodb_table_encryption_enabled")],
    )
    assert [result.status for result in found.results if result.logical_id == "T"] == ["WAIVED"]


def test_what_is_about_a_region_is_waived_on_its_stack() -> None:
    assembly = Assembly.of_document({"Resources": {"A": bucket()}}, stack_path="Prod/Data", region="eu-central-1")
    control = "backup_plan_region_configured"

    def of(scope: str) -> str:
        found = audit(assembly=assembly, include=[control], waivers=[waiver(control=control, scope=scope)])
        (result,) = (result for result in found.results if result.control.id == control and result.template)
        return result.status

    assert [of("Prod/Data"), of("Prod"), of(""), of("Prod/Data/A"), of("Test")] == ["WAIVED"] * 3 + ["FAIL"] * 2


def test_metadata_that_is_no_waiver_is_left_alone() -> None:
    good = {"control": VERSIONING, "reason": "r", "owner": "o", "expires": LATER}
    notes = [{"type": "soc2:waiver", "data": data} for data in (good, {**good, "owner": ""}, "x", {})]
    assert [found.scope for found in waivers_of({"/Shop/A": [*notes, {"type": "other", "data": good}]})] == ["Shop/A"]


def test_an_assembly_remembers_what_stands_above_its_stacks(tmp_path: Path) -> None:
    assert read_assembly_waivers(str(tmp_path)) == []
    write_assembly_waivers(str(tmp_path), [])
    assert list(tmp_path.iterdir()) == []
    write_assembly_waivers(str(tmp_path), [waiver(scope="Prod", since="2026-01-01")])
    (found,) = read_assembly_waivers(str(tmp_path))
    assert (found.scope, found.since, found.expires) == ("Prod", "2026-01-01", LATER)


@pytest.mark.parametrize("text", ["2026-11-24", "2024-02-29"])
def test_days(text: str) -> None:
    assert is_day(text)


@pytest.mark.parametrize("text", ["", "20261124", "2026-11-31", "24.11.2026", "2026-11-24T00:00", None, 20261124])
def test_no_days(text: Any) -> None:
    assert not is_day(text)
