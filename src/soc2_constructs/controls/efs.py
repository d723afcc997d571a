"""Amazon EFS."""

from __future__ import annotations

from soc2_constructs.aws.backup_selection import selected
from soc2_constructs.aws.policies import statements_of
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.cloudformation import Resource, Verdict, passed, unresolved
from soc2_constructs.controls import control

FILE_SYSTEM = "AWS::EFS::FileSystem"


@control(
    resource_types=FILE_SYSTEM,
    kind="public_data",
    severity="high",
    fix="Set the account or service in `principals` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": organization}}` '
    "(FileSystemPolicy).",
    prowler=("efs_not_publicly_accessible",),
)
def efs_file_system_not_publicly_accessible(file_system: Resource) -> Verdict:
    """File system policies do not allow public access.

    Every client that reaches a mount target could read and write all files.

    Fixed values of an account, an organization, a network or a source narrow a statement for everyone. The
    change takes effect at once. A condition on
    access through a mount target narrows too, because mount targets are inside a VPC.
    """
    return no_public_grant(statements_of(file_system, "FileSystemPolicy"), "elasticfilesystem")


@control(
    resource_types=FILE_SYSTEM,
    kind="encryption_at_rest",
    severity="high",
    severity_reason="Data is exposed to anyone who obtains the storage or a backup.",
    fix="Set `encrypted=True` (Encrypted: true).",
    config_rule="EFS_ENCRYPTED_CHECK",
    prowler=("efs_encryption_at_rest_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def efs_file_system_encrypt_data_at_rest(file_system: Resource) -> Verdict:
    """File systems are encrypted.

    By default, CloudFormation creates unencrypted file systems, whose data can be read from a backup or the storage.

    The change replaces the file system with an empty one. Copy the files with AWS DataSync or from a recovery point.
    """
    return file_system["Encrypted"].equals(True)


@control(
    resource_types=FILE_SYSTEM,
    kind="backups",
    severity="medium",
    severity_reason="Missing backups are an exception in an audit. Data is lost only after another failure.",
    fix="Set `enable_automatic_backups=True` (BackupPolicy.Status: ENABLED), or call "
    '`plan.add_selection("Data", resources=[backup.BackupResource.from_construct(file_system)])` of a '
    "BackupPlan (AWS::Backup::BackupSelection).",
    config_rule="EFS_IN_BACKUP_PLAN",
    prowler=("efs_have_backup_enabled",),
    implies=("efs_file_system_protected_by_backup_plan",),
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def efs_file_system_in_backup_plan(file_system: Resource) -> Verdict:
    """File systems are selected by a backup plan.

    Without recovery points, lost or damaged files cannot be restored. Automatic backups use a plan of AWS Backup for
    EFS, which runs daily and keeps recovery points for 35 days. A replication destination passes, because its source
    is checked.

    Nothing is interrupted. Backup storage is charged.
    """
    if file_system.referrers(FILE_SYSTEM, via="ReplicationConfiguration.Destinations[].FileSystemId"):
        return passed("does not apply: it is a replication destination, and its source is checked")
    return _has_automatic_backups(file_system) | selected(file_system)


def _has_automatic_backups(file_system: Resource) -> Verdict:
    status = file_system["BackupPolicy.Status"]
    if status.is_absent and not file_system["AvailabilityZoneName"].is_absent:
        return unresolved("{} is not set; EFS enables automatic backups for One Zone file systems by default", status)
    return status.equals("ENABLED")


@control(
    resource_types=FILE_SYSTEM,
    kind="backups",
    severity="low",
    severity_reason="The control on backup plans raises the same finding.",
    fix="Set `enable_automatic_backups=True` (BackupPolicy.Status: ENABLED) or select the file system in a BackupPlan, "
    "and deploy the AWS Config rule EFS_RESOURCES_PROTECTED_BY_BACKUP_PLAN.",
    config_rule="EFS_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
    prowler=("efs_have_backup_enabled",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.4", "A1.2")},
)
def efs_file_system_protected_by_backup_plan(file_system: Resource) -> Verdict:
    """File systems have recovery points from a backup plan.

    A template shows that a plan selects the file system. The AWS Config rule shows in the live account that recovery
    points were created.

    Nothing is interrupted. Backup storage is charged.
    """
    return efs_file_system_in_backup_plan(file_system)
