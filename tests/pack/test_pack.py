"""The rule pack in real apps."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from soc2_constructs.hardening.waive import waive

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from constructs import Construct

from soc2_constructs.audit import audit
from soc2_constructs.controls import catalogue
from soc2_constructs.pack import Soc2Checks
from support.dates import LATER

TODAY = datetime.now(UTC).date().isoformat()
RETENTION = "cloudwatch_log_group_retention_period_365"
ENCRYPTION = "log_group_encryption_at_rest_enabled"


class Synthesis:
    """What a synthesis said: whether it failed, and the report that the framework wrote."""

    def __init__(self, app: cdk.App, outdir: Path) -> None:
        self.error = ""
        try:
            app.synth()
        except RuntimeError as error:
            self.error = str(error)
        report = json.loads((outdir / "validation-report.json").read_text())
        self.plugin: dict[str, Any] = next(
            (plugin for plugin in report["pluginReports"] if plugin["pluginName"] == "SOC2"), {}
        )

    def found(self, kind: str = "violations") -> dict[tuple[str, str], str]:
        """Severity of each finding, by rule and construct path."""
        return {
            (violation["ruleName"], resource.get("constructPath", "?")): violation["severity"]
            for violation in self.plugin.get(kind, ())
            for resource in violation["violatingConstructs"]
        }


@pytest.fixture
def outdir(tmp_path: Path) -> Path:
    return tmp_path / "cdk.out"


@pytest.fixture
def app(outdir: Path) -> cdk.App:
    return cdk.App(outdir=str(outdir))


def group(scope: Construct, id: str = "Group", **props: Any) -> logs.LogGroup:
    """A log group that keeps events for ever and has no key of its own."""
    return logs.LogGroup(scope, id, **{"retention": logs.RetentionDays.INFINITE, **props})


def checked(app: cdk.App, outdir: Path, **options: Any) -> Synthesis:
    cdk.Validations.of(app).add_plugins(Soc2Checks(app, **options))
    return Synthesis(app, outdir)


def test_it_is_a_rule_pack_of_cdk_nag(app: cdk.App) -> None:
    pack = Soc2Checks(app)
    assert isinstance(pack, cdk_nag.NagPack)
    assert pack.read_pack_name == pack.name == "SOC2"
    assert ENCRYPTION in pack.rule_ids


def test_a_finding_fails_the_synth_and_says_what_to_do(app: cdk.App, outdir: Path) -> None:
    group(cdk.Stack(app, "S"))
    synthesis = checked(app, outdir)
    assert "encryption_key=key" in synthesis.error
    (violation,) = (v for v in synthesis.plugin["violations"] if v["ruleName"] == ENCRYPTION)
    assert violation["description"] == ("Log groups are encrypted with a KMS key (CC6.1, C1.1): KmsKeyId is not set")
    assert "KmsKeyId" in violation["suggestedFix"]
    assert violation["severity"] == "error"
    assert violation["ruleMetadata"]["criteria"] == "CC6.1, C1.1"
    assert violation["ruleMetadata"]["severity"] == "medium"
    (resource,) = violation["violatingConstructs"]
    assert resource["constructPath"] == "S/Group/Resource"
    assert resource["cloudFormationResource"]["logicalId"].startswith("Group")
    assert resource["cloudFormationResource"]["templatePath"] == "S.template.json"
    assert resource["cloudFormationResource"]["propertyPaths"] == ["Properties.KmsKeyId"]


def test_a_compliant_app_synthesizes(app: cdk.App, outdir: Path) -> None:
    stack = cdk.Stack(app, "S")
    group(stack, encryption_key=kms.Key(stack, "Key", enable_key_rotation=True))
    synthesis = checked(app, outdir)
    assert synthesis.error == ""
    assert not synthesis.found()


def test_overrides_are_seen(app: cdk.App, outdir: Path) -> None:
    stack = cdk.Stack(app, "S")
    good = group(stack, encryption_key=kms.Key(stack, "Key", enable_key_rotation=True))
    good.node.default_child.add_property_deletion_override("KmsKeyId")  # type: ignore[union-attr]
    assert (ENCRYPTION, "S/Group/Resource") in checked(app, outdir).found()


def test_an_app_whose_stacks_all_live_in_stages(app: cdk.App, outdir: Path) -> None:
    for name in ("Test", "Prod"):
        group(cdk.Stack(cdk.Stage(app, name), "S"))
    synthesis = checked(app, outdir)
    assert synthesis.error
    found = synthesis.found()
    assert (ENCRYPTION, "Test/S/Group/Resource") in found
    assert (ENCRYPTION, "Prod/S/Group/Resource") in found


def test_a_pack_on_one_stage_leaves_the_other_alone(app: cdk.App, outdir: Path) -> None:
    stages = {name: cdk.Stage(app, name) for name in ("Test", "Prod")}
    for stage in stages.values():
        group(cdk.Stack(stage, "S"))
    cdk.Validations.of(stages["Prod"]).add_plugins(Soc2Checks(stages["Prod"]))
    found = Synthesis(app, outdir).found()
    assert {path for _, path in found} == {"Prod/S/Group/Resource"}


def test_nested_stacks_are_judged(app: cdk.App, outdir: Path) -> None:
    stack = cdk.Stack(app, "S")
    group(stack, "Same")
    nested = cdk.NestedStack(stack, "Inner")
    group(nested, "Same")
    group(cdk.NestedStack(nested, "Innermost"), "Same")
    found = checked(app, outdir).found()
    assert {path for rule, path in found if rule == ENCRYPTION} == {
        "S/Same/Resource",
        "S/Inner/Same/Resource",
        "S/Inner/Innermost/Same/Resource",
    }


@pytest.mark.parametrize("place", ["app", "stage", "stack", "construct"])
def test_a_waiver_at_any_level_is_honoured_and_recorded(place: str, app: cdk.App, outdir: Path) -> None:
    stage = cdk.Stage(app, "Prod")
    stack = cdk.Stack(stage, "S")
    construct = group(stack)
    scope = {"app": app, "stage": stage, "stack": stack, "construct": construct}[place]
    waive(scope, ENCRYPTION, reason="holds nothing", owner="platform", expires=TODAY)
    synthesis = checked(app, outdir)
    assert synthesis.error == ""
    assert (ENCRYPTION, "Prod/S/Group/Resource") not in synthesis.found()
    assert (ENCRYPTION, "Prod/S/Group/Resource") in synthesis.found("suppressedViolations")
    (suppressed,) = synthesis.plugin["suppressedViolations"]
    assert suppressed["reason"] == f"holds nothing (owner: platform, expires: {TODAY})"


def test_an_acknowledgement_of_the_framework_is_honoured(app: cdk.App, outdir: Path) -> None:
    stack = cdk.Stack(app, "S")
    group(stack)
    cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id=f"SOC2::{ENCRYPTION}", reason="r"))
    synthesis = checked(app, outdir)
    assert synthesis.error == ""
    assert synthesis.found("suppressedViolations") == {(ENCRYPTION, "S/Group/Resource"): "error"}


@pytest.mark.parametrize(
    ("id", "problem"),
    [
        (ENCRYPTION, f"write SOC2::{ENCRYPTION}"),
        (f"Soc2Checks::{ENCRYPTION}", f"write SOC2::{ENCRYPTION}"),
        ("SOC2::log_group_encryption_at_rest_enable", f"did you mean SOC2::{ENCRYPTION}?"),
        ("SOC2::s3_bucket_versioning_enabled", "delete the acknowledgement"),
    ],
)
@pytest.mark.parametrize("place", ["app", "stack"])
def test_an_acknowledgement_that_matches_nothing_is_reported(
    id: str, problem: str, place: str, app: cdk.App, outdir: Path
) -> None:
    stack = cdk.Stack(app, "S")
    group(stack)
    scope = app if place == "app" else stack
    cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=id, reason="r"))
    synthesis = checked(app, outdir)
    (stranger,) = (v for v in synthesis.plugin["violations"] if v["ruleName"] == "soc2_acknowledgement_matches")
    assert problem in stranger["description"]
    assert stranger["severity"] == "warning"
    assert synthesis.found()[ENCRYPTION, "S/Group/Resource"] == "error"


def test_acknowledgements_of_other_packs_are_no_business_of_ours(app: cdk.App, outdir: Path) -> None:
    stack = cdk.Stack(app, "S")
    group(stack)
    for id in ("AwsSolutions-S1", "AwsSolutions::AwsSolutions-S1", "@aws-cdk/aws-s3:something"):
        cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id=id, reason="r"))
    assert {rule for rule, _ in checked(app, outdir).found()} == {ENCRYPTION}


# Options


def test_what_is_below_the_line_is_a_warning(app: cdk.App, outdir: Path) -> None:
    group(cdk.Stack(app, "S"))
    synthesis = checked(app, outdir, fail_on="high")
    assert synthesis.error == ""
    assert set(synthesis.found().values()) == {"warning"}


def test_report_only_fails_nothing(app: cdk.App, outdir: Path) -> None:
    s3.Bucket(cdk.Stack(app, "S"), "Bucket")
    synthesis = checked(app, outdir, report_only=True)
    assert synthesis.error == ""
    assert len(synthesis.found()) > 5
    assert set(synthesis.found().values()) == {"warning"}


@pytest.mark.parametrize(("strict", "severity"), [(False, "warning"), (True, "error")])
def test_strict_fails_what_is_unresolved(strict: bool, severity: str, app: cdk.App, outdir: Path) -> None:
    stack = cdk.Stack(app, "S")
    key = cdk.CfnParameter(stack, "Key")
    logs.CfnLogGroup(stack, "Group", kms_key_id=key.value_as_string)
    synthesis = checked(app, outdir, strict=strict)
    assert synthesis.found() == {(ENCRYPTION, "S/Group"): severity}
    assert bool(synthesis.error) is strict


def test_thresholds(app: cdk.App, outdir: Path) -> None:
    stack = cdk.Stack(app, "S")
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    group(stack, retention=logs.RetentionDays.ONE_YEAR, encryption_key=key)
    assert (RETENTION, "S/Group/Resource") in checked(app, outdir, thresholds={"log_retention_days": 400}).found()


def test_controls_are_chosen(app: cdk.App, outdir: Path) -> None:
    group(cdk.Stack(app, "S"), retention=logs.RetentionDays.ONE_DAY)
    assert {rule for rule, _ in checked(app, outdir, include=[RETENTION]).found()} == {RETENTION}


def test_controls_are_left_out(app: cdk.App, outdir: Path) -> None:
    group(cdk.Stack(app, "S"), retention=logs.RetentionDays.ONE_DAY)
    assert {rule for rule, _ in checked(app, outdir, exclude=[RETENTION]).found()} == {ENCRYPTION}


def test_categories(app: cdk.App, outdir: Path) -> None:
    pack = Soc2Checks(app, categories=["Availability"])
    lifecycle = "s3_bucket_lifecycle_policy_enabled"  # supports criteria of Confidentiality and Privacy only
    assert lifecycle not in pack.rule_ids
    assert ENCRYPTION in pack.rule_ids
    s3.Bucket(cdk.Stack(app, "S"), "Bucket")
    found = {rule for rule, _ in checked(app, outdir, categories=["Availability"]).found()}
    assert "s3_bucket_versioning_enabled" in found
    assert lifecycle not in found


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"exclude": ["s3_bucket_versioning_enable"]}, "Did you mean s3_bucket_versioning_enabled"),
        ({"categories": ["Secrecy"]}, "the categories are Security"),
        ({"thresholds": {"log_retention": 1}}, "the thresholds are"),
        ({"fail_on": "critical"}, "one of high, medium, low or none"),
    ],
)
def test_bad_options_are_refused_at_once(options: dict[str, Any], message: str, app: cdk.App) -> None:
    with pytest.raises(ValueError, match=message):
        Soc2Checks(app, **options)


# One weakness, one finding

STORAGE = "rds_db_instance_encryption_at_rest_enabled"
SNAPSHOT = "rds_db_snapshot_encrypted_at_rest"


@pytest.fixture
def database(app: cdk.App, monkeypatch: pytest.MonkeyPatch) -> rds.CfnDBInstance:
    """Return a database without encryption, which fails two controls on one property."""
    for name in (STORAGE, SNAPSHOT):
        monkeypatch.setattr(catalogue()[name], "implies", ())
    return rds.CfnDBInstance(cdk.Stack(app, "S"), "Db", engine="postgres")


def encryption(app: cdk.App, outdir: Path) -> Synthesis:
    return checked(app, outdir, include=[STORAGE, SNAPSHOT])


@pytest.mark.usefixtures("database")
def test_one_weakness_is_one_violation(app: cdk.App, outdir: Path) -> None:
    synthesis = encryption(app, outdir)
    assert synthesis.found() == {(STORAGE, "S/Db"): "error"}
    (violation,) = synthesis.plugin["violations"]
    assert violation["description"].endswith(f"Also fails {SNAPSHOT} ({catalogue()[SNAPSHOT].severity})")
    assert violation["ruleMetadata"]["controls"] == f"{STORAGE}, {SNAPSHOT}"


def test_an_acknowledged_control_leaves_the_other_ones(database: rds.CfnDBInstance, app: cdk.App, outdir: Path) -> None:
    waive(database, STORAGE, reason="r", owner="platform", expires=TODAY)
    synthesis = encryption(app, outdir)
    assert synthesis.found() == {(SNAPSHOT, "S/Db"): "error"}
    assert (STORAGE, "S/Db") in synthesis.found("suppressedViolations")


@pytest.mark.parametrize("how", ["waiver", "acknowledgement"])
def test_an_accepted_risk_covers_implied_controls(
    how: str, database: rds.CfnDBInstance, app: cdk.App, outdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue()[STORAGE], "implies", (SNAPSHOT,))
    if how == "waiver":
        waive(database, STORAGE, reason="r", owner="platform", expires=TODAY)
    else:
        cdk.Validations.of(database).acknowledge(cdk.Acknowledgment(id=f"SOC2::{STORAGE}", reason="r"))
    synthesis = encryption(app, outdir)
    assert synthesis.error == ""
    assert synthesis.found() == {}
    assert synthesis.found("suppressedViolations").keys() == {(STORAGE, "S/Db")}


@pytest.mark.parametrize("how", ["waiver", "acknowledgement"])
def test_an_accepted_risk_covers_no_other_weakness(how: str, app: cdk.App, outdir: Path) -> None:
    block, write = "s3_public_access_block_bucket", "s3_bucket_restrict_public_write_access"
    bucket = s3.CfnBucket(cdk.Stack(app, "S"), "B", access_control="PublicReadWrite")
    if how == "waiver":
        waive(bucket, block, reason="r", owner="platform", expires=TODAY)
    else:
        cdk.Validations.of(bucket).acknowledge(cdk.Acknowledgment(id=f"SOC2::{block}", reason="r"))
    synthesis = checked(app, outdir, include=[block, write])
    assert synthesis.found() == {(write, "S/B"): "error"}
    assert synthesis.found("suppressedViolations").keys() == {(block, "S/B")}


def test_an_acknowledged_scope_does_not_cover_a_name_that_begins_alike(app: cdk.App, outdir: Path) -> None:
    stack = cdk.Stack(app, "S")
    group(stack, "Group2")
    scope = group(stack, "Group")
    cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=f"SOC2::{ENCRYPTION}", reason="r"))
    synthesis = checked(app, outdir, include=[ENCRYPTION])
    assert synthesis.found() == {(ENCRYPTION, "S/Group2/Resource"): "error"}


def test_a_preview_control_is_a_warning(app: cdk.App, outdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue()[ENCRYPTION], "state", "preview")
    group(cdk.Stack(app, "S"))
    synthesis = checked(app, outdir, include=[ENCRYPTION], fail_on="low")
    assert synthesis.error == ""
    assert synthesis.found() == {(ENCRYPTION, "S/Group/Resource"): "warning"}
    (violation,) = synthesis.plugin["violations"]
    assert "preview: reported, never fails the check" in violation["description"]


def test_the_report_lists_types_without_a_control(app: cdk.App, outdir: Path) -> None:
    stack = cdk.Stack(app, "S")
    cdk.CfnResource(stack, "Thing", type="AWS::IoT::Thing")
    group(stack)
    assert checked(app, outdir).plugin["metadata"]["not_judged"] == "AWS::IoT::Thing"


# Never open


def test_an_error_inside_fails_the_synth(app: cdk.App, outdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise KeyError("boom")

    monkeypatch.setattr("soc2_constructs.pack.runs.audit", broken)
    stack = cdk.Stack(app, "S")
    group(stack)
    synthesis = checked(app, outdir)
    assert "KeyError" in synthesis.error
    assert synthesis.found() == {("soc2_pack_works", "S"): "error"}


# In unit tests


def test_a_scope_is_judged_on_its_own(app: cdk.App) -> None:
    stack = cdk.Stack(app, "S")
    good = Construct(stack, "Good")
    group(good, encryption_key=kms.Key(good, "Key", enable_key_rotation=True))
    bad = Construct(stack, "Bad")
    group(bad)
    pack = Soc2Checks(app)
    assert pack.validate_scope(good).success
    report = pack.validate_scope(bad)
    assert not report.success
    assert [violation.rule_name for violation in report.violations] == [ENCRYPTION]
    assert [r.construct_path for v in report.violations for r in v.violating_resources] == ["S/Bad/Group/Resource"]
    assert not pack.validate_scope(app).success


@pytest.mark.parametrize("place", ["app", "stack"])
def test_what_is_acknowledged_is_left_out_of_it(place: str, app: cdk.App) -> None:
    stack = cdk.Stack(app, "S")
    group(stack)
    scope = app if place == "app" else stack
    cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=f"SOC2::{ENCRYPTION}", reason="r"))
    assert Soc2Checks(app).validate_scope(stack).success


def test_a_registered_pack_can_judge_a_scope_too(app: cdk.App) -> None:
    stack = cdk.Stack(app, "S")
    group(stack)
    pack = Soc2Checks(app)
    cdk.Validations.of(app).add_plugins(pack)
    assert not pack.validate_scope(stack).success


def test_a_scope_without_an_app_is_refused() -> None:
    from constructs import RootConstruct

    with pytest.raises(ValueError, match="is not part of an app"):
        Soc2Checks().validate_scope(RootConstruct("Lonely"))


def test_what_the_cdk_makes_for_itself_is_shown_and_fails_nothing(app: cdk.App, outdir: Path) -> None:
    stack = cdk.Stack(app, "S")
    helper = Construct(stack, "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a")
    group(helper)
    synthesis = checked(app, outdir, fail_on="low")
    assert synthesis.error == ""
    (violation,) = (v for v in synthesis.plugin["violations"] if v["ruleName"] == ENCRYPTION)
    assert violation["severity"] == "warning"
    assert "created by the CDK itself" in violation["description"]


def test_the_assembly_remembers_waivers_above_its_stacks(app: cdk.App, outdir: Path) -> None:
    stage = cdk.Stage(app, "Prod")
    group(cdk.Stack(stage, "S"))
    for scope, control in ((app, ENCRYPTION), (stage, "cloudwatch_log_group_retention_period_365")):
        waive(scope, control, reason="r", owner="platform", expires=TODAY)
    checked(app, outdir)
    later = audit(outdir, include=[ENCRYPTION])
    (result,) = (result for result in later.results if result.control.id == ENCRYPTION)
    assert (result.status, result.waiver.owner if result.waiver else None) == ("WAIVED", "platform")
    assert {(waiver.scope, waiver.control) for waiver in later.waivers} == {("", ENCRYPTION), ("Prod", RETENTION)}


def test_a_waiver_that_is_over_is_a_finding_and_waives_nothing(app: cdk.App, outdir: Path) -> None:
    stack = cdk.Stack(app, "S")
    waive(stack, ENCRYPTION, reason="r", owner="platform", expires="2020-01-01")
    group(stack)
    found = checked(app, outdir).found()
    assert found[ENCRYPTION, "S/Group/Resource"] == "error"
    assert found["soc2_waiver_in_force", "S"] == "error"


def test_a_waiver_that_waives_nothing_is_a_finding_once(app: cdk.App, outdir: Path) -> None:
    stack = cdk.Stack(app, "S")
    waive(stack, ENCRYPTION, reason="r", owner="platform", expires=TODAY)
    synthesis = checked(app, outdir)
    assert synthesis.error == ""
    assert synthesis.found() == {("soc2_waiver_used", "S"): "warning"}


def test_a_file_of_waivers_counts_too(app: cdk.App, outdir: Path, tmp_path: Path) -> None:
    terms = f'reason = "r"\nowner = "o"\nexpires = {LATER}\n'
    (tmp_path / "w.toml").write_text(f'[[waiver]]\ncontrol = "{ENCRYPTION}"\nresource = "S/Group"\n{terms}')
    group(cdk.Stack(app, "S"))
    synthesis = checked(app, outdir, waivers=tmp_path / "w.toml", include=[ENCRYPTION])
    assert synthesis.error == ""
    assert synthesis.found() == {}


def test_a_waiver_of_the_app_that_is_over_is_a_finding_too(app: cdk.App, outdir: Path) -> None:
    waive(app, ENCRYPTION, reason="r", owner="platform", expires="2020-01-01")
    cdk.CfnResource(cdk.Stack(app, "S"), "Topic", type="AWS::None::Such")
    synthesis = checked(app, outdir)
    assert "expired on 2020-01-01" in synthesis.error
