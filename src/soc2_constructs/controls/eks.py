"""Amazon EKS: clusters in CloudFormation, and those that `aws_cdk.aws_eks.Cluster` creates with a custom resource."""

from __future__ import annotations

from soc2_constructs.aws.end_of_support import KUBERNETES, is_supported
from soc2_constructs.aws.network import is_internet
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of
from soc2_constructs.controls import control

CLUSTER = "AWS::EKS::Cluster"
#: The custom resource of the CDK. Its property `Config` is the request of the EKS API.
CDK_CLUSTER = "Custom::AWSCDK-EKS-Cluster"
NODEGROUP = "AWS::EKS::Nodegroup"


def _setting(cluster: Resource, path: str) -> Value:
    """A setting of a cluster, by its path in AWS::EKS::Cluster."""
    if cluster.type == CLUSTER:
        return cluster[path]
    return cluster["Config." + ".".join(step[0].lower() + step[1:] for step in path.split("."))]


def _name(cluster: Resource, name: str) -> str:
    """The name of a property below a setting: the EKS API uses lower camel case."""
    return name if cluster.type == CLUSTER else name[0].lower() + name[1:]


@control(
    resource_types=(CLUSTER, CDK_CLUSTER),
    kind="network_boundary",
    severity="medium",
    severity_reason="The Kubernetes API still authenticates each request.",
    fix="Set `endpoint_access=eks.EndpointAccess.PRIVATE`, or `eks.EndpointAccess.PUBLIC_AND_PRIVATE.only_from(cidr)` "
    "(ResourcesVpcConfig.EndpointPublicAccess: false, or PublicAccessCidrs with your own ranges).",
    config_rule="EKS_ENDPOINT_NO_PUBLIC_ACCESS",
    prowler=("eks_cluster_not_publicly_accessible",),
)
def eks_cluster_endpoint_restrict_public_access(cluster: Resource) -> Verdict:
    """Kubernetes API endpoints of EKS clusters are not open to the whole internet.

    A public endpoint exposes vulnerabilities of the Kubernetes API server, and accepts stolen credentials from any
    address. By default the endpoint is public, and open to 0.0.0.0/0. The AWS Config rule also reports endpoints that
    only some ranges can reach.

    The change takes some minutes and does not interrupt workloads. Clients outside the ranges lose access, so set up
    private access first.
    """
    # EKS User Guide, "Cluster API server endpoint": public access is on by default, for all addresses.
    ranges = _setting(cluster, "ResourcesVpcConfig.PublicAccessCidrs")
    is_narrow = ranges.is_set() & all_of(~is_internet(cidr) for cidr in ranges.each())
    is_public = _setting(cluster, "ResourcesVpcConfig.EndpointPublicAccess").default(True).equals(True)
    return is_public.implies(
        is_narrow.with_message(
            "the endpoint is public, and PublicAccessCidrs does not exclude the internet", ranges.path
        )
    )


@control(
    resource_types=(CLUSTER, CDK_CLUSTER),
    kind="encryption_at_rest",
    severity="low",
    severity_reason="EKS encrypts the data of the Kubernetes API with its own key; this adds a key that you control.",
    fix="Set `secrets_encryption_key=key` (EncryptionConfig[]: Resources secrets, Provider.KeyArn).",
    config_rule="EKS_SECRETS_ENCRYPTED",
    prowler=("eks_cluster_kms_cmk_encryption_in_secrets_enabled",),
)
def eks_cluster_secrets_encrypted(cluster: Resource) -> Verdict:
    """Kubernetes secrets of EKS clusters are encrypted with a KMS key.

    Envelope encryption with a KMS key lets you withdraw access to the secrets in one place, and CloudTrail records each
    use of the key.

    The change interrupts nothing and cannot be reversed. Existing secrets are encrypted in the background.
    """
    resources, key = _name(cluster, "Resources"), ".".join(_name(cluster, step) for step in ("Provider", "KeyArn"))
    return any_of(
        entry[resources].includes("secrets") & entry[key].is_set()
        for entry in _setting(cluster, "EncryptionConfig").each()
    ).with_message("no EncryptionConfig encrypts secrets with a KMS key")


@control(
    resource_types=(CLUSTER, CDK_CLUSTER),
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `cluster_logging=[eks.ClusterLoggingTypes.API, eks.ClusterLoggingTypes.AUDIT]` "
    "(Logging.ClusterLogging.EnabledTypes: api and audit).",
    config_rule="EKS_CLUSTER_LOG_ENABLED",
    config_parameters={"logTypes": "api,audit"},
    prowler=("eks_control_plane_logging_all_types_enabled",),
)
def eks_cluster_control_plane_audit_logging_enabled(cluster: Resource) -> Verdict:
    """EKS clusters write API and audit logs.

    The audit log records who changed what in the cluster, and is the only record of access to Kubernetes secrets.

    Nothing is interrupted. CloudWatch Logs charges for ingestion and storage.
    """
    if cluster.type == CLUSTER:
        types = [entry["Type"] for entry in cluster["Logging.ClusterLogging.EnabledTypes"].each()]
        return all_of(
            any_of(entry.equals(wanted) for entry in types).with_message(f"the log type {wanted} is not enabled")
            for wanted in ("api", "audit")
        )
    return any_of(
        entry["enabled"].equals(True) & entry["types"].includes("api", "audit")
        for entry in cluster["Config.logging.clusterLogging"].each()
    ).with_message("the log types api and audit are not enabled")


@control(
    resource_types=NODEGROUP,
    kind="network_boundary",
    severity="high",
    severity_reason="SSH of every node is reachable from the internet.",
    fix="Remove `remote_access` and use Session Manager, or set `source_security_groups=[group]` "
    "(RemoteAccess.SourceSecurityGroups).",
)
def eks_nodegroup_restrict_ssh_access(nodegroup: Resource) -> Verdict:
    """EKS node groups do not open SSH to the internet.

    With an SSH key and without source security groups, EKS opens port 22 of the nodes to 0.0.0.0/0.

    The change replaces the node group. Session Manager needs no open port.
    """
    # EKS API Reference, "RemoteAccessConfig".
    access = nodegroup["RemoteAccess"]
    return access["Ec2SshKey"].is_set().implies(access["SourceSecurityGroups"].is_set())


@control(
    resource_types=(CLUSTER, CDK_CLUSTER, NODEGROUP),
    kind="vulnerabilities",
    severity="low",
    severity_reason="AWS still patches critical vulnerabilities in extended support, at an additional price.",
    fix="Set `version=eks.KubernetesVersion.V1_35` or newer (Version: 1.35 or newer).",
    config_rule="EKS_CLUSTER_SUPPORTED_VERSION",
    prowler=("eks_cluster_uses_a_supported_version",),
)
def eks_cluster_version_supported(resource: Resource) -> Verdict:
    """EKS clusters and node groups run a Kubernetes version in standard support.

    Standard support ends 14 months after the release of a version on EKS. The day of the audit decides.

    A cluster is upgraded in place, one minor version at a time, and cannot be downgraded. Check the APIs that your
    workloads use first.
    """
    version = resource["Version"] if resource.type == NODEGROUP else _setting(resource, "Version")
    return is_supported(version, KUBERNETES)
