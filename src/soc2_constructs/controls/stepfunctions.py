"""AWS Step Functions."""

from __future__ import annotations

from soc2_constructs.aws.required import is_given
from soc2_constructs.cloudformation import Resource, Verdict, any_of
from soc2_constructs.controls import control

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
SAM_STATE_MACHINE = "AWS::Serverless::StateMachine"

_LOGGING = {STATE_MACHINE: "LoggingConfiguration", SAM_STATE_MACHINE: "Logging"}


@control(
    resource_types=(STATE_MACHINE, SAM_STATE_MACHINE),
    kind="logging",
    severity="medium",
    fix="Set `logs=stepfunctions.LogOptions(destination=log_group, level=stepfunctions.LogLevel.ALL)` "
    "(LoggingConfiguration.Level: ALL, ERROR or FATAL, and LoggingConfiguration.Destinations).",
    config_rule="STEP_FUNCTIONS_STATE_MACHINE_LOGGING_ENABLED",
    prowler=("stepfunctions_statemachine_logging_enabled",),
    also_mapped={"inferred": ("A1.2", "PI1.3")},
)
def sfn_state_machine_logging_enabled(machine: Resource) -> Verdict:
    """State machines log their executions.

    Express workflows keep no history without logs. The history of standard workflows is deleted after 90 days.

    The role of the state machine needs permission to deliver logs. The change interrupts nothing; log volume costs.
    """
    logging = machine[_LOGGING[machine.type]]
    delivered = any_of(
        is_given(destination["CloudWatchLogsLogGroup.LogGroupArn"]) for destination in logging["Destinations"].each()
    )
    return logging["Level"].one_of("ALL", "ERROR", "FATAL") & delivered.with_message(
        "no destination is set in Destinations"
    )
