"""AWS CloudFormation."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, passed, unresolved
from soc2_constructs.cloudformation.gaps import FIX_NESTED, FIX_PRODUCT
from soc2_constructs.controls import control

_PRODUCT = "AWS::ServiceCatalog::CloudFormationProduct"
_PROVISIONED_PRODUCT = "AWS::ServiceCatalog::CloudFormationProvisionedProduct"


@control(
    resource_types=(
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::StackSet",
        "AWS::Serverless::Application",
        _PRODUCT,
        _PROVISIONED_PRODUCT,
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
    if deploying.type == _PROVISIONED_PRODUCT:
        product = deploying["ProductId"].target_of(_PRODUCT)
        if product is None:
            return unresolved("the template of the product is not part of the assembly").with_fix(FIX_PRODUCT)
        deploying = product
    gap = deploying.gap
    if gap is None:
        return passed("its template is part of the assembly")
    return unresolved("{}", gap.reason).with_fix(gap.fix)
