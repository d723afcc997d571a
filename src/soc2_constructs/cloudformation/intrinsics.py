"""Intrinsic functions of a template in the present scenario.

Source: "Intrinsic function reference", AWS CloudFormation User Guide.
"""

from __future__ import annotations

from soc2_constructs.cloudformation.conditions import Conditions
from soc2_constructs.cloudformation.limits import MAX_EVALUATION_DEPTH
from soc2_constructs.cloudformation.parameters import is_scalar
from soc2_constructs.cloudformation.resource import Resource
from soc2_constructs.cloudformation.values import (
    ABSENT,
    Reference,
    Text,
    Unresolved,
    as_string,
    is_function_name,
    is_present,
    json_text,
    text_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from soc2_constructs.cloudformation.context import Context
    from soc2_constructs.cloudformation.template import Template


class Intrinsics(Conditions):
    """The intrinsic functions of one template.

    Args:
        context: The evaluation.
        template: The template.
        parent: The resource that deploys it as a nested stack, or None.
        root: The scope of the top-level stack; None where it is this one.
    """

    def __init__(self, context: Context, template: Template, parent: Resource | None, root: Intrinsics | None) -> None:
        super().__init__(context, template, parent, root)
        self.unexpanded = template.unexpanded
        #: The resources of the template as checks see them, by logical id.
        self.resources = {
            logical_id: Resource(self, context.log, declaration)
            for logical_id, declaration in template.resources.items()
        }

    def resolve(self, node: Any) -> Any:
        """Evaluate an intrinsic function; members of objects and lists stay as they are."""
        kind = type(node)
        if kind is dict:
            if len(node) == 1:
                ((name, argument),) = node.items()
                if is_function_name(name):
                    return self._apply(name, argument)
            elif "Fn::Transform" in node:
                return Unresolved("Fn::Transform is expanded only at deployment")
            elif self.unexpanded and any(key.startswith("Fn::ForEach::") for key in node):
                return Unresolved("Fn::ForEach is expanded only at deployment")
            return node
        if kind is str:
            if "{{resolve:" in node:
                return Unresolved("a dynamic reference is read only at deployment", present=True, hidden=True)
            return node
        return ABSENT if node is None else node

    def resolve_deep(self, node: Any) -> Any:
        """Evaluate every intrinsic function in a value; AWS::NoValue is removed from objects and lists."""
        node = self.resolve(node)
        if type(node) is not dict and type(node) is not list:
            return node
        context = self.context
        if context.depth >= MAX_EVALUATION_DEPTH:
            return Unresolved("objects and lists nest too deeply")
        context.depth += 1
        try:
            if type(node) is dict:
                resolved = {key: self.resolve_deep(child) for key, child in node.items()}
                return {key: child for key, child in resolved.items() if child is not ABSENT}
            return [child for child in map(self.resolve_deep, node) if child is not ABSENT]
        finally:
            context.depth -= 1

    def references_in(self, node: Any) -> Iterator[Reference]:
        """Every reference to a resource in a value, at any depth."""
        waiting = [node]
        while waiting:
            node = waiting.pop()
            if type(node) is dict:
                # The position of a split is unknown before deployment; the reference itself is known.
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
            return Unresolved(f"{name} is expanded only at deployment")
        context = self.context
        if context.depth >= MAX_EVALUATION_DEPTH:
            return Unresolved("intrinsic functions nest too deeply")
        context.depth += 1
        try:
            return function(self, argument)
        finally:
            context.depth -= 1

    def _ref(self, name: Any) -> Any:
        if type(name) is not str:
            return Unresolved("Ref takes the name of a resource or a parameter")
        if name in self.template.parameters:
            return self._parameter(name)
        if name in self.resources:
            return Reference(self.resources[name], "Ref")
        if name.startswith("AWS::"):
            return self._pseudo_parameter(name)
        return Unresolved(f"Ref names {name!r}, which is neither a resource nor a parameter of this template")

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
            return Unresolved("the attribute of Fn::GetAtt is known only at deployment", present=True)
        if attribute.startswith("Outputs.") and (child := resource._declaration.nested_template) is not None:
            return self.context.output(child, attribute.removeprefix("Outputs."))
        return Reference(resource, attribute)

    def output(self, name: str) -> Any:
        """The value of an output of this template."""
        return self._once("output", name, self._output)

    def _output(self, name: str) -> Any:
        output = self.template.outputs.get(name)
        if type(output) is not dict or "Value" not in output:
            return Unresolved(f"the template {self.template.path} has no output {name!r}")
        if not self.has_output(name):
            return Unresolved(f"the output {name} of {self.template.path} is not created under its condition")
        value = self.resolve(output["Value"])
        if type(value) is dict or type(value) is list:
            return Unresolved(f"the output {name} of {self.template.path} is not a string")
        return value

    def has_output(self, name: str) -> bool:
        """Whether the condition of an output holds in the present scenario."""
        condition = self.template.outputs[name].get("Condition")
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

    def _find_in_map(self, argument: Any) -> Any:
        if type(argument) is not list or len(argument) not in (3, 4):
            return Unresolved("Fn::FindInMap takes a map and two keys")
        names = [self.resolve(item) for item in argument[:3]]
        if not all(map(is_scalar, names)):
            return Unresolved("a key of Fn::FindInMap is known only at deployment")
        found: Any = self.template.mappings
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
            # An unknown part may contain delimiters, so the items after it cannot be counted.
            return [*items, Unresolved("the rest of the list of Fn::Split is known only at deployment")]
        if type(source) is list:
            return Unresolved("Fn::Split takes a string")
        return Unresolved("the string of Fn::Split is known only at deployment")

    def _base64(self, argument: Any) -> Any:
        source = self.resolve(argument)
        if type(source) is str:
            import base64

            return base64.b64encode(source.encode()).decode()
        return Unresolved("the string of Fn::Base64 is known only at deployment", is_present(source))

    def _to_json_string(self, argument: Any) -> Any:
        node = self.resolve_deep(argument)
        if type(node) is not dict and type(node) is not list:
            return Unresolved("the object or list of Fn::ToJsonString is known only at deployment", present=True)
        return json_text(node)

    def _length(self, argument: Any) -> Any:
        items = self.resolve(argument)
        if type(items) is not list:
            return _no_list(items, "Fn::Length")
        # An unresolved item may stand for several, and AWS does not document whether AWS::NoValue counts.
        if any(type(item) is Unresolved or self.resolve(item) is ABSENT for item in items):
            return Unresolved("the length of the list of Fn::Length is known only at deployment", present=True)
        return len(items)

    def _import_value(self, argument: Any) -> Any:
        name = self.resolve(argument)
        if type(name) is not str:
            return Unresolved("the name of Fn::ImportValue is known only at deployment", present=True)
        value = self.context.exported(name, self.template)
        if value is None:
            return Unresolved(f"no stack of the assembly is known to export {name!r} to this one", present=True)
        return value


def _present(reason: str) -> Callable[[Intrinsics, Any], Unresolved]:
    return lambda _template, _argument: Unresolved(reason, present=True)


_FUNCTIONS: dict[str, Callable[[Intrinsics, Any], Any]] = {
    "Ref": Intrinsics._ref,
    "Fn::GetAtt": Intrinsics._get_att,
    "Fn::Sub": Intrinsics._sub,
    "Fn::Join": Intrinsics._join,
    "Fn::If": Intrinsics._if,
    "Fn::FindInMap": Intrinsics._find_in_map,
    "Fn::Select": Intrinsics._select,
    "Fn::Split": Intrinsics._split,
    "Fn::Base64": Intrinsics._base64,
    "Fn::ImportValue": Intrinsics._import_value,
    "Fn::GetAZs": _present("the availability zones are known only at deployment"),
    "Fn::Cidr": _present("Fn::Cidr is computed only at deployment"),
    "Fn::GetStackOutput": _present("the output of another stack is read only at deployment"),
    "Fn::ToJsonString": Intrinsics._to_json_string,
    "Fn::Length": Intrinsics._length,
}


def _no_list(value: Any, function: str) -> Unresolved:
    if type(value) is Unresolved:
        return value
    if type(value) is Reference:
        return Unresolved(f"the list of {function} is known only at deployment")
    return Unresolved(f"{function} takes a list")
