"""Checks read properties that exist: every path, against the resource schemas that cfn-lint ships."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import Resource, Value
from soc2_constructs.controls import catalogue
from support.cases import all_cases, assembly_of

REGION = "us-east-1"


def schema_of(kind: str) -> dict[str, Any]:
    schema: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    return schema


def branches(schema: Any, root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema itself and all that it is composed of, references followed."""
    waiting, seen = [schema], 0
    while waiting and seen < 200:
        node = waiting.pop()
        seen += 1
        if not isinstance(node, dict):
            continue
        if isinstance(node.get("$ref"), str):
            target: Any = root
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target.get(step, {})
            waiting.append(target)
        for word in ("allOf", "anyOf", "oneOf"):
            waiting += node.get(word, [])
        yield node


def has_path(schema: Any, path: tuple[str, ...], root: dict[str, Any]) -> bool:
    """Whether a property path exists; below a free-form object everything does."""
    if not path:
        return True
    free = True
    for node in branches(schema, root):
        if node.get("type") == "object" and len(node.keys() - {"description"}) == 1:
            # One of several shapes, and of this one the schema says nothing: SAM takes a list of names or documents.
            return True
        if "items" in node:
            free = False
            if has_path(node["items"], path, root):
                return True
        patterns = list(node.get("patternProperties", {}).values())
        further = node.get("additionalProperties")
        if isinstance(further, dict):
            patterns.append(further)
        if any(has_path(pattern, path[1:], root) for pattern in patterns):
            return True
        if "properties" in node:
            free = False
            if path[0] in node["properties"] and has_path(node["properties"][path[0]], path[1:], root):
                return True
        if patterns or set(node.get("type", "object") if isinstance(node.get("type"), list) else ()) == {"string"}:
            free = False
        kinds = node.get("type")
        if kinds is not None and "object" not in kinds and "array" not in kinds:
            free = False
    return free


@pytest.fixture(scope="module")
def read_paths() -> dict[str, set[tuple[str, tuple[str, ...]]]]:
    """What the checks of each control read on all its cases: resource type and property path.

    What stands inside of a document that may be JSON text is not the resource's, and no schema knows it.
    """
    found: dict[str, set[tuple[str, tuple[str, ...]]]] = {}
    original = Resource.value_at
    parsed = Value.parsed
    documents: set[tuple[int, tuple[str | int, ...]]] = set()
    control = ""

    def value_at(self: Resource, node: Any, prefix: tuple[str | int, ...], path: str) -> Value:
        if not any((id(self), prefix[:length]) in documents for length in range(1, len(prefix) + 1)):
            steps = (*prefix, *path.split("."))
            found[control].add((self.type, tuple(step for step in steps if isinstance(step, str))))
        return original(self, node, prefix, path)

    def remember(self: Value) -> Value:
        documents.add((id(self.resource), self.path))
        return parsed(self)

    patch = pytest.MonkeyPatch()
    patch.setattr(Resource, "value_at", value_at)
    patch.setattr(Value, "parsed", remember)
    try:
        for control, _, case in all_cases():
            found.setdefault(control, set())
            if "elsewhere" not in case:
                documents.clear()
                audit(assembly=assembly_of(case), include=[control], thresholds=case.get("thresholds"))
    finally:
        patch.undo()
    return found


def test_every_path_that_a_check_reads_exists(read_paths: dict[str, set[tuple[str, tuple[str, ...]]]]) -> None:
    """On the resource itself, or on another type of the same service: checks of two types share their helpers."""
    problems = []
    for name, reads in read_paths.items():
        service = catalogue()[name].service
        kinds = {kind for entry in catalogue().values() if entry.service == service for kind in entry.resource_types}
        for kind, path in sorted(reads):
            if path[0] in ("DeletionPolicy", "UpdateReplacePolicy", "Metadata"):
                continue
            candidates = [kind, *kinds] if kind in kinds else [kind]
            if not any(has_path(schema_of(other), path, schema_of(other)) for other in candidates):
                problems.append(f"{name} reads {kind}.{'.'.join(path)}, which does not exist")
    assert not problems, "\n".join(problems)


def test_a_path_that_does_not_exist_is_found() -> None:
    schema = schema_of("AWS::S3::Bucket")
    assert has_path(schema, ("VersioningConfiguration", "Status"), schema)
    assert has_path(schema, ("ReplicationConfiguration", "Rules", "Destination", "Bucket"), schema)
    assert not has_path(schema, ("VersioningConfiguration", "State"), schema)
    assert not has_path(schema, ("Versioning",), schema)
    assert not has_path(schema, ("BucketName", "Name"), schema)
