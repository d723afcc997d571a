"""Amazon Redshift Serverless."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

WORKGROUP = "AWS::RedshiftServerless::Workgroup"


@control(
    resource_types=WORKGROUP,
    kind="network_boundary",
    severity="high",
    fix="Set `publicly_accessible=False` on `redshiftserverless.CfnWorkgroup` (PubliclyAccessible: false).",
    config_rule="REDSHIFT_SERVERLESS_WORKGROUP_NO_PUBLIC_ACCESS",
)
def redshiftserverless_workgroup_not_publicly_accessible(workgroup: Resource) -> Verdict:
    """Redshift Serverless workgroups are not publicly accessible.

    A public data warehouse can be attacked from the internet with guessed or stolen passwords.

    The change needs no replacement and disconnects clients outside of the VPC.
    """
    return workgroup["PubliclyAccessible"].default(False).equals(False)
