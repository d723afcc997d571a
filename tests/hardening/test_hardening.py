"""Requirement tables, errors, waivers, names and the recovery stack."""

from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime, timedelta

from soc2_constructs.hardening import (
    Hardening,
    NonCompliantError,
    PropsContext,
    at_least,
    default,
    format_value,
    provide,
    recovery_stack,
    require,
    stack_singleton,
    unique_name,
    waived,
)
from soc2_constructs.hardening.waive import waive

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as plain
from aws_cdk.assertions import Template
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs import aws_apigateway, aws_logs, aws_s3, aws_wafv2
from soc2_constructs.aws_kms import data_key
from soc2_constructs.aws_s3 import access_logs_bucket
from soc2_constructs.controls import catalogue
from soc2_constructs.waivers import METADATA_TYPE

HERE = cdk.Environment(account="111122223333", region="eu-central-1")

VERSIONING = "s3_bucket_versioning_enabled"
LATER = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
YESTERDAY = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.Stage(cdk.App(), "Prod"), "Data")


def test_an_error_names_the_value_the_requirement_and_the_fix(stack: cdk.Stack) -> None:
    with pytest.raises(NonCompliantError) as caught:
        aws_s3.Bucket(stack, "Uploads", versioned=False)
    error = caught.value
    assert isinstance(error, ValueError)
    entry = catalogue()[VERSIONING]
    assert (error.control, error.criteria) == (VERSIONING, entry.criteria)
    assert (error.construct_path, error.property) == ("Prod/Data/Uploads", "versioned")
    assert (error.value, error.required) == ("False", "True")
    assert str(error).splitlines() == [
        f"Prod/Data/Uploads: versioned is False; {VERSIONING} ({', '.join(entry.criteria)}) requires True.",
        f"  To comply: {entry.fix}",
        f'  To accept the risk, type before the construct: soc2.waive(<scope>, "{VERSIONING}", reason="…", owner="…", '
        'expires="YYYY-MM-DD")',
    ]
    assert not stack.node.children, "a refused construct creates no helper"


def test_all_violations_of_a_constructor_are_raised_together(stack: cdk.Stack) -> None:
    with pytest.raises(NonCompliantError) as caught:
        aws_s3.Bucket(stack, "Uploads", versioned=False, enforce_ssl=False, public_read_access=True)
    error = caught.value
    assert [(each.property, each.control) for each in error.violations] == [
        ("public_read_access", "s3_bucket_restrict_public_read_access"),
        ("enforce_ssl", "s3_bucket_enforces_ssl"),
        ("versioned", VERSIONING),
    ]
    assert error.control == error.violations[0].control
    assert str(error) == "\n".join(map(str, error.violations))


def test_a_waived_violation_is_not_among_them(stack: cdk.Stack) -> None:
    waive(stack, VERSIONING, reason="r", owner="o", expires=LATER)
    with pytest.raises(NonCompliantError) as caught:
        aws_s3.Bucket(stack, "Uploads", versioned=False, enforce_ssl=False)
    assert [each.property for each in caught.value.violations] == ["enforce_ssl"]


def test_a_value_that_fails_a_control_of_low_severity_stays(stack: cdk.Stack) -> None:
    low = next(entry.id for entry in catalogue().values() if entry.severity == "low")
    table = Hardening(plain.Bucket, require("versioned", True, low, bad_value=False))
    assert table.applied({"versioned": False}, stack) == {"versioned": False}


def test_the_signature_stays_that_of_the_cdk() -> None:
    assert inspect.signature(aws_s3.Bucket) == inspect.signature(plain.Bucket)


def test_scope_and_id_can_be_named(stack: cdk.Stack) -> None:
    assert aws_s3.Bucket(scope=stack, id="Named").node.path == "Prod/Data/Named"


def test_an_unknown_property_is_an_error(stack: cdk.Stack) -> None:
    with pytest.raises(TypeError, match="versiond"):
        aws_s3.Bucket(stack, "B", versiond=True)  # type: ignore[call-arg]


def test_tokens_are_left_to_the_pack(stack: cdk.Stack) -> None:
    table = Hardening(plain.Bucket, at_least("minimum_tls_version", 1.2, "s3_bucket_enforces_ssl", bad_value=1.1))
    token = cdk.Token.as_number({"Ref": "Version"})
    assert table.applied({"minimum_tls_version": token}, stack)["minimum_tls_version"] == token
    with pytest.raises(NonCompliantError, match=r"1\.2 or more"):
        table.applied({"minimum_tls_version": 1.1}, stack)


def test_applied_leaves_its_argument_alone_and_takes_none_for_unsaid(stack: cdk.Stack) -> None:
    table = Hardening(plain.Bucket, require("versioned", True, VERSIONING, bad_value=False))
    props = {"versioned": None, "bucket_name": "b"}
    assert table.applied(props, stack) == {"versioned": True, "bucket_name": "b"}
    assert props == {"versioned": None, "bucket_name": "b"}


def test_values_are_formatted_as_source() -> None:
    assert format_value(plain.BucketEncryption.S3_MANAGED) == "BucketEncryption.S3_MANAGED"
    assert format_value(cdk.Duration.days(7)) == "7 days"
    assert format_value([True, "x"]) == "[True, 'x']"
    assert format_value(plain.BlockPublicAccess.BLOCK_ALL) == "a BlockPublicAccess"
    stack = cdk.Stack(cdk.App(), "S")
    assert (format_value(data_key(stack)), format_value(access_logs_bucket(stack))) == (
        "a DataKey",
        "an AccessLogsBucket",
    )
    assert format_value({"a": 1}) == "{'a': 1}"
    rule = plain.LifecycleRule(id="a", expiration=cdk.Duration.days(7))
    assert format_value([rule]) == "[LifecycleRule(expiration=7 days, id='a')]"


def test_helpers_are_made_once_per_stack(stack: cdk.Stack) -> None:
    other = cdk.Stack(cdk.App(), "Other")
    made = [stack_singleton(place, "Topic", Construct) for place in (stack, stack, other)]
    assert made[0] is made[1]
    assert made[2].node.path == "Other/Soc2/Topic"


# Waivers


@pytest.mark.parametrize("place", ["app", "stage", "stack"])
def test_a_constructor_accepts_a_waiver_on_any_ancestor(place: str) -> None:
    app = cdk.App()
    stage = cdk.Stage(app, "Prod")
    stack = cdk.Stack(stage, "Data")
    waive({"app": app, "stage": stage, "stack": stack}[place], VERSIONING, reason="r", owner="o", expires=LATER)
    table = Hardening(plain.Bucket, require("versioned", True, VERSIONING, bad_value=False))
    assert table.applied({"versioned": False}, stack) == {"versioned": False}


def test_a_waiver_holds_for_its_control_and_below_its_scope_only(stack: cdk.Stack) -> None:
    waive(stack, VERSIONING, reason="r", owner="o", expires=LATER)
    assert waived(stack, VERSIONING)
    assert not waived(stack, "s3_bucket_enforces_ssl")
    assert not waived(stack.node.root, VERSIONING)


def test_an_expired_waiver_is_not_accepted(stack: cdk.Stack) -> None:
    data = {"control": VERSIONING, "reason": "r", "owner": "o", "expires": YESTERDAY}
    stack.node.add_metadata(METADATA_TYPE, data)
    assert not waived(stack, VERSIONING)
    with pytest.raises(NonCompliantError):
        aws_s3.Bucket(stack, "B", versioned=False)


def test_an_expired_waiver_is_named_and_acknowledges_nothing(stack: cdk.Stack) -> None:
    waive(stack, VERSIONING, reason="r", owner="o", expires=YESTERDAY)
    assert "acknowledged" not in str([entry.type for entry in stack.node.metadata])
    with pytest.raises(NonCompliantError, match=f"The waiver for this control expired on {YESTERDAY}"):
        aws_s3.Bucket(stack, "B", versioned=False)


def test_a_waiver_holds_on_its_last_day(stack: cdk.Stack) -> None:
    waive(stack, VERSIONING, reason="r", owner="o", expires=datetime.now(UTC).date().isoformat())
    assert waived(stack, VERSIONING)


def test_a_waiver_is_recorded_and_acknowledged() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "S")
    waive(stack, VERSIONING, reason="rebuilt nightly", owner="data", ticket="SEC-1", expires=LATER)
    entries = {entry.type: entry.data for entry in stack.node.metadata}
    source = entries[METADATA_TYPE].pop("source")
    assert source.startswith("tests/hardening/test_hardening.py:")
    assert entries[METADATA_TYPE] == {
        "control": VERSIONING,
        "reason": "rebuilt nightly",
        "owner": "data",
        "ticket": "SEC-1",
        "expires": LATER,
        "origin": "app",
    }
    acknowledged = str([entry for type, entry in entries.items() if type != METADATA_TYPE])
    assert f"SOC2::{VERSIONING}" in acknowledged
    assert f"rebuilt nightly (owner: data, ticket: SEC-1, expires: {LATER})" in acknowledged


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": " "}, 'Write reason="…"'),
        ({"owner": ""}, 'Write owner="…"'),
        ({"expires": "31.12.2099"}, 'expires="YYYY-MM-DD"'),
        ({"expires": "2099-02-30"}, 'expires="YYYY-MM-DD"'),
        ({"since": "yesterday"}, 'since="YYYY-MM-DD"'),
        ({"control": "s3_bucket_versioning_enable"}, "Did you mean s3_bucket_versioning_enabled"),
    ],
)
def test_a_bad_waiver_is_refused(stack: cdk.Stack, changes: dict[str, str], message: str) -> None:
    terms = {"control": VERSIONING, "reason": "r", "owner": "o", "expires": LATER, **changes}
    with pytest.raises(ValueError, match=message):
        waive(stack, **terms)
    assert not waived(stack, VERSIONING)


# Members of structs

NESTED = Hardening(
    plain.Bucket,
    require("cors.*.deep.flag", True, VERSIONING, bad_value=False),
    require("options.flag", True, VERSIONING, bad_value=False),
    default("options.level", 3),
)


def test_members_are_filled_in(stack: cdk.Stack) -> None:
    struct = cdk.Environment(account="1")
    table = Hardening(plain.Bucket, default("options.region", "eu-west-1"))
    assert table.applied({"options": struct}, stack) == {"options": cdk.Environment(account="1", region="eu-west-1")}
    assert struct == cdk.Environment(account="1"), "the user's stays as it is"
    props = {"options": {"other": 1}, "cors": {"a": {"deep": {"other": 1}}, "b": {}}}
    assert NESTED.applied(props, stack) == {
        "options": {"other": 1, "flag": True, "level": 3},
        "cors": {"a": {"deep": {"other": 1, "flag": True}}, "b": {"deep": {"flag": True}}},
    }
    assert props == {"options": {"other": 1}, "cors": {"a": {"deep": {"other": 1}}, "b": {}}}


def test_a_struct_that_is_not_there_is_made(stack: cdk.Stack) -> None:
    assert NESTED.applied({}, stack) == {"options": {"flag": True, "level": 3}}


def test_members_are_judged(stack: cdk.Stack) -> None:
    with pytest.raises(NonCompliantError) as caught:
        NESTED.applied({"cors": {"/a": {}, "/b": {"deep": {"flag": False}}}}, stack, "Id")
    assert caught.value.property == "cors./b.deep.flag"


def test_unset_members_of_a_value_are_filled(stack: cdk.Stack) -> None:
    def fill(found: list[str], _: PropsContext) -> list[str]:
        return found if "b" in found else [*found, "b"]

    table = Hardening(
        plain.Bucket,
        provide("letters", lambda _: None, VERSIONING, required="b", fill_nested=fill, when=lambda at: bool(at.id)),
    )
    mine, whole = ["a"], ["b"]
    assert table.applied({"letters": mine}, stack, "Id") == {"letters": ["a", "b"]}
    assert mine == ["a"], "the user's stays as it is"
    assert table.applied({"letters": whole}, stack, "Id")["letters"] is whole
    assert table.applied({"letters": mine}, stack)["letters"] is mine, "the row is not about it"
    assert table.applied({}, stack, "Id") == {}

    place = PropsContext(stack, "Id", {"letters": mine})
    asked: list[tuple[str, ...]] = []
    table.complete(place, lambda _, steps: bool(asked.append(steps)))
    assert (asked, place.props) == ([("letters",)], {"letters": mine})


# Names


@given(path=st.text(min_size=1, max_size=80), other=st.text(min_size=1, max_size=80), limit=st.integers(20, 63))
def test_a_name_is_one_that_every_service_takes(path: str, other: str, limit: int) -> None:
    name = unique_name(path, limit=limit)
    assert re.fullmatch("[a-z](-?[a-z0-9])*", name)
    assert len(name) <= limit
    assert (unique_name(other, limit=limit) == name) is (other == path)
    assert unique_name(path, "elsewhere", limit=limit) != name


def test_an_app_may_be_deployed_twice_to_one_account() -> None:
    def names(stack_name: str) -> set[str]:
        app = cdk.App(context={"soc2:dr-region": "eu-west-1"})
        stack = cdk.Stack(app, "Shop", stack_name=stack_name, env=HERE)
        aws_wafv2.WebAcl(stack, "Acl")
        aws_s3.Bucket(stack, "Files")
        recovery = app.node.find_child("ShopRecovery")
        assert isinstance(recovery, cdk.Stack)
        templates = [Template.from_stack(each) for each in (stack, recovery)]
        return {
            name
            for template in templates
            for each in template.to_json()["Resources"].values()
            for property in ("LogGroupName", "BucketName")
            if isinstance(name := each.get("Properties", {}).get(property), str)
        }

    staging, production = names("shop-staging"), names("shop-production")
    assert len(staging) == len(production) == 2
    assert not staging & production


def test_ids_of_helpers_do_not_collide_with_those_of_the_user() -> None:
    stack = cdk.Stack(cdk.App(), "S")
    aws_logs.LogGroup(stack, "ApiAccessLogs")
    aws_apigateway.RestApi(stack, "Api").root.add_method("GET")


@pytest.mark.parametrize("region", ["", None, "eu-central-1"])
def test_without_a_second_region_there_is_no_recovery_stack(region: str | None) -> None:
    stack = cdk.Stack(cdk.App(context={"soc2:dr-region": region}), "Shop", env=HERE)
    assert recovery_stack(stack) is None


@pytest.mark.parametrize("region", ["mars-1", "EU-WEST-1", "eu-west-1a", "eu-west"])
def test_a_region_that_cannot_be_one_is_refused(region: str) -> None:
    stack = cdk.Stack(cdk.App(context={"soc2:dr-region": region}), "Shop", env=HERE)
    with pytest.raises(
        ValueError, match=f'soc2:dr-region is {region!r}; it must be the name of an AWS region. Write .*"eu-west-1"'
    ):
        recovery_stack(stack)


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-northwest-1", "us-iso-east-1", "eusc-de-east-1"])
def test_regions_of_every_partition_are_taken(region: str) -> None:
    stack = cdk.Stack(cdk.App(context={"soc2:dr-region": region}), "Shop", env=HERE)
    recovery = recovery_stack(stack)
    assert recovery is not None
    assert recovery.region == region


def test_the_recovery_stack_is_protected_as_its_stack_is() -> None:
    for protected in (True, False):
        app = cdk.App(context={"soc2:dr-region": "eu-west-1"})
        recovery = recovery_stack(cdk.Stack(app, "Shop", env=HERE, termination_protection=protected))
        assert recovery is not None
        assert recovery.termination_protection is protected
