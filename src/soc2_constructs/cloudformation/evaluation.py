"""The evaluation of an assembly: everything that changes while checks run, apart from the immutable templates."""

from __future__ import annotations

from soc2_constructs.cloudformation.context import Context
from soc2_constructs.cloudformation.exports import ExportIndex
from soc2_constructs.cloudformation.fingerprints import (
    NO_FINGERPRINT,
    has_literal_properties,
    own_fingerprint,
    relative,
)
from soc2_constructs.cloudformation.intrinsics import Intrinsics
from soc2_constructs.cloudformation.read_log import (
    IDENTITY,
    PROPERTY,
    REFERRER_IDENTITY,
    REFERRER_SHAPE,
    REFERRERS,
    SHAPE,
    ReadLog,
    read_key,
    untracked,
)
from soc2_constructs.cloudformation.references import ReferenceIndex
from soc2_constructs.cloudformation.resource import Resource
from soc2_constructs.cloudformation.scenarios import Scenario

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from soc2_constructs.cloudformation.assembly import Assembly
    from soc2_constructs.cloudformation.read_log import ReadKey
    from soc2_constructs.cloudformation.template import Declaration, Template

#: Kinds of keys for which a missing property has the fingerprint None.
_OWN_PROPERTY = (PROPERTY, IDENTITY)


class Evaluation(Context):
    """The scenario, the read log, the depth and the indexes of one evaluation of an assembly.

    Args:
        assembly: The templates.
        today: The day of the audit as YYYY-MM-DD, for checks that depend on it. Default: none.
    """

    def __init__(self, assembly: Assembly, *, today: str | None = None) -> None:
        self.assembly = assembly
        self.today = today
        self.scenario = Scenario()
        self.default_scenario = Scenario()
        self.log = ReadLog()
        self.depth = 0
        self.references = ReferenceIndex(self)
        self.indexes: dict[Any, dict[Any, list[int]]] = {}
        self._exports: ExportIndex | None = None
        self._scopes: dict[int, Intrinsics] = {}
        self._by_type: dict[str, list[Resource]] = {}
        self._with_rules = any(template.rules for template in assembly.templates)
        for template in assembly.templates:
            for resource in self._add(template).resources.values():
                self._by_type.setdefault(resource.type, []).append(resource)

    def _add(self, template: Template) -> Intrinsics:
        scope = self._scopes.get(id(template))
        if scope is None:
            parent = template.parent
            above = self._add(parent.template) if parent is not None else None
            resource = above.resources[parent.logical_id] if above is not None and parent is not None else None
            root = self._add(template.root) if above is not None else None
            scope = self._scopes[id(template)] = Intrinsics(self, template, resource, root)
        return scope

    def scope(self, template: Template) -> Intrinsics:
        """The evaluation of one template."""
        return self._scopes[id(template)]

    def resource(self, declaration: Declaration) -> Resource:
        """A resource as checks see it."""
        resource: Resource = self._scopes[id(declaration.template)].resources[declaration.logical_id]
        return resource

    def resources(self) -> Iterator[Resource]:
        """Every resource of the assembly, in the order of the templates."""
        for template in self.assembly.templates:
            yield from self._scopes[id(template)].resources.values()

    def of_type(self, resource_type: str) -> list[Resource]:
        """The resources of a type in the whole assembly, in every scenario."""
        return self._by_type.get(resource_type, [])

    def output(self, template: Template, name: str) -> Any:
        """The value of an output of a template of the assembly."""
        return self._scopes[id(template)].output(name)

    def exported(self, name: str, importer: Template) -> Any:
        """The value that a stack of the assembly exports to the importer; None where no stack is known to."""
        if self._exports is None:
            with untracked(self.log):
                self._exports = ExportIndex(self, [self._scopes[id(template)] for template in self.assembly.templates])
        exporter = self._exports.exported(name, self._scopes[id(importer)])
        return None if exporter is None else exporter[0].output(exporter[1])

    def accepts_scenario(self) -> bool:
        """Whether the rules of all templates hold in the present scenario."""
        scopes = {id(key[0]): key[0] for key in self.scenario.choices} if self._with_rules else {}
        return all(scope.accepts_scenario() for scope in scopes.values())

    def fingerprint(self, resource: Resource, keys: tuple[ReadKey, ...]) -> tuple[Any, ...] | None:
        """The fingerprint of the parts of a resource that the keys name; None where a part has none.

        Two resources of one type with the same fingerprint get the same verdict of a check that read these parts.
        """
        properties, known, parts = resource._properties, resource._fingerprints, []
        is_literal = known.get(None)
        if is_literal is None:
            is_literal = known[None] = has_literal_properties(resource._declaration)
        if not is_literal:
            return None
        for key in keys:
            if key in known:
                part = known[key]
            elif key.kind in _OWN_PROPERTY and key.name not in properties:
                part = None
            else:
                part = known[key] = self._fingerprint(resource, key)
            if part is NO_FINGERPRINT:
                return None
            parts.append(part)
        return tuple(parts)

    def _fingerprint(self, resource: Resource, key: ReadKey) -> Any:
        if not key.resource_type:
            return own_fingerprint(resource._declaration, key)
        sources = self.references.fixed_referrers(resource, key.resource_type, key.via)
        if sources is None:
            return NO_FINGERPRINT
        if key.kind is REFERRERS:
            return len(sources)
        declarations = [source._declaration for source in sources]
        if not all(map(has_literal_properties, declarations)):
            return NO_FINGERPRINT
        if key.kind is REFERRER_IDENTITY:
            target = resource._declaration
            return tuple([relative(one.properties.get(key.name), one.template, target) for one in declarations])
        if key.kind is REFERRER_SHAPE:
            # Checks of the referrers themselves have mostly computed their shapes already.
            own = (read_key(SHAPE, key.name),)
            shapes = tuple([self.fingerprint(source, own) for source in sources])
            return NO_FINGERPRINT if None in shapes else shapes
        return tuple([own_fingerprint(declaration, key) for declaration in declarations])
