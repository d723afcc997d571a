"""Groups and fleets that launch instances: by launch templates, launch configurations, or their own specifications."""

from __future__ import annotations

from soc2_constructs.aws.instances import LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE
from soc2_constructs.aws.network import gives_public_addresses
from soc2_constructs.cloudformation import Reference, Resource, Value, Verdict, all_of, any_of, passed, unresolved

AUTO_SCALING_GROUP = "AWS::AutoScaling::AutoScalingGroup"
EC2_FLEET = "AWS::EC2::EC2Fleet"
SPOT_FLEET = "AWS::EC2::SpotFleet"
FLEETS = (AUTO_SCALING_GROUP, EC2_FLEET, SPOT_FLEET)

#: Where a group or fleet names launch templates.
_TEMPLATES = {
    AUTO_SCALING_GROUP: (
        "LaunchTemplate",
        "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification",
        "MixedInstancesPolicy.LaunchTemplate.Overrides[].LaunchTemplateSpecification",
    ),
    EC2_FLEET: ("LaunchTemplateConfigs[].LaunchTemplateSpecification",),
    SPOT_FLEET: ("SpotFleetRequestConfigData.LaunchTemplateConfigs[].LaunchTemplateSpecification",),
}


def own_specifications(fleet: Resource) -> list[Value]:
    """The launch specifications that a Spot Fleet declares itself."""
    if fleet.type != SPOT_FLEET:
        return []
    return fleet["SpotFleetRequestConfigData.LaunchSpecifications"].each()


def launches_are_judged(fleet: Resource) -> Verdict:
    """Whether every launch template and launch configuration of a group or fleet is part of the assembly."""
    named = [value for path in _TEMPLATES[fleet.type] for value in fleet.values(path) if not value.is_absent]
    verdicts = [_is_judged(template) for template in named]
    if fleet.type == AUTO_SCALING_GROUP:
        configuration, instance = fleet["LaunchConfigurationName"], fleet["InstanceId"]
        if not configuration.is_absent and configuration.target_of(LAUNCH_CONFIGURATION) is None:
            verdicts.append(unresolved("the launch configuration is not part of the assembly", path=configuration.path))
        if not instance.is_absent:
            verdicts.append(unresolved("the group launches copies of an existing instance", path=instance.path))
    return all_of(passed("does not apply: what it launches from is judged itself"), verdicts)


def _is_judged(reference: Value) -> Verdict:
    target = reference["LaunchTemplateId"].target_of(LAUNCH_TEMPLATE)
    target = target or reference["LaunchTemplateName"].target_of(LAUNCH_TEMPLATE)
    if target is None:
        return unresolved("the launch template is not part of the assembly", path=reference.path)
    if reference["Version"].node in ("$Latest", Reference(target, "LatestVersionNumber")):
        return passed("{} is judged itself", target.logical_id)
    text = "LaunchTemplate.Version can be an earlier version of {}"
    return unresolved(text, target.logical_id, path=reference.path)


def gives_public_address(specification: Value) -> Verdict:
    """Whether the instances of a launch specification get a public IPv4 address."""
    interfaces = specification["NetworkInterfaces"]
    if interfaces.is_absent:
        return gives_public_addresses(specification["SubnetId"])
    return any_of(_by_interface(interface) for interface in interfaces.each())


def _by_interface(interface: Value) -> Verdict:
    flag = interface["AssociatePublicIpAddress"]
    return gives_public_addresses(interface["SubnetId"]) if flag.is_absent else flag.equals(True)
