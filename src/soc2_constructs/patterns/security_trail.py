"""SecurityTrail: a trail of an account, with alarms on security-relevant events."""

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
    """A filter pattern for the calls of a service that the control requires."""
    (source,) = {event["eventSource"] for event in events}
    named = " || ".join(f'$.eventName = "{event["eventName"]}"' for event in events)
    return f'{{ $.eventSource = "{source}" && ({named}) }}'


#: The alarms: the id of filter, metric and alarm; the control; the number of events within 5 minutes; the description
#: of the alarm; the filter pattern.
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
        "The policy, the access settings or the lifecycle of a bucket was changed.",
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
        "The root user was active.",
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
    ),
    (
        "FailedLogins",
        "log_metric_filter_console_authentication_failure",
        5,
        "Console logins failed.",
        '{ $.eventName = "ConsoleLogin" && $.errorMessage = "Failed authentication" }',
    ),
    (
        "RefusedCalls",
        "log_metric_filter_unauthorized_api",
        10,
        "API calls were denied.",
        '{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*" }',
    ),
)


class SecurityTrail(Construct):
    """A multi-Region trail, and alarms on security-relevant events: root user activity, denied calls, network changes.

    Create one in each account. Your own deployments raise the alarms as well.

    Args:
        scope: The scope of the construct.
        id: The id of the construct.
        trail: A trail with a log group; it does not change. Default: a new `aws_cloudtrail.Trail`.
        data_events: The resource types whose data events are recorded, such as `AWS::Lambda::Function`; `()` for none.
            Data events are charged per event. With data events, `trail.add_event_selector(...)` is not supported.
            Default: S3 objects, except those of the bucket of the trail.
        topic: The topic for alarms. Default: the topic that the stack shares.
        limits: The number of events within 5 minutes that raises an alarm, by the id of the alarm:
            `{"RefusedCalls": 50}`. Default: 5 failed logins, 10 denied calls, 1 for all others.
        namespace: The namespace of the CloudWatch metrics. Default: `Soc2/SecurityTrail`.

    Raises:
        ValueError: the trail has no log group, or an id in `limits` is unknown.

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
        unknown = sorted(set(limits) - {name for name, *_ in WATCHED})
        if unknown:
            known = ", ".join(name for name, *_ in WATCHED)
            raise ValueError(f"{self.node.path}: limits has unknown alarms: {', '.join(unknown)}. Use one of {known}.")
        #: The trail.
        self.trail = trail or self._trail(data_events)
        group = self.trail.log_group
        if group is None:
            raise ValueError(
                f"{self.node.path}: {self.trail.node.path} has no log group, which the alarms require. "
                "Write send_to_cloud_watch_logs=True there."
            )
        #: The topic for alarms.
        self.topic = topic or notification_topic(self)
        #: The alarms, by their ids.
        self.alarms = {
            name: self._alarm(name, group, pattern, limits.get(name, least), namespace, description)
            for name, _, least, description, pattern in WATCHED
        }

    @property
    def log_group(self) -> logs.ILogGroup:
        """The log group of the trail, to which you can add metric filters."""
        group = self.trail.log_group
        assert group is not None
        return group

    def _trail(self, data_events: Sequence[str]) -> cloudtrail.Trail:
        bucket = cloudtrail.trail_bucket(self)
        trail = cloudtrail.Trail(self, "Trail", bucket=bucket)
        if data_events:
            resource = cast(cloudtrail.CfnTrail, trail.node.default_child)
            resource.advanced_event_selectors = list(_selectors(bucket, data_events))
            # CloudTrail accepts either kind of selectors, and the CDK renders an empty list of the other.
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
    """Reports basic event selectors, which the template would omit."""

    def __init__(self, resource: cloudtrail.CfnTrail) -> None:
        self._resource = resource

    @jsii.member(jsii_name="validate")
    def validate(self) -> list[str]:
        if not self._resource.event_selectors:
            return []
        return [
            "The trail has event selectors beside data_events, which CloudTrail does not support. "
            "Add the type to data_events, or write data_events=()."
        ]


def _selectors(bucket: s3.IBucket, kinds: Sequence[str]) -> Iterator[_Selector]:
    """Selectors for all management events, and for the data events of some resource types."""
    yield _Selector(name="Management events", field_selectors=[_Field(field="eventCategory", equal_to=["Management"])])
    for kind in kinds:
        fields = [
            _Field(field="eventCategory", equal_to=["Data"]),
            _Field(field="resources.type", equal_to=[kind]),
        ]
        if kind == _OBJECTS:
            # Otherwise each log file of the trail would cause another event.
            fields.append(_Field(field="resources.ARN", not_starts_with=[bucket.arn_for_objects("")]))
        yield _Selector(name=kind, field_selectors=fields)
