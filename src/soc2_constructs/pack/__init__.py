"""Soc2Checks, the cdk-nag rule pack: the catalogue judges what an app synthesizes.

    cdk.Validations.of(app).add_plugins(Soc2Checks(app))

The pack reads the final templates, once, in one callback: it sees raw overrides, Aspects, CfnInclude and nested stacks,
and costs about as much as parsing the JSON. It never fails open: an error inside is a violation.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypedDict, cast

import aws_cdk as cdk
import cdk_nag
import jsii

from constructs import IConstruct
from soc2_constructs._version import __version__
from soc2_constructs.audit import FAIL_ON, WAIVED, Audit, Result, audit, gc_paused, select, validate_options
from soc2_constructs.audit.baseline import Baseline, read_baseline
from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED, Verdict
from soc2_constructs.cloudformation.sources import CONTEXT_KEY, is_off, write_sources
from soc2_constructs.controls import canonical_id, catalogue
from soc2_constructs.hardening import places_below, waivers_on
from soc2_constructs.hardening.waive import NAMESPACE
from soc2_constructs.waivers import Waiver, default_waivers, write_assembly_waivers

#: A finding as the framework takes it.
Violation = dict[str, Any]

_ACKNOWLEDGED = "aws:cdk:acknowledged-rules"
_NO_MATCH = "soc2_acknowledgement_matches"
_BROKEN = "soc2_pack_works"
#: What `soc2.enforce` has to say: another injector stands before ours, a change is held back, nothing is to be allowed.
NOT_REACHED, HELD_BACK, NOTHING_HELD_BACK = REMARKS = (
    "soc2_enforcement_reaches",
    "soc2_enforcement_completes",
    "soc2_enforcement_allowance_is_used",
)


class PackOptions(TypedDict, total=False):
    """The options of `Soc2Checks`, for what hands them on to it."""

    categories: Collection[str] | None
    include: Iterable[str] | None
    exclude: Iterable[str]
    thresholds: Mapping[str, float] | None
    fail_on: str
    strict: bool
    report_only: bool
    waivers: str | os.PathLike[str] | None
    baseline: str | os.PathLike[str] | None


class Soc2Checks(cdk_nag.NagPack):
    """The rule pack.

    Args:
        scope: The app or stage that is judged; as for every rule pack of cdk-nag, it may be left out.
        categories: Trust services categories committed to, such as `("Availability", "Confidentiality")`; Security
            always counts. Default: all five.
        include: Only these control ids. Default: all.
        exclude: All but these control ids. Default: none.
        thresholds: Values for the thresholds of controls: `{"log_retention_days": 400, "backup_retention_days": 90}`.
            Default: those of the catalogue, 365 and 35 days.
        fail_on: The least severity that fails: `"high"`, `"medium"`, `"low"` or `"none"`; what is below is shown as a
            warning. Default `"medium"`.
        strict: Whether what a template leaves open fails as well. Default False: it is shown as a warning.
        report_only: Show everything as a warning, fail nothing. Default False.
        waivers: A file of waivers beside those in the app. Default: `soc2-waivers.toml` in the present folder, if any.
        baseline: A file that `soc2 baseline` wrote: what stands there is shown as a warning. Default: none.
        sources: Whether findings name the line of your Python that made the construct, as far as it was made by a class
            of this library or under `soc2_constructs.enforce`. Default True; the context key `soc2:sources` and the
            environment variable `SOC2_SOURCES` switch it off too.

    Raises:
        ValueError: where a category, a control, a threshold or a severity does not exist.
    """

    def __init__(
        self,
        scope: IConstruct | None = None,
        *,
        categories: Collection[str] | None = None,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] = (),
        thresholds: Mapping[str, float] | None = None,
        fail_on: str = FAIL_ON,
        strict: bool = False,
        report_only: bool = False,
        waivers: str | os.PathLike[str] | None = None,
        baseline: str | os.PathLike[str] | None = None,
        sources: bool = True,
    ) -> None:
        super().__init__(scope)
        self._pack_name = NAMESPACE
        self._options: dict[str, Any] = {
            "categories": None if categories is None else tuple(categories),
            "include": None if include is None else tuple(include),
            "exclude": tuple(exclude),
            "thresholds": dict(thresholds or {}),
        }
        self._fail_on = "none" if report_only else fail_on
        self._strict = strict
        self._waivers = waivers
        self._baseline = baseline
        self._sources = sources
        #: Called with the app's folder before it is judged, to write beside the templates.
        self._writers: list[Callable[[str], None]] = []
        #: Called after them, for what is to be said beside what the catalogue finds; it fails nothing.
        self._remarks: list[Callable[[], Iterable[Violation]]] = []
        validate_options(**self._options, fail_on=self._fail_on)

    @property
    @jsii.member(jsii_name="name")
    def name(self) -> str:
        """The pack's name; an acknowledgement is written `SOC2::<control id>`."""
        return NAMESPACE

    @property
    @jsii.member(jsii_name="ruleIds")
    def rule_ids(self) -> list[str]:
        """Ids of the controls that are judged."""
        selection = {name: self._options[name] for name in ("categories", "include", "exclude")}
        return [control.id for control in select(**selection)]

    @property
    @jsii.member(jsii_name="version")
    def version(self) -> str:
        """The version of this library."""
        return __version__

    @jsii.member(jsii_name="checkResource")
    def _check_resource(self, node: cdk.CfnResource) -> None:
        """Nothing: `validate` judges the templates as a whole."""

    @jsii.member(jsii_name="validate")
    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Judge the templates of an app; called by the CDK at the end of a synthesis."""
        if _silent:
            return cdk.PolicyValidationPluginReport(success=True, violations=[])
        with gc_paused():
            return self._validated(context)

    def _validated(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        stacks: list[cdk.PolicyValidationStack] = []
        try:
            stacks = self._stacks_to_judge(_once(context, "stack_templates"))
            root = _once(context, "app_construct")
            if not stacks:
                return cdk.PolicyValidationPluginReport(success=True, violations=[])
            found = _audited(root, [stack.stack_construct_path for stack in stacks], **self._audit_options())
            results = found.results
            covered = _covered(found, {os.path.realpath(stack.template_path) for stack in stacks})
            if len(covered) < len(found.assembly.templates):
                results = [each for each in results if each.template is None or id(each.template) in covered]
            success, violations = self._judge(found, results)
            violations += self._unmatched_acknowledgements(found, root, results)
            violations += (remark for remarks in self._remarks for remark in remarks())
            if _watched is not None:
                open_ = _not_acknowledged(found, root, results)
                _watched.append(PackRun(self, stacks, found.with_results(open_), self._fail_on, self._strict))
            # As plain data by the names of jsii: to make an object of each takes longer than to judge the app.
            return cdk.PolicyValidationPluginReport(
                success=success, violations=violations, metadata={name: str(n) for name, n in found.counts().items()}
            )
        except Exception as error:
            if _watched is not None:
                _watched.append(PackRun(self, stacks, error=error))
            return _broken(error, stacks[0].stack_construct_path if stacks else "")

    @jsii.member(jsii_name="validateScope")
    def validate_scope(self, scope: IConstruct) -> cdk.PolicyValidationPluginReport:
        """Judge a construct, stack, stage or app on its own, as in a unit test.

        Acknowledged and waived findings are left out of the report. The whole app is synthesized for it.
        """
        found = audit_scope(scope, **self._audit_options())
        results = [result for result in found.results if result.status is not WAIVED]
        success, violations = self._judge(found, results, with_paths=True)
        return cdk.PolicyValidationPluginReport(success=success, violations=[_struct(each) for each in violations])

    def _audit_options(self) -> dict[str, Any]:
        """By what an audit of this pack goes."""
        baseline = read_baseline(self._baseline) if self._baseline is not None else None
        return {
            **self._options,
            "waivers": default_waivers(self._waivers),
            "baseline": baseline,
            "sources": self._sources,
            "writers": tuple(self._writers),
        }

    def _stacks_to_judge(self, stacks: list[cdk.PolicyValidationStack]) -> list[cdk.PolicyValidationStack]:
        """Which of the stacks that it is asked about it judges."""
        return stacks

    def _judge(self, found: Audit, results: list[Result], *, with_paths: bool = False) -> tuple[bool, list[Violation]]:
        """Whether nothing fails, and the findings: one for each control and message, what fails first."""
        failing = set(map(id, found.failures(self._fail_on, strict=self._strict)))
        groups: dict[tuple[str, str, bool, str], list[Result]] = {}
        # Neighbours mostly share the verdict of one check.
        verdict: Verdict | None = None
        members: list[Result] = []
        for result in results:
            if result.status is PASS or (result.waiver is not None and _is_waived_by_file(result)):
                continue
            fails = id(result) in failing
            if fails and result.verdict is verdict and result.control is members[0].control:
                members.append(result)
            elif result.template is not None or result.judged_waiver is not None:
                key = (result.control.id, result.message, fails, "" if fails else _note(result))
                members = groups.setdefault(key, [])
                members.append(result)
                verdict = result.verdict if fails else None
        violations = [
            _violation(members, "error" if fails else "warning", with_paths)
            for (_, _, fails, _), members in sorted(groups.items(), key=lambda item: not item[0][2])
        ]
        return not any(fails for _, _, fails, _ in groups), violations

    def _unmatched_acknowledgements(self, found: Audit, root: IConstruct, results: list[Result]) -> Iterator[Violation]:
        """Acknowledgements that suppress nothing, though they were written for this pack."""
        selected = {control.id for control in found.controls}
        written = {(waiver.scope, waiver.control) for waiver in found.waivers}
        for path, name in _Acknowledgements(found, root).all():
            namespace, _, control = name.rpartition("::")
            if namespace == NAMESPACE:
                if (canonical := canonical_id(control)) != control:
                    yield _unmatched_acknowledgement(path, name, f"it is called {NAMESPACE}::{canonical} here")
                elif control not in catalogue() and control not in (_NO_MATCH, _BROKEN, *REMARKS):
                    close = difflib.get_close_matches(control, catalogue(), n=1)
                    hint = f"did you mean {NAMESPACE}::{close[0]}?" if close else "`soc2 controls` lists the ids"
                    yield _unmatched_acknowledgement(path, name, f"there is no control {control}: {hint}")
                elif (path, control) in written:
                    # A waiver that is not needed is a finding of its own.
                    continue
                elif control in selected and not any(
                    result.control.id == control and result.status is not PASS and _is_below(_path(result), path)
                    for result in results
                ):
                    yield _unmatched_acknowledgement(
                        path, name, "nothing below fails that control: delete the acknowledgement"
                    )
            elif canonical_id(control) in catalogue():
                # The framework takes an id without a namespace for that of an annotation.
                yield _unmatched_acknowledgement(path, name, f"write {NAMESPACE}::{control}")


class PackRun:
    """What a pack found in one synthesis."""

    def __init__(
        self,
        pack: Soc2Checks,
        stacks: Iterable[cdk.PolicyValidationStack],
        found: Audit | None = None,
        fail_on: str = FAIL_ON,
        strict: bool = False,
        error: Exception | None = None,
    ) -> None:
        self.pack = pack
        self.stacks = {stack.stack_construct_path for stack in stacks}
        #: The audit, without what is acknowledged; None where the pack itself broke.
        self.found = found
        self.fail_on = fail_on
        self.strict = strict
        self.error = error

    @property
    def passes(self) -> bool:
        """Whether nothing has to be fixed."""
        return self.found is not None and not self.found.failures(self.fail_on, strict=self.strict)


#: Where packs leave their runs while somebody watches a synthesis; None where nobody does.
_watched: list[PackRun] | None = None
#: Whether packs keep quiet: a synthesis goes on for another reason than to be judged.
_silent = False


@contextlib.contextmanager
def watched() -> Iterator[list[PackRun]]:
    """Collect what every pack finds meanwhile."""
    global _watched
    before, _watched = _watched, []
    try:
        yield _watched
    finally:
        _watched = before


def audit_scope(
    scope: IConstruct, *, waivers: Iterable[Waiver] = (), baseline: Baseline | None = None, **options: Any
) -> Audit:
    """Synthesize the app of a construct and judge the construct and what is below it.

    What is acknowledged is left out, as is what only a live account shows.

    Raises:
        ValueError: where the construct stands in no app.
    """
    global _silent
    root = scope.node.root
    if not isinstance(root, cdk.Stage):
        raise ValueError(
            f"{scope.node.path or scope.node.id!r} stands in no app: put it below a Stack, and that below an App"
        )
    before, _silent = _silent, True
    try:
        root.synth()
    finally:
        _silent = before
    stacks = [node.node.path for node in root.node.find_all() if isinstance(node, cdk.Stack)]
    found = _audited(root, stacks, waivers=waivers, baseline=baseline, **options)
    path = scope.node.path
    below = [result for result in found.results if result.template is not None and _is_below(_path(result), path)]
    return found.with_results(_not_acknowledged(found, root, below))


def _audited(
    root: IConstruct,
    stacks: Iterable[str],
    *,
    waivers: Iterable[Waiver],
    sources: bool = True,
    writers: Iterable[Callable[[str], None]] = (),
    **options: Any,
) -> Audit:
    """Judge an assembly, after writing into it what its templates do not tell."""
    outdir = cast(cdk.Stage, root).outdir
    above = _waivers_above(root, stacks)
    write_assembly_waivers(outdir, above)
    wanted = sources and not is_off(root.node.try_get_context(CONTEXT_KEY))
    write_sources(outdir, places_below(root.node.root) if wanted else {})
    for write in writers:
        write(outdir)
    return audit(outdir, waivers=[*above, *waivers], **options)


def _not_acknowledged(found: Audit, root: IConstruct, results: Iterable[Result]) -> list[Result]:
    """The results without what is acknowledged; a waiver is an acknowledgement too, but stands in the counts."""
    acknowledged = _Acknowledgements(found, root)
    return [result for result in results if result.status is WAIVED or not acknowledged.cover(result)]


def _is_waived_by_file(result: Result) -> bool:
    """Whether a file waives it: the framework suppresses what the app itself acknowledges, and knows of no file."""
    return result.waiver is not None and result.waiver.source is not None


class _Acknowledgements:
    """What is acknowledged where: in the stacks' metadata, and on the scopes above the stacks."""

    def __init__(self, found: Audit, root: IConstruct) -> None:
        self._found: dict[tuple[str, str], None] = {}
        for template in found.assembly.templates:
            for path, entries in template.notes.of_type(_ACKNOWLEDGED).items():
                for entry in entries:
                    if entry.get("type") == _ACKNOWLEDGED and isinstance(entry.get("data"), dict):
                        self._found.update(dict.fromkeys((path.strip("/"), name) for name in entry["data"]))
        for scope in _above_stacks(root, (template.stack_path or "" for template in found.assembly.templates)):
            for note in scope.node.metadata:
                if note.type == _ACKNOWLEDGED and isinstance(note.data, Mapping):
                    self._found.update(dict.fromkeys((scope.node.path, name) for name in note.data))

    def all(self) -> list[tuple[str, str]]:
        return list(self._found)

    def cover(self, result: Result) -> bool:
        wanted = f"{NAMESPACE}::{result.control.id}"
        path = _path(result)
        return any(name == wanted and _is_below(path, place) for place, name in self._found)


def _waivers_above(root: IConstruct, stacks: Iterable[str]) -> list[Waiver]:
    """The waivers on the app, its stages, and whatever else stands above a stack: no stack's metadata has them."""
    return [
        waiver
        for scope in _above_stacks(root, stacks)
        for waiver in waivers_on(scope)
        if waiver.scope == scope.node.path
    ]


def _above_stacks(root: IConstruct, stacks: Iterable[str]) -> list[IConstruct]:
    """Every scope that stands above a stack; the walk leaves the stacks' own constructs alone, which are many."""
    found: dict[str, IConstruct] = {"": root}
    for path in stacks:
        scope, place = root, ""
        for id in path.split("/")[:-1]:
            place = f"{place}/{id}".strip("/")
            child = scope.node.try_find_child(id)
            if child is None:
                break
            scope = found[place] = child
    return list(found.values())


def _path(result: Result) -> str:
    """The construct path of a result's resource, or of its stack where it has none."""
    if result.judged_waiver is not None:
        return result.judged_waiver.scope
    template = result.template
    return result.construct_path or (template.stack_path or "" if template is not None else "")


def _is_below(path: str, scope: str) -> bool:
    return not scope or path == scope or path.startswith(f"{scope}/")


def _once(context: cdk.IPolicyValidationContext, property: str) -> Any:
    """A property of what the CDK hands over, asked for once.

    jsii's stand-in for an object of a class that nobody exports looks whether a property is there by reading it, and
    reads it again: two round trips to Node for each member of each stack.
    """
    for stand_in in getattr(context, "_delegates", ()):
        if hasattr(type(stand_in), property):
            return getattr(stand_in, property)
    return getattr(context, property)


def _covered(found: Audit, asked: set[str]) -> set[int]:
    """The templates about which the pack was asked; a nested stack belongs to the one that deploys it."""
    covered = set()
    for template in found.assembly.templates:
        stack = template
        while stack.parent is not None:
            stack = stack.parent.template
        if os.path.realpath(stack.path) in asked:
            covered.add(id(template))
    return covered


def _violation(results: list[Result], severity: str, with_paths: bool) -> Violation:
    control = results[0].control
    sources = ", ".join(dict.fromkeys(result.source for result in results if result.source is not None))
    return _finding(
        control.id,
        f"{control.title} ({', '.join(control.criteria)}): {results[0].message}{_note(results[0])}",
        control.fix,
        severity,
        list(_resources(results, with_paths)),
        {
            "criteria": ", ".join(control.criteria),
            "severity": control.severity,
            "status": FAIL if results[0].status is not UNRESOLVED else UNRESOLVED,
            **({"config_rules": ", ".join(control.config_rules)} if control.config_rules else {}),
            **({"source": sources} if sources else {}),
        },
    )


def _finding(
    rule: str,
    description: str,
    fix: str,
    severity: str,
    resources: list[dict[str, Any]],
    metadata: dict[str, str] | None = None,
) -> Violation:
    """A violation by the names of jsii."""
    found = {
        "ruleName": rule,
        "description": description,
        "fix": fix,
        "severity": severity,
        "violatingResources": resources,
    }
    return {**found, "ruleMetadata": metadata} if metadata else found


def _struct(violation: Violation) -> cdk.PolicyViolation:
    """The same as an object of the CDK's."""
    resources = [_python_named(cdk.PolicyViolatingResource, each) for each in violation["violatingResources"]]
    return cast(cdk.PolicyViolation, _python_named(cdk.PolicyViolation, {**violation, "violatingResources": resources}))


def _python_named(kind: Any, members: dict[str, Any]) -> Any:
    names = {jsii_name: name for name, jsii_name in kind.__jsii_name_mapping__.items()}
    return kind(**{names[jsii_name]: value for jsii_name, value in members.items()})


def _note(result: Result) -> str:
    """Why a finding fails nothing, whatever its severity."""
    if result.in_baseline:
        return "; it stands in the baseline, so it fails nothing"
    return "; the CDK made it for itself, so it fails nothing" if result.is_cdk_helper else ""


def _resources(results: list[Result], with_paths: bool) -> Iterator[dict[str, Any]]:
    """Where results were found, by the names of jsii; in a synthesis the framework adds the path of a logical id."""
    # Neighbours mostly share verdict and template.
    verdict = template = None
    locations, path = ["Properties"], ""
    for result in results:
        if result.verdict is not verdict:
            verdict = result.verdict
            locations = [f"Properties.{verdict.property_path}" if verdict.property_path else "Properties"]
        if result.template is not template and result.template is not None:
            template = result.template
            path = _absolute(template.path)
        logical_id = result.logical_id
        if logical_id is None:
            yield {"locations": locations, "constructPath": _path(result)}
        elif with_paths:
            yield {
                "locations": locations,
                "resourceLogicalId": logical_id,
                "templatePath": path,
                "constructPath": _path(result),
            }
        else:
            yield {"locations": locations, "resourceLogicalId": logical_id, "templatePath": path}


@functools.cache
def _absolute(path: str) -> str:
    return os.path.abspath(path)


def _unmatched_acknowledgement(path: str, name: str, problem: str) -> Violation:
    shown = name.removeprefix("Annotation::")
    return _finding(
        _NO_MATCH,
        f"The acknowledgement of {shown} on {path or 'the app'} matches nothing: {problem}",
        f"Acknowledge `{NAMESPACE}::<control id>`, as soc2_constructs.waive does, or delete it.",
        "warning",
        [{"locations": ["Metadata"], "constructPath": path}],
    )


def enforcement_remark(rule: str, location: str, description: str, fix: str, places: list[str]) -> Violation:
    """What `soc2.enforce` did not do, and why: a warning, at the constructs that it is about.

    Args:
        rule: One of `REMARKS`.
        location: What it is about there.
        description: What is so.
        fix: What to type where it shall be otherwise.
        places: The paths of the constructs.
    """
    resources = [{"locations": [location], "constructPath": place} for place in places]
    return _finding(rule, description, fix, "warning", resources)


def _broken(error: Exception, path: str) -> cdk.PolicyValidationPluginReport:
    return cdk.PolicyValidationPluginReport(
        success=False,
        violations=[
            cdk.PolicyViolation(
                rule_name=_BROKEN,
                description=f"The rule pack could not judge the app ({type(error).__name__}): {error}",
                fix="Mend what the message names; where it names nothing of yours, please report it.",
                severity="error",
                violating_resources=[cdk.PolicyViolatingResource(locations=["Template"], construct_path=path)],
            )
        ],
    )
