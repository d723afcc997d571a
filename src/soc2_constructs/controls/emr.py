"""Amazon EMR."""

from __future__ import annotations

from soc2_constructs.aws.network import SUBNET, gives_public_addresses, is_public
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, unresolved
from soc2_constructs.controls import control

CLUSTER = "AWS::EMR::Cluster"
SECURITY_CONFIGURATION = "AWS::EMR::SecurityConfiguration"


@control(
    resource_types=CLUSTER,
    kind="authentication",
    severity="low",
    fix="Set `kerberos_attributes` and `security_configuration`, a CfnSecurityConfiguration with "
    "AuthenticationConfiguration.KerberosConfiguration (KerberosAttributes.Realm, SecurityConfiguration).",
    config_rule="EMR_KERBEROS_ENABLED",
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.3")},
)
def emr_cluster_kerberos_enabled(cluster: Resource) -> Verdict:
    """EMR clusters authenticate their users with Kerberos.

    Without it Hadoop believes whoever says a name. It takes a key distribution centre and clients that know it, so a
    cluster with one user that lives for one job may well go without. Both halves are decided when the cluster is made:
    a change replaces it.
    """
    return cluster["KerberosAttributes.Realm"].is_set() & _has_kerberos(cluster["SecurityConfiguration"])


def _has_kerberos(name: Value) -> Verdict:
    configuration = name.target_of(SECURITY_CONFIGURATION)
    if configuration is not None:
        body = configuration["SecurityConfiguration"].parsed()
        return body["AuthenticationConfiguration.KerberosConfiguration"].is_set()
    if name.is_absent:
        return name.is_set()
    return unresolved("its security configuration is not part of the assembly", path=name.path)


@control(
    resource_types=CLUSTER,
    kind="network_boundary",
    severity="high",
    fix="Set `ec2_subnet_id` to a private subnet: one of `vpc.private_subnets` (Instances.Ec2SubnetId, "
    "or Ec2SubnetIds for instance fleets).",
    config_rule="EMR_MASTER_NO_PUBLIC_IP",
    prowler=("emr_cluster_master_nodes_no_public_ip",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def emr_cluster_master_nodes_no_public_ip(cluster: Resource) -> Verdict:
    """Primary nodes of EMR clusters have no public address.

    The interfaces of Hadoop ask for no password. A node gets a public address where its subnet hands them out, so each
    subnet that the cluster may start in must hand out none and have no route to an internet gateway; without a subnet
    EMR takes one of the default VPC, which does. A running cluster stays where it is: a change replaces it.
    """
    instances = cluster["Instances"]
    return all_of(_is_private(subnet) for subnet in instances["Ec2SubnetIds"].each() or [instances["Ec2SubnetId"]])


def _is_private(name: Value) -> Verdict:
    subnet = name.target_of(SUBNET)
    hands_out_none = ~gives_public_addresses(name)
    if subnet is None:
        return hands_out_none
    return hands_out_none & (~is_public(subnet)).with_message(f"{subnet.logical_id} has a route to an internet gateway")
