"""Amazon EBS."""

from __future__ import annotations

from soc2_constructs.aws.backup_selection import has_tag, selected
from soc2_constructs.aws.places import same_place
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, passed, unresolved
from soc2_constructs.controls import control

VOLUME = "AWS::EC2::Volume"
ATTACHMENT = "AWS::EC2::VolumeAttachment"
INSTANCE = "AWS::EC2::Instance"
LAUNCH_TEMPLATE = "AWS::EC2::LaunchTemplate"
LAUNCH_CONFIGURATION = "AWS::AutoScaling::LaunchConfiguration"
SPOT_FLEET = "AWS::EC2::SpotFleet"
SNAPSHOT_BLOCK = "AWS::EC2::SnapshotBlockPublicAccess"
LIFECYCLE_POLICY = "AWS::DLM::LifecyclePolicy"

#: What images call the device that they start from.
_ROOT_DEVICES = ("/dev/xvda", "/dev/sda1")


def _is_encrypted(volume: Resource | Value) -> Verdict:
    """Whether a volume, or a device that becomes one, is encrypted."""
    encrypted = volume["Encrypted"]
    if encrypted.is_absent and not volume["SnapshotId"].is_absent:
        return unresolved("it is encrypted if its snapshot is", path=encrypted.path)
    return encrypted.equals(True)


def _attachments(volume: Resource) -> list[Resource]:
    """What attaches a volume: instances that list it, and attachments."""
    return volume.referrers(INSTANCE, via="Volumes[].VolumeId") + volume.referrers(ATTACHMENT, via="VolumeId")


def _instances(volume: Resource) -> list[Resource]:
    """The instances that a volume is attached to."""
    holders = [each.target("InstanceId") if each.type == ATTACHMENT else each for each in _attachments(volume)]
    return [holder for holder in holders if holder is not None]


@control(
    resource_types=(VOLUME, INSTANCE, LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION, SPOT_FLEET),
    kind="encryption_at_rest",
    severity="high",
    fix="Set `encrypted=True` on the volume, and on every one of `block_devices`, the root device included: "
    '`ec2.BlockDevice(device_name="/dev/xvda", volume=ec2.BlockDeviceVolume.ebs(20, encrypted=True))` '
    "(BlockDeviceMappings[].Ebs.Encrypted, AWS::EC2::Volume.Encrypted).",
    config_rule="ENCRYPTED_VOLUMES",
    prowler=("ec2_ebs_volume_encryption",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "PI1.5")},
)
def ebs_attached_volume_encryption_enabled(holder: Resource) -> Verdict:
    """Volumes attached to instances are encrypted.

    Encryption covers the volume, what moves to and from it, and its snapshots. It is decided when a volume is made: a
    change replaces the instance or the volume. A root device that is not mentioned is encrypted if its image is, or if
    the region does so by default, which the template does not tell; the same holds for a device made of a snapshot.
    Devices that are no EBS volumes pass, and volumes that nothing attaches: another control is about those.
    """
    if holder.type == VOLUME:
        if not _attachments(holder):
            return passed("does not apply: nothing of the assembly attaches it")
        return ebs_volume_encryption_at_rest_enabled(holder)
    if holder.type == LAUNCH_TEMPLATE:
        data = holder["LaunchTemplateData"]
        devices = data["BlockDeviceMappings"].each()
        # Without an image the template is one part of a whole that somebody else puts together.
        return _encrypts(devices) & data["ImageId"].is_set().implies(_encrypts_root(devices))
    if holder.type == SPOT_FLEET:
        specifications = holder["SpotFleetRequestConfigData.LaunchSpecifications"].each()
        mappings = [specification["BlockDeviceMappings"].each() for specification in specifications]
        return all_of(_encrypts(devices) & _encrypts_root(devices) for devices in mappings)
    devices = holder["BlockDeviceMappings"].each()
    return _encrypts(devices) & _encrypts_root(devices + _devices_of_template(holder))


def _encrypts(devices: list[Value]) -> Verdict:
    return all_of(
        passed("the device is no EBS volume") if device["Ebs"].is_absent else _is_encrypted(device["Ebs"])
        for device in devices
    )


def _encrypts_root(devices: list[Value]) -> Verdict:
    """Whether the root device is among those that are judged; else its image decides."""
    named = any_of(device["DeviceName"].one_of(*_ROOT_DEVICES) for device in devices)
    return named | unresolved("its root volume is encrypted if its image is, or if the region does so by default")


def _devices_of_template(holder: Resource) -> list[Value]:
    """The devices of an instance's launch template, which is judged itself."""
    template = holder.target("LaunchTemplate.LaunchTemplateId") or holder.target("LaunchTemplate.LaunchTemplateName")
    return [] if template is None else template["LaunchTemplateData.BlockDeviceMappings"].each()


@control(
    kind="encryption_at_rest",
    severity="medium",
    fix="Run `aws ec2 enable-ebs-encryption-by-default` in each region, or `enableEbsEncryptionByDefault` by an "
    "`AwsCustomResource`, and deploy the AWS Config rule EC2_EBS_ENCRYPTION_BY_DEFAULT.",
    config_rule="EC2_EBS_ENCRYPTION_BY_DEFAULT",
    prowler=("ec2_ebs_default_encryption",),
    aliases=("ec2_ebs_default_encryption_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def ebs_encryption_by_default_enabled() -> None:
    """New volumes are encrypted by default in every region.

    With the default on, a volume is encrypted whoever makes it, and however. No CloudFormation type exists for it, so a
    template cannot show it: the AWS Config rule does, in the live account. Volumes that exist stay as they are.
    """


@control(
    resource_types=VOLUME,
    kind="encryption_at_rest",
    severity="high",
    fix="Set `encrypted=True` (Encrypted: true).",
    config_rule="ENCRYPTED_VOLUMES",
    prowler=("ec2_ebs_volume_encryption",),
    also_mapped={"inferred": ("PI1.5",)},
)
def ebs_volume_encryption_at_rest_enabled(volume: Resource) -> Verdict:
    """Every volume is encrypted.

    Attached or not: a volume that lies about can be attached by somebody. The AWS Config rule looks at attached volumes
    only. To switch it on replaces the volume by an empty one, so copy a snapshot with encryption and make the volume of
    that. Copies of a volume pass: EBS copies encrypted volumes only.
    """
    return (~volume["SourceVolumeId"].is_set()).implies(_is_encrypted(volume))


@control(
    resource_types=SNAPSHOT_BLOCK,
    kind="public_data",
    severity="high",
    fix='Add `ec2.CfnSnapshotBlockPublicAccess(self, "Block", state="block-all-sharing")` to each region (State: '
    "block-all-sharing), and deploy the AWS Config rule EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK.",
    config_rule="EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK",
    prowler=("ec2_ebs_public_snapshot", "ec2_ebs_snapshot_account_block_public_access"),
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def ebs_snapshot_not_publicly_restorable(block: Resource) -> Verdict:
    """Volume snapshots are not shared with everyone.

    The block holds for the whole account in its region, at once. To block new sharing only leaves open what is public
    already. What was shared before the block, the AWS Config rule finds.
    """
    return block["State"].equals("block-all-sharing")


@control(
    resource_types=VOLUME,
    kind="backups",
    severity="medium",
    fix='Call `plan.add_selection("Data", resources=[backup.BackupResource.from_construct(volume)])` of a BackupPlan, '
    "or select the instance that it is attached to; a plan of ours has `plan.add_tagged()` for all that carries the "
    "tag `soc2:backup` (AWS::Backup::BackupSelection).",
    config_rule="EBS_IN_BACKUP_PLAN",
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def ebs_volume_in_backup_plan(volume: Resource) -> Verdict:
    """Volumes are selected by a backup plan.

    A plan that selects an instance backs up the volumes attached to it, which counts too, other than in the AWS Config
    rule. Nothing is interrupted; recovery points cost storage. A volume that keeps nothing of value needs a waiver that
    says so.
    """
    return any_of(selected(volume), *(selected(instance) for instance in _instances(volume))).with_message(
        "no selection of a backup plan in its account and region covers it or its instance"
    )


@control(
    resource_types=VOLUME,
    kind="backups",
    severity="low",
    fix="Select the volume in a BackupPlan, as `plan.add_tagged()` does (AWS::Backup::BackupSelection), and deploy the "
    "AWS Config rule EBS_RESOURCES_PROTECTED_BY_BACKUP_PLAN.",
    config_rule="EBS_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    prowler=("ec2_ebs_volume_protected_by_backup_plan",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def ebs_volume_protected_by_backup_plan(volume: Resource) -> Verdict:
    """Volumes have recovery points from a backup plan.

    That a plan selects a volume says what shall happen; whether it did, the AWS Config rule sees in the account.
    """
    return ebs_volume_in_backup_plan(volume)


@control(
    resource_types=VOLUME,
    kind="encryption_at_rest",
    severity="high",
    fix="Set `encrypted=True` on the volume (Encrypted: true); copy snapshots from before with encryption.",
    prowler=("ec2_ebs_snapshots_encrypted",),
    live_only=True,
    also_mapped={"Prowler": ("CC7.5",)},
)
def ebs_snapshot_encryption_enabled(volume: Resource) -> Verdict:
    """Volume snapshots are encrypted.

    A snapshot is encrypted if its volume is. Snapshots from before that are not, and no AWS Config rule finds them:
    look them up in the account.
    """
    return ebs_volume_encryption_at_rest_enabled(volume)


@control(
    resource_types=VOLUME,
    kind="backups",
    severity="low",
    fix="Select the volume in a BackupPlan, as `plan.add_tagged()` does (AWS::Backup::BackupSelection), or name one of "
    "its tags in a lifecycle policy (AWS::DLM::LifecyclePolicy.PolicyDetails.TargetTags).",
    prowler=("ec2_ebs_volume_snapshots_exists",),
    live_only=True,
    also_mapped={"Prowler": ("CC7.5",)},
)
def ebs_volume_snapshot_exists(volume: Resource) -> Verdict:
    """Volumes have snapshots.

    A backup plan makes them, or a policy of Data Lifecycle Manager that is enabled and has a tag of the volume or of
    its instance among its targets, or one of its default policies. That they were made is seen in the account.
    """
    policies = volume.all_of_type(LIFECYCLE_POLICY)
    snapshots = any_of(same_place(policy, volume) & _takes(policy, volume) for policy in policies)
    return (ebs_volume_in_backup_plan(volume) | snapshots).with_message(
        "no backup plan and no lifecycle policy covers it"
    )


def _takes(policy: Resource, volume: Resource) -> Verdict:
    """Whether a lifecycle policy makes snapshots of the volume, or images of its instance."""
    return policy["State"].equals("ENABLED") & (_takes_by_tag(policy, volume) | _takes_by_default(policy, volume))


def _takes_by_tag(policy: Resource, volume: Resource) -> Verdict:
    details = policy["PolicyDetails"]
    kinds = ("EBS_SNAPSHOT_MANAGEMENT", "IMAGE_MANAGEMENT")
    makes = details["PolicyType"].default("EBS_SNAPSHOT_MANAGEMENT").one_of(*kinds)
    targets = details["ResourceTypes"]
    left_out = any_of(_carries(volume, tag) for tag in details["Parameters.ExcludeDataVolumeTags"].each())
    tags = details["TargetTags"].each()
    named = any_of(_carries(volume, tag) for tag in tags)
    instance_named = any_of(_carries(each, tag) for each in _instances(volume) for tag in tags)
    return makes & any_of(
        targets.includes("VOLUME") & named,
        all_of(targets.includes("INSTANCE"), ~left_out, instance_named),
    )


def _takes_by_default(policy: Resource, volume: Resource) -> Verdict:
    """Default policies take everything in their region that they do not leave out."""
    places = (policy["Exclusions"], policy["PolicyDetails.Exclusions"])
    kinds = (policy["DefaultPolicy"], policy["PolicyDetails.ResourceType"])
    type_left_out = any_of(_lists_type(place["ExcludeVolumeTypes"], volume["VolumeType"]) for place in places)

    def takes(resource: Resource) -> Verdict:
        return ~any_of(_carries(resource, tag) for place in places for tag in place["ExcludeTags"].each())

    return any_of(
        all_of(any_of(kind.equals("VOLUME") for kind in kinds), ~type_left_out, takes(volume)),
        any_of(kind.equals("INSTANCE") for kind in kinds) & any_of(map(takes, _instances(volume))),
    )


def _carries(resource: Resource, tag: Value) -> Verdict:
    return has_tag(resource, tag["Key"], tag["Value"])


def _lists_type(types: Value, volume_type: Value) -> Verdict:
    if volume_type.unresolved is not None:
        return types.is_set() & unresolved("{} is known only when it is deployed", volume_type)
    return types.includes(volume_type.default("gp2").known)
