"""A reused verdict is the verdict that the check would return: nothing that a check reads is untracked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from soc2_constructs.audit import audit
from soc2_constructs.audit.cache import VerdictCache
from soc2_constructs.cloudformation import Assembly, Evaluation, Resource, Template, Verdict, failed, passed
from soc2_constructs.cloudformation.gaps import FIX_NESTED, Gap
from soc2_constructs.controls import catalogue
from support.cases import all_cases, assembly_of

QUEUE = "AWS::SQS::Queue"
POLICY = "AWS::SQS::QueuePolicy"


def queue(**attributes: Any) -> dict[str, Any]:
    return {"Type": QUEUE, **attributes}


def verdicts(assembly: Assembly, check: Callable[[Resource], Verdict], *, reuse: bool = True) -> list[str]:
    evaluation = Evaluation(assembly)
    cache = VerdictCache(evaluation, check, enabled=reuse)
    return [verdict.status for _, verdict, _ in cache.judged(evaluation.of_type(QUEUE))]


def test_a_check_of_an_attribute_gets_the_verdict_of_each_resource() -> None:
    def is_retained(resource: Resource) -> Verdict:
        policy = resource.attribute("DeletionPolicy")
        return policy.one_of("Retain", {"Ref": "P"})

    queues = {"A": queue(DeletionPolicy="Retain"), "B": queue(DeletionPolicy="Delete"), "C": queue()}
    queues["D"] = queue(DeletionPolicy={"Fn::FindInMap": ["Gone", "a", "b"]})
    assembly = Assembly.of_document({"Resources": queues})
    assert verdicts(assembly, is_retained) == ["PASS", "FAIL", "FAIL", "UNRESOLVED"]


#: How a check can tell the first of two queues from the second one, by the accessor of `Resource` that it uses.
ACCESSORS: dict[str, Callable[[Resource], bool]] = {
    "all_of_type": lambda one: one.all_of_type(QUEUE)[0] is one,
    "attribute": lambda one: one.attribute("Metadata")["Mark"].known == "first",
    "construct_path": lambda one: one.construct_path == "S/First",
    "declaration": lambda one: one.declaration.logical_id == "First",
    "exists": lambda one: one.exists,
    "gap": lambda one: one.gap is not None,
    "is_possible": lambda one: one.is_possible,
    "logical_id": lambda one: one.logical_id == "First",
    "present_region": lambda one: one.present_region == "eu-central-1",
    "referenced_by": lambda one: any(user["Mark"].known == "first" for user in one.referenced_by()),
    "references": lambda one: any(found.resource.type == POLICY for found in one.references()),
    "referrers": lambda one: any(user["Mark"].known == "first" for user in one.referrers(POLICY, via="Queues[]")),
    "region": lambda one: one.region == "eu-central-1",
    "shape": lambda one: one.shape("Same").node.resource["Mark"].known == "first",
    "target": lambda one: one.target("Other") is not None and one.target("Other")["Mark"].known == "first",  # type: ignore[index]
    "template": lambda one: one.template.path == "first",
    "texts": lambda one: "first" in one.texts("Mark"),
    "value_at": lambda one: one["Mark"].known == "first",
    "values": lambda one: [value.known for value in one.values("Marks[].Mark")] == ["first"],
    "whole": lambda one: one.whole["Mark"].known == "first",
}
#: What reads no property, what is the same for all resources, and what only writes to the read log.
WITHOUT_READS = {"is_conditional", "mark_uncacheable", "read_identity", "today", "type"}


def two_templates() -> Assembly:
    """Two templates that differ in everything but the shape of one property."""
    templates = []
    for name in ("first", "second"):
        policy = {"Type": POLICY, "Properties": {"Queues": [{"Ref": name.title()}], "Mark": name}}
        properties = {
            "Mark": name,
            "Marks": [{"Mark": name}],
            "Same": {"Ref": "Policy"},
            "Other": {"Ref": "Policy"},
            "Others": [{"Ref": "Policy"}],
        }
        body = queue(Properties=properties, Metadata={"Mark": name, "aws:cdk:path": f"S/{name.title()}"})
        document: dict[str, Any] = {"Resources": {name.title(): body, "Policy": policy}}
        if name == "first":
            document["Outputs"] = {"O": {"Value": {"Ref": "First"}}}
        templates.append(Template(name, document, region="eu-central-1" if name == "first" else "us-east-1"))
    templates[0].resources["First"].gap = Gap("its template is not part of the assembly", FIX_NESTED)
    del templates[1].resources["Second"].properties["Others"]
    return Assembly(templates)


def test_every_accessor_is_listed() -> None:
    public = {name for name in dir(Resource) if not name.startswith("_")}
    assert public == ACCESSORS.keys() | WITHOUT_READS


@pytest.mark.parametrize("accessor", ACCESSORS)
def test_every_accessor_is_tracked(accessor: str) -> None:
    def check(resource: Resource) -> Verdict:
        return passed() if ACCESSORS[accessor](resource) else failed("another one")

    found = verdicts(two_templates(), check)
    assert found == verdicts(two_templates(), check, reuse=False)
    if accessor not in ("exists", "is_possible", "references"):
        assert found == ["PASS", "FAIL"]


def test_a_reference_to_itself_is_told_from_one_to_another() -> None:
    def names_itself(resource: Resource) -> Verdict:
        return passed() if resource["Other"].node.resource is resource else failed("another one")

    queues = {name: queue(Properties={"Other": {"Ref": other}}) for name, other in (("A", "A"), ("B", "A"), ("C", "C"))}
    assert verdicts(Assembly.of_document({"Resources": queues}), names_itself) == ["PASS", "FAIL", "PASS"]


#: Only verdicts on single resources are reused.
CACHED = [control.id for control in catalogue().values() if control.scope == "resource"]


def results(assembly: Assembly, *, reuse: bool) -> list[tuple[Any, ...]]:
    found = audit(assembly=assembly, include=CACHED, reuse_verdicts=reuse).results
    return [(one.control.id, one.status, one.message, one.property_path, one.logical_id) for one in found]


CASES: dict[str, list[dict[str, Any]]] = {}
for _control, _, _case in all_cases():
    if "elsewhere" not in _case and _control in CACHED:
        CASES.setdefault(_control, []).append(_case)


@pytest.mark.parametrize("control", CASES)
def test_all_cases_of_a_control_together_get_the_same_results(control: str) -> None:
    """In one assembly, so that the verdicts of one case are reused in others."""
    assembly = Assembly([template for case in CASES[control] for template in assembly_of(case).templates])
    assert results(assembly, reuse=True) == results(assembly, reuse=False)


def test_outputs_of_two_nested_stacks_are_different_values(tmp_path: Path) -> None:
    """Both policies name an output `P`: of one stack it is an account, of the other it is everyone."""
    for name, principal in (("a", "arn:aws:iam::111111111111:root"), ("b", "*")):
        (tmp_path / f"{name}.yaml").write_text(
            f"Resources: {{T: {{Type: 'AWS::SNS::Topic'}}}}\nOutputs: {{P: {{Value: '{principal}'}}}}\n"
        )
    policies = "".join(
        f"  Bucket{name}: {{Type: 'AWS::S3::Bucket'}}\n"
        f"  Nested{name}: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: {name.lower()}.yaml}}}}\n"
        f"  Policy{name}:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !Ref Bucket{name}\n"
        f"      PolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{AWS: !GetAtt Nested{name}.Outputs.P}}, "
        f"Action: 's3:GetObject', Resource: '*'}}]}}\n"
        for name in "AB"
    )
    (tmp_path / "parent.yaml").write_text(f"Resources:\n{policies}")
    outcome = audit(tmp_path / "parent.yaml", include=["s3_bucket_policy_restrict_public_access"])
    statuses = {result.logical_id: result.status for result in outcome.results if result.logical_id}
    assert (statuses["PolicyA"], statuses["PolicyB"]) == ("PASS", "FAIL")


@pytest.mark.parametrize("names", [("Shared", "Open"), ("Open", "Shared")])
def test_properties_that_a_transform_writes_are_not_empty_properties(names: tuple[str, str]) -> None:
    transform = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/part.yaml"}}}
    bodies = {"Shared": {"Type": "AWS::S3::Bucket", "Properties": transform}, "Open": {"Type": "AWS::S3::Bucket"}}
    assembly = Assembly.of_document({"Resources": {name: bodies[name] for name in names}})
    outcome = audit(assembly=assembly, include=["s3_bucket_versioning_enabled"])
    statuses = {result.logical_id: result.status for result in outcome.results if result.logical_id}
    assert statuses == {"Shared": "UNRESOLVED", "Open": "FAIL"}
