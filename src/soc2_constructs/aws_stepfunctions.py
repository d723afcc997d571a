"""AWS Step Functions: all of `aws_cdk.aws_stepfunctions`, with state machines that comply."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import Hardening, PropsContext, default, hardened, member, provide, stack_singleton

from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import IConstruct

from soc2_constructs.aws_logs import LogGroup

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_stepfunctions import *

    __all__ = ["StateMachine", "execution_log_group"]
    __all__ += stepfunctions.__all__


def execution_log_group(scope: IConstruct) -> LogGroup:
    """The log group that gets the logs of a stack's state machines, unless they are context one; one per stack."""
    return stack_singleton(scope, "Executions", lambda holder, id: LogGroup(holder, id))


def _logs(context: PropsContext) -> stepfunctions.LogOptions:
    # What executions carry may be anything, secrets too.
    return stepfunctions.LogOptions(
        destination=execution_log_group(context.scope),
        level=stepfunctions.LogLevel.ALL,
        include_execution_data=False,
    )


def _is_logged(options: Any, _: PropsContext) -> bool:
    level = member(options, "level")
    return level != stepfunctions.LogLevel.OFF and member(options, "destination") is not None


STATE_MACHINE = Hardening(
    stepfunctions.StateMachine,
    provide(
        "logs",
        _logs,
        "sfn_state_machine_logging_enabled",
        accepts=_is_logged,
        required="a destination, and another level than OFF",
        bad_value={"level": stepfunctions.LogLevel.OFF},
        bad_override=("LoggingConfiguration.Level", "OFF"),
    ),
    default("tracing_enabled", True),
)


@hardened(STATE_MACHINE)
class StateMachine(stepfunctions.StateMachine):
    """A state machine that logs every step, without the data that it carries, and traces its executions."""


if MYPY:
    from aws_cdk.aws_stepfunctions import *  # type: ignore[assignment]
