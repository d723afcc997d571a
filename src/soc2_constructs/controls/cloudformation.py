"""AWS CloudFormation."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, passed, unresolved
from soc2_constructs.controls import control


@control(
    resource_types="AWS::CloudFormation::Stack",
    kind="configuration_detection",
    severity="medium",
    fix="Put the template into the assembly (`cdk.NestedStack` does, TemplateURL alone does not), or check it too.",
)
def soc2_template_visible(stack: Resource) -> Verdict:
    """Every template of the assembly can be judged.

    What cannot be read cannot be judged: a nested stack whose template lies elsewhere, a macro or a transform that
    rewrites the template at deployment. It is named here rather than passed in silence.
    """
    reason = stack.missing_template
    return passed("its template is part of what was checked") if reason is None else unresolved("{}", reason)
