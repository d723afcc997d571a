"""Minimal constructors of `aws_apigateway`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as stepfunctions


def rest_api(stack: cdk.Stack, id: str, **props: Any) -> apigateway.RestApi:
    api = apigateway.RestApi(stack, id, **props)
    api.root.add_method("GET", apigateway.MockIntegration())
    return api


def lambda_rest_api(stack: cdk.Stack, id: str, **props: Any) -> apigateway.LambdaRestApi:
    handler = lambda_.Function.from_function_name(stack, f"{id}Handler", "handler")
    return apigateway.LambdaRestApi(stack, id, handler=handler, **props)


def step_functions_rest_api(stack: cdk.Stack, id: str, **props: Any) -> apigateway.StepFunctionsRestApi:
    machine = stepfunctions.StateMachine(
        stack,
        f"{id}Machine",
        state_machine_type=stepfunctions.StateMachineType.EXPRESS,
        definition_body=stepfunctions.DefinitionBody.from_chainable(stepfunctions.Pass(stack, f"{id}Pass")),
    )
    return apigateway.StepFunctionsRestApi(stack, id, state_machine=machine, **props)


def spec_rest_api(stack: cdk.Stack, id: str, **props: Any) -> apigateway.SpecRestApi:
    document = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/": {"get": {"responses": {}}}}}
    return apigateway.SpecRestApi(stack, id, api_definition=apigateway.ApiDefinition.from_inline(document), **props)


def stage(stack: cdk.Stack, id: str, **props: Any) -> apigateway.Stage:
    api = apigateway.RestApi(stack, f"Api{id}", deploy=False)
    api.root.add_method("GET", apigateway.MockIntegration())
    return apigateway.Stage(stack, id, deployment=apigateway.Deployment(stack, f"Deployment{id}", api=api), **props)


def domain_name(stack: cdk.Stack, id: str, **props: Any) -> apigateway.DomainName:
    arn = "arn:aws:acm:eu-central-1:111111111111:certificate/c"
    certificate = acm.Certificate.from_certificate_arn(stack, f"{id}Certificate", arn)
    return apigateway.DomainName(stack, id, domain_name="api.example.com", certificate=certificate, **props)


MINIMAL = {
    "DomainName": domain_name,
    "LambdaRestApi": lambda_rest_api,
    "RestApi": rest_api,
    "SpecRestApi": spec_rest_api,
    "Stage": stage,
    "StepFunctionsRestApi": step_functions_rest_api,
}
