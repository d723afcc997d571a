"""Values: what is known, absent or unresolved, and the verdicts on it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED, Assembly, Value
from soc2_constructs.cloudformation.values import (
    ABSENT,
    Reference,
    Text,
    Unresolved,
    as_number,
    format_value,
    is_present,
    same,
    text_of,
)
from support.evaluated import only_scope

NOTHING = {"Ref": "AWS::NoValue"}
UNKNOWN = {"Ref": "P"}
REFERENCE = {"Ref": "Other"}
TEXT = {"Fn::Sub": "a-${P}"}


def value(node: Any) -> Value:
    document = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {"R": {"Type": "T", "Properties": {"V": node}}, "Other": {"Type": "AWS::S3::Bucket"}},
    }
    return only_scope(Assembly.of_document(document)).resources["R"]["V"]


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        (True, True, True),
        ("true", True, True),
        ("True", True, True),
        ("false", True, False),
        ("false", False, True),
        (1, True, False),
        (None, False, False),
        ("35", 35, True),
        ("35.0", 35, True),
        (35, 35.0, True),
        (True, 1, False),
        ("x", 1, False),
        ("1_0", 10, False),
        ("\u0661", 1, False),
        ("nan", 1, False),
        (5, "5", True),
        (True, "true", True),
        ([5], "[5]", False),
        ({}, "", False),
        ("a", "a", True),
        ("a", "A", False),
        (ABSENT, "a", False),
        (Unresolved("x"), "x", False),
    ],
)
def test_same(found: Any, wanted: Any, expected: bool) -> None:
    assert same(found, wanted) is expected


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
def test_as_number_is_a_number_or_nothing(found: Any) -> None:
    number = as_number(found)
    assert number is None or (number == found or float(number) == float(found) or found != found)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], ""),
        (["a", "b"], "ab"),
        (["a", ABSENT, "", 5, 1.5, True, False], "a51.5truefalse"),
        ([""], ""),
    ],
)
def test_known_parts_are_a_string(parts: list[Any], expected: str) -> None:
    assert text_of(parts) == expected


def test_unknown_parts_keep_their_places() -> None:
    unknown = Unresolved("x")
    assert text_of([unknown, ""]) is unknown
    text = text_of(["a", "b", Text(("c", unknown)), "d"])
    assert text.parts == ("abc", unknown, "d")
    assert text == Text(("abc", unknown, "d"))
    assert hash(text) == hash(Text(("abc", unknown, "d")))
    assert repr(text) == "abc${<Unresolved: x>}d"
    assert "a list or an object" in text_of([["x"]]).reason


def test_texts_do_not_grow_without_end() -> None:
    assert "longer than a template" in text_of(["x" * 600_000, "y" * 600_000]).reason
    assert "more parts" in text_of([Unresolved("x")] * 10_001).reason


def test_references_are_equal_by_what_they_point_at() -> None:
    node = value(REFERENCE).node
    assert node == Reference(node.resource, "Ref")
    assert hash(node) == hash(Reference(node.resource, "Ref"))
    assert node != Reference(node.resource, "Arn")
    assert node != "Other"
    assert repr(node) == "<Other.Ref>"
    assert "is an attribute of Other" in str(value(REFERENCE).unresolved)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Unresolved("x", present=True), True),
        (Unresolved("x"), False),
        (Text((Unresolved("x"), Unresolved("y"))), False),
        (Text((Unresolved("x"), Unresolved("y", present=True))), True),
        (Text(("a", Unresolved("y"))), True),
        (ABSENT, False),
        ("a", False),
    ],
)
def test_presence(node: Any, expected: bool) -> None:
    assert is_present(node) is expected


@pytest.mark.parametrize(
    ("node", "text"),
    [
        ("a", "'a'"),
        ("x" * 100, f"'{'x' * 77}...'"),
        (True, "true"),
        (False, "false"),
        ({"a": 1}, "an object"),
        ([1, "b", [True]], "[1, 'b', [true]]"),
        (list(range(7)), "a list"),
        (5, "5"),
    ],
)
def test_format_value(node: Any, text: str) -> None:
    assert format_value(node) == text


@pytest.mark.parametrize(
    ("node", "status", "message"),
    [
        ("x", PASS, "V is 'x'"),
        ("y", FAIL, "V is 'y', not 'x'"),
        (["x"], FAIL, "V is ['x'], not 'x'"),
        (NOTHING, FAIL, "V is not set; it must be 'x'"),
        (None, FAIL, "V is not set; it must be 'x'"),
        (UNKNOWN, UNRESOLVED, "V is not known before deployment: parameter P has neither a default nor allowed values"),
        (TEXT, UNRESOLVED, "V is not known before deployment: parts of it are known only at deployment"),
    ],
)
def test_equals(node: Any, status: str, message: str) -> None:
    verdict = value(node).equals("x")
    assert (verdict.status, verdict.message, verdict.property_path) == (status, message, "V")


@pytest.mark.parametrize(
    ("node", "status"),
    [("a", PASS), ("b", PASS), ("c", FAIL), (NOTHING, FAIL), (UNKNOWN, UNRESOLVED), ({"a": 1}, FAIL)],
)
def test_one_of(node: Any, status: str) -> None:
    assert value(node).one_of("a", "b").status == status
    assert value("c").one_of("a", "b").message == "V is 'c', not 'a' or 'b'"
    assert value("c").one_of("a").message == "V is 'c', not 'a'"


@pytest.mark.parametrize(
    ("node", "status"),
    [
        ("a", PASS),
        (0, PASS),
        (False, PASS),
        ([1], PASS),
        ({"a": 1}, PASS),
        ({"a": UNKNOWN}, PASS),
        (REFERENCE, PASS),
        (TEXT, PASS),
        ({"Ref": "AWS::Region"}, PASS),
        ("", FAIL),
        ([], FAIL),
        ({}, FAIL),
        ([NOTHING], FAIL),
        ({"a": NOTHING}, FAIL),
        (NOTHING, FAIL),
        (UNKNOWN, UNRESOLVED),
        ({"Fn::Sub": "${P}${P}"}, UNRESOLVED),
    ],
)
def test_is_set(node: Any, status: str) -> None:
    assert value(node).is_set().status == status


@pytest.mark.parametrize(
    ("node", "least", "most"),
    [
        (35, PASS, PASS),
        ("35", PASS, PASS),
        (34, FAIL, PASS),
        (36.5, PASS, FAIL),
        ("x", UNRESOLVED, UNRESOLVED),
        ("0x23", UNRESOLVED, UNRESOLVED),
        (True, FAIL, FAIL),
        ([35], FAIL, FAIL),
        (NOTHING, FAIL, FAIL),
        (UNKNOWN, UNRESOLVED, UNRESOLVED),
    ],
)
def test_bounds(node: Any, least: str, most: str) -> None:
    assert value(node).at_least(35).status == least
    assert value(node).at_most(35).status == most
    assert value(34).at_least(35).message == "V is 34, not at least 35"
    assert value(36).at_most(35).message == "V is 36, not at most 35"


@pytest.mark.parametrize(
    ("node", "status", "message"),
    [
        (["a", "b", "c"], PASS, "V includes 'a', 'b'"),
        (["a"], FAIL, "V does not include 'b'"),
        ("a", FAIL, "V does not include 'b'"),
        (["a", UNKNOWN], UNRESOLVED, "V[1] is not known"),
        (["a", "b", UNKNOWN], PASS, "V includes"),
        (UNKNOWN, UNRESOLVED, "V is not known"),
        (NOTHING, FAIL, "V is not set; it must include 'a', 'b'"),
    ],
)
def test_includes(node: Any, status: str, message: str) -> None:
    verdict = value(node).includes("a", "b")
    assert verdict.status == status
    assert verdict.message.startswith(message)


@pytest.mark.parametrize(
    ("node", "status"),
    [("abc", PASS), ("xyz", FAIL), (NOTHING, FAIL), (UNKNOWN, UNRESOLVED), (TEXT, UNRESOLVED)],
)
def test_satisfies(node: Any, status: str) -> None:
    verdict = value(node).satisfies(lambda found: found.startswith("a"), "a text with a")
    assert verdict.status == status
    assert "a text with a" in verdict.message or status != FAIL


def test_items() -> None:
    assert [str(item) for item in value([1, NOTHING, UNKNOWN, None, 2])] == ["V[0]", "V[2]", "V[4]"]
    assert [item.node for item in value("lone").each()] == ["lone"]
    assert [item.node for item in value({"a": 1}).each()] == [{"a": 1}]
    assert value(NOTHING).each() == []
    assert [type(item.node) for item in value(UNKNOWN).each()] == [Unresolved]


def test_keys_defaults_and_known() -> None:
    assert value({"a": 1, "b": 2}).keys() == ["a", "b"]
    assert value("a").keys() == []
    assert value(NOTHING).default(5).node == 5
    assert value(4).default(5).node == 4
    assert value({"a": [{"Fn::Sub": "x"}, NOTHING]}).known == {"a": ["x"]}
    assert value(NOTHING).known is None
    assert value(UNKNOWN).known is None
    assert value(5).unresolved is None


def test_targets() -> None:
    assert value(REFERENCE).target is not None
    assert value({"Fn::Sub": "${Other.Arn}/*"}).target is not None
    assert value({"Fn::Sub": "${Other}${Other.Arn}"}).target is None
    for node in (UNKNOWN, "no such name", "", 5, ["Other"], NOTHING, True, {"a": 1}):
        assert value(node).target is None


def test_steps_into_a_value() -> None:
    item = value([{"a": {"b": 1}}]).each()[0]
    assert str(item["a.b"]) == "V[0].a.b"
    assert item["a.b"].node == 1
    assert repr(item["a.b"]) == "<Value V[0].a.b: 1>"
    assert repr(ABSENT) == "ABSENT"
