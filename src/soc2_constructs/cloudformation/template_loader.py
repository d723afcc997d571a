"""Reading templates and the templates that they deploy."""

from __future__ import annotations

import os
from contextlib import contextmanager

from soc2_constructs.cloudformation.assembly import Assembly
from soc2_constructs.cloudformation.construct_tree import ConstructTree
from soc2_constructs.cloudformation.deploying import (
    NESTED,
    URLS,
    WITH_BODY,
    file_at,
    with_parameters,
)
from soc2_constructs.cloudformation.documents import check_template, parse_document, read_bytes
from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.cloudformation.evaluation import Evaluation
from soc2_constructs.cloudformation.gaps import DEPLOYING, FIX_TARGETS, NOT_HERE, PRODUCT, PROVISIONED_PRODUCT, Gap
from soc2_constructs.cloudformation.limits import MAX_NESTING, MAX_TEMPLATE_BYTES, MAX_TEMPLATES
from soc2_constructs.cloudformation.manifests import is_inside, text_or_none
from soc2_constructs.cloudformation.metadata import Metadata
from soc2_constructs.cloudformation.sources import SourceLocations
from soc2_constructs.cloudformation.template import Declaration, Template
from soc2_constructs.cloudformation.values import format_value, json_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from soc2_constructs.cloudformation.manifests import Asset
    from soc2_constructs.cloudformation.resource import Resource

_TARGETS = "its template is judged, but not the accounts and regions that it is deployed to"

#: Names of loops and transforms in the text of a template; JSON can also escape them.
_MACROS = (b"Fn::ForEach", b"Fn::Transform", b"!ForEach", b"!Transform", b"\\u00", b"\\x", b"\\U")


def document_assembly(document: dict[str, Any], path: str = "template", **place: Any) -> Assembly:
    """An assembly of one parsed template, and of the templates in its properties.

    Args:
        document: The template.
        path: The path that results name. Default `"template"`.
        place: Other arguments of `Template`, such as `account` and `region`.

    Raises:
        InputError: where the document does not have the shape of a template.
    """
    check_template(document, path)
    loader = TemplateLoader(None)
    # No file is part of the assembly, whatever the template names.
    loader.deploy(Template(path, document, **place), folder=f"{path}#", root=f"{path}#")
    return Assembly(loader.templates)


class TemplateLoader:
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
        tree: ConstructTree | None = None,
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
            tree=tree,
            has_macros=has_macros,
        )
        self.deploy(template, os.path.dirname(path), root)

    def deploy(self, template: Template, folder: str, root: str) -> None:
        """Add a template, and the templates that its resources deploy."""
        self.templates.append(template)
        if template.parent is not None:
            template.parent.nested_template = template
        for declaration in template.resources.values():
            if declaration.type in URLS:
                self._add_deployed(declaration, folder, root)
        for declaration in template.resources.values():
            if declaration.type == PROVISIONED_PRODUCT:
                product = self._evaluation(template).resource(declaration)["ProductId"].target_of(PRODUCT)
                if product is not None:
                    declaration.gap = product.declaration.gap

    def _add_deployed(self, declaration: Declaration, folder: str, root: str) -> None:
        """Read the templates that a resource deploys, or record why one of them cannot be read."""
        resource = self._evaluation(declaration.template).resource(declaration)
        declaration.gap = None
        if declaration.type in WITH_BODY and not resource["TemplateBody"].is_absent:
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
                declaration.gap = Gap(reason, DEPLOYING[declaration.type], declaration.logical_id)
                continue
            with self.reading():
                if declaration.type in NESTED:
                    self._add_nested(path, root, declaration)
                elif not self._is_known(path):
                    self._add(path, root)
        if not urls:
            declaration.gap = Gap(NOT_HERE, DEPLOYING[declaration.type], declaration.logical_id)

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
            tree=template.tree,
        )

    def _add_body(self, declaration: Declaration, resource: Resource, folder: str, root: str) -> None:
        """Read the template in TemplateBody; the one of a stack set is deployed to accounts and regions of its own."""
        body, template = resource["TemplateBody"], declaration.template
        path = f"{template.path}#{declaration.logical_id}"
        # Functions in an object belong to the template around it; their values are in the text.
        text = json_text(body.known) if type(body.known) is dict else body.known
        document, reason = None, "TemplateBody is known only at deployment"
        if type(text) is str:
            try:
                document = parse_document(text, path)
                check_template(document, path)
            except InputError as error:
                document, reason = None, f"TemplateBody cannot be read: {error.problem}"
        if document is None or len(self.templates) >= MAX_TEMPLATES:
            declaration.gap = Gap(reason, DEPLOYING[declaration.type], declaration.logical_id)
        elif declaration.type in NESTED:
            account, region = template.account, template.region
            nested = Template(path, document, account=account, region=region, parent=declaration, file=template.file)
            self.deploy(nested, folder, root)
        else:
            document = with_parameters(document, resource)
            self.deploy(Template(path, document, file=template.file), folder, root)
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

    def _is_known(self, path: str) -> bool:
        """Whether a file or a cloud assembly was already read, through another path or a circular manifest."""
        real = os.path.realpath(path)
        known = real in self._read_before
        self._read_before.add(real)
        return known
