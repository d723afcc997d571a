"""Amazon EC2: instances, launch templates and launch configurations, images, gateways."""

from __future__ import annotations

from soc2_constructs.aws.backup_selection import selected
from soc2_constructs.aws.fleets import FLEETS, gives_public_address, launches_are_judged, own_specifications
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
from soc2_constructs.aws.network import GROUP, keeps_out_internet
from soc2_constructs.aws.policies import Statement, statements, statements_of
from soc2_constructs.aws.required import is_given
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

#: Previous generation types that support EBS optimization but do not enable it by default.
#: Source: Amazon EBS User Guide, "Amazon EBS-optimized instance types".
#: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-optimization.html
_NOT_OPTIMIZED_BY_DEFAULT = (
    *("c1.xlarge", "c3.xlarge", "c3.2xlarge", "c3.4xlarge", "g2.2xlarge", "i2.xlarge", "i2.2xlarge", "i2.4xlarge"),
    *("m1.large", "m1.xlarge", "m2.2xlarge", "m2.4xlarge", "m3.xlarge", "m3.2xlarge"),
    *("r3.xlarge", "r3.2xlarge", "r3.4xlarge"),
)

#: AWS managed policies that allow the Systems Manager agent to register its instance.
_AGENT_POLICIES = (
    "AmazonEC2RoleforSSM",
    "AmazonSSMManagedEC2InstanceDefaultPolicy",
    "AmazonSSMManagedInstanceCore",
)
_AGENT_ACTION = "ssm:UpdateInstanceInformation"
#: Policy resources that IAM attaches to roles, and the property that names the roles.
_ATTACHED = (
    ("AWS::IAM::ManagedPolicy", "Roles[]"),
    ("AWS::IAM::Policy", "Roles[]"),
    ("AWS::IAM::RolePolicy", "RoleName"),
)


@control(
    resource_types=LAUNCHES,
    kind="alarms",
    severity="low",
    severity_reason="Basic monitoring already publishes the metrics every five minutes.",
    fix="Set `detailed_monitoring=True` (Monitoring: true; LaunchTemplateData.Monitoring.Enabled: true).",
    config_rule="EC2_INSTANCE_DETAILED_MONITORING_ENABLED",
    prowler=("ec2_instance_detailed_monitoring_enabled",),
    also_mapped={"inferred": ("CC7.2",)},
)
def ec2_instance_detailed_monitoring_enabled(launch: Resource) -> Verdict:
    """Instances publish metrics every minute.

    With basic monitoring, metrics arrive every five minutes, and alarms are delayed accordingly. Launch configurations
    enable detailed monitoring by default. A launch template that only instances use is checked with those instances.

    Nothing is interrupted. CloudWatch charges for the metrics.
    """
    is_detailed = setting(launch, "Monitoring", template="Monitoring.Enabled", configuration="InstanceMonitoring")
    if launch.type == LAUNCH_CONFIGURATION:
        is_detailed = is_detailed.default(True)
    return stands_alone(launch).implies(is_detailed.equals(True))


@control(
    resource_types=LAUNCHES,
    kind="capacity",
    severity="low",
    severity_reason="The setting affects performance only.",
    fix='Set `instance_type=ec2.InstanceType("m7g.large")` or another current generation type, or '
    "`ebs_optimized=True` (InstanceType, EbsOptimized: true).",
    config_rule="EBS_OPTIMIZED_INSTANCE",
    also_mapped={"inferred": ("CC7.4", "A1.2")},
)
def ec2_instance_ebs_optimized(launch: Resource) -> Verdict:
    """Instances have dedicated bandwidth to EBS.

    Without it, disk and network traffic compete for bandwidth. Current generation types have dedicated bandwidth by
    default, and pass. Some previous generation types require the setting. Types that do not support it, such as t2,
    pass.

    The instance must be stopped to change the setting. Previous generation types charge an hourly fee for it.
    """
    instance_type = setting(launch, "InstanceType")
    is_optimized_by_default = (
        unresolved("{} is not set; users of the launch template choose it", instance_type)
        if instance_type.is_absent
        else instance_type.satisfies(
            lambda name: str(name) not in _NOT_OPTIMIZED_BY_DEFAULT, "a type that is EBS-optimized by default"
        )
    )
    return stands_alone(launch).implies(setting(launch, "EbsOptimized").equals(True) | is_optimized_by_default)


@control(
    resource_types=INSTANCE,
    kind="network_boundary",
    severity="medium",
    severity_reason="Other controls check whether the instance has a public IP address.",
    fix="Set `vpc=vpc` on the instance (SubnetId, or NetworkInterfaces[].SubnetId).",
    config_rule="INSTANCES_IN_VPC",
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def ec2_instance_in_vpc(instance: Resource) -> Verdict:
    """Instances are launched in a specified subnet.

    An instance without a subnet is launched in the default VPC of the account. All subnets of the default VPC are
    public, so its network boundary was not designed for the workload.

    Changing the subnet replaces the instance.
    """
    return any_of(
        instance["SubnetId"].is_set(),
        _placed(instance["NetworkInterfaces"]),
        _placed(inherited(instance, "NetworkInterfaces")),
    ).with_message("SubnetId is not set, so the instance is launched in the default VPC")


def _placed(interfaces: Value) -> Verdict:
    return any_of(
        interface["SubnetId"].is_set() | interface["NetworkInterfaceId"].is_set() for interface in interfaces.each()
    )


@control(
    resource_types=(*LAUNCHES, *FLEETS),
    kind="network_boundary",
    severity="high",
    severity_reason="A public IP address opens a way in from the internet.",
    fix="Set `vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)` (`subnet_selection` of "
    "BastionHostLinux, whose default is private subnets), or `associate_public_ip_address=False` (SubnetId, "
    "NetworkInterfaces[].AssociatePublicIpAddress: false).",
    config_rule="EC2_INSTANCE_NO_PUBLIC_IP",
    prowler=("ec2_instance_public_ip",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def ec2_instance_not_publicly_accessible(launch: Resource) -> Verdict:
    """Instances have no public IP address.

    A public IP address exposes the instance to the internet. A load balancer or Session Manager reaches instances
    without one. By default, the subnet decides whether an instance gets an address, and default subnets assign one.
    Elastic IP addresses count. EC2 assigns no public address to an instance with several network interfaces. A NAT
    instance, to which a route sends traffic, requires an address and passes.

    The change replaces the instance.
    """
    if launch.type in FLEETS:
        private = (~gives_public_address(specification) for specification in own_specifications(launch))
        return all_of(launches_are_judged(launch), private).with_message("the instances get a public IP address")
    routes = launch.referrers(_ROUTE, via="InstanceId") if launch.type == INSTANCE else []
    if routes:
        return passed("does not apply: {} routes traffic through the instance", routes[0].logical_id)
    return stands_alone(launch).implies(_is_private(launch))


def _is_private(launch: Resource) -> Verdict:
    verdict = ~gets_public_address(launch)
    return verdict.with_message(f"the instances get a public IP address: {verdict.message}").with_pass_message(
        "the instances get no public IP address"
    )


@control(
    resource_types=(*LAUNCHES, *FLEETS),
    kind="authentication",
    severity="high",
    severity_reason="A server-side request forgery exposes the credentials of the instance role.",
    fix="Set `require_imdsv2=True`, or for classes without it, such as NAT instances, add `cdk.Aspects.of(scope).add("
    "ec2.InstanceRequireImdsv2Aspect())` (MetadataOptions.HttpTokens: required).",
    config_rule="EC2_IMDSV2_CHECK",
    prowler=("ec2_instance_imdsv2_enabled",),
    also_mapped={"inferred": ("CC7.2",)},
)
def ec2_instance_uses_imdsv2(launch: Resource) -> Verdict:
    """Instances require IMDSv2.

    Without session tokens, one server-side request forgery in a web application exposes the credentials of the instance
    role. The default depends on the image and the account, so the control requires the setting. A disabled metadata
    service passes.

    Instances are not interrupted. Software that requests metadata without a token no longer gets credentials.
    """
    if launch.type in FLEETS:
        text = "a launch specification of a Spot Fleet cannot require IMDSv2; a launch template can"
        return all_of(launches_are_judged(launch), (failed(text, path=own.path) for own in own_specifications(launch)))
    requires_tokens = any_of(
        setting(launch, "MetadataOptions.HttpTokens").equals("required"),
        setting(launch, "MetadataOptions.HttpEndpoint").equals("disabled"),
    )
    return stands_alone(launch).implies(
        requires_tokens.with_message("MetadataOptions.HttpTokens is not set to 'required'")
    )


@control(
    resource_types=LAUNCH_TEMPLATE,
    kind="network_boundary",
    severity="high",
    severity_reason="A public IP address opens a way in from the internet.",
    fix="Set `associate_public_ip_address=False` or omit it "
    "(LaunchTemplateData.NetworkInterfaces[].AssociatePublicIpAddress: false).",
    config_rule="EC2_LAUNCH_TEMPLATE_PUBLIC_IP_DISABLED",
    prowler=("ec2_launch_template_no_public_ip",),
    also_mapped={"inferred": ("CC6.6",)},
)
def ec2_launch_template_not_publicly_accessible(template: Resource) -> Verdict:
    """Launch templates do not assign public IP addresses.

    A launch template that assigns public IP addresses exposes every instance launched from it, whatever its subnet
    assigns.

    The change creates a new version of the launch template and applies to instances launched from it.
    """
    return all_of(
        interface["AssociatePublicIpAddress"].default(False).equals(False)
        for interface in template["LaunchTemplateData.NetworkInterfaces"].each()
    ).with_pass_message("no network interface of the launch template requests a public IP address")


@control(
    resource_types=CLIENT_VPN,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `logging=True` and `log_group=log_group` in `vpc.add_client_vpn_endpoint(...)` "
    "(ConnectionLogOptions.Enabled: true, ConnectionLogOptions.CloudwatchLogGroup).",
    config_rule="EC2_CLIENT_VPN_CONNECTION_LOG_ENABLED",
    prowler=("ec2_client_vpn_endpoint_connection_logging_enabled",),
    also_mapped={"inferred": ("A1.2",)},
)
def ec2_client_vpn_endpoint_client_connection_logging_enabled(endpoint: Resource) -> Verdict:
    """Client VPN endpoints log connections.

    Connection logs record which user connected, when and from where, and which attempts were denied.

    Nothing is interrupted. CloudWatch Logs charges for ingestion and storage.
    """
    options = endpoint["ConnectionLogOptions"]
    # The log group is required where connection logging is enabled (ConnectionLogOptions in the EC2 API reference).
    return options["Enabled"].equals(True) & is_given(options["CloudwatchLogGroup"])


@control(
    resource_types=TRANSIT_GATEWAY,
    kind="network_boundary",
    severity="high",
    severity_reason="Other accounts can join the network without review, which is a way in.",
    fix='Set `auto_accept_shared_attachments="disable"` of `ec2.CfnTransitGateway`, or omit it '
    "(AutoAcceptSharedAttachments: disable).",
    config_rule="EC2_TRANSIT_GATEWAY_AUTO_VPC_ATTACH_DISABLED",
    prowler=("ec2_transitgateway_auto_accept_vpc_attachments",),
    also_mapped={"inferred": ("CC6.7",)},
)
def ec2_transit_gateway_auto_cross_account_attachment_disabled(gateway: Resource) -> Verdict:
    """Transit gateways do not accept attachments of other accounts automatically.

    Otherwise every account with which the gateway is shared can join its network without review.

    Existing attachments are kept. New attachments wait until they are accepted.
    """
    return gateway["AutoAcceptSharedAttachments"].default("disable").equals("disable")


@control(
    resource_types=INSTANCE,
    kind="backups",
    severity="low",
    severity_reason="Many instances store no data, which a template does not show.",
    fix='Call `plan.add_selection("Data", resources=[backup.BackupResource.from_construct(instance)])` of a BackupPlan '
    "(AWS::Backup::BackupSelection), and deploy the AWS Config rule EC2_RESOURCES_PROTECTED_BY_BACKUP_PLAN.",
    config_rule="EC2_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def ec2_instance_protected_by_backup_plan(instance: Resource) -> Verdict:
    """Instances have recovery points from a backup plan.

    Without recovery points, an instance that stores data on its volumes cannot be restored. Bastion hosts and other
    stateless instances need no backup. The AWS Config rule shows in the live account that recovery points were created.

    Nothing is interrupted. Backup storage is charged.
    """
    return selected(instance)


@control(
    resource_types=LAUNCHES,
    kind="vulnerabilities",
    severity="medium",
    severity_reason="Instances without patch management are an exception in an audit.",
    fix="Set `ssm_session_permissions=True`, or call `role.add_managed_policy(iam.ManagedPolicy."
    'from_aws_managed_policy_name("AmazonSSMManagedInstanceCore"))` (IamInstanceProfile), and deploy the AWS Config '
    "rule EC2_INSTANCE_MANAGED_BY_SSM.",
    config_rule="EC2_INSTANCE_MANAGED_BY_SSM",
    prowler=("ec2_instance_managed_by_ssm",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC3.2", "CC6.1", "CC6.2", "CC7.1")},
)
def ec2_instance_ssm_managed(launch: Resource) -> Verdict:
    """Instances can register with Systems Manager.

    Systems Manager patches and inventories registered instances, and provides access without open ports or keys. The
    role of the instance must allow registration. The AWS Config rule shows whether the agent is registered. Waive the
    control in accounts with Default Host Management Configuration, which needs no instance profile.

    Nothing is restarted.
    """
    return stands_alone(launch).implies(_has_agent_profile(launch))


def _has_agent_profile(launch: Resource) -> Verdict:
    name = _profile(launch)
    if name.is_absent:
        if launch.type == LAUNCH_TEMPLATE and not is_started_by_groups(launch):
            return unresolved("users of the launch template can add an instance profile")
        return failed("IamInstanceProfile is not set", path=name.path)
    profile = name.target_of(_PROFILE)
    if profile is None:
        return unresolved("the instance profile is not part of the assembly", path=name.path)
    return any_of(_allows_registration(role) for role in profile["Roles"].each()).with_message(
        f"the role of {profile.logical_id} does not allow {_AGENT_ACTION}"
    )


def _profile(launch: Resource) -> Value:
    arn = setting(launch, "IamInstanceProfile", template="IamInstanceProfile.Arn")
    return setting(launch, "IamInstanceProfile", template="IamInstanceProfile.Name") if arn.is_absent else arn


def _allows_registration(name: Value) -> Verdict:
    role = name.target_of(_ROLE)
    if role is None:
        return unresolved("the role of the instance profile is not part of the assembly")
    documents = [policy["PolicyDocument"] for policy in role["Policies"].each()]
    for policy_type, via in _ATTACHED:
        documents += [policy["PolicyDocument"] for policy in role.referrers(policy_type, via=via)]
    return any_of(
        *(_is_for_agents(arn) for arn in role["ManagedPolicyArns"].each()),
        *(_allows(statement) for document in documents for statement in statements(document)),
    )


def _is_for_agents(arn: Value) -> Verdict:
    """Whether a managed policy is an AWS policy for the agent, or a policy of the assembly that allows registration."""
    node = arn.node
    if type(node) is Reference:
        return any_of(_allows(statement) for statement in statements_of(node.resource, "PolicyDocument"))
    *_, end = node.parts if type(node) is Text else (node,)
    if type(end) is str:
        name = end.rpartition("/")[2]
        if name in _AGENT_POLICIES:
            return passed("{} allows {}", name, _AGENT_ACTION)
        return failed("{} does not allow {}", name, _AGENT_ACTION)
    return unresolved("a policy of the role is not known before deployment")


def _allows(statement: Statement) -> Verdict:
    if statement.malformed:
        return unresolved("a statement of the role is not known before deployment: {}", statement.malformed)
    return statement.covers_action(_AGENT_ACTION) if statement.allows else failed("the Effect of the statement is Deny")


@control(
    resource_types=DISTRIBUTION,
    kind="public_data",
    severity="high",
    severity_reason="Public images expose their contents to every AWS account.",
    fix='Remove "all" from `user_groups` in the launch permissions of `imagebuilder.CfnDistributionConfiguration` '
    "(Distributions[].AmiDistributionConfiguration.LaunchPermissionConfiguration.UserGroups), and run "
    "`aws ec2 enable-image-block-public-access --image-block-public-access-state block-new-sharing` in each region.",
    prowler=("ec2_ami_public",),
    live_only=True,
    also_mapped={"Prowler": ("CC6.6",)},
)
def ec2_ami_restrict_public_access(configuration: Resource) -> Verdict:
    """Images are not shared publicly.

    A public image exposes the code, configuration and keys on its disk. A template shows only the images that Image
    Builder distributes. Check manually shared images in the live account, and block public access for AMIs there.

    The change applies to images built afterwards. Images that are already public stay public until you change them.
    """
    return all_of(
        ~group.equals("all")
        for distribution in configuration["Distributions"].each()
        for group in distribution["AmiDistributionConfiguration.LaunchPermissionConfiguration.UserGroups"].each()
    ).with_pass_message("no distribution shares images with the group 'all'")


@control(
    resource_types=(INSTANCE, LAUNCH_TEMPLATE),
    kind="network_boundary",
    severity="high",
    severity_reason="A reachable host is a way in to a confidential workload.",
    fix="On instances with enclaves set `require_imdsv2=True` and `associate_public_ip_address=False`, and limit "
    "ingress to known sources, such as `group.add_ingress_rule(client_group, ec2.Port.HTTPS)` "
    "(MetadataOptions.HttpTokens, NetworkInterfaces, SecurityGroupIngress).",
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
    """Hosts of Nitro Enclaves are not reachable from the internet and require IMDSv2.

    All traffic of an enclave passes through its host, so an intruder on the host can intercept or stop it. The host
    must have no public IP address, no ingress from the internet, and require IMDSv2. Instances without enclaves pass.
    Check in the live account whether the host runs and what its vsock proxy exposes.

    Removing the public IP address replaces the instance.
    """
    has_enclaves = setting(launch, "EnclaveOptions.Enabled").equals(True)
    is_hardened = all_of(
        setting(launch, "MetadataOptions.HttpTokens").equals("required"),
        _is_private(launch),
        *(_blocks_internet(group) for group in security_groups(launch)),
    )
    return stands_alone(launch).implies(has_enclaves.implies(is_hardened))


def _blocks_internet(name: Value) -> Verdict:
    group = name.target_of(GROUP)
    if group is None:
        return unresolved("a security group is not part of the assembly", path=name.path)
    rules = keeps_out_internet(group)
    return rules.with_message(f"{group.logical_id} allows ingress from the internet")
