"""Settings with which instances are launched: their own properties, and those of their launch template."""

from __future__ import annotations

from soc2_constructs.aws.network import gives_public_addresses
from soc2_constructs.cloudformation import (
    PASS,
    Reference,
    Resource,
    Unresolved,
    Value,
    Verdict,
    any_of,
    failed,
    passed,
    unresolved,
)
from soc2_constructs.cloudformation.values import ABSENT, split_path

INSTANCE = "AWS::EC2::Instance"
LAUNCH_TEMPLATE = "AWS::EC2::LaunchTemplate"
LAUNCH_CONFIGURATION = "AWS::AutoScaling::LaunchConfiguration"
#: Resource types from which instances are launched.
LAUNCHES = (INSTANCE, LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION)

_ADDRESS = "AWS::EC2::EIP"
_ADDRESS_ASSOCIATION = "AWS::EC2::EIPAssociation"
_ATTACHMENT = "AWS::EC2::NetworkInterfaceAttachment"
_INTERFACE = "AWS::EC2::NetworkInterface"
_AUTO_SCALING_GROUP = "AWS::AutoScaling::AutoScalingGroup"
_EC2_FLEET = "AWS::EC2::EC2Fleet"
_SPOT_FLEET = "AWS::EC2::SpotFleet"
#: Where users of launch templates and launch configurations list the subnets of their instances.
_SUBNETS = {
    _AUTO_SCALING_GROUP: "VPCZoneIdentifier[]",
    _EC2_FLEET: "LaunchTemplateConfigs[].Overrides[].SubnetId",
    _SPOT_FLEET: "SpotFleetRequestConfigData.LaunchTemplateConfigs[].Overrides[].SubnetId",
    "AWS::EKS::Nodegroup": "Subnets[]",
}
#: Resource types that launch instances from a launch template without adding an instance profile.
_GROUPS = (_AUTO_SCALING_GROUP, _EC2_FLEET, _SPOT_FLEET)


def setting(launch: Resource, path: str, *, template: str = "", configuration: str = "") -> Value:
    """A setting of the instances, by its path in AWS::EC2::Instance.

    Args:
        launch: An instance, a launch template or a launch configuration.
        path: The property of AWS::EC2::Instance. Its launch template supplies properties that it omits.
        template: The path in LaunchTemplateData. Default: `path`.
        configuration: The property of AWS::AutoScaling::LaunchConfiguration. Default: `path`.
    """
    if launch.type == LAUNCH_TEMPLATE:
        return launch[f"LaunchTemplateData.{template or path}"]
    if launch.type == LAUNCH_CONFIGURATION:
        return launch[configuration or path]
    own = launch[path]
    return Value(launch, own.path, inherited(launch, template or path).node) if own.is_absent else own


def inherited(instance: Resource, path: str) -> Value:
    """The value at a path of LaunchTemplateData in the launch template of an instance."""
    reference = instance["LaunchTemplate"]
    template = reference["LaunchTemplateId"].target_of(LAUNCH_TEMPLATE)
    template = template or reference["LaunchTemplateName"].target_of(LAUNCH_TEMPLATE)
    missing: object
    if reference.is_absent:
        missing = ABSENT
    elif template is None:
        missing = Unresolved("the launch template is not part of the assembly")
    elif reference["Version"].node in ("$Latest", Reference(template, "LatestVersionNumber")):
        return template[f"LaunchTemplateData.{path}"]
    else:
        missing = Unresolved(f"LaunchTemplate.Version can be an earlier version of {template.logical_id}")
    return Value(instance, split_path(path), missing)


def stands_alone(launch: Resource) -> Verdict:
    """Whether it is checked on its own; a launch template that only instances use is checked with each of them."""
    users = launch.referenced_by() if launch.type == LAUNCH_TEMPLATE else []
    if users and all(user.type == INSTANCE for user in users):
        return failed("it is checked with the instances that use it")
    return passed("it is checked on its own")


def is_started_by_groups(template: Resource) -> bool:
    """Whether a group or fleet launches instances from the launch template."""
    return any(user.type in _GROUPS for user in template.referenced_by())


def security_groups(launch: Resource) -> list[Value]:
    """The references to the security groups of the instances."""
    named = [group for path in ("SecurityGroupIds", "SecurityGroups") for group in _stated(launch, path).each()]
    for interface in _stated(launch, "NetworkInterfaces").each():
        named += interface["Groups" if interface.resource.type == LAUNCH_TEMPLATE else "GroupSet"].each()
    return named


def _stated(launch: Resource, path: str) -> Value:
    """The setting in the resource that declares it, so that the references in a list keep their template."""
    own = setting(launch, path)
    return inherited(launch, path) if launch.type == INSTANCE and launch[path].is_absent else own


def gets_public_address(launch: Resource) -> Verdict:
    """Whether the instances get a public IPv4 address: from an interface, from their subnet, or an Elastic IP address.

    EC2 assigns no public address to an instance that is launched with several network interfaces.
    Source: Amazon EC2 API Reference, "InstanceNetworkInterfaceSpecification" (AssociatePublicIpAddress).
    """
    if launch.type == LAUNCH_CONFIGURATION:
        flag = launch["AssociatePublicIpAddress"]
        return _by_subnet(launch) if flag.is_absent else flag.equals(True)
    interfaces = _stated(launch, "NetworkInterfaces")
    if interfaces.unresolved is not None:
        given = unresolved("{}", interfaces.unresolved, path=interfaces.path)
    elif interfaces.is_absent:
        given = _by_subnet(launch)
    else:
        given = _by_interfaces(launch, interfaces.each())
    return given | _has_elastic_address(launch)


def _by_interfaces(launch: Resource, interfaces: list[Value]) -> Verdict:
    if len(interfaces) > 1:
        interfaces = [interface for interface in interfaces if not interface["NetworkInterfaceId"].is_absent]
    return any_of(_by_interface(launch, interface) for interface in interfaces)


def _by_interface(launch: Resource, interface: Value) -> Verdict:
    if not interface["NetworkInterfaceId"].is_absent:
        return _is_addressed(interface["NetworkInterfaceId"])
    flag = interface["AssociatePublicIpAddress"]
    if not flag.is_absent:
        return flag.equals(True)
    subnet = interface["SubnetId"]
    return _by_subnet(launch) if subnet.is_absent else gives_public_addresses(subnet)


def _by_subnet(launch: Resource) -> Verdict:
    """Whether a subnet assigns an address: that of an instance, or those that users of a launch template list."""
    if launch.type == INSTANCE:
        return gives_public_addresses(launch["SubnetId"])
    users = [user for user in launch.referenced_by() if user.type in _SUBNETS]
    if not users:
        return unresolved("no resource of the assembly lists the subnets of the instances")
    subnets = [(user, user.values(_SUBNETS[user.type])) for user in users]
    return any_of(
        (passed("{} launches in default subnets", user.logical_id) for user, listed in subnets if not listed),
        (gives_public_addresses(subnet) for _, listed in subnets for subnet in listed),
    )


def _is_addressed(name: Value) -> Verdict:
    """Whether an existing network interface has an Elastic IP address; it gets no other public address."""
    interface = name.target_of(_INTERFACE)
    if interface is None:
        return unresolved("the network interface is not part of the assembly", path=name.path)
    if interface.referrers(_ADDRESS_ASSOCIATION, via="NetworkInterfaceId"):
        return Verdict(PASS, "{} has an Elastic IP address", interface.logical_id, path=name.path)
    return failed("{} has no Elastic IP address", interface.logical_id)


def _has_elastic_address(instance: Resource) -> Verdict:
    for kind in (_ADDRESS, _ADDRESS_ASSOCIATION):
        if found := instance.referrers(kind, via="InstanceId"):
            return passed("{} assigns an Elastic IP address", found[0].logical_id)
    attached = instance.referrers(_ATTACHMENT, via="InstanceId")
    return any_of(_is_addressed(attachment["NetworkInterfaceId"]) for attachment in attached)
