"""Amazon OpenSearch Serverless."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, all_of
from soc2_constructs.controls import control

POLICY = "AWS::OpenSearchServerless::SecurityPolicy"


@control(
    resource_types=POLICY,
    kind="network_boundary",
    severity="medium",
    severity_reason="Requests must still be signed and allowed by a data access policy.",
    fix='Set `"AllowFromPublic": false` and `"SourceVPCEs": [endpoint.attr_id]` in `policy` of '
    "`opensearchserverless.CfnSecurityPolicy` (Policy[].AllowFromPublic: false).",
)
def opensearchserverless_network_policy_not_public(policy: Resource) -> Verdict:
    """OpenSearch Serverless collections are not reachable from the internet.

    From the internet, stolen credentials suffice to read a collection. A VPC endpoint also requires access to the
    network.

    The change takes effect at once and disconnects clients outside of the VPC. Amazon Bedrock needs an entry in
    SourceServices.
    """
    rules = policy["Policy"].parsed()
    closed = all_of(rule["AllowFromPublic"].default(False).equals(False) for rule in rules.each())
    return policy["Type"].equals("network").implies(closed)
