"""Amazon FSx."""

from __future__ import annotations

from soc2_constructs.aws.backup_selection import selected
from soc2_constructs.cloudformation import Resource, Verdict, any_of, failed, passed
from soc2_constructs.controls import control

FILE_SYSTEM = "AWS::FSx::FileSystem"
VOLUME = "AWS::FSx::Volume"
DATA_REPOSITORY = "AWS::FSx::DataRepositoryAssociation"


@control(
    resource_types=(FILE_SYSTEM, VOLUME),
    kind="backups",
    severity="medium",
    fix="Add the file system to a backup plan; for ONTAP, add each volume. `plan.add_tagged()` selects resources "
    "with the tag `soc2:backup` (AWS::Backup::BackupSelection). Deploy the AWS Config rule "
    "FSX_RESOURCES_PROTECTED_BY_BACKUP_PLAN.",
    config_rule="FSX_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def fsx_file_system_protected_by_backup_plan(store: Resource) -> Verdict:
    """FSx file systems are protected by a backup plan.

    FSx deletes automatic backups together with the file system. Recovery points in a backup vault are kept.

    A selection interrupts nothing; recovery points cost storage. ONTAP volumes are backed up one by one, and OpenZFS
    volumes together with their file system. File systems that FSx cannot back up pass: Lustre scratch file systems,
    Lustre file systems linked to a bucket, and ONTAP data protection volumes. Only the live account shows whether
    backup jobs ran.
    """
    if store.type == VOLUME:
        return _is_ontap_volume(store).implies(selected(store))
    file_system_type = store["FileSystemType"]
    exempt = file_system_type.equals("ONTAP") | (file_system_type.equals("LUSTRE") & _cannot_be_backed_up(store))
    return (~exempt).implies(selected(store))


def _is_ontap_volume(volume: Resource) -> Verdict:
    """Whether the volume is a writable ONTAP volume."""
    ontap = volume["OntapConfiguration"]
    writable = ~ontap["OntapVolumeType"].equals("DP")
    return volume["VolumeType"].default("ONTAP" if not ontap.is_absent else "OPENZFS").equals("ONTAP") & writable


def _cannot_be_backed_up(file_system: Resource) -> Verdict:
    """Whether a Lustre file system is a scratch file system or linked to a bucket."""
    lustre = file_system["LustreConfiguration"]
    linked = file_system.referrers(DATA_REPOSITORY, via="FileSystemId")
    return any_of(
        lustre["DeploymentType"].default("SCRATCH_1").one_of("SCRATCH_1", "SCRATCH_2"),
        lustre["ImportPath"].is_set(),
        passed("the file system is linked to a bucket")
        if linked
        else failed("the file system is not linked to a bucket"),
    )
