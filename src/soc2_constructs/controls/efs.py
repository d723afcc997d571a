"""Amazon EFS."""

from __future__ import annotations

from soc2_constructs.aws.backup_selection import selected
from soc2_constructs.cloudformation import Resource, Verdict, passed, unresolved
from soc2_constructs.controls import control

FILE_SYSTEM = "AWS::EFS::FileSystem"


@control(
    resource_types=FILE_SYSTEM,
    kind="encryption_at_rest",
    severity="high",
    fix="Set `encrypted=True` (Encrypted: true).",
    config_rule="EFS_ENCRYPTED_CHECK",
    prowler=("efs_encryption_at_rest_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def efs_file_system_encrypt_data_at_rest(file_system: Resource) -> Verdict:
    """File systems are encrypted.

    Without the property CloudFormation makes a file system in plain text. It is decided when a file system is made: to
    switch it on replaces the file system with an empty one, so copy the files by AWS DataSync or from a recovery point.
    """
    return file_system["Encrypted"].equals(True)


@control(
    resource_types=FILE_SYSTEM,
    kind="backups",
    severity="medium",
    fix="Set `enable_automatic_backups=True` (BackupPolicy.Status: ENABLED), or call "
    '`plan.add_selection("Data", resources=[backup.BackupResource.from_construct(file_system)])` of a '
    "BackupPlan (AWS::Backup::BackupSelection).",
    config_rule="EFS_IN_BACKUP_PLAN",
    prowler=("efs_have_backup_enabled",),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def efs_file_system_in_backup_plan(file_system: Resource) -> Verdict:
    """File systems are selected by a backup plan.

    A plan of your own, or AWS Backup's own plan for EFS, which backs up daily and keeps 35 days: that is what automatic
    backups are. A file system that another one replicates to passes: the source is backed up. Nothing is interrupted;
    backups cost storage.
    """
    if file_system.referrers(FILE_SYSTEM, via="ReplicationConfiguration.Destinations[].FileSystemId"):
        return passed("does not apply: it is a replica of a file system that is judged itself")
    return _backs_up_automatically(file_system) | selected(file_system)


def _backs_up_automatically(file_system: Resource) -> Verdict:
    status = file_system["BackupPolicy.Status"]
    if status.is_absent and not file_system["AvailabilityZoneName"].is_absent:
        return unresolved("EFS backs up file systems in one zone by itself unless BackupPolicy says otherwise")
    return status.equals("ENABLED")


@control(
    resource_types=FILE_SYSTEM,
    kind="backups",
    severity="low",
    fix="Set `enable_automatic_backups=True` (BackupPolicy.Status: ENABLED) or select the file system in a BackupPlan, "
    "and deploy the AWS Config rule EFS_RESOURCES_PROTECTED_BY_BACKUP_PLAN.",
    config_rule="EFS_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    prowler=("efs_have_backup_enabled",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def efs_file_system_protected_by_backup_plan(file_system: Resource) -> Verdict:
    """File systems have recovery points from a backup plan.

    That a plan selects a file system says what shall happen; whether it did, the AWS Config rule sees in the account.
    """
    return efs_file_system_in_backup_plan(file_system)
