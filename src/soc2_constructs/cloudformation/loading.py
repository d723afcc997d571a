"""Reading cloud assemblies, folders and templates.

Source: "Cloud assemblies", AWS CDK Developer Guide. The manifest names stacks, nested assemblies and asset manifests.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from soc2_constructs.cloudformation.assembly import Assembly
from soc2_constructs.cloudformation.deploying import FIXES, NESTED, URLS, file_at, with_parameters
from soc2_constructs.cloudformation.documents import check_template, parse_document, read_bytes, read_document
from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.cloudformation.evaluation import Evaluation
from soc2_constructs.cloudformation.folders import DOCUMENT_SUFFIXES, SUFFIXES, Walk, may_be_template, unnamed
from soc2_constructs.cloudformation.gaps import FIX_TARGETS, FIX_VERSION, Gap
from soc2_constructs.cloudformation.limits import (
    KNOWN_ASSEMBLY_VERSION,
    MAX_NESTING,
    MAX_TEMPLATE_BYTES,
    MAX_TEMPLATES,
)
from soc2_constructs.cloudformation.manifests import (
    artifacts_of,
    assets_of,
    environment_of,
    is_inside,
    major_version,
    member,
    metadata_of,
    text_or_none,
)
from soc2_constructs.cloudformation.metadata import Metadata
from soc2_constructs.cloudformation.sources import SourceLocations
from soc2_constructs.cloudformation.template import Declaration, Template
from soc2_constructs.cloudformation.values import format_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from soc2_constructs.cloudformation.manifests import Asset
    from soc2_constructs.cloudformation.resource import Resource

#: Names of loops and transforms in the text of a template; JSON can also escape them.
_MACROS = (b"Fn::ForEach", b"Fn::Transform", b"!ForEach", b"!Transform", b"\\u00", b"\\x", b"\\U")
_TARGETS = "its template is judged, but not the accounts and regions that it is deployed to"


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


class _Loader:
    """The templates that were read so far.

    Args:
        unreadable: Receives errors; None where they are raised.
    """

    def __init__(self, unreadable: list[InputError] | None) -> None:
        self._unreadable = unreadable
        self.templates: list[Template] = []
        #: Gaps of whole assemblies, each with a template.
        self.gaps: list[tuple[Template, Gap]] = []
        self.skipped: list[tuple[str, str]] = []
        self.folders: list[str] = []
        #: The published files, by folder.
        self._assets: dict[str, list[Asset]] = {}
        #: Each document, and whether it may have loops and transforms within resources.
        self._documents: dict[str, tuple[dict[str, Any], bool]] = {}
        self._read_before: set[str] = set()
        self._sources = SourceLocations(self.folders)
        #: The evaluation of a template with nested stacks, by id of the template.
        self._evaluations: dict[int, Evaluation] = {}

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Collect the error of a file, so that others are read."""
        try:
            yield
        except InputError as error:
            if self._unreadable is None:
                raise
            self._unreadable.append(error)
            self.skipped.append((error.path, f"it cannot be read: {error.problem}"))

    def read(self, path: str) -> None:
        """Read one path."""
        if "\0" in path or not os.path.exists(path):
            raise InputError(path, problem="the file does not exist", remedy="Check the path, or run `cdk synth` first")
        if os.path.isdir(path):
            self._read_folder(path)
        elif not self._is_known(path):
            self._add(path, os.path.dirname(path) or ".")

    def _add(
        self,
        path: str,
        root: str,
        *,
        stack_name: str | None = None,
        stack_path: str | None = None,
        account: str | None = None,
        region: str | None = None,
        parent: Declaration | None = None,
        notes: Metadata | None = None,
    ) -> None:
        """Read one template and the templates that it deploys, where they are part of the assembly."""
        document, has_macros = self._document(path)
        if stack_name is not None and "Resources" not in document:
            # The CDK writes a stack without resources like this.
            document["Resources"] = {}
        check_template(document, path)
        template = Template(
            path,
            document,
            stack_name=stack_name,
            stack_path=stack_path,
            account=account,
            region=region,
            parent=parent,
            notes=notes,
            sources=self._sources,
            has_macros=has_macros,
        )
        self._deploy(template, os.path.dirname(path), root)

    def _deploy(self, template: Template, folder: str, root: str) -> None:
        """Add a template, and the templates that its resources deploy."""
        self.templates.append(template)
        if template.parent is not None:
            template.parent.nested_template = template
        for declaration in template.resources.values():
            if declaration.type in URLS:
                self._add_deployed(declaration, folder, root)

    def _add_deployed(self, declaration: Declaration, folder: str, root: str) -> None:
        """Read the templates that a resource deploys, or record why one of them cannot be read."""
        resource = self._evaluation(declaration.template).resource(declaration)
        if not resource["TemplateBody"].is_absent:
            self._add_body(declaration, resource, folder, root)
            return
        metadata = declaration.body.get("Metadata")
        claimed = text_or_none(metadata.get("aws:asset:path")) if type(metadata) is dict else None
        urls = resource.values(URLS[declaration.type])
        for url in urls:
            file, reason = file_at(url, self._assets.get(os.path.realpath(folder), ()), claimed)
            path = os.path.normpath(os.path.join(folder, file)) if file is not None else ""
            if file is not None and (problem := self._why_missing(declaration, path, root)) is not None:
                reason = f"its template {format_value(file)} {problem}"
            if reason:
                declaration.gap = Gap(reason, FIXES[declaration.type], declaration.logical_id)
                continue
            with self.reading():
                if declaration.type in NESTED:
                    self._add_nested(path, root, declaration)
                elif not self._is_known(path):
                    self._add(path, root)
        if not urls:
            reason = "its template is not part of the assembly"
            declaration.gap = Gap(reason, FIXES[declaration.type], declaration.logical_id)

    def _add_nested(self, path: str, root: str, parent: Declaration) -> None:
        template = parent.template
        self._add(
            path,
            root,
            stack_path=template.stack_path,
            account=template.account,
            region=template.region,
            parent=parent,
            notes=template.notes,
        )

    def _add_body(self, declaration: Declaration, resource: Resource, folder: str, root: str) -> None:
        """Read the template in TemplateBody; the one of a stack set is deployed to accounts and regions of its own."""
        body, template = resource["TemplateBody"], declaration.template
        path = f"{template.path}#{declaration.logical_id}"
        document, reason = body.known, "TemplateBody is known only at deployment"
        if document is not None:
            try:
                document = parse_document(document, path) if type(document) is str else document
                check_template(document, path)
            except InputError as error:
                document, reason = None, f"TemplateBody cannot be read: {error.problem}"
        if document is None or len(self.templates) >= MAX_TEMPLATES:
            declaration.gap = Gap(reason, FIXES[declaration.type], declaration.logical_id)
        elif declaration.type in NESTED:
            account, region = template.account, template.region
            nested = Template(path, document, account=account, region=region, parent=declaration, file=template.file)
            self._deploy(nested, folder, root)
        else:
            document = with_parameters(document, resource)
            self._deploy(Template(path, document, file=template.file), folder, root)
            declaration.gap = Gap(_TARGETS, FIX_TARGETS, declaration.logical_id)

    def _why_missing(self, stack: Declaration, path: str, root: str) -> str | None:
        """Why the template of a nested stack cannot be read, or None where it can."""
        if not is_inside(path, root):
            return f"is outside {root}"
        if not os.path.isfile(path):
            return "does not exist"
        depth = 0
        ancestor: Declaration | None = stack
        while ancestor is not None:
            if os.path.realpath(ancestor.template.path) == os.path.realpath(path):
                return "contains itself"
            ancestor = ancestor.template.parent
            depth += 1
        if depth > MAX_NESTING or len(self.templates) >= MAX_TEMPLATES:
            return f"exceeds the limit of {MAX_NESTING} levels or {MAX_TEMPLATES} templates"
        return None

    def _evaluation(self, template: Template) -> Evaluation:
        """The evaluation of a template and of those that deploy it."""
        evaluation = self._evaluations.get(id(template))
        if evaluation is None:
            templates = [template]
            while (parent := templates[-1].parent) is not None:
                templates.append(parent.template)
            evaluation = self._evaluations[id(template)] = Evaluation(Assembly(templates))
        return evaluation

    def _document(self, path: str) -> tuple[dict[str, Any], bool]:
        """The document of a template; a template that is deployed several times is read once."""
        real = os.path.realpath(path)
        known = self._documents.get(real)
        if known is None:
            content = read_bytes(path, MAX_TEMPLATE_BYTES)
            has_macros = any(word in content for word in _MACROS)
            known = self._documents[real] = parse_document(content, path), has_macros
        return known

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

    def _is_known(self, path: str) -> bool:
        """Whether a file or a cloud assembly was already read, through another path or a circular manifest."""
        real = os.path.realpath(path)
        known = real in self._read_before
        self._read_before.add(real)
        return known

    def _read_cloud_assembly(self, folder: str, root: str, manifest: dict[str, Any]) -> None:
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
        for name, artifact in artifacts:
            with self.reading():
                self._read_artifact(manifest_path, root, folder, name, artifact)
        named = [value for _, artifact in artifacts for value in artifact["properties"].values()]
        named += [artifact.get("additionalMetadataFile") for _, artifact in artifacts]
        names = [*(name for name in named if type(name) is str), *(asset.path for asset in assets), *self._documents]
        self.skipped += unnamed(folder, names)
        if folder == root and len(self.templates) > first and major_version(manifest) > KNOWN_ASSEMBLY_VERSION:
            reason = (
                f"the assembly has version {manifest['version']}; tested are versions up to {KNOWN_ASSEMBLY_VERSION}"
            )
            self.gaps.append((self.templates[first], Gap(reason, FIX_VERSION)))

    def _read_artifact(self, manifest: str, root: str, folder: str, name: str, artifact: dict[str, Any]) -> None:
        properties = artifact["properties"]
        if artifact.get("type") == "cdk:cloud-assembly":
            nested = member(manifest, root, folder, name, properties.get("directoryName"))
            self._read_cloud_assembly(nested, root, read_document(os.path.join(nested, "manifest.json")))
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
            )

    def _read_folder(self, folder: str) -> None:
        walk = Walk(folder)
        for parent, files in walk:
            if "manifest.json" in files:
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
