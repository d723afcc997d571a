"""Amazon Neptune."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, unresolved
from soc2_constructs.controls import control

CLUSTER = "AWS::Neptune::DBCluster"


@control(
    resource_types=CLUSTER,
    kind="inventory",
    severity="low",
    fix="Set `copy_tags_to_snapshot=True` (CopyTagsToSnapshot: true).",
    config_rule="NEPTUNE_CLUSTER_COPY_TAGS_TO_SNAPSHOT_ENABLED",
    prowler=("neptune_cluster_copy_tags_to_snapshots",),
    also_mapped={"inferred": ("CC7.5",)},
)
def neptune_db_cluster_copy_tags_to_snapshot_enabled(cluster: Resource) -> Verdict:
    """Tags of Neptune clusters are copied to their snapshots.

    Whoever restores has to find the right snapshot: by the tags that say whose it is. Permissions that go by tags then
    hold for snapshots too. The change holds for snapshots made from then on.
    """
    return cluster["CopyTagsToSnapshot"].equals(True)


@control(
    resource_types=CLUSTER,
    kind="encryption_at_rest",
    severity="high",
    fix="Set `storage_encrypted=True` (StorageEncrypted: true), and deploy the AWS Config rule "
    "NEPTUNE_CLUSTER_SNAPSHOT_ENCRYPTED.",
    config_rule="NEPTUNE_CLUSTER_SNAPSHOT_ENCRYPTED",
    prowler=("neptune_cluster_snapshot_encrypted",),
    live_only=True,
    also_mapped={"Prowler": ("CC7.5",)},
)
def neptune_db_cluster_snapshot_encryption_at_rest_enabled(cluster: Resource) -> Verdict:
    """Neptune clusters, and so their snapshots, are encrypted.

    A snapshot is encrypted if its cluster is, and a cluster that is restored is encrypted if its source was. It is
    decided when a cluster is made: to switch it on replaces the cluster, so restore a snapshot with a key. Snapshots
    from before that are not encrypted: the AWS Config rule finds them in the live account.
    """
    return _is_encrypted(cluster)


def _is_encrypted(cluster: Resource, follow: bool = True) -> Verdict:
    own = cluster["StorageEncrypted"].equals(True)
    source = cluster["SourceDBClusterIdentifier"].target_of(CLUSTER)
    if follow and source is not None:
        return own | _is_encrypted(source, follow=False)
    if cluster["SnapshotIdentifier"].is_absent and cluster["SourceDBClusterIdentifier"].is_absent:
        return own
    # What is restored inherits encryption, whether the property is left out or false.
    return own | unresolved("it is encrypted if the snapshot or source is")
