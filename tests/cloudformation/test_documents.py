"""Documents: JSON and YAML to plain data, and what is refused with file, line and column."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from soc2_constructs.cloudformation import documents
from soc2_constructs.cloudformation.documents import check_template, parse_document, read_document, too_deep
from soc2_constructs.cloudformation.errors import InputError


def refused(source: str | bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        parse_document(source, "t.json")
    return caught.value


def test_json_and_yaml_give_the_same_data() -> None:
    json = '{"a": [1, true, null, 1.5, "x"], "b": {"Ref": "C"}}'
    yaml = "a: [1, true, null, 1.5, x]\nb: !Ref C\n"
    assert parse_document(json, "t") == parse_document(yaml, "t") == parse_document(yaml.encode(), "t")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
def test_encodings(encoding: str) -> None:
    text = '{"a": "ü"}'
    content = b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16-le-bom" else text.encode(encoding)
    assert parse_document(content, "t") == {"a": "ü"}


@pytest.mark.parametrize("content", [b"\xff\xfea", b'{"a": "\xe4"}', b"a: \x00", "{}".encode("utf-32"), b"\x7fELF\x00"])
def test_binary_is_refused(content: bytes) -> None:
    assert "binary or not in UTF-8" in refused(content).problem


@pytest.mark.parametrize(
    ("text", "line", "column"), [('{\n  "a": 1,\n}', 3, 1), ('{"a" 1}', 1, 6), ('{\n"a": tru}', 2, 6)]
)
def test_broken_json_names_line_and_column(text: str, line: int, column: int) -> None:
    error = refused(text)
    assert "not valid JSON" in error.problem
    assert (error.line, error.column) == (line, column)
    assert str(error).startswith(f"t.json:{line}:{column}: ")


@pytest.mark.parametrize("text", ["{a: 1}", "{a: !Ref B}", '{"a": !Ref B}', '["x", !Sub "y"]'])
def test_flow_style_yaml_is_no_broken_json(text: str) -> None:
    if text.startswith("["):
        assert "holds a list" in refused(text).problem
    else:
        assert list(parse_document(text, "t")) == ["a"]


@pytest.mark.parametrize("text", ["", " \n", "\ufeff"])
def test_empty_is_refused(text: str) -> None:
    assert "the file is empty" in refused(text.encode("utf-8")).problem


@pytest.mark.parametrize(("text", "kind"), [("[]", "list"), ("- a", "list"), ("just text", "single value")])
def test_top_level_is_an_object(text: str, kind: str) -> None:
    assert f"holds a {kind}" in refused(text).problem


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 10_000, "9" * 301])
def test_numbers_that_no_template_can_hold(number: str) -> None:
    error = refused(f'{{"a": {number}}}')
    assert "is not a number that a template can hold" in error.problem
    assert len(str(error)) < 200


def test_numbers_that_a_template_can_hold() -> None:
    assert parse_document('{"a": [0, -1, 1.5, 1e3, ' + "9" * 300 + "]}", "t")["a"][:4] == [0, -1, 1.5, 1000.0]


def test_lone_surrogates_are_refused_and_pairs_are_not() -> None:
    assert "half of a character" in refused('{"a": "\\ud800"}').problem
    assert "half of a character" in refused('{"\\uDC00": 1}').problem
    assert "half of a character" in refused("a: \ud800").problem
    assert parse_document('{"a": "\\ud83d\\ude00"}', "t") == {"a": "\U0001f600"}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000,
        '{"a":' * 10_000,
        '{"a":' * 300 + "1" + "}" * 300,
        "a: " + "[" * 300 + "]" * 300,
        "".join("  " * depth + "a:\n" for depth in range(300)),
        "- " * 300 + "a",
    ],
    ids=["lists", "objects", "closed", "yaml flow", "yaml block", "yaml dashes"],
)
def test_deep_nesting_is_refused(text: str) -> None:
    assert "deeper than 256 levels" in refused(text).problem


def test_nesting_up_to_the_limit_is_read() -> None:
    document = parse_document('{"a":' * 255 + "[]" + "}" * 255, "t")
    assert not too_deep(document)
    assert too_deep({"a": document})


def test_duplicate_keys_in_json_take_the_last_as_cloudformation_does() -> None:
    assert parse_document('{"a": 1, "a": 2}', "t") == {"a": 2}


def test_large_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.json"
    path.write_text('{"a": "' + "x" * 2000 + '"}')
    monkeypatch.setattr(documents, "MAX_YAML_BYTES", 1000)
    assert read_document(str(path))
    assert "larger than" in refused("a: " + "x" * 2000).problem
    with pytest.raises(InputError, match="larger than"):
        documents.read_bytes(str(path), 1000)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone.json", tmp_path / "a\0b"):
        with pytest.raises(InputError, match="cannot be read"):
            read_document(str(path))


def test_a_device_without_an_end_is_not_read_to_its_end() -> None:
    if os.path.exists("/dev/zero"):
        with pytest.raises(InputError, match="larger than"):
            documents.read_bytes("/dev/zero", 1 << 20)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({}, "it has no Resources"),
        ({"Resources": []}, "Resources is not an object"),
        ({"Resources": None}, "Resources is not an object"),
        ({"Resources": {"A": 1}}, "Resources.A is not an object"),
        ({"Resources": {"A": {}}}, "Resources.A has no Type that is a text"),
        ({"Resources": {"A": {"Type": 1}}}, "Resources.A has no Type that is a text"),
        ({"Resources": {"A": {"Type": "X", "Properties": []}}}, "Resources.A.Properties is not an object"),
        ({"Resources": {"A\n": {"Type": "X"}}}, "has a name that cannot be printed"),
        ({"Resources": {}, "Parameters": []}, "Parameters is not an object"),
        ({"Resources": {}, "Conditions": "x"}, "Conditions is not an object"),
        ({"Resources": {}, "Mappings": 1}, "Mappings is not an object"),
        ({"Resources": {}, "Outputs": [1]}, "Outputs is not an object"),
    ],
)
def test_shapes_that_are_no_template(document: dict[str, object], problem: str) -> None:
    with pytest.raises(InputError) as caught:
        check_template(document, "t")
    assert problem in caught.value.problem
    assert "\n" not in str(caught.value)


def test_shapes_that_are_a_template() -> None:
    check_template({"Resources": {}, "Parameters": None}, "t")
    check_template({"Resources": {"Fn::ForEach::X": [], "A": {"Type": "X", "Properties": None}}}, "t")
    check_template({"Resources": {"A": {"Fn::Transform": {"Name": "AWS::Include"}}}}, "t")
