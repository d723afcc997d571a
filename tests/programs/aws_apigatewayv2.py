"""Minimal constructors of `aws_apigatewayv2`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_certificatemanager as acm


def http_api(stack: cdk.Stack, id: str, **props: Any) -> apigatewayv2.HttpApi:
    return apigatewayv2.HttpApi(stack, id, **props)


def http_stage(stack: cdk.Stack, id: str, **props: Any) -> apigatewayv2.HttpStage:
    api = apigatewayv2.HttpApi(stack, f"Api{id}", create_default_stage=False)
    return apigatewayv2.HttpStage(stack, id, http_api=api, **props)


def web_socket_api(stack: cdk.Stack, id: str, **props: Any) -> apigatewayv2.WebSocketApi:
    return apigatewayv2.WebSocketApi(stack, id, **props)


def web_socket_stage(stack: cdk.Stack, id: str, **props: Any) -> apigatewayv2.WebSocketStage:
    api = apigatewayv2.WebSocketApi(stack, f"Api{id}")
    return apigatewayv2.WebSocketStage(stack, id, web_socket_api=api, stage_name="live", **props)


def domain_name(stack: cdk.Stack, id: str, **props: Any) -> apigatewayv2.DomainName:
    arn = "arn:aws:acm:eu-central-1:111111111111:certificate/c"
    certificate = acm.Certificate.from_certificate_arn(stack, f"{id}Certificate", arn)
    return apigatewayv2.DomainName(stack, id, domain_name="http.example.com", certificate=certificate, **props)


MINIMAL = {
    "DomainName": domain_name,
    "HttpApi": http_api,
    "HttpStage": http_stage,
    "WebSocketApi": web_socket_api,
    "WebSocketStage": web_socket_stage,
}
