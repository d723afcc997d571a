"""Parameters and pseudo parameters of a template in the present scenario.

Source: "Parameters" and "Pseudo parameters reference", AWS CloudFormation User Guide.
"""

from __future__ import annotations

from soc2_constructs.cloudformation.context import Context, Scope
from soc2_constructs.cloudformation.resource import Resource
from soc2_constructs.cloudformation.secret_names import is_secret_name
from soc2_constructs.cloudformation.values import (
    ABSENT,
    Text,
    Unresolved,
    as_number,
    as_string,
    format_value,
    is_present,
    same,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from soc2_constructs.cloudformation.template import Template

#: The option of a parameter whose value is none of the texts that conditions compare it with.
OTHER = object()

#: A value of each pseudo parameter, for patterns that contain it.
_PSEUDO_PARAMETERS = {
    "AWS::AccountId": "111122223333",
    "AWS::NotificationARNs": "arn:aws:sns:us-east-1:111122223333:topic",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/stack/id",
    "AWS::StackName": "stack",
    "AWS::URLSuffix": "amazonaws.com",
}

#: Partition and domain suffix by the prefix of a region; other regions belong to the partition aws.
_PARTITIONS = {
    "cn": ("aws-cn", "amazonaws.com.cn"),
    "eusc": ("aws-eusc", "amazonaws.eu"),
    "us-gov": ("aws-us-gov", "amazonaws.com"),
    "us-iso": ("aws-iso", "c2s.ic.gov"),
    "us-isob": ("aws-iso-b", "sc2s.sgov.gov"),
    "us-isof": ("aws-iso-f", "csp.hci.ic.gov"),
    "eu-isoe": ("aws-iso-e", "cloud.adc-e.uk"),
}
#: Domain suffixes of all partitions.
URL_SUFFIXES = ("amazonaws.com", *(suffix for _, suffix in _PARTITIONS.values()))


class Parameters(Scope):
    """The parameters of one template.

    Args:
        context: The evaluation.
        template: The template.
        parent: The resource that deploys it as a nested stack, or None.
        root: The scope of the top-level stack; None where it is this one.
    """

    def __init__(self, context: Context, template: Template, parent: Resource | None, root: Parameters | None) -> None:
        self.context = context
        self.template = template
        self.parent = parent
        #: The scope of the top-level stack.
        self.root: Parameters = self if root is None else root
        self._unknowns: dict[str, Unresolved] = {}

    def _once(self, kind: str, name: str, find: Callable[[str], Any]) -> Any:
        """Call `find` once for each name in a scenario; a circular reference results in an unresolved value."""
        cache, key = self.context.scenario.cache, (self, kind, name)
        if key not in cache:
            cache[key] = Unresolved(f"{kind} {name} refers to itself in a circle")
            cache[key] = find(name)
        return cache[key]

    def _unknown(self, name: str, reason: str, present: bool = False, sample: str = "") -> Unresolved:
        """The unresolved value of a parameter: one object, so that it equals itself wherever it is used."""
        unknown = self._unknowns.get(name)
        if unknown is None:
            parameter = name if name in self.template.parameters else ""
            unknown = Unresolved(reason, present, sample, parameter=parameter, hidden=self._has_no_echo(name))
            self._unknowns[name] = unknown
        return unknown

    def _has_no_echo(self, name: str) -> bool:
        """Whether CloudFormation masks the value of a parameter."""
        declaration = self.template.parameters.get(name)
        return type(declaration) is dict and same(declaration.get("NoEcho"), True)

    def _shown(self, name: str, value: Any) -> str:
        """A value of a parameter as messages show it. The value of a secret is not printed."""
        return "a certain value" if self._has_no_echo(name) or is_secret_name(name) else format_value(value)

    def _pseudo_parameter(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return ABSENT
        if name == "AWS::Region" and self.template.region:
            return self.template.region
        if name == "AWS::AccountId" and self.template.account:
            return self.template.account
        if name == "AWS::StackName" and self.template.stack_name:
            return self.template.stack_name
        if name == "AWS::Partition" and self.template.region:
            return _partition(self.template.region)[0]
        if name == "AWS::URLSuffix" and self.template.region:
            return _partition(self.template.region)[1]
        if name not in _PSEUDO_PARAMETERS:
            return Unresolved(f"Ref names {name!r}, which is not a pseudo parameter")
        reason = f"{name} is known only at deployment"
        unknown = self.root._unknown(name, reason, present=True, sample=_PSEUDO_PARAMETERS[name])
        return self._compared(self.root, name, unknown)

    def _compared(self, owner: Parameters, name: str, unknown: Unresolved) -> Any:
        """The value of an unknown parameter: each text that conditions compare it with, or another one."""
        literals = self.context.assembly.compared(owner.template, name)
        if not literals:
            return unknown
        choice = self.context.scenario.choose((owner, name), [*literals, OTHER])
        shown = name if name.startswith("AWS::") else f"parameter {name}"
        if choice is OTHER:
            self.context.scenario.note((owner, name), f"{shown} is none of the values that conditions compare it with")
            return unknown
        self.context.scenario.note((owner, name), f"{shown} is {owner._shown(name, choice)}")
        return choice

    @property
    def present_region(self) -> str | None:
        """The region of the stack, or the one of the present scenario where conditions compare it."""
        region = self._pseudo_parameter("AWS::Region")
        return region if type(region) is str else None

    def _parameter(self, name: str) -> Any:
        declaration = self.template.parameters[name]
        kind = declaration.get("Type", "String") if type(declaration) is dict else None
        if type(kind) is not str:
            return Unresolved(f"parameter {name} is not declared as an object with a Type")
        if kind.startswith("AWS::SSM::Parameter::Value"):
            reason = f"parameter {name} is read from SSM at deployment"
            value: Any = self._unknown(name, reason, present=True)
        elif self.parent is None:
            value = self._chosen(name, kind, declaration)
        else:
            value = self._once("parameter", name, self._given)
        if type(value) is Unresolved:
            if self.parent is not None and value.parameter and value.hidden and not self._has_no_echo(name):
                # The nested stack shows what its parent hides.
                value = self._unknown(name, value.reason, value.present)
            value = self._compared(self, name, value)
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            return _comma_delimited(value)
        return value

    def _given(self, name: str) -> Any:
        """The value that the parent of a nested stack passes; the default where it passes none."""
        assert self.parent is not None
        given = self.parent["Parameters"]
        if type(given.node) is Unresolved:
            return given.node
        value = given.member(name).node if type(given.node) is dict else ABSENT
        if value is ABSENT:
            value = self.template.parameters[name].get("Default")
        if value is None or type(value) is dict or type(value) is list:
            return self._unknown(name, f"parameter {name} is passed no text and has no default")
        return value

    def _chosen(self, name: str, kind: str, declaration: dict[str, Any]) -> Any:
        """The default, an allowed value, or a value that conditions compare the parameter with."""
        default, allowed = declaration.get("Default"), declaration.get("AllowedValues")
        values = [default, *allowed] if type(allowed) is list else [default]
        options = list({as_string(value): value for value in reversed(values) if is_scalar(value)}.values())[::-1]
        if not allowed:
            known = [as_string(value) for value in options]
            literals = self.context.assembly.compared(self.template, name)
            options += [literal for literal in literals if literal not in known]
            if literals and (not known or known[0] in literals):
                options.append(OTHER)
        if not options:
            return self._unvalued(name, kind, declaration)
        value = self.context.scenario.choose((self, name), options)
        if value is OTHER:
            self.context.scenario.note(
                (self, name), f"parameter {name} is none of the values that conditions compare it with"
            )
            return self._unvalued(name, kind, declaration)
        if len(options) > 1:
            self.context.scenario.note((self, name), f"parameter {name} is {self._shown(name, value)}")
        return value

    def _unvalued(self, name: str, kind: str, declaration: dict[str, Any]) -> Unresolved:
        least = as_number(declaration.get("MinLength")) or 0
        present = least >= 1 or kind.startswith(("AWS::", "List<AWS::", "Number"))
        # CloudFormation checks that the ids of such parameters exist: a wildcard is no id.
        sample = "id" if kind.startswith(("AWS::EC2::", "AWS::Route53::")) else ""
        return self._unknown(name, f"parameter {name} has neither a default nor allowed values", present, sample)


def _partition(region: str) -> tuple[str, str]:
    """The partition and the domain suffix of a region."""
    return _PARTITIONS.get(region.partition("-")[0], _PARTITIONS.get(region[:7].rstrip("-"), ("aws", "amazonaws.com")))


def is_scalar(value: Any) -> bool:
    """Whether a value is a string, a number or a boolean."""
    return type(value) in (str, int, float, bool)


def _comma_delimited(value: Any) -> Any:
    """The list that CloudFormation makes of the text of a parameter with a list type."""
    if type(value) is Text:
        return Unresolved("parts of the list are known only at deployment", is_present(value))
    return [item.strip() for item in str(as_string(value)).split(",")] if is_scalar(value) else value
