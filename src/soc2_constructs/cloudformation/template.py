"""A template and its resources, with every intrinsic function decided in one place."""

from __future__ import annotations

from soc2_constructs.cloudformation.likeness import data, likeness, relative_likeness
from soc2_constructs.cloudformation.metadata import Metadata
from soc2_constructs.cloudformation.values import (
    ABSENT,
    Reference,
    Text,
    Unresolved,
    Value,
    as_number,
    as_string,
    is_present,
    show,
    text_of,
)
from soc2_constructs.cloudformation.worlds import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from soc2_constructs.cloudformation.assembly import Assembly

#: A value of a parameter that is none of those its conditions ask for.
_OTHER = object()
#: Stands for a print that tells nothing.
_NO_PRINT = object()
#: Stands for the truth of a condition while it is being found.
_CIRCLE = object()
#: How deep functions, conditions and what they lead to may nest, over all templates of an assembly: far beyond what
#: CloudFormation accepts, and few enough for Python's stack.
_MAX_DEPTH = 100

_PSEUDO_PARAMETERS = (
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
)

#: Partition and end of host names by how a region's name begins; the others are of the partition aws.
_PARTITIONS = {
    "cn": ("aws-cn", "amazonaws.com.cn"),
    "eusc": ("aws-eusc", "amazonaws.eu"),
    "us-gov": ("aws-us-gov", "amazonaws.com"),
    "us-iso": ("aws-iso", "c2s.ic.gov"),
    "us-isob": ("aws-iso-b", "sc2s.sgov.gov"),
    "us-isof": ("aws-iso-f", "csp.hci.ic.gov"),
    "eu-isoe": ("aws-iso-e", "cloud.adc-e.uk"),
}

_NESTED = ".NestedStack/"

#: Type of event, the property that names an API of one's own, and the logical id of the API made where none is named.
#: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html
_IMPLICIT_APIS = (("Api", "RestApiId", "ServerlessRestApi"), ("HttpApi", "ApiId", "ServerlessHttpApi"))
_EVENT_TARGETS = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")

_paths: dict[str, tuple[str, ...]] = {}


def split_path(path: str) -> tuple[str, ...]:
    """``"A.B"`` as ``("A", "B")``; remembered, since every check asks for the same few paths."""
    steps = _paths.get(path)
    if steps is None:
        steps = _paths[path] = tuple(path.split("."))
    return steps


class Template:
    """One CloudFormation template at its place in an assembly."""

    def __init__(
        self,
        assembly: Assembly,
        path: str,
        document: dict[str, Any],
        *,
        stack_name: str | None = None,
        stack_path: str | None = None,
        account: str | None = None,
        region: str | None = None,
        parent: Resource | None = None,
        notes: Metadata | None = None,
    ) -> None:
        self.assembly = assembly
        self.path = path
        self.document = document
        self.stack_name = stack_name
        #: The construct path of the stack that the template belongs to, where a CDK app wrote it.
        self.stack_path = stack_path
        self.account = account
        self.region = region
        #: The AWS::CloudFormation::Stack resource that deploys this template as a nested stack.
        self.parent = parent
        #: What the CDK says of the stack's constructs beside the template.
        self.notes = notes or Metadata()
        self._construct_paths: dict[str, str] | None = None
        self._literals: dict[str, list[str]] | None = None
        self._unknowns: dict[str, Unresolved] = {}
        #: The template of the stack that a nested stack belongs to in the end; it has the same region and account.
        self.root: Template = parent.template.root if parent is not None else self
        self.parameters: dict[str, Any] = document.get("Parameters") or {}
        self.conditions: dict[str, Any] = document.get("Conditions") or {}
        self.mappings: dict[str, Any] = document.get("Mappings") or {}
        self.resources: dict[str, Resource] = {}
        #: Reasons why resources of this template cannot be listed in full.
        self.opaque: list[str] = []
        for logical_id, body in document["Resources"].items():
            if logical_id.startswith("Fn::"):
                self.opaque.append(f"{logical_id} is expanded only when the template is deployed")
            elif "Type" not in body:
                self.opaque.append(f"{logical_id} is expanded by Fn::Transform only when the template is deployed")
            else:
                self.resources[logical_id] = Resource(self, logical_id, body)
        sections = document.get("Globals")
        if "Transform" in document:
            self._add_implicit_apis()
        if type(sections) is dict:
            self._apply_globals(sections)
        if "Transform" in document:
            self.opaque.append(f"the transform {show(document['Transform'])} may add or change resources")
        if "Fn::Transform" in document:
            self.opaque.append("Fn::Transform is expanded only when the template is deployed")

    def _apply_globals(self, sections: dict[str, Any]) -> None:
        """Give each resource of the Serverless Application Model what the section Globals says for its type."""
        for resource in self.resources.values():
            namespace, _, kind = resource.type.rpartition("::")
            common = sections.get(kind)
            if namespace == "AWS::Serverless" and type(common) is dict and type(resource.properties) is dict:
                resource.properties = _merged(common, resource.properties)

    def _add_implicit_apis(self) -> None:
        """Add the APIs that the Serverless Application Model makes of events that name none, under the ids it gives.

        Globals say all that there is to say of them, so they are judged like those that a template declares.
        """
        for kind, naming, logical_id in _IMPLICIT_APIS:
            sources = [
                source for source in self.resources.values() if _has_implicit_api(source, kind, naming, logical_id)
            ]
            if sources and logical_id not in self.resources:
                body: dict[str, Any] = {"Type": f"AWS::Serverless::{kind}"}
                condition = sources[0].body.get("Condition")
                if condition is not None and all(source.body.get("Condition") == condition for source in sources):
                    body["Condition"] = condition
                self.resources[logical_id] = Resource(self, logical_id, body)

    # -- what the framework says beside the template ------------------------------------------------------------

    @property
    def metadata(self) -> dict[str, list[dict[str, Any]]]:
        """Construct metadata by construct path, as the CDK writes it beside the template."""
        return self.notes.entries

    @property
    def construct_paths(self) -> dict[str, str]:
        """Construct paths by logical id, from the framework's own metadata."""
        if self._construct_paths is None:
            within = self._nested_path
            nested = {path.strip("/").rpartition(_NESTED)[0] for path in self.metadata if _NESTED in path}
            self._construct_paths = {
                entry["data"]: path.strip("/")
                for path, entries in self.metadata.items()
                if not nested or _closest(path.strip("/"), nested) == within
                for entry in entries
                if entry.get("type") == "aws:cdk:logicalId" and isinstance(entry.get("data"), str)
            }
        return self._construct_paths

    @property
    def _nested_path(self) -> str | None:
        """The construct path of a nested stack: its parent's metadata is its own too, and logical ids repeat there.

        The CDK deploys the nested stack at `<path>` by a resource at `<path>.NestedStack/<id>.NestedStackResource`.
        """
        path = self.parent.construct_path if self.parent is not None else None
        return path.rpartition(_NESTED)[0] if path is not None else None

    # -- intrinsic functions -------------------------------------------------------------------------------------

    def resolve(self, node: Any) -> Any:
        """Decide an intrinsic function in the present world; children of objects and lists are left as they are."""
        kind = type(node)
        if kind is dict:
            if len(node) == 1:
                ((name, argument),) = node.items()
                if name == "Ref" or name.startswith("Fn::"):
                    return self._apply(name, argument)
            elif "Fn::Transform" in node:
                return Unresolved("Fn::Transform is expanded only when the template is deployed")
            elif self.opaque and any(key.startswith("Fn::ForEach::") for key in node):
                return Unresolved("Fn::ForEach is expanded only when the template is deployed")
            return node
        if kind is str:
            if "{{resolve:" in node:
                return Unresolved("a dynamic reference is read only when the template is deployed", present=True)
            return node
        return ABSENT if node is None else node

    def resolve_deep(self, node: Any) -> Any:
        """Decide every intrinsic function in a value; what is AWS::NoValue disappears from objects and lists."""
        node = self.resolve(node)
        if type(node) is not dict and type(node) is not list:
            return node
        assembly = self.assembly
        if assembly.depth >= _MAX_DEPTH:
            return Unresolved("objects and lists nest too deeply")
        assembly.depth += 1
        try:
            if type(node) is dict:
                resolved = {key: self.resolve_deep(child) for key, child in node.items()}
                return {key: child for key, child in resolved.items() if child is not ABSENT}
            return [child for child in map(self.resolve_deep, node) if child is not ABSENT]
        finally:
            assembly.depth -= 1

    def references_in(self, node: Any) -> Iterator[Reference]:
        """Every reference to a resource that stands in a value, however deep."""
        waiting = [node]
        while waiting:
            node = waiting.pop()
            if type(node) is dict:
                # Where a text is split is not known before deployment; that a resource stands in it is.
                waiting.append(node.get("Fn::Split"))
                node = self.resolve(node)
            if type(node) is Reference:
                yield node
            elif type(node) is Text:
                waiting.extend(node.parts)
            elif type(node) is dict:
                waiting.extend(node.values())
            elif type(node) is list:
                waiting.extend(node)

    def _apply(self, name: str, argument: Any) -> Any:
        function = _FUNCTIONS.get(name)
        if function is None:
            return Unresolved(f"{name} is expanded only when the template is deployed")
        assembly = self.assembly
        if assembly.depth >= _MAX_DEPTH:
            return Unresolved("intrinsic functions nest too deeply")
        assembly.depth += 1
        try:
            return function(self, argument)
        finally:
            assembly.depth -= 1

    def _once(self, kind: str, name: str, find: Callable[[str], Any]) -> Any:
        """What `find` says of a name in the present world, asked once; a circle ends in an unresolved value."""
        memo, key = self.world.memo, (self, kind, name)
        if key not in memo:
            memo[key] = Unresolved(f"{kind} {name} refers to itself in a circle")
            memo[key] = find(name)
        return memo[key]

    def _unknown(self, name: str, reason: str, present: bool = False) -> Unresolved:
        """The one value that stands for what is not known of a parameter: wherever it is used, it is the same."""
        unknown = self._unknowns.get(name)
        if unknown is None:
            unknown = self._unknowns[name] = Unresolved(reason, present)
        return unknown

    def _ref(self, name: Any) -> Any:
        if type(name) is not str:
            return Unresolved("Ref takes the name of a resource or a parameter")
        if name in self.parameters:
            return self._parameter(name)
        if name in self.resources:
            return Reference(self.resources[name], "Ref")
        if name.startswith("AWS::"):
            return self._pseudo_parameter(name)
        return Unresolved(f"Ref names {name!r}, which is neither a resource nor a parameter of this template")

    def _pseudo_parameter(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return ABSENT
        if name == "AWS::Region" and self.region:
            return self.region
        if name == "AWS::AccountId" and self.account:
            return self.account
        if name == "AWS::StackName" and self.stack_name:
            return self.stack_name
        if name == "AWS::Partition" and self.region:
            return _partition(self.region)[0]
        if name == "AWS::URLSuffix" and self.region:
            return _partition(self.region)[1]
        if name not in _PSEUDO_PARAMETERS:
            return Unresolved(f"Ref names {name!r}, which is no pseudo parameter")
        unknown = self.root._unknown(name, f"{name} is known only when the template is deployed", present=True)
        return self._compared(self.root, name, unknown)

    def _compared(self, owner: Template, name: str, unknown: Unresolved) -> Any:
        """What a parameter that is not known may be: each text that conditions compare it with, or something else."""
        literals = self.assembly.compared(owner, name)
        if not literals:
            return unknown
        choice = self.world.choose((owner, name), [*literals, _OTHER])
        shown = name if name.startswith("AWS::") else f"parameter {name}"
        if choice is _OTHER:
            self.world.note(f"{shown} is none of the values that the conditions ask for")
            return unknown
        self.world.note(f"{shown} is {show(choice)}")
        return choice

    @property
    def present_region(self) -> str | None:
        """The region of the stack, or the one that the present world has for it where conditions ask."""
        region = self._pseudo_parameter("AWS::Region")
        return region if type(region) is str else None

    def _parameter(self, name: str) -> Any:
        declaration = self.parameters[name]
        kind = declaration.get("Type", "String") if type(declaration) is dict else None
        if type(kind) is not str:
            return Unresolved(f"parameter {name} is not declared as an object with a Type")
        if kind.startswith("AWS::SSM::Parameter::Value"):
            reason = f"parameter {name} is read from SSM when the template is deployed"
            value: Any = self._unknown(name, reason, present=True)
        elif self.parent is None:
            value = self._chosen(name, kind, declaration)
        else:
            value = self._once("parameter", name, self._given)
        if type(value) is Unresolved:
            value = self._compared(self, name, value)
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            return _comma_delimited(value)
        return value

    def _given(self, name: str) -> Any:
        """What the parent of a nested stack gives for a parameter; the default where it gives nothing."""
        parent: Any = self.parent
        given = parent["Parameters"]
        if type(given.node) is Unresolved:
            return given.node
        value = parent.template.resolve(given.node.get(name)) if type(given.node) is dict else ABSENT
        if value is ABSENT:
            value = self.parameters[name].get("Default")
        if value is None or type(value) is dict or type(value) is list:
            return self._unknown(name, f"parameter {name} is given no text and has no default")
        return value

    def _chosen(self, name: str, kind: str, declaration: dict[str, Any]) -> Any:
        """The default, or one of the allowed values, or one of the values that conditions compare with."""
        default, allowed = declaration.get("Default"), declaration.get("AllowedValues")
        values = [default, *allowed] if type(allowed) is list else [default]
        options = list({as_string(value): value for value in reversed(values) if _is_scalar(value)}.values())[::-1]
        if not allowed:
            known = [as_string(value) for value in options]
            literals = self.assembly.compared(self, name)
            options += [literal for literal in literals if literal not in known]
            if literals and (not known or known[0] in literals):
                options.append(_OTHER)
        if not options:
            return self._unvalued(name, kind, declaration)
        value = self.world.choose((self, name), options)
        if value is _OTHER:
            self.world.note(f"parameter {name} is none of the values that the conditions ask for")
            return self._unvalued(name, kind, declaration)
        if len(options) > 1:
            self.world.note(f"parameter {name} is {show(value)}")
        return value

    def _unvalued(self, name: str, kind: str, declaration: dict[str, Any]) -> Unresolved:
        least = as_number(declaration.get("MinLength")) or 0
        present = least >= 1 or kind.startswith(("AWS::", "List<AWS::", "Number"))
        return self._unknown(name, f"parameter {name} has neither a default nor allowed values", present)

    @property
    def literals(self) -> dict[str, list[str]]:
        """The texts that conditions compare each parameter with: they are what tells its values apart."""
        if self._literals is None:
            self._literals = {}
            for arguments in _comparisons(self.conditions):
                for this, other in (arguments, arguments[::-1]):
                    name = _referred(this)
                    if name is not None and _is_scalar(other):
                        seen = self._literals.setdefault(name, [])
                        text = str(as_string(other))
                        if text not in seen:
                            seen.append(text)
        return self._literals

    def _get_att(self, argument: Any) -> Any:
        if type(argument) is str:
            argument = argument.split(".", 1)
        if type(argument) is not list or len(argument) != 2 or type(argument[0]) is not str:
            return Unresolved("Fn::GetAtt takes a logical id and an attribute")
        resource = self.resources.get(argument[0])
        attribute = self.resolve(argument[1])
        if resource is None:
            return Unresolved(f"Fn::GetAtt names {argument[0]!r}, which is not a resource of this template")
        if type(attribute) is not str:
            return Unresolved("the attribute of Fn::GetAtt is known only when the template is deployed", present=True)
        if attribute.startswith("Outputs.") and (child := self.assembly.nested.get(id(resource))) is not None:
            return child.output(attribute[len("Outputs.") :])
        return Reference(resource, attribute)

    def output(self, name: str) -> Any:
        """The value of an output of this template."""
        return self._once("output", name, self._output)

    def _output(self, name: str) -> Any:
        output = (self.document.get("Outputs") or {}).get(name)
        if type(output) is not dict or "Value" not in output:
            return Unresolved(f"the template {self.path} has no output {name!r}")
        if not self.puts_out(name):
            return Unresolved(f"the output {name} of {self.path} is not there under its condition")
        value = self.resolve(output["Value"])
        if type(value) is dict or type(value) is list:
            return Unresolved(f"the output {name} of {self.path} is not a text")
        return value

    def puts_out(self, name: str) -> bool:
        """Whether the condition of an output holds in the present world."""
        condition = self.document["Outputs"][name].get("Condition")
        return type(condition) is not str or self.holds(condition)

    def _sub(self, argument: Any) -> Any:
        names: dict[str, Any] = {}
        if type(argument) is list and len(argument) == 2 and type(argument[1]) is dict:
            argument, names = argument
        if type(argument) is not str:
            return Unresolved("Fn::Sub takes a string, or a string and an object")
        parts: list[Any] = []
        rest = argument
        while "${" in rest:
            before, _, rest = rest.partition("${")
            name, closed, rest = rest.partition("}")
            parts.append(before)
            if not closed:
                parts.append("${" + name)
            elif name.startswith("!"):
                parts.append("${" + name[1:] + "}")
            elif name.strip() in names:
                parts.append(self.resolve(names[name.strip()]))
            elif "." in name:
                parts.append(self._get_att(name.strip()))
            else:
                parts.append(self._ref(name.strip()))
        return self.resolve(text_of([*parts, rest]))

    def _join(self, argument: Any) -> Any:
        if type(argument) is not list or len(argument) != 2 or type(argument[0]) is not str:
            return Unresolved("Fn::Join takes a delimiter and a list")
        items = self.resolve(argument[1])
        if type(items) is not list:
            return _no_list(items, "Fn::Join")
        parts: list[Any] = []
        for item in items:
            value = self.resolve(item)
            if value is not ABSENT:
                parts += [argument[0], value] if parts else [value]
        return self.resolve(text_of(parts))

    def _if(self, argument: Any) -> Any:
        if type(argument) is not list or len(argument) != 3 or type(argument[0]) is not str:
            return Unresolved("Fn::If takes a condition and two values")
        return self.resolve(argument[1] if self.holds(argument[0]) else argument[2])

    def holds(self, condition: str) -> bool:
        """Whether a condition of this template holds in the present world."""
        truth, depends = self._condition(condition)
        if depends:
            self.world.note(f"condition {condition} is {'true' if truth else 'false'}")
        return truth

    def _condition(self, name: str) -> tuple[bool, bool]:
        """Whether a condition holds, and whether it does so in some worlds only."""
        world = self.world
        key = (self, "condition", name)
        found = world.memo.get(key)
        if found is _CIRCLE:
            return self._free("circle", name), True
        if found is None:
            world.memo[key] = _CIRCLE
            met = world.met
            truth = self._truth(self.conditions[name]) if name in self.conditions else self._free("missing", name)
            found = world.memo[key] = (truth, world.met > met)
        elif found[1]:
            world.met += 1
        truth, depends = found
        return truth, depends

    def _truth(self, node: Any) -> bool:
        assembly = self.assembly
        if assembly.depth >= _MAX_DEPTH:
            return self._free("depth", repr(node))
        assembly.depth += 1
        try:
            if type(node) is dict and len(node) == 1:
                ((name, argument),) = node.items()
                if name == "Condition" and type(argument) is str:
                    return self._condition(argument)[0]
                if type(argument) is list:
                    if name == "Fn::And" and argument:
                        return all(self._truth(item) for item in argument)
                    if name == "Fn::Or" and argument:
                        return any(self._truth(item) for item in argument)
                    if name == "Fn::Not" and len(argument) == 1:
                        return not self._truth(argument[0])
                    if name == "Fn::Equals" and len(argument) == 2:
                        return self._equal(*argument)
            return self._free("condition", repr(node))
        finally:
            assembly.depth -= 1

    def _equal(self, left: Any, right: Any) -> bool:
        one, two = self.resolve_deep(left), self.resolve_deep(right)
        if self._differs(left, two) or self._differs(right, one):
            return False
        equal = _equality(one, two)
        return self._free("equals", *sorted((repr(left), repr(right)))) if equal is None else equal

    def _differs(self, node: Any, other: Any) -> bool:
        """Whether a parameter is in this world none of the texts that conditions compare it with; `other` is one."""
        name = _referred(node)
        if name is None or not _is_scalar(other):
            return False
        owner = self if name in self.parameters else self.root
        return self.world.choices.get((owner, name)) is _OTHER and as_string(other) in self.assembly.compared(
            owner, name
        )

    def _free(self, *key: str) -> bool:
        """The truth of what the template does not tell: either, and the same wherever the same is asked."""
        return bool(self.world.choose((self, *key), [True, False]))

    def _find_in_map(self, argument: Any) -> Any:
        if type(argument) is not list or len(argument) not in (3, 4):
            return Unresolved("Fn::FindInMap takes a map and two keys")
        names = [self.resolve(item) for item in argument[:3]]
        if not all(map(_is_scalar, names)):
            return Unresolved("a key of Fn::FindInMap is known only when the template is deployed")
        found: Any = self.mappings
        for name in names:
            found = found.get(as_string(name)) if type(found) is dict else None
        if found is None:
            default = argument[3] if len(argument) == 4 else None
            if type(default) is dict and "DefaultValue" in default:
                return self.resolve(default["DefaultValue"])
            return Unresolved(f"Fn::FindInMap finds nothing at {'.'.join(str(name) for name in names)}")
        return Unresolved("Fn::FindInMap finds an object") if type(found) is dict else self.resolve(found)

    def _select(self, argument: Any) -> Any:
        if type(argument) is not list or len(argument) != 2:
            return Unresolved("Fn::Select takes an index and a list")
        index, items = self.resolve(argument[0]), self.resolve(argument[1])
        if type(items) is not list:
            return _no_list(items, "Fn::Select")
        if type(index) is str and index.isdecimal() and len(index) < 10:
            index = int(index)
        if type(index) is not int or not 0 <= index < len(items):
            return Unresolved("the index of Fn::Select is not known or outside its list")
        return self.resolve(items[index])

    def _split(self, argument: Any) -> Any:
        if type(argument) is not list or len(argument) != 2 or type(argument[0]) is not str or not argument[0]:
            return Unresolved("Fn::Split takes a delimiter and a string")
        source = self.resolve(argument[1])
        if type(source) is str:
            return source.split(argument[0])
        if type(source) is Text:
            items: list[Any] = []
            rest = ""
            for part in source.parts:
                if type(part) is not str:
                    break
                *whole, rest = (rest + part).split(argument[0])
                items += whole
            # From the first part that is not known, nobody can count: it may hold delimiters of its own.
            return [*items, Unresolved("what Fn::Split makes of it is known only when the template is deployed")]
        if type(source) is list:
            return Unresolved("Fn::Split takes a string")
        return Unresolved("the string of Fn::Split is known only when the template is deployed")

    def _base64(self, argument: Any) -> Any:
        source = self.resolve(argument)
        if type(source) is str:
            import base64

            return base64.b64encode(source.encode()).decode()
        return Unresolved("the string of Fn::Base64 is known only when the template is deployed", is_present(source))

    def _import_value(self, argument: Any) -> Any:
        name = self.resolve(argument)
        if type(name) is not str:
            return Unresolved("the name of Fn::ImportValue is known only when the template is deployed", present=True)
        exported = self.assembly.exported(name, self)
        if exported is None:
            return Unresolved(f"no stack of the assembly is known to export {name!r} to this one", present=True)
        exporter, output = exported
        return exporter.output(output)

    @property
    def world(self) -> World:
        return self.assembly.world

    def __repr__(self) -> str:
        return f"<Template {self.path}>"


def _merged(common: Any, own: Any) -> Any:
    """Globals and a resource's own value, as SAM merges them: objects member by member, lists one after the other."""
    if type(common) is dict and type(own) is dict and not _is_function(own) and not _is_function(common):
        return {
            **common,
            **{key: _merged(common[key], value) if key in common else value for key, value in own.items()},
        }
    if type(common) is list and type(own) is list:
        return [*common, *own]
    return own


def _has_implicit_api(source: Resource, kind: str, naming: str, logical_id: str) -> bool:
    """Whether an event of a SAM resource comes from an API of that kind which nobody declares."""
    if source.type not in _EVENT_TARGETS:
        return False
    events = source.properties.get("Events")
    for event in events.values() if type(events) is dict else ():
        if type(event) is dict and event.get("Type") == kind:
            properties = event.get("Properties")
            named = properties.get(naming) if type(properties) is dict else None
            if named is None or named == {"Ref": logical_id}:
                return True
    return False


def _is_function(node: dict[str, Any]) -> bool:
    return len(node) == 1 and next(iter(node)).startswith(("Fn::", "Ref"))


def _present(reason: str) -> Callable[[Template, Any], Unresolved]:
    return lambda _template, _argument: Unresolved(reason, present=True)


_FUNCTIONS: dict[str, Callable[[Template, Any], Any]] = {
    "Ref": Template._ref,
    "Fn::GetAtt": Template._get_att,
    "Fn::Sub": Template._sub,
    "Fn::Join": Template._join,
    "Fn::If": Template._if,
    "Fn::FindInMap": Template._find_in_map,
    "Fn::Select": Template._select,
    "Fn::Split": Template._split,
    "Fn::Base64": Template._base64,
    "Fn::ImportValue": Template._import_value,
    "Fn::GetAZs": _present("the availability zones are known only when the template is deployed"),
    "Fn::Cidr": _present("Fn::Cidr is computed only when the template is deployed"),
    "Fn::GetStackOutput": _present("the output of another stack is read only when the template is deployed"),
    "Fn::ToJsonString": _present("Fn::ToJsonString is computed only when the template is deployed"),
    "Fn::Length": _present("Fn::Length is computed only when the template is deployed"),
}


def _closest(path: str, scopes: set[str]) -> str | None:
    """The scope nearest above a construct path."""
    while "/" in path:
        path = path.rpartition("/")[0]
        if path in scopes:
            return path
    return None


def _partition(region: str) -> tuple[str, str]:
    """The partition of a region, and the end of its host names."""
    return _PARTITIONS.get(region.partition("-")[0], _PARTITIONS.get(region[:7].rstrip("-"), ("aws", "amazonaws.com")))


def _referred(node: Any) -> str | None:
    """The name in ``{"Ref": name}``."""
    if type(node) is dict and len(node) == 1:
        name = node.get("Ref")
        return name if type(name) is str else None
    return None


def _is_scalar(value: Any) -> bool:
    return type(value) in (str, int, float, bool)


def _comma_delimited(value: Any) -> Any:
    """The list that CloudFormation makes of the text that a parameter of a list type is given."""
    if type(value) is Text:
        return Unresolved("parts of the list are known only when the template is deployed", is_present(value))
    return [item.strip() for item in str(as_string(value)).split(",")] if _is_scalar(value) else value


def _no_list(value: Any, function: str) -> Unresolved:
    if type(value) is Unresolved:
        return value
    if type(value) is Reference:
        return Unresolved(f"the list of {function} is known only when the template is deployed")
    return Unresolved(f"{function} takes a list")


def _equality(one: Any, two: Any) -> bool | None:
    """Whether Fn::Equals holds: it compares texts, in which ``true`` is ``"true"``; None where nobody can tell."""
    if _is_scalar(one) and _is_scalar(two):
        return bool(as_string(one) == as_string(two))
    for this, other in ((one, two), (two, one)):
        if is_present(this) and other == "":
            return False
    if type(one) in (Unresolved, Reference, Text):
        # What is not known equals itself: the same parameter, the same attribute of the same resource.
        return True if one == two else None
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


class Resource:
    """One resource of a template: ``resource["VersioningConfiguration.Status"]`` is the value of a property."""

    __slots__ = ("_construct_path", "_logical_id", "_prints", "_template", "body", "is_helper", "properties", "type")

    def __init__(self, template: Template, logical_id: str, body: dict[str, Any]) -> None:
        self._template = template
        self._logical_id = logical_id
        self._prints: dict[str, Any] = {}
        self.body = body
        self.type: str = body["Type"]
        self.properties: Any = body.get("Properties") or {}
        self._construct_path: str | None = None
        #: Whether the CDK made it for itself; None where nobody has asked yet, see `is_made_by_cdk`.
        self.is_helper: bool | None = None

    @property
    def template(self) -> Template:
        self._template.assembly.trace.leave()
        return self._template

    @property
    def logical_id(self) -> str:
        self._template.assembly.trace.leave()
        return self._logical_id

    def __getitem__(self, path: str) -> Value:
        trace = self._template.assembly.trace
        if trace.reads is not None:
            trace.read(self, split_path(path)[0])
        return self.value_at(self.properties, (), path)

    def nameless(self, property: str) -> Value:
        """A property of which it does not count which resources it names: whoever asks for those says so himself."""
        trace = self._template.assembly.trace
        if trace.reads is not None:
            trace.read(self, property, "~")
        return self.value_at(self.properties, (), property)

    @property
    def whole(self) -> Value:
        """All properties together, for checks that read the parts of a list and whole resources alike."""
        return Value(self, (), self.properties)

    def print_of(self, names: tuple[str, ...]) -> tuple[Any, ...] | None:
        """What tells the resource from others by these properties; None where they are of no use for that.

        Two resources of one type with the same print say the same of those properties: functions in them count for the
        template that they stand in. `Trace` says how properties are named, and those of what refers to the resource.
        """
        properties, prints = self.properties, self._prints
        if type(properties) is not dict:
            return None
        found: list[Any] = []
        for name in names:
            if name in prints:
                print = prints[name]
            elif name in properties:
                print = prints[name] = self._print_of_property(properties[name])
            elif name[:1] == "<":
                print = prints[name] = self._print_of_referrers(name)
            elif name[1:] in properties and name[0] == "~":
                print = prints[name] = likeness(properties[name[1:]], self._template) or _NO_PRINT
            else:
                print = None
            if print is _NO_PRINT:
                return None
            found.append(print)
        return tuple(found)

    def _print_of_property(self, node: Any) -> Any:
        if node is None:
            return None
        whole = data(node)
        return (whole, id(self._template)) if b"Fn::" in whole or b"Ref" in whole else whole

    def _print_of_referrers(self, name: str) -> Any:
        sign, (kind, via, property) = name[1], name[2:].split("|")
        sources = self._template.assembly.surely_referring(self, kind, via)
        if sources is None:
            return _NO_PRINT
        if sign == "#":
            return len(sources)
        if sign == "@":
            return tuple([relative_likeness(source, property, self) for source in sources])
        found = tuple([source.print_of((property,)) for source in sources])
        return _NO_PRINT if None in found else found

    def attribute(self, name: str) -> Value:
        """A resource attribute beside the properties: `DeletionPolicy`, `Metadata`, `UpdateReplacePolicy`."""
        self._template.assembly.trace.leave()
        return Value(self, (name,), self._template.resolve(self.body.get(name)))

    def value_at(self, node: Any, prefix: tuple[str | int, ...], path: str) -> Value:
        """The value at `path` below `node`."""
        steps = _paths.get(path) or split_path(path)
        resolve, opaque = self._template.resolve, self._template.opaque
        for step in steps:
            if type(node) is dict:
                child = node.get(step)
                if opaque or "Fn::Transform" in node or (child is None and len(node) == 1):
                    node = resolve(node)
                    if type(node) is not dict:
                        if node is not ABSENT and type(node) is not Unresolved:
                            node = Unresolved(f"{show(node)} stands where an object with {step!r} belongs")
                        break
                    child = node.get(step)
                node = ABSENT if child is None else child
            elif node is not ABSENT:
                if type(node) is not Unresolved:
                    node = Unresolved(f"{show(node)} stands where an object with {step!r} belongs")
                break
        if type(node) is dict or type(node) is str or node is None:
            node = resolve(node)
        return Value(self, prefix + steps if prefix else steps, node)

    @property
    def region(self) -> str | None:
        self._template.assembly.trace.leave()
        return self._template.region

    @property
    def construct_path(self) -> str | None:
        """The path of the construct in the CDK app, or None for a template from elsewhere."""
        if self._construct_path is None:
            metadata = self.body.get("Metadata")
            path = metadata.get("aws:cdk:path") if type(metadata) is dict else None
            self._construct_path = path if type(path) is str else ""
            if not self._construct_path:
                self._construct_path = self._template.construct_paths.get(self._logical_id, "")
        return self._construct_path or None

    @property
    def exists(self) -> bool:
        """Whether the resource is created in the present world."""
        condition = self.body.get("Condition")
        return condition is None or type(condition) is not str or self._template.holds(condition)

    def referrers(self, kind: str, via: str) -> list[Resource]:
        """The resources of type `kind` whose property `via` names this one, across the stacks of the assembly.

        `via` may lead through lists: ``"Rules[].TargetArn"``.
        """
        assembly = self._template.assembly
        if not assembly.index_of_referrers(kind, via):
            # It is so for every resource, so it tells none from another.
            return []
        key = (id(self), kind, via)
        found = assembly.referrers.get(key)
        if found is None:
            found = assembly.referring(self, kind, via)
            if not assembly.world.choices:
                # No parameter and no condition had a say: they are the same in every world.
                assembly.referrers[key] = found
        assembly.trace.refer(self, kind, via, found)
        return found

    def referenced_by(self) -> list[Resource]:
        """The resources that refer to this one anywhere in their properties, across the stacks of the assembly."""
        return self._template.assembly.mentioning(self)

    def mentions(self) -> Iterator[Resource]:
        """Every resource that the properties refer to in the present world; one may come more than once."""
        return (reference.resource for reference in self.references())

    def references(self) -> Iterator[Reference]:
        """Every reference to a resource that stands in the properties, in the present world."""
        return self._template.references_in(self.properties)

    def target(self, path: str) -> Resource | None:
        """The resource that a property refers to, or None where it refers to none of the assembly."""
        return self[path].target

    def targets(self, path: str) -> list[Resource | None]:
        """What each value at a path that leads through lists refers to."""
        return [value.target for value in self.values(path)]

    def values(self, path: str) -> list[Value]:
        """Every value at a path that leads through lists: ``"Rules[].Destination.Bucket"``."""
        head, *rest = path.split("[].")
        values = [self[head.removesuffix("[]")]]
        for step in rest:
            values = [item[step.removesuffix("[]")] for value in values for item in value.each()]
        return [item for value in values for item in value.each()] if path.endswith("[]") else values

    def all_of_type(self, kind: str) -> list[Resource]:
        """The resources of type `kind` in the whole assembly that exist in the present world."""
        return [resource for resource in self._template.assembly.of_type(kind) if resource.exists]

    def __repr__(self) -> str:
        return f"<{self.type} {self._logical_id}>"
