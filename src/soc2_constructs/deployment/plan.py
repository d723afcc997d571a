"""The plan of a deployment: its steps, their changes, and what happens to data."""

from __future__ import annotations

from soc2_constructs.cloudformation.verdicts import render_path
from soc2_constructs.deployment.updates import (
    EFFECTS,
    IN_PLACE,
    INTERRUPT,
    MAY_REPLACE,
    REFUSED,
    REPLACE,
    SNAPSHOT_BY_DEFAULT,
    STATEFUL,
    UNKNOWN,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.cloudformation import Declaration

    Path = tuple[str | int, ...]

ADD = "add"
REMOVE = "remove"
#: The same construct under another logical id: CloudFormation deletes the old resource and creates another.
RENAME = "rename"
CHANGE = "change"
ACTIONS = (REMOVE, RENAME, CHANGE, ADD)

#: What happens to the data of a resource that is removed or replaced, the most severe first.
DELETED = "deleted"
NOT_DECIDED = "not known"
SNAPSHOT = "snapshot"
KEPT = "kept"
DATA_OUTCOMES = (DELETED, NOT_DECIDED, SNAPSHOT, KEPT)

STACK = "AWS::CloudFormation::Stack"


class Change:
    """A change of one property."""

    __slots__ = ("after", "before", "controls", "effect", "path", "reason", "steps")

    def __init__(self, steps: Path, before: Any, after: Any, effect: str, reason: str = "") -> None:
        #: The path as keys and indices.
        self.steps = steps
        #: The path as text, such as `Rules[0].Status`.
        self.path = render_path(steps)
        #: The values in the two templates; None if the property is not set.
        self.before = before
        self.after = after
        #: One of the EFFECTS of `soc2_constructs.deployment.updates`.
        self.effect = effect
        #: Why the value changes although the template text is the same; otherwise empty.
        self.reason = reason
        #: Ids of controls that fail before the change and pass after it.
        self.controls: list[str] = []

    def __repr__(self) -> str:
        return f"<Change {self.path}: {self.effect}>"


class Step:
    """What the deployment does to one resource."""

    __slots__ = ("access", "action", "broken", "changes", "controls", "costs", "deployed", "stack", "synthesized")

    def __init__(
        self,
        action: str,
        stack: str,
        deployed: Declaration | None,
        synthesized: Declaration | None,
        changes: list[Change],
    ) -> None:
        #: One of ACTIONS.
        self.action = action
        self.stack = stack
        self.deployed = deployed
        self.synthesized = synthesized
        self.changes = changes
        #: Ids of controls that fail before and pass after the deployment, and that belong to no single property.
        self.controls: list[str] = []
        #: Ids of controls that pass before and fail after the deployment.
        self.broken: list[str] = []
        #: The requests that fail after the deployment, as text.
        self.access: list[str] = []
        #: The additional costs, as text.
        self.costs: list[str] = []

    @property
    def resource(self) -> Declaration:
        """The new version of the resource, or the deployed one if it is removed."""
        resource = self.synthesized or self.deployed
        assert resource is not None
        return resource

    @property
    def effect(self) -> str:
        """The most severe effect of the changes; the action for a resource that is added, removed or renamed."""
        if self.action != CHANGE:
            return self.action
        return min((change.effect for change in self.changes), key=EFFECTS.index, default=IN_PLACE)

    @property
    def is_stateful(self) -> bool:
        """Whether deleting the resource deletes data."""
        return is_stateful(self.deployed if self.deployed is not None else self.resource)

    @property
    def loses(self) -> bool:
        """Whether the deployed resource holds data and leaves the stack."""
        return self.is_stateful and self.effect in (REMOVE, RENAME, REPLACE)

    @property
    def data_outcome(self) -> str | None:
        """What its policies do to the data of the old resource: one of DATA_OUTCOMES; None if it stays in the stack."""
        if self.deployed is None or self.effect not in (REMOVE, RENAME, REPLACE, MAY_REPLACE):
            return None
        if self.action in (REMOVE, RENAME):
            return _outcome(self.deployed, "DeletionPolicy")
        outcomes = [
            _outcome(side, "UpdateReplacePolicy") for side in (self.deployed, self.synthesized) if side is not None
        ]
        return min(outcomes, key=DATA_OUTCOMES.index)

    @property
    def fixed(self) -> list[str]:
        """Ids of all controls that fail before and pass after the deployment."""
        return sorted({*self.controls, *(name for change in self.changes for name in change.controls)})

    @property
    def rank(self) -> int:
        """The position in a report; the most severe step has rank 0."""
        effect = self.effect
        order = (
            self.loses,
            effect == REFUSED,
            effect == MAY_REPLACE and self.is_stateful,
            effect == INTERRUPT,
            effect in (REPLACE, RENAME),
            effect == MAY_REPLACE,
            effect == UNKNOWN,
            effect == REMOVE,
            effect == IN_PLACE,
        )
        return next((number for number, holds in enumerate(order) if holds), len(order))

    def __repr__(self) -> str:
        return f"<Step {self.effect} {self.resource.logical_id}>"


class Plan:
    """All steps of a deployment, the most severe first."""

    def __init__(self, steps: list[Step], notes: list[tuple[str, str]]) -> None:
        #: The path as keys and indices.
        self.steps = steps
        #: Stacks that are not compared or stay unchanged, each with the reason.
        self.notes = notes
        #: Controls that fail before and pass after the deployment, and the reverse: (control, stack, logical id).
        #: Resources that do not change themselves are included.
        self.fixed: list[tuple[str, str, str]] = []
        self.broken: list[tuple[str, str, str]] = []

    @property
    def losses(self) -> list[Step]:
        """Stateful resources that are replaced or removed: review them before deploying."""
        return [step for step in self.steps if step.loses]

    def counts(self) -> dict[str, int]:
        """Return the number of resources per effect."""
        counts = dict.fromkeys((*EFFECTS, REMOVE, RENAME, ADD), 0)
        for step in self.steps:
            counts[step.effect] += 1
        return counts


def is_stateful(resource: Declaration) -> bool:
    """Return whether deleting a resource deletes data, messages, or the key to read them."""
    if resource.type == STACK:
        # If its template is available, its resources have steps of their own.
        return resource.nested_template is None
    if resource.type == "AWS::RDS::DBInstance":
        return resource.properties.get("DBClusterIdentifier") is None
    return resource.type in STATEFUL


def _outcome(resource: Declaration, attribute: str) -> str:
    policy = resource.body.get(attribute)
    if policy is None:
        by_default = attribute == "DeletionPolicy" and resource.type in SNAPSHOT_BY_DEFAULT and is_stateful(resource)
        return SNAPSHOT if by_default else DELETED
    known = {"Delete": DELETED, "Snapshot": SNAPSHOT, "Retain": KEPT, "RetainExceptOnCreate": KEPT}
    return known.get(policy, NOT_DECIDED) if type(policy) is str else NOT_DECIDED
