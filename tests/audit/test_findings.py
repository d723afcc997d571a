"""Findings: one weakness is one finding, however many controls it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from soc2_constructs.audit import Audit, WaiverPolicy, audit
from soc2_constructs.audit.baseline import Baseline
from soc2_constructs.audit.coverage import coverage, not_judged
from soc2_constructs.audit.findings import Finding, findings, to_fix
from soc2_constructs.audit.implications import covered_by
from soc2_constructs.cloudformation import Assembly
from soc2_constructs.controls import catalogue
from soc2_constructs.waivers import Waiver
from support.dates import LATER

ENCRYPTION = "rds_db_instance_encryption_at_rest_enabled"
SNAPSHOT = "rds_db_snapshot_encrypted_at_rest"
PUBLIC = "rds_db_instance_prohibit_public_access"
CONTROLS = (ENCRYPTION, SNAPSHOT, PUBLIC)

Imply = Callable[..., None]


@pytest.fixture(autouse=True)
def imply(monkeypatch: pytest.MonkeyPatch) -> Imply:
    """Controls without implications or states of their own; the function sets them."""
    for name in CONTROLS:
        monkeypatch.setattr(catalogue()[name], "implies", ())

    def set_(name: str, *implied: str, severity: str | None = None) -> None:
        monkeypatch.setattr(catalogue()[name], "implies", implied)
        if severity is not None:
            monkeypatch.setattr(catalogue()[name], "severity", severity)

    return set_


def database(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::RDS::DBInstance", "Properties": {"PubliclyAccessible": False, **properties}}


def judged(resources: dict[str, Any], *, include: Any = CONTROLS, **options: Any) -> Audit:
    return audit(assembly=Assembly.of_document({"Resources": resources}), include=include, **options)


def listed(found: list[Finding]) -> list[tuple[str | None, list[str], list[str]]]:
    return [
        (
            finding.lead.logical_id,
            [control.id for control in finding.controls],
            [result.control.id for result in finding.implied],
        )
        for finding in found
    ]


def test_controls_that_fail_on_one_property_are_one_finding() -> None:
    outcome = judged({"A": database(), "B": database(StorageEncrypted=True), "C": database()})
    assert listed(findings(outcome.results)) == [("A", [ENCRYPTION, SNAPSHOT], []), ("C", [ENCRYPTION, SNAPSHOT], [])]
    assert len(outcome.failures()) == 4
    assert len(to_fix(outcome, "medium")) == 2


def test_other_properties_and_other_resources_are_other_findings() -> None:
    outcome = judged({"A": database(PubliclyAccessible=True)})
    assert listed(findings(outcome.results)) == [("A", [ENCRYPTION, SNAPSHOT], []), ("A", [PUBLIC], [])]


def test_the_most_severe_control_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue()[ENCRYPTION], "severity", "low")
    monkeypatch.setattr(catalogue()[SNAPSHOT], "severity", "high")
    (finding,) = findings(judged({"A": database()}).results)
    assert [control.id for control in finding.controls] == [SNAPSHOT, ENCRYPTION]


def test_an_implied_control_of_the_same_property_is_not_listed(imply: Imply) -> None:
    imply(ENCRYPTION, SNAPSHOT)
    outcome = judged({"A": database(PubliclyAccessible=True)})
    assert listed(findings(outcome.results)) == [("A", [ENCRYPTION], [SNAPSHOT]), ("A", [PUBLIC], [])]


def test_an_implied_control_of_another_weakness_is_listed(imply: Imply) -> None:
    imply(PUBLIC, ENCRYPTION)
    outcome = judged({"A": database(PubliclyAccessible=True)})
    assert listed(findings(outcome.results)) == [("A", [ENCRYPTION, SNAPSHOT], []), ("A", [PUBLIC], [])]


def test_implications_are_followed(imply: Imply) -> None:
    imply(ENCRYPTION, PUBLIC)
    imply(PUBLIC, SNAPSHOT)
    assert listed(findings(judged({"A": database()}).results)) == [("A", [ENCRYPTION], [SNAPSHOT])]


def test_of_controls_that_imply_each_other_the_first_is_listed(imply: Imply) -> None:
    imply(ENCRYPTION, SNAPSHOT)
    imply(SNAPSHOT, ENCRYPTION)
    assert listed(findings(judged({"A": database()}).results)) == [("A", [ENCRYPTION], [SNAPSHOT])]


def test_an_implied_control_is_listed_where_the_implying_one_passes(imply: Imply) -> None:
    imply(PUBLIC, ENCRYPTION)
    assert listed(findings(judged({"A": database()}).results)) == [("A", [ENCRYPTION, SNAPSHOT], [])]


def test_a_low_control_never_covers_a_high_one(imply: Imply) -> None:
    imply(PUBLIC, ENCRYPTION, severity="low")
    assert covered_by(catalogue()[PUBLIC]) == []
    waiver = Waiver(PUBLIC, "r", "o", LATER, resource="A")
    outcome = judged({"A": database(PubliclyAccessible=True)}, waivers=[waiver])
    assert {result.control.id: result.status for result in outcome.results if result.logical_id == "A"} == {
        ENCRYPTION: "FAIL",
        SNAPSHOT: "FAIL",
        PUBLIC: "WAIVED",
    }


def test_a_waiver_covers_implied_controls(imply: Imply) -> None:
    imply(ENCRYPTION, SNAPSHOT)
    waiver = Waiver(ENCRYPTION, "r", "o", LATER, resource="A")
    outcome = judged({"A": database(), "B": database()}, waivers=[waiver])
    assert {(r.logical_id, r.control.id): r.status for r in outcome.results if r.status != "PASS" and r.resource} == {
        ("A", ENCRYPTION): "WAIVED",
        ("A", SNAPSHOT): "WAIVED",
        ("B", ENCRYPTION): "FAIL",
        ("B", SNAPSHOT): "FAIL",
    }
    assert listed(to_fix(outcome, "medium")) == [("B", [ENCRYPTION], [SNAPSHOT])]


def test_a_waiver_covers_no_other_weakness(imply: Imply) -> None:
    imply(PUBLIC, ENCRYPTION)
    waiver = Waiver(PUBLIC, "r", "o", LATER, resource="A")
    outcome = judged({"A": database(PubliclyAccessible=True)}, waivers=[waiver])
    assert {r.control.id: r.status for r in outcome.results if r.logical_id == "A"} == {
        ENCRYPTION: "FAIL",
        SNAPSHOT: "FAIL",
        PUBLIC: "WAIVED",
    }


def test_a_waiver_does_not_extend_to_controls_that_must_not_be_waived(imply: Imply) -> None:
    imply(ENCRYPTION, SNAPSHOT)
    waiver = Waiver(ENCRYPTION, "r", "o", LATER, resource="A")
    policy = WaiverPolicy(do_not_waive=[SNAPSHOT])
    outcome = judged({"A": database()}, waivers=[waiver], waiver_policy=policy)
    assert listed(to_fix(outcome, "medium")) == [("A", [SNAPSHOT], [])]


BLOCK = "s3_public_access_block_bucket"
WRITE = "s3_bucket_restrict_public_write_access"
READ = "s3_bucket_restrict_public_read_access"
WRITABLE = {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "PublicReadWrite"}}


def test_a_public_access_control_list_is_a_finding_beside_the_missing_public_access_block() -> None:
    found = judged({"A": WRITABLE}, include=[BLOCK, READ, WRITE])
    assert listed(to_fix(found, "medium")) == [("A", [BLOCK], []), ("A", [READ, WRITE], [])]


def test_a_waiver_of_the_public_access_block_leaves_the_public_access_control_list() -> None:
    waiver = Waiver(BLOCK, "r", "o", LATER, resource="A")
    found = judged({"A": WRITABLE}, include=[BLOCK, READ, WRITE], waivers=[waiver])
    assert listed(to_fix(found, "medium")) == [("A", [READ, WRITE], [])]


@pytest.mark.parametrize(
    ("properties", "names"),
    [
        ({"Type": "AWS::RDS::DBInstance"}, (ENCRYPTION, SNAPSHOT)),
        ({"Type": "AWS::EC2::Volume"}, ("ebs_volume_in_backup_plan", "ebs_volume_snapshot_exists")),
        (
            {"Type": "AWS::S3::Bucket"},
            ("s3_bucket_default_encryption_enabled_kms", "s3_bucket_default_encryption_enabled"),
        ),
    ],
)
def test_one_weakness_of_real_controls_is_one_finding(properties: dict[str, Any], names: tuple[str, ...]) -> None:
    (finding,) = findings(judged({"A": properties}, include=names).results)
    assert {result.control.id for result in finding.all_results} == set(names)


@pytest.mark.parametrize("state", ["preview", "deprecated"])
def test_a_control_that_is_not_stable_covers_nothing(imply: Imply, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    imply(ENCRYPTION, SNAPSHOT)
    monkeypatch.setattr(catalogue()[ENCRYPTION], "state", state)
    outcome = judged({"A": database()}, waivers=[Waiver(ENCRYPTION, "r", "o", LATER, resource="A")])
    assert listed(to_fix(outcome, "medium")) == [("A", [SNAPSHOT], [])]
    assert not any(finding.implied for finding in findings(judged({"A": database()}).results))


def test_a_preview_control_heads_no_finding_of_a_less_severe_stable_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue()[ENCRYPTION], "state", "preview")
    monkeypatch.setattr(catalogue()[ENCRYPTION], "severity", "high")
    monkeypatch.setattr(catalogue()[SNAPSHOT], "severity", "medium")
    assert listed(to_fix(judged({"A": database()}), "medium")) == [("A", [SNAPSHOT, ENCRYPTION], [])]


def test_a_waiver_of_one_listed_control_leaves_the_other() -> None:
    waiver = Waiver(ENCRYPTION, "r", "o", LATER, resource="A")
    outcome = judged({"A": database()}, waivers=[waiver])
    assert listed(to_fix(outcome, "medium")) == [("A", [SNAPSHOT], [])]


def test_a_baseline_keeps_control_ids() -> None:
    baseline = Baseline()
    baseline.add(judged({"A": database()}, include=[ENCRYPTION]).results)
    outcome = judged({"A": database()}, baseline=baseline)
    assert listed(to_fix(outcome, "medium")) == [("A", [SNAPSHOT], [])]
    assert len(findings(outcome.results)) == 2


def test_a_finding_fails_if_one_of_its_controls_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue()[SNAPSHOT], "severity", "low")
    outcome = judged({"A": database()})
    assert listed(to_fix(outcome, "medium")) == [("A", [ENCRYPTION, SNAPSHOT], [])]
    monkeypatch.setattr(catalogue()[ENCRYPTION], "severity", "low")
    assert to_fix(outcome, "medium") == []
    assert len(to_fix(outcome, "low")) == 1


def test_a_preview_control_is_shown_and_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue()[ENCRYPTION], "state", "preview")
    outcome = judged({"A": database()}, include=[ENCRYPTION])
    assert len(findings(outcome.results)) == 1
    assert outcome.failures("low", strict=True) == []
    assert to_fix(outcome, "low") == []


def test_a_stable_control_comes_before_a_preview_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue()[ENCRYPTION], "state", "preview")
    assert listed(findings(judged({"A": database()}).results)) == [("A", [SNAPSHOT, ENCRYPTION], [])]


def test_results_without_a_property_are_one_finding_if_their_message_is_the_same() -> None:
    names = ["rds_db_instance_in_backup_plan", "rds_db_instance_protected_by_backup_plan"]
    (finding,) = findings(judged({"A": database()}, include=names).results)
    assert [result.control.id for result in (*finding.results, *finding.implied)] == names


def test_controls_of_the_live_account_are_no_findings() -> None:
    outcome = judged({"A": database()}, include=["s3_public_access_block_account"])
    assert [result.status for result in outcome.results] == ["UNRESOLVED"]
    assert findings(outcome.results) == []


def test_the_real_catalogue_covers_no_more_severe_control() -> None:
    severities = ("high", "medium", "low")
    for control in catalogue().values():
        for id in covered_by(control):
            assert severities.index(catalogue()[id].severity) >= severities.index(control.severity)


def test_coverage_counts_resources_and_controls_of_each_type() -> None:
    resources = {
        "A": database(),
        "B": database(),
        "T": {"Type": "AWS::IoT::Thing"},
        "M": {"Type": "AWS::CDK::Metadata"},
    }
    outcome = judged(resources)
    assert [(entry.type, entry.resources, entry.controls) for entry in coverage(outcome)] == [
        ("AWS::IoT::Thing", 1, 0),
        ("AWS::RDS::DBInstance", 2, 3),
    ]
    assert [entry.type for entry in not_judged(outcome)] == ["AWS::IoT::Thing"]


def test_types_that_only_other_controls_evaluate_are_not_listed_as_not_judged() -> None:
    outcome = judged({"A": database(), "B": {"Type": "AWS::S3::Bucket"}})
    assert [(entry.type, entry.controls) for entry in coverage(outcome)] == [
        ("AWS::RDS::DBInstance", 3),
        ("AWS::S3::Bucket", 0),
    ]
    assert not_judged(outcome) == []


def test_a_message_that_another_one_contains_is_not_repeated() -> None:
    (finding,) = findings(
        judged(
            {"A": {"Type": "AWS::RDS::DBCluster", "Properties": {"Engine": "aurora-postgresql"}}},
            include=[ENCRYPTION, "rds_db_cluster_encrypted_with_cmk"],
        ).results
    )
    assert len(finding.results) == 2
    assert finding.messages == ["StorageEncrypted is not set; it must be true; KmsKeyId is not set"]


def test_a_category_is_found_in_lower_case() -> None:
    options: dict[str, Any] = {"assembly": Assembly.of_document({"Resources": {"A": database()}})}
    lower, upper = (audit(**options, categories=[name]) for name in ("processing integrity", "Processing Integrity"))
    assert lower.controls == upper.controls
