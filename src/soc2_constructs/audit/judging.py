"""Judging: every selected control on the resources of an assembly."""

from __future__ import annotations

import functools

from soc2_constructs.audit.cache import VerdictCache
from soc2_constructs.audit.results import Result
from soc2_constructs.audit.scenario_verdicts import verdict_of
from soc2_constructs.audit.selection import VISIBILITY
from soc2_constructs.cloudformation import PASS, Evaluation, Verdict, unresolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from soc2_constructs.audit.waiving import AssemblyWaivers
    from soc2_constructs.cloudformation import Assembly, Resource
    from soc2_constructs.controls import Control, Threshold

#: Where a template names an AWS Config rule: type, property, and message.
_RULES = (
    ("AWS::Config::ConfigRule", "Source.SourceIdentifier", "the AWS Config rule {} is deployed"),
    (
        "AWS::Config::OrganizationConfigRule",
        "OrganizationManagedRuleMetadata.RuleIdentifier",
        "the AWS Config rule {} is deployed in the organization",
    ),
)


def judge(
    assembly: Assembly,
    selected: tuple[Control, ...],
    thresholds: Mapping[str, Threshold],
    waivers: AssemblyWaivers,
    *,
    today: str,
    reuse_verdicts: bool = True,
) -> list[Result]:
    """The results of the selected controls: by template, then in the order of the catalogue and of the resources.

    Args:
        assembly: The templates.
        selected: The controls.
        thresholds: The user's thresholds by name.
        waivers: The waivers, which record whether they were used.
        today: The day of the audit as YYYY-MM-DD.
        reuse_verdicts: Whether the verdict cache is on. Default True.
    """
    evaluation = Evaluation(assembly, today=today)
    by_template: dict[int, list[Result]] = {id(template): [] for template in (*assembly.templates, None)}
    for control in selected:
        resource_types = [name for name in control.resource_types if name in assembly.by_type]
        results: list[Result] = []
        if resource_types:
            check = _check(control, thresholds)
            if control.scope != "resource":
                results += _together(evaluation, control, check, resource_types, waivers)
            else:
                has_waivers = waivers.about(control)
                for name in resource_types:
                    cache = VerdictCache(evaluation, check, enabled=reuse_verdicts)
                    judged = cache.judged(evaluation.of_type(name))
                    for declaration, (_, verdict, suffix) in zip(assembly.by_type[name], judged, strict=True):
                        waiver = None
                        if has_waivers and verdict.status is not PASS:
                            waiver = waivers.covering(control, declaration)
                        result = Result(control, verdict, declaration, None, suffix, waiver)
                        by_template[id(declaration.template)].append(result)
        if control.live_only:
            verdict, suffix = _deployed_rule(evaluation, control)
            results.append(Result(control, verdict, suffix=suffix))
        for result in results:
            by_template[id(result.template)].append(result)
    waivers.extend_to_implied(result for results in by_template.values() for result in results)
    for result in (*_gaps(assembly, selected, waivers), *waivers.judged(selected)):
        by_template[id(result.template)].append(result)
    return [result for results in by_template.values() for result in results]


def _check(control: Control, thresholds: Mapping[str, Threshold]) -> Callable[..., Verdict]:
    """The check of a control, bound to the user's thresholds for it."""
    assert control.check is not None
    own = {name: value for name, value in thresholds.items() if name in control.thresholds}
    return functools.partial(control.check, **own) if own else control.check


def _together(
    evaluation: Evaluation,
    control: Control,
    check: Callable[..., Verdict],
    resource_types: list[str],
    waivers: AssemblyWaivers,
) -> list[Result]:
    """One result for each region or account with resources of the control's types, on the stack of the first one."""
    results = []
    groups: dict[tuple[str, str], list[Resource]] = {}
    for resource_type in resource_types:
        for resource in evaluation.of_type(resource_type):
            template = resource.declaration.template
            region = template.region or "" if control.scope == "region" else ""
            groups.setdefault((template.account or "", region), []).append(resource)
    for _, resources in sorted(groups.items(), key=lambda item: item[0]):
        verdict, suffix = verdict_of(evaluation, check, resources)
        template = resources[0].declaration.template
        waiver = waivers.on_stack(control, template) if verdict.status is not PASS else None
        results.append(Result(control, verdict, template=template, suffix=suffix, waiver=waiver))
    return results


def _deployed_rule(evaluation: Evaluation, control: Control) -> tuple[Verdict, str]:
    """Whether the assembly deploys, in every scenario, the AWS Config rule that evaluates the control."""
    if not control.config_rules:
        return unresolved("not covered: no AWS Config rule evaluates it; check it in the account"), ""
    return verdict_of(evaluation, lambda _: _has_rule(evaluation, control.config_rules), None)


def _has_rule(evaluation: Evaluation, rules: tuple[str, ...]) -> Verdict:
    for resource_type, path, text in _RULES:
        for resource in evaluation.of_type(resource_type):
            if (rule := resource[path].known) in rules and resource.exists:
                return Verdict(PASS, text, rule)
    for resource_type in ("AWS::Config::ConformancePack", "AWS::Config::OrganizationConformancePack"):
        for resource in evaluation.of_type(resource_type):
            body = resource["TemplateBody"].known
            words = body.replace('"', " ").replace("'", " ").split() if isinstance(body, str) else ()
            for rule in rules:
                if rule in words and resource.exists:
                    return Verdict(PASS, "a conformance pack deploys the AWS Config rule {}", rule)
    return unresolved("not covered: only a live account shows it; deploy the AWS Config rule {}", " or ".join(rules))


def _gaps(assembly: Assembly, selected: Iterable[Control], waivers: AssemblyWaivers) -> Iterator[Result]:
    """Yield an unresolved result for each part of a template that is expanded only at deployment.

    Templates that a resource deploys are judged by the check of the control.
    """
    for control in selected:
        if control.id != VISIBILITY:
            continue
        for template, gap in assembly.gaps:
            declaration = template.resources.get(gap.logical_id or "")
            if declaration is None or gap is not declaration.gap:
                verdict = unresolved("{}", gap.reason).with_fix(gap.fix)
                waiver = (
                    waivers.covering(control, declaration)
                    if declaration is not None
                    else waivers.on_stack(control, template)
                )
                yield Result(control, verdict, declaration, template, waiver=waiver)
