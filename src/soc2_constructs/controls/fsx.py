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
    fix="Select the file system in a BackupPlan, for ONTAP each volume: `plan.add_tagged()` selects what carries the "
    "tag `soc2:backup` (AWS::Backup::BackupSelection); deploy the AWS Config rule "
    "FSX_RESOURCES_PROTECTED_BY_BACKUP_PLAN.",
    config_rule="FSX_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def fsx_file_system_protected_by_backup_plan(store: Resource) -> Verdict:
    """File systems have recovery points from a backup plan.

    FSx's own backups go with the file system; recovery points in a vault stay. Of ONTAP the volumes are backed up, each
    by itself. What FSx cannot back up passes: scratch file systems of Lustre and those that are linked to a bucket,
    which keeps their data, ONTAP volumes that only receive another's data, and the volumes of OpenZFS, which are backed
    up with their file system. That jobs ran is seen live.
    """
    if store.type == VOLUME:
        return _is_ontap_volume(store).implies(selected(store))
    kind = store["FileSystemType"]
    exempt = kind.equals("ONTAP") | (kind.equals("LUSTRE") & _cannot_be_backed_up(store))
    return (~exempt).implies(selected(store))


def _is_ontap_volume(volume: Resource) -> Verdict:
    ontap = volume["OntapConfiguration"]
    writable = ~ontap["OntapVolumeType"].equals("DP")
    return volume["VolumeType"].default("ONTAP" if not ontap.is_absent else "OPENZFS").equals("ONTAP") & writable


def _cannot_be_backed_up(file_system: Resource) -> Verdict:
    lustre = file_system["LustreConfiguration"]
    linked = file_system.referrers(DATA_REPOSITORY, via="FileSystemId")
    return any_of(
        lustre["DeploymentType"].default("SCRATCH_1").one_of("SCRATCH_1", "SCRATCH_2"),
        lustre["ImportPath"].is_set(),
        passed("it is linked to a bucket") if linked else failed("it is linked to no bucket"),
    )
