"""Amazon CloudWatch Logs: all of `aws_cdk.aws_logs`, with compliant log groups."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import (
    NAMED_REMOVAL_POLICY,
    Hardening,
    PropsContext,
    default,
    deployed_path,
    hardened,
    provide,
    require,
    stack_singleton,
    unique_name,
)

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from soc2_constructs.aws_kms import logs_key

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_logs import *

    __all__ = ["LogGroup", "keeps_a_year", "vended_log_group"]
    __all__ += logs.__all__

#: The retention periods below one year; the Python enum does not contain the number of days.
_TOO_SHORT = frozenset(
    (
        logs.RetentionDays.ONE_DAY,
        logs.RetentionDays.THREE_DAYS,
        logs.RetentionDays.FIVE_DAYS,
        logs.RetentionDays.ONE_WEEK,
        logs.RetentionDays.TWO_WEEKS,
        logs.RetentionDays.ONE_MONTH,
        logs.RetentionDays.TWO_MONTHS,
        logs.RetentionDays.THREE_MONTHS,
        logs.RetentionDays.FOUR_MONTHS,
        logs.RetentionDays.FIVE_MONTHS,
        logs.RetentionDays.SIX_MONTHS,
    )
)


def _keeps(context: PropsContext) -> bool:
    """Whether the log group stores events; a log group of class DELIVERY does not and has no retention."""
    return context.props.get("log_group_class") != logs.LogGroupClass.DELIVERY


def keeps_a_year(retention: Any, _: PropsContext) -> bool:
    """Whether a retention period is one year or longer."""
    return retention not in _TOO_SHORT


LOG_GROUP = Hardening(
    logs.LogGroup,
    require(
        "retention",
        logs.RetentionDays.ONE_YEAR,
        "cloudwatch_log_group_retention_period_365",
        accepts=keeps_a_year,
        required="RetentionDays.ONE_YEAR or longer",
        bad_value=logs.RetentionDays.ONE_MONTH,
        bad_override=("RetentionInDays", 30),
        when=_keeps,
    ),
    provide(
        "encryption_key",
        lambda context: logs_key(context.scope),
        "log_group_encryption_at_rest_enabled",
        required="a KMS key that CloudWatch Logs may use; by default one per stack",
        bad_override=("KmsKeyId", None),
    ),
    default("removal_policy", cdk.RemovalPolicy.RETAIN),
)


@hardened(LOG_GROUP)
class LogGroup(logs.LogGroup):
    """A log group that keeps its events for a year or longer, encrypted with a customer managed key."""


def vended_log_group(scope: IConstruct, id: str, service: str) -> LogGroup:
    """The log group of a stack for the logs of an AWS service; one per stack and id, created on the first call.

    The delivery of such logs adds each log group to a resource policy of the account, which has at most 5,120
    characters. AWS omits log groups whose names start with `/aws/vendedlogs/`.

    Args:
        scope: A construct in the stack, or the stack.
        id: The id of the log group.
        service: The service, as part of the name.

    AWS page: "Enable logging from AWS services", section "CloudWatch Logs resource policy size limit considerations".
    """

    def make(holder: Construct, id: str) -> LogGroup:
        name = unique_name(f"{deployed_path(holder)}/{id}", limit=200)
        return LogGroup(
            holder,
            id,
            log_group_name=f"/aws/vendedlogs/{service}/{name}",
            removal_policy=NAMED_REMOVAL_POLICY,
        )

    return stack_singleton(scope, id, make)


if MYPY:
    from aws_cdk.aws_logs import *  # type: ignore[assignment]
