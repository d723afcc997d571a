"""Conditions of a template in the present scenario.

Source: "Condition functions" and "Rules syntax", AWS CloudFormation User Guide.
"""

from __future__ import annotations

from soc2_constructs.cloudformation.limits import MAX_EVALUATION_DEPTH
from soc2_constructs.cloudformation.parameters import OTHER, Parameters, is_scalar
from soc2_constructs.cloudformation.template import referred_parameter
from soc2_constructs.cloudformation.values import Reference, Text, Unresolved, as_string, is_present

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Stands for the truth of a condition while it is evaluated.
_CIRCLE = object()
_LISTS = [list, list]


class Conditions(Parameters):
    """The conditions of one template."""

    def holds(self, condition: str) -> bool:
        """Whether a condition of this template holds in the present scenario."""
        truth, depends = self._condition(condition)
        if depends:
            self.context.scenario.note(
                (self, "condition", condition), f"condition {condition} is {'true' if truth else 'false'}"
            )
        return truth

    def accepts_scenario(self) -> bool:
        """Whether the rules of the template hold in the present scenario; a deployment stops where one does not.

        A rule about parameters that the scenario does not set makes no difference.
        """
        given = {key[1] for key in self.context.scenario.choices if key[0] is self}
        return all(
            self._truth(assertion["Assert"])
            for rule in self.template.rules
            if not rule.parameters.isdisjoint(given)
            and ("RuleCondition" not in rule.body or self._truth(rule.body["RuleCondition"]))
            for assertion in _assertions(rule.body)
        )

    def _condition(self, name: str) -> tuple[bool, bool]:
        """Whether a condition holds, and whether that depends on the scenario."""
        scenario = self.context.scenario
        key = (self, "condition", name)
        found = scenario.cache.get(key)
        if found is _CIRCLE:
            return self._free("circle", name), True
        if found is None:
            scenario.cache[key] = _CIRCLE
            met = scenario.met
            truth = (
                self._truth(self.template.conditions[name])
                if name in self.template.conditions
                else self._free("missing", name)
            )
            found = scenario.cache[key] = (truth, scenario.met > met)
        elif found[1]:
            scenario.met += 1
        truth, depends = found
        return truth, depends

    def _truth(self, node: Any) -> bool:
        context = self.context
        if context.depth >= MAX_EVALUATION_DEPTH:
            return self._free("depth", repr(node))
        context.depth += 1
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
                    if name == "Fn::Contains" and len(argument) == 2 and type(argument[0]) is list:
                        return self._contains(*argument)
                    if name == "Fn::EachMemberEquals" and len(argument) == 2 and type(argument[0]) is list:
                        return all(self._equal(item, argument[1]) for item in argument[0])
                    if (
                        name == "Fn::EachMemberIn"
                        and len(argument) == 2
                        and [type(each) for each in argument] == _LISTS
                    ):
                        return all(self._contains(argument[1], item) for item in argument[0])
            return self._free("condition", repr(node))
        finally:
            context.depth -= 1

    def _contains(self, items: list[Any], wanted: Any) -> bool:
        return any(self._equal(item, wanted) for item in items)

    def _equal(self, left: Any, right: Any) -> bool:
        one, two = self.resolve_deep(left), self.resolve_deep(right)
        if self._differs(left, two) or self._differs(right, one):
            return False
        equal = _equality(one, two)
        return self._free("equals", *sorted((repr(left), repr(right)))) if equal is None else equal

    def _differs(self, node: Any, other: Any) -> bool:
        """Whether a parameter has a value that conditions do not compare it with; they compare it with `other`."""
        name = referred_parameter(node)
        if name is None or not is_scalar(other):
            return False
        owner = self if name in self.template.parameters else self.root
        if self.context.scenario.choices.get((owner, name)) is not OTHER:
            return False
        return as_string(other) in self.context.assembly.compared(owner.template, name)

    def _free(self, *key: str) -> bool:
        """The truth of an unknown condition: both, in two scenarios, and the same wherever it is repeated."""
        return bool(self.context.scenario.choose((self, *key), [True, False]))


def _assertions(rule: dict[str, Any]) -> list[dict[str, Any]]:
    assertions = rule.get("Assertions")
    given = assertions if type(assertions) is list else []
    return [assertion for assertion in given if type(assertion) is dict and "Assert" in assertion]


def _equality(one: Any, two: Any) -> bool | None:
    """Whether Fn::Equals holds, which compares texts: ``true`` is ``"true"``; None where that is unknown."""
    if is_scalar(one) and is_scalar(two):
        return bool(as_string(one) == as_string(two))
    for this, other in ((one, two), (two, one)):
        if is_present(this) and other == "":
            return False
    if type(one) in (Unresolved, Reference, Text):
        # An unknown value equals itself: the same parameter, the same attribute of the same resource.
        return True if one == two else None
    return None
