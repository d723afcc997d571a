"""Amazon EC2: instances, launch templates and launch configurations, images, gateways."""

from __future__ import annotations

from soc2_constructs.aws.backup_selection import selected
from soc2_constructs.aws.instances import (
    INSTANCE,
    LAUNCH_CONFIGURATION,
    LAUNCH_TEMPLATE,
    LAUNCHES,
    gets_public_address,
    inherited,
    is_started_by_groups,
    security_groups,
    setting,
    stands_alone,
)
from soc2_constructs.aws.network import GROUP, all_ingress_rules
from soc2_constructs.aws.policies import Statement, statements, statements_of
from soc2_constructs.cloudformation import (
    Reference,
    Resource,
    Text,
    Value,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    unresolved,
)
from soc2_constructs.controls import control

CLIENT_VPN = "AWS::EC2::ClientVpnEndpoint"
TRANSIT_GATEWAY = "AWS::EC2::TransitGateway"
DISTRIBUTION = "AWS::ImageBuilder::DistributionConfiguration"
_PROFILE = "AWS::IAM::InstanceProfile"
_ROLE = "AWS::IAM::Role"
_ROUTE = "AWS::EC2::Route"

#: Types of earlier generations that have dedicated bandwidth to EBS only when asked; all others have it or cannot.
#: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-optimization.html
_ON_REQUEST = (
    *("c1.xlarge", "c3.xlarge", "c3.2xlarge", "c3.4xlarge", "g2.2xlarge", "i2.xlarge", "i2.2xlarge", "i2.4xlarge"),
    *("m1.large", "m1.xlarge", "m2.2xlarge", "m2.4xlarge", "m3.xlarge", "m3.2xlarge"),
    *("r3.xlarge", "r3.2xlarge", "r3.4xlarge"),
)

#: Managed policies that let the agent of Systems Manager register its instance.
_AGENT_POLICIES = (
    "AmazonEC2RoleforSSM",
    "AmazonSSMManagedEC2InstanceDefaultPolicy",
    "AmazonSSMManagedInstanceCore",
)
_AGENT_ACTION = "ssm:UpdateInstanceInformation"
#: The types of policies that IAM attaches to roles from outside, and the property that names the roles.
_ATTACHED = (
    ("AWS::IAM::ManagedPolicy", "Roles[]"),
    ("AWS::IAM::Policy", "Roles[]"),
    ("AWS::IAM::RolePolicy", "RoleName"),
)


@control(
    resource_types=LAUNCHES,
    kind="logging",
    severity="low",
    fix="Set `detailed_monitoring=True` (Monitoring: true; LaunchTemplateData.Monitoring.Enabled: true).",
    config_rule="EC2_INSTANCE_DETAILED_MONITORING_ENABLED",
    prowler=("ec2_instance_detailed_monitoring_enabled",),
    also_mapped={"inferred": ("CC7.2",)},
)
def ec2_instance_detailed_monitoring_enabled(launch: Resource) -> Verdict:
    """Instances send metrics every minute.

    Without it metrics come every five minutes, and alarms as late. Metrics cost; a change interrupts nothing. Launch
    configurations have it unless they switch it off. A launch template that only instances use is judged with them.
    """
    monitored = setting(launch, "Monitoring", template="Monitoring.Enabled", configuration="InstanceMonitoring")
    if launch.type == LAUNCH_CONFIGURATION:
        monitored = monitored.default(True)
    return stands_alone(launch).implies(monitored.equals(True))


@control(
    resource_types=LAUNCHES,
    kind="capacity",
    severity="low",
    fix="Choose a type of the current generation, or set `ebs_optimized=True` (EbsOptimized: true).",
    config_rule="EBS_OPTIMIZED_INSTANCE",
    also_mapped={"inferred": ("CC7.4", "A1.2")},
)
def ec2_instance_ebs_optimized(launch: Resource) -> Verdict:
    """Instances have bandwidth of their own to EBS.

    Disk and network traffic that share a link slow each other down. Every type of the current generation has its own,
    and passes; a few of earlier generations have it on request, for a price and a stop of the instance; the smallest
    ones (t2) cannot have it, and pass.
    """
    kind = setting(launch, "InstanceType")
    alone = (
        unresolved("the type of the instances is not told")
        if kind.is_absent
        else kind.satisfies(lambda found: str(found) not in _ON_REQUEST, "a type that has it without being asked")
    )
    return stands_alone(launch).implies(setting(launch, "EbsOptimized").equals(True) | alone)


@control(
    resource_types=INSTANCE,
    kind="network_boundary",
    severity="medium",
    fix="Give the instance `vpc=vpc` (SubnetId, or NetworkInterfaces[].SubnetId).",
    config_rule="INSTANCES_IN_VPC",
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def ec2_instance_in_vpc(instance: Resource) -> Verdict:
    """Instances are placed in a subnet of a VPC of yours.

    What names no subnet starts in the default VPC of the account, whose subnets are all public and which nobody
    designed. To move an instance replaces it.
    """
    return any_of(
        instance["SubnetId"].is_set(),
        _placed(instance["NetworkInterfaces"]),
        _placed(inherited(instance, "NetworkInterfaces")),
    ).with_message("it names no subnet, so it starts in the default VPC")


def _placed(interfaces: Value) -> Verdict:
    return any_of(
        interface["SubnetId"].is_set() | interface["NetworkInterfaceId"].is_set() for interface in interfaces.each()
    )


@control(
    resource_types=LAUNCHES,
    kind="network_boundary",
    severity="high",
    fix="Place it in private subnets, `vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)`"
    ", where BastionHostLinux stands unless `subnet_selection` says otherwise, or set "
    "`associate_public_ip_address=False` (NetworkInterfaces[].AssociatePublicIpAddress: false).",
    config_rule="EC2_INSTANCE_NO_PUBLIC_IP",
    prowler=("ec2_instance_public_ip",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def ec2_instance_not_publicly_accessible(launch: Resource) -> Verdict:
    """Instances have no public address.

    A load balancer or Session Manager reaches an instance without one. Where an instance says nothing, its subnet
    decides; one without a subnet starts in a default subnet, which gives out addresses. Elastic addresses count. An
    instance to which a route sends the traffic of others is a NAT instance, which has to have one, and passes. A change
    of the address replaces the instance.
    """
    routes = launch.referrers(_ROUTE, via="InstanceId") if launch.type == INSTANCE else []
    if routes:
        return passed("does not apply: {} sends the traffic of others through it", routes[0].logical_id)
    return stands_alone(launch).implies(_is_private(launch))


def _is_private(launch: Resource) -> Verdict:
    verdict = ~gets_public_address(launch)
    return verdict.with_message(f"the instances get a public address: {verdict.message}")


@control(
    resource_types=LAUNCHES,
    kind="authentication",
    severity="high",
    fix="Set `require_imdsv2=True`, or for NAT instances and others without it `Aspects.of(scope).add("
    "ec2.InstanceRequireImdsv2Aspect())` (MetadataOptions.HttpTokens: required).",
    config_rule="EC2_IMDSV2_CHECK",
    prowler=("ec2_instance_imdsv2_enabled",),
    also_mapped={"inferred": ("CC7.2",)},
)
def ec2_instance_uses_imdsv2(launch: Resource) -> Verdict:
    """The metadata service of instances demands session tokens.

    Without tokens, one forged request through a web application reads the credentials of the instance's role. Newer
    images demand them unasked, unless the account says otherwise: say it yourself. Software that still asks without a
    token gets no credentials from then on. The metadata service switched off altogether passes.
    """
    demands = any_of(
        setting(launch, "MetadataOptions.HttpTokens").equals("required"),
        setting(launch, "MetadataOptions.HttpEndpoint").equals("disabled"),
    )
    return stands_alone(launch).implies(demands.with_message("MetadataOptions.HttpTokens is not required"))


@control(
    resource_types=LAUNCH_TEMPLATE,
    kind="network_boundary",
    severity="high",
    fix="Leave out `associate_public_ip_address`, or set it to False "
    "(LaunchTemplateData.NetworkInterfaces[].AssociatePublicIpAddress: false).",
    config_rule="EC2_LAUNCH_TEMPLATE_PUBLIC_IP_DISABLED",
    prowler=("ec2_launch_template_no_public_ip",),
    also_mapped={"inferred": ("CC6.6",)},
)
def ec2_launch_template_not_publicly_accessible(template: Resource) -> Verdict:
    """Launch templates ask for no public addresses.

    A template that asks gives one to every instance that is ever made of it, in private subnets too. A change makes a
    new version and holds for instances that start with it.
    """
    return all_of(
        interface["AssociatePublicIpAddress"].default(False).equals(False)
        for interface in template["LaunchTemplateData.NetworkInterfaces"].each()
    )


@control(
    resource_types=CLIENT_VPN,
    kind="logging",
    severity="medium",
    fix="Keep `logging=True` with a `log_group` of `vpc.add_client_vpn_endpoint(...)` (ConnectionLogOptions.Enabled: "
    "true, CloudwatchLogGroup).",
    config_rule="EC2_CLIENT_VPN_CONNECTION_LOG_ENABLED",
    prowler=("ec2_client_vpn_endpoint_connection_logging_enabled",),
    also_mapped={"inferred": ("A1.2",)},
)
def ec2_client_vpn_endpoint_client_connection_logging_enabled(endpoint: Resource) -> Verdict:
    """Client VPN endpoints log connections.

    Who came in, when, from where, and whether it was refused. Switching it on interrupts nobody.
    """
    options = endpoint["ConnectionLogOptions"]
    return options["Enabled"].equals(True) & options["CloudwatchLogGroup"].is_set()


@control(
    resource_types=TRANSIT_GATEWAY,
    kind="network_boundary",
    severity="high",
    fix='Leave out `auto_accept_shared_attachments` of `ec2.CfnTransitGateway` or set it to "disable" '
    "(AutoAcceptSharedAttachments: disable).",
    config_rule="EC2_TRANSIT_GATEWAY_AUTO_VPC_ATTACH_DISABLED",
    prowler=("ec2_transitgateway_auto_accept_vpc_attachments",),
    also_mapped={"inferred": ("CC6.7",)},
)
def ec2_transit_gateway_auto_cross_account_attachment_disabled(gateway: Resource) -> Verdict:
    """Transit gateways accept no attachments of other accounts by themselves.

    Whoever the gateway is shared with could join its network unseen. Attachments that exist stay; new ones wait until
    somebody accepts them.
    """
    return gateway["AutoAcceptSharedAttachments"].default("disable").equals("disable")


@control(
    resource_types=INSTANCE,
    kind="backups",
    severity="low",
    fix="Select the instance in a BackupPlan: tag it `soc2:backup`, `plan.add_tagged()` selects it "
    "(AWS::Backup::BackupSelection), and deploy the AWS Config rule EC2_RESOURCES_PROTECTED_BY_BACKUP_PLAN.",
    config_rule="EC2_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def ec2_instance_protected_by_backup_plan(instance: Resource) -> Verdict:
    """Instances have recovery points from a backup plan.

    An instance that keeps data on its volumes is gone with them. Bastion hosts and others that keep nothing need none:
    which they are, a template does not say. Whether jobs ran, the AWS Config rule sees in the account.
    """
    return selected(instance)


@control(
    resource_types=LAUNCHES,
    kind="configuration_detection",
    severity="medium",
    fix="Set `ssm_session_permissions=True`, or add the managed policy `AmazonSSMManagedInstanceCore` to the role "
    "(IamInstanceProfile), and deploy the AWS Config rule EC2_INSTANCE_MANAGED_BY_SSM.",
    config_rule="EC2_INSTANCE_MANAGED_BY_SSM",
    prowler=("ec2_instance_managed_by_ssm",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC3.2", "CC6.1", "CC6.2", "CC7.1")},
)
def ec2_instance_ssm_managed(launch: Resource) -> Verdict:
    """Instances may register with Systems Manager.

    What is registered is patched, inventoried and reached without open ports or keys. The role of the instance has to
    allow it; whether the agent runs and gets through, the AWS Config rule sees. An account with Default Host Management
    gives the permission to instances without a profile: waive it there. A launch template without a profile passes
    nothing on: whoever starts instances of it may add one. Nothing restarts.
    """
    return stands_alone(launch).implies(_has_agent_profile(launch))


def _has_agent_profile(launch: Resource) -> Verdict:
    name = _profile(launch)
    if name.is_absent:
        if launch.type == LAUNCH_TEMPLATE and not is_started_by_groups(launch):
            return unresolved("whoever uses the launch template may add a profile")
        return failed("it has no instance profile", path=name.path)
    profile = name.target_of(_PROFILE)
    if profile is None:
        return unresolved("its instance profile is not part of the assembly", path=name.path)
    return any_of(_lets_register(role) for role in profile["Roles"].each()).with_message(
        f"the role of its profile does not allow {_AGENT_ACTION}"
    )


def _profile(launch: Resource) -> Value:
    arn = setting(launch, "IamInstanceProfile", template="IamInstanceProfile.Arn")
    return setting(launch, "IamInstanceProfile", template="IamInstanceProfile.Name") if arn.is_absent else arn


def _lets_register(name: Value) -> Verdict:
    role = name.target_of(_ROLE)
    if role is None:
        return unresolved("its role is not part of the assembly")
    documents = [policy["PolicyDocument"] for policy in role["Policies"].each()]
    for kind, via in _ATTACHED:
        documents += [policy["PolicyDocument"] for policy in role.referrers(kind, via=via)]
    return any_of(
        *(_is_for_agents(arn) for arn in role["ManagedPolicyArns"].each()),
        *(_allows(statement) for document in documents for statement in statements(document)),
    )


def _is_for_agents(arn: Value) -> Verdict:
    """Whether a managed policy is one of AWS's for the agent, or one of the assembly that allows the same."""
    node = arn.node
    if type(node) is Reference:
        return any_of(_allows(statement) for statement in statements_of(node.resource, "PolicyDocument"))
    *_, end = node.parts if type(node) is Text else (node,)
    if type(end) is str:
        known = end.rpartition("/")[2] in _AGENT_POLICIES
        return passed("{} allows it", end) if known else failed("{} is another policy", end)
    return unresolved("a policy of the role is not known before deployment")


def _allows(statement: Statement) -> Verdict:
    if statement.malformed:
        return unresolved("a statement of the role is not known: {}", statement.malformed)
    return statement.covers_action(_AGENT_ACTION) if statement.allows else failed("the statement denies")


@control(
    resource_types=DISTRIBUTION,
    kind="public_data",
    severity="high",
    fix='Take "all" out of `user_groups` in the launch permissions of `imagebuilder.CfnDistributionConfiguration` '
    "(Distributions[].AmiDistributionConfiguration.LaunchPermissionConfiguration.UserGroups); take back shared images "
    "by hand.",
    prowler=("ec2_ami_public",),
    live_only=True,
    also_mapped={"Prowler": ("CC6.6",)},
)
def ec2_ami_restrict_public_access(configuration: Resource) -> Verdict:
    """Images are not shared with everyone.

    An image holds whatever was on the disk: code, configuration, sometimes keys. Image Builder shares what it builds as
    its distribution configuration says, and that is all of it that a template shows; images shared by hand are seen in
    the account only, where blocking public access for AMIs keeps them all private. A change holds for images built
    from then on.
    """
    return all_of(
        ~group.equals("all")
        for distribution in configuration["Distributions"].each()
        for group in distribution["AmiDistributionConfiguration.LaunchPermissionConfiguration.UserGroups"].each()
    )


@control(
    resource_types=(INSTANCE, LAUNCH_TEMPLATE),
    kind="network_boundary",
    severity="high",
    fix="On hosts of enclaves set `require_imdsv2=True` and `associate_public_ip_address=False`, and let their groups "
    "name who may connect (MetadataOptions.HttpTokens, NetworkInterfaces, SecurityGroupIngress).",
    prowler=(
        "ec2_confidential_workload_host_imdsv2_not_enforced",
        "ec2_confidential_workload_host_not_running",
        "ec2_confidential_workload_host_public_ip",
        "ec2_confidential_workload_host_unrestricted_ingress",
        "ec2_confidential_workload_host_vsock_proxy_exposed",
    ),
    live_only=True,
    also_mapped={"Prowler": ("CC6.6", "CC7.2", "A1.2")},
)
def ec2_confidential_workload_host_hardened(launch: Resource) -> Verdict:
    """Hosts of Nitro Enclaves are out of reach and demand session tokens.

    An enclave trusts nobody, but all that goes in and out passes through its host: that one has to be hard to reach. No
    public address, no rule for the internet on any port, and tokens for its metadata. Whether it runs and what its
    proxy exposes is seen in the account only. Instances without enclaves pass.
    """
    hosts = setting(launch, "EnclaveOptions.Enabled").equals(True)
    hardened = all_of(
        setting(launch, "MetadataOptions.HttpTokens").equals("required"),
        _is_private(launch),
        *(_keeps_out_internet(group) for group in security_groups(launch)),
    )
    return stands_alone(launch).implies(hosts.implies(hardened))


def _keeps_out_internet(name: Value) -> Verdict:
    group = name.target_of(GROUP)
    if group is None:
        return unresolved("a security group is not part of the assembly", path=name.path)
    rules = all_of(rule.keeps_out_internet() for rule in all_ingress_rules(group))
    return rules.with_message(f"{group.logical_id} lets in the internet")
