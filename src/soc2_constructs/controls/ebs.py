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

#: Device names of the root volume in AWS images.
_ROOT_DEVICES = ("/dev/xvda", "/dev/sda1")
#: One observation of several controls, so that reports show one finding.
_NO_PLAN = "no selection of a backup plan in its account and region covers the volume or its instance"


def _is_encrypted(volume: Resource | Value) -> Verdict:
    """Whether a volume, or a device that becomes one, is encrypted."""
    encrypted = volume["Encrypted"]
    if encrypted.is_absent and not volume["SnapshotId"].is_absent:
        return unresolved("{} is not set; the volume is encrypted if its snapshot is", encrypted, path=encrypted.path)
    return encrypted.equals(True)


def _attachments(volume: Resource) -> list[Resource]:
    """The instances that list a volume, and its attachments."""
    return volume.referrers(INSTANCE, via="Volumes[].VolumeId") + volume.referrers(ATTACHMENT, via="VolumeId")


def _instances(volume: Resource) -> list[Resource]:
    """The instances to which a volume is attached."""
    instances = [each.target("InstanceId") if each.type == ATTACHMENT else each for each in _attachments(volume)]
    return [instance for instance in instances if instance is not None]


@control(
    resource_types=(VOLUME, INSTANCE, LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION, SPOT_FLEET),
    kind="encryption_at_rest",
    severity="high",
    severity_reason="Data is exposed to anyone who obtains the volume or a snapshot.",
    fix="Set `encrypted=True` on the volume, and on every one of `block_devices`, the root device included: "
    '`ec2.BlockDevice(device_name="/dev/xvda", volume=ec2.BlockDeviceVolume.ebs(20, encrypted=True))` '
    "(BlockDeviceMappings[].Ebs.Encrypted, AWS::EC2::Volume.Encrypted).",
    config_rule="ENCRYPTED_VOLUMES",
    prowler=("ec2_ebs_volume_encryption",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "PI1.5")},
)
def ebs_attached_volume_encryption_enabled(holder: Resource) -> Verdict:
    """Volumes attached to instances are encrypted.

    Encryption covers the volume, data in transit to the instance, and snapshots. A root device that the template omits
    is encrypted if its image is, or if the region encrypts by default. The template shows neither, so the result is
    unresolved. Devices other than EBS volumes pass, and so do volumes without an attachment.

    Encryption cannot be changed on an existing volume, so the change replaces the instance or the volume.
    """
    if holder.type == VOLUME:
        if not _attachments(holder):
            return passed("does not apply: no resource of the assembly attaches the volume")
        return ebs_volume_encryption_at_rest_enabled(holder)
    if holder.type == LAUNCH_TEMPLATE:
        data = holder["LaunchTemplateData"]
        devices = data["BlockDeviceMappings"].each()
        # Without an image, the user of the launch template supplies the remaining settings.
        return _encrypts(devices) & data["ImageId"].is_set().implies(_encrypts_root(devices))
    if holder.type == SPOT_FLEET:
        specifications = holder["SpotFleetRequestConfigData.LaunchSpecifications"].each()
        mappings = [specification["BlockDeviceMappings"].each() for specification in specifications]
        return all_of(_encrypts(devices) & _encrypts_root(devices) for devices in mappings)
    devices = holder["BlockDeviceMappings"].each()
    return _encrypts(devices) & _encrypts_root(devices + _devices_of_template(holder))


def _encrypts(devices: list[Value]) -> Verdict:
    return all_of(
        passed("{} is not set, so the device is not an EBS volume", device["Ebs"])
        if device["Ebs"].is_absent
        else _is_encrypted(device["Ebs"])
        for device in devices
    )


def _encrypts_root(devices: list[Value]) -> Verdict:
    """Whether the root device is one of the listed devices; otherwise its image decides."""
    is_listed = any_of(device["DeviceName"].one_of(*_ROOT_DEVICES) for device in devices)
    return is_listed | unresolved(
        "BlockDeviceMappings does not list the root volume, so its image or the default of the region decides"
    )


def _devices_of_template(holder: Resource) -> list[Value]:
    """The devices of an instance's launch template, which is checked as a resource of its own."""
    template = holder.target("LaunchTemplate.LaunchTemplateId") or holder.target("LaunchTemplate.LaunchTemplateName")
    return [] if template is None else template["LaunchTemplateData.BlockDeviceMappings"].each()


@control(
    kind="encryption_at_rest",
    severity="medium",
    severity_reason="Other controls check the volumes of the template; the default covers volumes created outside it.",
    fix="Run `aws ec2 enable-ebs-encryption-by-default` in each region, or call `enableEbsEncryptionByDefault` with an "
    "`AwsCustomResource`, and deploy the AWS Config rule EC2_EBS_ENCRYPTION_BY_DEFAULT.",
    config_rule="EC2_EBS_ENCRYPTION_BY_DEFAULT",
    prowler=("ec2_ebs_default_encryption",),
    aliases=("ec2_ebs_default_encryption_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def ebs_encryption_by_default_enabled() -> None:
    """New volumes are encrypted by default in every region.

    The default encrypts every new volume, regardless of who creates it and with which tool. CloudFormation has no
    resource type for the setting, so the AWS Config rule checks it in the live account.

    Existing volumes are not changed.
    """


@control(
    resource_types=VOLUME,
    kind="encryption_at_rest",
    severity="high",
    severity_reason="Data is exposed to anyone who obtains the volume or a snapshot.",
    fix="Set `encrypted=True` (Encrypted: true).",
    config_rule="ENCRYPTED_VOLUMES",
    prowler=("ec2_ebs_volume_encryption",),
    implies=("ebs_attached_volume_encryption_enabled", "ebs_snapshot_encryption_enabled"),
    also_mapped={"inferred": ("PI1.5",)},
)
def ebs_volume_encryption_at_rest_enabled(volume: Resource) -> Verdict:
    """Volumes are encrypted, whether or not they are attached.

    Without encryption, anyone who can attach or copy the volume can read its data. The AWS Config rule checks only
    attached volumes. A volume with SourceVolumeId passes, because EBS copies only encrypted volumes.

    The change replaces the volume with an empty one. To keep the data, copy a snapshot with encryption and create the
    volume from that copy.
    """
    return (~volume["SourceVolumeId"].is_set()).implies(_is_encrypted(volume))


@control(
    resource_types=SNAPSHOT_BLOCK,
    kind="public_data",
    severity="high",
    severity_reason="Public snapshots expose their data to every AWS account.",
    fix='Add `ec2.CfnSnapshotBlockPublicAccess(self, "Block", state="block-all-sharing")` in each region (State: '
    "block-all-sharing), and deploy the AWS Config rule EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK.",
    config_rule="EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK",
    prowler=("ec2_ebs_public_snapshot", "ec2_ebs_snapshot_account_block_public_access"),
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def ebs_snapshot_not_publicly_restorable(block: Resource) -> Verdict:
    """Volume snapshots are not shared publicly.

    Anyone with an AWS account can read a public snapshot. Blocking only new sharing leaves existing public snapshots
    accessible. The AWS Config rule finds snapshots that are shared publicly.

    The block takes effect immediately for the whole account in its region. Accounts that use public snapshots lose
    access.
    """
    return block["State"].equals("block-all-sharing")


@control(
    resource_types=VOLUME,
    kind="backups",
    severity="medium",
    severity_reason="Missing backups are an exception in an audit. Data is lost only after another failure.",
    fix='Call `plan.add_selection("Data", resources=[backup.BackupResource.from_construct(volume)])` of a BackupPlan, '
    "or of its instance, or `plan.add_tagged()` of soc2_constructs.aws_backup for all resources with the tag "
    "`soc2:backup` (AWS::Backup::BackupSelection).",
    config_rule="EBS_IN_BACKUP_PLAN",
    implies=("ebs_volume_protected_by_backup_plan", "ebs_volume_snapshot_exists"),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def ebs_volume_in_backup_plan(volume: Resource) -> Verdict:
    """Volumes are selected by a backup plan.

    Without recovery points, the data of a lost or damaged volume cannot be restored. A plan that selects an instance
    also backs up its volumes, which passes here but not in the AWS Config rule. A volume without data to keep needs a
    waiver with that reason.

    Nothing is interrupted. Backup storage is charged.
    """
    return any_of(selected(volume), *(selected(instance) for instance in _instances(volume))).with_message(_NO_PLAN)


@control(
    resource_types=VOLUME,
    kind="backups",
    severity="low",
    severity_reason="The control on backup plans raises the same finding.",
    fix="Select the volume in a BackupPlan, for example with `plan.add_tagged()` (AWS::Backup::BackupSelection), and "
    "deploy the AWS Config rule EBS_RESOURCES_PROTECTED_BY_BACKUP_PLAN.",
    config_rule="EBS_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    prowler=("ec2_ebs_volume_protected_by_backup_plan",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def ebs_volume_protected_by_backup_plan(volume: Resource) -> Verdict:
    """Volumes have recovery points from a backup plan.

    A template shows that a plan selects the volume. The AWS Config rule shows in the live account that recovery points
    were created.

    Nothing is interrupted. Backup storage is charged.
    """
    return ebs_volume_in_backup_plan(volume)


@control(
    resource_types=VOLUME,
    kind="encryption_at_rest",
    severity="high",
    severity_reason="Data is exposed to anyone who obtains the snapshot.",
    fix="Set `encrypted=True` on the volume (Encrypted: true), and copy unencrypted snapshots with encryption.",
    prowler=("ec2_ebs_snapshots_encrypted",),
    live_only=True,
    also_mapped={"Prowler": ("CC7.5",)},
)
def ebs_snapshot_encryption_enabled(volume: Resource) -> Verdict:
    """Volume snapshots are encrypted.

    A snapshot is encrypted if its volume is. Snapshots created before the volume was encrypted are not. AWS Config has
    no managed rule for them, so check them in the live account.

    The change replaces the volume with an empty one.
    """
    return ebs_volume_encryption_at_rest_enabled(volume)


@control(
    resource_types=VOLUME,
    kind="backups",
    severity="low",
    severity_reason="The control on backup plans raises the same finding.",
    fix="Select the volume in a BackupPlan, for example with `plan.add_tagged()` (AWS::Backup::BackupSelection), or "
    "add one of its tags to a lifecycle policy (AWS::DLM::LifecyclePolicy.PolicyDetails.TargetTags).",
    prowler=("ec2_ebs_volume_snapshots_exists",),
    live_only=True,
    also_mapped={"Prowler": ("CC7.5",)},
)
def ebs_volume_snapshot_exists(volume: Resource) -> Verdict:
    """Volumes have snapshots.

    Without snapshots, the data of a lost or damaged volume cannot be restored. A backup plan, a lifecycle policy that
    targets a tag of the volume or its instance, or a default lifecycle policy creates them. Check in the live account
    that they were created.

    Nothing is interrupted. Snapshot storage is charged.
    """
    policies = volume.all_of_type(LIFECYCLE_POLICY)
    snapshots = any_of(_takes(policy, volume) & same_place(policy, volume) for policy in policies)
    return (ebs_volume_in_backup_plan(volume) | snapshots).with_message(_NO_PLAN)


def _takes(policy: Resource, volume: Resource) -> Verdict:
    """Whether a lifecycle policy creates snapshots of the volume, or images of its instance."""
    return policy["State"].equals("ENABLED") & (_takes_by_tag(policy, volume) | _takes_by_default(policy, volume))


def _takes_by_tag(policy: Resource, volume: Resource) -> Verdict:
    details = policy["PolicyDetails"]
    policy_types = ("EBS_SNAPSHOT_MANAGEMENT", "IMAGE_MANAGEMENT")
    takes_snapshots = details["PolicyType"].default("EBS_SNAPSHOT_MANAGEMENT").one_of(*policy_types)
    targets = details["ResourceTypes"]
    is_excluded = any_of(_has_tag(volume, tag) for tag in details["Parameters.ExcludeDataVolumeTags"].each())
    tags = details["TargetTags"].each()
    is_targeted = any_of(_has_tag(volume, tag) for tag in tags)
    is_instance_targeted = any_of(_has_tag(instance, tag) for instance in _instances(volume) for tag in tags)
    return takes_snapshots & any_of(
        targets.includes("VOLUME") & is_targeted,
        all_of(targets.includes("INSTANCE"), ~is_excluded, is_instance_targeted),
    )


def _takes_by_default(policy: Resource, volume: Resource) -> Verdict:
    """Whether a default policy covers the volume: it covers all resources of its region except its exclusions."""
    exclusions = (policy["Exclusions"], policy["PolicyDetails.Exclusions"])
    targets = (policy["DefaultPolicy"], policy["PolicyDetails.ResourceType"])
    is_type_excluded = any_of(_lists_type(each["ExcludeVolumeTypes"], volume["VolumeType"]) for each in exclusions)

    def takes(resource: Resource) -> Verdict:
        return ~any_of(_has_tag(resource, tag) for each in exclusions for tag in each["ExcludeTags"].each())

    return any_of(
        all_of(any_of(target.equals("VOLUME") for target in targets), ~is_type_excluded, takes(volume)),
        any_of(target.equals("INSTANCE") for target in targets) & any_of(map(takes, _instances(volume))),
    )


def _has_tag(resource: Resource, tag: Value) -> Verdict:
    return has_tag(resource, tag["Key"], tag["Value"])


def _lists_type(types: Value, volume_type: Value) -> Verdict:
    if volume_type.unresolved is not None:
        return types.is_set() & unresolved("{} is not known before deployment", volume_type)
    return types.includes(volume_type.default("gp2").known)
