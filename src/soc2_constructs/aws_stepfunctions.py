"""AWS Step Functions: all of `aws_cdk.aws_stepfunctions`, with compliant state machines."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import (
    Hardening,
    PropsContext,
    default,
    hardened,
    may_change,
    member,
    provide,
)

from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import IConstruct

from soc2_constructs.aws_logs import LogGroup, vended_log_group

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_stepfunctions import *

    __all__ = ["StateMachine", "execution_log_group"]
    __all__ += stepfunctions.__all__


def execution_log_group(scope: IConstruct) -> LogGroup:
    """The default log group of the state machines of a stack; one per stack, created on the first call."""
    return vended_log_group(scope, "Executions", "states")


def _logs(context: PropsContext) -> stepfunctions.LogOptions:
    # Execution data may contain secrets.
    return stepfunctions.LogOptions(
        destination=execution_log_group(context.scope),
        level=stepfunctions.LogLevel.ALL,
        include_execution_data=False,
    )


def _is_logged(options: Any, _: PropsContext) -> bool:
    level = member(options, "level")
    return level != stepfunctions.LogLevel.OFF and member(options, "destination") is not None


def _may_add_permissions(context: PropsContext) -> bool:
    """Whether the role can get the permissions for logs and traces; without them the deployment fails."""
    return may_change(context.props.get("role"))


STATE_MACHINE = Hardening(
    stepfunctions.StateMachine,
    provide(
        "logs",
        _logs,
        "sfn_state_machine_logging_enabled",
        accepts=_is_logged,
        required="a destination and a level other than OFF",
        bad_value={"level": stepfunctions.LogLevel.OFF},
        bad_override=("LoggingConfiguration.Level", "OFF"),
        when=_may_add_permissions,
    ),
    default("tracing_enabled", True, when=_may_add_permissions),
)


@hardened(STATE_MACHINE)
class StateMachine(stepfunctions.StateMachine):
    """A state machine that logs every event without execution data, and traces executions by default.

    With a role that cannot be changed, such as one imported with `mutable=False`, both stay off.

    Controls: sfn_state_machine_logging_enabled. AWS page: "Using CloudWatch Logs to log execution history in Step
    Functions".
    """


if MYPY:
    from aws_cdk.aws_stepfunctions import *  # type: ignore[assignment]
