"""Resources that the CDK makes for itself: the functions behind its custom resources, their roles and log groups.

Their properties are the CDK's choice and nobody can set them: what they fail is shown, and fails no synth.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soc2_constructs.cloudformation.template import Resource

#: Ids of the constructs, one per stack, that the CDK adds without being asked, as they stand in construct paths. Most
#: carry the UUID of the function that they share, so that nobody else's construct is called alike.
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
#: How the ids of others begin and end: `CustomResourceProvider` makes those for auto-delete of objects and images, for
#: exports to other regions and for closed default security groups. The end alone would take in the user's own.
_PROVIDER = (("Custom::", "AWSCDK"), "CustomResourceProvider")
#: EKS has one for each cluster.
_KUBECTL = "-KubectlProvider"
_PLAIN_SINGLETONS = tuple("".join(filter(str.isalnum, id)) for id in _SINGLETONS)


def is_made_by_cdk(resource: Resource) -> bool:
    """Whether the CDK made the resource for itself, and offers no way to configure it."""
    found = resource.is_helper
    if found is None:
        found = resource.is_helper = _sounds_so(resource) and _is_below_helper(resource)
    return found


def _is_below_helper(resource: Resource) -> bool:
    # Where there is a path, it is sure of what the logical id, which is made of it, only sounds like.
    path = resource.construct_path
    return path is None or any(_is_helper(step) for step in path.split("/")[:-1])


def _sounds_so(resource: Resource) -> bool:
    """Whether its logical id, or that of a nested stack which it belongs to, is made of one of the ids."""
    found: Resource | None = resource
    while found is not None:
        name = found._logical_id
        provides = name.startswith(("Custom", "AWSCDK")) and _PROVIDER[1] in name
        if provides or _KUBECTL[1:] in name or name.startswith(_PLAIN_SINGLETONS):
            return True
        found = found._template.parent
    return False


def _is_helper(step: str) -> bool:
    beginnings, end = _PROVIDER
    return (
        (step.startswith(beginnings) and step.endswith(end)) or step.endswith(_KUBECTL) or step.startswith(_SINGLETONS)
    )
