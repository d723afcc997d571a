"""Folders: every file that looks like a template is read, or listed with the reason why it is not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from soc2_constructs.cli import main
from soc2_constructs.cloudformation import InputError, read_assembly

TEMPLATE: dict[str, Any] = {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}
YAML = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  B: {Type: 'AWS::S3::Bucket'}\n"


def write(path: Path, content: Any = TEMPLATE) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def paths(folder: Path) -> tuple[list[str], dict[str, str]]:
    """The templates of a folder, and the reasons why other paths are skipped, by relative path."""
    assembly = read_assembly([str(folder)])
    names = [os.path.relpath(template.path, folder) for template in assembly.templates]
    return names, {os.path.relpath(path, folder): reason for path, reason in assembly.skipped}


@pytest.mark.parametrize(
    "name",
    ["A.YAML", "a.Yml", "a.JSON", "a.Template", "a.cfn", "a.CFN", "a.tmpl", "a.tpl", "a.stack", "a", "a.txt", "a.conf"],
)
def test_any_ending_of_a_template(name: str, tmp_path: Path) -> None:
    write(tmp_path / name, YAML)
    assert paths(tmp_path) == ([name], {})


def test_files_without_a_template(tmp_path: Path) -> None:
    write(tmp_path / "t.yaml", YAML)
    for name in ("README.md", "app.py", "index.ts"):
        write(tmp_path / name, f"Some text\n{YAML}")
    write(tmp_path / "notes.txt", "no template")
    write(tmp_path / "image.png", "\0")
    write(tmp_path / "jinja.tmpl", "Resources: {% for x in y %}")
    write(tmp_path / "other.txt", "AWS::S3::Bucket is one of the Resources: [")
    names, skipped = paths(tmp_path)
    assert names == ["t.yaml"]
    assert skipped.keys() == {"jinja.tmpl", "other.txt"}
    assert all("not valid YAML" in reason for reason in skipped.values())


def test_a_file_with_an_odd_ending_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "t.yaml", YAML)
    write(tmp_path / "large.log", YAML + "#" * 1024 * 1024)
    assert paths(tmp_path) == (["t.yaml"], {})


def test_what_is_no_regular_file_is_skipped(tmp_path: Path) -> None:
    write(tmp_path / "t.yaml", YAML)
    os.mkfifo(tmp_path / "pipe.json")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone.json").symlink_to(tmp_path / "nothing")
    names, skipped = paths(tmp_path)
    assert names == ["t.yaml"]
    assert skipped == dict.fromkeys(("gone.json", "pipe.json"), "it is not a regular file")


def test_the_build_of_sam_is_listed(tmp_path: Path) -> None:
    write(tmp_path / "template.yaml", YAML)
    write(tmp_path / ".aws-sam" / "build" / "template.yaml", YAML)
    names, skipped = paths(tmp_path)
    assert names == ["template.yaml"]
    assert "pass the folder itself" in skipped[".aws-sam"]
    assert len(read_assembly([str(tmp_path / ".aws-sam")]).templates) == 1


# -- links


def test_links_to_folders_inside_are_read_once(tmp_path: Path) -> None:
    write(tmp_path / "z" / "t.json")
    (tmp_path / "a").symlink_to(tmp_path / "z")
    (tmp_path / "z" / "circle").symlink_to(tmp_path)
    assert paths(tmp_path) == (["z/t.json"], {})


def test_a_link_to_a_folder_that_is_skipped_elsewhere_is_followed(tmp_path: Path) -> None:
    write(tmp_path / ".hidden" / "t.json")
    (tmp_path / "a").symlink_to(tmp_path / ".hidden")
    names, skipped = paths(tmp_path)
    assert names == ["a/t.json"]
    assert skipped.keys() == {".hidden"}


def test_links_to_folders_outside_are_listed(tmp_path: Path) -> None:
    write(tmp_path / "outside" / "t.json")
    write(tmp_path / "in" / "t.json")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "outside")
    names, skipped = paths(tmp_path / "in")
    assert names == ["t.json"]
    assert "links to a folder outside" in skipped["link"]


# -- cloud assemblies


def assembly(folder: Path, **more: Any) -> None:
    artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.template.json"}}
    write(folder / "manifest.json", {"version": "36.0.0", "artifacts": {"A": artifact, **more}})
    write(folder / "A.template.json")


def test_files_that_the_manifest_no_longer_names_are_listed(tmp_path: Path) -> None:
    published = {"files": {"x": {"source": {"path": "asset.json"}, "destinations": {"d": {"objectKey": "k"}}}}}
    assembly(tmp_path, **{"A.assets": {"type": "cdk:asset-manifest", "properties": {"file": "A.assets.json"}}})
    write(tmp_path / "A.assets.json", published)
    write(tmp_path / "asset.json")
    write(tmp_path / "Old.template.json")
    write(tmp_path / "Old.TEMPLATE", YAML)
    write(tmp_path / "tree.json", {"x": "AWS::S3::Bucket Resources"})
    write(tmp_path / "data.json", {"x": 1})
    assembly(tmp_path / "assembly-Old")
    assembly(tmp_path / "asset.abc")
    names, skipped = paths(tmp_path)
    assert names == ["A.template.json"]
    assert skipped.keys() == {"Old.template.json", "Old.TEMPLATE", "assembly-Old"}
    assert all("the manifest does not name it" in reason for reason in skipped.values())


# -- files that cannot be read


def broken(tmp_path: Path) -> None:
    write(tmp_path / "a.json", '{"Resources": {')
    write(tmp_path / "b.json")
    write(tmp_path / "c.yaml", "Resources: {X: 5}")


def test_the_first_unreadable_file_is_raised_by_default(tmp_path: Path) -> None:
    broken(tmp_path)
    with pytest.raises(InputError, match=r"a\.json"):
        read_assembly([str(tmp_path)])


@pytest.mark.parametrize("form", ["table", "json", "sarif", "junit"])
def test_an_unreadable_file_fails_the_run_and_the_others_are_reported(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(tmp_path)
    gone = str(tmp_path / "gone.json")
    assert main(["check", str(tmp_path), gone, "--format", form]) == 2
    out, err = capsys.readouterr()
    assert "s3_bucket_versioning_enabled" in out
    for name in ("a.json", "c.yaml", "gone.json"):
        assert name in out
        assert name in err


def test_an_assembly_with_an_unreadable_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assembly(tmp_path, B={"type": "aws:cloudformation:stack", "properties": {"templateFile": "B.template.json"}})
    assert main(["check", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert "s3_bucket_versioning_enabled" in out
    assert "B.template.json, which does not exist" in err


def test_only_unreadable_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a.json", '{"Resources": {')
    assert main(["check", str(tmp_path)]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("form", ["table", "json", "sarif", "junit"])
def test_skipped_files_are_in_every_format(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "t.yaml", YAML)
    write(tmp_path / "package.json", {"name": "x"})
    write(tmp_path / ".aws-sam" / "build" / "template.yaml", YAML)
    main(["check", str(tmp_path), "--format", form])
    out = capsys.readouterr().out
    assert "package.json" in out
    assert ".aws-sam" in out
    assert "it has no section Resources" in out
