"""Minimal constructors of `aws_elasticloadbalancingv2`: no more arguments than the CDK requires."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb


def application_load_balancer(stack: cdk.Stack, id: str, **props: Any) -> elb.ApplicationLoadBalancer:
    return elb.ApplicationLoadBalancer(stack, id, vpc=ec2.Vpc(stack, f"Vpc{id}"), **props)


def network_load_balancer(stack: cdk.Stack, id: str, **props: Any) -> elb.NetworkLoadBalancer:
    """With a TLS listener, because a network load balancer writes access logs only for TLS."""
    vpc = ec2.Vpc(stack, f"Vpc{id}")
    balancer = elb.NetworkLoadBalancer(stack, id, vpc=vpc, **props)
    certificate = elb.ListenerCertificate.from_arn("arn:aws:acm:eu-central-1:111111111111:certificate/c")
    group = elb.NetworkTargetGroup(stack, f"{id}Group", vpc=vpc, port=443)
    balancer.add_listener("Tls", port=443, certificates=[certificate], default_target_groups=[group])
    return balancer


MINIMAL = {
    "ApplicationLoadBalancer": application_load_balancer,
    "NetworkLoadBalancer": network_load_balancer,
}
