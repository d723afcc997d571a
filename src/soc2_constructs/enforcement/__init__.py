"""One line for an app that exists: the compliant defaults where it says nothing, and the rule pack over all of it.

    app = cdk.App()
    soc2.enforce(app)

Property injectors of the CDK set the defaults, from the same tables as the classes of this library: so they reach
constructs of other libraries too. What the user said stays as it is, and where it does not comply the rule pack fails
the synthesis. What would replace a stateful resource that may be deployed already is held back and reported.
"""

from __future__ import annotations

import enum
import functools
import importlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Union, Unpack, cast, get_args, get_origin, get_type_hints
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii

from constructs import Construct, IConstruct
from soc2_constructs.cloudformation.wildcards import wildcard_match
from soc2_constructs.controls import catalogue
from soc2_constructs.deployment.updates import (
    EFFECTS,
    IN_PLACE,
    MAY_REPLACE,
    REFUSED,
    REPLACE,
    STATEFUL,
    UNKNOWN,
    effect_of,
)
from soc2_constructs.hardening import (
    Hardening,
    PropsContext,
    Refuse,
    Requirement,
    building,
    format_value,
    is_building,
    member,
    remember,
)
from soc2_constructs.output import write_file
from soc2_constructs.pack import (
    HELD_BACK,
    NOT_REACHED,
    NOTHING_HELD_BACK,
    PackOptions,
    Soc2Checks,
    enforcement_remark,
)

#: In a cloud assembly, what was enforced.
FILE = "soc2-enforcement.json"
#: Id of the construct, one per app or stage, that finishes what no property can say.
FINISHER_ID = "Soc2Enforcement"

#: The hardened classes, by module; a module is imported when the app makes the first construct of one. Not among them
#: is BackupPlan: a plan without rules in its constructor gets its rules later, and one without any is no plan.
CLASSES = {
    "aws_apigateway": ("LambdaRestApi", "RestApi", "SpecRestApi", "Stage", "StepFunctionsRestApi"),
    "aws_apigatewayv2": ("HttpStage", "WebSocketStage"),
    "aws_backup": ("BackupVault",),
    "aws_cloudfront": ("Distribution",),
    "aws_cloudtrail": ("Trail",),
    "aws_dynamodb": ("Table", "TableV2"),
    "aws_ec2": ("BastionHostLinux", "Instance", "Volume", "Vpc"),
    "aws_ecr": ("Repository",),
    "aws_efs": ("FileSystem",),
    "aws_elasticloadbalancingv2": ("ApplicationLoadBalancer", "NetworkLoadBalancer"),
    "aws_kinesis": ("Stream",),
    "aws_kms": ("Key",),
    "aws_logs": ("LogGroup",),
    "aws_rds": (
        "DatabaseCluster",
        "DatabaseClusterFromSnapshot",
        "DatabaseInstance",
        "DatabaseInstanceFromSnapshot",
        "DatabaseInstanceReadReplica",
        "ServerlessCluster",
        "ServerlessClusterFromSnapshot",
    ),
    "aws_s3": ("Bucket",),
    "aws_sns": ("Topic",),
    "aws_stepfunctions": ("StateMachine",),
}
#: The module's name in an id for injectors, where it is not the one that the module's own name gives.
_SUBMODULES = {"aws_logs": "aws-log"}

_WHY_HELD_BACK = "it would replace what may be deployed already, with its data, or could not be deployed there"
#: So many constructs stand in the sentence that says how to allow their replacement.
_SHOWN = 4

#: What is never done to a resource that may be deployed already, unless it is asked for.
_GRAVE = (REPLACE, MAY_REPLACE, REFUSED)


class Change:
    """One property of one construct that enforcement set, or held back."""

    __slots__ = ("after", "applied", "before", "control", "effect", "path", "property")

    def __init__(self, path: str, property: str, after: str, control: str | None, effect: str, applied: bool) -> None:
        #: Path of the construct.
        self.path = path
        self.property = property
        #: What the app says: nothing, else it stays.
        self.before = None
        #: What enforcement says, as the user would write it.
        self.after = after
        #: The control that it serves; None for what only goes with such a property.
        self.control = control
        #: What the change does to a resource that is deployed already: one of `cloudformation.updates.EFFECTS`.
        self.effect = effect
        #: Whether it was done; held back otherwise.
        self.applied = applied

    def as_dict(self) -> dict[str, Any]:
        names = ("path", "property", "before", "after", "control", "effect", "applied")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        return f"<Change {self.path} {self.property}={self.after} {'applied' if self.applied else 'held back'}>"


class Enforcement:
    """What `enforce` does in an app; complete once the app is synthesized.

    Attributes:
        scope: The app, stage or stack.
        pack: The rule pack that judges it.
        changes: What was set or held back, in the order in which the app makes its constructs.
        shadowed: By class, such as `aws_s3.Bucket`, the paths of the scopes where an injector of yours takes the place
            of ours.
    """

    def __init__(self, scope: Construct, pack: Soc2Checks, *, allow_replacement: bool | Sequence[str] = False) -> None:
        self.scope = scope
        self.pack = pack
        self.changes: list[Change] = []
        self.shadowed: dict[str, list[str]] = {}
        #: Our injectors, by what the CDK calls their class.
        self._injectors: dict[str, _Injector] = {}
        #: Patterns of construct paths at which replacement is allowed, and those of them that allowed something.
        self._replaceable = ["*"] if allow_replacement is True else list(allow_replacement or ())
        self._replaced: set[str] = set()
        #: By app or stage: what is to be finished when it is synthesized.
        self._pending: WeakKeyDictionary[IConstruct, list[tuple[Hardening, PropsContext]]] = WeakKeyDictionary()
        pack._writers.append(self._write)
        pack._remarks.append(self._remarks)

    @property
    def applied(self) -> list[Change]:
        """What was set."""
        return [change for change in self.changes if change.applied]

    @property
    def held_back(self) -> list[Change]:
        """What would replace a stateful resource that may be deployed already, and was left as it is."""
        return [change for change in self.changes if not change.applied]

    def report(self) -> str:
        """What was set and what was held back, for a terminal."""
        lines: list[str] = []
        by_path: dict[str, list[Change]] = {}
        for change in self.changes:
            by_path.setdefault(change.path, []).append(change)
        for path, changes in by_path.items():
            lines.append(path)
            for change in changes:
                sign = "+" if change.applied else "!"
                serves = f"  {change.control}" if change.control else ""
                effect = f"  [{'' if change.applied else 'held back: '}{change.effect}]"
                effect = "" if change.applied and change.effect == IN_PLACE else effect
                lines.append(f"  {sign} {change.property}={change.after}{serves}{effect}")
        lines += (f"! no {name} in {_listed(places)}: another injector" for name, places in self.shadowed.items())
        set_on = len({change.path for change in self.applied})
        last = f"{len(self.applied)} properties set on {set_on} constructs, {len(self.held_back)} held back"
        held = list(dict.fromkeys(change.path for change in self.held_back))
        lines.append(f"{last}: {_WHY_HELD_BACK}. {_how_to_allow(held)}" if held else f"{last}.")
        return "\n".join(lines) + "\n"

    def _write(self, folder: str) -> None:
        self.shadowed = self._shadowed()
        content = {"changes": [change.as_dict() for change in self.changes], "shadowed": self.shadowed}
        write_file(os.path.join(folder, FILE), json.dumps(content, indent=2, ensure_ascii=False) + "\n")

    def _shadowed(self) -> dict[str, list[str]]:
        """Where the CDK finds another injector before it finds ours."""
        found: dict[str, list[str]] = {}
        if not self._injectors:
            return found
        for place in self.scope.node.find_all():
            if not _may_have_injectors(place) or not cdk.PropertyInjectors.has_property_injectors(place):
                continue
            injectors = cdk.PropertyInjectors.of(place)
            for id in injectors.supported_classes():
                ours = self._injectors.get(id)
                if ours is not None and injectors.for_(id) is not ours:
                    found.setdefault(f"{ours._module}.{ours._name}", []).append(place.node.path)
        return found

    def _remarks(self) -> Iterator[dict[str, Any]]:
        """What the rule pack has to say of it."""
        own = self.scope.node.path
        held: dict[str, list[str]] = {}
        for change in self.held_back:
            held.setdefault(change.path, []).append(change.property)
        for path, properties in held.items():
            yield enforcement_remark(
                HELD_BACK,
                "Properties",
                f"soc2.enforce holds back {', '.join(properties)}: {_WHY_HELD_BACK}; typing it yourself does the same",
                _how_to_allow([path]),
                [path],
            )
        for name, places in self.shadowed.items():
            yield enforcement_remark(
                NOT_REACHED,
                "PropertyInjectors",
                f"soc2.enforce completes no {name} in {_listed(places)}: an injector that was added there takes the "
                f"place of its own",
                "Write soc2.enforce after that injector, so that both run."
                if places == [own]
                else f"Add that injector to {own or 'the app'} itself, before soc2.enforce, so that both run.",
                places,
            )
        for pattern in self._replaceable:
            if pattern not in self._replaced and pattern != "*":
                yield enforcement_remark(
                    NOTHING_HELD_BACK,
                    "allow_replacement",
                    f"soc2.enforce allows {pattern} to be replaced, and holds nothing back there",
                    "Write the path of the construct as the report of soc2.enforce does, or take it out of "
                    "allow_replacement.",
                    [own],
                )

    # -- while the app is made ------------------------------------------------------------------------------------

    def _complete(self, table: Hardening, props: Mapping[str, Any], scope: Construct, id: str) -> dict[str, Any]:
        """The properties, by the names of jsii, with the defaults that serve a control."""
        said = {name: value for name, value in props.items() if value is not None}
        names = {jsii_name: name for name, jsii_name in table.names.items()}
        typed = {
            names[name]: _typed(_annotation(table, names[name]), value, scope)
            for name, value in said.items()
            if name in names
        }
        context = PropsContext(scope, id, dict(typed), user_set=frozenset(typed), injected=True)
        path = context.path
        effects: dict[str, str] = {}
        held: dict[str, Change] = {}
        filled: list[tuple[Requirement, str, str]] = []

        def admits(row: Requirement, steps: tuple[str, ...]) -> bool:
            property = ".".join(steps)
            if property in held or (isinstance(row, Refuse) and not _reads(typed, property)):
                return False
            if row.only_with is None:
                if row.control is None:
                    return False
                effect = _effect(table, row)
            elif row.only_with in held or _reads(typed, row.only_with):
                return False
            elif row.control is None or not row.paths:
                effect = effects.get(row.only_with, IN_PLACE)
            else:
                effect = _effect(table, row)
            if _endangers(table, row, effect) and not self._may_replace(path):
                value = row.wanted if row.constant is None else format_value(row.constant)
                held[property] = Change(path, property, value, row.control, effect, applied=False)
                return False
            effects[property] = effect
            filled.append((row, property, effect))
            return True

        table.complete(context, admits)
        made = [
            (row, property, effect, value)
            for row, property, effect in filled
            if (value := _read(context.props, property)) is not None
        ]
        if not made and not held and table.after is None:
            return dict(props)
        for row, property, effect, value in made:
            effect = _effect(table, row, value) if row.paths else effect
            # Of what the user left open in a value of theirs, the value as a whole says little.
            after = row.wanted if _reads(typed, property) else format_value(value)
            self.changes.append(Change(path, property, after, row.control, effect, applied=True))
        self.changes += held.values()
        if table.before is not None:
            table.before(context)
        if table.after is not None:
            self._postpone(table, context)
        ours = {
            table.names[name]: _raw(_annotation(table, name), value)
            for name, value in context.props.items()
            if name not in typed or value is not typed[name]
        }
        return {**{name: value for name, value in props.items() if names.get(name) in context.props}, **ours}

    def _may_replace(self, path: str) -> bool:
        """Whether replacement is allowed at a construct path, or above it."""
        allowing = [
            pattern
            for pattern in self._replaceable
            if wildcard_match(pattern, path) or wildcard_match(f"{pattern}/*", path)
        ]
        self._replaced.update(allowing)
        return bool(allowing)

    def _postpone(self, table: Hardening, context: PropsContext) -> None:
        """Finish the construct when the app is synthesized: only then the user has said everything about it."""
        stage = cdk.Stage.of(context.scope)
        assert stage is not None
        pending = self._pending.get(stage)
        if pending is None:
            pending = self._pending[stage] = []
            _finisher(stage, self)
        pending.append((table, context))

    def _finish(self, stage: IConstruct) -> None:
        """Say of the stage's constructs what no property can say."""
        pending = self._pending.get(stage, [])
        while pending:
            table, context = pending.pop(0)
            construct = context.scope.node.try_find_child(context.id)
            if construct is None or table.after is None:
                continue
            with building():
                table.after(construct, context)
            path = context.path if context.recorded_changes else ""
            for property, value, control in context.recorded_changes:
                self.changes.append(Change(path, property, value, control, IN_PLACE, applied=True))


def enforce(
    scope: Construct,
    *,
    defaults: bool = True,
    allow_replacement: bool | Sequence[str] = False,
    sources: bool = True,
    **pack_options: Unpack[PackOptions],
) -> Enforcement:
    """Give an app that exists the compliant defaults, and fail its synthesis where it does not comply.

    Write it before the constructs: what stands already gets no defaults, and is judged all the same. An injector of
    yours for the same class is called first and ours fills the rest, if it is there before; one that comes later, or
    stands on a scope below, takes the place of ours for its constructs, and the rule pack says so.

    Args:
        scope: The app, a stage or a stack. The rule pack judges the app or stage in which a stack stands.
        defaults: Whether to set defaults, rather than to judge only. Default True.
        allow_replacement: Whether also defaults are set that make CloudFormation replace a stateful resource, which is
            right for what was never deployed: True, or the construct paths at or below which it was not, such as
            `["Prod/Data/Accounts"]`; `*` and `?` stand for anything. It stays once they are deployed: without it the
            same defaults are held back again. Default False: all are held back and reported.
        sources: Whether findings name the line of your Python that made the construct. Default True.
        pack_options: Of the rule pack, `Soc2Checks`: `categories`, `fail_on`, `thresholds` and so on.

    Raises:
        ValueError: it is enforced already on the scope, above it or below it; or an option is wrong.
    """
    if isinstance(allow_replacement, str):
        raise ValueError(f'allow_replacement takes a list of construct paths: ["{allow_replacement}"]')
    root = scope.node.root
    path = scope.node.path
    for other in _enforced.get(root, ()):
        place = other.scope.node.path
        if not place or not path or f"{path}/".startswith(f"{place}/") or f"{place}/".startswith(f"{path}/"):
            raise ValueError(f"soc2.enforce stands on {place or 'the app'} already: write it once")
    pack = Soc2Checks(scope, sources=sources, **pack_options)
    enforcement = Enforcement(scope, pack, allow_replacement=allow_replacement)
    cdk.Validations.of(scope).add_plugins(cast(Any, pack))
    if defaults:
        above = _injectors_above(scope)
        for module, names in CLASSES.items():
            for name in names:
                injector = _Injector(enforcement, module, name, _previous(above, module, name))
                enforcement._injectors[injector.construct_unique_id] = injector
        cdk.PropertyInjectors.of(scope).add(*cast(Any, enforcement._injectors.values()))
    _enforced.setdefault(root, []).append(enforcement)
    return enforcement


#: By app: where it is enforced.
_enforced: WeakKeyDictionary[IConstruct, list[Enforcement]] = WeakKeyDictionary()


def injection_id(module: str, name: str) -> str:
    """What the CDK calls a class where it looks for injectors."""
    return f"aws-cdk-lib.{_SUBMODULES.get(module, module.replace('_', '-', 1))}.{name}"


def _injectors_above(scope: Construct) -> list[tuple[cdk.PropertyInjectors, list[str]]]:
    """The injectors that stand on the scope and above it, the closest first."""
    return [
        (injectors, injectors.supported_classes())
        for place in reversed(scope.node.scopes)
        if cdk.PropertyInjectors.has_property_injectors(place)
        for injectors in (cdk.PropertyInjectors.of(place),)
    ]


def _previous(above: list[tuple[cdk.PropertyInjectors, list[str]]], module: str, name: str) -> Any:
    """The injector that the CDK would call if there were none of ours."""
    id = injection_id(module, name)
    return next((injectors.for_(id) for injectors, classes in above if id in classes), None)


def _how_to_allow(paths: list[str]) -> str:
    shown = ", ".join([f'"{path}"' for path in paths[:_SHOWN]] + ["..."] * (len(paths) > _SHOWN))
    return (
        f"What was never deployed may have it: soc2.enforce(app, allow_replacement=[{shown}]). "
        "The data of what stands have to be moved or restored from a snapshot."
    )


def _listed(places: list[str]) -> str:
    return ", ".join(place or "the app" for place in places)


def _may_have_injectors(place: IConstruct) -> bool:
    """Whether somebody may have added one: to ask costs a round trip to Node, for each construct of an app too many."""
    return isinstance(place, (cdk.Stage, cdk.Stack)) or not type(place).__module__.startswith("aws_cdk.")


@jsii.implements(cdk.IPropertyInjector)
class _Injector:
    """Fills in the properties of one class."""

    def __init__(self, enforcement: Enforcement, module: str, name: str, previous: Any) -> None:
        self._enforcement = enforcement
        self._module = module
        self._name = name
        self._previous = previous

    @property
    @jsii.member(jsii_name="constructUniqueId")
    def construct_unique_id(self) -> str:
        return injection_id(self._module, self._name)

    @jsii.member(jsii_name="inject")
    def inject(self, original_props: Any, *, scope: Construct, id: str) -> Any:
        remember(scope, id)
        context = original_props
        if self._previous is not None:
            context = self._previous.inject(original_props, scope=scope, id=id)
        if is_building():
            return context
        try:
            with building():
                service = self._module.removeprefix("aws_")
                table = getattr(importlib.import_module(f"soc2_constructs.aws_{service}"), self._name).hardening
                return self._enforcement._complete(table, context or {}, scope, id)
        except Exception as error:
            # An error in an injector hides the user's own; without our defaults the rule pack says what is missing.
            cdk.Annotations.of(scope).add_warning_v2(
                f"soc2:enforce:{id}",
                f"soc2.enforce could not complete {id} ({type(error).__name__}: {error}); please report it",
            )
            return context


@jsii.implements(cdk.IAspect)
class _Finishing:
    """Has one construct to visit, and finishes all others: an Aspect on the app would be called for each of them."""

    def __init__(self, enforcement: Enforcement, stage: IConstruct) -> None:
        self._enforcement = enforcement
        self._stage = stage

    @jsii.member(jsii_name="visit")
    def visit(self, node: IConstruct) -> None:  # noqa: ARG002 - the one that it stands on
        self._enforcement._finish(self._stage)


def _finisher(stage: cdk.Stage, enforcement: Enforcement) -> None:
    holder = stage.node.try_find_child(FINISHER_ID) or Construct(stage, FINISHER_ID)
    cdk.Aspects.of(holder).add(cast(Any, _Finishing(enforcement, stage)), priority=int(cdk.AspectPriority.MUTATING))


# -- what a change does to a resource -------------------------------------------------------------------------------


def _kinds(table: Hardening, row: Requirement) -> tuple[str, ...]:
    """The types of resources that the row may be about; the CDK makes none of those that a transform expands."""
    kinds = catalogue()[row.control].resource_types if row.control else ()
    return tuple(kind for kind in kinds if not kind.startswith("AWS::Serverless::") and kind in (table.types or kinds))


def _effect(table: Hardening, row: Requirement, value: Any = None) -> str:
    """The gravest that CloudFormation may do to a deployed resource which gets the row's default, as far as known."""
    value = row.constant if value is None else value
    if isinstance(value, cdk.Duration) and not value.is_unresolved():
        value = value.to_days(integral=False)
    if not isinstance(value, (bool, int, float, str)) or isinstance(value, enum.Enum):
        # What is made for the occasion is referred to.
        value = {"Ref": "Helper"}
    effects = [effect_of(kind, path, None, value) for kind in _kinds(table, row) for path in row.paths]
    return min(effects, key=EFFECTS.index, default=UNKNOWN)


def _endangers(table: Hardening, row: Requirement, effect: str) -> bool:
    """Whether the effect costs data: where nobody knows it, it may."""
    return effect == REFUSED or (effect in (*_GRAVE, UNKNOWN) and any(kind in STATEFUL for kind in _kinds(table, row)))


# -- properties, as injectors get them ------------------------------------------------------------------------------


def _reads(props: Mapping[str, Any], property: str) -> bool:
    return _read(props, property) is not None


def _read(props: Any, property: str) -> Any:
    for step in property.split("."):
        if props is None:
            return None
        props = member(props, step)
    return props


def _annotation(table: Hardening, name: str) -> Any:
    return _hint(table.props, name)


@functools.cache
def _hint(struct: Any, name: str) -> Any:
    """The type of a member of a struct, of which jsii writes parts as text: they are read where they are asked for."""
    asked = type("Asked", (), {"__annotations__": {name: struct.__init__.__annotations__.get(name, Any)}})
    return get_type_hints(asked, globalns=struct.__init__.__globals__)[name]


def _plain(hint: Any) -> Any:
    """The type that decides, where there is a choice: of a struct, an enum or a collection of them."""
    if get_origin(hint) is not Union:
        return hint
    options = get_args(hint)
    return next((each for each in options if _is_struct(each) or _is_enum(each)), options[0])


def _typed(hint: Any, value: Any, scope: Construct) -> Any:
    """A value as Python knows it: injectors get enums by their values in JavaScript, and structs by names of jsii."""
    hint = _plain(hint)
    if isinstance(value, dict) and _is_struct(hint):
        names = {jsii_name: name for name, jsii_name in hint.__jsii_name_mapping__.items()}
        return {
            names[name]: _typed(_hint(hint, names[name]), each, scope)
            for name, each in value.items()
            if name in names and each is not None
        }
    if isinstance(value, (list, dict)) and (of := get_args(hint)):
        if isinstance(value, list):
            return [_typed(of[-1], each, scope) for each in value]
        return {key: _typed(of[-1], each, scope) for key, each in value.items()}
    if _is_enum(hint) and isinstance(value, (str, int, float)):
        return _members(hint, scope).get(value, value)
    return value


def _raw(hint: Any, value: Any) -> Any:
    """A value of which parts are ours, as an injector gives it."""
    hint = _plain(hint)
    if isinstance(value, dict) and _is_struct(hint):
        names = hint.__jsii_name_mapping__
        return {names.get(name, name): _raw(_hint(hint, name), each) for name, each in value.items()}
    if isinstance(value, (list, dict)) and (of := get_args(hint)):
        if isinstance(value, list):
            return [_raw(of[-1], each) for each in value]
        return {key: _raw(of[-1], each) for key, each in value.items()}
    return value


def _is_struct(hint: Any) -> bool:
    return isinstance(hint, type) and hasattr(hint, "__jsii_name_mapping__")


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, enum.Enum)


def _members(kind: Any, scope: Construct) -> Mapping[Any, Any]:
    """The members of an enum by their values in JavaScript, which only Node knows."""
    if kind not in _enums:
        members = list(kind)
        _enums[kind] = dict(zip(cdk.Stack.of(scope).resolve(members), members, strict=True))
    return _enums[kind]


_enums: dict[Any, dict[Any, Any]] = {}
