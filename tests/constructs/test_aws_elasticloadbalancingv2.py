"""Load balancers that comply."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from soc2_constructs import aws_ec2 as ec2
from soc2_constructs import aws_elasticloadbalancingv2 as elb
from soc2_constructs import aws_s3 as s3
from soc2_constructs import aws_wafv2 as wafv2
from soc2_constructs.audit import audit

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
HERE = cdk.Environment(account="111122223333", region="eu-central-1")


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    return cdk.Stack(cdk.App(outdir=str(tmp_path)), "S", env=HERE)


def attributes(stack: cdk.Stack) -> list[dict[str, Any]]:
    balancers = Template.from_stack(stack).find_resources(BALANCER).values()
    return [
        {entry["Key"]: entry["Value"] for entry in balancer["Properties"]["LoadBalancerAttributes"]}
        for balancer in balancers
    ]


def log_statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    """What lets load balancers deliver, among the statements of the bucket's policy."""
    policies = Template.from_stack(stack).find_resources("AWS::S3::BucketPolicy").values()
    return [
        statement
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "AWSLogs" in str(statement["Resource"])
    ]


def test_defaults(stack: cdk.Stack) -> None:
    balancer = elb.ApplicationLoadBalancer(stack, "Web", vpc=ec2.Vpc(stack, "Vpc"))
    (found,) = attributes(stack)
    bucket = stack.resolve(balancer.access_logs_bucket.bucket_name)
    assert balancer.access_logs_bucket is s3.access_logs_bucket(stack)
    assert found == {
        # CloudFormation cannot roll back the creation of a protected load balancer.
        "deletion_protection.enabled": "false",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": bucket,
        "access_logs.s3.prefix": "Web",
    }
    (resource,) = Template.from_stack(stack).find_resources(BALANCER).values()
    assert any("Policy" in name for name in resource["DependsOn"]), "it tries to write when it is made"
    assert balancer.web_acl_association is None


def test_load_balancers_share_a_statement(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    for name in ("One", "Two"):
        elb.ApplicationLoadBalancer(stack, name, vpc=vpc)
        elb.NetworkLoadBalancer(stack, f"{name}Network", vpc=vpc)
    application, network = log_statements(stack)
    assert application["Principal"]["Service"] == "logdelivery.elasticloadbalancing.amazonaws.com"
    assert "054676820928" in str(application["Principal"]["AWS"]), "the account of Elastic Load Balancing in Frankfurt"
    assert network["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert network["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    prefixes = {found["access_logs.s3.prefix"] for found in attributes(stack)}
    assert prefixes == {"One", "Two", "OneNetwork", "TwoNetwork"}


def test_a_stack_need_not_tell_its_region() -> None:
    stack = cdk.Stack(cdk.App(), "S")
    elb.ApplicationLoadBalancer(stack, "Web", vpc=ec2.Vpc(stack, "Vpc"))
    (statement,) = log_statements(stack)
    assert statement["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}


def test_a_bucket_of_the_users_wins(stack: cdk.Stack) -> None:
    mine = s3.AccessLogsBucket(stack, "Mine")
    balancer = elb.ApplicationLoadBalancer(stack, "Web", vpc=ec2.Vpc(stack, "Vpc"), deletion_protection=True)
    balancer.log_access_logs(mine, "web")
    (found,) = attributes(stack)
    assert found["access_logs.s3.bucket"] == stack.resolve(mine.bucket_name)
    assert found["access_logs.s3.prefix"] == "web"
    assert found["deletion_protection.enabled"] == "true"


def test_an_internet_facing_load_balancer_has_the_web_acl_of_the_stack(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    for name in ("One", "Two"):
        elb.ApplicationLoadBalancer(stack, name, vpc=vpc, internet_facing=True)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::WAFv2::WebACL", 1)
    template.resource_count_is("AWS::WAFv2::WebACLAssociation", 2)


def test_a_web_acl_of_the_users_wins(stack: cdk.Stack) -> None:
    arn = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/mine/1"
    wafv2.use_web_acl(stack, arn)
    balancer = elb.ApplicationLoadBalancer(stack, "Web", vpc=ec2.Vpc(stack, "Vpc"), internet_facing=True)
    assert balancer.web_acl_association is not None
    assert balancer.web_acl_association.web_acl_arn == arn
    Template.from_stack(stack).resource_count_is("AWS::WAFv2::WebACL", 0)


def test_an_internet_facing_load_balancer_passes_its_controls(stack: cdk.Stack, tmp_path: Path) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    elb.ApplicationLoadBalancer(stack, "Web", vpc=vpc, internet_facing=True).add_redirect()
    certificate = elb.ListenerCertificate.from_arn("arn:aws:acm:eu-central-1:111122223333:certificate/c")
    network = elb.NetworkLoadBalancer(stack, "Inner", vpc=vpc)
    group = elb.NetworkTargetGroup(stack, "Group", vpc=vpc, port=443)
    network.add_listener("Tls", port=443, certificates=[certificate], default_target_groups=[group])
    cdk.App.of(stack).synth()  # type: ignore[union-attr]
    results = [result for result in audit(tmp_path).results if result.control.id.startswith("elb_application")]
    assert len({result.control.id for result in results}) == 4
    assert {result.status for result in results} == {"PASS"}
