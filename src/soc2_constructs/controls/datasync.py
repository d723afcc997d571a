"""AWS DataSync."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::DataSync::Task",
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `cloud_watch_log_group_arn=log_group.log_group_arn` and `options=datasync.CfnTask.OptionsProperty("
    'log_level="BASIC")` on `datasync.CfnTask` (CloudWatchLogGroupArn, Options.LogLevel: BASIC or TRANSFER).',
    config_rule="DATASYNC_TASK_LOGGING_ENABLED",
    prowler=("datasync_task_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def datasync_task_logging_enabled(task: Resource) -> Verdict:
    """DataSync tasks log their transfers.

    Without logs, files that failed to copy stay unnoticed. BASIC records errors, and TRANSFER records every file. AWS
    documents no default for the level, so the control requires it to be set.

    The change applies from the next task execution. The log group requires a resource policy for DataSync. CloudWatch
    Logs charges for ingestion and storage.
    """
    return task["CloudWatchLogGroupArn"].is_set() & task["Options.LogLevel"].one_of("BASIC", "TRANSFER")
