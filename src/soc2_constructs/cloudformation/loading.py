"""Reading cloud assemblies, folders and templates.

Source: "Cloud assemblies", AWS CDK Developer Guide. The manifest names stacks, nested assemblies and asset manifests.
"""

from __future__ import annotations

import os

from soc2_constructs.cloudformation.assembly import Assembly
from soc2_constructs.cloudformation.construct_tree import ConstructTree
from soc2_constructs.cloudformation.documents import read_bytes, read_document
from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.cloudformation.folders import DOCUMENT_SUFFIXES, SUFFIXES, Walk, may_be_template, unnamed
from soc2_constructs.cloudformation.gaps import FIX_VERSION, Gap
from soc2_constructs.cloudformation.limits import KNOWN_ASSEMBLY_VERSION
from soc2_constructs.cloudformation.manifests import (
    artifacts_of,
    assets_of,
    environment_of,
    major_version,
    member,
    metadata_of,
    text_or_none,
)
from soc2_constructs.cloudformation.template_loader import TemplateLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from soc2_constructs.cloudformation.template import Template


def read_assembly(paths: Iterable[str | os.PathLike[str]], *, unreadable: list[InputError] | None = None) -> Assembly:
    """Read cloud assemblies, folders, globs and single templates.

    In a folder, the following are skipped unless a path names them: folders whose names begin with a dot, node_modules,
    __pycache__ and virtual environments.

    Args:
        paths: The paths, in any order.
        unreadable: Receives the error of each file that cannot be read; the other files are read. Default: the first
            error is raised.

    Raises:
        InputError: where a path does not exist, is not a template, or is invalid, or where there is no template.
    """
    loader = _Loader(unreadable)
    names = [os.fspath(path) for path in paths]
    for path in names:
        with loader.reading():
            for expanded in _expand(path):
                with loader.reading():
                    loader.read(expanded)
    if not loader.templates:
        if unreadable:
            raise unreadable[0]
        raise InputError(
            ", ".join(names) or ".",
            problem="no CloudFormation template was found",
            remedy="Pass a template, a folder with templates, or a cdk.out folder",
        )
    templates = sorted(loader.without_nested_roots(), key=lambda template: template.path)
    return Assembly(templates, skipped=loader.skipped, folders=loader.folders, gaps=loader.gaps)


class _Loader(TemplateLoader):
    """The templates of paths: files, folders, and cloud assemblies."""

    def read(self, path: str) -> None:
        """Read one path."""
        if "\0" in path or not os.path.exists(path):
            raise InputError(path, problem="the file does not exist", remedy="Check the path, or run `cdk synth` first")
        if os.path.isdir(path):
            self._read_folder(path)
        elif not self._is_known(path):
            self._add(path, os.path.dirname(path) or ".")

    def _why_skipped(self, path: str) -> str | None:
        """Why a file of a folder is not a template, or None.

        A JSON or YAML file that cannot be parsed is an error only where it contains the word Resources.
        """
        if not os.path.isfile(path):
            return "it is not a regular file"
        try:
            document, _ = self._document(path)
        except InputError as error:
            if path.lower().endswith(DOCUMENT_SUFFIXES) and _mentions_resources(path):
                raise
            return error.problem
        return None if "Resources" in document else "it has no section Resources"

    def _read_cloud_assembly(
        self, folder: str, root: str, manifest: dict[str, Any], tree: ConstructTree | None = None
    ) -> None:
        manifest_path = os.path.join(folder, "manifest.json")
        if self._is_known(folder):
            return
        self.folders.append(folder)
        artifacts = artifacts_of(manifest_path, manifest)
        assets = self._assets[os.path.realpath(folder)] = []
        first = len(self.templates)
        for name, artifact in artifacts:
            if artifact.get("type") == "cdk:asset-manifest":
                with self.reading():
                    file = member(manifest_path, root, folder, name, artifact["properties"].get("file"))
                    assets += assets_of(read_document(file))
            elif artifact.get("type") == "cdk:tree" and artifact["properties"].get("file") is not None:
                with self.reading():
                    tree = ConstructTree(member(manifest_path, root, folder, name, artifact["properties"]["file"]))
        for name, artifact in artifacts:
            with self.reading():
                self._read_artifact(manifest_path, root, folder, name, artifact, tree)
        named = [value for _, artifact in artifacts for value in artifact["properties"].values()]
        named += [artifact.get("additionalMetadataFile") for _, artifact in artifacts]
        names = [*(name for name in named if type(name) is str), *(asset.path for asset in assets), *self._documents]
        self.skipped += unnamed(folder, names)
        if folder == root and len(self.templates) > first and major_version(manifest) > KNOWN_ASSEMBLY_VERSION:
            reason = (
                f"the assembly has version {manifest['version']}; tested are versions up to {KNOWN_ASSEMBLY_VERSION}"
            )
            self.gaps.append((self.templates[first], Gap(reason, FIX_VERSION)))

    def _read_artifact(
        self, manifest: str, root: str, folder: str, name: str, artifact: dict[str, Any], tree: ConstructTree | None
    ) -> None:
        properties = artifact["properties"]
        if artifact.get("type") == "cdk:cloud-assembly":
            nested = member(manifest, root, folder, name, properties.get("directoryName"))
            self._read_cloud_assembly(nested, root, read_document(os.path.join(nested, "manifest.json")), tree)
        elif artifact.get("type") == "aws:cloudformation:stack":
            path = member(manifest, root, folder, name, properties.get("templateFile"))
            account, region = environment_of(artifact.get("environment"))
            self._add(
                path,
                root,
                stack_name=text_or_none(properties.get("stackName")) or name,
                stack_path=text_or_none(artifact.get("displayName")) or name,
                account=account,
                region=region,
                notes=metadata_of(manifest, root, folder, name, artifact),
                tree=tree,
            )

    def _read_folder(self, folder: str) -> None:
        walk = Walk(folder)
        for parent, files in walk:
            if "manifest.json" in files and os.path.isfile(os.path.join(parent, "manifest.json")):
                with self.reading():
                    manifest = read_document(os.path.join(parent, "manifest.json"))
                    # Web apps and browser extensions have manifests too.
                    if "artifacts" in manifest:
                        walk.stays_out = True
                        self._read_cloud_assembly(parent, parent, manifest)
                        continue
            for name in files:
                path = os.path.join(parent, name)
                is_odd = not name.lower().endswith(SUFFIXES)
                if is_odd and not may_be_template(path):
                    continue
                with self.reading():
                    if self._is_known(path):
                        continue
                    reason = self._why_skipped(path)
                    if reason is None:
                        self._add(path, folder)
                    else:
                        self.skipped.append((path, reason))
        self.skipped += walk.skipped

    def without_nested_roots(self) -> list[Template]:
        """The templates without those that were also read as the nested stack of another, which is how they deploy."""
        nested = {os.path.realpath(template.path) for template in self.templates if template.parent is not None}
        dropped = {
            id(template)
            for template in self.templates
            if template.parent is None and template.stack_name is None and os.path.realpath(template.path) in nested
        }
        kept = [template for template in self.templates if id(template.root) not in dropped]
        # Templates that contain each other in a circle are all roots: each of them stays.
        return kept if {os.path.realpath(template.path) for template in kept} >= nested else self.templates


def _expand(path: str) -> list[str]:
    if os.path.exists(path) or not any(letter in path for letter in "*?["):
        return [path]
    import glob

    found = sorted(glob.glob(path, recursive=True))
    if not found:
        raise InputError(path, problem="no file matches the pattern", remedy="Correct the pattern")
    return found


def _mentions_resources(path: str) -> bool:
    try:
        return b"Resources" in read_bytes(path)
    except InputError:
        return True
