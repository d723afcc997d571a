"""Whatever a template holds: an answer or an InputError, the same one each time, and never a check that breaks."""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soc2_constructs.audit import STATUSES, audit
from soc2_constructs.cloudformation import Assembly, InputError
from soc2_constructs.cloudformation.documents import check_template, parse_document
from soc2_constructs.cloudformation.intrinsics import _FUNCTIONS
from soc2_constructs.controls import catalogue

#: Dotted property paths as the checks of each resource type write them.
PATHS: dict[str, list[str]] = {}
TEXTS: set[str] = set()


def _collect() -> None:
    for control in catalogue().values():
        if control.check is None:
            continue
        tree = ast.parse(inspect.getsource(importlib.import_module(control.check.__module__)))
        texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is str}
        TEXTS.update(text for text in texts if len(text) < 40 and " " not in text)
        paths = {text for text in texts if re.fullmatch(r"[A-Z][A-Za-z]+(\[\])?(\.[A-Z][A-Za-z]+(\[\])?)*", text)}
        for kind in control.resource_types:
            PATHS[kind] = sorted({*PATHS.get(kind, ()), *paths})


_collect()
TYPES = sorted(PATHS)
IDS = ("A", "B", "C", "N")
NAMES = (*IDS, "P", "Q", "AWS::Region", "AWS::NoValue", "AWS::AccountId", "Gone")

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 4000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(sorted(TEXTS)),
    st.sampled_from(["", "true", "Enabled", "35", "*", "{{resolve:ssm:/x}}", "${P}-${A}", "arn:aws:s3:::x", '{"a":1}']),
    st.text(max_size=5),
)
wild = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*NAMES, "Key"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def functions(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Intrinsic functions, half of them well formed."""
    name = st.sampled_from(NAMES)
    condition = st.sampled_from(["Yes", "Free", "Stage", "Circle", "Gone"])
    return st.one_of(
        st.builds(lambda n: {"Ref": n}, name),
        st.builds(lambda n: {"Fn::GetAtt": [n, "Arn"]}, name),
        st.builds(lambda n: {"Fn::GetAtt": f"{n}.Outputs.O"}, name),
        st.builds(lambda n: {"Fn::Sub": f"x${{{n}}}"}, name),
        st.builds(lambda c, a, b: {"Fn::If": [c, a, b]}, condition, inner, inner),
        st.builds(lambda a, b: {"Fn::Join": ["", [a, b]]}, inner, inner),
        st.builds(lambda a, b: {"Fn::Select": [a, b]}, inner, inner),
        st.builds(lambda a: {"Fn::Split": [":", a]}, inner),
        st.builds(lambda a: {"Fn::ImportValue": a}, st.sampled_from(["E", "F", {"Ref": "P"}])),
        st.builds(lambda f, a: {f: a}, st.sampled_from([*_FUNCTIONS, "Fn::Transform", "Fn::ForEach::X"]), inner),
    )


values = st.recursive(
    wild | functions(scalars),
    lambda inner: st.one_of(functions(inner), st.lists(inner, max_size=3)),
    max_leaves=5,
)

statements = st.fixed_dictionaries(
    {},
    optional={
        "Effect": st.sampled_from(["Allow", "Deny", {"Ref": "P"}, 5]),
        "Principal": st.one_of(st.sampled_from(["*", {"AWS": "*"}, {"Service": "s3.amazonaws.com"}]), values),
        "NotPrincipal": values,
        "Action": st.one_of(st.sampled_from(["*", "s3:*", ["kms:Decrypt", "backup:*"]]), values),
        "NotAction": values,
        "Resource": values,
        "Condition": st.one_of(
            st.just({"Bool": {"aws:SecureTransport": "false"}}),
            values,
            st.dictionaries(st.sampled_from(["Bool", "StringLike", "ForAllValues:ArnLike"]), values, max_size=2),
        ),
    },
)
policies = st.one_of(
    st.builds(lambda found: {"Statement": found}, st.one_of(statements, st.lists(statements, max_size=2), values)),
    st.builds(lambda found: json.dumps({"Statement": found}), statements),
    values,
)


def _place(tree: dict[str, Any], path: str, leaf: Any) -> None:
    """Put a value at a dotted path, unless something else stands on the way."""
    *steps, last = path.split(".")
    node: Any = tree
    for step in steps:
        listed = step.endswith("[]")
        node = node.setdefault(step.removesuffix("[]"), [{}] if listed else {})
        if listed and type(node) is list and node:
            node = node[0]
        if type(node) is not dict:
            return
    node[last.removesuffix("[]")] = copy.deepcopy(leaf)


@st.composite
def property_trees(draw: Callable[..., Any], kind: str, depth: int = 2) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path in draw(st.lists(st.sampled_from(PATHS[kind]), max_size=6)) if PATHS[kind] else ():
        choice = draw(st.integers(0, 3)) if depth else 0
        if choice == 1:
            leaf: Any = draw(property_trees(kind, depth - 1))
        elif choice == 2:
            leaf = [draw(property_trees(kind, depth - 1)), draw(values)]
        else:
            leaf = draw(policies if "Policy" in path or "Document" in path else values)
        _place(tree, path, leaf)
    return tree


@st.composite
def resources(draw: Callable[..., Any]) -> dict[str, Any]:
    kind = draw(st.sampled_from(TYPES))
    body: dict[str, Any] = {"Type": kind, "Properties": draw(property_trees(kind))}
    for name, strategy in (
        ("Condition", st.sampled_from(["Yes", "Free", "Circle", "Gone", 5])),
        ("DeletionPolicy", values),
        ("Metadata", wild),
    ):
        if draw(st.integers(0, 3)) == 0:
            body[name] = draw(strategy)
    return body


parameters = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "Type": st.sampled_from(
                ["String", "Number", "CommaDelimitedList", "AWS::SSM::Parameter::Value<String>", 5]
            ),
            "Default": scalars | wild,
            "AllowedValues": st.lists(scalars, max_size=3) | wild,
            "MinLength": scalars,
        },
    ),
    wild,
)
conditions = st.recursive(
    st.one_of(
        st.builds(lambda a, b: {"Fn::Equals": [a, b]}, values, values),
        st.builds(lambda n: {"Condition": n}, st.sampled_from(["Yes", "Free", "Circle", "Gone"])),
        wild,
    ),
    lambda inner: st.builds(
        lambda f, a: {f: a}, st.sampled_from(["Fn::And", "Fn::Or", "Fn::Not"]), st.lists(inner, max_size=2)
    ),
    max_leaves=4,
)


@st.composite
def templates(draw: Callable[..., Any]) -> dict[str, Any]:
    found = {name: draw(resources()) for name in draw(st.sets(st.sampled_from(IDS), min_size=1))}
    return {
        "Parameters": {"P": draw(parameters), "Q": draw(parameters)},
        "Conditions": {
            "Yes": {"Fn::Equals": ["a", "a"]},
            "Free": draw(conditions),
            "Stage": {"Fn::Equals": [{"Ref": "P"}, draw(scalars)]},
            "Circle": {"Fn::Not": [{"Condition": "Circle"}]},
        },
        "Mappings": draw(wild.filter(lambda found: type(found) is dict) | st.just({})),
        "Outputs": {
            "O": {"Value": draw(values), "Export": {"Name": draw(st.sampled_from(["E", {"Ref": "P"}]))}},
            "I": {"Value": {"Fn::ImportValue": "E"}, "Export": {"Name": "F"}, "Condition": "Free"},
            "W": draw(wild),
        },
        "Resources": found,
    }


def judged(document: dict[str, Any], *, reuse: bool = True, **place: Any) -> list[tuple[Any, ...]]:
    found = audit(assembly=Assembly.of_document(document, **place), reuse_verdicts=reuse)
    return [(r.control.id, r.status, r.message, r.property_path, r.logical_id, r.construct_path) for r in found.results]


slow = settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))


@slow
@given(templates(), st.sampled_from([None, "eu-west-1"]))
def test_every_template_gets_an_answer(document: dict[str, Any], region: str | None) -> None:
    results = judged(document, region=region)
    for control, status, message, *_ in results:
        assert status in STATUSES
        assert "please report it" not in message, f"{control}: {message}"
        assert message
    assert judged(json.loads(json.dumps(document)), region=region) == results


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(), st.binary(), st.text(alphabet="{}[]:,-!&*<\"'|> \n\tabRef1.")))
def test_any_text_is_a_document_or_refused(source: str | bytes) -> None:
    try:
        document = parse_document(source, "t")
        check_template(document, "t")
    except InputError as error:
        said = str(error)
    else:
        judged(document)
        return
    assert said.startswith("t:")
    assert "\n" not in said


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.text(max_size=3), wild, max_size=4), st.booleans())
def test_json_is_read_as_it_is_written(document: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only)
    assert parse_document(text, "t") == document


@slow
@given(st.dictionaries(st.sampled_from(["Resources", "Parameters", "Outputs", "Transform"]), wild))
def test_any_object_is_a_template_or_refused(document: dict[str, Any]) -> None:
    try:
        check_template(document, "t")
    except InputError:
        return
    judged(document)


@st.composite
def alike(draw: Callable[..., Any], kind: str) -> dict[str, Any]:
    """Resources of one type with a few property trees among them, which refer to each other."""
    trees = [draw(property_trees(kind, 1)) for _ in range(2)]
    found: dict[str, Any] = {}
    for name in IDS:
        body: dict[str, Any] = {"Type": kind, "Properties": copy.deepcopy(draw(st.sampled_from(trees)))}
        for path in draw(st.lists(st.sampled_from(PATHS[kind]), max_size=2)) if PATHS[kind] else ():
            _place(body["Properties"], path, draw(st.sampled_from([{"Ref": "A"}, {"Ref": name}, "x", {"Ref": "P"}])))
        attribute = draw(st.sampled_from(["DeletionPolicy", "Condition", None, None]))
        if attribute is not None:
            body[attribute] = {"DeletionPolicy": "Retain", "Condition": "Free"}[attribute]
        found[name] = body
    return {
        "Parameters": {"P": {"Type": "String", **draw(st.sampled_from([{}, {"Default": "x"}]))}},
        "Conditions": {"Free": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
        "Resources": found,
    }


@pytest.mark.parametrize("kind", TYPES)
@settings(deadline=None, max_examples=4, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_reused_verdicts_are_those_of_the_check(kind: str, data: st.DataObject) -> None:
    document = data.draw(alike(kind))
    assert judged(document) == judged(document, reuse=False)


LEAVES: list[Any] = [
    *(None, True, 5, -1.5, "", "x", "rate(1 day)", "*", "arn:aws:s3:::x", '{"Statement": {}}'),
    *([], [5], ["x", None], [[]], {}, {"a": 1}, [{}], {"Statement": [{"Effect": "Allow", "Principal": 5}]}),
    *({"Ref": "P"}, {"Ref": "R0"}, {"Fn::Sub": "${P}x${R0}"}, [{"Ref": "P"}], [{"Ref": "R0"}], {"Ref": "AWS::NoValue"}),
]


@pytest.mark.parametrize("kind", TYPES)
def test_every_property_takes_every_kind_of_value(kind: str) -> None:
    for leaf in LEAVES:
        trees: list[dict[str, Any]] = [{}]
        item: dict[str, Any] = {}
        for path in PATHS[kind]:
            _place(item, path, leaf)
        trees.append(item)
        for path in PATHS[kind]:
            for found in ([item], leaf):
                tree: dict[str, Any] = {}
                _place(tree, path, found)
                trees.append(tree)
        document = {
            "Parameters": {"P": {"Type": "String"}},
            "Resources": {f"R{number}": {"Type": kind, "Properties": tree} for number, tree in enumerate(trees)},
        }
        broken = {f"{name}: {message}" for name, _, message, *_ in judged(document) if "please report it" in message}
        assert not broken


# -- a constant behind a function is the constant

WRAPPINGS: dict[str, Callable[[Any], Any]] = {
    "If": lambda constant: {"Fn::If": ["Free", constant, constant]},
    "FindInMap": lambda constant: {"Fn::FindInMap": ["M", "k", f"v{constant}"]},
    "Ref": lambda constant: {"Ref": f"P{constant}"},
    "text": lambda constant: str(constant).lower() if type(constant) is not str else constant,
    "Sub": lambda constant: {"Fn::Sub": ["${V}", {"V": constant}]},
    "Join": lambda constant: {"Fn::Join": ["", list(WRAPPINGS["text"](constant))]},
    "Select": lambda constant: {"Fn::Select": [1, ["x", constant]]},
    "ImportValue": lambda constant: {"Fn::ImportValue": f"E{constant}"},
}

FLAGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
BUCKETS: list[dict[str, Any]] = [
    {"VersioningConfiguration": {"Status": "Enabled"}, "ObjectLockEnabled": True},
    {"VersioningConfiguration": {"Status": "Suspended"}, "ObjectLockEnabled": False},
    {"PublicAccessBlockConfiguration": dict.fromkeys(FLAGS, True)},
    {"AccessControl": "PublicRead", "LifecycleConfiguration": {"Rules": [{"Status": "Enabled"}]}},
    {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
        "LoggingConfiguration": {"DestinationBucketName": "elsewhere"},
        "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
    },
]
INSTANCES: list[dict[str, Any]] = [
    {"Engine": "postgres", "StorageEncrypted": True, "MultiAZ": True, "BackupRetentionPeriod": 35},
    {"Engine": "postgres", "StorageEncrypted": False, "PubliclyAccessible": True, "BackupRetentionPeriod": 1},
    {
        "Engine": "mysql",
        "DeletionProtection": True,
        "Port": 3306,
        "CopyTagsToSnapshot": True,
        "PubliclyAccessible": False,
    },
    {"Engine": "mysql", "AutoMinorVersionUpgrade": True, "EnableCloudwatchLogsExports": ["audit", "error"]},
]


def _constants(node: Any) -> list[Any]:
    if type(node) is dict:
        return [leaf for child in node.values() for leaf in _constants(child)]
    if type(node) is list:
        return [leaf for child in node for leaf in _constants(child)]
    return [node]


def _wrapped(node: Any, wrap: Callable[[Any], Any]) -> Any:
    if type(node) is dict:
        return {key: _wrapped(child, wrap) for key, child in node.items()}
    if type(node) is list:
        return [_wrapped(child, wrap) for child in node]
    return wrap(node)


def _statuses(kind: str, properties: dict[str, Any], constants: list[Any]) -> dict[str, str]:
    document = {
        "Parameters": {
            "S": {"Type": "String"},
            **{f"P{constant}": {"Type": "String", "Default": constant} for constant in constants},
        },
        "Conditions": {"Free": {"Fn::Equals": [{"Ref": "S"}, "x"]}},
        "Mappings": {"M": {"k": {f"v{constant}": constant for constant in constants}}},
        "Resources": {"R": {"Type": kind, "Properties": properties}},
        "Outputs": {
            f"O{number}": {"Value": constant, "Export": {"Name": f"E{constant}"}}
            for number, constant in enumerate(constants)
        },
    }
    results = audit(assembly=Assembly.of_document(document)).results
    return {result.control.id: result.status for result in results if result.logical_id == "R"}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        *(("AWS::S3::Bucket", properties) for properties in BUCKETS),
        *(("AWS::RDS::DBInstance", properties) for properties in INSTANCES),
        ("AWS::RDS::DBCluster", {"Engine": "aurora-postgresql", "StorageEncrypted": True, "DeletionProtection": True}),
    ],
)
def test_a_constant_behind_a_function_is_the_constant(kind: str, properties: dict[str, Any], wrapping: str) -> None:
    constants = list({str(constant): constant for constant in _constants(properties)}.values())
    plain = _statuses(kind, properties, constants)
    assert {"PASS", "FAIL"} <= set(plain.values())
    assert _statuses(kind, _wrapped(properties, WRAPPINGS[wrapping]), constants) == plain
