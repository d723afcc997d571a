"""What is deployed together: the templates of a cloud assembly, of a folder, or of single files."""

from __future__ import annotations

import os

from soc2_constructs.cloudformation.documents import (
    MAX_TEMPLATE_BYTES,
    check_template,
    parse_document,
    read_bytes,
    read_document,
)
from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.cloudformation.likeness import is_plain, plain_references, referred
from soc2_constructs.cloudformation.metadata import Metadata
from soc2_constructs.cloudformation.sources import read_sources
from soc2_constructs.cloudformation.template import Resource, Template
from soc2_constructs.cloudformation.trace import Trace, apart
from soc2_constructs.cloudformation.values import Reference, Text, Unresolved, Value, show
from soc2_constructs.cloudformation.worlds import World, worlds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, NoReturn

_SUFFIXES = (".json", ".yaml", ".yml", ".template")
#: Folders that hold what others wrote; those that begin with a dot belong to tools.
_FOREIGN_FOLDERS = ("__pycache__", "node_modules")
#: Nested stacks nest, and each may be deployed many times over: beyond so many nobody would deploy them.
_MAX_NESTING = 32
_MAX_TEMPLATES = 5_000

#: The property in which a user may name a resource; a literal name elsewhere refers to that resource.
_NAME_PROPERTIES = {
    "AWS::Backup::BackupVault": "BackupVaultName",
    "AWS::CloudTrail::Trail": "TrailName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::EC2::LaunchTemplate": "LaunchTemplateName",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::EMR::SecurityConfiguration": "Name",
    "AWS::ElasticLoadBalancing::LoadBalancer": "LoadBalancerName",
    "AWS::Glue::SecurityConfiguration": "Name",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::DeliverySource": "Name",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::RDS::DBCluster": "DBClusterIdentifier",
    "AWS::RDS::DBClusterParameterGroup": "DBClusterParameterGroupName",
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::RDS::DBParameterGroup": "DBParameterGroupName",
    "AWS::RDS::GlobalCluster": "GlobalClusterIdentifier",
    "AWS::Redshift::Cluster": "ClusterIdentifier",
    "AWS::Redshift::ClusterParameterGroup": "ParameterGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::Serverless::SimpleTable": "TableName",
}

#: Types whose names mean the same resource in every region.
_GLOBAL_NAMES = (
    "AWS::IAM::Group",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::RDS::GlobalCluster",
    "AWS::S3::Bucket",
)


class Assembly:
    """Templates that are judged together, with the references between them."""

    def __init__(self) -> None:
        self.templates: list[Template] = []
        #: Nested templates by the id of the AWS::CloudFormation::Stack resource that deploys them.
        self.nested: dict[int, Template] = {}
        #: Files that were looked at and are no templates, and folders that were left out, each with the reason.
        self.skipped: list[tuple[str, str]] = []
        #: What could not be looked at although it will be deployed: (resource, reason).
        self.unseen: list[tuple[Resource, str]] = []
        #: What the check of this moment asks of its resource; see Trace.
        self.trace = Trace()
        #: What refers to a resource by a property, where that is the same in every world.
        self.referrers: dict[tuple[int, str, str], list[Resource]] = {}
        #: Statements of policy documents that are the same in every world.
        self.statements: dict[tuple[Any, ...], list[Any]] = {}
        #: What was found of statements that are alike; see soc2_constructs.aws.policies.nameless.
        self.statement_memos: dict[Any, dict[Any, Any]] = {}
        #: The world in which values are resolved now; see soc2_constructs.cloudformation.worlds.
        self.world: World = World({}, [])
        #: A world in which nothing has been chosen, for what stands outside of the present one.
        self.idle: World = World({}, [])
        #: The folders of the cloud assemblies that were read, nested ones included.
        self.folders: list[str] = []
        self._sources: dict[str, str] | None = None
        #: The source of each object that is published from a folder, by its key.
        self._assets: dict[str, dict[str, str]] = {}
        self._documents: dict[str, dict[str, Any]] = {}
        self._read_before: set[str] = set()
        self._by_type: dict[str, list[Resource]] | None = None
        #: How deep functions, conditions and what they lead to are nested just now; see Template.resolve.
        self.depth = 0
        self._exports: dict[str, list[tuple[Template, str]]] | None = None
        self._changing_exports: list[tuple[Template, str, Any]] = []
        self._literals: dict[tuple[Template, str], list[str]] = {}
        #: What names a resource by a property, and whether it does in every world.
        self._referring: dict[tuple[str, str], dict[int, list[tuple[Resource, bool]]]] = {}
        self._names: dict[Any, list[tuple[str, Resource]]] | None = None
        self._mentioning: dict[int, list[tuple[Resource, bool]]] | None = None

    @property
    def sources(self) -> dict[str, str]:
        """Where in the user's Python constructs were made, by construct path; what the rule pack wrote of it."""
        if self._sources is None:
            self._sources = {}
            for folder in self.folders:
                self._sources.update(read_sources(folder))
        return self._sources

    # -- reading --------------------------------------------------------------------------------------------------

    @classmethod
    def read(cls, paths: Iterable[str | os.PathLike[str]]) -> Assembly:
        """Read cloud assemblies, folders, globs and single templates.

        In a folder it leaves out what holds none of the user's templates: folders that begin with a dot, node_modules,
        __pycache__ and virtual environments. What is named itself is read, whatever it is.

        Raises:
            InputError: where a path does not exist, is no template, or is broken.
        """
        assembly = cls()
        names = [os.fspath(path) for path in paths]
        for path in names:
            for found in _expand(path):
                assembly._read(found)
        if not assembly.templates:
            raise InputError(
                ", ".join(names) or ".",
                problem="no CloudFormation template was found",
                remedy="Name a template, a folder with templates, or a cdk.out",
            )
        assembly._documents.clear()
        assembly._drop_nested_roots()
        assembly.templates.sort(key=lambda template: template.path)
        return assembly

    @classmethod
    def of_document(cls, document: dict[str, Any], path: str = "template", **place: Any) -> Assembly:
        """An assembly of one template that is already read."""
        assembly = cls()
        check_template(document, path)
        assembly._add(Template(assembly, path, document, **place))
        return assembly

    def add_file(
        self,
        path: str,
        root: str,
        *,
        stack_name: str | None = None,
        stack_path: str | None = None,
        account: str | None = None,
        region: str | None = None,
        parent: Resource | None = None,
        notes: Metadata | None = None,
    ) -> Template:
        """Read one template and the nested stacks whose templates lie beside it."""
        document = self._document(path)
        if stack_name is not None and "Resources" not in document:
            # The CDK writes a stack without resources like this.
            document["Resources"] = {}
        check_template(document, path)
        template = Template(
            self,
            path,
            document,
            stack_name=stack_name,
            stack_path=stack_path,
            account=account,
            region=region,
            parent=parent,
            notes=notes,
        )
        self._add(template)
        if parent is not None:
            self.nested[id(parent)] = template
        for resource in template.resources.values():
            if resource.type == "AWS::CloudFormation::Stack":
                self._add_nested(resource, os.path.dirname(path), root)
        return template

    def _add(self, template: Template) -> None:
        self.templates.append(template)
        self._by_type = self._exports = self._mentioning = None
        self._referring.clear()
        self.referrers.clear()
        self.statements.clear()
        self.statement_memos.clear()
        self._names = None
        self._literals.clear()

    def _add_nested(self, stack: Resource, folder: str, root: str) -> None:
        asset = self._nested_file(stack, folder)
        template = stack.template
        if asset is None:
            self.unseen.append((stack, "its template lies outside of what was checked"))
            return
        path = os.path.normpath(os.path.join(folder, asset))
        reason = self._why_unseen(stack, path, root)
        if reason is not None:
            self.unseen.append((stack, f"its template {show(asset)} {reason}"))
            return
        self.add_file(
            path,
            root,
            stack_path=template.stack_path,
            account=template.account,
            region=template.region,
            parent=stack,
            notes=template.notes,
        )

    def _why_unseen(self, stack: Resource, path: str, root: str) -> str | None:
        """Why the template of a nested stack cannot be looked at, or None where it can."""
        if not _inside(path, root):
            return f"lies outside of {root}"
        if not os.path.isfile(path):
            return "does not exist"
        depth = 0
        ancestor: Resource | None = stack
        while ancestor is not None:
            if os.path.realpath(ancestor.template.path) == os.path.realpath(path):
                return "contains itself"
            ancestor = ancestor.template.parent
            depth += 1
        if depth > _MAX_NESTING or len(self.templates) >= _MAX_TEMPLATES:
            return "is one of more nested stacks than can be looked at"
        return None

    def _nested_file(self, stack: Resource, folder: str) -> str | None:
        """The file of a nested stack's template, relative to the folder of the stack that deploys it.

        The CDK's command has it written into the resource; else the manifests of assets know what becomes of the URL.
        """
        metadata = stack.body.get("Metadata")
        asset = metadata.get("aws:asset:path") if type(metadata) is dict else None
        if type(asset) is str:
            return asset
        url = stack["TemplateURL"].node
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

    def _document(self, path: str) -> dict[str, Any]:
        """A template's document; one that is deployed many times is read once."""
        real = os.path.realpath(path)
        document = self._documents.get(real)
        if document is None:
            document = self._documents[real] = parse_document(read_bytes(path, MAX_TEMPLATE_BYTES), path)
        return document

    def _no_template(self, path: str) -> str | None:
        """Why a file of a folder is no template, or None where it is one or nobody can tell.

        What cannot be read is no template only where nothing in it looks like one.
        """
        try:
            document = self._document(path)
        except InputError as error:
            if b"Resources" in read_bytes(path):
                raise
            return error.problem
        return None if "Resources" in document else "it has no Resources"

    def _read(self, path: str) -> None:
        if "\0" in path or not os.path.exists(path):
            raise InputError(path, problem="the file does not exist", remedy="Check the path, or run `cdk synth` first")
        if os.path.isdir(path):
            self._read_folder(path)
        elif not self._is_known(path):
            self.add_file(path, os.path.dirname(path) or ".")

    def _is_known(self, path: str) -> bool:
        """Whether a file or a cloud assembly was read before, by another of the paths or by a manifest in a circle."""
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
                self.add_file(
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
            if "manifest.json" in files:
                manifest = read_document(os.path.join(parent, "manifest.json"))
                # Other things have manifests as well: web apps, browser extensions.
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
                        self.add_file(path, folder)
                    else:
                        self.skipped.append((path, reason))

    def _drop_nested_roots(self) -> None:
        """Leave out what was read on its own and is the nested stack of another: that is how it is deployed."""
        nested = {os.path.realpath(template.path) for template in self.nested.values()}
        dropped = {
            id(template)
            for template in self.templates
            if template.parent is None and template.stack_name is None and os.path.realpath(template.path) in nested
        }
        # Templates that contain each other in a circle are all roots: none of them may go.
        kept = [template for template in self.templates if id(template.root) not in dropped]
        if dropped and {os.path.realpath(template.path) for template in kept} >= nested:
            self.unseen = [(stack, reason) for stack, reason in self.unseen if id(stack.template.root) not in dropped]
            templates, self.templates = kept, []
            for template in templates:
                self._add(template)

    # -- finding --------------------------------------------------------------------------------------------------

    @property
    def by_type(self) -> dict[str, list[Resource]]:
        """Resources by their type, in the order of the templates."""
        self.trace.leave()
        if self._by_type is None:
            self._by_type = {}
            for template in self.templates:
                for resource in template.resources.values():
                    self._by_type.setdefault(resource.type, []).append(resource)
        return self._by_type

    def of_type(self, *kinds: str) -> Iterator[Resource]:
        for kind in kinds:
            yield from self.by_type.get(kind, ())

    def regions(self) -> dict[str | None, list[Template]]:
        """Templates by the region they are deployed to; None where the template does not tell."""
        found: dict[str | None, list[Template]] = {}
        for template in self.templates:
            found.setdefault(template.region, []).append(template)
        return found

    def compared(self, owner: Template, name: str) -> list[str]:
        """The texts with which conditions compare a parameter of a template.

        A pseudo parameter is compared by the nested stacks of a stack as well: to all of them it is the same.
        """
        found = self._literals.get((owner, name))
        if found is None:
            templates = [owner]
            if name.startswith("AWS::"):
                templates = [template for template in self.templates if template.root is owner]
            found = list(dict.fromkeys(text for template in templates for text in template.literals.get(name, ())))
            self._literals[owner, name] = found
        return found

    def exported(self, name: str, importer: Template) -> tuple[Template, str] | None:
        """The stack of the assembly that exports `name` to the importer, and the output that does."""
        here = (importer.account, importer.region)
        reached = []
        for exporter, output in self._exporters(name):
            there = (exporter.account, exporter.region)
            if here == there and exporter.puts_out(output):
                return exporter, output
            # An export reaches its own account and region; a stack that tells neither may be deployed there.
            if _may_be_same(here, there) and exporter.puts_out(output):
                reached.append((exporter, output))
        return reached[0] if len(reached) == 1 else None

    def _exporters(self, name: str) -> list[tuple[Template, str]]:
        if self._exports is None:
            self._index_exports()
        found = self._exports.get(name, []) if self._exports else []
        if self._changing_exports:
            by_name = self.world.memo.get("exports")
            if by_name is None:
                by_name = self.world.memo["exports"] = {}
                for template, output, node in self._changing_exports:
                    exported = template.resolve(node)
                    if type(exported) is str:
                        by_name.setdefault(exported, []).append((template, output))
            found = found + by_name.get(name, [])
        return found

    def _index_exports(self) -> None:
        """Index exports by name; a name that hangs on parameters or conditions is found anew in each world."""
        self._exports, self._changing_exports = {}, []
        outer = self.world
        try:
            for template in self.templates:
                for name, output in (template.document.get("Outputs") or {}).items():
                    export = output.get("Export") if type(output) is dict else None
                    if type(export) is not dict:
                        continue
                    self.world = World({}, [])
                    exported = template.resolve(export.get("Name"))
                    if self.world.met:
                        self._changing_exports.append((template, name, export["Name"]))
                    elif type(exported) is str:
                        self._exports.setdefault(exported, []).append((template, name))
        finally:
            self.world = outer

    def resource_named(self, value: Value) -> Resource | None:
        """The resource that a value names: by reference, or by the literal name that its own properties give it."""
        named = self._all_named(value)
        if len(named) > 1:
            return next((resource for resource in named if resource.exists), named[0])
        return named[0] if named else None

    def names(self, value: Value, resource: Resource) -> bool:
        """Whether a value names a resource; a literal name may be that of resources of several types."""
        return any(named is resource for named in self._all_named(value))

    def _all_named(self, value: Value) -> list[Resource]:
        node = value.node
        if type(node) is Reference:
            self.trace.leave()
            return [node.resource]
        if type(node) is Text:
            references = [part.resource for part in node.parts if type(part) is Reference]
            self.trace.leave()
            if references:
                return references if len(references) == 1 else []
        elif type(node) is not Unresolved and (type(node) is not str or not node):
            return []
        candidates = [pair for name in _spelled(node) for pair in self._by_name().get(name, ())]
        if not candidates:
            return []
        self.trace.leave()
        place = (value.resource._template.account, value.resource.region)
        names = _spelled(node)
        return [
            resource
            for kind, resource in candidates
            if (kind in _GLOBAL_NAMES or (resource._template.account, resource.region) == place)
            and resource[_NAME_PROPERTIES[kind]].node in names
        ]

    def _by_name(self) -> dict[Any, list[tuple[str, Resource]]]:
        """Resources by the names that they have in one of the worlds, with their type.

        A name that is not known is a name all the same: what is called by the same parameter is called the same.
        """
        if self._names is None:
            self._names = {}
            with apart(self.trace):
                self._index_names(self._names)
        return self._names

    def _index_names(self, index: dict[Any, list[tuple[str, Resource]]]) -> None:
        for kind, property in _NAME_PROPERTIES.items():
            for resource in self.of_type(kind):
                if is_plain(resource.properties) and property not in resource.properties:
                    continue
                for name in _in_any_world(resource, lambda source: [source[property].node])[0]:  # noqa: B023
                    if type(name) in (str, Text, Unresolved):
                        index.setdefault(name, []).append((kind, resource))

    def referring(self, target: Resource, kind: str, via: str) -> list[Resource]:
        """The resources that name the target by a property in the present world; see Resource.referrers."""
        return [
            source
            for source, fixed in self._sources_of(target, kind, via)
            if source.exists and (fixed or any(self.names(value, target) for value in source.values(via)))
        ]

    def surely_referring(self, target: Resource, kind: str, via: str) -> list[Resource] | None:
        """The same, where it is the same in every world; None where it is not."""
        sources = self._sources_of(target, kind, via)
        if all(fixed and "Condition" not in source.body for source, fixed in sources):
            return [source for source, _ in sources]
        return None

    def _sources_of(self, target: Resource, kind: str, via: str) -> Sequence[tuple[Resource, bool]]:
        """What names the target in one of the worlds, and whether it does in every one."""
        return self.index_of_referrers(kind, via).get(id(target), ())

    def index_of_referrers(self, kind: str, via: str) -> Mapping[int, list[tuple[Resource, bool]]]:
        """What names resources by the property: it is empty where nothing of that type names any."""
        index = self._referring.get((kind, via))
        if index is None:
            index = self._referring[kind, via] = {}
            with apart(self.trace):
                self._index_referrers(index, kind, via)
        return index

    def _index_referrers(self, index: dict[int, list[tuple[Resource, bool]]], kind: str, via: str) -> None:
        steps = via.split(".")
        for source in self.of_type(kind):
            found, fixed = _plainly_named(source, steps), True
            if found is None:
                found, fixed = _in_any_world(source, lambda one: self._named_by(one, via))
            for named in found:
                index.setdefault(id(named), []).append((source, fixed))

    def mentioning(self, target: Resource) -> list[Resource]:
        """The resources that refer to the target anywhere in the present world; see Resource.referenced_by."""
        self.trace.leave()
        if self._mentioning is None:
            self._mentioning = {}
            for template in self.templates:
                for source in template.resources.values():
                    names = plain_references(source.properties, template)
                    if names is not None:
                        found, fixed = [template.resources[name] for name in names], True
                    else:
                        found, fixed = _in_any_world(source, lambda one: list(one.mentions()))
                    for named in found:
                        self._mentioning.setdefault(id(named), []).append((source, fixed))
        return [
            source
            for source, fixed in self._mentioning.get(id(target), ())
            if source is not target and source.exists and (fixed or any(named is target for named in source.mentions()))
        ]

    def _named_by(self, source: Resource, via: str) -> list[Resource]:
        return [named for value in source.values(via) for named in self._all_named(value)]


def _plainly_named(source: Resource, steps: list[str]) -> list[Resource] | None:
    """What a property names by plain references, as most do; None where more than these has to be read."""
    template = source._template
    if template.opaque:
        return None
    nodes: list[Any] = [source.properties]
    for step in steps:
        name = step.removesuffix("[]")
        below: list[Any] = []
        for node in nodes:
            if not is_plain(node):
                return None
            child = node.get(name)
            if child is None:
                continue
            if name is step:
                below.append(child)
            elif type(child) is list:
                below += child
            else:
                return None
        nodes = below
    found = []
    for node in nodes:
        target = referred(node) if type(node) is dict and len(node) == 1 else ""
        if target not in template.resources or target in template.parameters:
            return None
        found.append(template.resources[target])
    return found if len(found) < 2 else list({id(named): named for named in found}.values())


def _in_any_world(source: Resource, find: Callable[[Resource], list[Any]]) -> tuple[list[Any], bool]:
    """What `find` finds in any of the worlds, each thing once, and whether it is the same in all of them."""
    assembly = source._template.assembly
    outer, found = assembly.world, []
    try:
        # Most come across no choice: then the one world is as good for the next of them.
        first = assembly.world = assembly.idle
        once = find(source)
        if not first.choices:
            return once if len(once) < 2 else [item for at, item in enumerate(once) if item not in once[:at]], True
        assembly.idle = World({}, [])
        for world in worlds():
            assembly.world = world
            found += [item for item in find(source) if item not in found]
    finally:
        assembly.world = outer
    return found, False


def _may_be_same(here: tuple[str | None, ...], there: tuple[str | None, ...]) -> bool:
    """Whether two places, each an account and a region, may be one; None stands for what is not known."""
    return all(one == other or None in (one, other) for one, other in zip(here, there, strict=True))


def _spelled(node: Any) -> tuple[Any, ...]:
    """The names that a value may stand for: an ARN ends in the name, after a colon or a slash.

    That of a log group has another part behind it.
    """
    if type(node) is not str or not node.startswith("arn:"):
        return (node,)
    end = node.removesuffix(":*").rpartition(":")[2]
    return tuple(dict.fromkeys((end, end.rpartition("/")[2])))


def _expand(path: str) -> list[str]:
    if os.path.exists(path) or not any(letter in path for letter in "*?["):
        return [path]
    import glob

    found = sorted(glob.glob(path, recursive=True))
    if not found:
        raise InputError(path, problem="no file matches the pattern", remedy="Check the pattern")
    return found


def _why_foreign(parent: str, name: str) -> str | None:
    """Why a folder that nobody named is left out, or None where it is not."""
    if name in _FOREIGN_FOLDERS or name.startswith("."):
        return f"what {name} holds is not looked at unless it is named"
    if os.path.exists(os.path.join(parent, name, "pyvenv.cfg")):
        return "a virtual environment is not looked at unless it is named"
    return None


def _inside(path: str, root: str) -> bool:
    try:
        root = os.path.realpath(root)
        return os.path.commonpath([root, os.path.realpath(path)]) == root
    except ValueError:
        # Another drive, or a path that no file can have.
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
    """The path of a file that the manifest names, refused where it leads out of the assembly."""
    if type(name) is not str or not name:
        raise InputError(manifest, problem=f"artifact {artifact} names no file", remedy="Run `cdk synth` again")
    path = os.path.normpath(os.path.join(folder, name))
    if not _inside(path, root):
        raise InputError(
            manifest,
            problem=f"artifact {artifact} names {name}, which lies outside of the assembly",
            remedy="Run `cdk synth` again; do not edit the manifest",
        )
    if not os.path.exists(path):
        raise InputError(
            manifest, problem=f"artifact {artifact} names {name}, which does not exist", remedy="Run `cdk synth` again"
        )
    return path


def _assets(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Object key and source of every file that a manifest of assets publishes."""
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
    """Account and region of ``aws://123456789012/eu-central-1``; None where the stack is agnostic of them."""
    if type(text) is not str or not text.startswith("aws://"):
        return None, None
    account, _, region = text.removeprefix("aws://").partition("/")
    return (
        account if account and not account.startswith("unknown") else None,
        region if region and not region.startswith("unknown") else None,
    )


def _metadata(manifest: str, root: str, folder: str, name: str, artifact: dict[str, Any]) -> Metadata:
    """What the manifest and the file beside the template say of a stack's constructs."""
    additional = artifact.get("additionalMetadataFile")
    if type(additional) is not str:
        return Metadata(artifact.get("metadata"))
    return Metadata(artifact.get("metadata"), lambda: _member(manifest, root, folder, name, additional))
