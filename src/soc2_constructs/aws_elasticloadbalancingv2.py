"""Elastic Load Balancing: all of `aws_cdk.aws_elasticloadbalancingv2`, with compliant load balancers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from soc2_constructs.hardening import Hardening, Init, PropsContext, default, hardened, require, stack_singleton

import aws_cdk as cdk
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from aws_cdk.region_info import RegionInfo
from constructs import Construct, IConstruct

from soc2_constructs.aws_s3 import AccessLogsBucket, access_logs_bucket
from soc2_constructs.aws_wafv2 import regional_web_acl_arn

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_elasticloadbalancingv2 import *

    __all__ = ["ApplicationLoadBalancer", "NetworkLoadBalancer"]
    __all__ += elb.__all__

_T = TypeVar("_T")


def _application_logs(scope: IConstruct) -> iam.PolicyStatement:
    """What lets Elastic Load Balancing deliver: a service, and in regions of old an account of its own as well."""
    region = cdk.Stack.of(scope).region
    account = None if cdk.Token.is_unresolved(region) else RegionInfo.get(region).elbv2_account
    principals: list[iam.IPrincipal] = [iam.ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com")]
    if account is not None:
        principals.append(iam.AccountPrincipal(account))
    return iam.PolicyStatement(principals=principals, actions=["s3:PutObject"])


def _network_logs(scope: IConstruct) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
        actions=["s3:PutObject", "s3:GetBucketAcl"],
        conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}},
    )


def _log_bucket(scope: IConstruct, kind: str, allow: Callable[[IConstruct], iam.PolicyStatement]) -> AccessLogsBucket:
    """The bucket for the access logs of a stack, which takes those of its load balancers.

    One statement for all of a kind: the one that the CDK writes for each has to be told the region, and many of them
    meet the size limit of a policy.
    """

    def make(_: Construct, __: str) -> AccessLogsBucket:
        bucket = access_logs_bucket(scope)
        statement = allow(scope)
        statement.add_resources(bucket.arn_for_objects(f"*/AWSLogs/{cdk.Stack.of(scope).account}/*"))
        if "s3:GetBucketAcl" in statement.actions:
            statement.add_resources(bucket.bucket_arn)
        bucket.add_to_resource_policy(statement)
        return bucket

    return stack_singleton(scope, f"{kind}BalancerLogs", make)


def _log(balancer: Any, context: PropsContext, bucket: AccessLogsBucket) -> None:
    """Write access logs to the stack's bucket, under the path of the load balancer."""
    place = context.path.removeprefix(cdk.Stack.of(context.scope).node.path).strip("/")
    balancer.set_attribute("access_logs.s3.enabled", "true")
    balancer.set_attribute("access_logs.s3.bucket", bucket.bucket_name)
    balancer.set_attribute("access_logs.s3.prefix", place)
    # It tries to write when it is made.
    balancer.node.default_child.node.add_dependency(bucket.policy)
    context.record_change("access_logs_bucket", "a bucket of the stack's", "elb_application_classic_lb_logging_enabled")


def _says_where(balancer: Any) -> bool:
    """Whether the user has said of a load balancer's access logs where they go, or that there are none."""
    attributes = cdk.Stack.of(balancer).resolve(balancer.node.default_child.load_balancer_attributes) or ()
    return any(attribute["key"] == "access_logs.s3.enabled" for attribute in attributes) or any(
        each.resource_arn == balancer.load_balancer_arn and str(each.log_type).endswith("_ACCESS_LOGS")
        for each in _others(balancer, logs.CfnDeliverySource)
    )


def _answers_tls(balancer: Any) -> bool:
    """Whether a listener of a network load balancer ends TLS: of nothing else does it write access logs."""
    return any(
        each.load_balancer_arn == balancer.load_balancer_arn and each.protocol == elb.Protocol.TLS.name
        for each in _others(balancer, elb.CfnListener)
    )


def _others(balancer: Any, kind: type[_T]) -> list[_T]:
    """The resources of a type in the load balancer's stage."""
    stage = cdk.Stage.of(balancer)
    assert stage is not None
    return [each for each in stage.node.find_all() if isinstance(each, kind)]


def _after_application(balancer: elb.ApplicationLoadBalancer, context: PropsContext) -> None:
    if not (context.injected and _says_where(balancer)):
        _log(balancer, context, _log_bucket(context.scope, "Application", _application_logs))


APPLICATION_LOAD_BALANCER = Hardening(
    elb.ApplicationLoadBalancer,
    require(
        "drop_invalid_header_fields",
        True,
        "elb_application_lb_drop_http_headers",
        bad_value=False,
        bad_override=("LoadBalancerAttributes", None),
    ),
    default("deletion_protection", True),
    after=_after_application,
)


def _build_application(balancer: Any, init: Init, context: PropsContext) -> None:
    init(context.props)
    balancer.access_logs_bucket = access_logs_bucket(context.scope)
    balancer.web_acl_association = None
    if context.props.get("internet_facing") is True:
        balancer.web_acl_association = waf.CfnWebACLAssociation(
            balancer,
            "WebAcl",
            resource_arn=balancer.load_balancer_arn,
            web_acl_arn=regional_web_acl_arn(context.scope),
        )


@hardened(APPLICATION_LOAD_BALANCER, _build_application)
class ApplicationLoadBalancer(elb.ApplicationLoadBalancer):
    """A load balancer that drops malformed headers, writes access logs, and faces the internet behind a web ACL.

    It is protected from deletion unless you say otherwise. `log_access_logs(...)` sends its logs elsewhere. Listeners
    are yours: `add_redirect()` sends HTTP to HTTPS.
    """

    #: The bucket for access logs that a stack shares, to which it writes unless you call `log_access_logs(...)`.
    access_logs_bucket: AccessLogsBucket
    #: What puts it behind the web ACL that a stack shares, or that `aws_wafv2.use_web_acl` named; set its
    #: `web_acl_arn` to stand behind another one. None where it does not face the internet.
    web_acl_association: waf.CfnWebACLAssociation | None


def _after_network(balancer: elb.NetworkLoadBalancer, context: PropsContext) -> None:
    if not context.injected or (_answers_tls(balancer) and not _says_where(balancer)):
        _log(balancer, context, _log_bucket(context.scope, "Network", _network_logs))


NETWORK_LOAD_BALANCER = Hardening(elb.NetworkLoadBalancer, default("deletion_protection", True), after=_after_network)


def _build_network(balancer: Any, init: Init, context: PropsContext) -> None:
    init(context.props)
    balancer.access_logs_bucket = access_logs_bucket(context.scope)


@hardened(NETWORK_LOAD_BALANCER, _build_network)
class NetworkLoadBalancer(elb.NetworkLoadBalancer):
    """A load balancer that writes access logs of its TLS listeners, and is protected from deletion unless you say so.

    `log_access_logs(...)` sends its logs elsewhere.
    """

    #: The bucket for access logs that a stack shares, to which it writes unless you call `log_access_logs(...)`.
    access_logs_bucket: AccessLogsBucket


if MYPY:
    from aws_cdk.aws_elasticloadbalancingv2 import *  # type: ignore[assignment]
