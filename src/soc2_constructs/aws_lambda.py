"""AWS Lambda: all of `aws_cdk.aws_lambda`, with functions whose logs are kept and encrypted."""

from __future__ import annotations

from soc2_constructs.hardening import Hardening, PropsContext, Requirement, default, hardened, provide

from aws_cdk import aws_lambda as lambda_

from soc2_constructs.aws_logs import LogGroup

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_lambda import *

    __all__ = ["DockerImageFunction", "Function"]
    __all__ += lambda_.__all__


def _says_nothing_of_logs(context: PropsContext) -> bool:
    """Whether the log group is ours to make: the CDK takes it or a retention."""
    return "log_retention" not in context.props


def _rows() -> tuple[Requirement, ...]:
    return (
        provide(
            "log_group",
            lambda context: LogGroup(context.scope, f"{context.id}Soc2Logs"),
            None,
            required="an encrypted log group that keeps a year, unless you say otherwise",
            when=_says_nothing_of_logs,
        ),
        default("tracing", lambda_.Tracing.ACTIVE),
    )


FUNCTION = Hardening(lambda_.Function, *_rows())
DOCKER_IMAGE_FUNCTION = Hardening(lambda_.DockerImageFunction, *_rows())


@hardened(FUNCTION)
class Function(lambda_.Function):
    """A function whose log group is encrypted and keeps a year, and whose calls are traced.

    Lambda makes a log group itself with the first line that it writes: unencrypted, and kept for ever. What not every
    function can have stays yours: a VPC, a dead-letter queue, reserved concurrency.
    """


@hardened(DOCKER_IMAGE_FUNCTION)
class DockerImageFunction(lambda_.DockerImageFunction):
    """As `Function`, of an image."""


if MYPY:
    from aws_cdk.aws_lambda import *  # type: ignore[assignment]
