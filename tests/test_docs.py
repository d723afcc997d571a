"""The documentation: pages are complete and current, the site builds, and no text promises compliance."""

from __future__ import annotations

import ast
import html
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import soc2_constructs
from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import Assembly
from soc2_constructs.cloudformation.documents import parse_document
from soc2_constructs.controls import KINDS, Control, Kind, catalogue, format_threshold
from soc2_constructs.criteria import CRITERIA
from soc2_constructs.reports.json import schema
from support.cases import all_cases, assembly_of
from support.programs import run

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
HAND_WRITTEN = (
    "index.md",
    "getting-started.md",
    "adoption.md",
    "deployment.md",
    "judging.md",
    "waivers.md",
    "ci.md",
    "evidence.md",
)
CONTROLS = [pytest.param(entry, id=entry.id) for entry in catalogue().values()]


@pytest.fixture(scope="module")
def generate() -> Iterator[ModuleType]:
    """`scripts/generate.py`."""
    sys.path.insert(0, str(ROOT / "scripts"))
    spec = importlib.util.spec_from_file_location("generate", ROOT / "scripts" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture(scope="module")
def pages(generate: ModuleType) -> dict[Path, str]:
    """The pages that `scripts/generate.py` renders."""
    rendered: dict[Path, str] = generate.pages()
    return rendered


def texts() -> Iterator[tuple[str, str]]:
    """Every document that users read, by its path."""
    for path in [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "mkdocs.yml"]:
        yield str(path.relative_to(ROOT)), path.read_text()


def page_of(entry: Control) -> str:
    return (DOCS / "controls" / f"{entry.id}.md").read_text()


# Complete and current


def test_the_generated_pages_are_current(pages: dict[Path, str]) -> None:
    """`make generate` writes them."""
    stale = [path.name for path, text in pages.items() if not path.exists() or path.read_text() != text]
    assert not stale
    generated = {path for path in DOCS.rglob("*.md") if path.parent not in (DOCS, DOCS / "decisions")}
    assert generated == set(pages)


def test_the_navigation_is_current(generate: ModuleType) -> None:
    assert generate.site() == (ROOT / "mkdocs.yml").read_text()


def test_generate_reports_and_updates_stale_missing_and_orphaned_pages(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "docs" / "controls"
    folder.mkdir(parents=True)
    (folder / "stale.md").write_text("old")
    (folder / "orphan.md").write_text("orphan")
    current = {folder / "stale.md": "new", folder / "missing.md": "new"}
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "FILES", {})
    monkeypatch.setattr(generate, "pages", lambda: current)
    assert generate.main(["--check"]) == 1
    named = capsys.readouterr().out
    assert all(name in named for name in ("stale.md", "orphan.md", "missing.md"))
    assert (folder / "stale.md").read_text() == "old"
    assert generate.main([]) == 0
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"stale.md": "new", "missing.md": "new"}
    assert generate.main(["--check"]) == 0


@pytest.mark.parametrize("entry", CONTROLS)
def test_a_page_shows_every_field_of_its_control(entry: Control) -> None:
    page = page_of(entry).replace("\\", "")
    plain = " ".join(page.split())
    assert page.startswith(f"# {entry.title}\n")
    facts = [
        f"`{entry.id}`",
        f"{entry.severity}; ",
        f"[{KINDS[entry.kind].title}](../criteria/mapping.md#{entry.kind.replace('_', '-')})",
        f"{entry.state}, since version {entry.since}",
        entry.severity_reason.rstrip("."),
        *entry.resource_types,
        *entry.config_rules,
        *entry.prowler,
        *entry.aliases,
    ]
    facts += [f"`{name}`: `{value}`" for name, value in entry.config_parameters.items()]
    facts += [f"`{name}`, {format_threshold(value)}" for name, value in entry.thresholds.items()]
    facts += [f"{CRITERIA[name].title}**" for name in entry.criteria]
    facts += [entry.rationale(name) for name in entry.criteria]
    facts += [f": {', '.join(criteria)}" for criteria in entry.also_mapped.values()]
    facts += [source for source in entry.also_mapped if source != "inferred"]
    facts += [f"[`{name}`]({name}.md)" for name in entry.implies]
    for fact in facts:
        assert fact in page
    assert (f'"{entry.id}"' in page) == bool(entry.resource_types)
    assert (f"SOC2::{entry.id}" in page) == bool(entry.resource_types)
    assert " ".join(entry.fix_terms[0].split()) in plain
    assert entry.fix_terms[1][1:].replace("`", "") in plain.replace("`", "")


@pytest.mark.parametrize("entry", CONTROLS)
def test_every_index_links_to_the_page(entry: Control) -> None:
    assert f"({entry.id}.md)" in (DOCS / "controls" / "index.md").read_text()
    assert f"({entry.id}.md)" in (DOCS / "controls" / "by-resource-type.md").read_text()
    assert f"controls/{entry.id}.md\n" in (ROOT / "mkdocs.yml").read_text()
    for name in entry.criteria:
        assert f"(../controls/{entry.id}.md)" in section_of(name)
    _, found, rest = (DOCS / "criteria" / "mapping.md").read_text().partition(f"\n`{entry.kind}`\n")
    assert found
    assert f"(../controls/{entry.id}.md)" in rest.partition("\n## ")[0]


def section_of(criterion: str) -> str:
    slug = CRITERIA[criterion].category.lower().replace(" ", "-")
    page = (DOCS / "criteria" / f"{slug}.md").read_text()
    _, found, rest = page.partition(f"\n## {criterion} ")
    assert found, f"{criterion} has no section"
    return rest.partition("\n## ")[0]


@pytest.mark.parametrize("name", CRITERIA)
def test_every_criterion_has_a_section_with_its_texts_and_controls(name: str) -> None:
    criterion = CRITERIA[name]
    section = section_of(name)
    for text in (
        criterion.title,
        criterion.summary,
        f"**What infrastructure can show:** {criterion.shows}",
        f"**What it cannot show:** {criterion.does_not_show}",
        f"**Records that an auditor requests:** {criterion.records}",
        f"**Evidence from infrastructure:** {criterion.evidence}",
        *(kind.rationale(name) for kind in KINDS.values() if name in kind.criteria),
    ):
        assert text in section
    linked = re.findall(r"\(\.\./controls/(\w+)\.md\)", section)
    assert sorted(linked) == sorted(entry.id for entry in catalogue().values() if name in entry.criteria)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_mapping_shows_every_kind_with_its_criteria(kind: Kind) -> None:
    text = (DOCS / "criteria" / "mapping.md").read_text()
    controls = sum(entry.kind == kind.id for entry in catalogue().values())
    row = f"| {kind.criteria[0]} | {', '.join(kind.criteria[1:])} | {controls or ''} |"
    assert f"[{kind.title}](mapping.md#{kind.id.replace('_', '-')}) {row}" in text
    _, found, rest = text.partition(f"\n`{kind.id}`\n")
    assert found
    section = rest.partition("\n## ")[0]
    assert re.findall(r"^- \*\*\[([\w.]+)\]", section, re.M) == list(kind.criteria)
    assert all(kind.rationale(name) in section for name in kind.criteria)
    assert len(re.findall(r"\(\.\./controls/\w+\.md\)", section)) == controls


def test_the_index_counts_the_criteria_that_infrastructure_can_support() -> None:
    levels = [criterion.evidence for criterion in CRITERIA.values()]
    supported = len(levels) - levels.count("none")
    index = (DOCS / "criteria" / "index.md").read_text()
    assert f"Infrastructure can support {supported} of the {len(CRITERIA)} criteria" in index
    assert f"The other {levels.count('none')} depend on people, policies and records alone" in index


def test_every_hardened_class_has_a_section_with_its_rows(generate: ModuleType) -> None:
    classes = list(generate.hardened_classes())
    assert len(classes) > 20
    for module, kind in classes:
        page = (DOCS / "constructs" / f"{module}.md").read_text()
        _, found, rest = page.partition(f"\n## {kind.__name__} ")
        assert found, f"{module}.{kind.__name__} has no section"
        section = rest.partition("\n## ")[0]
        for row in kind.hardening:
            assert f"| `{row.property}` |" in section
            if row.control:
                assert f"(../controls/{row.control}.md)" in section
                mention = f"(../constructs/{module}.md#{kind.__name__.lower()}) | `{row.property}` |"
                assert mention in page_of(catalogue()[row.control])


def test_every_pattern_has_a_section() -> None:
    from soc2_constructs import patterns

    page = (DOCS / "constructs" / "patterns.md").read_text()
    assert all(f"\n## {name} " in page for name in patterns.__all__)


def test_pages_show_replacement_exactly_where_the_schema_defines_it() -> None:
    replaced = page_of(catalogue()["rds_db_instance_encryption_at_rest_enabled"])
    assert "A change of `StorageEncrypted` of `AWS::RDS::DBInstance` replaces the resource." in replaced
    maybe = page_of(catalogue()["rds_db_instance_backup_enabled"])
    assert "A change of `BackupRetentionPeriod` of `AWS::RDS::DBInstance` may replace the resource." in maybe
    assert "Replacement" not in page_of(catalogue()["s3_bucket_versioning_enabled"])


# Correct


def outcomes() -> list[Any]:
    """Each control and outcome with the case that its page shows."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for control, _, case in all_cases():
        key = (control, case["expect"])
        if "elsewhere" in case or "waivers" in case or case["expect"] == "unresolved":
            continue
        if key not in found or ("thresholds" in found[key] and "thresholds" not in case):
            found[key] = case
    return [pytest.param(control, expect, case, id=f"{control}-{expect}") for (control, expect), case in found.items()]


@pytest.mark.parametrize(("control", "expect", "case"), outcomes())
def test_the_examples_of_a_page_have_the_outcome_that_it_states(
    control: str, expect: str, case: dict[str, Any], generate: ModuleType
) -> None:
    """Judge the printed YAML: rendering must not change the verdict."""
    stacks = generate.docs.shown(case)
    page = page_of(catalogue()[control])
    for stack in stacks.values():
        assert f"\n{stack['template']}```" in page
    results = [
        result
        for result in audit(
            assembly=assembly_of({"stacks": stacks}),
            include=[control],
            thresholds=case.get("thresholds"),
            today=case.get("today"),
        ).results
        if result.control.id == control
        and (result.template is not None) == (case.get("judge") != "assembly")
        and case.get("judge", "assembly") in ("assembly", "each", result.logical_id)
    ]
    worst = max(results, key=lambda result: ("PASS", "UNRESOLVED", "FAIL").index(result.status))
    assert worst.status.lower() == expect, worst.message


def test_the_templates_of_the_guide_have_the_status_in_their_title() -> None:
    blocks = re.findall(r'```yaml title="([A-Z]+)"\n(.*?)```', (DOCS / "judging.md").read_text(), re.S)
    assert {status for status, _ in blocks} == {"PASS", "FAIL", "UNRESOLVED"}
    for status, text in blocks:
        found = audit(
            assembly=Assembly.of_document(parse_document(text, "guide")), include=["s3_bucket_versioning_enabled"]
        )
        assert [result.status for result in found.results if result.logical_id == "Files"] == [status], text


#: A snippet that is a complete app; others are fragments of one.
_PROGRAM = "app.synth()\n"


def snippets() -> Iterator[Any]:
    """The Python code of the README and the handwritten pages."""
    for path in [
        ROOT / "README.md",
        *(DOCS / name for name in HAND_WRITTEN),
        *sorted((DOCS / "decisions").glob("*.md")),
    ]:
        for number, code in enumerate(re.findall(r"```python\n(.*?)```", path.read_text(), re.S), 1):
            yield pytest.param(code, id=f"{path.name} {number}")


def errors_shown() -> Iterator[Any]:
    """The error messages of constructs that the README and the handwritten pages show."""
    for path in [ROOT / "README.md", *(DOCS / name for name in HAND_WRITTEN)]:
        for text in re.findall(r"```\nNonCompliantError: (.*?)\n```", path.read_text(), re.S):
            yield pytest.param(text, id=path.name)


def test_there_are_snippets_to_test() -> None:
    programs = [
        each.id for each in snippets() if each.values[0].endswith(("app.synth()\n", "print(enforcement.report())\n"))
    ]
    assert {"README.md 2", "getting-started.md 1", "getting-started.md 2"} <= set(programs)
    assert [each.id for each in errors_shown()] == ["README.md", "getting-started.md"]


@pytest.mark.parametrize("code", list(snippets()))
def test_every_snippet_is_python_and_every_program_runs(code: str, tmp_path: Path) -> None:
    names = {name for node in ast.walk(ast.parse(code)) for name in imported(node)}
    assert all(hasattr(soc2_constructs, name) or importlib.util.find_spec(f"soc2_constructs.{name}") for name in names)
    if _PROGRAM in code:
        (tmp_path / "app.py").write_text(code.replace("Soc2Checks(app)", "Soc2Checks(app, report_only=True)"))
        done = run(tmp_path / "app.py", tmp_path / "cdk.out")
        assert done.returncode == 0, done.stderr
        assert list((tmp_path / "cdk.out").glob("*.template.json"))


def imported(node: ast.AST) -> list[str]:
    """The names that a statement imports from `soc2_constructs` itself."""
    if isinstance(node, ast.ImportFrom) and node.module == "soc2_constructs":
        return [alias.name for alias in node.names]
    return []


@pytest.mark.parametrize("text", list(errors_shown()))
def test_the_error_that_the_guide_shows_is_raised(text: str) -> None:
    import aws_cdk as cdk

    from soc2_constructs import aws_s3 as s3

    with pytest.raises(soc2_constructs.NonCompliantError) as caught:
        s3.Bucket(cdk.Stack(cdk.App(), "Shop"), "Files", versioned=False)
    assert str(caught.value) == text


def test_every_decision_has_the_sections_of_an_adr() -> None:
    pages = sorted((DOCS / "decisions").glob("0*.md"))
    assert len(pages) == 11
    index = (DOCS / "decisions" / "index.md").read_text()
    for number, path in enumerate(pages, 1):
        text = path.read_text()
        assert text.startswith(f"# {number}. ")
        assert re.findall(r"^## (.+)$", text, re.M) == [
            "Status",
            "Context",
            "Decision",
            "Consequences",
            "Alternatives",
        ], path.name
        assert f"[{number}. " in index
        assert f"({path.name})" in index


def test_the_page_about_evidence_names_every_field() -> None:
    text = (DOCS / "evidence.md").read_text()
    found = schema()["properties"]
    names = [*found, *found["summary"]["properties"], *found["results"]["items"]["properties"]]
    names += found["criteria"]["additionalProperties"]["properties"]
    names += found["results"]["items"]["properties"]["waiver"]["oneOf"][1]["properties"]
    names += found["skipped"]["items"]["properties"]
    names += found["baseline"]["oneOf"][1]["properties"]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_guide_uses_valid_options() -> None:
    from soc2_constructs.cli import _parser

    text = "".join((DOCS / name).read_text() for name in HAND_WRITTEN)
    commands = _parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr,index]
    known = {option for command in commands.values() for option in command._option_string_actions}
    # Commands of the AWS CLI and the CDK CLI have options of their own.
    text = re.sub(r"(?m)^\s*(aws|cdk|npx cdk) (.*\\\n)*.*$", "", text)
    text = re.sub(r"`(aws|cdk) [^`]*`", "", text)
    # Options of the CDK CLI and pip.
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - {"--quiet", "--all"}
    assert used <= known


def test_control_ids_in_the_guide_are_in_the_catalogue() -> None:
    for name in HAND_WRITTEN:
        for service in {entry.service for entry in catalogue().values()}:
            for found in re.findall(rf"\b{service}_[a-z0-9]+_[a-z0-9_]+\b", (DOCS / name).read_text()):
                assert found in catalogue(), f"{name} names {found}"


# Built


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    # Without --quiet, which hides warnings from --strict as well.
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_contains_and_indexes_every_page(site: Path) -> None:
    for path in DOCS.rglob("*.md"):
        assert (site / path.relative_to(DOCS)).with_suffix(".html").exists()
    index = json.loads((site / "search" / "search_index.json").read_text())
    titles = {entry["location"]: html.unescape(entry["title"]) for entry in index["docs"]}
    for entry in catalogue().values():
        assert titles[f"controls/{entry.id}.html"].replace("`", "") == entry.title.replace("`", "")


def test_the_site_loads_no_external_resources(site: Path) -> None:
    loads = re.compile(r"<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=[\"']?((?:https?:)?//[^\"'\s>]+)")
    for path in site.rglob("*.html"):
        assert loads.findall(path.read_text()) == [], path.name
    for path in site.rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", path.read_text()), path.name


# Words


@pytest.mark.parametrize(("name", "text"), list(texts()))
def test_no_page_contains_a_machine_path_or_registry_host(name: str, text: str) -> None:
    assert not re.search(r"(?<![\w.:/])/(?:work|home|root|Users|usr|opt|private|var/folders)/", text), name
    assert not re.search(r"\b(?:pypi\.org|pythonhosted|registry\.npmjs)", text), name


_PROMISE = re.compile(
    r"""\b(?:
        (?:makes?|keeps?|gets?|renders?)\ (?:you|your|any\w+|every\w+|an?\ \w+|the\ \w+)\b[^.]*\bcompliant
        | (?:you|your\ \w+)\ (?:are|is|become|becomes|stay|stays|will\ be)\ (?:\w+\ ){0,3}(?:compliant|certified)
        | (?:guarantees?|ensures?|achieves?|certifies|certify)\b[^.]*\b(?:complian|SOC|audit|criteri)\w*
        | pass(?:es|ing)?\ (?:your|the|an|any)\ (?:SOC\ ?2\ )?audit\b
        | audit[- ]ready
        | (?:meets?|satisf\w+|fulfils?|fulfills?)\ (?:the|a|every|all|each)?\ ?(?:SOC|trust|criteri)\w*
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_DENIAL = re.compile(
    r"\b(?:nobody|no one|nothing|never|not|cannot|do not)\b|people, policies and reviews", re.IGNORECASE
)


def promises(text: str) -> list[str]:
    """Return the sentences that claim compliance as an effect of using this library, without a negation."""
    # A heading such as "What it does not do" negates its whole section.
    sections = [section for section in text.split("\n## ") if not _DENIAL.search(section.partition("\n")[0])]
    plain = " ".join("\n\n".join(sections).replace("\n\n", ". ").split())
    sentences = re.split(r"(?<=[.!?:;|])\s", plain)
    return [one for one in sentences if _PROMISE.search(one) and not _DENIAL.search(one)]


@pytest.mark.parametrize(("name", "text"), list(texts()))
def test_no_page_promises_compliance(name: str, text: str) -> None:
    assert promises(text) == [], name


@pytest.mark.parametrize(
    "sentence",
    [
        "It makes you compliant.",
        "With it your company is SOC 2 compliant.",
        "It ensures compliance.",
        "You will pass the audit.",
        "Our constructs meet the criteria.",
        "An audit-ready library.",
    ],
)
def test_a_promise_of_compliance_is_detected(sentence: str) -> None:
    assert promises(f"All is well. {sentence} Really.") == [sentence]
