"""Elastic Load Balancing: all of `aws_cdk.aws_elasticloadbalancingv2`, with compliant load balancers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from soc2_constructs.hardening import Hardening, Init, PropsContext, hardened, require, stack_singleton

import aws_cdk as cdk
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_wafv2 as waf
from aws_cdk.region_info import RegionInfo
from constructs import Construct, IConstruct

from soc2_constructs.aws_s3 import AccessLogsBucket, access_logs_bucket, release_key
from soc2_constructs.aws_wafv2 import regional_web_acl_arn

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_elasticloadbalancingv2 import *

    __all__ = ["ApplicationLoadBalancer", "NetworkLoadBalancer"]
    __all__ += elb.__all__

_T = TypeVar("_T")


def _application_logs(scope: IConstruct) -> iam.PolicyStatement:
    """The statement that allows log delivery: for the service, and in older regions for an account of the service.

    AWS page: "Enable access logs for your Application Load Balancer".
    """
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
    """The default bucket for access logs, with permission for the load balancers of the stack.

    One statement covers all load balancers of a type. The CDK adds one for each, which requires an explicit region, and
    many of them exceed the maximum size of a bucket policy.
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
    """Write access logs to a bucket, with the construct path as prefix."""
    place = context.path.removeprefix(cdk.Stack.of(context.scope).node.path).strip("/")
    balancer.set_attribute("access_logs.s3.enabled", "true")
    balancer.set_attribute("access_logs.s3.bucket", bucket.bucket_name)
    balancer.set_attribute("access_logs.s3.prefix", place)
    # Elastic Load Balancing writes a test object when the load balancer is created.
    balancer.node.default_child.node.add_dependency(bucket.policy)
    context.record_change(
        "access_logs_bucket", "a bucket for access logs", "elb_application_classic_lb_logging_enabled"
    )


def _has_log_settings(balancer: Any) -> bool:
    """Whether the user has set or disabled the access logs of a load balancer."""
    attributes = cdk.Stack.of(balancer).resolve(balancer.node.default_child.load_balancer_attributes) or ()
    return any(attribute["key"] == "access_logs.s3.enabled" for attribute in attributes) or any(
        each.resource_arn == balancer.load_balancer_arn and str(each.log_type).endswith("_ACCESS_LOGS")
        for each in _others(balancer, logs.CfnDeliverySource)
    )


def _has_tls_listener(balancer: Any) -> bool:
    """Whether a network load balancer has a TLS listener; it writes access logs only for TLS."""
    return any(
        each.load_balancer_arn == balancer.load_balancer_arn and each.protocol == elb.Protocol.TLS.name
        for each in _others(balancer, elb.CfnListener)
    )


def _others(balancer: Any, kind: type[_T]) -> list[_T]:
    """The resources of a type in the stage of a load balancer."""
    stage = cdk.Stage.of(balancer)
    assert stage is not None
    return [each for each in stage.node.find_all() if isinstance(each, kind)]


def _after_application(balancer: elb.ApplicationLoadBalancer, context: PropsContext) -> None:
    if not (context.injected and _has_log_settings(balancer)):
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
    """A load balancer that drops invalid headers and writes access logs; an internet-facing one has a web ACL.

    To write logs to another bucket, call `log_access_logs(...)`. To redirect HTTP to HTTPS, call `add_redirect()`.

    Set `deletion_protection=True` after the first deployment: CloudFormation cannot delete a protected load balancer,
    so a first deployment that fails would end in ROLLBACK_FAILED.

    Controls: elb_application_lb_drop_http_headers, elb_application_classic_lb_logging_enabled.
    """

    #: The bucket for access logs that the stack shares.
    access_logs_bucket: AccessLogsBucket
    #: The association with the web ACL of the stack or of `aws_wafv2.use_web_acl`; set its `web_acl_arn` to use another
    #: one. None for an internal load balancer.
    web_acl_association: waf.CfnWebACLAssociation | None

    def log_access_logs(self, bucket: s3.IBucket, prefix: str | None = None) -> None:
        """Write access logs to a bucket; a bucket of this library is then encrypted with SSE-S3.

        AWS page: "Enable access logs for your Application Load Balancer".
        """
        release_key(bucket, "a load balancer delivers access logs to it")
        super().log_access_logs(bucket, prefix)


def _after_network(balancer: elb.NetworkLoadBalancer, context: PropsContext) -> None:
    if not context.injected or (_has_tls_listener(balancer) and not _has_log_settings(balancer)):
        _log(balancer, context, _log_bucket(context.scope, "Network", _network_logs))


NETWORK_LOAD_BALANCER = Hardening(elb.NetworkLoadBalancer, after=_after_network)


def _build_network(balancer: Any, init: Init, context: PropsContext) -> None:
    init(context.props)
    balancer.access_logs_bucket = access_logs_bucket(context.scope)


@hardened(NETWORK_LOAD_BALANCER, _build_network)
class NetworkLoadBalancer(elb.NetworkLoadBalancer):
    """A load balancer with access logs for its TLS listeners.

    To write logs to another bucket, call `log_access_logs(...)`. On deletion protection, see `ApplicationLoadBalancer`.

    Controls: elb_application_classic_lb_logging_enabled.
    """

    #: The bucket for access logs that the stack shares.
    access_logs_bucket: AccessLogsBucket


if MYPY:
    from aws_cdk.aws_elasticloadbalancingv2 import *  # type: ignore[assignment]
