"""Functions whose logs are kept and encrypted."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from soc2_constructs import aws_ecr as ecr
from soc2_constructs import aws_lambda as lambda_
from soc2_constructs import aws_logs as logs


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def function(stack: cdk.Stack, id: str, **props: Any) -> lambda_.Function:
    code = lambda_.Code.from_inline("def handler(event, context): pass")
    return lambda_.Function(stack, id, runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=code, **props)


def test_each_function_has_a_log_group_of_its_own(stack: cdk.Stack) -> None:
    one, two = function(stack, "One"), function(stack, "Two")
    repository = ecr.Repository(stack, "Images")
    image = lambda_.DockerImageFunction(stack, "Image", code=lambda_.DockerImageCode.from_ecr(repository))
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Logs::LogGroup", 3)
    template.all_resources_properties("AWS::Logs::LogGroup", {"RetentionInDays": 365})
    functions = template.find_resources("AWS::Lambda::Function").values()
    assert {found["Properties"]["TracingConfig"]["Mode"] for found in functions} == {"Active"}
    names = [stack.resolve(each.log_group.log_group_name) for each in (one, two, image)]
    assert sorted(map(str, names)) == sorted(
        str(found["Properties"]["LoggingConfig"]["LogGroup"]) for found in functions
    )


def test_optional_features_of_functions_stay_unset(stack: cdk.Stack) -> None:
    function(stack, "Function")
    (found,) = Template.from_stack(stack).find_resources("AWS::Lambda::Function").values()
    assert not {"VpcConfig", "DeadLetterConfig", "ReservedConcurrentExecutions"} & set(found["Properties"])


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    mine = logs.LogGroup(stack, "Mine")
    assert function(stack, "Function", log_group=mine, tracing=lambda_.Tracing.DISABLED).log_group is mine
    function(stack, "Old", log_retention=logs.RetentionDays.TWO_YEARS)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Logs::LogGroup", 1)
    template.resource_count_is("Custom::LogRetention", 1)


def tracing(stack: cdk.Stack) -> dict[str, Any]:
    """The tracing of the functions of a stack, by the beginning of their logical ids."""
    functions = Template.from_stack(stack).find_resources("AWS::Lambda::Function").items()
    return {name[:-8]: found["Properties"].get("TracingConfig") for name, found in functions}


ROLE = "arn:aws:iam::111111111111:role/fixed"


def test_a_role_that_cannot_be_changed_leaves_tracing_off(stack: cdk.Stack) -> None:
    imported = iam.Role.from_role_arn(stack, "Imported", ROLE)
    frozen = iam.Role.from_role_arn(stack, "Frozen", ROLE, mutable=False)
    own = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    roles = {"Imported": imported, "Frozen": frozen, "Own": own, "Sealed": own.without_policy_updates()}
    for name, role in roles.items():
        function(stack, f"{name}Function", role=role)
    on = {"Mode": "Active"}
    assert tracing(stack) == {
        "ImportedFunction": on,
        "FrozenFunction": None,
        "OwnFunction": on,
        "SealedFunction": None,
    }


def test_a_role_of_another_account_leaves_tracing_off() -> None:
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="222222222222", region="eu-west-1"))
    function(stack, "Function", role=iam.Role.from_role_arn(stack, "Theirs", ROLE))
    assert tracing(stack) == {"Function": None}


def test_a_function_at_the_edge_is_not_traced() -> None:
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="111111111111", region="us-east-1"))
    edge = function(stack, "Edge")
    function(stack, "Other")
    event = cloudfront.LambdaEdgeEventType.VIEWER_REQUEST
    cloudfront.Distribution(
        stack,
        "Web",
        default_behavior=cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin("example.com"),
            edge_lambdas=[cloudfront.EdgeLambda(function_version=edge.current_version, event_type=event)],
        ),
    )
    assert tracing(stack) == {"Edge": None, "Other": {"Mode": "Active"}}
