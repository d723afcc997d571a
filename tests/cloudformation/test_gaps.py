"""Parts of a deployment that no template shows: each is reported, with the fix that fits its cause."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import UNRESOLVED, Assembly, document_assembly, read_assembly
from soc2_constructs.cloudformation import gaps as fixes
from soc2_constructs.reports import Settings, render

VISIBLE = "soc2_template_visible"
VERSIONING = "s3_bucket_versioning_enabled"
BUCKET = {"Type": "AWS::S3::Bucket"}
TEMPLATE = {"Resources": {"B": BUCKET}}


def gaps(assembly: Assembly) -> list[tuple[str | None, str, str]]:
    return [(gap.logical_id, gap.reason, gap.fix) for _, gap in assembly.gaps]


def of(**resources: Any) -> Assembly:
    return document_assembly({"Resources": resources})


def write(path: Path, content: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


NOT_HERE = "its template is not part of the assembly"
INCLUDE = {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/k"}}


@pytest.mark.parametrize(
    ("body", "reason", "fix"),
    [
        ({"Type": "My::S3::Bucket::MODULE"}, "the module My::S3::Bucket::MODULE adds resources", fixes.FIX_MODULE),
        (
            {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://x"}},
            NOT_HERE,
            fixes.FIX_NESTED,
        ),
        (
            {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateURL": "u"}},
            "its template 'u'",
            fixes.FIX_SEPARATE,
        ),
        ({"Type": "AWS::CloudFormation::StackSet"}, NOT_HERE, fixes.FIX_SEPARATE),
        (
            {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": "{"}},
            "cannot be read",
            fixes.FIX_SEPARATE,
        ),
        (
            {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": {"Ref": "P"}}},
            "only at deployment",
            fixes.FIX_SEPARATE,
        ),
        (
            {"Type": "AWS::Serverless::Application", "Properties": {"Location": {"ApplicationId": "a"}}},
            NOT_HERE,
            fixes.FIX_SEPARATE,
        ),
        ({"Type": "AWS::ServiceCatalog::CloudFormationProduct"}, NOT_HERE, fixes.FIX_PRODUCT),
        ({"Type": "AWS::ServiceCatalog::CloudFormationProvisionedProduct"}, NOT_HERE, fixes.FIX_PRODUCT),
        ({"Type": "T", "Fn::Transform": INCLUDE}, "by Fn::Transform only at deployment", fixes.FIX_TRANSFORM),
        ({"Type": "T", "Properties": {"Fn::Transform": INCLUDE}}, "by Fn::Transform", fixes.FIX_TRANSFORM),
        (
            {"Type": "T", "Properties": {"A": [{"B": 1, "Fn::Transform": INCLUDE}]}},
            "by Fn::Transform",
            fixes.FIX_TRANSFORM,
        ),
        ({"Fn::Transform": INCLUDE}, "R is expanded by Fn::Transform", fixes.FIX_TRANSFORM),
        ({"Type": "T", "Properties": {"Fn::ForEach::L": ["X", {"Ref": "P"}, {}]}}, "Fn::ForEach::L", fixes.FIX_LOOP),
    ],
)
def test_each_part_has_a_result_with_the_fix_of_its_cause(body: dict[str, Any], reason: str, fix: str) -> None:
    assembly = document_assembly({"Parameters": {"P": {"Type": "String"}}, "Resources": {"R": body}})
    ((_, found, text),) = gaps(assembly)
    assert reason in found
    assert text == fix
    outcome = audit(assembly=assembly)
    (result,) = [result for result in outcome.results if result.control.id == VISIBLE]
    assert (result.status, result.fix) == (UNRESOLVED, fix)
    assert outcome.failures(strict=True)
    assert result not in outcome.failures()
    assert render(outcome, "table", Settings()).splitlines()[-1].endswith("1 part not judged")
    assert fix in render(outcome, "table", Settings())
    # Neither a selection of other controls nor an exclusion hides it from the summary.
    hidden = audit(assembly=assembly, exclude=[VISIBLE])
    assert "1 part not judged" in render(hidden, "table", Settings())


@pytest.mark.parametrize(
    ("transform", "is_gap"),
    [
        ("AWS::Serverless-2016-10-31", True),
        ({"Name": "AWS::Include", "Parameters": {"Location": "s3://b/k"}}, True),
        (["AWS::LanguageExtensions", "Mine"], True),
        ("AWS::SecretsManager-2020-07-23", False),
        (["AWS::SecretsManager-2024-09-16", "AWS::LanguageExtensions"], False),
    ],
)
def test_transforms_of_the_cdk_are_known(transform: Any, is_gap: bool) -> None:
    found = gaps(document_assembly({"Transform": transform, "Resources": {}}))
    assert [fix for _, _, fix in found] == [fixes.FIX_TRANSFORM] * is_gap


def test_a_transform_that_is_merged_into_a_resource_leaves_its_properties_open() -> None:
    enabled = {"VersioningConfiguration": {"Status": "Enabled"}}
    plain = {**BUCKET, "Properties": enabled}
    assembly = of(
        A=plain,
        B={**plain, "Fn::Transform": INCLUDE},
        C={**BUCKET, "Properties": {"Fn::Transform": INCLUDE}},
        D=BUCKET,
    )
    found = {r.logical_id: r.status for r in audit(assembly=assembly).results if r.control.id == VERSIONING}
    assert found == {"A": "PASS", "B": "UNRESOLVED", "C": "UNRESOLVED", "D": "FAIL"}


def test_deletion_policies_of_a_transformed_resource_are_open() -> None:
    assembly = of(A={"Type": "AWS::DynamoDB::Table", "Fn::Transform": INCLUDE})
    declaration = assembly.templates[0].resources["A"]
    assert "Fn::Transform" in declaration.attribute("DeletionPolicy")


# -- stack sets and products


@pytest.mark.parametrize("body", [json.dumps(TEMPLATE), TEMPLATE, "Resources:\n  B: {Type: 'AWS::S3::Bucket'}\n"])
def test_the_body_of_a_stack_set_is_judged(body: Any, tmp_path: Path) -> None:
    stack_set = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": body}}
    path = write(tmp_path / "t.json", {"Resources": {"S": stack_set}})
    outcome = audit(path)
    assert [r.template_path for r in outcome.results if r.control.id == VERSIONING] == [f"{path}#S"]
    # The targets are accounts of their own: only a strict check fails.
    assert gaps(outcome.assembly)[0][2] == fixes.FIX_TARGETS
    assert VISIBLE in {result.control.id for result in outcome.failures(strict=True)}
    assert "not judged" not in render(outcome, "table", Settings()).splitlines()[-1]
    sarif = json.loads(render(outcome, "sarif", Settings()))
    uris = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for r in sarif["runs"][0]["results"]
        if r["locations"]
    }
    # A path outside the project has no leading slash.
    assert uris == {str(path).lstrip("/")}


@pytest.mark.parametrize(("overrides", "status"), [({}, "PASS"), ({"ParameterOverrides": [{}]}, "FAIL")])
def test_the_parameters_of_a_stack_set(overrides: dict[str, Any], status: str) -> None:
    body = {
        "Parameters": {"V": {"Type": "String", "AllowedValues": ["Enabled", "Suspended"]}},
        "Resources": {"B": {**BUCKET, "Properties": {"VersioningConfiguration": {"Status": {"Ref": "V"}}}}},
    }
    properties = {
        "TemplateBody": json.dumps(body),
        "Parameters": [
            {"ParameterKey": "V", "ParameterValue": "Enabled"},
            {"ParameterKey": "Other", "ParameterValue": "x"},
        ],
        "StackInstancesGroup": [{"Regions": ["us-east-1"], **overrides}],
    }
    outcome = audit(assembly=of(S={"Type": "AWS::CloudFormation::StackSet", "Properties": properties}))
    assert [r.status for r in outcome.results if r.control.id == VERSIONING] == [status]


def test_the_body_of_a_nested_stack_gets_its_parameters() -> None:
    body = {
        "Parameters": {"V": {"Type": "String"}},
        "Resources": {"B": {**BUCKET, "Properties": {"VersioningConfiguration": {"Status": {"Ref": "V"}}}}},
    }
    properties = {"TemplateBody": json.dumps(body), "Parameters": {"V": "Enabled"}}
    assembly = of(N={"Type": "AWS::CloudFormation::Stack", "Properties": properties})
    assert gaps(assembly) == []
    assert [r.status for r in audit(assembly=assembly).results if r.control.id == VERSIONING] == ["PASS"]


def test_products_and_applications_of_the_assembly_are_judged(tmp_path: Path) -> None:
    key = "abc.json"
    url = {"Fn::Sub": f"https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/assets-${{AWS::AccountId}}/{key}"}
    product = {
        "Type": "AWS::ServiceCatalog::CloudFormationProduct",
        "Properties": {"ProvisioningArtifactParameters": [{"Info": {"LoadTemplateFromURL": url}}]},
    }
    resources = {
        "Used": {
            "Type": "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
            "Properties": {"ProductId": {"Ref": "P"}},
        },
        "P": product,
        "Sets": {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateURL": url}},
        "App": {"Type": "AWS::Serverless::Application", "Properties": {"Location": "child.json"}},
    }
    write(tmp_path / "A.template.json", {"Resources": resources})
    write(tmp_path / "child.json", TEMPLATE)
    destination = {"bucketName": "assets-${AWS::AccountId}", "objectKey": key}
    write(
        tmp_path / "A.assets.json",
        {"files": {"x": {"source": {"path": "child.json"}, "destinations": {"d": destination}}}},
    )
    artifacts = {
        "A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.template.json"}},
        "A.assets": {"type": "cdk:asset-manifest", "properties": {"file": "A.assets.json"}},
    }
    write(tmp_path / "manifest.json", {"version": "36.0.0", "artifacts": artifacts})
    assembly = read_assembly([str(tmp_path)])
    assert gaps(assembly) == []
    # A file is judged once; where one resource nests it, with its parameters.
    assert [template.parent and template.parent.logical_id for template in assembly.templates] == [None, "App"]
    assert assembly.skipped == ()


# -- metadata and TemplateURL


def forged(tmp_path: Path, url: Any, bucket: str = "assets-${AWS::AccountId}") -> list[str]:
    """The gaps of a nested stack whose metadata names a file; the asset manifest publishes it as abc.json."""
    body = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": url},
        "Metadata": {"aws:asset:path": "good.json"},
    }
    write(tmp_path / "A.template.json", {"Parameters": {"P": {"Type": "String"}}, "Resources": {"N": body}})
    write(tmp_path / "good.json", TEMPLATE)
    write(tmp_path / "bad.json", TEMPLATE)
    files = {
        name: {"source": {"path": path}, "destinations": {"d": {"bucketName": bucket, "objectKey": name}}}
        for name, path in (("abc.json", "good.json"), ("def.json", "bad.json"))
    }
    write(tmp_path / "A.assets.json", {"files": files})
    artifacts = {
        "A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.template.json"}},
        "A.assets": {"type": "cdk:asset-manifest", "properties": {"file": "A.assets.json"}},
    }
    write(tmp_path / "manifest.json", {"version": "36.0.0", "artifacts": artifacts})
    return [reason for _, reason, _ in gaps(read_assembly([str(tmp_path)]))]


@pytest.mark.parametrize(
    "url",
    [
        "https://s3.${AWS::Region}.${AWS::URLSuffix}/assets-${AWS::AccountId}/abc.json",
        "https://s3.eu-west-1.amazonaws.com/assets-${AWS::AccountId}/abc.json",
        "https://s3-eu-west-1.amazonaws.com/assets-${AWS::AccountId}/abc.json",
        "https://assets-${AWS::AccountId}.s3.eu-west-1.amazonaws.com/abc.json",
        "https://assets-${AWS::AccountId}.s3.cn-north-1.amazonaws.com.cn/abc.json",
        "s3://assets-${AWS::AccountId}/abc.json",
        "./good.json",
    ],
)
def test_a_url_of_the_asset_that_the_metadata_names(url: str, tmp_path: Path) -> None:
    assert forged(tmp_path, {"Fn::Sub": url} if "$" in url else url) == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "https://s3.${AWS::Region}.${AWS::URLSuffix}/assets-${AWS::AccountId}/def.json",
            "is 'bad.json', but its metadata",
        ),
        ("bad.json", "is 'bad.json', but its metadata"),
        ("https://s3.amazonaws.com/other/abc.json", "no asset manifest shows"),
        ("https://evil.s3.amazonaws.com/assets-${AWS::AccountId}/abc.json", "no asset manifest shows"),
        ("https://s3.evil.com/assets-${AWS::AccountId}/abc.json", "no asset manifest shows"),
        ("http://s3.amazonaws.com/assets-${AWS::AccountId}/abc.json", "no asset manifest shows"),
        ("https://s3.amazonaws.com/assets-${AWS::AccountId}/abc.json?versionId=1", "no asset manifest shows"),
        ("${P}", "no asset manifest shows"),
    ],
)
def test_metadata_does_not_redirect_a_nested_stack(url: str, words: str, tmp_path: Path) -> None:
    (reason,) = forged(tmp_path, {"Fn::Sub": url} if "$" in url else url)
    assert words in reason


# -- versions of the assembly


@pytest.mark.parametrize(("version", "count"), [("55.0.0", 0), ("56.0.0", 1), ("999", 1), (None, 0), ("x", 0)])
def test_a_newer_major_version_is_judged_and_reported(version: Any, count: int, tmp_path: Path) -> None:
    write(tmp_path / "A.template.json", TEMPLATE)
    artifacts = {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.template.json"}}}
    write(tmp_path / "manifest.json", {"version": version, "artifacts": artifacts})
    outcome = audit(str(tmp_path), include=[VERSIONING])
    assert [r.status for r in outcome.results if r.control.id == VERSIONING] == ["FAIL"]
    found = [r for r in outcome.results if r.control.id == VISIBLE]
    assert [(r.status, r.fix) for r in found] == [(UNRESOLVED, fixes.FIX_VERSION)] * count
    outcome.parts_fail = True
    assert not set(found) & set(outcome.failures())
    assert set(found) <= set(outcome.failures(strict=True))


def test_the_gate_fails_on_parts_that_are_not_judged() -> None:
    outcome = audit(assembly=of(M={"Type": "A::B::C::MODULE"}))
    assert outcome.failures() == []
    outcome.parts_fail = True
    assert [r.control.id for r in outcome.failures()] == [VISIBLE]
    assert outcome.failures("none") == []
    assert outcome.with_results(outcome.results).failures() == outcome.failures()
