"""Results of an audit."""

from __future__ import annotations

from soc2_constructs.audit.cdk_helpers import is_exempt
from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soc2_constructs.cloudformation import Declaration, Template, Verdict
    from soc2_constructs.controls import Control
    from soc2_constructs.waivers import Waiver

WAIVED = "WAIVED"
STATUSES = (PASS, FAIL, WAIVED, UNRESOLVED)


class Result:
    """The result of one control on one resource, in one region, or on the assembly as a whole.

    Args:
        control: The control.
        verdict: The verdict; resources with the same fingerprint share it.
        resource: The resource, where the result is about one.
        template: The template, where the result is about no single resource.
        suffix: The conditions on which the verdict depends, in words. Default none.
        waiver: The waiver in force, or None.
        judged_waiver: The waiver that the result is about, where it is about one.
    """

    __slots__ = (
        "_suffix",
        "control",
        "in_baseline",
        "judged_waiver",
        "resource",
        "status",
        "template",
        "verdict",
        "waiver",
    )

    def __init__(
        self,
        control: Control,
        verdict: Verdict,
        resource: Declaration | None = None,
        template: Template | None = None,
        suffix: str = "",
        waiver: Waiver | None = None,
        judged_waiver: Waiver | None = None,
    ) -> None:
        self.control = control
        self.judged_waiver = judged_waiver
        self.resource = resource
        self.template = resource.template if resource is not None else template
        self.status = verdict.status
        self.waiver: Waiver | None = None
        #: Whether it is a failure in the baseline, which is reported but does not fail the check.
        self.in_baseline = False
        self.verdict = verdict
        self._suffix = suffix
        if waiver is not None and verdict.status is not PASS:
            self.waive(waiver)

    def waive(self, waiver: Waiver | None) -> None:
        """Apply a waiver in force to a result that is not passed."""
        self.waiver = waiver
        self.status = WAIVED

    @property
    def message(self) -> str:
        """The observation, and the parameters and conditions on which it depends."""
        return self.verdict.message + self._suffix

    @property
    def fix(self) -> str:
        """The text of the fix: of the verdict where it depends on the cause, else of the control."""
        return self.verdict.fix or self.control.fix

    @property
    def property_path(self) -> str:
        return self.verdict.property_path

    @property
    def is_cdk_helper(self) -> bool:
        """Whether the CDK created the resource and the failure does not fail the check: it is only reported."""
        if self.status in (PASS, WAIVED) or self.resource is None:
            return False
        return is_exempt(self.control, self.resource)

    @property
    def logical_id(self) -> str | None:
        return self.resource.logical_id if self.resource is not None else None

    @property
    def construct_path(self) -> str | None:
        if self.resource is not None:
            return self.resource.construct_path
        return self.judged_waiver.place if self.judged_waiver is not None else None

    @property
    def source(self) -> str | None:
        """Where in the user's Python the construct was made, as "app.py:12"; None where the assembly does not tell."""
        return self.template.sources.of(self.construct_path) if self.template is not None else None

    @property
    def template_path(self) -> str | None:
        return self.template.path if self.template is not None else None

    def __repr__(self) -> str:
        return f"<Result {self.status} {self.control.id} {self.logical_id}: {self.message}>"
