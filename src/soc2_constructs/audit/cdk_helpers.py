"""Resources that the CDK creates itself: the functions behind its custom resources, their roles and log groups.

Their properties cannot be configured, so their failures are reported but never fail a check.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soc2_constructs.cloudformation import Declaration

#: Ids in construct paths of the constructs, one per stack, that the CDK adds itself. Most contain the UUID of the
#: shared function, so that a user's construct cannot have the same id.
_SINGLETONS = (
    "@aws-cdk--aws-dynamodb.ReplicaProvider",
    "@aws-cdk--aws-eks.ClusterResourceProvider",
    "AWS679f53fac002430cb0da5b7982bd2287",
    "AWSb4cf1abd4e4f4bc699441af7ccd9ec37",
    "BucketNotificationsHandler050a0587b7544547bf325f094a3db834",
    "CrossRegionAwsSdk8a0c93f3dbef4b71ac137aaf2048ce7e",
    "Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C",
    "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a",
    "SingletonLambda224e77f9a32e4b4dac32983477abba16",
)
#: Prefixes and the suffix of other ids: `CustomResourceProvider` creates these for automatic deletion of objects and
#: images, exports to other regions, and closed default security groups. The suffix alone would match a user's provider.
_PROVIDER = (("Custom::", "AWSCDK"), "CustomResourceProvider")
#: EKS has one provider for each cluster.
_KUBECTL = "-KubectlProvider"
_PLAIN_SINGLETONS = tuple("".join(filter(str.isalnum, id)) for id in _SINGLETONS)


def is_made_by_cdk(declaration: Declaration) -> bool:
    """Whether the CDK created a resource itself and offers no way to configure it."""
    return _has_helper_id(declaration) and _is_below_helper(declaration)


def _is_below_helper(declaration: Declaration) -> bool:
    # The logical id, which is made of the path, can match by accident; the path cannot.
    path = declaration.construct_path
    return path is None or any(_is_helper(step) for step in path.split("/")[:-1])


def _has_helper_id(declaration: Declaration) -> bool:
    """Whether the logical id, or the id of a nested stack around it, is made of one of the helpers' ids."""
    current: Declaration | None = declaration
    while current is not None:
        name = current.logical_id
        provides = name.startswith(("Custom", "AWSCDK")) and _PROVIDER[1] in name
        if provides or _KUBECTL[1:] in name or name.startswith(_PLAIN_SINGLETONS):
            return True
        current = current.template.parent
    return False


def _is_helper(step: str) -> bool:
    beginnings, end = _PROVIDER
    return (
        (step.startswith(beginnings) and step.endswith(end)) or step.endswith(_KUBECTL) or step.startswith(_SINGLETONS)
    )
