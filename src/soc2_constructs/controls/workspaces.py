"""Amazon WorkSpaces."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, all_of
from soc2_constructs.controls import control

WORKSPACE = "AWS::WorkSpaces::Workspace"


@control(
    resource_types=WORKSPACE,
    kind="encryption_at_rest",
    severity="high",
    severity_reason="Without the settings, volumes are stored unencrypted, and encryption cannot be enabled later.",
    fix="Set `root_volume_encryption_enabled=True`, `user_volume_encryption_enabled=True` and `volume_encryption_key` "
    "on `workspaces.CfnWorkspace` (RootVolumeEncryptionEnabled: true, UserVolumeEncryptionEnabled: true).",
    config_rule=("WORKSPACES_ROOT_VOLUME_ENCRYPTION_ENABLED", "WORKSPACES_USER_VOLUME_ENCRYPTION_ENABLED"),
    prowler=("workspaces_volume_encryption_enabled",),
)
def workspaces_workspace_volumes_encrypted(workspace: Resource) -> Verdict:
    """Volumes of WorkSpaces are encrypted.

    Users store documents, mail and credentials on their desktops.

    Encryption is fixed at creation, and enabling it replaces the WorkSpace; its volumes are deleted.
    """
    return all_of(workspace[f"{volume}VolumeEncryptionEnabled"].equals(True) for volume in ("Root", "User"))
