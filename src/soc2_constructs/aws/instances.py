"""What an instance is started with: its own properties, and those of the launch template that it names."""

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
#: Everything of which instances are made.
LAUNCHES = (INSTANCE, LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION)

_ADDRESS = "AWS::EC2::EIP"
_ADDRESS_ASSOCIATION = "AWS::EC2::EIPAssociation"
_ATTACHMENT = "AWS::EC2::NetworkInterfaceAttachment"
_INTERFACE = "AWS::EC2::NetworkInterface"
_AUTO_SCALING_GROUP = "AWS::AutoScaling::AutoScalingGroup"
#: Where the users of launch templates and launch configurations say in which subnets they start instances.
_SUBNETS = {_AUTO_SCALING_GROUP: "VPCZoneIdentifier", "AWS::EKS::Nodegroup": "Subnets"}
#: What starts instances of a launch template and gives them no instance profile.
_GROUPS = (_AUTO_SCALING_GROUP, "AWS::EC2::EC2Fleet", "AWS::EC2::SpotFleet")


def setting(launch: Resource, path: str, *, template: str = "", configuration: str = "") -> Value:
    """A setting of the instances, by its path in AWS::EC2::Instance.

    Args:
        launch: An instance, a launch template or a launch configuration.
        path: The property of AWS::EC2::Instance. What it leaves out, its launch template says.
        template: The path in LaunchTemplateData, where it is another one.
        configuration: The property of AWS::AutoScaling::LaunchConfiguration, where it is another one.
    """
    if launch.type == LAUNCH_TEMPLATE:
        return launch[f"LaunchTemplateData.{template or path}"]
    if launch.type == LAUNCH_CONFIGURATION:
        return launch[configuration or path]
    own = launch[path]
    return Value(launch, own.path, inherited(launch, template or path).node) if own.is_absent else own


def inherited(instance: Resource, path: str) -> Value:
    """What the launch template of an instance says at a path of its LaunchTemplateData."""
    reference = instance["LaunchTemplate"]
    template = reference["LaunchTemplateId"].target_of(LAUNCH_TEMPLATE)
    template = template or reference["LaunchTemplateName"].target_of(LAUNCH_TEMPLATE)
    missing: object
    if reference.is_absent:
        missing = ABSENT
    elif template is None:
        missing = Unresolved("its launch template is not part of the assembly")
    elif reference["Version"].node in ("$Latest", Reference(template, "LatestVersionNumber")):
        return template[f"LaunchTemplateData.{path}"]
    else:
        missing = Unresolved(f"LaunchTemplate.Version may be an earlier version of {template.logical_id} than this one")
    return Value(instance, split_path(path), missing)


def stands_alone(launch: Resource) -> Verdict:
    """Whether it says all of its instances; a launch template that only instances use is judged with each of those."""
    users = launch.referenced_by() if launch.type == LAUNCH_TEMPLATE else []
    if users and all(user.type == INSTANCE for user in users):
        return failed("it is judged together with the instances that use it")
    return passed("it stands for its instances")


def is_started_by_groups(template: Resource) -> bool:
    """Whether something starts instances of the launch template as they stand there."""
    return any(user.type in _GROUPS for user in template.referenced_by())


def security_groups(launch: Resource) -> list[Value]:
    """The security groups of the instances, each as it is named."""
    named = [group for path in ("SecurityGroupIds", "SecurityGroups") for group in _stated(launch, path).each()]
    for interface in _stated(launch, "NetworkInterfaces").each():
        named += interface["Groups" if interface.resource.type == LAUNCH_TEMPLATE else "GroupSet"].each()
    return named


def _stated(launch: Resource, path: str) -> Value:
    """What instances are started with, where it stands: in a launch template a list keeps its own references."""
    own = setting(launch, path)
    return inherited(launch, path) if launch.type == INSTANCE and launch[path].is_absent else own


def gets_public_address(launch: Resource) -> Verdict:
    """Whether the instances get a public IPv4 address: by their interfaces, by their subnet, or an elastic one."""
    if launch.type == LAUNCH_CONFIGURATION:
        flag = launch["AssociatePublicIpAddress"]
        return _by_subnet(launch) if flag.is_absent else flag.equals(True)
    interfaces = _stated(launch, "NetworkInterfaces")
    if interfaces.unresolved is not None:
        given = unresolved("{}", interfaces.unresolved, path=interfaces.path)
    elif interfaces.is_absent:
        given = _by_subnet(launch)
    else:
        given = any_of(_by_interface(launch, interface) for interface in interfaces.each())
    return given | _has_elastic_address(launch)


def _by_interface(launch: Resource, interface: Value) -> Verdict:
    if not interface["NetworkInterfaceId"].is_absent:
        return _is_addressed(interface["NetworkInterfaceId"])
    flag = interface["AssociatePublicIpAddress"]
    if not flag.is_absent:
        return flag.equals(True)
    subnet = interface["SubnetId"]
    return _by_subnet(launch) if subnet.is_absent else gives_public_addresses(subnet)


def _by_subnet(launch: Resource) -> Verdict:
    """What the subnet decides: of an instance its own, of others that in which their users start instances."""
    if launch.type == INSTANCE:
        return gives_public_addresses(launch["SubnetId"])
    places = [user[_SUBNETS[user.type]] for user in launch.referenced_by() if user.type in _SUBNETS]
    if not places:
        return unresolved("nothing in the assembly says in which subnets its instances start")
    return any_of(gives_public_addresses(subnet) for place in places for subnet in place.each() or [place])


def _is_addressed(name: Value) -> Verdict:
    """Whether a network interface that exists apart from the instance has an elastic address: it gets no other."""
    interface = name.target_of(_INTERFACE)
    if interface is None:
        return unresolved("the network interface is not part of the assembly", path=name.path)
    if interface.referrers(_ADDRESS_ASSOCIATION, via="NetworkInterfaceId"):
        return Verdict(PASS, "{} has an elastic address", interface.logical_id, path=name.path)
    return failed("{} has no elastic address", interface.logical_id)


def _has_elastic_address(instance: Resource) -> Verdict:
    for kind in (_ADDRESS, _ADDRESS_ASSOCIATION):
        if found := instance.referrers(kind, via="InstanceId"):
            return passed("{} gives it an elastic address", found[0].logical_id)
    attached = instance.referrers(_ATTACHMENT, via="InstanceId")
    return any_of(_is_addressed(attachment["NetworkInterfaceId"]) for attachment in attached)
