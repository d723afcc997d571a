"""Amazon Athena."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::Athena::WorkGroup",
    kind="logging",
    severity="medium",
    fix="Set `publish_cloud_watch_metrics_enabled=True` in the configuration of CfnWorkGroup "
    "(WorkGroupConfiguration.PublishCloudWatchMetricsEnabled: true).",
    config_rule="ATHENA_WORKGROUP_LOGGING_ENABLED",
    prowler=("athena_workgroup_logging_enabled",),
    also_mapped={"Powerpipe": ("CC7.1", "CC7.2", "CC7.3", "A1.2")},
)
def athena_workgroup_logging_enabled(group: Resource) -> Verdict:
    """Workgroups publish query metrics to CloudWatch.

    Metrics show queries that fail, and scans that grow. AWS documents no default for the property in CloudFormation,
    so say it. The change interrupts nothing; the metrics cost as CloudWatch does.
    """
    return group["WorkGroupConfiguration.PublishCloudWatchMetricsEnabled"].equals(True)
