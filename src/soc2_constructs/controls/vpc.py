"""Amazon VPC."""

from __future__ import annotations

from soc2_constructs.aws.network import (
    GROUP,
    INGRESS,
    SUBNET,
    VPC,
    ingress_rules,
    is_internet,
    is_public,
    keeps_closed,
    keeps_narrow,
)
from soc2_constructs.aws.policies import Statement, statements
from soc2_constructs.cloudformation import (
    Reference,
    Resource,
    Value,
    Verdict,
    all_of,
    any_of,
    failed,
    is_output,
    passed,
    referring_or_open,
    unresolved,
)
from soc2_constructs.cloudformation.values import as_number
from soc2_constructs.controls import control

ADDRESS = "AWS::EC2::EIP"
ATTACHMENT = "AWS::EC2::VPCGatewayAttachment"
ACL_ENTRY = "AWS::EC2::NetworkAclEntry"
ENDPOINT = "AWS::EC2::VPCEndpoint"
FLOW_LOG = "AWS::EC2::FlowLog"
ROUTE = "AWS::EC2::Route"
_EGRESS = "AWS::EC2::SecurityGroupEgress"
#: The custom resource of the CDK that removes the rules of a default security group.
_RESTRICTION = "Custom::VpcRestrictDefaultSG"

#: Prefix lengths of the widest ranges of a VPC: Amazon VPC User Guide, "VPC CIDR blocks".
_WIDEST_VPC_IPV4 = 16
_WIDEST_VPC_IPV6 = 44
#: Types of endpoints that take a policy: AWS PrivateLink Guide, "Control access using endpoint policies".
_ENDPOINTS_WITH_POLICY = ("Gateway", "Interface")

#: Ports of administration, directories, files and data stores, which should not be reachable from the internet.
_COMMON_PORTS = (
    *(20, 21, 23, 25, 88, 110, 111, 135, 139, 143, 389, 445, 636, 1433, 1434, 1521, 2049, 2375, 2376, 2379, 2483),
    *(3306, 3389, 4333, 5432, 5439, 5500, 5601, 5900, 5985, 5986, 6379, 6443, 7199, 8182, 8888, 9092, 9160, 9200),
    *(9300, 10250, 11211, 27017, 27018),
)

#: Resource types that associate an elastic address through a property.
_ADDRESSED = (
    "AWS::EC2::EIPAssociation",
    "AWS::EC2::NatGateway",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::GlobalAccelerator::EndpointGroup",
    "AWS::Redshift::Cluster",
    "AWS::Transfer::Server",
)
#: Resource types whose code can associate an address at run time.
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
    """VPCs have flow logs.

    Flow logs show which addresses communicated, which an investigation after an incident needs.

    Record all traffic. A log of accepted or rejected traffic alone passes, as it does for the AWS Config rule. Flow
    logs of single subnets or interfaces do not count. Logging interrupts nothing; delivery and storage cost.
    """
    return any_of(_records(log, vpc) for log in referring_or_open(vpc, FLOW_LOG, "ResourceId")).with_message(
        "no flow log records the whole VPC"
    )


def _records(log: Resource, vpc: Resource) -> Verdict:
    return log["ResourceType"].equals("VPC") & _is(log["ResourceId"], vpc)


def _is(name: Value, resource: Resource) -> Verdict:
    """Whether a value names the resource; a literal id names a resource outside of the template."""
    if name.target is None and name.unresolved is not None:
        return unresolved("{} is not known before deployment: {}", name, name.unresolved)
    return passed("{} names the VPC", name) if name.target is resource else failed("{} names another VPC", name)


@control(
    resource_types=VPC,
    kind="network_boundary",
    severity="medium",
    severity_reason="The initial rules admit only members of the group, not the internet.",
    fix="Set `restrict_default_security_group=True` (the CDK uses a custom resource on DefaultSecurityGroup; "
    "CloudFormation has no property for it), and deploy the AWS Config rule "
    "VPC_DEFAULT_SECURITY_GROUP_CLOSED.",
    config_rule="VPC_DEFAULT_SECURITY_GROUP_CLOSED",
    prowler=("ec2_securitygroup_default_restrict_traffic",),
    live_only=True,
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def vpc_default_security_group_restricts_all_traffic(vpc: Resource) -> Verdict:
    """Default security groups allow no traffic.

    Resources without a security group use the default group, whose members can reach each other and any external
    address.

    CloudFormation cannot remove the initial rules. The CDK has a custom resource for it, which recent projects use by
    default. If another custom resource receives the group, only the AWS Config rule shows the result. Connections that
    use the group end when the rules are removed.
    """
    added = [rule for rule_type in (INGRESS, _EGRESS) for rule in vpc.referrers(rule_type, via="GroupId")]
    if added:
        return failed("{} adds a rule to the default security group", added[0].logical_id)
    if vpc.referrers(_RESTRICTION, via="DefaultSecurityGroupId"):
        return passed("a custom resource removes the rules of the default security group")
    handlers = [user for user in vpc.referenced_by() if _is_custom(user.type) and _receives_default_group(user, vpc)]
    if handlers:
        return unresolved(
            "the effect of {} on the default security group is visible in the live account only", handlers[0].logical_id
        )
    return failed("no resource removes the initial rules of the default security group")


def _is_custom(resource_type: str) -> bool:
    return resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource"


def _receives_default_group(custom: Resource, vpc: Resource) -> bool:
    return any(reference == Reference(vpc, "DefaultSecurityGroup") for reference in custom.references())


@control(
    resource_types=ADDRESS,
    kind="inventory",
    severity="low",
    fix="Associate the address with `ec2.CfnEIPAssociation(...)`, or release it (AWS::EC2::EIPAssociation, "
    "NatGateway.AllocationId, SubnetMappings of a load balancer).",
    config_rule="EIP_ATTACHED",
    prowler=("ec2_elastic_ip_unassigned",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2")},
)
def vpc_eip_associated(address: Resource) -> Verdict:
    """Elastic IP addresses are associated with a resource.

    An unassociated address costs money. After its release, DNS records that still contain it may lead to another owner.

    Templates do not show associations that code makes at run time. If an instance, a function or an output receives the
    address, the result is unresolved. A released address cannot be recovered reliably.
    """
    users = address.referenced_by()
    if associated := [user for user in users if user.type in _ADDRESSED]:
        return passed("{} is associated with the address", associated[0].logical_id)
    own = address["InstanceId"].is_set()
    if any(user.type in _RUNS_CODE or _is_custom(user.type) for user in users) or is_output(address):
        return own | unresolved("code or an output receives the address and may associate it")
    return own.with_message("no resource is associated with the address")


@control(
    resource_types=ATTACHMENT,
    kind="network_boundary",
    severity="medium",
    fix="Attach internet gateways to VPCs of the same app, as `ec2.Vpc(...)` does (VPCGatewayAttachment.VpcId), "
    "and deploy the AWS Config rule INTERNET_GATEWAY_AUTHORIZED_VPC_ONLY with the list of approved VPCs.",
    config_rule="INTERNET_GATEWAY_AUTHORIZED_VPC_ONLY",
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.6",)},
)
def vpc_igw_attached_to_authorized_vpc(attachment: Resource) -> Verdict:
    """Internet gateways are attached to approved VPCs only.

    An internet gateway connects a network to the internet.

    A VPC of the same assembly counts as approved, because both are reviewed together. For other VPCs the result is
    unresolved. The AWS Config rule takes the list of approved VPCs. The control never fails a template. VPN gateways
    pass.
    """
    if attachment["InternetGatewayId"].is_absent:
        return passed("does not apply: InternetGatewayId is not set")
    name = attachment["VpcId"]
    vpc = name.target_of(VPC)
    if vpc is not None:
        return passed("{} is part of the assembly", vpc.logical_id)
    return unresolved("the VPC is not part of the assembly, so its approval is not known", path=name.path)


@control(
    resource_types=GROUP,
    kind="inventory",
    severity="low",
    fix="Assign the group to a resource with `security_groups=[group]`, or remove it (AWS::EC2::SecurityGroup).",
    config_rule="EC2_SECURITY_GROUP_ATTACHED_TO_ENI_PERIODIC",
    prowler=("ec2_securitygroup_not_used",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2")},
)
def vpc_security_group_associated_to_eni(group: Resource) -> Verdict:
    """Security groups are in use.

    Unused groups obscure the groups in use, and may be attached by mistake.

    References from rules of other groups do not count as use. For a group in an output the result is unresolved. Only
    the live account shows the network interfaces. Removing an unused group affects nothing.
    """
    users = [user for user in group.referenced_by() if user.type not in (GROUP, INGRESS, _EGRESS)]
    if users:
        return passed("{} uses the group", users[0].logical_id)
    if is_output(group):
        return unresolved("an output exports the group, which may be used elsewhere")
    return failed("no resource uses the group")


@control(
    resource_types=(GROUP, INGRESS),
    kind="network_boundary",
    severity="high",
    fix="Allow a specific source with `group.add_ingress_rule(other_group, ec2.Port.POSTGRES)`, or use a VPN or "
    "Session Manager (SecurityGroupIngress: SourceSecurityGroupId, or CidrIp with a private range).",
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
    """Administration and data store ports are closed to the internet.

    Scanners find an open database within minutes.

    Ranges wider than /8 (IPv6: /16) count as the internet. A port range counts with all of its ports, over TCP and UDP.
    Ports 80 and 443, the range of the VPC and other groups pass. A NAT instance needs
    `default_allowed_traffic=ec2.NatTrafficDirection.OUTBOUND_ONLY`, because the CDK opens it to everyone by default.
    Open connections continue after a rule is removed.
    """
    return all_of(
        passed("no rule opens these ports to the internet"),
        keeps_closed(resource, _COMMON_PORTS, "tcp", "udp"),
    )


@control(
    resource_types=(GROUP, INGRESS),
    kind="network_boundary",
    severity="high",
    fix="Use Session Manager: set `ssm_session_permissions=True`, which BastionHostLinux does by default. Or "
    'allow a specific range with `group.add_ingress_rule(ec2.Peer.ipv4("203.0.113.0/24"), ec2.Port.SSH)` or '
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

    Port 22 on the internet is attacked constantly with stolen keys and guessed passwords.

    Bastion hosts pass if their rules name a specific source. With Session Manager they need no rule. Open connections
    continue after a rule is removed.
    """
    return all_of(
        passed("no rule opens port 22 to the internet"),
        keeps_closed(resource, (22,), "tcp"),
    )


@control(
    resource_types=(GROUP, INGRESS),
    kind="network_boundary",
    severity="high",
    fix="Open only the required ports, such as `group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS)` "
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
    """No security group rule opens all ports to the internet.

    A rule for all ports also exposes services that are started later.

    A rule counts if it covers all protocols, or at least half of all TCP or UDP ports, such as 1-65535. Single ports
    and the port ranges of media servers pass. The AWS Config rule is stricter: it takes a list of ports. Open
    connections continue after a rule is removed.
    """
    return all_of(
        passed("no rule opens all ports to the internet"),
        keeps_narrow(resource, public_port_range),
    )


@control(
    resource_types=(GROUP, INGRESS),
    kind="network_boundary",
    severity="medium",
    severity_reason="The port may be meant for the public; other controls with high severity cover ports of "
    "administration and data stores.",
    fix='Allow a specific source with `group.add_ingress_rule(ec2.Peer.ipv4("203.0.113.0/24"), ec2.Port.tcp(8080))`, '
    "or put a load balancer with port 443 in front (SecurityGroupIngress: SourceSecurityGroupId, or CidrIp with a "
    "small range).",
    config_rule="VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS",
    config_parameters={"authorizedTcpPorts": "80,443", "authorizedUdpPorts": "80,443"},
    prowler=("ec2_securitygroup_allow_ingress_from_internet_to_any_port",),
)
def vpc_security_group_restrict_ingress_public_ports(
    resource: Resource, *, public_ports: tuple[float, ...] = (80, 443)
) -> Verdict:
    """Only the ports for the public are open to the internet.

    Every open port is a service that anyone can attack. Ports other than those of the website or API usually belong to
    internal services, such as 8080 for an application behind a load balancer.

    Ports 80 and 443 pass, over TCP and UDP. Add the other ports that your users need to the threshold. Ranges wider
    than /8 (IPv6: /16) count as the internet. Protocols without ports, such as ICMP, pass. Open connections continue
    after a rule is removed.
    """
    return all_of(
        passed("no rule opens another port to the internet"),
        (rule.keeps_closed_except(public_ports) for rule in ingress_rules(resource)),
    )


@control(
    resource_types=ACL_ENTRY,
    kind="network_boundary",
    severity="low",
    severity_reason="Security groups are the primary control, and reopen nothing that they close.",
    fix="Add an entry that denies ports 22 and 3389 with `traffic=ec2.AclTraffic.tcp_port(22)`, "
    "`rule_action=ec2.Action.DENY` and a smaller `rule_number` (NetworkAclEntry: RuleAction: deny, a smaller "
    "RuleNumber).",
    config_rule="NACL_NO_UNRESTRICTED_SSH_RDP",
    prowler=(
        "ec2_networkacl_allow_ingress_any_port",
        "ec2_networkacl_allow_ingress_tcp_port_22",
        "ec2_networkacl_allow_ingress_tcp_port_3389",
    ),
    also_mapped={"Prowler": ("CC6.6",)},
)
def vpc_network_acl_remote_administration(entry: Resource) -> Verdict:
    """Network ACLs do not open SSH and RDP to the internet.

    Network ACLs are a second layer that still applies when a security group is too open.

    ACLs are stateless, so an entry for return traffic (1024-65535) includes port 3389. A deny entry for the port with a
    smaller rule number makes it pass. A change applies at once, also to open connections.
    """
    applies = entry["Egress"].default(False).equals(False) & _acts(entry, "allow")
    opened = any_of(
        _matches(entry, port, protocol) & ~_is_denied_before(entry, port, protocol)
        for port, protocol in ((22, 6), (3389, 6), (3389, 17))
    )
    reaches = all_of(_is_from_internet(entry), applies, opened)
    return all_of(
        passed("the entry opens neither port 22 nor port 3389 to the internet"),
        (~reaches).with_message("the entry opens port 22 or 3389 to the internet"),
    )


def _acts(entry: Resource, action: str) -> Verdict:
    return entry["RuleAction"].satisfies(lambda value: str(value).lower() == action, action)


def _is_from_internet(entry: Resource) -> Verdict:
    return is_internet(entry["CidrBlock"]) | is_internet(entry["Ipv6CidrBlock"])


def _matches(entry: Resource, port: int, protocol: int) -> Verdict:
    return entry["Protocol"].equals(-1) | all_of(
        entry["Protocol"].equals(protocol),
        entry["PortRange.From"].default(0).at_most(port),
        entry["PortRange.To"].default(65535).at_least(port),
    )


def _is_denied_before(entry: Resource, port: int, protocol: int) -> Verdict:
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
        return unresolved("RuleNumber is known only when the template is deployed")
    return one["RuleNumber"].at_most(last - 1)


def _takes_in(denied: Value, allowed: Value) -> Verdict:
    """Whether the denied range includes the allowed one: it is the whole internet, or the same range."""
    if allowed.is_absent:
        return passed("{} is not set", allowed)
    return denied.one_of("0.0.0.0/0", "::/0") if denied.node != allowed.node else passed("{} is the same range", denied)


@control(
    resource_types=SUBNET,
    kind="network_boundary",
    severity="low",
    severity_reason="Public addresses of instances are judged by their own controls.",
    fix="Set `map_public_ip_on_launch=False` in the subnet configuration (MapPublicIpOnLaunch: false).",
    config_rule="SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED",
    prowler=("vpc_subnet_no_public_ip_by_default",),
    also_mapped={"Prowler": ("CC6.6",)},
)
def vpc_subnet_auto_assign_public_ip_disabled(subnet: Resource) -> Verdict:
    """Subnets do not assign public IP addresses automatically.

    An instance in such a subnet is reachable from the internet unless its launch settings prevent it.

    The CDK enables the setting for public subnets. Load balancers and NAT gateways do not need it. The change applies
    to new network interfaces.
    """
    return subnet["MapPublicIpOnLaunch"].default(False).equals(False)


@control(
    resource_types=VPC,
    kind="network_boundary",
    severity="medium",
    fix="Add private subnets with `ec2.SubnetConfiguration(name=..., "
    "subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)` (AWS::EC2::Subnet whose route table has no "
    "AWS::EC2::Route to an internet gateway).",
    prowler=("vpc_subnet_separate_private_public",),
    also_mapped={"Prowler": ("CC6.6",)},
)
def vpc_subnet_public_and_private(vpc: Resource) -> Verdict:
    """VPCs separate private subnets from public subnets.

    If every subnet has a route to the internet, a single security group rule can expose a database.

    A subnet is public if its route table has a route to an internet gateway. A subnet without its own table uses the
    main table, to which templates add no routes. A VPC without public subnets passes. Moving a resource to another
    subnet replaces it.
    """
    subnets = vpc.referrers(SUBNET, via="VpcId")
    if not subnets:
        return unresolved("the subnets of the VPC are not part of the assembly")
    return any_of(~is_public(subnet) for subnet in subnets).with_message(
        "every subnet has a route to an internet gateway"
    )


@control(
    resource_types=ENDPOINT,
    kind="permissions",
    severity="low",
    severity_reason="Callers also need permissions of their own; the policy limits what they reach through the VPC.",
    fix="Call `endpoint.add_to_policy(iam.PolicyStatement(principals=[iam.AnyPrincipal()], actions=[...], "
    'resources=[...]))`, with `conditions={"StringEquals": {"aws:PrincipalAccount": account}}` where the resources '
    "are not fixed (PolicyDocument).",
    prowler=("vpc_endpoint_connections_trust_boundaries",),
)
def vpc_endpoint_policy_restricted(endpoint: Resource) -> Verdict:
    """VPC endpoints have a policy that does not allow everything.

    With the default policy, a compromised instance can copy data through the endpoint to a bucket or queue of any
    account. No firewall or flow log shows that.

    A statement counts if it allows every action on every resource to everyone, and no condition limits it. Endpoint
    services of partners and your own, and gateway load balancer endpoints, take no policy and pass. A change takes
    effect at once, also for AWS services that read from S3 in your VPC, such as package repositories of Amazon Linux.
    """
    document = endpoint["PolicyDocument"]
    if document.is_absent:
        verdict = failed("{} is not set; the default policy allows everything", document, path=document.path)
    else:
        verdict = all_of(_limits_something(statement) for statement in statements(document))
    return _takes_policy(endpoint).implies(verdict)


def _takes_policy(endpoint: Resource) -> Verdict:
    kind = endpoint["VpcEndpointType"].default("Gateway").one_of(*_ENDPOINTS_WITH_POLICY)
    return kind & ~endpoint["ServiceName"].satisfies(
        lambda name: ".vpce." in str(name), "the name of an endpoint service of a partner"
    )


def _limits_something(statement: Statement) -> Verdict:
    if statement.malformed:
        return unresolved("a statement is not known: {}", statement.malformed, path=statement.path)
    if not statement.allows or statement.conditions:
        return passed("the statement is a denial or has a condition")
    everything = statement.covers_action("*") & statement.covers_every_resource() & statement.is_for_everyone()
    return (~everything).with_message("a statement allows everything", path=statement.path)


@control(
    resource_types=ROUTE,
    kind="network_boundary",
    severity="low",
    severity_reason="Security groups of the other VPC decide which connections they accept.",
    fix="Set `destination_cidr_block` of `ec2.CfnRoute(...)` to the range of the peer VPC or of its subnets "
    "(Route.DestinationCidrBlock).",
    prowler=("vpc_peering_routing_tables_with_least_privilege",),
)
def vpc_peering_route_restricted(route: Resource) -> Verdict:
    """Routes to peer VPCs cover only the range of the peer.

    A wide route sends traffic to the peer VPC that is meant for other networks, and opens a way into it without
    a review.

    The range of a VPC is at most a /16 (IPv6: /44), so wider destinations fail. The change takes effect at once.
    """
    narrow = all_of(
        _is_range_of_vpc(route["DestinationCidrBlock"], _WIDEST_VPC_IPV4),
        _is_range_of_vpc(route["DestinationIpv6CidrBlock"], _WIDEST_VPC_IPV6),
    )
    return route["VpcPeeringConnectionId"].is_set().implies(narrow)


def _is_range_of_vpc(destination: Value, widest: int) -> Verdict:
    def fits(range_: object) -> bool:
        bits = str(range_).strip().rpartition("/")[2]
        return not bits.isdecimal() or int(bits) >= widest

    if destination.is_absent:
        return passed("{} is not set", destination)
    return destination.satisfies(fits, f"a range that a VPC can have, at most a /{widest}")
