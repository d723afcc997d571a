"""Property injectors, which the CDK calls for each construct of a class."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from soc2_constructs.hardening import Hardening, building, is_building, record_location

import aws_cdk as cdk
import jsii
from constructs import Construct, IConstruct

from soc2_constructs.enforcement._index import CLASSES

#: Completes the properties of a construct: table, properties by jsii names, scope, id.
Complete = Callable[[Hardening, Mapping[str, Any], Construct, str], dict[str, Any]]


@jsii.implements(cdk.IPropertyInjector)
class Injector:
    """Completes the properties of one class.

    Args:
        complete: Completes the properties.
        module: The drop-in module of the class. It is imported when the app creates the first construct of the class.
        name: The name of the class.
        previous: The injector that the CDK would call otherwise; it runs first. None if there is none.
    """

    def __init__(self, complete: Complete, module: str, name: str, previous: Any) -> None:
        self._complete = complete
        self._module = module
        self._name = name
        self._previous = previous

    @property
    def class_name(self) -> str:
        """The class with its module, such as `aws_s3.Bucket`."""
        return f"{self._module}.{self._name}"

    @property
    @jsii.member(jsii_name="constructUniqueId")
    def construct_unique_id(self) -> str:
        return CLASSES[self._module][self._name]

    @jsii.member(jsii_name="inject")
    def inject(self, original_props: Any, *, scope: Construct, id: str) -> Any:
        record_location(scope, id)
        props = original_props
        if self._previous is not None:
            props = self._previous.inject(original_props, scope=scope, id=id)
        if is_building():
            return props
        try:
            with building():
                service = self._module.removeprefix("aws_")
                module = importlib.import_module(f"soc2_constructs.aws_{service}")
                return self._complete(getattr(module, self._name).hardening, props or {}, scope, id)
        except Exception as error:
            # An exception in an injector hides the stack trace of the user. Without the defaults the rule pack still
            # reports the failing controls.
            cdk.Annotations.of(scope).add_warning_v2(
                f"soc2:enforce:{id}",
                f"soc2.enforce could not complete {id} ({type(error).__name__}: {error}). Report this as a bug.",
            )
            return props


def injectors_for(scope: Construct, complete: Complete) -> dict[str, Injector]:
    """An injector for each hardened class, by the id under which the CDK looks it up."""
    above = [
        (injectors, injectors.supported_classes())
        for ancestor in reversed(scope.node.scopes)
        if cdk.PropertyInjectors.has_property_injectors(ancestor)
        for injectors in (cdk.PropertyInjectors.of(ancestor),)
    ]
    return {
        unique_id: Injector(
            complete,
            module,
            name,
            next((injectors.for_(unique_id) for injectors, supported in above if unique_id in supported), None),
        )
        for module, names in CLASSES.items()
        for name, unique_id in names.items()
    }


def shadowed_by_others(scope: Construct, own: Mapping[str, Injector]) -> dict[str, list[str]]:
    """By class: the paths of the scopes at which the CDK finds another injector before that of `enforce`."""
    shadowed: dict[str, list[str]] = {}
    if not own:
        return shadowed
    for place in _injector_scopes(scope.node.find_all()):
        injectors = cdk.PropertyInjectors.of(place)
        for unique_id in injectors.supported_classes():
            injector = own.get(unique_id)
            if injector is not None and injectors.for_(unique_id) is not injector:
                shadowed.setdefault(injector.class_name, []).append(place.node.path)
    return shadowed


def _injector_scopes(constructs: Iterable[IConstruct]) -> Iterable[IConstruct]:
    """The constructs that have injectors.

    Each lookup is a call to Node, so constructs of the CDK are skipped, except stages and stacks.
    """
    for construct in constructs:
        if type(construct).__module__.startswith("aws_cdk.") and not isinstance(construct, (cdk.Stage, cdk.Stack)):
            continue
        if cdk.PropertyInjectors.has_property_injectors(construct):
            yield construct
