"""Templates and the resources that they declare, as they are written: nothing is evaluated here.

The raw bodies are private to the engine. A check gets a `Resource`, which records what it reads.
"""

from __future__ import annotations

from soc2_constructs.cloudformation.metadata import Metadata
from soc2_constructs.cloudformation.sam import expand
from soc2_constructs.cloudformation.sources import SourceLocations
from soc2_constructs.cloudformation.values import as_string, format_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from soc2_constructs.cloudformation.construct_tree import ConstructTree

_NESTED = ".NestedStack/"


class Declaration:
    """A resource as its template declares it.

    Attributes:
        template: The template.
        logical_id: The name in the template.
        type: The resource type.
        body: The object under the logical id, Globals of SAM applied.
        properties: The object under Properties; empty where there is none.
        condition: The name of the condition on which it is created, or None.
        nested_template: The template of a nested stack that it deploys. The loader sets it.
        missing_template: Why the template of a nested stack could not be read, or None. The loader sets it.
    """

    __slots__ = (
        "_construct_path",
        "body",
        "condition",
        "logical_id",
        "missing_template",
        "nested_template",
        "properties",
        "template",
        "type",
    )

    def __init__(self, template: Template, logical_id: str, body: dict[str, Any]) -> None:
        self.template = template
        self.logical_id = logical_id
        self.type: str = body["Type"]
        self.body = body
        self.properties: Any = body.get("Properties") or {}
        condition = body.get("Condition")
        self.condition: str | None = condition if type(condition) is str else None
        self.nested_template: Template | None = None
        self.missing_template: str | None = None
        self._construct_path: str | None = None

    @property
    def construct_path(self) -> str | None:
        """The path of the construct in the CDK app, or None for a template that the CDK did not write."""
        if self._construct_path is None:
            metadata = self.body.get("Metadata")
            path = metadata.get("aws:cdk:path") if type(metadata) is dict else None
            self._construct_path = path if type(path) is str else ""
            if not self._construct_path:
                self._construct_path = self.template.construct_paths.get(self.logical_id, "")
        return self._construct_path or None

    def __repr__(self) -> str:
        return f"<{self.type} {self.logical_id}>"


class Template:
    """One CloudFormation template at its place in an assembly.

    Attributes:
        path: The file.
        document: The parsed file.
        stack_name: The name of the stack, where the assembly gives it.
        stack_path: The construct path of the stack, where a CDK app wrote the template.
        account: The account of the stack, or None where the stack is environment-agnostic.
        region: The region of the stack, or None where the stack is environment-agnostic.
        parent: The AWS::CloudFormation::Stack resource that deploys this template as a nested stack.
        root: The template of the top-level stack; a nested stack has its account and region.
        notes: Construct metadata that the CDK writes beside the template.
        sources: Source locations of constructs, where the rule pack recorded them.
        tree: The construct tree of the cloud assembly; None for a template that no manifest lists.
        resources: Resources by logical id.
        unexpanded: Reasons why the list of resources may be incomplete.
    """

    def __init__(
        self,
        path: str,
        document: dict[str, Any],
        *,
        stack_name: str | None = None,
        stack_path: str | None = None,
        account: str | None = None,
        region: str | None = None,
        parent: Declaration | None = None,
        notes: Metadata | None = None,
        sources: SourceLocations | None = None,
        tree: ConstructTree | None = None,
    ) -> None:
        self.path = path
        self.document = document
        self.stack_name = stack_name
        self.stack_path = stack_path
        self.account = account
        self.region = region
        self.parent = parent
        self.notes = notes or Metadata()
        self.sources = sources or SourceLocations()
        self.tree = tree
        self.root: Template = parent.template.root if parent is not None else self
        self.parameters: dict[str, Any] = document.get("Parameters") or {}
        self.conditions: dict[str, Any] = document.get("Conditions") or {}
        self.mappings: dict[str, Any] = document.get("Mappings") or {}
        self.outputs: dict[str, Any] = document.get("Outputs") or {}
        self._construct_paths: dict[str, str] | None = None
        self._compared: dict[str, list[str]] | None = None
        bodies, self.unexpanded = _declared(document)
        self.resources = {logical_id: Declaration(self, logical_id, body) for logical_id, body in bodies.items()}

    @property
    def construct_paths(self) -> dict[str, str]:
        """Construct paths by logical id, from the framework's own metadata."""
        if self._construct_paths is None:
            within = self._nested_path
            entries = self.notes.entries
            nested = {path.strip("/").rpartition(_NESTED)[0] for path in entries if _NESTED in path}
            self._construct_paths = {
                entry["data"]: path.strip("/")
                for path, notes in entries.items()
                if not nested or _closest(path.strip("/"), nested) == within
                for entry in notes
                if entry.get("type") == "aws:cdk:logicalId" and isinstance(entry.get("data"), str)
            }
        return self._construct_paths

    @property
    def _nested_path(self) -> str | None:
        """The construct path of a nested stack, whose metadata is part of its parent's; logical ids repeat there.

        The CDK deploys the nested stack at `<path>` by a resource at `<path>.NestedStack/<id>.NestedStackResource`.
        """
        path = self.parent.construct_path if self.parent is not None else None
        return path.rpartition(_NESTED)[0] if path is not None else None

    @property
    def compared(self) -> dict[str, list[str]]:
        """The texts that conditions compare each parameter with: only they tell its values apart."""
        if self._compared is None:
            self._compared = {}
            for arguments in _comparisons(self.conditions):
                for this, other in (arguments, arguments[::-1]):
                    name = referred_parameter(this)
                    if name is not None and type(other) in (str, int, float, bool):
                        seen = self._compared.setdefault(name, [])
                        text = str(as_string(other))
                        if text not in seen:
                            seen.append(text)
        return self._compared

    def __repr__(self) -> str:
        return f"<Template {self.path}>"


def referred_parameter(node: Any) -> str | None:
    """The name in `{"Ref": name}`, or None for other nodes."""
    if type(node) is dict and len(node) == 1:
        name = node.get("Ref")
        return name if type(name) is str else None
    return None


def _declared(document: dict[str, Any]) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """The bodies of resources by logical id, and the reasons why there may be more."""
    bodies: dict[str, dict[str, Any]] = {}
    unexpanded: list[str] = []
    for logical_id, body in document["Resources"].items():
        if logical_id.startswith("Fn::"):
            unexpanded.append(f"{logical_id} is expanded only at deployment")
        elif "Type" not in body:
            unexpanded.append(f"{logical_id} is expanded by Fn::Transform only at deployment")
        else:
            bodies[logical_id] = body
    if "Transform" in document or "Globals" in document:
        bodies = expand(bodies, document)
    if "Transform" in document:
        unexpanded.append(f"the transform {format_value(document['Transform'])} may add or change resources")
    if "Fn::Transform" in document:
        unexpanded.append("Fn::Transform is expanded only at deployment")
    return bodies, tuple(unexpanded)


def _closest(path: str, scopes: set[str]) -> str | None:
    """The closest scope above a construct path."""
    while "/" in path:
        path = path.rpartition("/")[0]
        if path in scopes:
            return path
    return None


def _comparisons(root: Any) -> Iterator[list[Any]]:
    """The two arguments of every Fn::Equals."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if type(node) is dict:
            arguments = node.get("Fn::Equals")
            if type(arguments) is list and len(arguments) == 2:
                yield arguments
            waiting.extend(node.values())
        elif type(node) is list:
            waiting.extend(node)
