"""The finishing step at synthesis, for drop-in classes and `enforce` alike.

A constructor sets values before the app shows who uses the resource. The finishing step runs when the user has called
all methods. It may add statements to policies, and take back values of this library that a consumer cannot use. It
never changes a value of the user.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, cast
from weakref import WeakKeyDictionary

from soc2_constructs.hardening.decorator import building
from soc2_constructs.hardening.view import View

import aws_cdk as cdk
import jsii
from constructs import Construct, IConstruct, IValidation

#: The id of the construct, one per app or stage, that carries the finishing step.
FINISHER_ID = "Soc2Finishing"
#: The Aspect runs after those of the user, which have priority 500 by default, and before those that only read.
PRIORITY = 900

#: A step; it receives the resources of the stage.
Step = Callable[[View], object]


class Phase(enum.IntEnum):
    """The order of the steps."""

    #: Settings that the properties of the CDK cannot express.
    COMPLETE = 0
    #: Values of this library that a consumer cannot use.
    TAKE_BACK = 1
    #: One policy per resource.
    MERGE = 2
    #: Permission for the default key, for the principals that resource policies let in.
    LET_IN = 3
    #: The statements of the default key, once all users are known.
    WRITE = 4


def finish(scope: IConstruct, phase: Phase, step: Step) -> None:
    """Run a step when the stage of a construct is synthesized.

    Args:
        scope: A construct of the stage.
        phase: The phase of the step.
        step: The step.
    """
    stage = cdk.Stage.of(scope)
    assert stage is not None
    finishing = _finishings.get(stage)
    if finishing is None:
        finishing = _finishings[stage] = _Finishing(stage)
    finishing.steps.setdefault(phase, []).append(step)


class _Finishing:
    """The steps of a stage.

    The Aspect sits on one construct without children: an Aspect on the app would be called for every construct. A
    construct that another Aspect creates, as CDK Pipelines do, may register its steps after that; the validation of the
    same construct runs them.
    """

    def __init__(self, stage: cdk.Stage) -> None:
        self._stage = stage
        self.steps: dict[Phase, list[Step]] = {}
        holder = Construct(stage, FINISHER_ID)
        cdk.Aspects.of(holder).add(cast(Any, _Aspect(self.run)), priority=PRIORITY)
        holder.node.add_validation(cast(Any, _Validation(self.run)))

    def run(self) -> None:
        """Run all steps, phase by phase; a step may register further ones."""
        view = View(self._stage)
        with building():
            while self.steps:
                phase = min(self.steps)
                for step in self.steps.pop(phase):
                    step(view)
                if phase == Phase.COMPLETE:
                    # The steps may have added resources.
                    view = View(self._stage)


_finishings: WeakKeyDictionary[IConstruct, _Finishing] = WeakKeyDictionary()


@jsii.implements(cdk.IAspect)
class _Aspect:
    def __init__(self, run: Callable[[], None]) -> None:
        self._run = run

    @jsii.member(jsii_name="visit")
    def visit(self, node: IConstruct) -> None:  # noqa: ARG002 - the construct that carries the Aspect
        self._run()


@jsii.implements(IValidation)
class _Validation:
    def __init__(self, run: Callable[[], None]) -> None:
        self._run = run

    @jsii.member(jsii_name="validate")
    def validate(self) -> list[str]:
        self._run()
        return []
