"""AWS Lambda: all of `aws_cdk.aws_lambda`, with functions whose logs are encrypted and retained."""

from __future__ import annotations

from typing import Any, cast

from soc2_constructs.hardening import Hardening, Init, PropsContext, Requirement, hardened, may_change, provide

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
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


def _may_add_permissions(context: PropsContext) -> bool:
    """Whether the role can get the permissions for traces; without them there are no traces."""
    return may_change(context.props.get("role"))


def _traces(context: PropsContext) -> lambda_.Tracing:
    context.scratch["traces"] = True
    return lambda_.Tracing.ACTIVE


def _rows() -> tuple[Requirement, ...]:
    return (
        provide(
            "log_group",
            lambda context: LogGroup(context.scope, f"{context.id}Soc2Logs"),
            None,
            required="by default an encrypted log group with a retention of one year",
            when=_has_no_log_retention,
        ),
        provide(
            "tracing",
            _traces,
            None,
            required="Tracing.ACTIVE by default; off at the edge, and with a role that cannot be changed",
            when=_may_add_permissions,
        ),
    )


@jsii.implements(cdk.IAnyProducer)
class _TracesUnlessAtEdge:
    """The tracing of a function, at synthesis: CloudFront refuses a function with tracing.

    The CDK allows `edgelambda.amazonaws.com` to assume the role of each function that it adds to a distribution.

    AWS page: "Restrictions on Lambda@Edge".
    """

    def __init__(self, function: Any) -> None:
        self._function = function

    @jsii.member(jsii_name="produce")
    def produce(self, context: cdk.IResolveContext) -> Any:
        role = self._function.role
        trusted = role.assume_role_policy if isinstance(role, iam.Role) else None
        at_edge = trusted is not None and "edgelambda." in str(context.resolve(trusted))
        return None if at_edge else {"mode": "Active"}


def _build_function(function: Any, init: Init, context: PropsContext) -> None:
    init(context.props)
    if context.scratch.get("traces"):
        function.node.default_child.tracing_config = cdk.Lazy.uncached_any(cast(Any, _TracesUnlessAtEdge(function)))


FUNCTION = Hardening(lambda_.Function, *_rows())
DOCKER_IMAGE_FUNCTION = Hardening(lambda_.DockerImageFunction, *_rows())


@hardened(FUNCTION, _build_function)
class Function(lambda_.Function):
    """A function with tracing and an encrypted log group that retains events for one year.

    Without a log group, Lambda creates one that is not encrypted with a customer managed key and never expires. Set a
    VPC, a dead-letter queue and reserved concurrency yourself, because not all functions can have them.

    Tracing stays off with a role that cannot be changed, such as one imported with `mutable=False`, and for a function
    at the edge of a distribution, where it is not supported.
    """


@hardened(DOCKER_IMAGE_FUNCTION, _build_function)
class DockerImageFunction(lambda_.DockerImageFunction):
    """As `Function`, with a container image."""


if MYPY:
    from aws_cdk.aws_lambda import *  # type: ignore[assignment]
