"""Amazon VPC."""

from __future__ import annotations

from soc2_constructs.aws.network import GROUP, INGRESS, SUBNET, VPC, ingress_rules, is_internet, is_public
from soc2_constructs.cloudformation import (
    Reference,
    Resource,
    Value,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    unresolved,
)
from soc2_constructs.cloudformation.values import as_number
from soc2_constructs.controls import control

ADDRESS = "AWS::EC2::EIP"
ATTACHMENT = "AWS::EC2::VPCGatewayAttachment"
ACL_ENTRY = "AWS::EC2::NetworkAclEntry"
FLOW_LOG = "AWS::EC2::FlowLog"
_EGRESS = "AWS::EC2::SecurityGroupEgress"
#: The CDK's custom resource that takes the rules out of a default security group.
_RESTRICTION = "Custom::VpcRestrictDefaultSG"

#: Ports of administration, directories, files and data stores, which nobody reaches over the internet on purpose.
_COMMON_PORTS = (
    *(20, 21, 23, 25, 88, 110, 135, 139, 143, 389, 445, 636, 1433, 1434, 1521, 2483, 3306, 3389, 4333, 5432, 5500),
    *(5601, 6379, 7199, 8888, 9092, 9160, 9200, 9300, 11211, 27017, 27018),
)

#: What an elastic address is associated with by a property.
_ADDRESSED = (
    "AWS::EC2::EIPAssociation",
    "AWS::EC2::NatGateway",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::GlobalAccelerator::EndpointGroup",
    "AWS::Redshift::Cluster",
    "AWS::Transfer::Server",
)
#: What runs code that may associate an address by itself.
_RUNS_CODE = (
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::EC2::Instance",
    "AWS::EC2::LaunchTemplate",
    "AWS::Lambda::Function",
)


@control(
    resource_types=VPC,
    kind="logging",
    severity="medium",
    fix='Call `vpc.add_flow_log("FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(log_group))` '
    "(AWS::EC2::FlowLog with ResourceType: VPC and TrafficType: ALL).",
    config_rule="VPC_FLOW_LOGS_ENABLED",
    prowler=("vpc_flow_logs_enabled",),
    also_mapped={"inferred": ("CC6.6", "CC7.2", "CC7.3")},
)
def vpc_flow_logs_enabled(vpc: Resource) -> Verdict:
    """VPCs record their traffic.

    Flow logs say who spoke to whom: after an incident nothing else does. Record all traffic; a log of accepted or of
    rejected traffic alone passes as well, as it does for the AWS Config rule. Logs of single subnets or interfaces
    leave gaps and do not count. Nothing is interrupted; delivery and storage cost.
    """
    return any_of(_records(log, vpc) for log in vpc.all_of_type(FLOW_LOG)).with_message(
        "no flow log records the whole VPC"
    )


def _records(log: Resource, vpc: Resource) -> Verdict:
    return log["ResourceType"].equals("VPC") & _is(log["ResourceId"], vpc)


def _is(name: Value, resource: Resource) -> Verdict:
    """Whether a value names the resource; what has a literal id was there before, so it is another one."""
    if name.target is None and name.unresolved is not None:
        return unresolved("{} is not known before deployment: {}", name, name.unresolved)
    return passed("it is named") if name.target is resource else failed("another resource is named")


@control(
    resource_types=VPC,
    kind="network_boundary",
    severity="medium",
    fix="Set `restrict_default_security_group=True` (the CDK's custom resource on DefaultSecurityGroup; CloudFormation "
    "has no property for it), and deploy the AWS Config rule VPC_DEFAULT_SECURITY_GROUP_CLOSED.",
    config_rule="VPC_DEFAULT_SECURITY_GROUP_CLOSED",
    prowler=("ec2_securitygroup_default_restrict_traffic",),
    live_only=True,
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def vpc_default_security_group_restricts_all_traffic(vpc: Resource) -> Verdict:
    """Default security groups let nothing through.

    What names no group gets the default one, whose members reach each other and everything outside. CloudFormation
    cannot take its first rules away: the CDK has a custom resource for it, recent projects by default. Where another
    custom resource is given the group, only the AWS Config rule sees what became of it. Whatever still relies on the
    group loses its connections when the rules go: give it a group of its own first.
    """
    added = [rule for kind in (INGRESS, _EGRESS) for rule in vpc.referrers(kind, via="GroupId")]
    if added:
        return failed("{} adds a rule to the default security group", added[0].logical_id)
    if vpc.referrers(_RESTRICTION, via="DefaultSecurityGroupId"):
        return passed("a custom resource takes its rules away")
    handlers = [user for user in vpc.referenced_by() if _is_custom(user.type) and _receives_default_group(user, vpc)]
    if handlers:
        return unresolved("what {} does with the default security group is seen live only", handlers[0].logical_id)
    return failed("nothing takes away the rules that its default security group starts with")


def _is_custom(kind: str) -> bool:
    return kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource"


def _receives_default_group(custom: Resource, vpc: Resource) -> bool:
    return any(found == Reference(vpc, "DefaultSecurityGroup") for found in custom.references())


@control(
    resource_types=ADDRESS,
    kind="inventory",
    severity="low",
    fix="Associate it, `ec2.CfnEIPAssociation(...)`, or release it (AWS::EC2::EIPAssociation, NatGateway.AllocationId, "
    "SubnetMappings of a load balancer).",
    config_rule="EIP_ATTACHED",
    prowler=("ec2_elastic_ip_unassigned",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2")},
)
def vpc_eip_associated(address: Resource) -> Verdict:
    """Elastic addresses are associated with something.

    An address that nothing holds costs money, and names that still point at it may one day reach somebody else. What
    code associates at run time is not seen in a template: where an instance, a function or an output is given the
    address, the template does not decide. To release an address gives it up for good.
    """
    users = address.referenced_by()
    if any(user.type in _ADDRESSED for user in users):
        return passed("something is associated with it")
    own = address["InstanceId"].is_set()
    if any(user.type in _RUNS_CODE or _is_custom(user.type) for user in users) or _is_output(address):
        return own | unresolved("it is handed to code or to an output, which may associate it")
    return own.with_message("nothing is associated with it")


def _is_output(resource: Resource) -> bool:
    """Whether an output of its template hands it to somebody whom the assembly does not know."""
    return any(reference.resource is resource for reference in resource.output_references())


@control(
    resource_types=ATTACHMENT,
    kind="network_boundary",
    severity="medium",
    fix="Attach internet gateways to VPCs of the same app, as `ec2.Vpc(...)` does (VPCGatewayAttachment.VpcId), and "
    "deploy the AWS Config rule INTERNET_GATEWAY_AUTHORIZED_VPC_ONLY with your VPCs.",
    config_rule="INTERNET_GATEWAY_AUTHORIZED_VPC_ONLY",
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.6",)},
)
def vpc_igw_attached_to_authorized_vpc(attachment: Resource) -> Verdict:
    """Internet gateways are attached to approved VPCs only.

    A gateway is what lets a network reach the internet at all. Which VPCs are approved, a template cannot list: a VPC
    of the same assembly counts as approved, since both went through the same review. A VPC named by a literal id or a
    parameter is not seen here: whether that one is approved, the AWS Config rule says, which takes the list. So this
    control never fails a template. VPN gateways pass.
    """
    if attachment["InternetGatewayId"].is_absent:
        return passed("does not apply: it attaches no internet gateway")
    name = attachment["VpcId"]
    vpc = name.target_of(VPC)
    if vpc is not None:
        return passed("{} is part of the assembly", vpc.logical_id)
    return unresolved("whether the VPC is approved is not known: it is not part of the assembly", path=name.path)


@control(
    resource_types=GROUP,
    kind="inventory",
    severity="low",
    fix="Give the group to what it protects, `security_groups=[group]`, or remove it (AWS::EC2::SecurityGroup).",
    config_rule="EC2_SECURITY_GROUP_ATTACHED_TO_ENI_PERIODIC",
    prowler=("ec2_securitygroup_not_used",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2")},
)
def vpc_security_group_associated_to_eni(group: Resource) -> Verdict:
    """Security groups are in use.

    Groups that protect nothing hide those that do, and somebody may take one for what its name says. Being named in
    the rules of other groups is no use. Whether an interface has it in the end, the AWS Config rule sees. A group in an
    output may be in use elsewhere: the template does not decide.
    """
    users = [user for user in group.referenced_by() if user.type not in (GROUP, INGRESS, _EGRESS)]
    if users:
        return passed("{} uses it", users[0].logical_id)
    if _is_output(group):
        return unresolved("an output hands it to whoever uses it")
    return failed("nothing uses it")


@control(
    resource_types=(GROUP, INGRESS),
    kind="network_boundary",
    severity="high",
    fix="Name who may connect, `group.add_ingress_rule(other_group, ec2.Port.POSTGRES)`, or use a VPN or Session "
    "Manager (SecurityGroupIngress: SourceSecurityGroupId, or a CidrIp of your own).",
    config_rule="RESTRICTED_INCOMING_TRAFFIC",
    config_parameters={
        "blockedPort1": "20",
        "blockedPort2": "21",
        "blockedPort3": "3389",
        "blockedPort4": "3306",
        "blockedPort5": "4333",
    },
    prowler=(
        "ec2_instance_port_cassandra_exposed_to_internet",
        "ec2_instance_port_cifs_exposed_to_internet",
        "ec2_instance_port_elasticsearch_kibana_exposed_to_internet",
        "ec2_instance_port_ftp_exposed_to_internet",
        "ec2_instance_port_kafka_exposed_to_internet",
        "ec2_instance_port_kerberos_exposed_to_internet",
        "ec2_instance_port_ldap_exposed_to_internet",
        "ec2_instance_port_memcached_exposed_to_internet",
        "ec2_instance_port_mongodb_exposed_to_internet",
        "ec2_instance_port_mysql_exposed_to_internet",
        "ec2_instance_port_oracle_exposed_to_internet",
        "ec2_instance_port_postgresql_exposed_to_internet",
        "ec2_instance_port_redis_exposed_to_internet",
        "ec2_instance_port_sqlserver_exposed_to_internet",
        "ec2_instance_port_telnet_exposed_to_internet",
        "ec2_instance_port_rdp_exposed_to_internet",
        "ec2_securitygroup_allow_ingress_from_internet_to_high_risk_tcp_ports",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_cassandra_7199_9160_8888",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_elasticsearch_kibana_9200_9300_5601",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_ftp_20_21",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_kafka_9092",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_memcached_11211",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_mongodb_27017_27018",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_mysql_3306",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_oracle_1521_2483",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_postgres_5432",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_redis_6379",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_sql_server_1433_1434",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_telnet_23",
    ),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def vpc_security_group_restrict_ingress_common_ports_all(resource: Resource) -> Verdict:
    """Ports of administration and of data stores are closed to the internet.

    Scanners find an open database within minutes. Ranges wider than a /8 (IPv6: a /16) count as the internet, so its
    two halves do, and a range of ports counts with all that it spans, over TCP and over UDP. What is open on 80 and
    443, to the VPC's own range, or to other groups passes. A NAT instance needs no more than its VPC: the CDK opens it
    to everyone unless it is given `default_allowed_traffic=ec2.NatTrafficDirection.OUTBOUND_ONLY`. Open connections
    live on when a rule goes.
    """
    return all_of(rule.keeps_closed(_COMMON_PORTS, "tcp", "udp") for rule in ingress_rules(resource))


@control(
    resource_types=(GROUP, INGRESS),
    kind="network_boundary",
    severity="high",
    fix="Use Session Manager, `ssm_session_permissions=True`, which BastionHostLinux has anyway, or name who "
    'may connect, `group.add_ingress_rule(ec2.Peer.ipv4("203.0.113.0/24"), ec2.Port.SSH)`, '
    '`bastion.allow_ssh_access_from(ec2.Peer.ipv4("203.0.113.0/24"))` (SecurityGroupIngress.CidrIp).',
    config_rule="INCOMING_SSH_DISABLED",
    prowler=(
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22",
        "ec2_instance_port_ssh_exposed_to_internet",
    ),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6", "CC7.2")},
)
def vpc_security_group_restrict_ingress_ssh_all(resource: Resource) -> Verdict:
    """SSH is closed to the internet.

    An open port 22 is tried with stolen keys and guessed passwords all day. Bastion hosts pass where their rules name
    who may connect; with Session Manager they need no rule at all. Open connections live on when a rule goes.
    """
    return all_of(rule.keeps_closed((22,), "tcp") for rule in ingress_rules(resource))


@control(
    resource_types=(GROUP, INGRESS),
    kind="network_boundary",
    severity="high",
    fix="Open the ports that you serve and no others, `group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS)` "
    "(SecurityGroupIngress: IpProtocol, FromPort, ToPort).",
    config_rule="VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS",
    config_parameters={"authorizedTcpPorts": "80,443"},
    prowler=(
        "ec2_securitygroup_allow_ingress_from_internet_to_all_ports",
        "ec2_securitygroup_allow_ingress_from_internet_to_any_port",
        "ec2_securitygroup_allow_wide_open_public_ipv4",
    ),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def vpc_security_group_restrict_ingress_tcp_udp_all(resource: Resource, *, public_port_range: int = 32768) -> Verdict:
    """No rule opens all ports to the internet.

    A rule for everything also opens what somebody starts next year. It is one for all protocols, or one for half of
    all ports of TCP or UDP: 1-65535 leaves out nothing that matters. A service that must be reached, on whatever port,
    passes, as do the port ranges of media servers. The AWS Config rule is stricter: it takes a list of ports.
    """
    return all_of(rule.keeps_narrow(public_port_range) for rule in ingress_rules(resource))


@control(
    resource_types=ACL_ENTRY,
    kind="network_boundary",
    severity="low",
    fix="Put an entry before it that denies 22 and 3389, `traffic=ec2.AclTraffic.tcp_port(22)` with "
    "`rule_action=ec2.Action.DENY` (NetworkAclEntry: RuleAction: deny, a smaller RuleNumber).",
    config_rule="NACL_NO_UNRESTRICTED_SSH_RDP",
    prowler=(
        "ec2_networkacl_allow_ingress_any_port",
        "ec2_networkacl_allow_ingress_tcp_port_22",
        "ec2_networkacl_allow_ingress_tcp_port_3389",
    ),
    also_mapped={"Prowler": ("CC6.6",)},
)
def vpc_network_acl_remote_administration(entry: Resource) -> Verdict:
    """Network ACLs do not open SSH and remote desktop to the internet.

    A second line behind security groups: it holds where somebody opens one of those too far. ACLs keep no state, so an
    entry for the answers to outgoing traffic (1024-65535) spans 3389 as well; an entry with a smaller number that
    denies the port makes it pass. The first one that matches decides, at once and for open connections too.
    """
    applies = entry["Egress"].default(False).equals(False) & _acts(entry, "allow")
    opened = any_of(
        _matches(entry, port, protocol) & ~_is_denied_before(entry, port, protocol)
        for port, protocol in ((22, "6"), (3389, "6"), (3389, "17"))
    )
    reaches = all_of(_is_from_internet(entry), applies, opened)
    return (~reaches).with_message("it lets the internet reach port 22 or 3389")


def _acts(entry: Resource, action: str) -> Verdict:
    return entry["RuleAction"].satisfies(lambda found: str(found).lower() == action, action)


def _is_from_internet(entry: Resource) -> Verdict:
    return is_internet(entry["CidrBlock"]) | is_internet(entry["Ipv6CidrBlock"])


def _matches(entry: Resource, port: int, protocol: str) -> Verdict:
    return entry["Protocol"].equals("-1") | all_of(
        entry["Protocol"].equals(protocol),
        entry["PortRange.From"].default(0).at_most(port),
        entry["PortRange.To"].default(65535).at_least(port),
    )


def _is_denied_before(entry: Resource, port: int, protocol: str) -> Verdict:
    acl = entry.target("NetworkAclId")
    others = acl.referrers(ACL_ENTRY, via="NetworkAclId") if acl is not None else []
    return any_of(
        all_of(
            other["Egress"].default(False).equals(False),
            _acts(other, "deny"),
            _comes_before(other, entry),
            *(_takes_in(other[cidr], entry[cidr]) for cidr in ("CidrBlock", "Ipv6CidrBlock")),
            _matches(other, port, protocol),
        )
        for other in others
    )


def _comes_before(one: Resource, other: Resource) -> Verdict:
    last = as_number(other["RuleNumber"].node)
    if last is None:
        return unresolved("the numbers of the entries are known only when the template is deployed")
    return one["RuleNumber"].at_most(last - 1)


def _takes_in(denied: Value, allowed: Value) -> Verdict:
    """Whether a denied range holds the allowed one: everything, or the very same."""
    if allowed.is_absent:
        return passed("nothing of that kind is allowed")
    return denied.one_of("0.0.0.0/0", "::/0") if denied.node != allowed.node else passed("it is the same range")


@control(
    resource_types=SUBNET,
    kind="network_boundary",
    severity="low",
    fix="Set `map_public_ip_on_launch=False` in the subnet's configuration (MapPublicIpOnLaunch: false).",
    config_rule="SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED",
    prowler=("vpc_subnet_no_public_ip_by_default",),
    also_mapped={"Prowler": ("CC6.6",)},
)
def vpc_subnet_auto_assign_public_ip_disabled(subnet: Resource) -> Verdict:
    """Subnets give out no public addresses by themselves.

    What starts in such a subnet is on the internet unless it says otherwise. The CDK gives out addresses in public
    subnets, where load balancers and NAT gateways stand: they do not need it. A change holds for what starts
    afterwards.
    """
    return subnet["MapPublicIpOnLaunch"].default(False).equals(False)


@control(
    resource_types=VPC,
    kind="network_boundary",
    severity="medium",
    fix="Add private subnets, `ec2.SubnetConfiguration(name=..., subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)` "
    "(AWS::EC2::Subnet whose route table has no AWS::EC2::Route to an internet gateway).",
    prowler=("vpc_subnet_separate_private_public",),
    also_mapped={"Prowler": ("CC6.6",)},
)
def vpc_subnet_public_and_private(vpc: Resource) -> Verdict:
    """VPCs keep private subnets apart from public ones.

    Where every subnet leads to the internet, one wrong rule exposes a database. A subnet is public if a route of its
    table leads to an internet gateway; one without a table of its own has the main table, to which templates add no
    routes. A VPC without public subnets passes: it keeps even more apart. To move something to another subnet replaces
    it.
    """
    subnets = vpc.referrers(SUBNET, via="VpcId")
    if not subnets:
        return unresolved("its subnets are not part of the assembly")
    return any_of(~is_public(subnet) for subnet in subnets).with_message(
        "every subnet has a route to an internet gateway"
    )
