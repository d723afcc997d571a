"""State machines that comply."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening import NonCompliantError

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from soc2_constructs import aws_logs as logs
from soc2_constructs import aws_stepfunctions as stepfunctions


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def machine(stack: cdk.Stack, id: str, **props: Any) -> stepfunctions.StateMachine:
    steps = stepfunctions.DefinitionBody.from_chainable(stepfunctions.Pass(stack, f"{id}Pass"))
    return stepfunctions.StateMachine(stack, id, definition_body=steps, **props)


def test_defaults(stack: cdk.Stack) -> None:
    machine(stack, "One")
    machine(stack, "Two")
    group = stack.resolve(stepfunctions.execution_log_group(stack).log_group_arn)
    Template.from_stack(stack).all_resources_properties(
        "AWS::StepFunctions::StateMachine",
        {
            "LoggingConfiguration": {
                "Level": "ALL",
                "IncludeExecutionData": False,
                "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": group}}],
            },
            "TracingConfiguration": {"Enabled": True},
        },
    )


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    mine = logs.LogGroup(stack, "Mine")
    options = stepfunctions.LogOptions(destination=mine, level=stepfunctions.LogLevel.ERROR)
    machine(stack, "Machine", logs=options, tracing_enabled=False)
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::StepFunctions::StateMachine",
        {"LoggingConfiguration": {"Level": "ERROR"}, "TracingConfiguration": {"Enabled": False}},
    )
    template.resource_count_is("AWS::Logs::LogGroup", 1)


def test_logs_without_a_destination_raise(stack: cdk.Stack) -> None:
    with pytest.raises(NonCompliantError):
        machine(stack, "Machine", logs=stepfunctions.LogOptions(level=stepfunctions.LogLevel.ALL))


def test_a_role_that_cannot_be_changed_leaves_logs_and_traces_off(stack: cdk.Stack) -> None:
    role = iam.Role.from_role_arn(stack, "Frozen", "arn:aws:iam::111111111111:role/fixed", mutable=False)
    machine(stack, "Machine", role=role)
    (found,) = Template.from_stack(stack).find_resources("AWS::StepFunctions::StateMachine").values()
    assert not {"LoggingConfiguration", "TracingConfiguration"} & set(found["Properties"])


def test_the_log_group_is_in_no_resource_policy_of_the_account(stack: cdk.Stack) -> None:
    machine(stack, "Machine")
    (group,) = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup").values()
    assert group["Properties"]["LogGroupName"].startswith("/aws/vendedlogs/states/")
    assert group["DeletionPolicy"] == "RetainExceptOnCreate"
