"""AWS CloudFormation."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, passed, unresolved
from soc2_constructs.cloudformation.gaps import FIX_NESTED
from soc2_constructs.controls import control


@control(
    resource_types=(
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::StackSet",
        "AWS::Serverless::Application",
        "AWS::ServiceCatalog::CloudFormationProduct",
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
    ),
    kind="configuration_detection",
    severity="medium",
    severity_reason="Resources in a template that is not checked have no evidence.",
    fix=FIX_NESTED,
)
def soc2_template_visible(deploying: Resource) -> Verdict:
    """Every template of the assembly can be checked.

    The template of a nested stack, a stack set or a Service Catalog product can be outside the assembly, and a module,
    macro or transform can add or rewrite resources during deployment. These resources are not checked. This control
    reports them instead of omitting them.

    The transforms for hosted secret rotation and AWS::LanguageExtensions pass. Nothing changes for deployed resources.
    """
    gap = deploying.gap
    if gap is None:
        return passed("its template is part of the assembly")
    return unresolved("{}", gap.reason).with_fix(gap.fix)
