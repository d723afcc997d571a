"""The pages of the site that are generated: of controls, criteria, resource types, constructs and patterns.

`scripts/generate.py` writes them into `docs/`; `mkdocs build` makes the site of them and of the pages beside them,
which are written by hand.
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
from soc2_constructs.controls import SEVERITIES, Control, definitions
from soc2_constructs.criteria import CATEGORIES, CRITERIA, EVIDENCE, Criterion

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.cases import all_cases, assembly_of  # noqa: E402 - the cases of the tests are the examples of the pages

#: Folders of `docs/` in which every page is generated.
FOLDERS = ("constructs", "controls", "criteria")

#: Any region will do: which properties replace a resource does not depend on it.
_REGION = "us-east-1"

_SUBJECTS = {
    "resource": "each on its own",
    "region": "all of a region together",
    "account": "all of an account together",
}

#: A class of ours: the module that defines it, and the class.
Kinds = list[tuple[str, Any]]


def pages(kinds: Kinds) -> dict[str, str]:
    """Every generated page by its path below `docs/`.

    Args:
        kinds: The classes that our modules define.
    """
    controls = definitions()
    examples = _examples()
    found = {f"controls/{entry.id}.md": _control(entry, kinds, examples.get(entry.id, {})) for entry in controls}
    found["controls/index.md"] = _by_service(controls)
    found["controls/by-resource-type.md"] = _by_type(controls)
    found["controls/coverage.md"] = registry.page(controls)
    found["criteria/index.md"] = _criteria_index(controls)
    for category in CATEGORIES:
        found[f"criteria/{_slug(category)}.md"] = _category(category, controls)
    modules = list(dict.fromkeys(module for module, _ in kinds))
    found["constructs/index.md"] = _constructs_index(kinds)
    found["constructs/patterns.md"] = _patterns()
    for module in modules:
        found[f"constructs/{module}.md"] = _construct_module(module, [kind for home, kind in kinds if home == module])
    return found


def navigation(kinds: Kinds) -> dict[str, str]:
    """The generated parts of the `nav` in mkdocs.yml, by the names of their places."""
    lines = []
    for name, members in _services(definitions()):
        lines.append(f"      - {json.dumps(name)}:")
        lines += [f"          - controls/{entry.id}.md" for entry in members]
    criteria = [f"      - criteria/{_slug(category)}.md" for category in CATEGORIES]
    modules = [f"      - constructs/{module}.md" for module in dict.fromkeys(module for module, _ in kinds)]
    return {"controls": "\n".join(lines), "criteria": "\n".join(criteria), "constructs": "\n".join(modules)}


# Controls


def _control(control: Control, kinds: Kinds, examples: Mapping[str, dict[str, Any]]) -> str:
    return _page(
        f"# {_prose(control.title)}",
        f"`{control.id}`",
        "\n".join(f"- **{name}:** {text}" for name, text in _facts(control)),
        "## Why, and what changes",
        _text(control.documentation, ""),
        "## Criteria that it supports",
        "\n".join(f"- {_criterion_link(CRITERIA[name], '../')}" for name in control.criteria),
        "## How to comply",
        *_with_constructs(control, kinds),
        *_with_fix(control),
        *_replacements(control, kinds),
        *_live_account(control),
        "## Accept the risk",
        _acceptance(control),
        *_shown_examples(control, examples),
    )


def _facts(control: Control) -> Iterator[tuple[str, str]]:
    service = service_name(control)
    yield "Service", f"[{_prose(service)}](index.md#{_slug(service)})"
    stops = control.resource_types and SEVERITIES.index(control.severity) <= SEVERITIES.index(FAIL_ON)
    yield (
        "Severity",
        f"{control.severity}; it {'stops' if stops else 'does not stop'} a synth"
        + (" unless you say otherwise" if control.resource_types else ", as no template shows it"),
    )
    if control.resource_types:
        kinds = ", ".join(f"[`{kind}`](by-resource-type.md#{_slug(kind)})" for kind in control.resource_types)
        yield "Judged on", f"{kinds}, {_SUBJECTS[control.scope]}"
    else:
        yield "Judged on", "the live account only, by AWS Config: no template shows it"
    if control.resource_types and control.live_only:
        yield "In part", "a template shows a part of it, the live account the rest"
    for name, value in control.thresholds.items():
        yield "Threshold", f"`{name}`, {value:g} unless you raise it: `soc2 check --threshold {name}={value:g}`"
    if control.aliases:
        yield "Also called", ", ".join(f"`{name}`" for name in control.aliases)


def _with_constructs(control: Control, kinds: Kinds) -> Iterator[str]:
    rows = [
        f"| [`{module}.{kind.__name__}`](../constructs/{module}.md#{_slug(kind.__name__)}) "
        f"| `{row.property}` | {_cell(row.wanted)} |"
        for module, kind in kinds
        for row in _rows(kind)
        if row.control == control.id
    ]
    if rows:
        yield "### With our constructs"
        yield "They do it by themselves. A value of yours that complies wins; one that does not raises an error."
        yield "\n".join(["| Class | Property | What it wants |", "|---|---|---|", *dict.fromkeys(rows)])


def _with_fix(control: Control) -> Iterator[str]:
    ours, cloudformation = control.fix_terms
    if not control.resource_types:
        yield _prose(ours)
    elif cloudformation:
        yield "### With plain CDK"
        yield _prose(ours)
        yield "### With CloudFormation"
        yield _cloudformation_terms(cloudformation, control) + "."
    else:
        yield "### With plain CDK or CloudFormation"
        yield _prose(ours)


def _replacements(control: Control, kinds: Kinds) -> Iterator[str]:
    """What CloudFormation's own schemas say of the properties; where they say nothing, nothing is said."""
    lines = {
        f"- A change of `{found}` of `{kind}` {'may replace' if conditional else 'replaces'} the resource."
        for kind in control.resource_types
        for path in _properties(control, kinds, kind)
        for found, conditional in _replacing(kind, path)
    }
    if lines:
        yield "### Replacement"
        yield (
            "CloudFormation replaces a resource by making a new one and deleting the old one. "
            "Look at the change set before you deploy:"
        )
        yield "\n".join(sorted(lines))


def _properties(control: Control, kinds: Kinds, kind: str) -> Iterator[tuple[str, ...]]:
    """The property paths of a type that a hardening table or the fix names."""
    for _, cls in kinds:
        for row in _rows(cls):
            several = [row.bad_override] if isinstance(row.bad_override, tuple) else row.bad_override or ()
            # A third item says that it is about another resource than the class's own.
            yield from (_steps(each[0]) for each in several if row.control == control.id and len(each) == 2)
    for token in _TERM.findall(control.fix_terms[1]):
        named, dot, path = token.partition(".")
        if "::" not in named:
            yield _steps(token)
        elif named == kind and dot:
            yield _steps(path)


def _replacing(kind: str, path: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """The property at or above the path that replaces its resource, and whether only under some condition."""
    for word, conditional in (("createOnlyProperties", False), ("conditionalCreateOnlyProperties", True)):
        for pointer in _schema(kind).get(word, ()):
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
            yield "Where an assembly deploys that rule, `soc2 check` reports the control as covered in the account."
    elif control.live_only:
        yield "No AWS Config rule shows it: it stays your own check."
    if control.prowler:
        yield f"Prowler calls it {', '.join(f'`{name}`' for name in control.prowler)}."


def _acceptance(control: Control) -> str:
    if not control.resource_types:
        return (
            "There is nothing to waive: what only a live account shows is reported as *not covered* until the AWS "
            "Config rule is deployed, and fails neither a synth nor a check."
        )
    return _page(
        "Write a [waiver](../waivers.md) before the construct that it is about:",
        "```python\nimport soc2_constructs as soc2\n\n"
        f'soc2.waive(\n    scope,\n    "{control.id}",\n'
        '    reason="…",\n    owner="…",\n    expires="YYYY-MM-DD",\n)\n```',
        f"Or acknowledge it as cdk-nag does, by the id `SOC2::{control.id}`.",
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
                    + " and ".join(f"`--threshold {name}={value}`" for name, value in case["thresholds"].items())
                    + ":"
                )
            for name, stack in shown(case).items():
                place = stack.get("region")
                title = f' title="Stack {name}{f", in {place}" if place else ""}"' if "stacks" in case else ""
                yield f"```yaml{title}\n{stack['template']}```"
            if outcome == "fail" and (message := said(control, case)):
                yield f"`soc2 check` says: {_prose(message)}."


def _by_service(controls: list[Control]) -> str:
    lines = [
        "# Controls",
        f"The catalogue holds {len(controls)} controls. Each is written down once: the constructs, the rule pack, the "
        "reports and these pages read it there. `soc2 controls` lists them in a terminal, `soc2 explain` shows one.",
        "There is an index [by resource type](by-resource-type.md) and one [by criterion](../criteria/index.md).",
    ]
    for name, members in _services(controls):
        lines += [f"## {name}", _table(members, "")]
    return _page(*lines)


def _by_type(controls: list[Control]) -> str:
    serving: dict[str, list[Control]] = {}
    for entry in controls:
        for kind in entry.resource_types:
            serving.setdefault(kind, []).append(entry)
    lines = ["# Controls by resource type", f"The controls judge {len(serving)} types of CloudFormation resources."]
    for kind, members in sorted(serving.items()):
        lines += [f"## {kind} {{ #{_slug(kind)} }}", _table(members, "")]
    live = [entry for entry in controls if not entry.resource_types]
    if live:
        lines += [
            "## The live account",
            "No template shows these. They hold where the assembly deploys the AWS Config rule, and are reported as "
            "*not covered* elsewhere.",
            _table(live, ""),
        ]
    return _page(*lines)


def _table(controls: Iterable[Control], to: str) -> str:
    rows = [f"| {_control_link(entry, to)} | {_cell(entry.title)} | {entry.severity} |" for entry in controls]
    return "\n".join(["| Control | What it asks | Severity |", "|---|---|---|", *rows])


# Criteria


def denominator() -> str:
    """How many of the criteria infrastructure can support at all."""
    kinds = [criterion.evidence for criterion in CRITERIA.values()]
    fully, partly, none = (kinds.count(kind) for kind in EVIDENCE)
    return (
        f"Infrastructure can support {fully + partly} of the {len(kinds)} criteria: {fully} substantially, {partly} in "
        f"part. The other {none} are your own work alone."
    )


def _criteria_index(controls: list[Control]) -> str:
    lines = [
        "# Criteria",
        f"**{denominator()}**",
        "A control supports a criterion; people, policies and reviews meet it, and an auditor decides. So each "
        "criterion says what remains yours, also where every control passes. The criteria are described in our own "
        "words, which are no substitute for those of the AICPA: read them before an audit.",
    ]
    for category in CATEGORIES:
        rows = [
            f"| {_criterion_link(criterion, '../')} | {criterion.evidence} | {len(_serving(criterion, controls))} |"
            for criterion in _of_category(category)
        ]
        lines += [
            f"## {category}",
            "\n".join(["| Criterion | What templates show | Controls |", "|---|---|---|", *rows]),
        ]
    lines += [
        "## What the middle column means",
        "\n".join(f"- **{kind}:** {words}" for kind, words in EVIDENCE.items()),
    ]
    return _page(*lines)


def _category(category: str, controls: list[Control]) -> str:
    lines = [f"# {category}"]
    if category == "Security":
        lines.append("These common criteria count in every SOC 2 audit.")
    else:
        lines.append(f"These criteria count where you committed to {category}; those of Security always do.")
    for criterion in _of_category(category):
        serving = _serving(criterion, controls)
        lines += [
            f"## {criterion.id} {_prose(criterion.title)} {{ #{_slug(criterion.id)} }}",
            _prose(criterion.summary),
            f"**What templates show:** {criterion.evidence} ({EVIDENCE[criterion.evidence]}).",
            f"**What remains yours:** {_prose(criterion.remains)}",
        ]
        if serving:
            lines.append(_table(serving, "../controls/"))
        elif criterion.evidence != "none":
            lines.append("No control of the catalogue is about it.")
    return _page(*lines)


def _of_category(category: str) -> list[Criterion]:
    return [criterion for criterion in CRITERIA.values() if criterion.category == category]


def _serving(criterion: Criterion, controls: Iterable[Control]) -> list[Control]:
    return [entry for entry in controls if criterion.id in entry.criteria]


def _criterion_link(criterion: Criterion, to: str) -> str:
    page = f"{to}criteria/{_slug(criterion.category)}.md#{_slug(criterion.id)}"
    return f"[{criterion.id}]({page}) {_prose(criterion.title)}"


# Constructs


def _constructs_index(kinds: Kinds) -> str:
    from soc2_constructs import patterns

    lines = [
        "# Constructs",
        "Each module holds all of the module of `aws_cdk` of that name; these classes replace or extend what is there. "
        "Import it instead, and nothing else in the file changes:",
        "```python\nfrom soc2_constructs import aws_s3 as s3\n```",
    ]
    for module in dict.fromkeys(module for module, _ in kinds):
        lines.append(f"## {module}")
        rows = [
            f"| [`{kind.__name__}`]({module}.md#{_slug(kind.__name__)}) | {_cell(_first(kind))} "
            f"| {len({row.control for row in _rows(kind) if row.control}) or ''} |"
            for home, kind in kinds
            if home == module
        ]
        lines.append("\n".join(["| Class | What it is | Controls enforced |", "|---|---|---|", *rows]))
    rows = [
        f"| [`{name}`](patterns.md#{_slug(name)}) | {_cell(_first(getattr(patterns, name)))} |"
        for name in patterns.__all__
    ]
    lines += ["## patterns", "\n".join(["| Pattern | What it is |", "|---|---|", *rows])]
    return _page(*lines)


def _construct_module(module: str, kinds: list[Any]) -> str:
    doc = importlib.import_module(f"soc2_constructs.{module}").__doc__ or ""
    lines = [f"# {module}", _text(doc, "../controls/"), f"```python\nfrom soc2_constructs import {module}\n```"]
    for kind in kinds:
        lines += [f"## {kind.__name__} {{ #{_slug(kind.__name__)} }}", _text(_doc(kind), "../controls/")]
        rows = [
            f"| `{row.property}` | {_cell(row.wanted)} | "
            f"{_linked(row.control, '../controls/') if row.control else 'our choice'} |"
            for row in _rows(kind)
        ]
        if rows:
            lines.append("\n".join(["| Property | What it wants | For |", "|---|---|---|", *dict.fromkeys(rows)]))
    return _page(*lines)


def _patterns() -> str:
    from soc2_constructs import patterns

    lines = [
        "# Patterns",
        "Several services that are composed, in one call each. Every part can be reached, and replaced.",
        "```python\nfrom soc2_constructs import patterns\n```",
    ]
    for name in patterns.__all__:
        lines += [f"## {name} {{ #{_slug(name)} }}", _text(_doc(getattr(patterns, name)), "../controls/")]
    return _page(*lines)


def _rows(kind: Any) -> list[Any]:
    return list(getattr(kind, "hardening", ()))


def _doc(kind: Any) -> str:
    """The docstring of the class itself, without the indentation of its source."""
    first, _, rest = (kind.__dict__.get("__doc__") or "").strip().partition("\n")
    return "\n".join([first, *(line.removeprefix("    ") for line in rest.splitlines())])


def _first(kind: Any) -> str:
    return _doc(kind).partition("\n")[0]


# Services


def service_name(control: Control) -> str:
    """The service as AWS calls it: how the docstring of the control's module begins."""
    doc = importlib.import_module(f"soc2_constructs.controls.{control.service}").__doc__ or control.service
    return re.split(r"[:,.]", doc.strip().partition("\n")[0])[0]


def _services(controls: Iterable[Control]) -> list[tuple[str, list[Control]]]:
    found: dict[str, list[Control]] = {}
    for entry in controls:
        found.setdefault(service_name(entry), []).append(entry)
    return sorted(found.items(), key=lambda item: item[0].removeprefix("Amazon ").removeprefix("AWS ").lower())


# Examples


def _examples() -> dict[str, dict[str, dict[str, Any]]]:
    """By control and outcome, its first case, or rather the first with the thresholds as they are."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for control, _, case in all_cases():
        # What a waiver is worth does not show in a template.
        if "elsewhere" not in case and "waivers" not in case:
            known = found.setdefault(control, {})
            if case["expect"] not in known or ("thresholds" in known[case["expect"]] and "thresholds" not in case):
                known[case["expect"]] = case
    return found


def shown(case: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The stacks of a case as its page shows them: each a template, format_value as a person would."""
    stacks = case.get("stacks") or {"stack": case}
    return {
        name: {
            **{word: stack[word] for word in ("region", "account") if word in stack},
            "template": _spelled(
                parse_document(stack["template"], name) if "template" in stack else {"Resources": stack["resources"]}
            ),
        }
        for name, stack in stacks.items()
    }


def said(control: Control, case: Mapping[str, Any]) -> str:
    """What the audit says of the first resource of a case that fails."""
    found = audit(assembly=assembly_of(dict(case)), include=[control.id], thresholds=case.get("thresholds"))
    failing = [each for each in found.results if each.control.id == control.id and each.status == "FAIL"]
    where = f"`{failing[0].logical_id}`: " if failing and failing[0].logical_id else ""
    return where + failing[0].message if failing else ""


def _spelled(document: Mapping[str, Any]) -> str:
    parameters = document.get("Parameters", {})
    rest = {name: value for name, value in document.items() if name != "Parameters"}
    text = _dumped(rest)
    # Cases of one control share their head; a parameter that this one does not use would only puzzle.
    used = {name: value for name, value in parameters.items() if re.search(rf"\b{re.escape(name)}\b", text)}
    return (_dumped({"Parameters": used}) if used else "") + text


def _dumped(document: Mapping[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=100, allow_unicode=True)


class _Dumper(yaml.SafeDumper):
    """Writes intrinsic functions in their short form."""

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
def _schema(kind: str) -> Mapping[str, Any]:
    """The schema of a resource type; empty where CloudFormation publishes none, as of types that a macro expands."""
    from cfnlint.schema import ResourceNotFoundError
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    try:
        return PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, kind).schema
    except ResourceNotFoundError:
        return {}


def _steps(path: str) -> tuple[str, ...]:
    return tuple(step for step in path.replace("[]", "").split(".") if step and not step.isdigit())


#: What may be the name of a property or of a resource type.
_TERM = re.compile(r"(?:AWS::\w+::\w+|\b[A-Z]\w*)(?:\[\])?(?:\.\w+(?:\[\])?)*")


def _cloudformation_terms(text: str, control: Control) -> str:
    """CloudFormation's part of a fix, with what names a property of the control's types set as code."""
    properties = {name for kind in control.resource_types for name in _schema(kind).get("properties", ())}

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
    """Plain text as Markdown: what stands in backticks stays, the rest means nothing but itself.

    Args:
        text: The text.
        to: Where the pages of controls lie; ids of controls become links to them. Default: they stay as they are.
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
    """A docstring as Markdown: its paragraphs, its code, and its sections with their items as lists."""
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
    """The items of a section of a docstring: `name: text`, with lines that continue them further in."""
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    for line in lines:
        name, colon, text = line.strip().partition(": ")
        if len(line) - len(line.lstrip()) == margin and colon:
            yield f"- `{name}`: {_prose(text, to)}"
        else:
            yield f"  {_prose(line.strip(), to)}"
