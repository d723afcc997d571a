"""Assemblies: what is read, how it hangs together, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import UNRESOLVED, Assembly, InputError, Resource, Template, read_assembly
from soc2_constructs.cloudformation import template_loader as module
from soc2_constructs.cloudformation.intrinsics import Intrinsics
from soc2_constructs.cloudformation.metadata import Metadata
from soc2_constructs.cloudformation.scenarios import scenarios
from soc2_constructs.cloudformation.values import ABSENT, Reference, Unresolved
from support.evaluated import scopes

TEMPLATE: dict[str, Any] = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
STACK = "aws:cloudformation:stack"


def write(path: Path, content: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def cloud_assembly(folder: Path, artifacts: Any, **files: Any) -> str:
    write(folder / "manifest.json", {"version": "36.0.0", "artifacts": artifacts})
    for name, content in files.items():
        write(folder / f"{name}.template.json", content)
    return str(folder)


def stack(name: str, **more: Any) -> dict[str, Any]:
    return {"type": STACK, "properties": {"templateFile": f"{name}.template.json"}, **more}


def nested(path: str | None = None, **properties: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"Type": "AWS::CloudFormation::Stack", "Properties": properties}
    if path is not None:
        body["Metadata"] = {"aws:asset:path": path}
    return body


def together(*documents: dict[str, Any], places: list[dict[str, Any]] | None = None) -> list[Intrinsics]:
    return scopes(
        Assembly(
            Template(f"t{number}", {"Resources": {}, **document}, **(places[number] if places else {}))
            for number, document in enumerate(documents)
        )
    )


def reading(value: Any, **document: Any) -> dict[str, Any]:
    return {"Resources": {"R": {"Type": "T", "Properties": {"V": value}}}, **document}


def missing(assembly: Assembly) -> list[str]:
    return [f"{gap.logical_id}: {gap.reason}" for _, gap in assembly.gaps]


# -- reading


def test_single_files_in_either_format(tmp_path: Path) -> None:
    one, two = write(tmp_path / "b.json", TEMPLATE), write(tmp_path / "a.yaml", "Resources: {T: {Type: X}}")
    assembly = read_assembly([one, Path(two), one])
    assert [template.path for template in assembly.templates] == [two, one]


def test_globs(tmp_path: Path) -> None:
    one, two = write(tmp_path / "x" / "a.json", TEMPLATE), write(tmp_path / "b.json", TEMPLATE)
    assert [t.path for t in read_assembly([str(tmp_path / "**" / "*.json")]).templates] == [two, one]
    with pytest.raises(InputError, match="no file matches the pattern"):
        read_assembly([str(tmp_path / "*.yaml")])
    literal = write(tmp_path / "[c].json", TEMPLATE)
    assert [t.path for t in read_assembly([literal]).templates] == [literal]


def test_folders(tmp_path: Path) -> None:
    one = write(tmp_path / "a.template", TEMPLATE)
    two = write(tmp_path / "deep" / "b.yml", "Resources: {T: {Type: X}}")
    other = write(tmp_path / "package.json", {"name": "x"})
    comments = write(tmp_path / "tsconfig.json", "{ // a comment\n}")
    many = write(tmp_path / "k8s.yaml", "a: 1\n---\nb: 2\n")
    listed = write(tmp_path / "list.json", [1])
    write(tmp_path / "notes.txt", "no template")
    assembly = read_assembly([str(tmp_path)])
    assert [template.path for template in assembly.templates] == [one, two]
    assert [path for path, _ in assembly.skipped] == [many, listed, other, comments]


FOREIGN = ["node_modules/pkg/t.json", "__pycache__/t.json", ".git/t.json", ".serverless/t.json", "env/lib/site/t.json"]


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("below", ["", "deep/er/"])
def test_what_others_wrote_is_left_out_of_a_folder_and_told(name: str, below: str, tmp_path: Path) -> None:
    write(tmp_path / below / "env" / "pyvenv.cfg", "home = /usr/bin")
    foreign = write(tmp_path / below / name, TEMPLATE)
    plain = write(tmp_path / "z" / "t.json", TEMPLATE)
    assembly = read_assembly([str(tmp_path)])
    assert [template.path for template in assembly.templates] == [plain]
    left_out = str(tmp_path / below / name.partition("/")[0])
    ((_, reason),) = [each for each in assembly.skipped if each[0] == left_out]
    assert "pass the folder itself" in reason
    # A user who names it means it: the folder itself, one inside, or the file.
    for named in (left_out, str(Path(foreign).parent), foreign):
        assert [template.path for template in read_assembly([named]).templates] == [foreign]


@pytest.mark.parametrize("name", ["modules", "env", "node_modules.d", "pycache"])
def test_folders_with_ordinary_names_are_read(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / name / "t.json", TEMPLATE)
    assembly = read_assembly([str(tmp_path)])
    assert [template.path for template in assembly.templates] == [path]
    assert assembly.skipped == ()


def test_the_assets_of_a_cloud_assembly_are_no_templates(tmp_path: Path) -> None:
    out = cloud_assembly(tmp_path / "cdk.out", {"A": stack("A")}, A=TEMPLATE)
    write(tmp_path / "cdk.out" / "asset.abc" / "t.json", TEMPLATE)
    write(tmp_path / "cdk.out" / "asset.abc" / "node_modules" / "t.json", TEMPLATE)
    assembly = read_assembly([str(tmp_path)])
    assert [template.path for template in assembly.templates] == [f"{out}/A.template.json"]
    assert assembly.skipped == ()


def test_a_broken_file_of_a_folder_that_may_be_a_template_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.json", TEMPLATE)
    path = write(tmp_path / "b.json", '{"Resources": {')
    with pytest.raises(InputError) as caught:
        read_assembly([str(tmp_path)])
    assert caught.value.path == path


def test_a_folder_with_several_cloud_assemblies(tmp_path: Path) -> None:
    one = cloud_assembly(tmp_path / "one" / "cdk.out", {"A": stack("A")}, A=TEMPLATE, ignored=TEMPLATE)
    two = cloud_assembly(tmp_path / "two" / "cdk.out", {"B": stack("B")}, B=TEMPLATE)
    plain = write(tmp_path / "z.json", TEMPLATE)
    assembly = read_assembly([str(tmp_path)])
    assert [t.path for t in assembly.templates] == [f"{one}/A.template.json", f"{two}/B.template.json", plain]
    assert len(read_assembly([one, str(tmp_path), plain]).templates) == 3


def test_a_manifest_of_something_else_hides_no_templates(tmp_path: Path) -> None:
    write(tmp_path / "manifest.json", {"name": "web app", "icons": []})
    path = write(tmp_path / "t.json", TEMPLATE)
    assert [template.path for template in read_assembly([str(tmp_path)]).templates] == [path]


def test_nothing_to_read(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "x")
    for paths in ([], [str(tmp_path)], [cloud_assembly(tmp_path / "empty", {})]):
        with pytest.raises(InputError, match="no CloudFormation template was found"):
            read_assembly(paths)
    for path in (str(tmp_path / "gone"), "a\0b"):
        with pytest.raises(InputError, match="does not exist"):
            read_assembly([path])


def test_documents_are_checked() -> None:
    with pytest.raises(InputError, match="Resources is not an object"):
        Assembly.of_document({"Resources": []})


# -- manifests


def test_stacks_know_their_place(tmp_path: Path) -> None:
    artifacts = {
        "B": stack("B", environment="aws://123456789012/eu-west-1", displayName="Stage/B"),
        "A": stack("A", environment="aws://unknown-account/unknown-region"),
        "C": {**stack("A"), "properties": {"templateFile": "A.template.json", "stackName": "named"}},
        "D": stack("A", environment=5, displayName=["x"]),
        "Tree": {"type": "cdk:tree"},
        "Odd": {"type": ["x"]},
    }
    templates = read_assembly([cloud_assembly(tmp_path, artifacts, A=TEMPLATE, B=TEMPLATE)]).templates
    places = [(t.stack_name, t.stack_path, t.account, t.region) for t in templates]
    assert places == [
        ("A", "A", None, None),
        ("named", "C", None, None),
        ("D", "D", None, None),
        ("B", "Stage/B", "123456789012", "eu-west-1"),
    ]


def test_an_empty_stack_of_the_cdk_is_a_template(tmp_path: Path) -> None:
    document = {"Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>"}}}
    (template,) = read_assembly([cloud_assembly(tmp_path, {"A": stack("A")}, A=document)]).templates
    assert template.resources == {}


def test_stages_are_read_and_a_circle_of_them_ends(tmp_path: Path) -> None:
    def stage(folder: str) -> dict[str, Any]:
        return {"type": "cdk:cloud-assembly", "properties": {"directoryName": folder}}

    inner = {"A": stack("A"), "Back": stage("../"), "Self": stage(".")}
    cloud_assembly(tmp_path / "assembly-Prod", inner, A=TEMPLATE)
    root = cloud_assembly(tmp_path, {"Prod": stage("assembly-Prod"), "B": stack("B")}, B=TEMPLATE)
    templates = read_assembly([root]).templates
    assert [os.path.relpath(t.path, root) for t in templates] == ["B.template.json", "assembly-Prod/A.template.json"]


@pytest.mark.parametrize(
    ("artifacts", "problem"),
    [
        (5, "`artifacts` is not an object"),
        (None, "`artifacts` is not an object"),
        ([], "`artifacts` is not an object"),
        ({"A": 5}, "artifact A is not an object"),
        ({"A": None}, "artifact A is not an object"),
        ({"A": {"type": STACK, "properties": []}}, "`properties` of artifact A is not an object"),
        ({"A": {"type": STACK, "properties": "x"}}, "`properties` of artifact A is not an object"),
        ({"A": {"type": STACK}}, "artifact A names no file"),
        ({"A": {"type": STACK, "properties": None}}, "artifact A names no file"),
        ({"A": {"type": STACK, "properties": {"templateFile": 5}}}, "artifact A names no file"),
        ({"A": {"type": STACK, "properties": {"templateFile": ""}}}, "artifact A names no file"),
        ({"A": stack("gone")}, "which does not exist"),
        ({"A": {"type": STACK, "properties": {"templateFile": "../x.json"}}}, "is outside the assembly"),
        ({"A": {"type": STACK, "properties": {"templateFile": "/etc/hosts"}}}, "is outside the assembly"),
        ({"A": {"type": STACK, "properties": {"templateFile": "link/x.json"}}}, "is outside the assembly"),
        ({"A": {"type": STACK, "properties": {"templateFile": "a\0b"}}}, "is outside the assembly"),
        ({"A": {"type": STACK, "properties": {"templateFile": "folder"}}}, "cannot be read"),
        ({"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": ".."}}}, "is outside"),
        ({"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "folder"}}}, "cannot be read"),
        ({"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "manifest.json"}}}, "cannot be read"),
        ({"A": {"type": "cdk:asset-manifest"}}, "names no file"),
        ({"A": {"type": "cdk:asset-manifest", "properties": {"file": "gone.json"}}}, "does not exist"),
        ({"A": {"type": "cdk:asset-manifest", "properties": {"file": "broken.json"}}}, "not valid JSON"),
        ({"A": {"type": "cdk:asset-manifest", "properties": {"file": "list.json"}}}, "holds a list"),
    ],
)
def test_broken_manifests(artifacts: Any, problem: str, tmp_path: Path) -> None:
    root = tmp_path / "cdk.out"
    write(tmp_path / "x.json", TEMPLATE)
    cloud_assembly(root, artifacts)
    write(root / "broken.json", "{,")
    write(root / "list.json", [])
    (root / "folder").mkdir()
    (root / "link").symlink_to(tmp_path)
    with pytest.raises(InputError) as caught:
        read_assembly([str(root)])
    assert problem in str(caught.value)
    assert str(root) in caught.value.path


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"', "\0"])
def test_manifests_that_are_no_object(content: str, tmp_path: Path) -> None:
    write(tmp_path / "manifest.json", content)
    with pytest.raises(InputError) as caught:
        read_assembly([str(tmp_path)])
    assert caught.value.path == str(tmp_path / "manifest.json")


def logical_id(path: str, name: str) -> dict[str, Any]:
    return {path: [{"type": "aws:cdk:logicalId", "data": name}]}


def test_metadata_stands_in_the_manifest_or_beside_the_template(tmp_path: Path) -> None:
    artifacts = {
        "A": stack("A", metadata=logical_id("/A/Topic/Resource", "Topic")),
        "B": stack("B", additionalMetadataFile="B.metadata.json"),
        "C": stack("C", metadata=[1], additionalMetadataFile="odd.json"),
        "D": stack("D", metadata={"/D": "x", "/D/Topic": [5, {"type": "aws:cdk:logicalId", "data": "Topic"}]}),
    }
    root = cloud_assembly(tmp_path, artifacts, A=TEMPLATE, B=TEMPLATE, C=TEMPLATE, D=TEMPLATE)
    write(tmp_path / "B.metadata.json", logical_id("/B/Topic/Resource", "Topic"))
    write(tmp_path / "odd.json", {"/C": 5, "/C/Topic": [[], {"type": "aws:cdk:logicalId"}]})
    paths = [t.resources["Topic"].construct_path for t in read_assembly([root]).templates]
    assert paths == ["A/Topic/Resource", "B/Topic/Resource", None, "D/Topic"]


@pytest.mark.parametrize(
    ("file", "problem"), [("gone.json", "does not exist"), ("../x", "outside"), ("bad", "not valid")]
)
def test_metadata_files_that_are_broken(file: str, problem: str, tmp_path: Path) -> None:
    artifacts = {"A": stack("A", additionalMetadataFile=file)}
    root = cloud_assembly(tmp_path, artifacts, A=TEMPLATE)
    write(tmp_path / "bad", "{")
    (template,) = read_assembly([root]).templates
    with pytest.raises(InputError, match=problem):
        template.notes.entries  # noqa: B018


# -- nested stacks


def test_nested_stacks_through_the_asset_path(tmp_path: Path) -> None:
    parent = {"Resources": {"N": nested("child.nested.json", Parameters={"P": {"Ref": "AWS::Region"}})}}
    artifacts = {
        "A": stack("A", environment="aws://123456789012/eu-west-1"),
    }
    root = cloud_assembly(tmp_path, artifacts, A=parent)
    child = reading({"Ref": "P"}, Parameters={"P": {"Type": "String"}})
    write(tmp_path / "child.nested.json", child)
    assembly = read_assembly([root])
    one, two = assembly.templates
    assert two.parent is one.resources["N"]
    assert two.root is one
    assert (two.account, two.region, two.stack_path) == ("123456789012", "eu-west-1", "A")
    assert scopes(assembly)[1].resources["R"]["V"].node == "eu-west-1"


def published(*entries: tuple[str, str], bucket: str = "cdk-${AWS::Region}") -> dict[str, Any]:
    return {
        "files": {
            key: {"source": {"path": source}, "destinations": {"d": {"bucketName": bucket, "objectKey": key}}}
            for key, source in entries
        }
    }


def test_nested_stacks_through_the_manifest_of_assets(tmp_path: Path) -> None:
    url = {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}, "/cdk-", {"Ref": "AWS::Region"}, "/abc.json"]]}
    parent = {
        "Resources": {
            "N": nested(TemplateURL=url),
            "M": nested(TemplateURL={"Fn::Sub": "https://s3.amazonaws.com/cdk-${AWS::Region}/folder/def.json"}),
            "Elsewhere": nested(TemplateURL="https://s3.amazonaws.com/bucket/other.json"),
            "Unknown": nested(TemplateURL={"Ref": "P"}),
            "Without": nested(),
        },
        "Parameters": {"P": {"Type": "String"}},
    }
    artifacts = {
        "A": stack("A"),
        "A.assets": {"type": "cdk:asset-manifest", "properties": {"file": "A.assets.json"}},
        "B.assets": {"type": "cdk:asset-manifest", "properties": {"file": "B.assets.json"}},
    }
    root = cloud_assembly(tmp_path, artifacts, A=parent)
    write(tmp_path / "A.assets.json", published(("abc.json", "child.json"), ("folder/def.json", "child.json")))
    odd = {
        "a": 5,
        "b": {"source": [], "destinations": {}},
        "c": {"source": {"path": 1}, "destinations": {"d": 5, "e": {"objectKey": ""}, "f": {"objectKey": 1}}},
        "g": {"source": {"path": "x"}, "destinations": []},
    }
    write(tmp_path / "B.assets.json", {"files": odd})
    write(tmp_path / "child.json", TEMPLATE)
    assembly = read_assembly([root])
    assert [t.parent and t.parent.logical_id for t in assembly.templates] == [None, "N", "M"]
    assert missing(assembly) == [
        f"{name}: its template is not part of the assembly" for name in ("Elsewhere", "Unknown", "Without")
    ]


def test_a_nested_template_beside_a_plain_template(tmp_path: Path) -> None:
    """As `aws cloudformation package` takes it; the nested template is not judged on its own as well."""
    parent = write(tmp_path / "main.json", {"Resources": {"N": nested(TemplateURL="./a/child.json")}})
    child = write(tmp_path / "a" / "child.json", TEMPLATE)
    for paths in ([parent], [str(tmp_path)], [parent, child], [child, parent]):
        templates = read_assembly(paths).templates
        assert [t.path for t in templates] == [child, parent]
        assert templates[0].parent is templates[1].resources["N"]


def test_nested_templates_that_cannot_be_seen(tmp_path: Path) -> None:
    parent = {
        "Resources": {
            "Missing": nested("gone.json"),
            "Outside": nested("../child.json"),
            "Absolute": nested("/etc/hosts"),
            "Odd": nested("a\0b"),
            "Folder": nested("."),
            "Self": nested("main.json"),
        }
    }
    write(tmp_path / "child.json", TEMPLATE)
    path = write(tmp_path / "x" / "main.json", parent)
    assembly = read_assembly([path])
    reasons = missing(assembly)
    assert len(reasons) == 6
    for logical_id, words in (
        ("Missing", "does not exist"),
        ("Outside", "is outside "),
        ("Absolute", "is outside "),
        ("Odd", "is outside "),
        ("Folder", "does not exist"),
        ("Self", "contains itself"),
    ):
        assert any(reason.startswith(f"{logical_id}: ") and words in reason for reason in reasons)
    results = [r for r in audit(assembly=assembly).results if r.control.id == "soc2_template_visible"]
    assert {(r.status, r.logical_id) for r in results} == {(UNRESOLVED, name) for name in parent["Resources"]}


def test_templates_that_contain_each_other(tmp_path: Path) -> None:
    one = write(tmp_path / "a.json", {"Resources": {"N": nested("b.json"), "T": {"Type": "T"}}})
    write(tmp_path / "b.json", {"Resources": {"N": nested("a.json"), "T": {"Type": "T"}}})
    assembly = read_assembly([one])
    assert len(assembly.templates) == 2
    assert missing(assembly) == ["N: its template 'a.json' contains itself"]
    assert audit(str(tmp_path)).counts()


def test_a_broken_nested_template_is_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "a.json", {"Resources": {"N": nested("b.json")}})
    broken = write(tmp_path / "b.json", {"Resources": 5})
    with pytest.raises(InputError) as caught:
        read_assembly([one])
    assert os.path.normpath(caught.value.path) == broken


def test_nested_stacks_without_end_are_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        write(tmp_path / f"{number}.json", {"Resources": {"N": nested(f"{number + 1}.json")}})
    assembly = read_assembly([str(tmp_path / "0.json")])
    assert missing(assembly) == ["N: its template '33.json' exceeds the limit of 32 levels or 5000 templates"]
    monkeypatch.setattr(module, "MAX_TEMPLATES", 50)
    for number in range(10):
        stacks = {f"N{copy}": nested(f"{number + 1}.json") for copy in range(10)}
        write(tmp_path / f"{number}.json", {"Resources": stacks})
    assembly = read_assembly([str(tmp_path / "0.json")])
    assert len(assembly.templates) == 50
    assert "exceeds the limit of 32 levels or 50 templates" in missing(assembly)[0]


def nested_pair(parent: dict[str, Any], child: dict[str, Any], **parameters: Any) -> tuple[Intrinsics, Intrinsics]:
    """A parent with the nested stack N, and its template."""
    body = nested(Parameters=parameters)
    document = {**parent, "Resources": {**parent.get("Resources", {}), "N": body}}
    outer = Template("outer", document)
    inner = Template("inner", {"Resources": {}, **child}, parent=outer.resources["N"])
    outer.resources["N"].nested_template = inner
    one, two = scopes(Assembly([outer, inner]))
    return one, two


def test_parameters_of_nested_stacks() -> None:
    child = reading(
        {"Fn::Join": ["|", [{"Ref": name} for name in ("Given", "Own", "Allowed", "Number")]]},
        Parameters={
            "Given": {"Type": "String", "Default": "x"},
            "Own": {"Type": "String", "Default": "own"},
            # A nested stack gets its default where it is given nothing: nobody can choose.
            "Allowed": {"Type": "String", "Default": "a", "AllowedValues": ["a", "b"]},
            "Number": {"Type": "Number"},
        },
    )
    _, inner = nested_pair({}, child, Given={"Fn::Sub": "given"}, Number=5, Own={"Ref": "AWS::NoValue"})
    seen = []
    for scenario in scenarios():
        inner.context.scenario = scenario
        seen.append(inner.resources["R"]["V"].node)
    assert seen == ["given|own|a|5"]


def test_lists_given_to_nested_stacks() -> None:
    parameters = {"P": {"Type": "CommaDelimitedList"}, "Q": {"Type": "List<String>"}}
    child = reading([{"Ref": "P"}, {"Fn::Select": [1, {"Ref": "P"}]}, {"Ref": "Q"}], Parameters=parameters)
    parent = {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}
    _, inner = nested_pair(parent, child, P="a, b", Q={"Fn::Sub": "${B},x"})
    first, second, third = [value.node for value in inner.resources["R"]["V"].each()]
    assert (first, second) == (["a", "b"], "b")
    assert type(third) is Unresolved
    assert third.present


@pytest.mark.parametrize("given", [{"Ref": "Gone"}, [{"Ref": "B"}], {"a": 1}, {"Ref": "AWS::NoValue"}])
def test_parameters_that_a_nested_stack_is_not_rightly_given(given: Any) -> None:
    child = reading({"Ref": "P"}, Parameters={"P": {"Type": "String"}})
    _, inner = nested_pair({}, child, P=given)
    assert type(inner.resources["R"]["V"].node) is Unresolved


def test_parameters_of_a_nested_stack_that_are_wholly_unknown() -> None:
    child = reading({"Ref": "P"}, Parameters={"P": {"Type": "String", "Default": "x"}})
    _, inner = nested_pair({}, child)
    parameters = inner.template.parent.properties  # type: ignore[union-attr]
    parameters["Parameters"] = {"Fn::Transform": {}}
    assert type(inner.resources["R"]["V"].node) is Unresolved
    parameters["Parameters"] = "odd"
    inner.context.scenario.cache.clear()
    assert inner.resources["R"]["V"].node == "x"


def test_an_unknown_parameter_of_a_nested_stack_is_one_of_those_compared_with() -> None:
    conditions = {name: {"Fn::Equals": [{"Ref": "P"}, name]} for name in ("a", "b")}
    value = {"Fn::Join": ["", [{"Fn::If": ["a", "A", "-"]}, {"Fn::If": ["b", "B", "-"]}]]}
    child = reading(value, Parameters={"P": {"Type": "String"}}, Conditions=conditions)
    _, inner = nested_pair({"Parameters": {"Q": {"Type": "String"}}}, child, P={"Ref": "Q"})
    seen = []
    for scenario in scenarios():
        inner.context.scenario = scenario
        seen.append(inner.resources["R"]["V"].node)
    assert sorted(seen) == ["--", "-B", "A-"]


def test_a_nested_stack_is_in_the_region_of_its_parent() -> None:
    here = {"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}
    there = {"There": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
    child = reading(
        {"Fn::Join": ["", [{"Ref": "P"}, {"Fn::If": ["There", "t", "-"]}]]},
        Parameters={"P": {"Type": "String"}},
        Conditions=there,
    )
    _, inner = nested_pair({"Conditions": here}, child, P={"Fn::If": ["Here", "h", "-"]})
    seen = []
    for scenario in scenarios():
        inner.context.scenario = scenario
        seen.append(inner.resources["R"]["V"].node)
    assert sorted(seen) == ["--", "-t", "h-"]


def test_outputs_of_nested_stacks() -> None:
    child = {
        "Resources": {"B": {"Type": "AWS::S3::Bucket"}},
        "Conditions": {"No": {"Fn::Equals": ["a", "b"]}},
        "Outputs": {
            "Name": {"Value": {"Ref": "B"}},
            "Not": {"Value": "x", "Condition": "No"},
            "Odd": "x",
            "Empty": {},
            "List": {"Value": [1]},
        },
    }
    outer, inner = nested_pair(reading({"Fn::GetAtt": ["N", "Outputs.Name"]}), child)
    resource = outer.resources["R"]
    assert resource["V"].target is inner.resources["B"]
    for name, words in (
        ("Not", "under its condition"),
        ("Odd", "no output"),
        ("Empty", "no output"),
        ("Gone", "no output"),
        ("List", "is not a string"),
    ):
        node = outer.resolve({"Fn::GetAtt": ["N", f"Outputs.{name}"]})
        assert type(node) is Unresolved
        assert words in node.reason
    assert outer.resolve({"Fn::Sub": "${N.Outputs.Name}"}) == Reference(inner.resources["B"], "Ref")
    outer.template.resources["N"].nested_template = None
    outer.context.scenario.cache.clear()
    assert type(outer.resolve({"Fn::GetAtt": ["N", "Outputs.Name"]})) is Reference


def test_outputs_and_parameters_in_a_circle() -> None:
    child = {"Parameters": {"P": {"Type": "String"}}, "Outputs": {"O": {"Value": {"Fn::Sub": "${P}"}}}}
    outer, _ = nested_pair({}, child, P={"Fn::GetAtt": ["N", "Outputs.O"]})
    node = outer.resolve({"Fn::GetAtt": ["N", "Outputs.O"]})
    assert type(node) is Unresolved
    assert "circle" in node.reason


def test_construct_paths_of_nested_stacks() -> None:
    metadata = {
        **logical_id("/S/Topic/Resource", "Topic"),
        **logical_id("/S/N.NestedStack/N.NestedStackResource", "N"),
        **logical_id("/S/N/Topic/Resource", "Topic"),
    }
    document = {"Resources": {"Topic": {"Type": "T"}, "N": nested()}}
    outer = Template("outer", document, notes=Metadata(metadata))
    inner = Template("inner", TEMPLATE, parent=outer.resources["N"], notes=Metadata(metadata))
    assert outer.resources["Topic"].construct_path == "S/Topic/Resource"
    assert inner.resources["Topic"].construct_path == "S/N/Topic/Resource"


# -- exports


def export(value: Any, name: Any, **more: Any) -> dict[str, Any]:
    return {"Outputs": {"O": {"Value": value, "Export": {"Name": name}, **more}}}


def test_imports_from_another_stack() -> None:
    exporter = {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}, **export({"Ref": "B"}, "shared-bucket")}
    one, two = together(
        exporter, reading({"Fn::ImportValue": {"Fn::Sub": "${P}-bucket"}}, Parameters={"P": {"Default": "shared"}})
    )
    value = two.resources["R"]["V"]
    assert value.target is one.resources["B"]
    assert value.target_of("AWS::S3::Bucket") is one.resources["B"]
    assert value.target_of("AWS::S3::BucketPolicy") is None
    assert two.resources["R"]["V"].node == value.node


def test_an_export_whose_name_is_made_of_the_stack_name() -> None:
    name = {"Fn::Sub": "${AWS::StackName}-x"}
    _, importer = together(export("v", name), reading({"Fn::ImportValue": "net-x"}), places=[{"stack_name": "net"}, {}])
    assert importer.resources["R"]["V"].node == "v"


def test_an_export_whose_name_depends_on_a_parameter_is_found_in_each_world() -> None:
    exporter = export("v", {"Fn::Sub": "${P}-x"})
    exporter["Parameters"] = {"P": {"AllowedValues": ["a", "b"]}}
    _, importer = together(exporter, reading({"Fn::ImportValue": "b-x"}))
    seen = []
    for scenario in scenarios():
        importer.context.scenario = scenario
        node = importer.resources["R"]["V"].node
        seen.append(node if isinstance(node, str) else "unresolved")
    assert sorted(seen) == ["unresolved", "v"]


def test_an_output_whose_condition_is_false_exports_nothing() -> None:
    exporter = export("v", "x", Condition="No")
    exporter["Conditions"] = {"No": {"Fn::Equals": ["a", "b"]}}
    _, importer = together(exporter, reading({"Fn::ImportValue": "x"}))
    assert "no stack of the assembly is known to export" in str(importer.resources["R"]["V"].unresolved)
    *_, importer = together(exporter, export("v", "x"), reading({"Fn::ImportValue": "x"}))
    assert importer.resources["R"]["V"].node == "v"
    places = [{"region": "a"}, {"region": None}, {"region": "a"}]
    *_, importer = together(exporter, export("v", "x"), reading({"Fn::ImportValue": "x"}), places=places)
    assert importer.resources["R"]["V"].node == "v"


def place(region: str | None, account: str | None = None) -> dict[str, Any]:
    return {"region": region, "account": account}


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([place("a"), place("b"), place("b")], "two"),
        ([place("a"), place("b"), place("a")], "one"),
        ([place("a"), place("b"), place("c")], None),
        ([place("a"), place("b"), place(None)], None),
        ([place("a"), place(None), place("b")], "two"),
        ([place(None), place(None), place(None)], "one"),
        ([place("a", "1"), place("a", "2"), place("a", "2")], "two"),
        ([place("a", "1"), place("b", "1"), place("a", None)], "one"),
    ],
)
def test_exports_reach_their_own_region_and_account(places: list[dict[str, Any]], expected: str | None) -> None:
    *_, importer = together(export("one", "x"), export("two", "x"), reading({"Fn::ImportValue": "x"}), places=places)
    node = importer.resources["R"]["V"].node
    assert node == expected if expected else type(node) is Unresolved


@pytest.mark.parametrize("output", [5, None, {}, {"Value": 1}, {"Value": 1, "Export": 5}, {"Value": 1, "Export": {}}])
def test_outputs_that_export_nothing(output: Any) -> None:
    _, importer = together({"Outputs": {"O": output}}, reading({"Fn::ImportValue": "x"}))
    node = importer.resources["R"]["V"].node
    assert type(node) is Unresolved
    assert node.present


def test_an_import_by_an_unknown_name() -> None:
    _, importer = together(export("v", {"Ref": "Gone"}), reading({"Fn::ImportValue": {"Ref": "Gone"}}))
    assert "the name of Fn::ImportValue" in str(importer.resources["R"]["V"].unresolved)
    assert importer.resources["R"]["V"].is_set().status == "PASS"


# -- references

BUCKET, POLICY, LOG_GROUP = "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::Logs::LogGroup"


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": BUCKET, "Properties": properties}


def policy(of: Any) -> dict[str, Any]:
    return {"Type": POLICY, "Properties": {"Bucket": of}}


def referrers(resource: Resource, via: str = "Bucket", kind: str = POLICY) -> list[str]:
    return [found.logical_id for found in resource.referrers(kind, via=via)]


def test_referrers_across_stacks() -> None:
    one, _ = together(
        {
            "Resources": {"B": bucket(), "Here": policy({"Ref": "B"}), "Other": policy({"Ref": "Gone"})},
            **export({"Ref": "B"}, "b"),
        },
        {"Resources": {"There": policy({"Fn::ImportValue": "b"}), "Literal": policy("other-name")}},
    )
    assert referrers(one.resources["B"]) == ["Here", "There"]


def test_referrers_through_lists() -> None:
    def rule(of: Any) -> dict[str, Any]:
        return {"Destination": {"Bucket": of}}

    (template,) = together(
        {
            "Conditions": {"No": {"Fn::Equals": ["a", "b"]}},
            "Resources": {
                "Copy": bucket(),
                "A": bucket(Rules=[rule("x"), rule({"Fn::GetAtt": ["Copy", "Arn"]})]),
                "B": bucket(Rules=rule({"Ref": "Copy"})),
                "C": bucket(Rules=[{"Fn::If": ["No", rule({"Ref": "Copy"}), {"Ref": "AWS::NoValue"}]}]),
                "D": bucket(Names=["x", {"Ref": "Copy"}]),
            },
        }
    )
    copy = template.resources["Copy"]
    assert referrers(copy, "Rules[].Destination.Bucket", BUCKET) == ["A", "B"]
    assert referrers(copy, "Names[]", BUCKET) == ["D"]
    assert copy.target("Rules") is None
    assert [str(value) for value in template.resources["A"].values("Rules[].Destination.Bucket")] == [
        "Rules[0].Destination.Bucket",
        "Rules[1].Destination.Bucket",
    ]


def test_referrers_exist_and_refer_in_the_present_world() -> None:
    (template,) = together(
        {
            "Parameters": {"P": {"AllowedValues": ["yes", "no"]}},
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "yes"]}},
            "Resources": {
                "B": bucket(),
                "Other": bucket(),
                "One": {**policy({"Ref": "B"}), "Condition": "C"},
                "Two": policy({"Fn::If": ["C", {"Ref": "Other"}, {"Ref": "B"}]}),
            },
        }
    )
    seen = []
    for scenario in scenarios():
        template.context.scenario = scenario
        seen.append(referrers(template.resources["B"]))
    assert sorted(seen) == [["One"], ["Two"]]


def test_literal_names_refer_to_what_bears_them() -> None:
    one, two, three = together(
        {
            "Resources": {
                "B": bucket(BucketName="shop"),
                "L": {"Type": LOG_GROUP, "Properties": {"LogGroupName": "shop"}},
            }
        },
        {"Resources": {"P": policy("shop"), "Q": policy("arn:aws:s3:::shop")}},
        {"Resources": {"F": {"Type": "F", "Properties": {"Group": "shop"}}}},
        places=[place("a"), place("b"), place("a")],
    )
    assert referrers(one.resources["B"]) == ["P", "Q"]
    # The name of a log group means one in its own region only; one name may be that of several things.
    assert referrers(one.resources["L"], "Group", "F") == ["F"]
    assert referrers(one.resources["L"], "Bucket") == []
    assert two.resources["P"].target("Bucket") is one.resources["B"]
    assert three.resources["F"].target("Group") is not None


def test_names_of_another_account_are_other_names() -> None:
    group = {"Type": LOG_GROUP, "Properties": {"LogGroupName": "shop"}}
    one, two = together(
        {"Resources": {"L": group}},
        {"Resources": {"F": {"Type": "F", "Properties": {"Group": "shop"}}}},
        places=[place("a", "1"), place("a", "2")],
    )
    assert referrers(one.resources["L"], "Group", "F") == []
    assert two.resources["F"].target("Group") is None


@pytest.mark.parametrize(
    "name", [{"Ref": "P"}, {"Ref": "Q"}, {"Fn::Sub": "${P}-x"}, {"Fn::Sub": "logs-${AWS::AccountId}-${AWS::Region}"}]
)
def test_what_is_called_by_the_same_parameter_is_called_the_same(name: Any) -> None:
    parameters = {"P": {"Type": "String"}, "Q": {"Default": "b", "AllowedValues": ["a", "b"]}}
    (template,) = together(
        {"Parameters": parameters, "Resources": {"B": bucket(BucketName=name), "One": policy(name), "Two": policy("c")}}
    )
    for scenario in scenarios():
        template.context.scenario = scenario
        assert referrers(template.resources["B"]) == ["One"]
    other, _ = together(
        {"Parameters": parameters, "Resources": {"B": bucket(BucketName={"Ref": "P"})}},
        {"Parameters": parameters, "Resources": {"One": policy({"Ref": "P"})}},
    )
    assert referrers(other.resources["B"]) == []


def test_of_two_resources_with_one_name_the_one_that_exists_is_meant() -> None:
    (template,) = together(
        {
            "Conditions": {"Yes": {"Fn::Equals": ["a", "a"]}, "No": {"Fn::Equals": ["a", "b"]}},
            "Resources": {
                "Not": {**bucket(BucketName="x"), "Condition": "No"},
                "Is": {**bucket(BucketName="x"), "Condition": "Yes"},
                "P": policy("x"),
            },
        }
    )
    target = template.resources["P"].target("Bucket")
    assert target is template.resources["Is"]


def test_resources_by_type() -> None:
    one, two = together(TEMPLATE, TEMPLATE, places=[place("a"), place("b")])
    topics = one.context.assembly.of_type("AWS::SNS::Topic", "None")
    assert [topic.template for topic in topics] == [one.template, two.template]
    assert one.resources["Topic"].attribute("Gone").node is ABSENT


def test_a_name_made_of_the_account_is_the_same_in_a_nested_stack() -> None:
    name = {"Fn::Sub": "logs-${AWS::AccountId}"}
    outer, inner = nested_pair({"Resources": {"P": policy(name)}}, {"Resources": {"B": bucket(BucketName=name)}})
    assert referrers(inner.resources["B"]) == ["P"]
    assert outer.resources["P"].target("Bucket") is inner.resources["B"]
