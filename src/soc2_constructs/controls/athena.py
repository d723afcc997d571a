"""Amazon Athena."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::Athena::WorkGroup",
    kind="alarms",
    severity="low",
    severity_reason="Query metrics support operation. CloudTrail records who ran which query.",
    fix="Set `publish_cloud_watch_metrics_enabled=True` in the `work_group_configuration` of `athena.CfnWorkGroup` "
    "(WorkGroupConfiguration.PublishCloudWatchMetricsEnabled: true).",
    config_rule="ATHENA_WORKGROUP_LOGGING_ENABLED",
    prowler=("athena_workgroup_logging_enabled",),
    also_mapped={"Powerpipe": ("CC7.1", "CC7.2", "CC7.3", "A1.2")},
)
def athena_workgroup_logging_enabled(group: Resource) -> Verdict:
    """Workgroups publish query metrics to CloudWatch.

    Alarms on these metrics detect failing queries and unusually large scans. AWS documents no default for the property
    in CloudFormation, so the control requires it to be set.

    Nothing is interrupted. CloudWatch charges for the metrics.
    """
    return group["WorkGroupConfiguration.PublishCloudWatchMetricsEnabled"].equals(True)
