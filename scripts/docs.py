"""Render the generated pages of the site: controls, criteria, resource types, constructs and patterns.

`scripts/generate.py` writes them into `docs/`. `mkdocs build` renders them and the handwritten pages beside them.
"""

from __future__ import annotations

import functools
import importlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

import registry
from soc2_constructs.audit import FAIL_ON, audit
from soc2_constructs.cloudformation.documents import parse_document
from soc2_constructs.controls import KINDS, SEVERITIES, Control, Kind, definitions, format_threshold
from soc2_constructs.criteria import CATEGORIES, CRITERIA, EVIDENCE, Criterion

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.cases import all_cases, assembly_of  # noqa: E402 - the test cases are the examples of the pages

#: Folders of `docs/` that hold generated pages only.
FOLDERS = ("constructs", "controls", "criteria")

#: Update behavior is the same in every region.
_REGION = "us-east-1"

_SCOPES = {
    "resource": "each resource on its own",
    "region": "all resources of a region together",
    "account": "all resources of an account together",
    "waiver": "each waiver",
}

#: How a page introduces each source of `also_mapped`.
_SOURCES = {"inferred": "Derived from public mappings"}

_NO_CONTROL = "No control of this version is of this kind."

#: Classes of this library, each with the module that defines it.
Classes = list[tuple[str, Any]]


def pages(classes: Classes) -> dict[str, str]:
    """Return every generated page by its path below `docs/`.

    Args:
        classes: The classes that the modules of this library define.
    """
    controls = definitions()
    examples = _examples()
    texts = {f"controls/{entry.id}.md": _control(entry, classes, examples.get(entry.id, {})) for entry in controls}
    texts["controls/index.md"] = _by_service(controls)
    texts["controls/by-resource-type.md"] = _by_type(controls)
    texts["controls/coverage.md"] = registry.page(controls)
    texts["criteria/index.md"] = _criteria_index(controls)
    texts["criteria/mapping.md"] = _mapping(controls)
    for category in CATEGORIES:
        texts[f"criteria/{_slug(category)}.md"] = _category(category, controls)
    modules = list(dict.fromkeys(module for module, _ in classes))
    texts["constructs/index.md"] = _constructs_index(classes)
    texts["constructs/patterns.md"] = _patterns()
    for module in modules:
        texts[f"constructs/{module}.md"] = _construct_module(module, [cls for home, cls in classes if home == module])
    return texts


def navigation(classes: Classes) -> dict[str, str]:
    """Return the generated parts of the `nav` in mkdocs.yml by the names of their markers."""
    lines = []
    for name, members in _services(definitions()):
        lines.append(f"      - {json.dumps(name)}:")
        lines += [f"          - controls/{entry.id}.md" for entry in members]
    criteria = [f"      - criteria/{_slug(category)}.md" for category in CATEGORIES]
    modules = [f"      - constructs/{module}.md" for module in dict.fromkeys(module for module, _ in classes)]
    return {
        "controls": "\n".join(lines),
        "criteria": "\n".join(["      - criteria/mapping.md", *criteria]),
        "constructs": "\n".join(modules),
    }


# Controls


def _control(control: Control, classes: Classes, examples: Mapping[str, dict[str, Any]]) -> str:
    return _page(
        f"# {_prose(control.title)}",
        f"`{control.id}`",
        "\n".join(f"- **{name}:** {text}" for name, text in _facts(control)),
        "## Why it matters, and what changes",
        _text(control.documentation, ""),
        "## Criteria that it supports",
        *_mapped_criteria(control),
        "## How to comply",
        *_with_constructs(control, classes),
        *_with_fix(control),
        *_replacements(control, classes),
        *_live_account(control),
        "## Accept the risk",
        _acceptance(control),
        *_shown_examples(control, examples),
    )


def _facts(control: Control) -> Iterator[tuple[str, str]]:
    service = service_name(control)
    yield "Service", f"[{_prose(service)}](index.md#{_slug(service)})"
    yield "Kind", _kind_link(KINDS[control.kind], "../criteria/")
    yield "Severity", _severity(control)
    yield "State", f"{control.state}, since version {control.since}"
    if control.resource_types:
        types = ", ".join(f"[`{name}`](by-resource-type.md#{_slug(name)})" for name in control.resource_types)
        yield "Evaluates", f"{types}; {_SCOPES[control.scope]}"
    elif control.scope == "waiver":
        yield "Evaluates", _SCOPES[control.scope]
    else:
        yield "Evaluates", "the live account only, by AWS Config; a template does not show it"
    if control.resource_types and control.live_only:
        yield "Coverage", "a template shows part of it; AWS Config covers the rest in the live account"
    for name, value in control.thresholds.items():
        text = format_threshold(value)
        yield "Threshold", f"`{name}`, {text} by default; to change it: `soc2 check --threshold {name}={text}`"
    if control.implies:
        yield "Implies", ", ".join(_linked(name, "") for name in control.implies)
    if control.aliases:
        yield "Aliases", ", ".join(f"`{name}`" for name in control.aliases)


def _severity(control: Control) -> str:
    if not (control.resource_types or control.scope == "waiver"):
        effect = "a template cannot fail it"
    elif control.state == "preview":
        effect = "a preview control never fails the check"
    elif SEVERITIES.index(control.severity) <= SEVERITIES.index(FAIL_ON):
        effect = "a failure fails the check by default"
    else:
        effect = "a failure is reported and does not fail the check by default"
    reason = f" {_prose(control.severity_reason.rstrip('.'))}." if control.severity_reason else ""
    return f"{control.severity}; {effect}." + reason


def _mapped_criteria(control: Control) -> Iterator[str]:
    yield "\n".join(
        f"- **{_criterion_link(CRITERIA[name], '../')}**{' (primary)' if name == control.criteria[0] else ''}: "
        f"{_prose(control.rationale(name))}"
        for name in control.criteria
    )
    if control.also_mapped:
        yield "Other public sets map this control as follows. These mappings are exported and never select controls:"
        yield "\n".join(
            f"- {_SOURCES.get(source, source)}: {', '.join(criteria)}"
            for source, criteria in control.also_mapped.items()
        )


def _with_constructs(control: Control, classes: Classes) -> Iterator[str]:
    rows = [
        f"| [`{module}.{cls.__name__}`](../constructs/{module}.md#{_slug(cls.__name__)}) "
        f"| `{row.property}` | {_cell(row.required)} |"
        for module, cls in classes
        for row in _rows(cls)
        if row.control == control.id
    ]
    if rows:
        yield "### With the constructs of this library"
        yield "These classes comply by default. Compliant values that you set are kept; others raise an error."
        yield "\n".join(["| Class | Property | Required |", "|---|---|---|", *dict.fromkeys(rows)])


def _with_fix(control: Control) -> Iterator[str]:
    cdk, cloudformation = control.fix_terms
    if not control.resource_types:
        yield _prose(cdk)
    elif cloudformation:
        yield "### With plain CDK"
        yield _prose(cdk)
        yield "### With CloudFormation"
        yield _cloudformation_terms(cloudformation, control) + "."
    else:
        yield "### With plain CDK or CloudFormation"
        yield _prose(cdk)


def _replacements(control: Control, classes: Classes) -> Iterator[str]:
    """Yield the update behavior of the properties where CloudFormation's schemas define one."""
    lines = {
        f"- A change of `{property}` of `{type}` {'may replace' if conditional else 'replaces'} the resource."
        for type in control.resource_types
        for path in _properties(control, classes, type)
        for property, conditional in _replacing(type, path)
    }
    if lines:
        yield "### Replacement"
        yield (
            "To replace a resource, CloudFormation creates a new one and deletes the old one. "
            "Review the change set before you deploy:"
        )
        yield "\n".join(sorted(lines))


def _properties(control: Control, classes: Classes, type: str) -> Iterator[tuple[str, ...]]:
    """Yield the property paths of a type that a hardening table or the fix names."""
    for _, cls in classes:
        for row in _rows(cls):
            several = [row.bad_override] if isinstance(row.bad_override, tuple) else row.bad_override or ()
            # An override with a third item applies to another resource than the class's own.
            yield from (_steps(each[0]) for each in several if row.control == control.id and len(each) == 2)
    for token in _TERM.findall(control.fix_terms[1]):
        named, dot, path = token.partition(".")
        if "::" not in named:
            yield _steps(token)
        elif named == type and dot:
            yield _steps(path)


def _replacing(type: str, path: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """Yield the property at or above the path whose change replaces the resource, and whether only conditionally."""
    for word, conditional in (("createOnlyProperties", False), ("conditionalCreateOnlyProperties", True)):
        for pointer in _schema(type).get(word, ()):
            steps = tuple(step for step in pointer.removeprefix("/properties/").split("/") if step != "*")
            if steps == path[: len(steps)]:
                yield ".".join(steps), conditional
                return


def _live_account(control: Control) -> Iterator[str]:
    if control.config_rules or control.prowler:
        yield "## In the live account"
    if control.config_rules:
        rules = " or ".join(f"`{rule}`" for rule in control.config_rules)
        parameters = "".join(f"\n- `{name}`: `{value}`" for name, value in control.config_parameters.items())
        yield f"The AWS Config rule {rules} detects the same" + (
            f", with the parameters\n{parameters}" if parameters else "."
        )
        if control.live_only:
            yield "If the assembly deploys this rule, `soc2 check` reports the control as covered in the account."
    elif control.live_only:
        yield "No AWS Config rule covers it. Check it manually."
    if control.prowler:
        yield f"Prowler: {', '.join(f'`{name}`' for name in control.prowler)}."


def _acceptance(control: Control) -> str:
    if control.scope == "waiver":
        return "Correct, renew or delete the [waiver](../waivers.md) itself."
    if not control.resource_types:
        return (
            "No waiver is needed. A control that only a live account shows is reported as *not covered* until the AWS "
            "Config rule is deployed. It fails neither a synthesis nor a check."
        )
    return _page(
        "Add a [waiver](../waivers.md) before you create the construct:",
        "```python\nimport soc2_constructs as soc2\n\n"
        f'soc2.waive(\n    scope,\n    "{control.id}",\n'
        '    reason="…",\n    owner="…",\n    expires="YYYY-MM-DD",\n)\n```',
        f"Or acknowledge the cdk-nag rule id `SOC2::{control.id}`.",
    ).rstrip()


def _shown_examples(control: Control, examples: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    passes = "A template that passes" if control.resource_types else "A template that deploys the rule"
    headings = {"pass": passes, "fail": "A template that fails"}
    for outcome, heading in headings.items():
        if case := examples.get(outcome):
            yield f"## {heading}"
            if case.get("thresholds"):
                yield (
                    "With "
                    + " and ".join(
                        f"`--threshold {name}={format_threshold(value)}`" for name, value in case["thresholds"].items()
                    )
                    + ":"
                )
            for name, stack in shown(case).items():
                place = stack.get("region")
                title = f' title="Stack {name}{f", in {place}" if place else ""}"' if "stacks" in case else ""
                yield f"```yaml{title}\n{stack['template']}```"
            if outcome == "fail" and (message := said(control, case)):
                yield f"Message of `soc2 check`: {_prose(message)}."


def _by_service(controls: list[Control]) -> str:
    lines = [
        "# Controls",
        f"The catalogue defines {len(controls)} controls. Constructs, the rule pack, reports and these pages share one "
        "definition of each. `soc2 controls` lists them in a terminal; `soc2 explain` shows one.",
        "See also the indexes [by resource type](by-resource-type.md), [by criterion](../criteria/index.md) and "
        "[by kind](../criteria/mapping.md).",
        "## Severities",
        "\n".join(
            [
                "- **high:** data is exposed or lost, or an attacker gains a way in",
                "- **medium:** an auditor would report an exception",
                "- **low:** hygiene; a failure is reported and does not fail the check by default",
            ]
        ),
    ]
    for name, members in _services(controls):
        lines += [f"## {name}", _table(members, "")]
    return _page(*lines)


def _by_type(controls: list[Control]) -> str:
    by_type: dict[str, list[Control]] = {}
    for entry in controls:
        for name in entry.resource_types:
            by_type.setdefault(name, []).append(entry)
    lines = ["# Controls by resource type", f"The controls evaluate {len(by_type)} CloudFormation resource types."]
    for name, members in sorted(by_type.items()):
        lines += [f"## {name} {{ #{_slug(name)} }}", _table(members, "")]
    waivers = [entry for entry in controls if entry.scope == "waiver"]
    live = [entry for entry in controls if not entry.resource_types and entry not in waivers]
    lines += ["## Waivers", "These controls evaluate waivers instead of resources.", _table(waivers, "")]
    lines += [
        "## Live account",
        "No template shows these controls. They are reported as *not covered* until the assembly deploys the AWS "
        "Config rule.",
        _table(live, ""),
    ]
    return _page(*lines)


def _table(controls: Iterable[Control], to: str) -> str:
    rows = [f"| {_control_link(entry, to)} | {_cell(entry.title)} | {entry.severity} |" for entry in controls]
    return "\n".join(["| Control | Compliant state | Severity |", "|---|---|---|", *rows])


# Criteria


def denominator() -> str:
    """Return the number of criteria that infrastructure can support."""
    levels = [criterion.evidence for criterion in CRITERIA.values()]
    fully, partly, none = (levels.count(level) for level in EVIDENCE)
    return (
        f"Infrastructure can support {fully + partly} of the {len(levels)} criteria: {fully} substantially and "
        f"{partly} in part. The other {none} depend on people, policies and records alone."
    )


def _criteria_index(controls: list[Control]) -> str:
    lines = [
        "# Criteria",
        f"**{denominator()}**",
        "A control supports a criterion. People, policies and reviews meet it, and an auditor decides. Each criterion "
        "therefore lists what infrastructure cannot show and which records an auditor requests, even if every control "
        "passes.",
        "The descriptions are in our own words and do not replace the text of the AICPA (TSP section 100). Read that "
        "text before an audit. [Criteria mapping](mapping.md) shows how controls are assigned to criteria.",
    ]
    for category in CATEGORIES:
        rows = [
            f"| {_criterion_link(criterion, '../')} | {criterion.evidence} "
            f"| {len(_supporting(criterion, controls)) or ''} |"
            for criterion in _of_category(category)
        ]
        lines += [
            f"## {category}",
            "\n".join(["| Criterion | Evidence from infrastructure | Controls |", "|---|---|---|", *rows]),
        ]
    lines += [
        "## Levels of evidence",
        "\n".join(f"- **{level}:** {words}" for level, words in EVIDENCE.items()),
    ]
    return _page(*lines)


def _category(category: str, controls: list[Control]) -> str:
    lines = [f"# {category}"]
    if category == "Security":
        lines.append("The common criteria apply to every SOC 2 audit.")
    else:
        lines.append(f"These criteria apply if {category} is in the scope of your audit. Security always is.")
    for criterion in _of_category(category):
        lines += [
            f"## {criterion.id} {_prose(criterion.title)} {{ #{_slug(criterion.id)} }}",
            _prose(criterion.summary),
            f"**Evidence from infrastructure:** {criterion.evidence} ({EVIDENCE[criterion.evidence]}).",
            "\n".join(
                [
                    f"- **What infrastructure can show:** {_prose(criterion.shows)}",
                    f"- **What it cannot show:** {_prose(criterion.does_not_show)}",
                    f"- **Records that an auditor requests:** {_prose(criterion.records)}",
                ]
            ),
            *_supported(criterion, controls),
        ]
    return _page(*lines)


def _supported(criterion: Criterion, controls: list[Control]) -> Iterator[str]:
    """Yield the kinds that support a criterion, primary ones first, each with its rationale and its controls."""
    kinds = [kind for kind in KINDS.values() if criterion.id in kind.criteria]
    for kind in sorted(kinds, key=lambda kind: kind.criteria.index(criterion.id) > 0):
        members = [entry for entry in controls if entry.kind == kind.id]
        yield f"**{_kind_link(kind, '')}.** {_prose(kind.rationale(criterion.id))}"
        yield _table(members, "../controls/") if members else _NO_CONTROL


def _mapping(controls: list[Control]) -> str:
    lines = [
        "# Criteria mapping",
        "Each control has a kind, which describes its subject. The kind determines the criteria that the control "
        "supports, the primary one first, with one sentence of rationale for each. All of these criteria select the "
        "control, for example in `soc2 check --category Security`.",
        "Public sets such as Powerpipe and Prowler map some controls differently. The page of a control lists these "
        "mappings with their source. They never select a control.",
        "The ids and subjects of the criteria are those of AICPA TSP section 100 (2017, points of focus revised in "
        "2022). The mapping and its rationale are our judgment; an auditor may decide differently.",
        "## Overview",
        "\n".join(
            [
                "| Kind | Primary | Also | Controls |",
                "|---|---|---|---|",
                *(
                    f"| {_kind_link(kind, '')} | {kind.criteria[0]} | {', '.join(kind.criteria[1:])} "
                    f"| {sum(entry.kind == kind.id for entry in controls) or ''} |"
                    for kind in KINDS.values()
                ),
            ]
        ),
    ]
    for kind in KINDS.values():
        members = [entry for entry in controls if entry.kind == kind.id]
        lines += [
            f"## {_prose(kind.title)} {{ #{_slug(kind.id)} }}",
            f"`{kind.id}`",
            "\n".join(
                f"- **{_criterion_link(CRITERIA[name], '../')}**: {_prose(kind.rationale(name))}"
                for name in kind.criteria
            ),
            _table(members, "../controls/") if members else _NO_CONTROL,
        ]
    return _page(*lines)


def _of_category(category: str) -> list[Criterion]:
    return [criterion for criterion in CRITERIA.values() if criterion.category == category]


def _supporting(criterion: Criterion, controls: Iterable[Control]) -> list[Control]:
    return [entry for entry in controls if criterion.id in entry.criteria]


def _criterion_link(criterion: Criterion, to: str) -> str:
    page = f"{to}criteria/{_slug(criterion.category)}.md#{_slug(criterion.id)}"
    return f"[{criterion.id}]({page}) {_prose(criterion.title)}"


def _kind_link(kind: Kind, to: str) -> str:
    return f"[{_prose(kind.title)}]({to}mapping.md#{_slug(kind.id)})"


# Constructs


def _constructs_index(classes: Classes) -> str:
    from soc2_constructs import patterns

    lines = [
        "# Constructs",
        "Each module re-exports the `aws_cdk` module of the same name. The classes below replace or extend its "
        "classes. Change the import; the rest of the file stays the same:",
        "```python\nfrom soc2_constructs import aws_s3 as s3\n```",
        "The page of a module lists the properties of each class. A property *for a control* is enforced: a value that "
        "does not comply raises an error. A *default* applies only if you do not set the property.",
    ]
    for module in dict.fromkeys(module for module, _ in classes):
        lines.append(f"## {module}")
        rows = [
            f"| [`{cls.__name__}`]({module}.md#{_slug(cls.__name__)}) | {_cell(_first(cls))} "
            f"| {len({row.control for row in _rows(cls) if row.control}) or ''} |"
            for home, cls in classes
            if home == module
        ]
        lines.append("\n".join(["| Class | Description | Controls enforced |", "|---|---|---|", *rows]))
    rows = [
        f"| [`{name}`](patterns.md#{_slug(name)}) | {_cell(_first(getattr(patterns, name)))} |"
        for name in patterns.__all__
    ]
    lines += ["## patterns", "\n".join(["| Pattern | Description |", "|---|---|", *rows])]
    return _page(*lines)


def _construct_module(module: str, classes: list[Any]) -> str:
    doc = importlib.import_module(f"soc2_constructs.{module}").__doc__ or ""
    lines = [f"# {module}", _text(doc, "../controls/"), f"```python\nfrom soc2_constructs import {module}\n```"]
    for cls in classes:
        lines += [f"## {cls.__name__} {{ #{_slug(cls.__name__)} }}", _text(_doc(cls), "../controls/")]
        rows = [
            f"| `{row.property}` | {_cell(row.required)} | "
            f"{_linked(row.control, '../controls/') if row.control else 'default'} |"
            for row in _rows(cls)
        ]
        if rows:
            lines.append("\n".join(["| Property | Value | For |", "|---|---|---|", *dict.fromkeys(rows)]))
    return _page(*lines)


def _patterns() -> str:
    from soc2_constructs import patterns

    lines = [
        "# Patterns",
        "A pattern composes several services in one construct. Each part is an attribute and can be replaced.",
        "```python\nfrom soc2_constructs import patterns\n```",
    ]
    for name in patterns.__all__:
        lines += [f"## {name} {{ #{_slug(name)} }}", _text(_doc(getattr(patterns, name)), "../controls/")]
    return _page(*lines)


def _rows(cls: Any) -> list[Any]:
    return list(getattr(cls, "hardening", ()))


def _doc(cls: Any) -> str:
    """Return the docstring of the class itself without the indentation of its source."""
    first, _, rest = (cls.__dict__.get("__doc__") or "").strip().partition("\n")
    return "\n".join([first, *(line.removeprefix("    ") for line in rest.splitlines())])


def _first(cls: Any) -> str:
    return _doc(cls).partition("\n")[0]


# Services


def service_name(control: Control) -> str:
    """Return the AWS name of the service, with which the docstring of the control's module begins."""
    doc = importlib.import_module(f"soc2_constructs.controls.{control.service}").__doc__ or control.service
    return re.split(r"[:,.]", doc.strip().partition("\n")[0])[0]


def _services(controls: Iterable[Control]) -> list[tuple[str, list[Control]]]:
    by_name: dict[str, list[Control]] = {}
    for entry in controls:
        by_name.setdefault(service_name(entry), []).append(entry)
    return sorted(by_name.items(), key=lambda item: item[0].removeprefix("Amazon ").removeprefix("AWS ").lower())


# Examples


def _examples() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the example of each control and outcome: the first case with default thresholds, else the first case."""
    examples: dict[str, dict[str, dict[str, Any]]] = {}
    for control, _, case in all_cases():
        # A template alone cannot show the effect of a waiver.
        if "elsewhere" not in case and "waivers" not in case:
            known = examples.setdefault(control, {})
            if case["expect"] not in known or ("thresholds" in known[case["expect"]] and "thresholds" not in case):
                known[case["expect"]] = case
    return examples


def shown(case: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the stacks of a case as its page shows them, each with its template as YAML."""
    stacks = case.get("stacks") or {"stack": case}
    return {
        name: {
            **{word: stack[word] for word in ("region", "account") if word in stack},
            "template": _as_yaml(
                parse_document(stack["template"], name) if "template" in stack else {"Resources": stack["resources"]}
            ),
        }
        for name, stack in stacks.items()
    }


def said(control: Control, case: Mapping[str, Any]) -> str:
    """Return the message of the first failing result of a case."""
    report = audit(assembly=assembly_of(dict(case)), include=[control.id], thresholds=case.get("thresholds"))
    failing = [each for each in report.results if each.control.id == control.id and each.status == "FAIL"]
    where = f"`{failing[0].logical_id}`: " if failing and failing[0].logical_id else ""
    return where + failing[0].message if failing else ""


def _as_yaml(document: Mapping[str, Any]) -> str:
    parameters = document.get("Parameters", {})
    rest = {name: value for name, value in document.items() if name != "Parameters"}
    text = _dumped(rest)
    # Cases of one control share their parameters; show only those that this case uses.
    used = {name: value for name, value in parameters.items() if re.search(rf"\b{re.escape(name)}\b", text)}
    return (_dumped({"Parameters": used}) if used else "") + text


def _dumped(document: Mapping[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=100, allow_unicode=True)


class _Dumper(yaml.SafeDumper):
    """Write intrinsic functions in their short form."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def mapping(self, data: dict[Any, Any]) -> yaml.Node:
        name, value = next(iter(data.items())) if len(data) == 1 else ("", None)
        tag = "!" + str(name).removeprefix("Fn::")
        if name != "Ref" and not re.fullmatch(r"Fn::\w+", str(name)):
            return self.represent_mapping("tag:yaml.org,2002:map", data.items())
        if name == "Fn::GetAtt" and isinstance(value, list) and all(isinstance(part, str) for part in value):
            value = ".".join(value)
        if isinstance(value, str):
            return self.represent_scalar(tag, value)
        if isinstance(value, list):
            return self.represent_sequence(tag, value, flow_style=True)
        return self.represent_mapping("tag:yaml.org,2002:map", data.items())


_Dumper.add_representer(dict, _Dumper.mapping)


# CloudFormation's schemas


@functools.cache
def _schema(type: str) -> Mapping[str, Any]:
    """Return the schema of a resource type; empty if CloudFormation publishes none, such as for macro types."""
    from cfnlint.schema import ResourceNotFoundError
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    try:
        return PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, type).schema
    except ResourceNotFoundError:
        return {}


def _steps(path: str) -> tuple[str, ...]:
    return tuple(step for step in path.replace("[]", "").split(".") if step and not step.isdigit())


#: A property path or the name of a resource type.
_TERM = re.compile(r"(?:AWS::\w+::\w+|\b[A-Z]\w*)(?:\[\])?(?:\.\w+(?:\[\])?)*")


def _cloudformation_terms(text: str, control: Control) -> str:
    """Return the CloudFormation part of a fix with properties and resource types marked as code."""
    properties = {name for type in control.resource_types for name in _schema(type).get("properties", ())}

    def marked(match: re.Match[str]) -> str:
        term = match[0]
        if term.startswith("AWS::") or "." in term or "[" in term or term in properties:
            return f"`{term}`"
        return term

    return _prose(_TERM.sub(marked, text)[:1].upper() + _TERM.sub(marked, text)[1:])


# Text


def _page(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _prose(text: str, to: str | None = None) -> str:
    """Escape plain text for Markdown, except for code in backticks.

    Args:
        text: The text.
        to: The relative folder of the control pages, to which control ids are linked. Default: no links.
    """
    parts = text.split("`")
    for at in range(0, len(parts), 2):
        plain = re.sub(r"([\\*\[\]<>])", r"\\\1", parts[at])
        if to is not None:
            plain = _ID.sub(lambda match: _linked(match[0], to), plain)
        parts[at] = plain
    return "`".join(parts)


_ID = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+){2,}\b")


def _linked(name: str, to: str) -> str:
    return f"[`{name}`]({to}{name}.md)" if name in _ids() else name


@functools.cache
def _ids() -> frozenset[str]:
    return frozenset(entry.id for entry in definitions())


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|")


def _control_link(control: Control, to: str) -> str:
    return f"[`{control.id}`]({to}{control.id}.md)"


def _text(doc: str, to: str) -> str:
    """Convert a docstring to Markdown: paragraphs, code, and sections with their items as lists."""
    blocks: list[str] = []
    for block in re.split(r"\n\s*\n", doc.strip("\n")):
        lines = block.splitlines()
        head = lines[0].strip()
        if head in ("Args:", "Raises:", "Returns:", "Attributes:") and len(lines) > 1:
            blocks.append(f"**{head}**\n\n" + "\n".join(_items(lines[1:], to)))
        elif all(line.startswith("    ") for line in lines):
            blocks.append("```python\n" + "\n".join(line[4:] for line in lines) + "\n```")
        else:
            blocks.append("\n".join(_prose(line, to) for line in lines))
    return "\n\n".join(blocks)


def _items(lines: list[str], to: str) -> Iterator[str]:
    """Yield the items of a docstring section: `name: text`, with indented continuation lines."""
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    for line in lines:
        name, colon, text = line.strip().partition(": ")
        if len(line) - len(line.lstrip()) == margin and colon:
            yield f"- `{name}`: {_prose(text, to)}"
        else:
            yield f"  {_prose(line.strip(), to)}"
