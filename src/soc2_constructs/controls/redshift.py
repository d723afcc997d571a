"""Amazon Redshift.

Since January 2025, new clusters are encrypted, have no public address and require TLS by default. Clusters that were
created earlier keep their settings, which the AWS Config rules show.
"""

from __future__ import annotations

from soc2_constructs.aws.log_delivery import accepts_logs
from soc2_constructs.aws.required import is_given
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, passed, unresolved
from soc2_constructs.controls import control

CLUSTER = "AWS::Redshift::Cluster"
PARAMETER_GROUP = "AWS::Redshift::ClusterParameterGroup"

#: The parameter group family in which `require_ssl` is true by default; in `redshift-1.0` it is false.
_TLS_FAMILY = "redshift-2.0"


@control(
    resource_types=CLUSTER,
    kind="logging",
    severity="medium",
    fix='Set `logging_properties` with `log_destination_type="cloudwatch"` and `log_exports=["connectionlog", '
    '"userlog", "useractivitylog"]`, or with a `bucket_name` (LoggingProperties).',
    config_rule="REDSHIFT_AUDIT_LOGGING_ENABLED",
    prowler=("redshift_cluster_audit_logging",),
    also_mapped={"Powerpipe": ("CC7.2", "CC7.3")},
)
def redshift_cluster_audit_logging_enabled(cluster: Resource) -> Verdict:
    """Redshift clusters write audit logs.

    System tables on the cluster keep log data for a few days only. Audit logs record connections and changes to users.

    Queries are in the user activity log, which also needs `enable_user_activity_logging: true` in the parameter group.
    Nothing restarts; log volume costs.
    """
    logging = cluster["LoggingProperties"]
    destination = logging["LogDestinationType"].default("s3")
    return any_of(
        destination.equals("s3") & is_given(logging["BucketName"]) & accepts_logs(logging["BucketName"]),
        destination.equals("cloudwatch") & logging["LogExports"].is_set(),
    ).with_message("LoggingProperties sets neither a BucketName that accepts logs nor LogExports to CloudWatch")


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
    """Redshift clusters keep automated snapshots for at least 7 days.

    The default retention is one day: damage on a Friday cannot be repaired on Monday.

    The change interrupts nothing; snapshots cost storage. Automated snapshots are deleted with the cluster.
    """
    return cluster["AutomatedSnapshotRetentionPeriod"].default(1).at_least(redshift_snapshot_retention_days)


@control(
    resource_types=CLUSTER,
    kind="encryption_in_transit",
    severity="medium",
    fix="Remove `cluster_parameter_group_name`, or use a `CfnClusterParameterGroup` with `require_ssl` set to "
    '"true" (ClusterParameterGroup.Parameters).',
    config_rule="REDSHIFT_REQUIRE_TLS_SSL",
    prowler=("redshift_cluster_in_transit_encryption_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.7")},
)
def redshift_cluster_encryption_in_transit_enabled(cluster: Resource) -> Verdict:
    """Redshift clusters require TLS.

    Every cluster offers TLS, but only the parameter `require_ssl` rejects connections without it.

    Without the parameter, the family of the parameter group decides: true in redshift-2.0, false in redshift-1.0. New
    clusters use the default group of redshift-2.0. The parameter takes effect after a restart, and disconnects clients
    without TLS.
    """
    name = cluster["ClusterParameterGroupName"]
    group = name.target_of(PARAMETER_GROUP)
    if group is not None:
        return _requires_tls(group)
    given = name.default(f"default.{_TLS_FAMILY}")
    if isinstance(given.known, str) and given.known.startswith("default."):
        return given.equals(f"default.{_TLS_FAMILY}")
    return unresolved("the parameter group is not part of the assembly", path=name.path)


def _requires_tls(group: Resource) -> Verdict:
    parameters = [(_is_require_ssl(entry["ParameterName"]), entry) for entry in group["Parameters"].each()]
    stated = any_of(named for named, _ in parameters)
    agrees = all_of(named.implies(entry["ParameterValue"].equals(True)) for named, entry in parameters)
    return all_of(
        passed("require_ssl is true in {}", group.logical_id),
        agrees,
        (stated | group["ParameterGroupFamily"].equals(_TLS_FAMILY)).with_message(
            f"{group.logical_id} does not set require_ssl, which is false by default in its family"
        ),
    )


def _is_require_ssl(name: Value) -> Verdict:
    return name.satisfies(lambda parameter: str(parameter).lower() == "require_ssl", "require_ssl")


@control(
    resource_types=CLUSTER,
    kind="encryption_at_rest",
    severity="medium",
    severity_reason="Clusters are encrypted by default, so the usual failure is a missing log, which exposes no data.",
    fix="Remove `encrypted` or set it to True, and set `logging_properties` (Encrypted: true, LoggingProperties).",
    config_rule="REDSHIFT_CLUSTER_CONFIGURATION_CHECK",
    config_parameters={"clusterDbEncrypted": "true", "loggingEnabled": "true"},
    prowler=("redshift_cluster_audit_logging", "redshift_cluster_encrypted_at_rest"),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC7.2")},
)
def redshift_cluster_encryption_logging_enabled(cluster: Resource) -> Verdict:
    """Redshift clusters are encrypted and write audit logs.

    Encryption covers data blocks, metadata and snapshots. Audit logs record connections and changes to users.

    Redshift encrypts new clusters by default. An unencrypted cluster is encrypted in place, in the background, and is
    slower until that is done.
    """
    return cluster["Encrypted"].default(True).equals(True) & redshift_cluster_audit_logging_enabled(cluster)


@control(
    resource_types=CLUSTER,
    kind="network_boundary",
    severity="high",
    fix="Remove `publicly_accessible`, or set it to False (PubliclyAccessible: false).",
    config_rule="REDSHIFT_CLUSTER_PUBLIC_ACCESS_CHECK",
    prowler=("redshift_cluster_public_access",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def redshift_cluster_prohibit_public_access(cluster: Resource) -> Verdict:
    """Redshift clusters have no public endpoint.

    A public endpoint lets anyone on the internet try to connect to the data warehouse.

    The default is no public endpoint. The change removes the address at once, and does not affect clients inside the
    VPC.
    """
    return cluster["PubliclyAccessible"].default(False).equals(False)


@control(
    resource_types=CLUSTER,
    kind="backups",
    severity="medium",
    fix="Remove `allow_version_upgrade` or set it to True, and set `automated_snapshot_retention_period=7` or "
    "more (AllowVersionUpgrade: true, AutomatedSnapshotRetentionPeriod: 7 or more).",
    implies=("redshift_cluster_automatic_snapshots_min_7_days",),
    config_rule="REDSHIFT_CLUSTER_MAINTENANCESETTINGS_CHECK",
    config_parameters={"allowVersionUpgrade": "true", "automatedSnapshotRetentionPeriod": "7"},
    prowler=("redshift_cluster_automated_snapshot", "redshift_cluster_automatic_upgrades"),
    also_mapped={"inferred": ("CC7.4", "CC7.5", "A1.2")},
)
def redshift_cluster_maintenance_settings_check(
    cluster: Resource, *, redshift_snapshot_retention_days: int = 7
) -> Verdict:
    """Redshift clusters allow version upgrades and keep snapshots for 7 days.

    Version upgrades fix security faults during the maintenance window. A snapshot allows recovery from a failed
    upgrade.

    Upgrades restart the cluster in its maintenance window; snapshots cost storage.
    """
    return all_of(
        cluster["AllowVersionUpgrade"].default(True).equals(True),
        redshift_cluster_automatic_snapshots_min_7_days(
            cluster, redshift_snapshot_retention_days=redshift_snapshot_retention_days
        ),
    )
