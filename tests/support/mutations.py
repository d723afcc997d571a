"""Templates of the project's own corpus, and changes that make them wrong in every way."""

from __future__ import annotations

import contextlib
import copy
import functools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from soc2_constructs.audit import Audit, audit
from soc2_constructs.cloudformation import Assembly, InputError
from soc2_constructs.cloudformation.documents import parse_document
from soc2_constructs.reports import FORMATS, Settings, render
from support.cases import all_cases

ROOT = Path(__file__).parents[2]
#: Calls of functions in one audit; the largest template of the corpus takes a tenth of them.
MAX_CALLS = 5_000_000

#: Chooses one of so many options.
Choose = Callable[[int], int]

_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1e308, 10**30, "", "x", "*", "true", "0x1F", "::error::", "\u202e", "a" * 2000),
    *([], {}, [[]], [None], {"": ""}, {"Ref": "Nowhere"}, {"Ref": "AWS::NoValue"}, {"Ref": "AWS::Region"}, {"Ref": []}),
    *({"Fn::GetAtt": "A"}, {"Fn::GetAtt": ["A", "Arn", "x"]}, {"Fn::Sub": "${A}${A.Arn}${!x}${"}),
    *({"Fn::Sub": ["${x}", {}]}, {"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]}, {"Fn::If": []}, {"Fn::Join": []}),
    *({"Fn::Join": ["", {"Ref": "P"}]}, {"Fn::Select": [9, ["a"]]}, {"Fn::Split": [",", "a,b"]}, {"Fn::GetAZs": ""}),
    *({"Fn::FindInMap": ["M", "a", "b"]}, {"Fn::ImportValue": 5}, {"Fn::Transform": {"Name": "X"}}),
    *({"Fn::Base64": {"Ref": "P"}}, {"Fn::Cidr": ["10.0.0.0/8", 2, 8]}),
)


@functools.cache
def corpus() -> tuple[dict[str, Any], ...]:
    """Every template of the cases and of the applications in the tests, each once."""
    found = {json.dumps(document, default=str): document for document in _documents()}
    return tuple(found.values())


def _documents() -> Iterator[dict[str, Any]]:
    for _, _, case in all_cases():
        for stack in (case.get("stacks") or {"": case}).values():
            if "template" in stack:
                yield parse_document(stack["template"], "case")
            elif "resources" in stack:
                yield {"Resources": stack["resources"]}
    for path in sorted((ROOT / "tests" / "apps").rglob("*.template.json")):
        yield json.loads(path.read_text())


def mutated(choose: Choose) -> dict[str, Any]:
    """Return a template of the corpus with a few changes."""
    document: dict[str, Any] = copy.deepcopy(corpus()[choose(len(corpus()))])
    for _ in range(1 + choose(4)):
        holders = [node for node in _nodes(document) if node]
        if not holders:
            break
        holder = holders[choose(len(holders))]
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = keys[choose(len(keys))]
        change = choose(6)
        if change == 0:
            del holder[key]
        elif change == 1:
            holder[key] = copy.deepcopy(holders[choose(len(holders))])
        elif change == 2:
            holder[key] = [holder[key]]
        elif change == 3:
            holder[key] = {"Fn::If": ["C", holder[key], copy.deepcopy(_VALUES[choose(len(_VALUES))])]}
        elif change == 4 and isinstance(holder, dict):
            holder[_name(choose)] = holder[key]
        else:
            holder[key] = copy.deepcopy(_VALUES[choose(len(_VALUES))])
    return document


def _name(choose: Choose) -> str:
    names = ("Fn::Transform", "Fn::If", "Ref", "Condition", "Fn::ForEach::X", "Type", "*", "a.b", "0", "\x1b[31m")
    return names[choose(len(names))]


def _nodes(root: Any) -> Iterator[Any]:
    waiting = [root]
    for node in waiting:
        if isinstance(node, (dict, list)):
            yield node
            waiting += node.values() if isinstance(node, dict) else node


def examine(document: dict[str, Any]) -> str | None:
    """Return what is wrong with the audit of a document, or None.

    No check raises an exception, the audit ends, and a second one gives the same bytes. A document without the shape of
    a template is refused with an `InputError`.
    """
    again = copy.deepcopy(document)
    try:
        with limited_calls():
            found = _audit(document)
    except InputError:
        return None
    reports = [render(found, form, Settings(verbose=True)) for form in FORMATS]
    for result in found.results:
        if "the check itself broke" in result.message:
            return f"{result.control.id}: {result.message}"
    return None if reports[1] == render(_audit(again), FORMATS[1], Settings()) else "a second audit gives other bytes"


def _audit(document: dict[str, Any]) -> Audit:
    return audit(assembly=Assembly.of_document(document, account="1", region="eu-central-1"))


@contextlib.contextmanager
def limited_calls() -> Iterator[None]:
    """A context that ends with an error after MAX_CALLS calls: a hang fails the test instead of stopping it."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:  # noqa: ARG001
        nonlocal calls
        calls += 1
        if calls > MAX_CALLS:
            raise TimeoutError(f"the audit takes more than {MAX_CALLS} calls")

    outer = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(outer)
