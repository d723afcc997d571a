"""Orders without servers: a REST API and an HTTP API over functions, a table, a queue, a schedule and a state machine.

The usual parts of the serverless examples in one stack. Plain `aws_cdk`, with its defaults.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

CODE = """
import json
import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(table.scan(Limit=10)["Items"], default=str)}
"""


class OrdersStack(cdk.Stack):
    """Orders come in over REST, wait in a queue, and are fulfilled by a state machine."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, id, env=env)
        self.table = dynamodb.Table(
            self,
            "Orders",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.table.add_global_secondary_index(
            index_name="byCustomer",
            partition_key=dynamodb.Attribute(name="customer", type=dynamodb.AttributeType.STRING),
        )
        failed = sqs.Queue(self, "FailedOrders", retention_period=cdk.Duration.days(14))
        queue = sqs.Queue(
            self,
            "OrderQueue",
            visibility_timeout=cdk.Duration.seconds(300),
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=3, queue=failed),
        )

        list_orders = self.function("ListOrders")
        self.table.grant_read_data(list_orders)
        create_order = self.function("CreateOrder", QUEUE_URL=queue.queue_url)
        self.table.grant_read_write_data(create_order)
        queue.grant_send_messages(create_order)
        process_order = self.function("ProcessOrder", timeout=cdk.Duration.seconds(60))
        process_order.add_event_source(event_sources.SqsEventSource(queue, batch_size=10))
        self.table.grant_read_write_data(process_order)

        api = apigateway.RestApi(self, "OrdersApi", rest_api_name="Orders Service")
        orders = api.root.add_resource("orders")
        orders.add_method("GET", apigateway.LambdaIntegration(list_orders))
        orders.add_method("POST", apigateway.LambdaIntegration(create_order))

        http_api = apigatewayv2.HttpApi(
            self,
            "StatusApi",
            cors_preflight=apigatewayv2.CorsPreflightOptions(
                allow_origins=["*"], allow_methods=[apigatewayv2.CorsHttpMethod.GET]
            ),
        )
        http_api.add_routes(
            path="/status",
            methods=[apigatewayv2.HttpMethod.GET],
            integration=integrations.HttpLambdaIntegration("StatusIntegration", list_orders),
        )

        report = self.function("DailyReport", timeout=cdk.Duration.minutes(5))
        self.table.grant_read_data(report)
        events.Rule(
            self,
            "EveryMorning",
            schedule=events.Schedule.cron(minute="0", hour="6"),
            targets=[targets.LambdaFunction(report)],
        )

        charge = self.function("ChargeCard")
        ship = self.function("ShipOrder")
        fulfil = sfn.StateMachine(
            self,
            "Fulfilment",
            definition_body=sfn.DefinitionBody.from_chainable(
                tasks.LambdaInvoke(self, "Charge", lambda_function=charge, output_path="$.Payload")
                .next(sfn.Wait(self, "Pack", time=sfn.WaitTime.duration(cdk.Duration.minutes(5))))
                .next(tasks.LambdaInvoke(self, "Ship", lambda_function=ship, output_path="$.Payload"))
            ),
            timeout=cdk.Duration.hours(1),
        )
        fulfil.grant_start_execution(process_order)
        process_order.add_environment("STATE_MACHINE_ARN", fulfil.state_machine_arn)

        cdk.CfnOutput(self, "HttpApiUrl", value=http_api.api_endpoint)

    def function(self, id: str, *, timeout: cdk.Duration | None = None, **environment: str) -> lambda_.Function:
        return lambda_.Function(
            self,
            id,
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline(CODE),
            timeout=timeout,
            environment={"TABLE_NAME": self.table.table_name, **environment},
        )


def build(app: cdk.App) -> None:
    """The whole service, in one stack."""
    OrdersStack(app, "Orders", env=cdk.Environment(account="111111111111", region="eu-central-1"))


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
