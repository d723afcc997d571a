"""Composite alarms: which alarms have an effect through them, in linear time."""

from __future__ import annotations

from typing import Any

import pytest

from soc2_constructs.aws import alarms
from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED, Assembly, Resource, Verdict
from support.evaluated import only_scope

SIZE = 60


def composite(rule: Any, **properties: Any) -> dict[str, Any]:
    return {"Type": alarms.COMPOSITE_ALARM, "Properties": {"AlarmRule": rule, **properties}}


def rule(*names: str) -> dict[str, Any]:
    return {"Fn::Sub": " OR ".join(f"ALARM(${{{name}.Arn}})" for name in names)}


def lowest(composites: dict[str, Any]) -> Resource:
    document = {"Parameters": {"P": {"Type": "String"}}, "Resources": {"A0": {"Type": alarms.ALARM}, **composites}}
    return only_scope(Assembly.of_document(document)).resources["A0"]


def each_above_all_below(**last: Any) -> dict[str, Any]:
    """Each alarm names all alarms before it: there are 2^58 paths from the first to the last one."""
    found = {f"A{n}": composite(rule(*(f"A{below}" for below in range(n)))) for n in range(1, SIZE)}
    found[f"A{SIZE - 1}"]["Properties"].update(last)
    return found


def each_names_each(**last: Any) -> dict[str, Any]:
    """Every alarm names every alarm, itself included."""
    found = {f"A{n}": composite(rule(*(f"A{other}" for other in range(SIZE)))) for n in range(1, SIZE)}
    found[f"A{SIZE - 1}"]["Properties"].update(last)
    return found


@pytest.mark.parametrize("graph", [each_above_all_below, each_names_each])
@pytest.mark.parametrize(("last", "expected"), [({"AlarmActions": ["arn"]}, PASS), ({}, FAIL)])
def test_many_composite_alarms_are_visited_once(
    graph: Any, last: dict[str, Any], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = []

    def counted(one: Resource, other: Resource) -> Verdict:
        steps.append((one, other))
        return same_place(one, other)

    same_place = alarms.same_place
    monkeypatch.setattr(alarms, "same_place", counted)
    assert alarms.rings(lowest(graph(**last))).status == expected
    assert len(steps) <= SIZE * SIZE


def test_an_unresolved_rule_on_the_way_is_unresolved() -> None:
    top = composite(rule("A1"), AlarmActions=["arn"])
    assert alarms.rings(lowest({"A1": composite({"Ref": "P"}), "A2": top})).status == UNRESOLVED
    # The certain way counts, also where the unresolved one is found first.
    assert alarms.rings(
        lowest({"A1": composite({"Ref": "P"}), "A2": composite(rule("A0", "A1")), "A3": top})
    ).status == (UNRESOLVED)
    certain = {"A1": composite({"Ref": "P"}), "A2": composite(rule("A1")), "A1b": composite(rule("A0"))}
    certain["A2"]["Properties"]["AlarmRule"] = rule("A1", "A1b")
    certain["A2"]["Properties"]["AlarmActions"] = ["arn"]
    assert alarms.rings(lowest(certain)).status == PASS


@pytest.mark.parametrize("name", ["a", "arn:aws:cloudwatch:eu-central-1:111111111111:alarm:a"])
def test_a_rule_names_an_alarm_by_its_name_or_arn(name: str) -> None:
    document = {
        "A0": {"Type": alarms.ALARM, "Properties": {"AlarmName": "a"}},
        "Top": composite(f'ALARM("{name}") AND NOT OK(b)', AlarmActions=["arn"]),
        "Other": composite("ALARM(b)", AlarmActions=["arn"]),
    }
    assert alarms.rings(only_scope(Assembly.of_document({"Resources": document})).resources["A0"]).status == PASS
    del document["Top"]
    assert alarms.rings(only_scope(Assembly.of_document({"Resources": document})).resources["A0"]).status == FAIL
