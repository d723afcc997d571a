"""The audit: every control on every resource that it is about.

`audit()` is the one entry that the rule pack, the command line, the tests and the reports share. The same input gives
the same results in the same order.
"""

from __future__ import annotations

import functools
import gc

from soc2_constructs.audit.implications import covered_by
from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED, Assembly
from soc2_constructs.cloudformation.helpers import is_made_by_cdk
from soc2_constructs.cloudformation.verdicts import Verdict, failed, unresolved
from soc2_constructs.cloudformation.worlds import MAX_WORLDS, World, worlds
from soc2_constructs.controls import SEVERITIES, Control, UnknownControlError, catalogue, find, lookup
from soc2_constructs.criteria import CATEGORIES, CRITERIA
from soc2_constructs.waivers import METADATA_TYPE, closest_first, read_assembly_waivers, waivers_of
from soc2_constructs.waivers import today as now

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Any

    from soc2_constructs.audit.baseline import Baseline
    from soc2_constructs.cloudformation import Resource, Template
    from soc2_constructs.waivers import Waiver

WAIVED = "WAIVED"
STATUSES = (PASS, FAIL, WAIVED, UNRESOLVED)

#: The control that says what could not be judged: a selection of others does not silence it.
VISIBILITY = "soc2_template_visible"

#: Which results make a synth or a check fail unless the user says otherwise.
FAIL_ON = "medium"


class Result:
    """What one control found on one resource, in one region, or on the assembly as a whole."""

    __slots__ = (
        "_suffix",
        "control",
        "in_baseline",
        "judged_waiver",
        "resource",
        "status",
        "template",
        "verdict",
        "waiver",
    )

    def __init__(
        self,
        control: Control,
        verdict: Verdict,
        resource: Resource | None = None,
        template: Template | None = None,
        suffix: str = "",
        waiver: Waiver | None = None,
        judged_waiver: Waiver | None = None,
    ) -> None:
        self.control = control
        #: The waiver that it is about, where it is about one.
        self.judged_waiver = judged_waiver
        self.resource = resource
        self.template = resource._template if resource is not None else template
        self.status = verdict.status
        self.waiver = waiver
        #: Whether it is a failure that stands in the baseline: it is shown, and fails nothing.
        self.in_baseline = False
        #: What the check said; results of resources that say the same share it.
        self.verdict = verdict
        self._suffix = suffix
        if waiver is not None and verdict.status is not PASS:
            self.status = WAIVED

    @property
    def message(self) -> str:
        """What was seen, and under which parameters or conditions."""
        return self.verdict.message + self._suffix

    @property
    def property_path(self) -> str:
        return self.verdict.property_path

    @property
    def is_cdk_helper(self) -> bool:
        """Whether it is about a resource that the CDK made for itself: what that fails is shown, and fails nothing."""
        return self.status not in (PASS, WAIVED) and self.resource is not None and is_made_by_cdk(self.resource)

    @property
    def logical_id(self) -> str | None:
        return self.resource._logical_id if self.resource is not None else None

    @property
    def construct_path(self) -> str | None:
        if self.resource is not None:
            return self.resource.construct_path
        return self.judged_waiver.place if self.judged_waiver is not None else None

    @property
    def source(self) -> str | None:
        """Where in the user's Python the construct was made, as "app.py:12"; None where the assembly does not tell."""
        sources = self.template.assembly.sources if self.template is not None else None
        path = self.construct_path if sources else None
        while path and sources:
            if path in sources:
                return sources[path]
            path = path.rpartition("/")[0]
        return None

    @property
    def template_path(self) -> str | None:
        return self.template.path if self.template is not None else None

    def __repr__(self) -> str:
        return f"<Result {self.status} {self.control.id} {self.logical_id}: {self.message}>"


class Audit:
    """Every result of one audit, and what was audited."""

    def __init__(
        self,
        assembly: Assembly,
        controls: tuple[Control, ...],
        results: list[Result],
        waivers: list[Waiver],
        baseline: Baseline | None = None,
    ) -> None:
        self.assembly = assembly
        self.controls = controls
        self.results = results
        #: Every waiver, in force or not.
        self.waivers = waivers
        #: The failures that were known before, and which of them are fixed.
        self.baseline = baseline

    def with_results(self, results: list[Result]) -> Audit:
        """The same audit with some of its results only."""
        return Audit(self.assembly, self.controls, results, self.waivers, self.baseline)

    def failures(self, fail_on: str = FAIL_ON, *, strict: bool = False) -> list[Result]:
        """The results that make a synth or a check fail.

        Args:
            fail_on: The least severity that fails: `"high"`, `"medium"`, `"low"`, or `"none"`. Default `"medium"`.
            strict: Also fail what is unresolved. Default False. Controls that only a live account can show never fail,
                and neither do resources that the CDK made for itself, nor what stands in the baseline.
        """
        failing = _failing(fail_on)
        return [
            result
            for result in self.results
            if (result.status is FAIL or (strict and result.status is UNRESOLVED and result.template is not None))
            and result.control.severity in failing
            and result.control.state != "preview"
            and not result.in_baseline
            and (result.resource is None or not is_made_by_cdk(result.resource))
        ]

    def counts(self) -> dict[str, int]:
        """How many results have each status."""
        counts = dict.fromkeys(STATUSES, 0)
        for result in self.results:
            counts[result.status] += 1
        return counts


def _failing(fail_on: str) -> tuple[str, ...]:
    if fail_on == "none":
        return ()
    if fail_on not in SEVERITIES:
        raise ValueError(f"fail_on is {fail_on!r}; it must be one of high, medium, low or none")
    return SEVERITIES[: SEVERITIES.index(fail_on) + 1]


def audit(
    *paths: str | os.PathLike[str],
    assembly: Assembly | None = None,
    categories: Collection[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    thresholds: Mapping[str, float] | None = None,
    waivers: Iterable[Waiver] = (),
    baseline: Baseline | None = None,
    today: str | None = None,
) -> Audit:
    """Judge cloud assemblies, folders and templates by the catalogue.

    Args:
        paths: Cloud assemblies (`cdk.out`), folders, globs, or single templates in JSON or YAML.
        assembly: An assembly that is already read, instead of paths.
        categories: Trust services categories committed to, such as `("Security", "Availability")`. Security always
            counts. Default: all.
        include: Only these control ids. Default: all.
        exclude: All but these control ids. Default: none.
        thresholds: Values for the thresholds of controls, by name: `{"log_retention_days": 400}`.
        waivers: Waivers beside those that stand in the assembly's own metadata. Default: none.
        baseline: Failures that were known before, which fail nothing. Default: none.
        today: The day on which waivers must hold, as YYYY-MM-DD. Default: today, in UTC.

    Raises:
        InputError: where a path does not exist, is no template, or is broken.
        ValueError: where a category, a control or a threshold does not exist.
    """
    selected = select(categories=categories, include=include, exclude=exclude)
    thresholds = _known_thresholds(thresholds or {})
    with gc_paused():
        found = assembly if assembly is not None else Assembly.read(paths)
        known = _Waivers(found, today or now(), waivers)
        results = _results(found, selected, thresholds, known)
        if baseline is not None:
            baseline.mark(results, {control.id for control in selected})
    return Audit(found, selected, results, known.all(), baseline)


class gc_paused:
    """Within it no garbage is collected: results are many, none forms a cycle, and to look for some costs time."""

    def __enter__(self) -> None:
        self._collecting = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._collecting:
            gc.enable()


def validate_options(
    *,
    categories: Collection[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    thresholds: Mapping[str, float] | None = None,
    fail_on: str = FAIL_ON,
) -> None:
    """Refuse at once what an audit would refuse later.

    Raises:
        ValueError: where a category, a control, a threshold or a severity does not exist.
    """
    select(categories=categories, include=include, exclude=exclude)
    _known_thresholds(thresholds or {})
    _failing(fail_on)


def select(
    *,
    categories: Collection[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
) -> tuple[Control, ...]:
    """The controls that the options leave, in the order of the catalogue.

    Raises:
        ValueError: where a category or a control does not exist.
    """
    wanted = None if include is None else {find(name).id for name in include}
    unwanted = {find(name).id for name in exclude}
    for category in categories or ():
        if category not in CATEGORIES:
            raise ValueError(f"There is no category {category!r}; the categories are {', '.join(CATEGORIES)}")
    committed = set(CATEGORIES) if categories is None else {"Security", *categories}
    return tuple(
        control
        for control in catalogue().values()
        if (wanted is None or control.id in wanted or control.id == VISIBILITY)
        and control.id not in unwanted
        and any(CRITERIA[name].category in committed for name in control.criteria)
    )


def _known_thresholds(thresholds: Mapping[str, float]) -> Mapping[str, float]:
    """The user's thresholds, each of which some control has."""
    known = {name for control in catalogue().values() for name in control.thresholds}
    for name, value in thresholds.items():
        if name not in known:
            raise ValueError(f"There is no threshold {name!r}; the thresholds are {', '.join(sorted(known))}")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise ValueError(f"The threshold {name} is {value!r}; it must be a number that is not negative")
    return thresholds


def _check(control: Control, thresholds: Mapping[str, float]) -> Callable[..., Verdict]:
    """The check of a control, with those of the user's thresholds that are its own."""
    assert control.check is not None
    own = {name: value for name, value in thresholds.items() if name in control.thresholds}
    return functools.partial(control.check, **own) if own else control.check


def _results(
    assembly: Assembly, selected: tuple[Control, ...], thresholds: Mapping[str, float], waivers: _Waivers
) -> list[Result]:
    # Within a template, results keep the order of the catalogue and of the template's resources.
    by_template: dict[int, list[Result]] = {id(template): [] for template in (*assembly.templates, None)}
    by_type = assembly.by_type
    for control in selected:
        kinds = [kind for kind in control.resource_types if kind in by_type]
        found: list[Result] = []
        if kinds:
            check = _check(control, thresholds)
            if control.scope != "resource":
                found += _together(assembly, control, check, kinds, waivers)
            else:
                waived = waivers.about(control)
                for kind in kinds:
                    for resource, verdict, suffix in VerdictCache(assembly, check).judged(by_type[kind]):
                        waiver = waivers.covering(control, resource) if waived and verdict.status is not PASS else None
                        result = Result(control, verdict, resource, None, suffix, waiver)
                        by_template[id(result.template)].append(result)
        if control.live_only:
            verdict, suffix = _deployed_rule(assembly, control)
            found.append(Result(control, verdict, suffix=suffix))
        for result in found:
            by_template[id(result.template)].append(result)
    for result in (*_opaque(assembly, selected), *waivers.judged(selected)):
        by_template[id(result.template)].append(result)
    return [result for found in by_template.values() for result in found]


class VerdictCache:
    """What a check said of the resources of one type, by the properties that it read.

    Apps repeat themselves: where another resource says the same in all of them, the verdict is the same.
    """

    __slots__ = ("_assembly", "_check", "_known", "_names")

    def __init__(self, assembly: Assembly, check: Callable[..., Verdict]) -> None:
        self._assembly = assembly
        self._check = check
        self._known: dict[tuple[Any, ...] | None, Verdict] = {}
        #: Every property that the check has read so far.
        self._names: tuple[str, ...] = ()

    def judged(self, resources: Iterable[Resource]) -> Iterator[tuple[Resource, Verdict, str]]:
        """Each resource with what the check says of it, and the words that name the world in which it does."""
        known = self._known
        for resource in resources:
            if known and "Condition" not in resource.body:
                verdict = known.get(resource.print_of(self._names))
                if verdict is not None:
                    yield resource, verdict, ""
                    continue
            yield resource, *self._judge(resource)

    def _judge(self, resource: Resource) -> tuple[Verdict, str]:
        trace, world = self._assembly.trace, self._assembly.world
        trace.start(resource)
        verdict, suffix = _judge(self._assembly, self._check, resource, resource)
        reads = trace.end()
        # Where a parameter or a condition had a say, the world is another one now.
        if reads is not None and self._assembly.world is world and "Condition" not in resource.body:
            if not reads.issubset(self._names):
                self._names = tuple(sorted(reads.union(self._names)))
                self._known.clear()
            if (print := resource.print_of(self._names)) is not None:
                self._known[print] = verdict
        return verdict, suffix


_GRAVITY = {PASS: 0, UNRESOLVED: 1, FAIL: 2}


def _judge(
    assembly: Assembly, check: Callable[..., Verdict], subject: Any, resource: Resource | None = None
) -> tuple[Verdict, str]:
    """The worst verdict over all worlds in which the resource exists, and the words that name that world."""
    # Most checks come across no choice: for them the first world is the only one, and there is nothing to compare.
    first = assembly.world
    if not first.choices and (resource is None or "Condition" not in resource.body):
        try:
            verdict = check(subject)
        except Exception as error:
            verdict = _broken(error)
        if not first.choices:
            return verdict, ""
    worst: Verdict | None = None
    suffix = ""
    count = 0
    for world in worlds():
        assembly.world = world
        count += 1
        if count > MAX_WORLDS:
            beyond = unresolved("parameters and conditions combine in more than {} ways", MAX_WORLDS)
            if worst is None or worst.status is not FAIL:
                worst, suffix = beyond, ""
            break
        try:
            if resource is not None and "Condition" in resource.body and not resource.exists:
                continue
            verdict = check(subject)
        except Exception as error:
            verdict = _broken(error)
        if worst is None or _GRAVITY[verdict.status] > _GRAVITY[worst.status]:
            worst = verdict
            suffix = f" (when {world.description})" if world.notes and verdict.status is not PASS else ""
            if suffix:
                # Values resolve lazily; what the message says must be said while its world is still the present one.
                worst = Verdict(verdict.status, "{}", verdict.message, path=verdict.path)
            if verdict.status is FAIL:
                break
    assembly.world = World({}, [])
    if worst is None:
        worst = Verdict(PASS, "its condition is never true, so it is not created")
    return worst, suffix


def _broken(error: Exception) -> Verdict:
    """A check that breaks must never look like one that passes."""
    return failed("the check itself broke ({}: {}); please report it", type(error).__name__, error)


def _together(
    assembly: Assembly, control: Control, check: Callable[..., Verdict], kinds: list[str], waivers: _Waivers
) -> list[Result]:
    """One result for each region or account that holds resources of the control's types, at the first one's stack."""
    results = []
    groups: dict[tuple[str, str], list[Resource]] = {}
    for resource in assembly.of_type(*kinds):
        region = resource.region or "" if control.scope == "region" else ""
        groups.setdefault((resource.template.account or "", region), []).append(resource)
    for _, resources in sorted(groups.items(), key=lambda item: item[0]):
        verdict, suffix = _judge(assembly, check, resources)
        template = resources[0].template
        waiver = waivers.on_stack(control, template) if verdict.status is not PASS else None
        results.append(Result(control, verdict, template=template, suffix=suffix, waiver=waiver))
    return results


def _deployed_rule(assembly: Assembly, control: Control) -> tuple[Verdict, str]:
    """Whether the assembly deploys the AWS Config rule that shows the control in the live account; in every world."""
    if not control.config_rules:
        return unresolved("not covered: no AWS Config rule shows it, so it stays your own check"), ""
    return _judge(assembly, lambda _: _rule_here(assembly, control.config_rules), None)


def _rule_here(assembly: Assembly, rules: tuple[str, ...]) -> Verdict:
    for kind, path, text in _RULES:
        for resource in assembly.of_type(kind):
            if (rule := resource[path].known) in rules and resource.exists:
                return Verdict(PASS, text, rule)
    for resource in assembly.of_type("AWS::Config::ConformancePack", "AWS::Config::OrganizationConformancePack"):
        body = resource["TemplateBody"].known
        words = body.replace('"', " ").replace("'", " ").split() if isinstance(body, str) else ()
        for rule in rules:
            if rule in words and resource.exists:
                return Verdict(PASS, "a conformance pack deploys the AWS Config rule {}", rule)
    return unresolved("not covered: only a live account shows it; deploy the AWS Config rule {}", " or ".join(rules))


#: Where a rule stands by itself: type, the property that names it, and what to say.
_RULES = (
    ("AWS::Config::ConfigRule", "Source.SourceIdentifier", "the AWS Config rule {} is deployed"),
    (
        "AWS::Config::OrganizationConfigRule",
        "OrganizationManagedRuleMetadata.RuleIdentifier",
        "the AWS Config rule {} is deployed in the organization",
    ),
)


def _opaque(assembly: Assembly, selected: Iterable[Control]) -> list[Result]:
    """Templates of which a part is written only at deployment: never passed in silence."""
    return [
        Result(control, unresolved("{}", reason), template=template)
        for control in selected
        if control.id == VISIBILITY
        for template in assembly.templates
        for reason in template.opaque
    ]


class _Waivers:
    """The waivers of an assembly and those from elsewhere, and which of them were of use."""

    def __init__(self, assembly: Assembly, today: str, others: Iterable[Waiver]) -> None:
        self._today = today
        self._used: set[tuple[str | None, ...]] = set()
        #: Each waiver once, with the template whose metadata it stands in.
        self._all: dict[tuple[str | None, ...], tuple[Waiver, Template | None]] = {}
        self._by_control: dict[str, list[Waiver]] = {}
        found: list[tuple[Waiver, Template | None]] = [(waiver, None) for waiver in others]
        found += [(waiver, None) for folder in assembly.folders for waiver in read_assembly_waivers(folder)]
        for template in assembly.templates:
            found += [(waiver, template) for waiver in waivers_of(template.notes.of_type(METADATA_TYPE))]
        for waiver, place in found:
            self._all.setdefault(waiver.key, (waiver, place))
        for waiver in closest_first(waiver for waiver, _ in self._all.values()):
            id = _canonical(waiver.control)
            implied = covered_by(catalogue()[id]) if id in catalogue() else ()
            for each in (id, *implied):
                self._by_control.setdefault(each, []).append(waiver)

    def all(self) -> list[Waiver]:
        return [waiver for waiver, _ in self._all.values()]

    def about(self, control: Control) -> bool:
        """Whether any waiver is about the control."""
        return control.id in self._by_control

    def covering(self, control: Control, resource: Resource) -> Waiver | None:
        """The closest waiver in force that is about this control on this resource."""
        return self._closest(control, lambda waiver: waiver.covers(resource))

    def on_stack(self, control: Control, template: Template) -> Waiver | None:
        """The closest waiver in force for what is about a region or an account: it stands on the stack, or above."""
        return self._closest(control, lambda waiver: waiver.covers_path(template.stack_path or ""))

    def _closest(self, control: Control, covers: Callable[[Waiver], bool]) -> Waiver | None:
        covering = [waiver for waiver in self._by_control.get(control.id, ()) if covers(waiver)]
        self._used.update(waiver.key for waiver in covering)
        return next((waiver for waiver in covering if waiver.holds_on(self._today)), None)

    def judged(self, selected: Iterable[Control]) -> list[Result]:
        """What the controls about waivers say of each; of one whose control was not selected, no use can be seen."""
        controls = tuple(selected)
        ids = {control.id for control in controls}
        results = []
        for control in controls:
            if control.scope == "waiver" and control.check is not None:
                for key, (waiver, template) in self._all.items():
                    used = key in self._used or _canonical(waiver.control) not in ids
                    verdict = control.check(waiver, used=used, today=self._today)
                    results.append(Result(control, verdict, template=template, judged_waiver=waiver))
        return results


def _canonical(name: str) -> str:
    """Return the id of the control that has this id or alias; the name itself if there is no such control."""
    control = lookup(name)
    return name if control is None else control.id


__all__ = [
    "FAIL_ON",
    "STATUSES",
    "WAIVED",
    "Audit",
    "Result",
    "UnknownControlError",
    "audit",
    "select",
    "validate_options",
]
