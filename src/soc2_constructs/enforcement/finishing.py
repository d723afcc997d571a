"""Settings that enforcement makes at synthesis, because the properties of the CDK cannot express them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from weakref import WeakKeyDictionary

from soc2_constructs.hardening import Hardening, PropsContext, building

import aws_cdk as cdk
import jsii
from constructs import Construct, IConstruct

from soc2_constructs.deployment.updates import IN_PLACE
from soc2_constructs.enforcement.changes import Change

#: The id of the construct, one per app or stage, whose Aspect finishes the constructs of the app or stage.
FINISHER_ID = "Soc2Enforcement"


class Finisher:
    """Runs the `after` hooks of the tables when the app is synthesized.

    Args:
        changes: The list to which the finisher adds its changes.
    """

    def __init__(self, changes: list[Change]) -> None:
        self._changes = changes
        self._pending: WeakKeyDictionary[IConstruct, list[tuple[Hardening, PropsContext]]] = WeakKeyDictionary()

    def postpone(self, table: Hardening, context: PropsContext) -> None:
        """Finish a construct at synthesis, when the user has called all its methods."""
        stage = cdk.Stage.of(context.scope)
        assert stage is not None
        pending = self._pending.get(stage)
        if pending is None:
            pending = self._pending[stage] = []
            self._add_aspect(stage)
        pending.append((table, context))

    def _add_aspect(self, stage: cdk.Stage) -> None:
        holder = stage.node.try_find_child(FINISHER_ID) or Construct(stage, FINISHER_ID)
        aspect = _FinishingAspect(lambda: self._finish(stage))
        cdk.Aspects.of(holder).add(cast(Any, aspect), priority=int(cdk.AspectPriority.MUTATING))

    def _finish(self, stage: IConstruct) -> None:
        pending = self._pending.get(stage, [])
        while pending:
            table, context = pending.pop(0)
            construct = context.scope.node.try_find_child(context.id)
            if construct is None or table.after is None:
                continue
            with building():
                table.after(construct, context)
            path = context.path if context.recorded_changes else ""
            for property, value, control in context.recorded_changes:
                self._changes.append(Change(path, property, value, control, IN_PLACE, applied=True))


@jsii.implements(cdk.IAspect)
class _FinishingAspect:
    """An Aspect on one construct without children: an Aspect on the app would be called for every construct."""

    def __init__(self, finish: Callable[[], None]) -> None:
        self._finish = finish

    @jsii.member(jsii_name="visit")
    def visit(self, node: IConstruct) -> None:  # noqa: ARG002 - the construct that holds the Aspect
        self._finish()
