"""Networks, instances and volumes that comply."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import BACKUP_TAG, NonCompliantError

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as plain
from aws_cdk.assertions import Annotations, Match, Template

import soc2_constructs as soc2
from soc2_constructs import aws_ec2 as ec2
from soc2_constructs import aws_kms as kms
from soc2_constructs import aws_logs as logs

PUBLIC = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="111122223333", region="eu-central-1"))


def instance(stack: cdk.Stack, id: str, **props: Any) -> ec2.Instance:
    image = ec2.MachineImage.latest_amazon_linux2023()
    given = {"vpc": ec2.Vpc(stack, f"{id}Vpc"), "instance_type": ec2.InstanceType("m7g.large"), "machine_image": image}
    return ec2.Instance(stack, id, **{**given, **props})


def only(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    (found,) = Template.from_stack(stack).find_resources(kind).values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def maps_addresses(stack: cdk.Stack) -> set[Any]:
    subnets = Template.from_stack(stack).find_resources("AWS::EC2::Subnet").values()
    return {subnet["Properties"].get("MapPublicIpOnLaunch") for subnet in subnets}


# Networks


def test_a_vpc_has_the_subnets_of_the_cdks(stack: cdk.Stack) -> None:
    ours = ec2.Vpc(stack, "Vpc", max_azs=2)
    assert maps_addresses(stack) == {False}
    assert (len(ours.public_subnets), len(ours.private_subnets)) == (2, 2)
    without_nat = ec2.Vpc(stack, "Other", max_azs=2, nat_gateways=0)
    assert (len(without_nat.public_subnets), len(without_nat.isolated_subnets)) == (2, 2)


def test_vpcs_share_a_log_group_that_complies(stack: cdk.Stack) -> None:
    one, two = ec2.Vpc(stack, "One"), ec2.Vpc(stack, "Two")
    assert one.flow_log_group is not None
    assert one.flow_log_group is two.flow_log_group
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::EC2::FlowLog", 2)
    template.all_resources_properties("AWS::EC2::FlowLog", {"ResourceType": "VPC", "TrafficType": "ALL"})
    assert only(stack, "AWS::Logs::LogGroup")["RetentionInDays"] == 365


def test_the_fix_that_we_tell_to_type_still_works(stack: cdk.Stack) -> None:
    group = logs.LogGroup(stack, "Mine")
    ec2.Vpc(stack, "Vpc").add_flow_log("FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(group))
    Template.from_stack(stack).resource_count_is("AWS::EC2::FlowLog", 2)


def test_flow_logs_of_the_users_win(stack: cdk.Stack) -> None:
    mine = {"Mine": ec2.FlowLogOptions(traffic_type=ec2.FlowLogTrafficType.REJECT)}
    vpc = ec2.Vpc(stack, "Vpc", flow_logs=mine)
    assert vpc.flow_log_group is None
    assert only(stack, "AWS::EC2::FlowLog")["TrafficType"] == "REJECT"
    Template.from_stack(stack).resource_count_is("AWS::KMS::Key", 0)


def test_subnets_of_the_users_stay_as_they_are_but_for_addresses(stack: cdk.Stack) -> None:
    subnets = [
        ec2.SubnetConfiguration(name="Edge", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=28),
        ec2.SubnetConfiguration(name="Data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
    ]
    vpc = ec2.Vpc(stack, "Vpc", subnet_configuration=subnets, nat_gateways=0)
    assert maps_addresses(stack) == {False}
    assert {subnet.ipv4_cidr_block.partition("/")[2] for subnet in vpc.public_subnets} == {"28"}
    assert subnets[0].map_public_ip_on_launch is None, "what the user wrote is theirs"


def test_nat_instances_have_their_addresses(stack: cdk.Stack) -> None:
    nat = ec2.NatProvider.instance_v2(instance_type=ec2.InstanceType("t4g.small"))
    ec2.Vpc(stack, "Vpc", nat_gateway_provider=nat)
    assert maps_addresses(stack) == {False, True}


# Instances


def test_an_instance(stack: cdk.Stack) -> None:
    instance(stack, "Server")
    found = only(stack, "AWS::EC2::Instance")
    assert found["MetadataOptions"] == {"HttpTokens": "required"}
    assert found["Monitoring"] is True
    assert {"Key": BACKUP_TAG, "Value": "true"} in found["Tags"]
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::EC2::LaunchTemplate", 0)
    agent = Match.array_with([{"Fn::Join": ["", Match.array_with([":iam::aws:policy/AmazonSSMManagedInstanceCore"])]}])
    template.has_resource_properties("AWS::IAM::Role", {"ManagedPolicyArns": agent})


def test_compliant_values_are_accepted(stack: cdk.Stack) -> None:
    instance(stack, "Server", require_imdsv2=True)
    Template.from_stack(stack).resource_count_is("AWS::EC2::LaunchTemplate", 1)


def test_every_volume_is_encrypted(stack: cdk.Stack) -> None:
    devices = [
        ec2.BlockDevice(device_name="/dev/xvda", volume=ec2.BlockDeviceVolume.ebs(20)),
        ec2.BlockDevice(device_name="/dev/sdb", volume=ec2.BlockDeviceVolume.ephemeral(0)),
        ec2.BlockDevice(device_name="/dev/sdc", volume=ec2.BlockDeviceVolume.ebs_from_snapshot("snap-1")),
    ]
    instance(stack, "Server", block_devices=devices)
    root, ephemeral, copied = only(stack, "AWS::EC2::Instance")["BlockDeviceMappings"]
    assert (root["Ebs"]["Encrypted"], root["Ebs"]["VolumeSize"]) == (True, 20)
    assert ephemeral == {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"}
    assert copied["Ebs"]["Encrypted"] is True


def test_a_public_subnet_takes_an_instance_without_an_address(stack: cdk.Stack) -> None:
    with pytest.raises(NonCompliantError) as caught:
        instance(stack, "Bad", vpc_subnets=PUBLIC)
    assert caught.value.control == "ec2_instance_not_publicly_accessible"
    instance(stack, "Good", vpc_subnets=PUBLIC, associate_public_ip_address=False)


def test_a_role_of_the_users_may_do_without_our_permissions(stack: cdk.Stack) -> None:
    from aws_cdk import aws_iam as iam

    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    instance(stack, "Server", role=role, ssm_session_permissions=False)
    roles = Template.from_stack(stack).find_resources("AWS::IAM::Role")
    assert not any("AmazonSSM" in str(found) for found in roles.values())


def test_a_metadata_service_that_is_off_needs_no_tokens(stack: cdk.Stack) -> None:
    instance(stack, "Server", http_endpoint=False, http_tokens=ec2.HttpTokens.OPTIONAL)
    assert only(stack, "AWS::EC2::Instance")["MetadataOptions"]["HttpEndpoint"] == "disabled"


def test_bastion_hosts(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    ec2.BastionHostLinux(stack, "One", vpc=vpc)
    ec2.BastionHostLinux(stack, "Two", vpc=vpc, require_imdsv2=True)
    template = Template.from_stack(stack)
    # Of the CDK's launch templates there can be one in an account and region: they all have the same name.
    template.resource_count_is("AWS::EC2::LaunchTemplate", 0)
    hosts = template.find_resources("AWS::EC2::Instance").values()
    assert len(hosts) == 2
    for host in hosts:
        properties = host["Properties"]
        assert properties["MetadataOptions"] == {"HttpTokens": "required"}
        assert properties["Monitoring"] is True
        assert properties["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
        assert BACKUP_TAG not in {tag["Key"] for tag in properties["Tags"]}, "it keeps nothing"


def test_a_nat_instance_may_be_public(stack: cdk.Stack) -> None:
    """It forwards the traffic of private subnets, and no compliant placement exists."""
    found = instance(stack, "Nat", vpc_subnets=PUBLIC, associate_public_ip_address=True, source_dest_check=False)
    assert found.instance_id
    with pytest.raises(NonCompliantError):
        instance(stack, "Open", vpc_subnets=PUBLIC)


def test_nat_instances_of_a_network(stack: cdk.Stack) -> None:
    provider = ec2.NatProvider.instance_v2(instance_type=ec2.InstanceType("t4g.nano"))
    vpc = ec2.Vpc(stack, "Vpc", nat_gateway_provider=provider, nat_gateways=1)
    assert vpc.public_subnets
    Template.from_stack(stack).resource_count_is("AWS::EC2::Instance", 1)


def test_flow_logs_are_written_by_a_role_for_flow_logs_of_the_account(stack: cdk.Stack) -> None:
    for name in ("One", "Two"):
        ec2.Vpc(stack, name)
    roles = Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    (trust,) = (
        statement
        for role in roles
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    )
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}
    arn = trust["Condition"]["ArnLike"]["aws:SourceArn"]
    assert arn["Fn::Join"][1][-1] == ":ec2:eu-central-1:111122223333:vpc-flow-log/*"


# The default security group

RESTRICTS = "Custom::VpcRestrictDefaultSG"


def open_group(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    ec2.CfnSecurityGroupIngress(stack, "Rule", ip_protocol="tcp", group_id=vpc.vpc_default_security_group)


def instance_without_groups(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    ec2.CfnInstance(stack, "Server", subnet_id=vpc.private_subnets[0].subnet_id)


def endpoint_without_groups(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    ec2.CfnVPCEndpoint(stack, "Endpoint", vpc_id=vpc.vpc_id, vpc_endpoint_type="Interface", service_name="s")


def from_another_stack(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    app = cdk.App.of(stack)
    assert app is not None
    other = cdk.Stack(app, "Other", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    open_group(other, vpc)


USERS = [open_group, instance_without_groups, endpoint_without_groups, from_another_stack]


@pytest.mark.parametrize("use", USERS)
def test_the_default_security_group_keeps_its_rules_where_the_app_uses_it(use: Any, stack: cdk.Stack) -> None:
    use(stack, ec2.Vpc(stack, "Vpc"))
    Template.from_stack(stack).resource_count_is(RESTRICTS, 0)
    warning = Match.string_like_regexp("The default security group keeps its rules, because .+ uses it")
    assert Annotations.from_stack(stack).find_warning("/S/Vpc", warning)


@pytest.mark.parametrize("use", USERS)
def test_enforcement_leaves_the_default_security_group_where_the_app_uses_it(use: Any) -> None:
    app = cdk.App()
    enforced = soc2.enforce(app, report_only=True)
    stack = cdk.Stack(app, "S", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    use(stack, plain.Vpc(stack, "Vpc"))
    Template.from_stack(stack).resource_count_is(RESTRICTS, 0)
    last = [each.after for each in enforced.applied if each.property == "restrict_default_security_group"][-1]
    assert last == "False"


def test_a_restriction_of_the_user_stays(stack: cdk.Stack) -> None:
    open_group(stack, ec2.Vpc(stack, "Vpc", restrict_default_security_group=True))
    Template.from_stack(stack).resource_count_is(RESTRICTS, 1)


def test_the_default_security_group_is_emptied_where_nothing_uses_it(stack: cdk.Stack) -> None:
    instance(stack, "Server")
    Template.from_stack(stack).resource_count_is(RESTRICTS, 1)


# Volumes


def test_a_volume(stack: cdk.Stack) -> None:
    ec2.Volume(stack, "Disk", availability_zone="eu-central-1a", size=cdk.Size.gibibytes(8))
    template = Template.from_stack(stack)
    (key,) = template.find_resources("AWS::KMS::Key")
    template.has_resource(
        "AWS::EC2::Volume",
        {
            "Properties": {
                "Encrypted": True,
                "KmsKeyId": {"Fn::GetAtt": [key, "Arn"]},
                "Tags": Match.array_with([{"Key": BACKUP_TAG, "Value": "true"}]),
            },
            "DeletionPolicy": "Retain",
        },
    )


def test_a_key_of_the_users_wins(stack: cdk.Stack) -> None:
    arn = "arn:aws:kms:eu-central-1:111122223333:key/1234"
    key = kms.Key.from_key_arn(stack, "Key", arn)
    ec2.Volume(stack, "Disk", availability_zone="eu-central-1a", size=cdk.Size.gibibytes(8), encryption_key=key)
    assert only(stack, "AWS::EC2::Volume")["KmsKeyId"] == arn
