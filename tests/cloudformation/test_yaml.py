"""YAML as CloudFormation reads it."""

from __future__ import annotations

from typing import Any

import pytest

from soc2_constructs.cloudformation import yaml
from soc2_constructs.cloudformation.documents import parse_document
from soc2_constructs.cloudformation.errors import InputError


def value(text: str) -> Any:
    return parse_document(f"a: {text}", "t.yaml")["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref B", {"Ref": "B"}),
        ("!Condition B", {"Condition": "B"}),
        ("!GetAtt B.Arn", {"Fn::GetAtt": ["B", "Arn"]}),
        ("!GetAtt B.Outputs.X", {"Fn::GetAtt": ["B", "Outputs.X"]}),
        ("!GetAtt [B, Arn]", {"Fn::GetAtt": ["B", "Arn"]}),
        ("!Sub '${B}'", {"Fn::Sub": "${B}"}),
        ("!Sub 5", {"Fn::Sub": "5"}),
        ("!Sub ['${B}', {B: !Ref C}]", {"Fn::Sub": ["${B}", {"B": {"Ref": "C"}}]}),
        ("!If [A, !Ref B, {c: !Ref D}]", {"Fn::If": ["A", {"Ref": "B"}, {"c": {"Ref": "D"}}]}),
        ("!Transform {Name: X}", {"Fn::Transform": {"Name": "X"}}),
        ("!ValueOf [A, B]", {"Fn::ValueOf": ["A", "B"]}),
    ],
)
def test_short_forms(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("Yes", True),
        ("off", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("5", 5),
        ("-5", -5),
        ("1.5", 1.5),
        ("'5'", "5"),
        ('"true"', "true"),
        ("!!str 5", "5"),
        ("!!bool maybe", "maybe"),
        ("!!int x", "x"),
        ("!!float x", "x"),
        ("|\n  5", "5"),
        ("012345678901", "012345678901"),
        ("123456789012", 123456789012),
        ("2012-10-17", "2012-10-17"),
        ("0x16", 22),
        ("-0x1_6", -22),
        ("0x_", "0x_"),
        ("026", 22),
        ("0o26", "0o26"),
        ("0b10110", 22),
        ("0b1_0110", 22),
        ("22:30", 1350),
        ("-1:30:00", -5400),
        ("22:60", "22:60"),
        ("05:00", "05:00"),
        ("1_000", 1000),
        ("1_000.5", "1_000.5"),
        ("190:20:30.15", "190:20:30.15"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1.0e+999", "1.0e+999"),
        ("9" * 10_000, "9" * 10_000),
    ],
)
def test_scalars(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


def test_both_parsers_of_pyyaml_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: [1, x, 'y', true, null, !Ref B, 1.5]\n"
    fast = parse_document(text, "t")
    import yaml as pyyaml

    monkeypatch.setattr(yaml, "_Loader", pyyaml.SafeLoader)
    assert parse_document(text, "t") == fast


def test_keys_are_texts() -> None:
    assert parse_document("1: a\ntrue: b\n2012-10-17: c\n", "t") == {"1": "a", "true": "b", "2012-10-17": "c"}


def test_anchors_and_merge_keys() -> None:
    text = "a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}\nc: {<<: [{k: 8}, *x]}\nd: *x\n"
    document = parse_document(text, "t")
    assert document["b"] == {"k": 1, "l": 3}
    assert document["c"] == {"k": 8, "l": 2}
    assert document["d"] == {"k": 1, "l": 2}


@pytest.mark.parametrize(
    ("text", "problem", "line", "column"),
    [
        ("a: 1\nb: [1, 2\n", "not valid YAML", 3, 1),
        ("a:\n\t- b\n", "not valid YAML", 2, 1),
        ("a: 1\nb: 2\na: 3\n", "the key 'a' stands here a second time", 3, 1),
        ("a: 1\n---\nb: 1\n", "but found another document", 2, 1),
        ("a: !Nope 1\n", "!Nope is no intrinsic function", 1, 4),
        ("a: *b\n", "found undefined alias", 1, 4),
        ("? [a]\n: b\n", "a key is not a text", 1, 3),
        ("a: &x [*x]\n", "aliases expand", 1, 4),
        ("a: {<<: 1}\n", "a merge key takes an object", 1, 9),
        ("a: {<<: [1]}\n", "a merge key takes an object", 1, 9),
    ],
)
def test_what_is_refused(text: str, problem: str, line: int, column: int) -> None:
    with pytest.raises(InputError) as caught:
        parse_document(text, "t.yaml")
    assert problem in caught.value.problem
    assert (caught.value.line, caught.value.column) == (line, column)


def test_control_characters_are_refused() -> None:
    with pytest.raises(InputError, match="not valid YAML"):
        parse_document("a: \x01", "t")


def test_only_a_comment_is_no_object() -> None:
    with pytest.raises(InputError, match="holds a single value"):
        parse_document("# nothing\n", "t")


def test_alias_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    monkeypatch.setattr(yaml, "MAX_NODES", 10_000)
    with pytest.raises(InputError, match="aliases expand"):
        parse_document("\n".join(lines), "t")
