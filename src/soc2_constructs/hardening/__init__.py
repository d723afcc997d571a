"""Requirement tables: what the properties of a CDK class must be, and for which control.

One table per class says it; the drop-in class, the property injector and the documentation read it there:

    BUCKET = Hardening(
        s3.Bucket,
        Require("versioned", True, "s3_bucket_versioning_enabled", bad_value=False),
        Provide("server_access_logs_bucket", access_logs_bucket, "s3_bucket_logging_enabled", wanted="a log bucket"),
    )

    @hardened(BUCKET)
    class Bucket(s3.Bucket):
        \"\"\"A bucket that complies.\"\"\"

A value of the user's that complies always wins over ours. One that does not raises `NonCompliantError`, unless a waiver
for its control stands on the scope or on an ancestor of it. A value that is known only at deployment is let through:
the rule pack judges it in the template.

Drop-in modules re-export a module of `aws_cdk` and then define classes of the same names. Python and Pyright take the
last definition of a name, mypy the first. mypy also takes any variable called `MYPY` for true: so it gets to see the
re-export after our classes, all others before them, and every one of them finds our classes under the CDK's names.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

import aws_cdk as cdk

from constructs import Construct, IConstruct
from soc2_constructs.cloudformation import sources
from soc2_constructs.waivers import METADATA_TYPE, Waiver, from_data, today

T = TypeVar("T")

#: Tag that our stateful constructs carry, and by which a backup plan of ours selects them; its value is `"true"`.
BACKUP_TAG = "soc2:backup"

#: For what we name ourselves: a deployment that fails the first time would leave it behind, in the way of the second.
NAMED_REMOVAL_POLICY = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE

#: Id of the construct, one per stack, that holds the helpers which a stack's constructs share.
HELPERS_ID = "Soc2"


#: Context key for the region that holds copies: which one is a decision that only the user can take.
RECOVERY_REGION = "soc2:dr-region"


class NonCompliantError(ValueError):
    """A property has a value that fails a control."""

    def __init__(
        self, control: str, construct_path: str, property: str, found: str, wanted: str, expired: str | None = None
    ) -> None:
        from soc2_constructs.controls import catalogue

        entry = catalogue().get(control)
        self.control = control
        self.criteria: tuple[str, ...] = entry.criteria if entry else ()
        self.construct_path = construct_path
        self.property = property
        self.found = found
        self.wanted = wanted
        criteria = f" ({', '.join(self.criteria)})" if self.criteria else ""
        over = f" Its waiver expired on {expired}." if expired else ""
        super().__init__(
            f"{construct_path}: {property} is {found}, {control}{criteria} wants {wanted}.{over}\n"
            f"To accept the risk, write before it: "
            f'soc2.waive(<scope>, "{control}", reason="…", owner="…", expires="YYYY-MM-DD")'
        )


class PropsContext:
    """One construct about to be made: where, and with which properties so far (by their Python names).

    Args:
        scope: Where it will stand.
        id: Its id there.
        props: Its properties so far.
        user_set: With `enforce`, the properties that must stay as the user said them; a class of ours keeps none.
        injected: Whether the construct is one of the CDK's own, which `enforce` fill_nested.
    """

    __slots__ = ("id", "injected", "props", "recorded_changes", "scope", "scratch", "user_set")

    def __init__(
        self,
        scope: Construct,
        id: str,
        props: dict[str, Any],
        *,
        user_set: frozenset[str] = frozenset(),
        injected: bool = False,
    ) -> None:
        self.scope = scope
        self.id = id
        self.props = props
        self.user_set = user_set
        self.injected = injected
        #: What `before` leaves for `after`.
        self.scratch: dict[str, Any] = {}
        #: What `after` did beyond the rows: (property, value as text, control).
        self.recorded_changes: list[tuple[str, str, str]] = []

    def pop(self, property: str) -> Any:
        """Take a property away from the CDK, to do by `after` what it says; None where the user's has to stay."""
        return None if property in self.user_set else self.props.pop(property, None)

    def record_change(self, property: str, value: str, control: str) -> None:
        """Say what `after` does beyond the rows."""
        self.recorded_changes.append((property, value, control))

    @property
    def path(self) -> str:
        return "/".join(filter(None, (self.scope.node.path, self.id)))


Condition = Callable[[PropsContext], bool]
Predicate = Callable[[Any, PropsContext], bool]
Factory = Callable[[PropsContext], Any]
Completion = Callable[[Any, PropsContext], Any]
Before = Callable[[PropsContext], None]
After = Callable[[Any, PropsContext], None]
#: Property path on a CloudFormation resource, value (None deletes the property), and the path of the child that is the
#: resource, where that is not "Resource".
Override = tuple[str, Any] | tuple[str, Any, str]


class Requirement:
    """One property of a class: our default, the values of the user's that we accept, and the control that says so.

    Args:
        property: The property, by its Python name; a member of a struct as `deploy_options.tracing_enabled`, one of
            every struct in a mapping as `additional_behaviors.*.compress`.
        default: What we set where the user says nothing; None leaves it to the CDK.
        control: Id of the control; None for a default of ours that no control demands.
        accepts: Whether a value of the user's complies; without it every value does.
        wanted: The compliant values in words, as in "… wants True".
        bad_value: An example of a value that does not comply, or a function that makes one in a scope; None where there
            is none.
        bad_override: Overrides of the CloudFormation resource that violate the requirement, one `Override` or several;
            None where there is none.
        when: The row holds only where this does.
        only_with: The property that has to be a default of ours too for `enforce` to set this one: what goes with
            a choice of the user's is theirs as well.
        fill_nested: Fills in what a value of the user's leaves open, such as the encryption of one volume in a list;
            returns the value itself where that is nothing. It makes no construct.
    """

    def __init__(
        self,
        property: str,
        default: Any,
        control: str | None,
        *,
        accepts: Predicate | None = None,
        wanted: str,
        bad_value: Any = None,
        bad_override: Override | Sequence[Override] | None = None,
        when: Condition | None = None,
        only_with: str | None = None,
        fill_nested: Completion | None = None,
    ) -> None:
        self.property = property
        self.steps = tuple(property.split("."))
        self.control = control
        self.wanted = wanted
        self.bad_override = bad_override
        self.only_with = only_with
        self._default = default
        self._accepts = accepts
        self._bad_value = bad_value
        self._when = when
        self._completes = fill_nested

    def holds(self, context: PropsContext) -> bool:
        return self._when is None or self._when(context)

    def default(self, _: PropsContext) -> Any:
        return self._default

    def accepts(self, value: Any, context: PropsContext) -> bool:
        return self._accepts is None or self._accepts(value, context)

    def filled_nested(self, value: Any, context: PropsContext) -> Any:
        """A value of the user's with what it leaves open filled in; itself where that is nothing."""
        return value if self._completes is None else self._completes(value, context)

    @property
    def constant(self) -> Any:
        """The default where it is the same everywhere; None where a factory makes it, or there is none."""
        return self._default

    @property
    def paths(self) -> tuple[str, ...]:
        """The CloudFormation properties that it is about, as far as they are known."""
        if self.bad_override is None:
            return ()
        overrides = [self.bad_override] if isinstance(self.bad_override, tuple) else self.bad_override
        return tuple(path for path, *_ in overrides)

    @property
    def has_bad_value(self) -> bool:
        """Whether there is a value that does not comply."""
        return self._bad_value is not None

    def bad_value(self, scope: Construct) -> Any:
        """An example of a value that does not comply."""
        return self._bad_value(scope) if callable(self._bad_value) else self._bad_value

    def oppose(self, construct: IConstruct) -> None:
        """Override on the CloudFormation resource what the row wants: the opposite gets past the constructor so."""
        if self.bad_override is None:
            raise ValueError(f"{self!r} has no opposite")
        for path, value, *child in [self.bad_override] if isinstance(self.bad_override, tuple) else self.bad_override:
            resource: IConstruct = construct
            for id in (child[0] if child else "Resource").split("/"):
                resource = resource.node.find_child(id)
            assert isinstance(resource, cdk.CfnResource)
            if value is None:
                resource.add_property_deletion_override(path)
            else:
                resource.add_property_override(path, value)

    def describe(self) -> str:
        """The row in one line, for the documentation."""
        return f"`{self.property}`: {self.wanted}" + (f" ({self.control})" if self.control else "")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.property} {self.control}>"


class Require(Requirement):
    """The property must be this value, or one that `accepts` lets pass."""

    def __init__(
        self,
        property: str,
        value: Any,
        control: str,
        *,
        accepts: Predicate | None = None,
        wanted: str | None = None,
        bad_value: Any,
        bad_override: Override | Sequence[Override] | None = None,
        when: Condition | None = None,
        only_with: str | None = None,
    ) -> None:
        super().__init__(
            property,
            value,
            control,
            accepts=accepts or (lambda found, _: bool(found == value)),
            wanted=wanted or format_value(value),
            bad_value=bad_value,
            bad_override=bad_override,
            when=when,
            only_with=only_with,
        )


class AtLeast(Requirement):
    """The property must be this number or a greater one."""

    def __init__(
        self,
        property: str,
        least: float,
        control: str,
        *,
        bad_value: Any,
        bad_override: Override | Sequence[Override] | None = None,
        when: Condition | None = None,
        only_with: str | None = None,
    ) -> None:
        super().__init__(
            property,
            least,
            control,
            accepts=lambda found, _: bool(found >= least),
            wanted=f"{least} or more",
            bad_value=bad_value,
            bad_override=bad_override,
            when=when,
            only_with=only_with,
        )


class Provide(Requirement):
    """The property gets what the factory makes, where the user says nothing and the control, if any, demands it."""

    def __init__(
        self,
        property: str,
        factory: Factory,
        control: str | None,
        *,
        accepts: Predicate | None = None,
        wanted: str,
        bad_value: Any = None,
        bad_override: Override | Sequence[Override] | None = None,
        when: Condition | None = None,
        only_with: str | None = None,
        fill_nested: Completion | None = None,
    ) -> None:
        super().__init__(
            property,
            None,
            control,
            accepts=accepts,
            wanted=wanted,
            bad_value=bad_value,
            bad_override=bad_override,
            when=when,
            only_with=only_with,
            fill_nested=fill_nested,
        )
        self._factory = factory

    def default(self, context: PropsContext) -> Any:
        return self._factory(context)


class Refuse(Requirement):
    """The property may stay unset; of the values that the user can give it, some fail the control."""

    def __init__(
        self,
        property: str,
        control: str,
        *,
        accepts: Predicate,
        wanted: str,
        bad_value: Any,
        bad_override: Override | Sequence[Override] | None = None,
        when: Condition | None = None,
        only_with: str | None = None,
        fill_nested: Completion | None = None,
    ) -> None:
        super().__init__(
            property,
            None,
            control,
            accepts=accepts,
            wanted=wanted,
            bad_value=bad_value,
            bad_override=bad_override,
            when=when,
            only_with=only_with,
            fill_nested=fill_nested,
        )


class Default(Requirement):
    """Our choice where the user says nothing; every value of theirs is as good."""

    def __init__(
        self, property: str, value: Any, *, when: Condition | None = None, only_with: str | None = None
    ) -> None:
        wanted = f"{format_value(value)} unless you say otherwise"
        super().__init__(property, value, None, wanted=wanted, when=when, only_with=only_with)


class Hardening:
    """The table of one CDK class.

    Args:
        construct: The class.
        rows: What its properties must be.
        before: Called with the properties filled in, before the construct is made.
        after: Called with the construct, for what the CDK's own properties cannot say well; of a class of ours when it
            is made, of one that `enforce` fill_nested when the app is synthesized.
        props: The struct of its properties, where it is not called as the class is, with `Props` behind.
        types: The types of resources that its rows are about, where its controls are about others too.
    """

    def __init__(
        self,
        construct: type[Any],
        *rows: Requirement,
        before: Before | None = None,
        after: After | None = None,
        props: type[Any] | None = None,
        types: tuple[str, ...] = (),
    ) -> None:
        self.construct = construct
        self.rows = rows
        self.before = before
        self.after = after
        self.types = types
        self._props = props

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.rows)

    @property
    def controls(self) -> tuple[str, ...]:
        """Ids of the controls that the table is about, each once."""
        return tuple(dict.fromkeys(row.control for row in self.rows if row.control))

    @functools.cached_property
    def names(self) -> Mapping[str, str]:
        """The name that jsii gives to each property, by its Python name."""
        names: dict[str, str] = self.props.__jsii_name_mapping__
        return names

    @property
    def props(self) -> Any:
        """The struct of the class's properties."""
        home = sys.modules[self.construct.__module__]
        return self._props or getattr(home, f"{self.construct.__name__}Props")

    def applied(self, props: Mapping[str, Any], scope: Construct, id: str = "") -> dict[str, Any]:
        """The properties with our defaults filled in.

        The user's values are all judged before the first default is made: a refused construct leaves no helper behind.

        Raises:
            NonCompliantError: a value of the user's fails a control, and no waiver for it stands on the scope.
        """
        return self.fill(props, scope, id).props

    def fill(self, props: Mapping[str, Any], scope: Construct, id: str) -> PropsContext:
        """As `applied`, with the place."""
        context = PropsContext(scope, id, {name: value for name, value in props.items() if value is not None})
        self._judge(context)
        self.complete(context)
        return context

    def complete(
        self, context: PropsContext, admits: Callable[[Requirement, tuple[str, ...]], bool] | None = None
    ) -> None:
        """Fill in our defaults, and judge nothing.

        Args:
            context: The place, and the properties to fill.
            admits: Asked before a default is made, or a value of the user's is completed, whether it may be. Default:
                always.
        """
        for row in self.rows:
            for steps in _places(context.props, row.steps):
                found = _read(context.props, steps)
                value = None if found is None else row.filled_nested(found, context)
                if (found is not None and value is found) or not row.holds(context):
                    continue
                if admits is None or admits(row, steps):
                    value = row.default(context) if found is None else value
                    if value is not None:
                        _write(context.props, steps, value)

    def judge(self, property: str, value: Any, scope: Construct, id: str) -> None:
        """Judge a value that comes after the constructor, as in `plan.add_rule(...)`.

        Raises:
            NonCompliantError: the value fails a control, and no waiver for it stands on the scope.
        """
        self._judge(PropsContext(scope, id, {property: value}))

    def _judge(self, context: PropsContext) -> None:
        for row in self.rows:
            for steps in _places(context.props, row.steps):
                value = _read(context.props, steps)
                if (
                    value is None
                    or not row.holds(context)
                    or row.accepts(value, context)
                    or cdk.Token.is_unresolved(value)
                ):
                    continue
                if row.control and not waived(context.scope, row.control):
                    over = _expired(context.scope, row.control)
                    raise NonCompliantError(
                        row.control, context.path, ".".join(steps), format_value(value), row.wanted, over
                    )


#: Makes the construct, with the properties it is context.
Init = Callable[[dict[str, Any]], None]
#: Stands around the making of a construct: gets the new object, how to make it, and the place with the properties
#: filled in.
Around = Callable[[Any, Init, PropsContext], None]

#: How many constructors of ours run now: `enforce` leaves alone what they make.
_depth = 0


class building:
    """Within it, `enforce` leaves alone what is made: our classes and helpers comply by themselves."""

    def __enter__(self) -> None:
        global _depth
        _depth += 1

    def __exit__(self, *_: object) -> None:
        global _depth
        _depth -= 1


def is_building() -> bool:
    """Whether a constructor of ours runs now."""
    return _depth > 0


def hardened(table: Hardening, around: Around | None = None) -> Callable[[type[T]], type[T]]:
    """Make a class pass its constructor's arguments through a table.

    The signature stays that of the CDK's class, for type checkers, editors and `help()`.

    Args:
        table: The requirements.
        around: Called in place of the constructor, for what this class alone has and `enforce` leaves out; it has to
            call the constructor itself.
    """

    def harden(cls: type[T]) -> type[T]:
        inherited: Any = cls.__init__

        @functools.wraps(table.construct.__init__)
        def __init__(self: Any, scope: Construct, id: str, **props: Any) -> None:
            remember(scope, id)
            with building():
                context = table.fill(props, scope, id)
                if table.before is not None:
                    table.before(context)

                def init(final: dict[str, Any]) -> None:
                    inherited(self, scope, id, **final)

                if around is None:
                    init(context.props)
                else:
                    around(self, init, context)
                if table.after is not None:
                    table.after(self, context)

        cls.__init__ = __init__  # type: ignore[assignment]
        cls.hardening = table  # type: ignore[attr-defined]
        return cls

    return harden


def waived(scope: IConstruct, control: str) -> bool:
    """Whether a waiver for the control that holds today stands on the scope or on an ancestor of it."""
    now = today()
    return any(waiver.control == control and waiver.holds_on(now) for waiver in waivers_on(scope))


def _expired(scope: IConstruct, control: str) -> str | None:
    """The last day of a waiver for the control that held once."""
    return next((waiver.expires for waiver in waivers_on(scope) if waiver.control == control), None)


def waivers_on(scope: IConstruct) -> Iterator[Waiver]:
    """The waivers on the scope and its ancestors, the closest first."""
    for place in reversed(scope.node.scopes):
        for entry in place.node.metadata:
            if entry.type == METADATA_TYPE and isinstance(entry.data, Mapping):
                waiver = from_data(dict(entry.data), place.node.path)
                if waiver is not None:
                    yield waiver


def stack_singleton(scope: IConstruct, id: str, make: Callable[[Construct, str], T]) -> T:
    """The helper of that id in the scope's stack; made when it is first asked for.

    The helpers stand in one construct of their own, so that their ids never meet the user's, and so that the context
    can be set for them alone: the CDK then lets log delivery in by bucket policy rather than by access control list,
    whether or not the app has that feature flag.
    """
    stack = scope if isinstance(scope, cdk.Stack) else cdk.Stack.of(scope)
    known = _helpers.setdefault(stack, {})
    if id not in known:
        holder = stack.node.try_find_child(HELPERS_ID)
        if holder is None:
            holder = Construct(stack, HELPERS_ID)
            holder.node.set_context("@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy", True)
        known[id] = make(cast(Construct, holder), id)
    return cast(T, known[id])


def existing_helper(scope: IConstruct, id: str) -> Any:
    """The helper of that id in the scope's stack, if anything has asked for it so far; else None."""
    return _helpers.get(cdk.Stack.of(scope), {}).get(id)


def root_stack(scope: IConstruct) -> cdk.Stack:
    """The stack that is deployed on its own, of which the scope's own may be a nested one."""
    stack = cdk.Stack.of(scope)
    while (parent := stack.nested_stack_parent) is not None:
        stack = parent
    return stack


def tag_for_backup(resource: Any, context: PropsContext, control: str) -> None:
    """Have a backup plan of ours select a resource, unless the user's tags say otherwise."""
    # With the least priority, so that the user's own tags and those of the scopes above win.
    resource.tags.set_tag(BACKUP_TAG, "true", 0)
    record_backup_tag(context, control)


def record_backup_tag(context: PropsContext, control: str) -> None:
    """Say that a construct carries the tag."""
    context.record_change(f"tags[{BACKUP_TAG!r}]", "'true'", control)


def deployed_path(scope: IConstruct, path: str | None = None) -> str:
    """The path of a construct, or one below a scope, under the name of the stack that is deployed.

    An app may be deployed twice to one account, with the same ids and other names of its stacks.
    """
    stack = root_stack(scope)
    path = scope.node.path if path is None else path
    return f"{stack.stack_name}/{path.removeprefix(stack.node.path).strip('/')}"


def unique_name(path: str, *places: str, limit: int) -> str:
    """A name of small letters, digits and hyphens, for what has to be named before it is made.

    It ends the way the path does, and in a digest of the path and the places: another path has another name.
    """
    digest = hashlib.sha256("/".join((*places, path)).encode()).hexdigest()[:10]
    words = re.sub("[^a-z0-9]+", "-", path.lower())[-(limit - len(digest) - 2) :].strip("-")
    return f"{words if words[:1].isalpha() else f'n{words}'}-{digest}"


def recovery_stack(scope: IConstruct) -> cdk.Stack | None:
    """The stack, beside the scope's own, for what a disaster must not take along; made when it is first asked for.

    It stands in the region that the context key `soc2:dr-region` names, in the same account. None where nobody named
    one, where the scope's own stack already stands there, or where that stack is agnostic of its region.
    """
    own = scope if isinstance(scope, cdk.Stack) else cdk.Stack.of(scope)
    if own not in _recovery:
        _recovery[own] = _recovery_of(own)
    return _recovery[own]


def _recovery_of(scope: cdk.Stack) -> cdk.Stack | None:
    stack = root_stack(scope)
    region = stack.node.try_get_context(RECOVERY_REGION)
    if not isinstance(region, str) or not region or cdk.Token.is_unresolved(stack.region) or region == stack.region:
        return None
    if not re.fullmatch(r"[a-z]+(-[a-z]+)+-\d+", region):
        raise ValueError(
            f"the context key {RECOVERY_REGION} is {region!r}, which is no region of AWS: write one such as "
            '"eu-west-1" in cdk.json, or leave it out'
        )
    beside = cast(Construct, stack.node.scope)
    id = f"{stack.node.id}Recovery"
    found = beside.node.try_find_child(id)
    if found is not None:
        return cast(cdk.Stack, found)
    account = None if cdk.Token.is_unresolved(stack.account) else stack.account
    made = cdk.Stack(
        beside,
        id,
        stack_name=f"{stack.stack_name}-recovery",
        env=cdk.Environment(account=account, region=region),
        description=f"What {stack.stack_name} keeps in a second region (soc2-constructs)",
        termination_protection=stack.termination_protection,
    )
    stack.add_stack_dependency(made)
    return made


#: The recovery stack of each stack, once somebody asked for it; the context that names it is the app's from its start.
_recovery: WeakKeyDictionary[cdk.Stack, cdk.Stack | None] = WeakKeyDictionary()

#: The helpers of each stack: to look them up in the construct tree costs two round trips to Node for each construct.
_helpers: WeakKeyDictionary[cdk.Stack, dict[str, Any]] = WeakKeyDictionary()


#: Where in the user's own files each construct was made, by its scope and its id there.
_places_of: WeakKeyDictionary[IConstruct, dict[str, str]] = WeakKeyDictionary()
#: The scopes of the former that nobody has asked for yet, and those of each app.
_new_scopes: list[IConstruct] = []
_scopes_of: WeakKeyDictionary[IConstruct, list[IConstruct]] = WeakKeyDictionary()


def remember(scope: IConstruct, id: str) -> None:
    """Remember that the user's line that runs now makes a construct. It asks nothing of Node: microseconds."""
    if not sources.wanted():
        return
    place = sources.here()
    if place is not None:
        known = _places_of.get(scope)
        if known is None:
            known = _places_of[scope] = {}
            _new_scopes.append(scope)
        known[id] = place


def places_below(root: IConstruct) -> dict[str, str]:
    """Where in the user's own files constructs were made, by construct path."""
    while _new_scopes:
        scope = _new_scopes.pop()
        _scopes_of.setdefault(scope.node.root, []).append(scope)
    return {
        "/".join(filter(None, (path, id))): place
        for scope in _scopes_of.get(root, ())
        for path in (scope.node.path,)
        for id, place in _places_of[scope].items()
    }


def format_value(value: Any) -> str:
    """A value as the user would have written it."""
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, cdk.Duration):
        return value.to_human_string()
    if value is None or isinstance(value, (str, int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(format_value, value))}]"
    if hasattr(value, "_values"):
        members = ", ".join(f"{name}={format_value(each)}" for name, each in value._values.items())
        return f"{type(value).__name__}({members})"
    if not hasattr(value, "__jsii_ref__"):
        return repr(value)
    name = type(value).__name__.lstrip("_")
    return f"{'an' if name.startswith(tuple('AEIO')) else 'a'} {name}"


def _places(props: Mapping[str, Any], steps: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The paths that `*` stands for; a path without one stands for itself."""
    if "*" not in steps:
        return [steps]
    at = steps.index("*")
    mapping = _read(props, steps[:at])
    keys = mapping if isinstance(mapping, Mapping) else ()
    return [place for key in keys for place in _places(props, (*steps[:at], key, *steps[at + 1 :]))]


def _read(props: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if props is None:
            return None
        props = member(props, step)
    return props


def _write(props: dict[str, Any], steps: tuple[str, ...], value: Any) -> None:
    head, *rest = steps
    props[head] = _with(props.get(head), rest, value)


def _with(struct: Any, steps: list[str], value: Any) -> Any:
    """A copy of a struct with one of its members set: the user's stays as it is."""
    if not steps:
        return value
    head, *rest = steps
    if struct is None:
        return {head: _with(None, rest, value)}
    changed = _with(member(struct, head), rest, value)
    if isinstance(struct, Mapping):
        return {**struct, head: changed}
    # Of the same class: in a mapping, jsii takes a dict for no struct.
    return type(struct)(**{**struct._values, head: changed})


def member(struct: Any, name: str, default: Any = None) -> Any:
    """A member of a struct-valued property, which users give as a jsii struct or as a dict."""
    value = struct.get(name) if isinstance(struct, Mapping) else getattr(struct, name, None)
    return default if value is None else value
