"""AWS Step Functions."""

from __future__ import annotations

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

    Of an express workflow nothing remains without logs; the history of a standard one is kept for 90 days. The role
    needs permission to deliver logs. The change interrupts nothing.
    """
    logging = machine[_LOGGING[machine.type]]
    delivered = any_of(
        destination["CloudWatchLogsLogGroup.LogGroupArn"].is_set() for destination in logging["Destinations"].each()
    )
    return logging["Level"].one_of("ALL", "ERROR", "FATAL") & delivered.with_message("no destination takes the log")
