"""The catalogue as a whole: what every control must say of itself, and in which words."""

from __future__ import annotations

import re

import pytest

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import Assembly
from soc2_constructs.controls import FIELDS, KINDS, SEVERITIES, STATES, Control, catalogue, control, definitions, find
from soc2_constructs.criteria import CRITERIA
from support.cases import FOLDER

CONTROLS = [pytest.param(entry, id=entry.id) for entry in catalogue().values()]


@pytest.mark.parametrize("entry", CONTROLS)
def test_a_control_says_what_users_need(entry: Control) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]+", entry.id)
    assert 10 <= len(entry.title) < 150
    assert not re.match(r"(Ensure|Check|Verify|Make sure|You )", entry.title), "a title states the compliant state"
    assert entry.title[0].isupper()
    assert not entry.title.endswith((".", "!"))
    assert entry.kind in KINDS, "a control has a kind, which gives its criteria"
    assert all(set(names) <= set(CRITERIA) for names in entry.also_mapped.values())
    assert entry.state in STATES
    assert entry.severity in SEVERITIES
    assert entry.scope in ("resource", "region", "account", "waiver")
    assert len(entry.documentation) > 40, "the docstring says why it matters, and what a change of it changes"
    assert len(entry.fix) > 20
    assert "`" in entry.fix or not entry.resource_types, "a fix says what to type"
    assert re.search(r"[A-Z][a-zA-Z]+", entry.fix), "a fix names the CloudFormation property as well"
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]+", rule) for rule in entry.config_rules)
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in entry.prowler)
    assert all(re.fullmatch(r"(AWS|Alexa)::\w+::\w+|Custom::AWSCDK-[\w-]+", kind) for kind in entry.resource_types)


def test_every_id_is_found_by_every_name() -> None:
    names = [name for entry in catalogue().values() for name in (entry.id, *entry.aliases)]
    assert len(names) == len(set(names))
    for entry in catalogue().values():
        assert all(find(name) is entry for name in (entry.id, *entry.aliases))


def test_every_file_of_cases_belongs_to_a_module() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {entry.service for entry in catalogue().values()}


def test_the_index_is_what_the_modules_define() -> None:
    """`make generate` writes it."""
    assert [repr(entry) for entry in definitions()] == [repr(entry) for entry in catalogue().values()]


def test_a_control_is_defined_once() -> None:
    with pytest.raises(ValueError, match="defined twice"):

        @control(kind="inventory", severity="low", fix="Nothing")
        def s3_bucket_versioning_enabled() -> None:
            """Nothing."""


def test_an_assembly_without_the_types_costs_no_import() -> None:
    document = {"Resources": {"Topic": {"Type": "AWS::None::Such"}}}
    results = audit(assembly=Assembly.of_document(document)).results
    assert all(result.template is None for result in results)


@pytest.mark.parametrize(
    ("fix", "terms"),
    [
        ("Set `a=1` (A: 1).", ("Set `a=1`.", "A: 1")),
        ("Set `a=f(1)` (A: 1), and deploy the rule R.", ("Set `a=f(1)`, and deploy the rule R.", "A: 1")),
        ("Set `a=1` (A (of B) and C).", ("Set `a=1`.", "A (of B) and C")),
        ("Set `a=1` (A), or `b=1` (B).", ("Set `a=1` (A), or `b=1` (B).", "")),
        ("Set it (`aws a b`) by hand.", ("Set it (`aws a b`) by hand.", "")),
        ("Set `a=f(1)`.", ("Set `a=f(1)`.", "")),
    ],
)
def test_a_fix_tells_the_cdk_from_cloudformation(fix: str, terms: tuple[str, str]) -> None:
    values = {name: getattr(catalogue()["s3_bucket_versioning_enabled"], name) for name in FIELDS} | {"fix": fix}
    assert Control(*values.values()).fix_terms == terms
