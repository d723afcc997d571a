"""Baselines: which failure is the same one tomorrow, and what a file may hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs.audit import Audit, audit
from soc2_constructs.audit.baseline import Baseline, read_baseline, without_indices
from soc2_constructs.cloudformation import Assembly, InputError
from soc2_constructs.waivers import Waiver
from support.audits import REGION, VERSIONING, bucket, of_every_status

SSH = "vpc_security_group_restrict_ingress_ssh_all"


def judged(resources: dict[str, Any], baseline: Baseline, path: str = "t.json", **options: Any) -> Audit:
    options = {"include": [VERSIONING, SSH], **options}
    return audit(assembly=Assembly.of_document({"Resources": resources}, path), baseline=baseline, **options)


def frozen(resources: dict[str, Any], path: str = "t.json", **options: Any) -> Baseline:
    baseline = Baseline("soc2-baseline.json")
    baseline.add(judged(resources, baseline, path, **options).results)
    return baseline


def new(found: Audit) -> list[str | None]:
    return [result.logical_id for result in found.failures("low")]


def at(path: str, **properties: Any) -> dict[str, Any]:
    return {**bucket(**properties), "Metadata": {"aws:cdk:path": path}}


def group(*rules: dict[str, Any]) -> dict[str, Any]:
    properties = {"GroupDescription": "g", "SecurityGroupIngress": list(rules)}
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}


def rule(source: str, port: int) -> dict[str, Any]:
    return {"CidrIp": source, "IpProtocol": "tcp", "FromPort": port, "ToPort": port}


def test_what_stands_in_it_fails_nothing_and_stays_a_failure() -> None:
    baseline = frozen({"Old": bucket()})
    found = judged({"Old": bucket(), "New": bucket()}, baseline)
    assert new(found) == ["New"]
    assert {result.logical_id: result.status for result in found.results if result.logical_id} == {
        "Old": "FAIL",
        "New": "FAIL",
    }
    assert baseline.fixed == []


def test_a_new_logical_id_is_the_same_failure_where_the_construct_path_stays() -> None:
    baseline = frozen({"FilesA1": at("Shop/Files/Resource")})
    assert new(judged({"FilesB2": at("Shop/Files/Resource")}, baseline)) == []
    assert new(judged({"FilesA1": at("Shop/Archive/Resource")}, baseline)) == ["FilesA1"]


def test_without_construct_paths_the_file_and_the_logical_id_count() -> None:
    baseline = frozen({"Files": bucket()}, "infra/a.json")
    assert new(judged({"Files": bucket()}, baseline, "infra/a.json")) == []
    assert new(judged({"Files": bucket()}, baseline, "infra/b.json")) == ["Files"]
    assert new(judged({"Other": bucket()}, baseline, "infra/a.json")) == ["Other"]


def test_it_does_not_matter_where_a_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = tmp_path / "infra" / "t.json"
    template.parent.mkdir()
    template.write_text(json.dumps({"Resources": {"Files": bucket()}}))
    monkeypatch.chdir(tmp_path)
    baseline = Baseline("soc2-baseline.json")
    baseline.add(audit("infra", include=[VERSIONING], baseline=baseline).results)
    Path("soc2-baseline.json").write_text(baseline.render())
    monkeypatch.chdir(template.parent)
    again = read_baseline("../soc2-baseline.json")
    assert not audit("t.json", include=[VERSIONING], baseline=again).failures()
    assert not audit(str(template), include=[VERSIONING], baseline=read_baseline(again.path)).failures()


def test_another_property_is_another_failure_and_another_place_in_a_list_is_not() -> None:
    baseline = frozen({"G": group(rule("0.0.0.0/0", 22))})
    (key,) = baseline.counts
    assert key == (SSH, "t.json#G", "SecurityGroupIngress[]")
    assert new(judged({"G": group(rule("10.0.0.0/8", 443), rule("0.0.0.0/0", 22))}, baseline)) == []
    elsewhere = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "g"}}
    moved = {
        "G": elsewhere,
        "I": {
            "Type": "AWS::EC2::SecurityGroupIngress",
            "Properties": {"GroupId": {"Ref": "G"}, **rule("0.0.0.0/0", 22)},
        },
    }
    assert new(judged(moved, baseline)) != []


def test_two_that_look_alike_count_twice() -> None:
    """An entry that stood for one failure never hides a second one."""
    one = {"A": at("S/Files/Resource")}
    two = {**one, "B": at("S/Files/Resource")}
    assert len(new(judged(two, frozen(one)))) == 1
    both = frozen(two)
    assert len(both) == 2
    assert new(judged(two, both)) == []
    assert judged(one, both).baseline is both
    assert len(both.fixed) == 1


def test_what_is_about_a_region_is_known_by_account_and_region() -> None:
    baseline = Baseline()
    baseline.add(of_every_status(baseline=baseline).results)
    assert (REGION, "aws://111111111111/eu-central-1", "") in baseline.counts


def test_only_failures_of_the_users_own_are_frozen() -> None:
    baseline = Baseline()
    baseline.add(of_every_status(baseline=baseline).results)
    places = {place for control, place, _ in baseline.counts if control == VERSIONING}
    # Neither what is waived, passed or unresolved, nor the log group of a helper of the CDK's.
    assert {place.rpartition("#")[2] for place in places} == {"Off", "Suspended"}
    assert len(baseline) == 3


def test_waivers_that_are_over_are_told_apart() -> None:
    over = [Waiver(control, "r", "o", "2020-01-01", resource="Files") for control in (VERSIONING, SSH)]
    include = [VERSIONING, SSH, "soc2_waiver_in_force"]
    baseline = frozen({"Files": bucket()}, include=include, waivers=over[:1])
    found = judged({"Files": bucket()}, baseline, include=include, waivers=over[::-1])
    assert [result.judged_waiver.control for result in found.failures("low") if result.judged_waiver] == [SSH]


def test_what_is_fixed_is_told_and_dropped() -> None:
    baseline = frozen({"Old": bucket(), "Fixed": bucket()})
    on = bucket(VersioningConfiguration={"Status": "Enabled"})
    judged({"Old": bucket(), "Fixed": on}, baseline)
    assert [place for _, place, _ in baseline.fixed] == ["t.json#Fixed"]
    baseline.shrink()
    assert [place for _, place, _ in baseline.counts] == ["t.json#Old"]
    assert new(judged({"Old": bucket(), "Fixed": bucket()}, baseline)) == ["Fixed"]


def test_a_control_that_was_not_judged_is_not_fixed() -> None:
    baseline = frozen({"Old": bucket()})
    judged({}, baseline, include=[SSH])
    assert baseline.fixed == []
    judged({}, baseline)
    assert len(baseline.fixed) == 1


def test_a_control_that_no_longer_exists_is_fixed(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text('{"version": 1, "findings": [{"control": "s3_gone", "at": "x"}]}')
    baseline = read_baseline(path)
    judged({}, baseline, include=[SSH])
    assert [control for control, _, _ in baseline.fixed] == ["s3_gone"]


def test_the_file_is_sorted_and_has_a_line_for_each_finding(tmp_path: Path) -> None:
    baseline = frozen({"B": bucket(), "A": bucket(), "C": at("S/C"), "D": at("S/C")})
    text = baseline.render()
    lines = text.splitlines()
    assert lines[:3] == ["{", '  "version": 1,', '  "findings": [']
    assert lines[3].startswith(f'    {{"control": "{VERSIONING}", "at": "S/C", "property": ')
    assert lines[3].endswith('"count": 2},')
    assert [line.split('"at": ')[1].split(",")[0] for line in lines[3:6]] == ['"S/C"', '"t.json#A"', '"t.json#B"']
    path = tmp_path / "b.json"
    path.write_text(text)
    assert read_baseline(path).render() == text
    assert Baseline().render() == '{\n  "version": 1,\n  "findings": []\n}\n'


KEYS = st.tuples(st.text(min_size=1), st.text(), st.text())


@given(st.dictionaries(KEYS, st.integers(1, 9), max_size=8))
def test_whatever_it_holds_is_read_again(tmp_path_factory: pytest.TempPathFactory, counts: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "b.json"
    text = Baseline("b", dict(counts)).render()
    path.write_text(text, encoding="utf-8")
    assert read_baseline(path).counts == counts
    assert Baseline("b", dict(reversed(counts.items()))).render() == text
    assert len(text.splitlines()) >= len(counts)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ""),
        ("A.B", "A.B"),
        ("A[0].B[12].C", "A[].B[].C"),
        ("A[x].B", "A[x].B"),
        ("A[0][1]", "A[][]"),
        ("A[0", "A[0"),
    ],
)
def test_places_in_lists_are_left_out(path: str, expected: str) -> None:
    assert without_indices(path) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("[]", "holds a list"),
        ("{", ":1:2: this is not valid JSON"),
        ('{"version": 1,\n<<<<<<< ours', ":2:1: this is not valid JSON"),
        ("{}", "not a baseline of version 1"),
        ('{"version": 2, "findings": []}', "not a baseline of version 1"),
        ('{"version": true, "findings": []}', "not a baseline of version 1"),
        ('{"version": 1}', "findings is not a list"),
        ('{"version": 1, "findings": {}}', "findings is not a list"),
        ('{"version": 1, "findings": [5]}', "finding 1 is not an entry"),
        ('{"version": 1, "findings": [{"control": "c", "at": "a", "why": "x"}]}', "finding 1 is not an entry"),
        ('{"version": 1, "findings": [{"control": "c"}]}', "finding 1 has no control or no place"),
        ('{"version": 1, "findings": [{"control": "c", "at": "a", "property": 1}]}', "finding 1 has no"),
        ('{"version": 1, "findings": [{"control": "c", "at": "a", "count": 0}]}', "finding 1 has a count"),
        ('{"version": 1, "findings": [{"control": "c", "at": "a", "count": true}]}', "finding 1 has a count"),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_baseline(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert "soc2 baseline PATH" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the baseline does not exist"):
        read_baseline(tmp_path / "gone.json")
