"""AWS DataSync."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::DataSync::Task",
    kind="logging",
    severity="medium",
    fix='Set `cloud_watch_log_group_arn=log_group.log_group_arn` and `log_level="BASIC"` or `"TRANSFER"` in the '
    "options of CfnTask (CloudWatchLogGroupArn, Options.LogLevel).",
    config_rule="DATASYNC_TASK_LOGGING_ENABLED",
    prowler=("datasync_task_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def datasync_task_logging_enabled(task: Resource) -> Verdict:
    """DataSync tasks log their transfers.

    Without logs a file that could not be copied is missed when it is needed. BASIC writes errors, TRANSFER every file.
    AWS documents no default for the level, so say it. The log group needs a resource policy for DataSync. The change
    holds from the next run on.
    """
    return task["CloudWatchLogGroupArn"].is_set() & task["Options.LogLevel"].one_of("BASIC", "TRANSFER")
