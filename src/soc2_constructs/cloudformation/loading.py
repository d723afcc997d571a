"""Reading cloud assemblies, folders and templates.

Source: "Cloud assemblies", AWS CDK Developer Guide. The manifest names stacks, nested assemblies and asset manifests.
"""

from __future__ import annotations

import os

from soc2_constructs.cloudformation.assembly import Assembly
from soc2_constructs.cloudformation.documents import check_template, parse_document, read_bytes, read_document
from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.cloudformation.evaluation import Evaluation
from soc2_constructs.cloudformation.limits import MAX_NESTING, MAX_TEMPLATE_BYTES, MAX_TEMPLATES
from soc2_constructs.cloudformation.metadata import Metadata
from soc2_constructs.cloudformation.sources import SourceLocations
from soc2_constructs.cloudformation.template import Declaration, Template
from soc2_constructs.cloudformation.values import Text, format_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, NoReturn

_SUFFIXES = (".json", ".yaml", ".yml", ".template")
#: Folders with files of other tools; so are folders whose names begin with a dot.
_FOREIGN_FOLDERS = ("__pycache__", "node_modules")


def read_assembly(paths: Iterable[str | os.PathLike[str]]) -> Assembly:
    """Read cloud assemblies, folders, globs and single templates.

    In a folder, the following are skipped unless a path names them: folders whose names begin with a dot, node_modules,
    __pycache__ and virtual environments.

    Args:
        paths: The paths, in any order.

    Raises:
        InputError: where a path does not exist, is not a template, or is invalid.
    """
    loader = _Loader()
    names = [os.fspath(path) for path in paths]
    for path in names:
        for expanded in _expand(path):
            loader.read(expanded)
    if not loader.templates:
        raise InputError(
            ", ".join(names) or ".",
            problem="no CloudFormation template was found",
            remedy="Pass a template, a folder with templates, or a cdk.out folder",
        )
    templates = sorted(loader.without_nested_roots(), key=lambda template: template.path)
    return Assembly(templates, skipped=loader.skipped, folders=loader.folders)


class _Loader:
    """The templates that were read so far."""

    def __init__(self) -> None:
        self.templates: list[Template] = []
        self.skipped: list[tuple[str, str]] = []
        self.folders: list[str] = []
        #: The source path of each published object by its key, by folder.
        self._assets: dict[str, dict[str, str]] = {}
        self._documents: dict[str, dict[str, Any]] = {}
        self._read_before: set[str] = set()
        self._sources = SourceLocations(self.folders)
        #: The evaluation of a template with nested stacks, by id of the template.
        self._evaluations: dict[int, Evaluation] = {}

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
        """Read one template and its nested stacks, where their templates are part of the assembly."""
        document = self._document(path)
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
        )
        self.templates.append(template)
        if parent is not None:
            parent.nested_template = template
        for declaration in template.resources.values():
            if declaration.type == "AWS::CloudFormation::Stack":
                self._add_nested(declaration, os.path.dirname(path), root)

    def _add_nested(self, stack: Declaration, folder: str, root: str) -> None:
        asset = self._nested_file(stack, folder)
        template = stack.template
        if asset is None:
            stack.missing_template = "its template is not part of the assembly"
            return
        path = os.path.normpath(os.path.join(folder, asset))
        reason = self._why_missing(stack, path, root)
        if reason is not None:
            stack.missing_template = f"its template {format_value(asset)} {reason}"
            return
        self._add(
            path,
            root,
            stack_path=template.stack_path,
            account=template.account,
            region=template.region,
            parent=stack,
            notes=template.notes,
        )

    def _why_missing(self, stack: Declaration, path: str, root: str) -> str | None:
        """Why the template of a nested stack cannot be read, or None where it can."""
        if not _inside(path, root):
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

    def _nested_file(self, stack: Declaration, folder: str) -> str | None:
        """The file of a nested stack's template, relative to the folder of the stack that deploys it.

        The CDK CLI has it written into the metadata; otherwise the asset manifests map the URL to a file.
        """
        metadata = stack.body.get("Metadata")
        asset = metadata.get("aws:asset:path") if type(metadata) is dict else None
        if type(asset) is str:
            return asset
        url = self._evaluation(stack.template).resource(stack)["TemplateURL"].node
        end = url.parts[-1] if type(url) is Text else url
        if type(end) is not str:
            return None
        assets = self._assets.get(os.path.realpath(folder), {})
        key = end
        while "/" in key:
            key = key.partition("/")[2]
            if key in assets:
                return assets[key]
        return end if type(url) is str and "://" not in end else None

    def _evaluation(self, template: Template) -> Evaluation:
        """The evaluation of a template and of those that deploy it."""
        evaluation = self._evaluations.get(id(template))
        if evaluation is None:
            templates = [template]
            while (parent := templates[-1].parent) is not None:
                templates.append(parent.template)
            evaluation = self._evaluations[id(template)] = Evaluation(Assembly(templates))
        return evaluation

    def _document(self, path: str) -> dict[str, Any]:
        """The document of a template; a template that is deployed several times is read once."""
        real = os.path.realpath(path)
        document = self._documents.get(real)
        if document is None:
            document = self._documents[real] = parse_document(read_bytes(path, MAX_TEMPLATE_BYTES), path)
        return document

    def _no_template(self, path: str) -> str | None:
        """Why a file of a folder is not a template, or None.

        A file that cannot be parsed is an error only where it contains the word Resources.
        """
        if not os.path.isfile(path):
            # Reading a named pipe would wait for a writer.
            return "it is not a regular file"
        try:
            document = self._document(path)
        except InputError as error:
            if b"Resources" in read_bytes(path):
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
        artifacts = _artifacts(manifest_path, manifest)
        assets = self._assets[os.path.realpath(folder)] = {}
        for name, artifact in artifacts:
            if artifact.get("type") == "cdk:asset-manifest":
                file = _member(manifest_path, root, folder, name, artifact["properties"].get("file"))
                for key, source in _assets(read_document(file)):
                    assets.setdefault(key, source)
        for name, artifact in artifacts:
            properties = artifact["properties"]
            if artifact.get("type") == "cdk:cloud-assembly":
                nested = _member(manifest_path, root, folder, name, properties.get("directoryName"))
                self._read_cloud_assembly(nested, root, read_document(os.path.join(nested, "manifest.json")))
            elif artifact.get("type") == "aws:cloudformation:stack":
                path = _member(manifest_path, root, folder, name, properties.get("templateFile"))
                account, region = _environment(artifact.get("environment"))
                self._add(
                    path,
                    root,
                    stack_name=_text(properties.get("stackName")) or name,
                    stack_path=_text(artifact.get("displayName")) or name,
                    account=account,
                    region=region,
                    notes=_metadata(manifest_path, root, folder, name, artifact),
                )

    def _read_folder(self, folder: str) -> None:
        for parent, folders, files in os.walk(folder):
            reasons = {name: _why_foreign(parent, name) for name in sorted(folders)}
            folders[:] = [name for name, reason in reasons.items() if reason is None]
            if "manifest.json" in files and os.path.isfile(os.path.join(parent, "manifest.json")):
                manifest = read_document(os.path.join(parent, "manifest.json"))
                # Web apps and browser extensions have manifests too.
                if "artifacts" in manifest:
                    folders.clear()
                    self._read_cloud_assembly(parent, parent, manifest)
                    continue
            self.skipped += ((os.path.join(parent, name), reason) for name, reason in reasons.items() if reason)
            for name in sorted(files):
                if name.endswith(_SUFFIXES):
                    path = os.path.join(parent, name)
                    if self._is_known(path):
                        continue
                    reason = self._no_template(path)
                    if reason is None:
                        self._add(path, folder)
                    else:
                        self.skipped.append((path, reason))

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


def _why_foreign(parent: str, name: str) -> str | None:
    """Why a folder is skipped, or None where it is read."""
    if name in _FOREIGN_FOLDERS or name.startswith("."):
        return f"files in {name} are skipped; pass the folder itself to check it"
    if os.path.exists(os.path.join(parent, name, "pyvenv.cfg")):
        return "a virtual environment is skipped; pass the folder itself to check it"
    return None


def _inside(path: str, root: str) -> bool:
    try:
        root = os.path.realpath(root)
        return os.path.commonpath([root, os.path.realpath(path)]) == root
    except ValueError:
        # Another drive, or an invalid path.
        return False


def _text(value: Any) -> str | None:
    return value if type(value) is str else None


def _artifacts(path: str, manifest: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The artifacts of a manifest by name, each with an object of properties."""

    def refuse(place: str) -> NoReturn:
        raise InputError(path, problem=f"{place} is not an object", remedy="Run `cdk synth` again")

    artifacts = manifest.get("artifacts")
    if type(artifacts) is not dict:
        refuse("`artifacts`")
    for name, artifact in artifacts.items():
        if type(artifact) is not dict:
            refuse(f"artifact {name}")
        if artifact.get("properties") is None:
            artifact["properties"] = {}
        if type(artifact["properties"]) is not dict:
            refuse(f"`properties` of artifact {name}")
    return sorted(artifacts.items())


def _member(manifest: str, root: str, folder: str, artifact: str, name: Any) -> str:
    """The path of a file in a manifest.

    Raises:
        InputError: where the file is missing or outside the assembly.
    """
    if type(name) is not str or not name:
        raise InputError(manifest, problem=f"artifact {artifact} names no file", remedy="Run `cdk synth` again")
    path = os.path.normpath(os.path.join(folder, name))
    if not _inside(path, root):
        raise InputError(
            manifest,
            problem=f"artifact {artifact} names {name}, which is outside the assembly",
            remedy="Run `cdk synth` again; do not edit the manifest",
        )
    if not os.path.exists(path):
        raise InputError(
            manifest, problem=f"artifact {artifact} names {name}, which does not exist", remedy="Run `cdk synth` again"
        )
    return path


def _assets(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Object key and source path of every file in an asset manifest."""
    files = manifest.get("files")
    for file in files.values() if type(files) is dict else ():
        source = file.get("source") if type(file) is dict else None
        path = source.get("path") if type(source) is dict else None
        destinations = file.get("destinations") if type(file) is dict else None
        for destination in destinations.values() if type(destinations) is dict else ():
            key = destination.get("objectKey") if type(destination) is dict else None
            if type(path) is str and type(key) is str and key:
                yield key, path


def _environment(text: Any) -> tuple[str | None, str | None]:
    """Account and region of ``aws://123456789012/eu-central-1``; None where the stack is environment-agnostic."""
    if type(text) is not str or not text.startswith("aws://"):
        return None, None
    account, _, region = text.removeprefix("aws://").partition("/")
    return (
        account if account and not account.startswith("unknown") else None,
        region if region and not region.startswith("unknown") else None,
    )


def _metadata(manifest: str, root: str, folder: str, name: str, artifact: dict[str, Any]) -> Metadata:
    """The construct metadata of a stack, from the manifest and from the file beside the template."""
    additional = artifact.get("additionalMetadataFile")
    if type(additional) is not str:
        return Metadata(artifact.get("metadata"))
    return Metadata(artifact.get("metadata"), lambda: _member(manifest, root, folder, name, additional))
