"""Waivers: the file, what they cover, and what an assembly remembers of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from soc2_constructs.audit import WaiverPolicy, audit
from soc2_constructs.cloudformation import Assembly, InputError
from soc2_constructs.reports import Settings, render
from soc2_constructs.waivers import (
    Waiver,
    closest_first,
    default_waivers,
    is_day,
    read_assembly_waivers,
    read_waivers,
    write_assembly_waivers,
)

VERSIONING = "s3_bucket_versioning_enabled"
#: The tests audit on 2026-11-24.
TODAY, LATER = "2026-11-24", "2027-11-01"
ENTRY = f"""
[[waiver]]
control = "{VERSIONING}"
resource = "Shop/Scratch*"
reason = "Rebuilt every night"
owner = "data team"
expires = 2027-11-01
ticket = "SEC-42"
since = "2026-11-01"
"""


def bucket(path: str | None = None) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", **({"Metadata": {"aws:cdk:path": path}} if path else {})}


def statuses(resources: dict[str, Any], *waivers: Waiver, today: str = TODAY) -> dict[str | None, str]:
    found = audit(
        assembly=Assembly.of_document({"Resources": resources}, stack_path="Shop"),
        include=[VERSIONING],
        waivers=waivers,
        today=today,
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
        "template": None,
        "origin": "file",
        "source": f"{path}, waiver 1",
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('reason = "Rebuilt every night"', ""), "waiver 1 (s3_bucket_versioning_enabled) has no reason"),
        (('owner = "data team"', 'owner = " "'), "has no text in owner"),
        (('resource = "Shop/Scratch*"', ""), "has no resource"),
        (("expires = 2027-11-01", 'expires = "soon"'), "has expires = 'soon', which is not a date"),
        (("expires = 2027-11-01", "expires = 2027-02-30"), "not valid TOML"),
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
        today=TODAY,
    )
    assert [result.status for result in found.results if result.logical_id == "T"] == ["WAIVED"]


def test_what_is_about_a_region_is_waived_on_its_stack() -> None:
    assembly = Assembly.of_document({"Resources": {"A": bucket()}}, stack_path="Prod/Data", region="eu-central-1")
    control = "backup_plan_region_configured"

    def of(scope: str) -> str:
        found = audit(assembly=assembly, include=[control], waivers=[waiver(control=control, scope=scope)], today=TODAY)
        (result,) = (result for result in found.results if result.control.id == control and result.template)
        return result.status

    assert [of("Prod/Data"), of("Prod"), of(""), of("Prod/Data/A"), of("Test")] == ["WAIVED"] * 3 + ["FAIL"] * 2


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


def as_app(folder: Path, *notes: dict[str, Any], path: str = "/Shop/Scratch", above: Any = None) -> Path:
    """Write a cloud assembly of one stack, Shop, whose construct metadata has these entries."""
    import json

    folder.mkdir(exist_ok=True)
    stack = {
        "type": "aws:cloudformation:stack",
        "properties": {"templateFile": "Shop.template.json"},
        "displayName": "Shop",
        "metadata": {path: list(notes)},
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"Shop": stack}}))
    resources = {"A": bucket("Shop/Scratch/Resource"), "B": bucket("Other/Scratch/Resource")}
    (folder / "Shop.template.json").write_text(json.dumps({"Resources": resources}))
    if above is not None:
        (folder / "soc2-waivers.json").write_text(json.dumps(above))
    return folder


def of_app(folder: Path, **policy: Any) -> tuple[dict[str | None, str], dict[str, str]]:
    """Return the status of each bucket, and the message of each failing control about waivers."""
    names = ["soc2_waiver_valid", "soc2_waiver_in_force", "soc2_waiver_used", "soc2_waiver_known"]
    found = audit(folder, include=[VERSIONING, *names], today=TODAY, waiver_policy=WaiverPolicy(**policy))
    results = [result for result in found.results if result.control.id in (VERSIONING, *names)]
    return (
        {result.logical_id: result.status for result in results if result.control.id == VERSIONING},
        {result.control.id: result.message for result in results if result.judged_waiver and result.status == "FAIL"},
    )


GOOD = {"control": VERSIONING, "reason": "r", "owner": "o", "expires": LATER}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (GOOD, None),
        ({**GOOD, "expires": TODAY, "since": "2026-02-28"}, None),
        ({**GOOD, "reason": " \t"}, "has no reason"),
        ({**GOOD, "owner": ""}, "has no owner"),
        ({**GOOD, "owner": ["o"]}, "has no owner"),
        ({**GOOD, "ticket": 5}, "has no ticket"),
        ({**GOOD, "expires": "2027-02-30"}, "has expires = '2027-02-30', which is not a date"),
        ({**GOOD, "expires": "9999"}, "has expires = '9999', which is not a date"),
        ({**GOOD, "since": "yesterday"}, "has since = 'yesterday', which is not a date"),
        ({**GOOD, "expires": "2027-11-25"}, "expires on 2027-11-25, more than 365 days from today"),
        ({}, "has no control"),
        ("x", "has no control"),
        (None, "has no control"),
    ],
)
@pytest.mark.parametrize("place", ["the metadata", "above the stacks"])
def test_waivers_in_an_assembly_are_validated(data: Any, problem: str | None, place: str, tmp_path: Path) -> None:
    if place == "the metadata":
        as_app(tmp_path, {"type": "soc2:waiver", "data": data})
    elif isinstance(data, dict):
        as_app(tmp_path, above={"waivers": [{**data, "scope": "Shop"}]})
    else:
        return
    found, failed = of_app(tmp_path)
    assert found == {"A": "FAIL" if problem else "WAIVED", "B": "FAIL"}
    assert problem is None or problem in failed["soc2_waiver_valid"]
    assert failed.keys() <= ({"soc2_waiver_valid"} if problem else set())


@pytest.mark.parametrize("above", [{"waivers": 5}, {"waivers": {"a": 1}}, {"waivers": [GOOD, "x"]}, [], {}])
def test_a_broken_file_of_an_assembly_is_refused(above: Any, tmp_path: Path) -> None:
    as_app(tmp_path, above=above)
    with pytest.raises(InputError, match=r"soc2-waivers\.json"):
        of_app(tmp_path)


def test_the_policy_of_an_organization(tmp_path: Path) -> None:
    as_app(tmp_path, {"type": "soc2:waiver", "data": {**GOOD, "expires": "2028-11-01"}})
    assert of_app(tmp_path, max_days=800)[0]["A"] == "WAIVED"
    found, failed = of_app(tmp_path, max_days=800, do_not_waive=[VERSIONING])
    assert found["A"] == "FAIL"
    assert "names a control that must not be waived" in failed["soc2_waiver_valid"]
    assert of_app(tmp_path, max_days=800, trust_assembly=False) == ({"A": "FAIL", "B": "FAIL"}, {})
    with pytest.raises(ValueError, match="positive number of days"):
        WaiverPolicy(max_days=0)
    with pytest.raises(ValueError, match="s3_bucket_versioned"):
        WaiverPolicy(do_not_waive=["s3_bucket_versioned"])


def test_a_control_that_must_not_be_waived_is_not_waived_through_another() -> None:
    plan, protected = "dynamodb_table_in_backup_plan", "dynamodb_table_protected_by_backup_plan"
    document = {"Resources": {"T": {"Type": "AWS::DynamoDB::Table"}}}

    def status(**policy: Any) -> dict[str, str]:
        found = audit(
            assembly=Assembly.of_document(document),
            include=[plan, protected],
            waivers=[waiver(control=plan, resource="T")],
            waiver_policy=WaiverPolicy(**policy),
            today=TODAY,
        )
        return {result.control.id: result.status for result in found.results if result.logical_id == "T"}

    assert status() == {plan: "WAIVED", protected: "WAIVED"}
    assert status(do_not_waive=[protected]) == {plan: "WAIVED", protected: "FAIL"}


@pytest.mark.parametrize(
    ("extra", "author"),
    [
        ({}, "metadata that soc2_constructs.waive did not write, app.py:7"),
        ({"origin": "package", "source": "vendor/bucket.py:3"}, "third-party code, vendor/bucket.py:3"),
        ({"origin": "app", "source": "app.py:9"}, ""),
        ({"origin": "file", "source": "app.py:9"}, "metadata that soc2_constructs.waive did not write, app.py:7"),
        ({"origin": "app"}, "metadata that soc2_constructs.waive did not write, app.py:7"),
    ],
)
def test_the_author_of_a_waiver_is_reported(extra: dict[str, str], author: str, tmp_path: Path) -> None:
    as_app(tmp_path, {"type": "soc2:waiver", "data": {**GOOD, **extra}})
    (tmp_path / "soc2-sources.json").write_text('{"sources": {"Shop/Scratch": "app.py:7"}}')
    found = audit(tmp_path, include=[VERSIONING], today=TODAY)
    (used,) = found.waivers
    assert used.author == author
    text = render(found, "table", Settings())
    assert (f"waived by o until {LATER}: r ({author})" if author else f"waived by o until {LATER}: r\n") in text


def test_a_construct_path_counts_only_in_a_cloud_assembly(tmp_path: Path) -> None:
    """A template can claim any construct path; only the manifest shows the path of its stack."""
    app = as_app(tmp_path / "cdk.out", {"type": "soc2:waiver", "data": GOOD})
    other = as_app(tmp_path / "other.out")
    loose = tmp_path / "loose.json"
    loose.write_text('{"Resources": {"C": {"Type": "AWS::S3::Bucket", "Metadata": {"aws:cdk:path": "Shop/Scratch"}}}}')
    found = audit(app, other, loose, include=[VERSIONING], today=TODAY)
    waived = [(result.template_path, result.logical_id) for result in found.results if result.status == "WAIVED"]
    assert waived == [(str(app / "Shop.template.json"), "A")]
    everything = waiver(resource="*/Scratch*")
    found = audit(other, loose, include=[VERSIONING], today=TODAY, waivers=[everything])
    waived = [(result.template_path, result.logical_id) for result in found.results if result.status == "WAIVED"]
    assert waived == [(str(other / "Shop.template.json"), "A")]


@pytest.mark.parametrize(
    ("template", "waived"), [("cdk.out/Shop.template.json", {"A"}), ("Shop", {"A"}), ("op.template.json", set())]
)
def test_a_waiver_may_name_a_template(template: str, waived: set[str], tmp_path: Path) -> None:
    app = as_app(tmp_path / "cdk.out")
    given = waiver(resource="A", template=template)
    found = audit(app, include=[VERSIONING], today=TODAY, waivers=[given])
    assert {result.logical_id for result in found.results if result.status == "WAIVED"} == waived
    assert given.place == f"A in {template}"


def test_waivers_of_an_earlier_synthesis_are_removed(tmp_path: Path) -> None:
    write_assembly_waivers(str(tmp_path), [waiver()])
    write_assembly_waivers(str(tmp_path), [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["a = " + "[" * 3000, "a = " + "1" * 5000, "a = 1\na = 2", "\x00", 'a = "\udc80"'])
def test_a_file_that_cannot_be_parsed_is_an_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=r"w\.toml"):
        read_waivers(str(path))
