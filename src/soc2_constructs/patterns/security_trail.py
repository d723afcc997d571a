"""SecurityTrail: what happens in an account is recorded, and somebody is told of what should not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct, IValidation

from soc2_constructs import aws_cloudtrail as cloudtrail
from soc2_constructs.aws_sns import notification_topic
from soc2_constructs.controls.cloudwatch import (
    BUCKET_POLICY_CALLS,
    CLOUDTRAIL_CONFIGURATION_CALLS,
    CONFIG_CONFIGURATION_CALLS,
    IAM_POLICY_CALLS,
    NETWORK_ACL_CALLS,
    NETWORK_GATEWAY_CALLS,
    ORGANIZATION_CALLS,
    ROUTE_TABLE_CALLS,
    SECURITY_GROUP_CALLS,
    VPC_CALLS,
)

_OBJECTS = "AWS::S3::Object"
_Selector = cloudtrail.CfnTrail.AdvancedEventSelectorProperty
_Field = cloudtrail.CfnTrail.AdvancedFieldSelectorProperty


def _any_of(events: list[dict[str, Any]]) -> str:
    """The pattern of any of a service's calls, which the control is judged by as well."""
    (source,) = {event["eventSource"] for event in events}
    named = " || ".join(f'$.eventName = "{event["eventName"]}"' for event in events)
    return f'{{ $.eventSource = "{source}" && ({named}) }}'


#: What alarms ring on: the id of filter, metric and alarm, the control that asks for it, how many events within five
#: minutes it takes, what the alarm says, and the pattern.
WATCHED: tuple[tuple[str, str, int, str, str], ...] = (
    (
        "NetworkAcls",
        "log_metric_filter_network_acl",
        1,
        "A network ACL was changed.",
        _any_of(NETWORK_ACL_CALLS),
    ),
    (
        "Gateways",
        "log_metric_filter_network_gateway",
        1,
        "An internet or customer gateway was changed.",
        _any_of(NETWORK_GATEWAY_CALLS),
    ),
    (
        "RouteTables",
        "log_metric_filter_route_table",
        1,
        "A route table was changed.",
        _any_of(ROUTE_TABLE_CALLS),
    ),
    (
        "Vpcs",
        "log_metric_filter_vpc",
        1,
        "A VPC or a peering of one was changed.",
        _any_of(VPC_CALLS),
    ),
    (
        "SecurityGroups",
        "log_metric_filter_security_group",
        1,
        "A security group was changed.",
        _any_of(SECURITY_GROUP_CALLS),
    ),
    (
        "Config",
        "log_metric_filter_config_configuration",
        1,
        "AWS Config was changed or stopped.",
        _any_of(CONFIG_CONFIGURATION_CALLS),
    ),
    (
        "Trails",
        "log_metric_filter_cloudtrail_configuration",
        1,
        "A trail was changed or stopped.",
        _any_of(CLOUDTRAIL_CONFIGURATION_CALLS),
    ),
    (
        "Organization",
        "log_metric_filter_organization",
        1,
        "The organization was changed.",
        _any_of(ORGANIZATION_CALLS),
    ),
    (
        "BucketPolicies",
        "log_metric_filter_bucket_policy",
        1,
        "Who may use a bucket, or what becomes of its objects, was changed.",
        _any_of(BUCKET_POLICY_CALLS),
    ),
    (
        "IamPolicies",
        "log_metric_filter_iam_policy",
        1,
        "An IAM policy was changed.",
        _any_of(IAM_POLICY_CALLS),
    ),
    (
        "RootUser",
        "log_metric_filter_root_login",
        1,
        "The root user did something.",
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
    ),
    (
        "FailedLogins",
        "log_metric_filter_console_authentication_failure",
        5,
        "Logins to the console fail.",
        '{ $.eventName = "ConsoleLogin" && $.errorMessage = "Failed authentication" }',
    ),
    (
        "RefusedCalls",
        "log_metric_filter_unauthorized_api",
        10,
        "Calls are refused.",
        '{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*" }',
    ),
)


class SecurityTrail(Construct):
    """A trail of every region, and alarms on what somebody should know: the root user, refused calls, opened networks.

    One in each account is enough. The alarms ring on your own deployments as well.

    Args:
        scope: Where the construct belongs.
        id: Its id there.
        trail: A trail of your own, which streams into a log group; it stays as it is. Default: an
            `aws_cloudtrail.Trail`.
        data_events: Types of what is recorded for each use, such as `AWS::Lambda::Function`, which costs by the event.
            Default: objects of S3, without those of the trail's own bucket; `()` for none. Where there are any, the
            trail takes no selectors by `trail.add_event_selector(...)`.
        topic: Where alarms go. Default: the topic that the constructs of a stack share.
        limits: How many events within 5 minutes it takes, by the id of the alarm: `{"RefusedCalls": 50}`. Default: 5
            failed logins, 10 refused calls, one of all others.
        namespace: The metrics' namespace in CloudWatch. Default: `Soc2/SecurityTrail`.

    Raises:
        ValueError: a trail without a log group, or a limit of an alarm that does not exist.

    Controls: those of `aws_cloudtrail.Trail`, cloudtrail_s3_data_events_enabled, and all of log_metric_filter_*.
    Criteria: CC2.1, CC5.2, CC7.2, CC7.3, CC7.4, PI1.3.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        trail: cloudtrail.Trail | None = None,
        data_events: Sequence[str] = (_OBJECTS,),
        topic: sns.ITopic | None = None,
        limits: Mapping[str, int] | None = None,
        namespace: str = "Soc2/SecurityTrail",
    ) -> None:
        super().__init__(scope, id)
        limits = limits or {}
        strangers = sorted(set(limits) - {name for name, *_ in WATCHED})
        if strangers:
            known = ", ".join(name for name, *_ in WATCHED)
            raise ValueError(f"{self.node.path}: there is no alarm {', '.join(strangers)}; the alarms are {known}.")
        #: What records.
        self.trail = trail or self._trail(data_events)
        group = self.trail.log_group
        if group is None:
            raise ValueError(
                f"{self.node.path}: {self.trail.node.path} streams into no log group. "
                "Write send_to_cloud_watch_logs=True there."
            )
        #: Who is told of alarms.
        self.topic = topic or notification_topic(self)
        #: The alarms, by their ids.
        self.alarms = {
            name: self._alarm(name, group, pattern, limits.get(name, least), namespace, description)
            for name, _, least, description, pattern in WATCHED
        }

    @property
    def log_group(self) -> logs.ILogGroup:
        """Where the trail streams to, and other filters may read."""
        group = self.trail.log_group
        assert group is not None
        return group

    def _trail(self, data_events: Sequence[str]) -> cloudtrail.Trail:
        bucket = cloudtrail.trail_bucket(self)
        trail = cloudtrail.Trail(self, "Trail", bucket=bucket)
        if data_events:
            resource = cast(cloudtrail.CfnTrail, trail.node.default_child)
            resource.advanced_event_selectors = list(_selectors(bucket, data_events))
            # CloudTrail takes either kind, and the CDK writes an empty list of the other.
            resource.add_property_deletion_override("EventSelectors")
            trail.node.add_validation(cast(Any, _NoBasicSelectors(resource)))
        return trail

    def _alarm(
        self, name: str, group: logs.ILogGroup, pattern: str, limit: int, namespace: str, description: str
    ) -> cloudwatch.Alarm:
        events = logs.MetricFilter(
            self,
            f"{name}Filter",
            log_group=group,
            filter_pattern=logs.FilterPattern.literal(pattern),
            metric_namespace=namespace,
            metric_name=name,
        )
        alarm = cloudwatch.Alarm(
            self,
            f"{name}Alarm",
            metric=events.metric(statistic="Sum", period=cdk.Duration.minutes(5)),
            threshold=limit,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=description,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        return alarm


@jsii.implements(IValidation)
class _NoBasicSelectors:
    """Whoever adds a selector of the other kind is told so, and not left with one that nobody sees."""

    def __init__(self, resource: cloudtrail.CfnTrail) -> None:
        self._resource = resource

    @jsii.member(jsii_name="validate")
    def validate(self) -> list[str]:
        if not self._resource.event_selectors:
            return []
        return [
            "A trail with data_events takes no other selectors: name the type in data_events, or write data_events=()"
        ]


def _selectors(bucket: s3.IBucket, kinds: Sequence[str]) -> Iterator[_Selector]:
    """Selectors of all management events, and of the use of some types."""
    yield _Selector(name="Management events", field_selectors=[_Field(field="eventCategory", equal_to=["Management"])])
    for kind in kinds:
        fields = [
            _Field(field="eventCategory", equal_to=["Data"]),
            _Field(field="resources.type", equal_to=[kind]),
        ]
        if kind == _OBJECTS:
            # Each file that the trail writes would be an event in the next.
            fields.append(_Field(field="resources.ARN", not_starts_with=[bucket.arn_for_objects("")]))
        yield _Selector(name=kind, field_selectors=fields)
