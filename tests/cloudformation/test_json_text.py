"""JSON text: what a property says as text is what it would say as an object."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs.cloudformation import Assembly, Resource, Unresolved
from support.evaluated import only_scope

plain = st.recursive(
    st.booleans() | st.integers() | st.text(st.characters(max_codepoint=0xD7FF)),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text("abc", min_size=2), children, max_size=4),
    max_leaves=12,
)


def task(settings: Any) -> Resource:
    document = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {
            "Task": {"Type": "AWS::DMS::ReplicationTask", "Properties": {"ReplicationTaskSettings": settings}},
            "Key": {"Type": "AWS::KMS::Key"},
        },
    }
    return only_scope(Assembly.of_document(document)).resources["Task"]


@given(plain)
def test_text_is_read_as_what_it_says(document: Any) -> None:
    assert task(json.dumps({"body": document}))["ReplicationTaskSettings"].parsed()["body"].known == document


@given(plain)
def test_an_object_stays_as_it_is(document: Any) -> None:
    assert task({"body": document})["ReplicationTaskSettings"].parsed()["body"].known == document


def test_parts_that_are_not_known_stay_in_their_places() -> None:
    text = '{"key": "${Key}", "arn": "arn:${Key.Arn}:x", "name": "${P}", "on": true}'
    settings = task({"Fn::Sub": text})["ReplicationTaskSettings"].parsed()
    key = settings.resource._scope.resources["Key"]
    assert settings["on"].known is True
    assert settings["key"].target is key
    assert settings["arn"].target is key
    assert settings["arn"].unresolved
    assert settings["name"].unresolved == "parameter P has neither a default nor allowed values"


def test_text_that_is_no_json_is_not_known() -> None:
    for text in ("", "{", '{"a": ', "[" * 100_000, {"Fn::Sub": '{"on": ${P}}'}):
        assert type(task(text)["ReplicationTaskSettings"].parsed().node) is Unresolved


def test_what_is_absent_stays_absent() -> None:
    assert task({"Ref": "AWS::NoValue"})["ReplicationTaskSettings"].parsed()["Logging.EnableLogging"].is_absent


def test_a_name_may_hold_dots() -> None:
    settings = task({"a.b": {"Ref": "Key"}, "a": {"b": "another"}})["ReplicationTaskSettings"]
    assert settings.member("a.b").target is settings.resource._scope.resources["Key"]
    assert settings.member("c").is_absent
