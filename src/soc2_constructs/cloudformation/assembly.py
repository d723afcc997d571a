"""Templates that are deployed together."""

from __future__ import annotations

from soc2_constructs.cloudformation.documents import check_template
from soc2_constructs.cloudformation.template import Declaration, Template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from soc2_constructs.cloudformation.gaps import Gap


class Assembly:
    """Templates that are audited together; immutable once it is made.

    Attributes:
        templates: The templates, nested ones included.
        skipped: Paths that were not audited, each with the reason.
        folders: The folders of the cloud assemblies, nested ones included.

    Args:
        gaps: Gaps that concern more than one template, each with the template that shows them. Default: none.
    """

    def __init__(
        self,
        templates: Iterable[Template],
        *,
        skipped: Iterable[tuple[str, str]] = (),
        folders: Iterable[str] = (),
        gaps: Iterable[tuple[Template, Gap]] = (),
    ) -> None:
        self.templates = tuple(templates)
        self.skipped = tuple(skipped)
        self.folders = tuple(folders)
        self._gaps = tuple(gaps)
        self.by_type: dict[str, list[Declaration]] = {}
        for template in self.templates:
            for declaration in template.resources.values():
                self.by_type.setdefault(declaration.type, []).append(declaration)
        self._compared: dict[tuple[int, str], list[str]] = {}

    @classmethod
    def of_document(cls, document: dict[str, Any], path: str = "template", **place: Any) -> Assembly:
        """An assembly of one parsed template, without the templates that its resources deploy.

        Args:
            document: The template.
            path: The path that results name. Default `"template"`.
            place: Other arguments of `Template`, such as `account` and `region`.

        Raises:
            InputError: where the document does not have the shape of a template.
        """
        check_template(document, path)
        return cls([Template(path, document, **place)])

    @property
    def gaps(self) -> list[tuple[Template, Gap]]:
        """The parts of the deployment that no template shows, in the order of the templates."""
        return [*self._gaps, *((template, gap) for template in self.templates for gap in _gaps_in(template))]

    def of_type(self, *resource_types: str) -> Iterator[Declaration]:
        """The resources of some types, type by type, in the order of the templates."""
        for resource_type in resource_types:
            yield from self.by_type.get(resource_type, ())

    def compared(self, owner: Template, name: str) -> list[str]:
        """The texts with which conditions compare a parameter.

        The nested stacks of a stack have its pseudo parameters, so their conditions count for those.
        """
        key = (id(owner), name)
        texts = self._compared.get(key)
        if texts is None:
            templates: Iterable[Template] = [owner]
            if name.startswith("AWS::"):
                templates = [template for template in self.templates if template.root is owner]
            texts = list(dict.fromkeys(text for template in templates for text in template.compared.get(name, ())))
            self._compared[key] = texts
        return texts


def _gaps_in(template: Template) -> list[Gap]:
    return [*template.gaps, *(declaration.gap for declaration in template.resources.values() if declaration.gap)]
