"""AWS CloudFormation."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, passed, unresolved
from soc2_constructs.controls import control


@control(
    resource_types="AWS::CloudFormation::Stack",
    kind="configuration_detection",
    severity="medium",
    severity_reason="Resources in a template that is not checked have no evidence.",
    fix="Declare the nested stack with `cdk.NestedStack`, which adds its template to the assembly (TemplateURL alone "
    "does not), or check that template separately.",
)
def soc2_template_visible(stack: Resource) -> Verdict:
    """Every template of the assembly can be checked.

    The template of a nested stack can be outside the assembly, and a macro or transform can rewrite a template during
    deployment. Resources in such templates are not checked. This control reports them instead of omitting them.

    Nothing changes for deployed resources.
    """
    reason = stack.missing_template
    return (
        passed("the template of the nested stack is part of the assembly")
        if reason is None
        else unresolved("{}", reason)
    )
