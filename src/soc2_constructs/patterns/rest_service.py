"""RestService: a REST API for a function or another integration, with alarms."""

from __future__ import annotations

from soc2_constructs.hardening import deployed_path, unique_name

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from soc2_constructs import aws_apigateway as apigateway
from soc2_constructs.aws_sns import notification_topic


class RestService(Construct):
    """A REST API with logs, tracing, throttling, a web ACL, and alarms on errors and latency.

    One integration handles all paths and methods; `api.root.add_resource(...)` adds others.

    Args:
        scope: The scope of the construct.
        id: The id of the construct.
        handler: The function that handles requests. Default: none; then `integration` is required.
        integration: The integration that handles requests instead of a function. Default: none.
        api: The API that gets the methods and alarms. Default: a new `aws_apigateway.RestApi`.
        authorizer: The authorizer. Default: IAM authorization.
        topic: The topic for alarms. Default: the topic that the stack shares.
        max_errors: The number of server errors within 5 minutes that raises the alarm. Default: 5.
        max_latency: The latency at the 99th percentile that raises the alarm. Default: 5 seconds.

    Raises:
        ValueError: neither a handler nor an integration, or both.

    Controls: those of `aws_apigateway.RestApi`. Criteria: CC6.1, CC6.6, CC7.1, CC7.2, A1.1.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        handler: lambda_.IFunction | None = None,
        integration: apigateway.Integration | None = None,
        api: apigateway.RestApi | None = None,
        authorizer: apigateway.IAuthorizer | None = None,
        topic: sns.ITopic | None = None,
        max_errors: int = 5,
        max_latency: cdk.Duration | None = None,
    ) -> None:
        super().__init__(scope, id)
        if (handler is None) == (integration is None):
            raise ValueError(
                f"{self.node.path}: RestService requires either a handler or an integration. "
                "Write handler=... or integration=..., not both."
            )
        if handler is not None:
            integration = apigateway.LambdaIntegration(handler)
        #: The API.
        self.api = api or self._api(authorizer)
        self.api.root.add_method("ANY", integration)
        self.api.root.add_proxy(default_integration=integration)
        #: The topic for alarms.
        self.topic = topic or notification_topic(self)
        #: The alarms.
        self.alarms = (
            self._alarm(
                "ServerErrors",
                self.api.metric_server_error(period=cdk.Duration.minutes(5), statistic="Sum"),
                max_errors,
                "The API returns server errors.",
            ),
            self._alarm(
                "Latency",
                self.api.metric_latency(period=cdk.Duration.minutes(5), statistic="p99"),
                (max_latency or cdk.Duration.seconds(5)).to_milliseconds(),
                "The latency of the API is high.",
            ),
        )

    def _api(self, authorizer: apigateway.IAuthorizer | None) -> apigateway.RestApi:
        """An API with a name from its path: CloudWatch tells the metrics of APIs apart by their names only.

        AWS page: "Amazon API Gateway dimensions and metrics".
        """
        iam = apigateway.AuthorizationType.IAM
        return apigateway.RestApi(
            self,
            "Api",
            rest_api_name=unique_name(deployed_path(self), limit=100),
            default_method_options=apigateway.MethodOptions(
                authorizer=authorizer, authorization_type=iam if authorizer is None else None
            ),
        )

    def _alarm(self, id: str, metric: cloudwatch.Metric, threshold: float, description: str) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            id,
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=description,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        return alarm
