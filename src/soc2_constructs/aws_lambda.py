"""AWS Lambda: all of `aws_cdk.aws_lambda`, with functions whose logs are encrypted and retained."""

from __future__ import annotations

from soc2_constructs.hardening import Hardening, PropsContext, Requirement, default, hardened, provide

from aws_cdk import aws_lambda as lambda_

from soc2_constructs.aws_logs import LogGroup

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_lambda import *

    __all__ = ["DockerImageFunction", "Function"]
    __all__ += lambda_.__all__


def _has_no_log_retention(context: PropsContext) -> bool:
    """Whether a log group can be set: the CDK accepts either a log group or `log_retention`."""
    return "log_retention" not in context.props


def _rows() -> tuple[Requirement, ...]:
    return (
        provide(
            "log_group",
            lambda context: LogGroup(context.scope, f"{context.id}Soc2Logs"),
            None,
            required="by default an encrypted log group with a retention of one year",
            when=_has_no_log_retention,
        ),
        default("tracing", lambda_.Tracing.ACTIVE),
    )


FUNCTION = Hardening(lambda_.Function, *_rows())
DOCKER_IMAGE_FUNCTION = Hardening(lambda_.DockerImageFunction, *_rows())


@hardened(FUNCTION)
class Function(lambda_.Function):
    """A function with tracing and an encrypted log group that retains events for one year.

    Without a log group, Lambda creates one that is not encrypted with a customer managed key and never expires. Set a
    VPC, a dead-letter queue and reserved concurrency yourself, because not all functions can have them.
    """


@hardened(DOCKER_IMAGE_FUNCTION)
class DockerImageFunction(lambda_.DockerImageFunction):
    """As `Function`, with a container image."""


if MYPY:
    from aws_cdk.aws_lambda import *  # type: ignore[assignment]
