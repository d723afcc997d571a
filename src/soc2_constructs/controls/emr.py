"""Amazon EMR."""

from __future__ import annotations

from soc2_constructs.aws.network import SUBNET, gives_public_addresses, is_public
from soc2_constructs.aws.required import is_given
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, unresolved
from soc2_constructs.controls import control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CLUSTER = "AWS::EMR::Cluster"
SECURITY_CONFIGURATION = "AWS::EMR::SecurityConfiguration"


@control(
    resource_types=CLUSTER,
    kind="encryption_at_rest",
    severity="medium",
    severity_reason="S3 encrypts every new object in any case; local disks of a cluster hold data only while it runs.",
    fix="Set `security_configuration` to the name of an `emr.CfnSecurityConfiguration` with EnableAtRestEncryption and "
    "AtRestEncryptionConfiguration (SecurityConfiguration.EncryptionConfiguration).",
    config_rule="EMR_SECURITY_CONFIGURATION_ENCRYPTION_REST",
)
def emr_cluster_encryption_at_rest_enabled(cluster: Resource) -> Verdict:
    """EMR clusters encrypt local disks and data in S3.

    Jobs write copies of the processed data to the disks of the nodes.

    The change replaces the cluster.
    """
    return _secured(cluster["SecurityConfiguration"], _encrypts_at_rest)


def _encrypts_at_rest(configuration: Value) -> Verdict:
    return configuration["EncryptionConfiguration.EnableAtRestEncryption"].equals(True)


@control(
    resource_types=CLUSTER,
    kind="authentication",
    severity="low",
    severity_reason="Kerberos requires a key distribution center, which few single-user clusters need.",
    fix="Set `kerberos_attributes=emr.CfnCluster.KerberosAttributesProperty(realm=realm, kdc_admin_password=password)` "
    "and `security_configuration` to the name of an `emr.CfnSecurityConfiguration` with "
    "AuthenticationConfiguration.KerberosConfiguration (KerberosAttributes.Realm, SecurityConfiguration).",
    config_rule="EMR_KERBEROS_ENABLED",
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.3")},
)
def emr_cluster_kerberos_enabled(cluster: Resource) -> Verdict:
    """EMR clusters authenticate their users with Kerberos.

    Without Kerberos, Hadoop accepts any user name without verification. Kerberos requires a key distribution center and
    clients that support it.

    The change replaces the cluster.
    """
    return is_given(cluster["KerberosAttributes.Realm"]) & _secured(cluster["SecurityConfiguration"], _has_kerberos)


def _has_kerberos(configuration: Value) -> Verdict:
    return configuration["AuthenticationConfiguration.KerberosConfiguration"].is_set()


def _secured(name: Value, judge: Callable[[Value], Verdict]) -> Verdict:
    """Return the verdict of `judge` on the security configuration of a cluster."""
    configuration = name.target_of(SECURITY_CONFIGURATION)
    if configuration is not None:
        return judge(configuration["SecurityConfiguration"].parsed())
    if name.is_absent:
        return name.is_set()
    return unresolved("the security configuration is not part of the assembly", path=name.path)


@control(
    resource_types=CLUSTER,
    kind="network_boundary",
    severity="high",
    severity_reason="A public IP address opens a way in from the internet.",
    fix="Set `ec2_subnet_id=vpc.private_subnets[0].subnet_id` in `instances`, or `ec2_subnet_ids` for instance fleets "
    "(Instances.Ec2SubnetId, Instances.Ec2SubnetIds).",
    config_rule="EMR_MASTER_NO_PUBLIC_IP",
    prowler=("emr_cluster_master_nodes_no_public_ip",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def emr_cluster_master_nodes_no_public_ip(cluster: Resource) -> Verdict:
    """Primary nodes of EMR clusters have no public IP address.

    The web interfaces of Hadoop require no password. A node gets a public IP address if its subnet assigns one. Each
    subnet of the cluster must assign none and have no route to an internet gateway. Without a subnet, EMR uses the
    default VPC, whose subnets assign public IP addresses.

    The change replaces the cluster.
    """
    instances = cluster["Instances"]
    subnets = instances["Ec2SubnetIds"].each() or [instances["Ec2SubnetId"]]
    return all_of(_is_private(subnet) for subnet in subnets).with_pass_message(
        "the subnets of the cluster are private and assign no public IP addresses"
    )


def _is_private(name: Value) -> Verdict:
    subnet = name.target_of(SUBNET)
    assigns_none = ~gives_public_addresses(name)
    if subnet is None:
        return assigns_none
    return assigns_none & (~is_public(subnet)).with_message(f"{subnet.logical_id} has a route to an internet gateway")
