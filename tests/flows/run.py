"""Run a flow in one of three modes: it works, is refused loudly, or breaks."""

from __future__ import annotations

import json
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

import soc2_constructs as soc2
from flows.access import Access
from flows.catalogue import Flow, Modules, Site
from flows.laws import problems
from flows.world import Stack, World, without_policies
from soc2_constructs.controls import catalogue

#: Plain CDK; one line of `enforce`; the import swap.
PLAIN, ENFORCE, DROP_IN = MODES = ("plain", "enforce", "drop_in")
#: The flow works, the synthesis refuses or announces it, or it stops working in silence.
WORKS, REFUSED, BREAKS = ("works", "refused", "breaks")

#: The recommended feature flags of aws-cdk-lib 2.275.0.
FLAGS: dict[str, Any] = json.loads((Path(__file__).parent / "recommended_flags.json").read_text())

#: Remarks of `enforce` that announce nothing about a flow: replacements held back, injectors of the user's.
_OTHER_REMARKS = (
    "soc2_enforcement_completes",
    "soc2_enforcement_reaches",
    "soc2_enforcement_allowance_is_used",
)


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run.

    Attributes:
        status: One of `WORKS`, `REFUSED` and `BREAKS`.
        reasons: The problems, one by one; for a refusal the warnings or the error.
        idle: Requests that AWS would serve without any policy too, which therefore prove nothing.
    """

    status: str
    reasons: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.status}: " + "; ".join(self.reasons) if self.reasons else self.status


def run(flow: Flow, mode: str, *, flags: bool = False) -> Outcome:
    """Build the app of a flow, synthesize it, and evaluate the templates.

    Args:
        flow: The flow.
        mode: One of `MODES`.
        flags: Whether the app has the feature flags that `cdk init` writes. Default False.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _run(flow, mode, FLAGS if flags else {}, Path(folder))


def _run(flow: Flow, mode: str, context: dict[str, Any], folder: Path) -> Outcome:
    app = cdk.App(outdir=str(folder), context=context)
    try:
        if mode == ENFORCE:
            soc2.enforce(app, report_only=True)
        site = Site(app, Modules(drop_in=mode == DROP_IN))
        needs = list(flow.build(site))
        assembly = app.synth()
    except (RuntimeError, ValueError) as error:
        text = _message(error)
        # An error of the CDK that names no control does not count as a refusal: it gives the user no fix.
        return Outcome(REFUSED if _is_ours(error) or _names_control(text) else BREAKS, (f"raises: {text}",))
    assert needs, f"{flow.name} asks for nothing"
    stacks = [
        Stack(each.id, each.environment.account, each.environment.region, each.template, each.stack_name)
        for each in assembly.stacks_recursively
    ]
    nested = _nested(app, stacks, folder)
    world = World(stacks, nested, site.outside)
    found = [f"{need}: {problem}" for need in needs if (problem := need.problem(world))]
    found += problems(world)
    if not found:
        bare = World(*without_policies(stacks, nested))
        idle = [str(need) for need in needs if isinstance(need, Access) and not need.problem(bare)]
        return Outcome(WORKS, idle=tuple(idle))
    places = [need.on.node.path for need in needs]
    announced = [text for path, text in _announcements(folder) if any(_related(path, place) for place in places)]
    return Outcome(REFUSED, tuple(announced)) if announced else Outcome(BREAKS, tuple(dict.fromkeys(found)))


def _nested(app: cdk.App, stacks: list[Stack], folder: Path) -> dict[tuple[str, str], Stack]:
    """The nested stacks, by the template and the logical id of their resource."""
    found: dict[tuple[str, str], Stack] = {}
    if any(body["Type"] == "AWS::CloudFormation::Stack" for each in stacks for body in each.resources.values()):
        for child in app.node.find_all():
            if isinstance(child, cdk.NestedStack):
                parent = child.nested_stack_parent
                assert parent is not None
                assert child.nested_stack_resource is not None
                file = child.template_file
                template = json.loads((folder / file).read_text())
                key = parent.template_file if parent.nested_stack_parent else parent.artifact_id
                id = parent.resolve(child.nested_stack_resource.logical_id)
                found[key, id] = Stack(file, child.account, child.region, template)
    return found


def _message(error: Exception) -> str:
    """The message of an error, without the stack of the JavaScript side."""
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _is_ours(error: Exception) -> bool:
    """Whether the library raised an error itself."""
    frames = traceback.extract_tb(error.__traceback__)
    return Path(frames[-1].filename).is_relative_to(Path(soc2.__file__).parent)


def _names_control(text: str) -> bool:
    return any(id in text for id in catalogue())


def _announcements(folder: Path) -> Iterator[tuple[str, str]]:
    """Warnings that name a control, and remarks of `enforce`: the path of a construct, and the text."""
    for file in folder.rglob("*.metadata.json"):
        for path, entries in json.loads(file.read_text()).items():
            for entry in entries:
                if entry["type"] in ("aws:cdk:warning", "aws:cdk:error") and _names_control(str(entry.get("data"))):
                    yield path.strip("/"), str(entry["data"])
    for file in folder.rglob("validation-report.json"):
        for report in json.loads(file.read_text()).get("pluginReports", []):
            for violation in report.get("violations", []):
                rule = str(violation.get("ruleName", "")).rpartition("::")[2]
                if rule.startswith("soc2_enforcement") and rule not in _OTHER_REMARKS:
                    for one in violation.get("violatingConstructs", []):
                        yield str(one.get("constructPath")), str(violation.get("description"))


def _related(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/") or (place.startswith(f"{path}/") and "/" in path)
