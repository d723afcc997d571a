"""Amazon EMR."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, failed, passed, unresolved
from soc2_constructs.controls import control

CLUSTER = "AWS::EMR::Cluster"
SECURITY_CONFIGURATION = "AWS::EMR::SecurityConfiguration"

_SUBNET = "AWS::EC2::Subnet"
_ROUTE_TABLE = "AWS::EC2::RouteTable"


@control(
    on=CLUSTER,
    criteria=("CC6.1", "CC6.2", "CC6.3"),
    severity="low",
    fix="Set `kerberos_attributes` and `security_configuration`, a CfnSecurityConfiguration with "
    "AuthenticationConfiguration.KerberosConfiguration (KerberosAttributes.Realm, SecurityConfiguration).",
    config_rule="EMR_KERBEROS_ENABLED",
)
def emr_cluster_kerberos_enabled(cluster: Resource) -> Verdict:
    """EMR clusters authenticate their users with Kerberos.

    Without it Hadoop believes whoever says a name. It takes a key distribution centre and clients that know it, so a
    cluster with one user that lives for one job may well go without. Both halves are decided when the cluster is made:
    a change replaces it.
    """
    return cluster["KerberosAttributes.Realm"].is_set() & _has_kerberos(cluster["SecurityConfiguration"])


def _has_kerberos(name: Value) -> Verdict:
    configuration = name.target
    if configuration is not None and configuration.type == SECURITY_CONFIGURATION:
        body = configuration["SecurityConfiguration"].parsed()
        return body["AuthenticationConfiguration.KerberosConfiguration"].is_set()
    if name.is_absent:
        return name.is_set()
    return unresolved("its security configuration is not part of the assembly", path=name.path)


@control(
    on=CLUSTER,
    criteria=("CC6.1", "CC6.2", "CC6.6"),
    severity="high",
    fix="Set `ec2_subnet_id` to a private subnet: one of `vpc.private_subnets` (Instances.Ec2SubnetId, "
    "or Ec2SubnetIds for instance fleets).",
    config_rule="EMR_MASTER_NO_PUBLIC_IP",
    prowler=("emr_cluster_master_nodes_no_public_ip",),
)
def emr_cluster_master_nodes_no_public_ip(cluster: Resource) -> Verdict:
    """Primary nodes of EMR clusters have no public address.

    The interfaces of Hadoop ask for no password. A node gets a public address where its subnet hands them out, so each
    subnet that the cluster may start in must hand out none and have no route to an internet gateway; without a subnet
    EMR takes one of the default VPC, which does. A running cluster stays where it is: a change replaces it.
    """
    instances = cluster["Instances"]
    subnets = [instances["Ec2SubnetId"], *instances["Ec2SubnetIds"].each()]
    named = [subnet for subnet in subnets if not subnet.is_absent]
    if not named:
        return failed("no subnet is named, so EMR takes one of the default VPC", path=instances.path)
    return all_of(_is_private(subnet) for subnet in named)


def _is_private(name: Value) -> Verdict:
    subnet = name.target
    if subnet is None or subnet.type != _SUBNET:
        return unresolved("the subnet that {} names is not part of the assembly", name, path=name.path)
    return all_of(
        (~subnet["MapPublicIpOnLaunch"].equals(True)).because(
            f"{subnet.logical_id} gives public addresses to what is launched in it"
        ),
        *(
            _leads_inside(association["RouteTableId"], subnet)
            for association in subnet.referrers("AWS::EC2::SubnetRouteTableAssociation", via="SubnetId")
        ),
    )


def _leads_inside(table: Value, subnet: Resource) -> Verdict:
    if table.target is None or table.target.type != _ROUTE_TABLE:
        return unresolved("the route table of {} is not part of the assembly", subnet.logical_id)
    return all_of(
        _is_no_internet_gateway(route["GatewayId"], subnet)
        for route in table.target.referrers("AWS::EC2::Route", via="RouteTableId")
    )


def _is_no_internet_gateway(gateway: Value, subnet: Resource) -> Verdict:
    if gateway.is_absent:
        return passed("the route leads to no gateway")
    if gateway.target is not None:
        leads_out = gateway.target.type == "AWS::EC2::InternetGateway"
    elif isinstance(gateway.known, str):
        leads_out = gateway.known.startswith("igw-")
    else:
        return unresolved("a route of {} leads to a gateway that is not part of the assembly", subnet.logical_id)
    if leads_out:
        return failed("{} has a route to an internet gateway", subnet.logical_id)
    return passed("the route leads to no internet gateway")
