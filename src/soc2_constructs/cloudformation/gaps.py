"""Gaps: parts of a deployment that no template shows, each with its reason and the text of its fix."""

from __future__ import annotations

from soc2_constructs.cloudformation.values import format_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_PROCESSED = "check the template that `aws cloudformation get-template --template-stage Processed` prints"

FIX_NESTED = (
    "Declare the nested stack with `cdk.NestedStack`, which adds its template to the assembly (TemplateURL alone does "
    "not), or check that template separately."
)
FIX_SEPARATE = "Check that template separately, or add it to the assembly as a file asset or in TemplateBody."
FIX_PRODUCT = (
    "Declare the template of the product with `servicecatalog.ProductStack`, which adds it to the assembly, or check "
    "that template separately."
)
FIX_MODULE = f"Declare the resources of the module in the template, or deploy it to a test account and {_PROCESSED}."
FIX_TRANSFORM = f"Write the result of the transform into the template, or deploy it to a test account and {_PROCESSED}."
FIX_LOOP = f"Write the collection of the loop as a list of literal strings, or {_PROCESSED}."
FIX_TARGETS = (
    "Check the accounts and regions of the stack set in AWS Config, or deploy its template by stacks of the app."
)
FIX_VERSION = "Upgrade soc2-constructs: `pip install --upgrade soc2-constructs`."

#: Fixes of gaps that hide no resource of the templates: they fail only a strict check.
STRICT_ONLY = (FIX_TARGETS, FIX_VERSION)

STACK = "AWS::CloudFormation::Stack"
STACK_SET = "AWS::CloudFormation::StackSet"
APPLICATION = "AWS::Serverless::Application"
PRODUCT = "AWS::ServiceCatalog::CloudFormationProduct"
PROVISIONED_PRODUCT = "AWS::ServiceCatalog::CloudFormationProvisionedProduct"

#: Types that deploy templates, with the fix where a template is missing.
DEPLOYING = {
    STACK: FIX_NESTED,
    STACK_SET: FIX_SEPARATE,
    APPLICATION: FIX_SEPARATE,
    PRODUCT: FIX_PRODUCT,
    PROVISIONED_PRODUCT: FIX_PRODUCT,
}
NOT_HERE = "its template is not part of the assembly"

#: Transforms that add nothing to what the template shows: the first is expanded by `language_extensions`; the others,
#: which the CDK adds for `SecretRotation` and hosted rotation, add the rotation function of AWS. Source: "Transform
#: reference" and "AWS::SecretsManager transform", AWS CloudFormation User Guide.
_KNOWN_TRANSFORMS = ("AWS::LanguageExtensions", "AWS::SecretsManager-2020-07-23", "AWS::SecretsManager-2024-09-16")
_MODULE = "::MODULE"


class Gap:
    """A part of a deployment that no template shows.

    Attributes:
        reason: Why it is not judged.
        fix: The text of the fix.
        logical_id: The resource that has or deploys the part; None where it concerns the template.
    """

    __slots__ = ("fix", "logical_id", "reason")

    def __init__(self, reason: str, fix: str, logical_id: str | None = None) -> None:
        self.reason = reason
        self.fix = fix
        self.logical_id = logical_id

    @property
    def is_part(self) -> bool:
        """Whether resources are missing. Other gaps fail only a strict check."""
        return self.fix not in STRICT_ONLY

    def __repr__(self) -> str:
        return f"<Gap {self.logical_id or 'template'}: {self.reason}>"


def gaps_of(document: dict[str, Any]) -> Iterator[Gap]:
    """The gaps of a template after its loops are expanded; those of nested templates are found by the loader."""
    for transform in _listed(document.get("Transform")):
        if transform not in _KNOWN_TRANSFORMS:
            shown = format_value(transform.get("Name") if type(transform) is dict else transform)
            yield Gap(f"the transform {shown} may add or change resources", FIX_TRANSFORM)
    if "Fn::Transform" in document:
        yield Gap("Fn::Transform is expanded only at deployment", FIX_TRANSFORM)
    for logical_id, body in document["Resources"].items():
        if logical_id.startswith("Fn::ForEach::"):
            yield Gap(f"{logical_id} is expanded only at deployment", FIX_LOOP)
        elif logical_id.startswith("Fn::"):
            yield Gap(f"{logical_id} is expanded only at deployment", FIX_TRANSFORM)
        elif "Type" not in body:
            yield Gap(f"{logical_id} is expanded by Fn::Transform only at deployment", FIX_TRANSFORM)
        elif body["Type"].endswith(_MODULE):
            yield Gap(f"the module {body['Type']} adds resources only at deployment", FIX_MODULE, logical_id)


def transformed(bodies: dict[str, dict[str, Any]]) -> Iterator[Gap]:
    """The gaps of resources with a Fn::Transform or a loop that is left, at any depth."""
    for logical_id, body in bodies.items():
        waiting: list[Any] = [body]
        while waiting:
            node = waiting.pop()
            if type(node) is dict:
                loop = next((key for key in node if key.startswith("Fn::ForEach::")), None)
                if "Fn::Transform" in node:
                    yield Gap("a part of it is expanded by Fn::Transform only at deployment", FIX_TRANSFORM, logical_id)
                    break
                if loop is not None:
                    yield Gap(f"{loop} is expanded only at deployment", FIX_LOOP, logical_id)
                    break
                waiting.extend(node.values())
            elif type(node) is list:
                waiting.extend(node)


def _listed(transforms: Any) -> list[Any]:
    if transforms is None:
        return []
    return transforms if type(transforms) is list else [transforms]
