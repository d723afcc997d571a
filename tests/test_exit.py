"""What is left when `enforce` or the drop-in modules are taken out again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest

import soc2_constructs as soc2
from soc2_constructs.deployment import Plan, Step, compare
from soc2_constructs.deployment.plan import CHANGE, DELETED, REMOVE, SNAPSHOT
from soc2_constructs.deployment.updates import IN_PLACE, INTERRUPT, REFUSED
from support.minimal import constructors

PAGE = (Path(__file__).parent.parent / "docs" / "deployment.md").read_text()
#: Written without rules; the CDK accepts none.
WITHOUT_RULES = "aws_backup.BackupPlan"


@pytest.fixture(scope="module")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The minimal constructors of all classes: `plain`, under `enforce`, and with the drop-in modules (`drop_in`)."""
    made: dict[str, Path] = {}

    def synthesize(kind: str) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind)
            app = cdk.App(outdir=str(made[kind]))
            if kind == "enforce":
                soc2.enforce(app, report_only=True)
            for name, make in constructors(drop_in=kind == "drop_in").items():
                if name != WITHOUT_RULES:
                    env = cdk.Environment(account="111111111111", region="eu-central-1")
                    make(cdk.Stack(app, re.sub("[._]", "-", name), env=env), "Good")
            app.synth()
        return made[kind]

    return synthesize


def removals(plan: Plan) -> list[Step]:
    return [step for step in plan.steps if step.is_stateful and step.effect == REMOVE]


def class_of(step: Step) -> str:
    """The class of a construct whose stack is named after it."""
    *module, name = step.stack.split("-")
    return f"{'_'.join(module)}.{name}"


def test_enforce_can_be_taken_out_without_replacing_or_deleting_a_data_store(
    assemblies: Callable[[str], Path],
) -> None:
    plan = compare(assemblies("enforce"), assemblies("plain"))
    changes = [step for step in plan.steps if step.action == CHANGE and step.is_stateful]
    assert changes
    assert {step.effect for step in changes} <= {IN_PLACE, INTERRUPT, REFUSED}
    # The helpers leave the stack, and stay in the account: keys, buckets and log groups.
    assert removals(plan)
    assert {step.data_outcome for step in removals(plan)} == {"kept"}
    refused = {change.path for step in changes for change in step.changes if change.effect == REFUSED}
    assert refused <= {"ObjectLockEnabled"}
    assert all(f"`{path}`" in PAGE for path in refused)


def test_the_page_lists_the_data_stores_that_taking_out_the_import_would_replace(
    assemblies: Callable[[str], Path],
) -> None:
    """The import sets values that CloudFormation can set at creation only; the page names what to write first."""
    plan = compare(assemblies("drop_in"), assemblies("plain"))
    replaced = {
        (class_of(step), change.steps[0])
        for step in plan.steps
        if step.action == CHANGE and step.is_stateful and step.resource.logical_id.startswith("Good")
        for change in step.changes
        if change.effect not in (IN_PLACE, INTERRUPT)
    }
    table = re.findall(r"^\| `(aws_\w+\.\w+)` \| ([^|]+) \|", PAGE, re.M)
    listed = {(name, path) for name, paths in table for path in re.findall("`([A-Z][A-Za-z]+)`", paths)}
    assert listed == replaced


def test_taking_out_the_import_deletes_no_data_store(assemblies: Callable[[str], Path]) -> None:
    plan = compare(assemblies("drop_in"), assemblies("plain"))
    assert removals(plan)
    assert not [step for step in removals(plan) if step.data_outcome in (DELETED, SNAPSHOT)]


def test_the_page_shows_how_to_read_data_under_the_retained_key() -> None:
    assert "kms:ScheduleKeyDeletion" in PAGE
    assert "kms.Key.from_key_arn" in PAGE
