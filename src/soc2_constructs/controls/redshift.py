"""Amazon Redshift.

Since January 2025 a cluster that says nothing is encrypted, has no public address and takes TLS connections only; one
from before keeps what it was made with, which the AWS Config rules see.
"""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, unresolved
from soc2_constructs.controls import control

CLUSTER = "AWS::Redshift::Cluster"
PARAMETER_GROUP = "AWS::Redshift::ClusterParameterGroup"

#: The family of parameter groups whose default is `require_ssl: true`; that of `redshift-1.0` is false.
_TLS_FAMILY = "redshift-2.0"


@control(
    resource_types=CLUSTER,
    kind="logging",
    severity="medium",
    fix='Set `logging_properties` to `log_destination_type="cloudwatch"` and `log_exports=["connectionlog", '
    '"userlog", "useractivitylog"]`, or to a `bucket_name` (LoggingProperties).',
    config_rule="REDSHIFT_AUDIT_LOGGING_ENABLED",
    prowler=("redshift_cluster_audit_logging",),
    also_mapped={"Powerpipe": ("CC7.2", "CC7.3")},
)
def redshift_cluster_audit_logging_enabled(cluster: Resource) -> Verdict:
    """Clusters write audit logs to S3 or CloudWatch Logs.

    On the cluster itself the system tables keep a week at most. The logs tell who connected and what became of users;
    queries stand in the user activity log, which also takes `enable_user_activity_logging: true` in the parameter
    group. Nothing restarts.
    """
    logging = cluster["LoggingProperties"]
    destination = logging["LogDestinationType"].default("s3")
    return any_of(
        destination.equals("s3") & logging["BucketName"].is_set(),
        destination.equals("cloudwatch") & logging["LogExports"].is_set(),
    ).with_message("LoggingProperties names neither a bucket nor logs to export to CloudWatch")


@control(
    resource_types=CLUSTER,
    kind="backups",
    severity="medium",
    fix="Set `automated_snapshot_retention_period=7` or more (AutomatedSnapshotRetentionPeriod: 7 or more).",
    config_rule="REDSHIFT_BACKUP_ENABLED",
    config_parameters={"MinRetentionPeriod": "7"},
    prowler=("redshift_cluster_automated_snapshot",),
    also_mapped={"Powerpipe": ("CC7.4", "CC7.5", "A1.2")},
)
def redshift_cluster_automatic_snapshots_min_7_days(
    cluster: Resource, *, redshift_snapshot_retention_days: int = 7
) -> Verdict:
    """Clusters keep automated snapshots for a week or longer.

    Where nothing is said Redshift keeps them for one day: damage done on Friday is beyond repair on Monday. The change
    interrupts nothing; snapshots cost storage. Automated snapshots go with the cluster.
    """
    return cluster["AutomatedSnapshotRetentionPeriod"].default(1).at_least(redshift_snapshot_retention_days)


@control(
    resource_types=CLUSTER,
    kind="encryption_in_transit",
    severity="medium",
    fix='Leave out `cluster_parameter_group_name`, or give it a CfnClusterParameterGroup with `require_ssl` "true" '
    "(ClusterParameterGroup.Parameters).",
    config_rule="REDSHIFT_REQUIRE_TLS_SSL",
    prowler=("redshift_cluster_in_transit_encryption_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.7")},
)
def redshift_cluster_encryption_in_transit_enabled(cluster: Resource) -> Verdict:
    """Clusters accept TLS connections only.

    Every cluster offers TLS; the parameter `require_ssl` refuses what comes without. Where it is not set, the family of
    the parameter group decides: true in redshift-2.0, whose default group new clusters get, false in redshift-1.0. The
    parameter takes effect when the cluster restarts, and cuts off clients that connect without TLS.
    """
    name = cluster["ClusterParameterGroupName"]
    group = name.target_of(PARAMETER_GROUP)
    if group is not None:
        return _requires_tls(group)
    given = name.default(f"default.{_TLS_FAMILY}")
    if isinstance(given.known, str) and given.known.startswith("default."):
        return given.equals(f"default.{_TLS_FAMILY}")
    return unresolved("its parameter group is not part of the assembly", path=name.path)


def _requires_tls(group: Resource) -> Verdict:
    parameters = [(_is_require_ssl(entry["ParameterName"]), entry) for entry in group["Parameters"].each()]
    stated = any_of(named for named, _ in parameters)
    agrees = all_of(named.implies(entry["ParameterValue"].equals(True)) for named, entry in parameters)
    return agrees & (stated | group["ParameterGroupFamily"].equals(_TLS_FAMILY)).with_message(
        f"{group.logical_id} does not set require_ssl, which its family has off"
    )


def _is_require_ssl(name: Value) -> Verdict:
    return name.satisfies(lambda found: str(found).lower() == "require_ssl", "require_ssl")


@control(
    resource_types=CLUSTER,
    kind="encryption_at_rest",
    severity="high",
    fix="Leave out `encrypted`, or make it True, and set `logging_properties` (Encrypted: true, LoggingProperties).",
    config_rule="REDSHIFT_CLUSTER_CONFIGURATION_CHECK",
    config_parameters={"clusterDbEncrypted": "true", "loggingEnabled": "true"},
    prowler=("redshift_cluster_audit_logging", "redshift_cluster_encrypted_at_rest"),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC7.2")},
)
def redshift_cluster_encryption_logging_enabled(cluster: Resource) -> Verdict:
    """Clusters are encrypted and write audit logs.

    Encryption covers blocks, metadata and snapshots. Redshift makes no unencrypted clusters any more and encrypts with
    a key of its own where none is named. A cluster from before is encrypted in place, in the background, and is slower
    until that is done.
    """
    return cluster["Encrypted"].default(True).equals(True) & redshift_cluster_audit_logging_enabled(cluster)


@control(
    resource_types=CLUSTER,
    kind="network_boundary",
    severity="high",
    fix="Leave out `publicly_accessible`, or make it False (PubliclyAccessible: false).",
    config_rule="REDSHIFT_CLUSTER_PUBLIC_ACCESS_CHECK",
    prowler=("redshift_cluster_public_access",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def redshift_cluster_prohibit_public_access(cluster: Resource) -> Verdict:
    """Clusters have no public endpoint.

    With a public address, a password is all that stands before the data warehouse. Where nothing is said a cluster has
    none. The change takes the address away at once and interrupts nobody who connects from inside of the VPC.
    """
    return cluster["PubliclyAccessible"].default(False).equals(False)


@control(
    resource_types=CLUSTER,
    kind="backups",
    severity="medium",
    fix="Leave out `allow_version_upgrade`, or make it True, and set `automated_snapshot_retention_period=7` or more "
    "(AllowVersionUpgrade: true, AutomatedSnapshotRetentionPeriod: 7 or more).",
    config_rule="REDSHIFT_CLUSTER_MAINTENANCESETTINGS_CHECK",
    config_parameters={"allowVersionUpgrade": "true", "automatedSnapshotRetentionPeriod": "7"},
    prowler=("redshift_cluster_automated_snapshot", "redshift_cluster_automatic_upgrades"),
    also_mapped={"inferred": ("CC7.4", "CC7.5", "A1.2")},
)
def redshift_cluster_maintenance_settings_check(
    cluster: Resource, *, redshift_snapshot_retention_days: int = 7
) -> Verdict:
    """Clusters take version upgrades and keep snapshots for a week.

    Redshift repairs security faults by upgrades in the maintenance window, unless they are switched off; a snapshot is
    the way back when one goes wrong.
    """
    return all_of(
        cluster["AllowVersionUpgrade"].default(True).equals(True),
        redshift_cluster_automatic_snapshots_min_7_days(
            cluster, redshift_snapshot_retention_days=redshift_snapshot_retention_days
        ),
    )
