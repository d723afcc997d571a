"""Enforcement of compliant defaults in an app, a stage or a stack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Unpack, cast
from weakref import WeakKeyDictionary

from soc2_constructs.hardening import choose_key_access

import aws_cdk as cdk
from constructs import Construct, IConstruct

from soc2_constructs.enforcement.changes import (
    WHY_HELD_BACK,
    Change,
    format_report,
    how_to_allow,
    listed,
    write_changes,
)
from soc2_constructs.enforcement.completion import Allowance, Completer
from soc2_constructs.enforcement.injectors import Injector, injectors_for, shadowed_by_others
from soc2_constructs.pack import (
    HELD_BACK,
    NOT_REACHED,
    NOTHING_HELD_BACK,
    PackOptions,
    Soc2Checks,
    enforcement_remark,
)


class Enforcement:
    """The changes that `enforce` makes in an app; complete when the app is synthesized.

    Attributes:
        scope: The app, stage or stack.
        pack: The rule pack that checks it.
        changes: The properties that were set, held back or left as they are, in the order in which the app creates its
            constructs.
        shadowed: By class, such as `aws_s3.Bucket`: the paths of the scopes at which another injector replaces that of
            `enforce`.
    """

    def __init__(self, scope: Construct, pack: Soc2Checks, *, allow_replacement: bool | Sequence[str] = False) -> None:
        self.scope = scope
        self.pack = pack
        self.changes: list[Change] = []
        self.shadowed: dict[str, list[str]] = {}
        #: The injectors, by the id under which the CDK looks them up.
        self._injectors: dict[str, Injector] = {}
        self._allowance = Allowance(allow_replacement)
        pack._writers.append(self._write)
        pack._remarks.append(self._remarks)

    @property
    def applied(self) -> list[Change]:
        """The properties that were set."""
        return [change for change in self.changes if change.applied]

    @property
    def held_back(self) -> list[Change]:
        """The properties that were not set, because a stateful resource may be deployed and would be replaced."""
        return [change for change in self.changes if change.held_back]

    @property
    def left(self) -> list[Change]:
        """The properties that stay as they are, because the value would take access from a user of the resource."""
        return [change for change in self.changes if change.reason is not None]

    def report(self) -> str:
        """The changes as text for a terminal."""
        return format_report(self.changes, self.shadowed)

    def _set_defaults(self) -> None:
        completer = Completer(self.changes, self._allowance)
        self._injectors = injectors_for(self.scope, completer.complete)
        cdk.PropertyInjectors.of(self.scope).add(*cast(Any, self._injectors.values()))

    def _write(self, folder: str) -> None:
        self.shadowed = shadowed_by_others(self.scope, self._injectors)
        write_changes(folder, self.changes, self.shadowed)

    def _remarks(self) -> Iterator[dict[str, Any]]:
        """The findings of enforcement itself, for the rule pack."""
        own = self.scope.node.path
        held: dict[str, list[str]] = {}
        for change in self.held_back:
            held.setdefault(change.path, []).append(change.property)
        for path, properties in held.items():
            yield enforcement_remark(
                HELD_BACK,
                "Properties",
                f"soc2.enforce holds back {', '.join(properties)}: {WHY_HELD_BACK}; so would the same value in the app",
                how_to_allow([path]),
                [path],
            )
        for name, places in self.shadowed.items():
            yield enforcement_remark(
                NOT_REACHED,
                "PropertyInjectors",
                f"soc2.enforce completes no {name} in {listed(places)}: an injector that was added there replaces that "
                "of soc2.enforce",
                "Call soc2.enforce after adding that injector, so that both run."
                if places == [own]
                else f"Add that injector to {own or 'the app'} itself, before soc2.enforce, so that both run.",
                places,
            )
        for pattern in self._allowance.unused:
            yield enforcement_remark(
                NOTHING_HELD_BACK,
                "allow_replacement",
                f"soc2.enforce allows the replacement of {pattern}, but holds nothing back there",
                "Use a construct path from the report of soc2.enforce, or remove the path from allow_replacement.",
                [own],
            )


def enforce(
    scope: Construct,
    *,
    defaults: bool = True,
    allow_replacement: bool | Sequence[str] = False,
    key_access: str | None = None,
    sources: bool = True,
    **pack_options: Unpack[PackOptions],
) -> Enforcement:
    """Set compliant defaults in an existing app, and fail its synthesis for failing controls.

    Call it before the app creates its constructs: constructs that are created earlier get no defaults, but the rule
    pack checks them.

    If you have already added a property injector for the same class, it runs first and `enforce` completes its result.
    An injector that you add later, or to a scope below, replaces that of `enforce` for its constructs; the rule pack
    reports it.

    Args:
        scope: The app, a stage or a stack. For a stack, the rule pack checks the app or stage of the stack.
        defaults: Whether to set defaults; False only checks. Default True.
        allow_replacement: Where to set defaults that make CloudFormation replace a stateful resource: True for
            everywhere, or the paths of constructs that were never deployed, such as `["Prod/Data/Accounts"]`, with the
            wildcards `*` and `?`. Keep a path after the deployment: without it the same defaults are held back again.
            Default False: such defaults are held back and reported.
        key_access: Access to the default keys of the stacks. `"account"` lets in the principals of the account that a
            service authorizes for the resource, like the keys that AWS manages; `"grants"` only those with a permission
            for the key. Default: the context key `soc2:key-access`, or `"account"`.
        sources: Whether findings name the line of your Python that created the construct. Default True.
        pack_options: The options of the rule pack `Soc2Checks`: `categories`, `fail_on`, `thresholds` and so on.

    Returns:
        The enforcement; its `report()` lists the changes when the app is synthesized.

    Raises:
        ValueError: `enforce` was called for the scope, an ancestor or a descendant before, or an option is invalid.
    """
    if isinstance(allow_replacement, str):
        raise ValueError(
            f'allow_replacement is a string; it must be a list of construct paths. Write ["{allow_replacement}"].'
        )
    root = scope.node.root
    path = scope.node.path
    for other in _enforced.get(root, ()):
        place = other.scope.node.path
        if not place or not path or f"{path}/".startswith(f"{place}/") or f"{place}/".startswith(f"{path}/"):
            raise ValueError(
                f"soc2.enforce was called for {place or 'the app'} already; one call covers all of it. "
                "Remove the other call."
            )
    if key_access is not None:
        choose_key_access(scope, key_access)
    pack = Soc2Checks(scope, sources=sources, **pack_options)
    enforcement = Enforcement(scope, pack, allow_replacement=allow_replacement)
    cdk.Validations.of(scope).add_plugins(cast(Any, pack))
    if defaults:
        enforcement._set_defaults()
    _enforced.setdefault(root, []).append(enforcement)
    return enforcement


#: By app: the enforcements in it.
_enforced: WeakKeyDictionary[IConstruct, list[Enforcement]] = WeakKeyDictionary()
