"""Amazon Redshift Serverless."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

WORKGROUP = "AWS::RedshiftServerless::Workgroup"
NAMESPACE = "AWS::RedshiftServerless::Namespace"


@control(
    resource_types=NAMESPACE,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix='Set `log_exports=["connectionlog", "userlog"]` on `redshiftserverless.CfnNamespace` (LogExports).',
    config_rule="REDSHIFT_SERVERLESS_PUBLISH_LOGS_TO_CLOUDWATCH",
)
def redshiftserverless_namespace_audit_logging_enabled(namespace: Resource) -> Verdict:
    """Redshift Serverless namespaces export connection and user logs.

    The logs show logins and changes of users, which an investigation needs.

    The change interrupts nothing; log volume costs.
    """
    return namespace["LogExports"].includes("connectionlog", "userlog")


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
