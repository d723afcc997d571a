"""Resources that the CDK creates itself: the functions behind its custom resources, their roles and log groups.

The user cannot configure them, so some of their failures are reported but never fail a check. A name proves nothing: a
helper is known by the class of its construct in the construct tree of a cloud assembly.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soc2_constructs.cloudformation import Declaration
    from soc2_constructs.controls import Control

#: Kinds of controls that a helper has to meet like every other resource.
_NEVER_EXEMPT = (
    "authentication",
    "encryption_at_rest",
    "encryption_in_transit",
    "permissions",
    "public_data",
    "secrets",
)

_FUNCTION = "aws-cdk-lib.aws_lambda.Function"
_NESTED_STACK = "aws-cdk-lib.NestedStack"
_PLAIN = "constructs.Construct"
#: The id and the class of the constructs, one per stack, that the CDK adds itself. Most ids contain the UUID of the
#: shared function, so that a user's construct does not have the same id by accident.
_SINGLETONS = {
    "@aws-cdk--aws-dynamodb.ReplicaProvider": _NESTED_STACK,
    "@aws-cdk--aws-eks.ClusterResourceProvider": _NESTED_STACK,
    "AWS679f53fac002430cb0da5b7982bd2287": _FUNCTION,
    "AWSb4cf1abd4e4f4bc699441af7ccd9ec37": _FUNCTION,
    "BucketNotificationsHandler050a0587b7544547bf325f094a3db834": _PLAIN,
    "CrossRegionAwsSdk8a0c93f3dbef4b71ac137aaf2048ce7e": _FUNCTION,
    "Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C": _FUNCTION,
    "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a": _PLAIN,
    "SingletonLambda224e77f9a32e4b4dac32983477abba16": _FUNCTION,
}
#: The class of the providers for automatic deletion of objects and images, exports to other regions, and closed default
#: security groups. A provider of a user is a `CustomResourceProvider`.
_PROVIDER = ("CustomResourceProvider", "aws-cdk-lib.CustomResourceProviderBase")
#: EKS has one provider for each cluster.
_KUBECTL = ("-KubectlProvider", ("aws-cdk-lib.aws_eks.KubectlProvider", _NESTED_STACK))


def is_exempt(control: Control, declaration: Declaration) -> bool:
    """Whether a failure of a control on a resource does not fail the check, because the CDK created the resource.

    Args:
        control: The control.
        declaration: The resource.
    """
    if control.severity == "high" or control.kind in _NEVER_EXEMPT:
        return False
    return is_made_by_cdk(declaration)


def is_made_by_cdk(declaration: Declaration) -> bool:
    """Whether the CDK created a resource itself and offers no way to configure it."""
    tree, path = declaration.template.tree, declaration.construct_path
    if tree is None or path is None:
        return False
    steps = path.split("/")
    if not any(_may_be_helper(step) for step in steps[:-1]):
        return False
    # The path in a template can be written by hand; the CDK writes the path of a logical id beside the template.
    if declaration.template.construct_paths.get(declaration.logical_id, path) != path:
        return False
    return any(
        _is_helper(steps[end - 1], fqn)
        for end in range(1, len(steps))
        if _may_be_helper(steps[end - 1]) and (fqn := tree.class_of("/".join(steps[:end]))) is not None
    )


def _may_be_helper(step: str) -> bool:
    """Whether the id of a construct is that of a helper; the class decides."""
    return _singleton(step) is not None or step.endswith((_PROVIDER[0], _KUBECTL[0]))


def _singleton(step: str) -> str | None:
    """The class of the helper with an id: a suffix for the configuration can follow the UUID."""
    return next((fqn for id, fqn in _SINGLETONS.items() if step.startswith(id)), None)


def _is_helper(step: str, fqn: str) -> bool:
    if step.endswith(_PROVIDER[0]):
        return fqn == _PROVIDER[1]
    return fqn in _KUBECTL[1] if step.endswith(_KUBECTL[0]) else fqn == _singleton(step)
