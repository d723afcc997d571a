"""The language of filter patterns: what parses, what it means, and that nothing else breaks the parser."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs.aws.filter_patterns import PatternError, matches, parse

EVENT = {
    "eventName": "CreateVpc",
    "eventSource": "ec2.amazonaws.com",
    "readOnly": False,
    "managementEvent": True,
    "apiVersion": None,
    "count": 3,
    "userIdentity": {"type": "Root", "session-context": {"x": "y"}},
    "resources": [{"ARN": "arn:one"}, {"ARN": "arn:two"}],
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{ $.eventName = CreateVpc }", True),
        ('{$.eventName="CreateVpc"}', True),
        ("\n{ $.eventName\t= CreateVpc }\n", True),
        ("{ $.eventName = createvpc }", False),
        ("{ $.eventName = CreateVp }", False),
        ("{ $.eventName != CreateVpc }", False),
        ("{ $.eventName != DeleteVpc }", True),
        ("{ $.eventName = Create* }", True),
        ('{ $.eventName = "*Vpc" }', True),
        ("{ $.eventName = *eat* }", True),
        ("{ $.eventName = C*eV*c }", True),
        ("{ $.eventName = C*Vc*Vpc }", False),
        ("{ $.eventName = CreateVpc*CreateVpc }", False),
        ("{ $.eventName = *eVpcs }", False),
        ("{ $.eventName = * }", True),
        ("{ $.missing = * }", False),
        ("{ $.userIdentity = * }", True),
        ("{ $.eventName != Delete* }", True),
        ("{ $.missing = x }", False),
        ("{ $.missing != x }", None),
        ("{ $.missing NOT EXISTS }", True),
        ("{ $.missing not exists }", True),
        ("{ $.eventName NOT EXISTS }", False),
        ("{ $.apiVersion NOT EXISTS }", False),
        ("{ $.apiVersion IS NULL }", True),
        ("{ $.missing IS NULL }", False),
        ("{ $.eventName IS NULL }", False),
        ("{ $.managementEvent IS TRUE }", True),
        ("{ $.readOnly IS TRUE }", False),
        ("{ $.readOnly IS FALSE }", True),
        ("{ $.managementEvent IS FALSE }", False),
        ("{ $.readOnly = false }", None),
        ("{ $.count > 2 }", None),
        ("{ $.count < 4 }", None),
        ("{ $.missing >= 2 }", False),
        ("{ $.missing <= 2 }", False),
        ("{ $.userIdentity.type = Root }", True),
        ("{ $.userIdentity.session-context.x = y }", True),
        ("{ $.userIdentity['session-context'].x = y }", True),
        ('{ $.userIdentity.["session-context"].x = y }', True),
        ("{ $['eventName'] = CreateVpc }", True),
        ("{ $.userIdentity.type.deeper = Root }", False),
        ("{ $.resources[1].ARN = arn:two }", True),
        ("{ $.resources[2].ARN = arn:two }", False),
        ("{ $.eventName[0] = C }", False),
        ("{ $.resources.ARN = arn:one }", False),
        ("{ $.userIdentity[0] = Root }", False),
        ("{ $.eventName = DeleteVpc || $.eventName = CreateVpc }", True),
        ("{ $.eventName = CreateVpc && $.eventSource = s3.amazonaws.com }", False),
        # && binds closer: (true) || (true && false)
        ("{ $.eventName = CreateVpc || $.eventName = CreateVpc && $.eventName = x }", True),
        ("{ ($.eventName = CreateVpc || $.eventName = CreateVpc) && $.eventName = x }", False),
        ("{ $.eventName = x && $.eventName = x || $.eventName = CreateVpc }", True),
        ("{ (($.eventName = CreateVpc)) }", True),
        ("{ $.missing != x || $.eventName = CreateVpc }", True),
        ("{ $.missing != x || $.eventName = DeleteVpc }", None),
        ("{ $.missing != x && $.eventName = CreateVpc }", None),
        ("{ $.missing != x && $.eventName = DeleteVpc }", False),
        ('{ $.eventName = "a || b" || $.eventSource = "ec2.amazonaws.com" }', True),
    ],
)
def test_meaning(pattern: str, expected: bool | None) -> None:
    assert matches(parse(pattern), EVENT) is expected


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("", "no pattern for events in JSON"),
        ("{", "no pattern for events in JSON"),
        ("}", "no pattern for events in JSON"),
        ("$.eventName = CreateVpc }", "no pattern for events in JSON"),
        ("ERROR", "no pattern for events in JSON"),
        ("[ip, user = root]", "no pattern for events in JSON"),
        ("{ $.eventName = CreateVpc", "no pattern for events in JSON"),
        ("{ }", "where a field such as"),
        ("{ eventName = CreateVpc }", "where a field such as"),
        ("{ $ = CreateVpc }", "a field has no name"),
        ("{ $.= CreateVpc }", "a field has no name"),
        ("{ $.a }", "is no comparison"),
        ("{ $.a EXISTS }", "is no comparison"),
        ("{ $.a IS NOT NULL }", "is no comparison"),
        ("{ $.a = }", "where a value belongs"),
        ("{ $.a == b }", "where a value belongs"),
        ('{ $.a = "b }', "a quotation mark is not closed"),
        ("{ ($.a = b }", "a parenthesis is not closed"),
        ("{ $.a = b) }", "where && or || belongs"),
        ("{ $.a = b c }", "where && or || belongs"),
        ("{ $.a = b & $.c = d }", "where && or || belongs"),
        ("{ $.a = b || }", "where a field such as"),
        ("{ $.a = %b% }", "regular expression"),
        ("{ $.a[x] = b }", "neither an index nor a name"),
        ("{ $.a[\"x'] = b }", "neither an index nor a name"),
        ("{ $.a[xxx] = b }", "neither an index nor a name"),
        ("{ $.a[''] = b }", "neither an index nor a name"),
        ("{ $.a[\u00b2] = b }", "neither an index nor a name"),
        ("{ $.a[0 = b }", "a bracket is not closed"),
        ("{ " + "(" * 100 + "$.a = b" + ")" * 100 + " }", "nest too deeply"),
        ("{ $.a = " + "b" * 1024 + " }", "longer than the 1024 characters"),
    ],
)
def test_what_is_no_pattern_says_why(pattern: str, problem: str) -> None:
    with pytest.raises(PatternError) as caught:
        parse(pattern)
    assert problem in str(caught.value)


FIELDS = ("a", "b", "c")
COMPARISONS = st.tuples(st.sampled_from(["=", "!="]), st.sampled_from(FIELDS), st.sampled_from(["x", "y"]))
TREES: st.SearchStrategy[Any] = st.recursive(
    COMPARISONS,
    lambda inner: st.tuples(st.sampled_from(["&&", "||"]), st.lists(inner, min_size=2, max_size=3)),
    max_leaves=8,
)


def written(tree: Any) -> str:
    if tree[0] in ("&&", "||"):
        return f" {tree[0]} ".join(f"({written(part)})" for part in tree[1])
    operator, field, value = tree
    return f'$.{field}{operator}"{value}"'


def meant(tree: Any, event: dict[str, str]) -> bool:
    if tree[0] == "&&":
        return all(meant(part, event) for part in tree[1])
    if tree[0] == "||":
        return any(meant(part, event) for part in tree[1])
    operator, field, value = tree
    return (event[field] == value) is (operator == "=")


@given(TREES, st.fixed_dictionaries({field: st.sampled_from(["x", "y"]) for field in FIELDS}))
def test_a_pattern_means_what_was_written(tree: Any, event: dict[str, str]) -> None:
    text = f"{{ {written(tree)} }}"
    assert matches(parse(text), event) is meant(tree, event)


@given(st.text(alphabet="{}()[]$.=!<>|&\"'%* abNOTEXISTSULF0\n", max_size=40), st.booleans())
def test_no_text_breaks_the_parser(text: str, wrapped: bool) -> None:
    try:
        pattern = parse(f"{{{text}}}" if wrapped else text)
    except PatternError:
        return
    assert matches(pattern, EVENT) in (True, False, None)
