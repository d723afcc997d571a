"""AWS WAF: all of `aws_cdk.aws_wafv2`, and the web ACLs that distributions and APIs of a stack share."""

from __future__ import annotations

from soc2_constructs.hardening import NAMED_REMOVAL_POLICY, deployed_path, existing_helper, stack_singleton, unique_name

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_wafv2 as waf
from constructs import Construct, IConstruct

from soc2_constructs.aws_logs import LogGroup

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_wafv2 import *

    __all__ = [
        "MANAGED_RULES",
        "WebAcl",
        "cloudfront_web_acl",
        "regional_web_acl",
        "regional_web_acl_arn",
        "use_web_acl",
    ]
    __all__ += waf.__all__

#: The AWS managed rule groups that suit any web application.
MANAGED_RULES = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)


class WebAcl(Construct):
    """A web ACL with AWS managed rule groups, a rate limit and logs.

    Args:
        scope: The scope of the construct.
        id: The id of the construct.
        waf_scope: `"REGIONAL"` for APIs and load balancers, `"CLOUDFRONT"` for distributions (us-east-1 only).
            Default: `"REGIONAL"`.
        managed_rules: The names of AWS managed rule groups, in order of priority. Default: `MANAGED_RULES`.
        rate_limit: The maximum number of requests from one IP address within 5 minutes. Default: 2000.
        encryption_key: The key for the log group; its policy must allow CloudWatch Logs. Default: the key that the log
            groups of the stack share.

    Attributes:
        web_acl: The CloudFormation resource.
        log_group: The encrypted log group, with a retention of one year. Logs omit cookies and authorization headers.

    AWS page: "AWS Managed Rules rule groups list".
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        waf_scope: str = "REGIONAL",
        managed_rules: tuple[str, ...] = MANAGED_RULES,
        rate_limit: int = 2000,
        encryption_key: kms.IKey | None = None,
    ) -> None:
        super().__init__(scope, id)
        rules = [
            waf.CfnWebACL.RuleProperty(
                name=name,
                priority=priority,
                statement=waf.CfnWebACL.StatementProperty(
                    managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                        name=name, vendor_name="AWS"
                    )
                ),
                override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
                visibility_config=_visible(name),
            )
            for priority, name in enumerate(managed_rules, start=1)
        ]
        limit = waf.CfnWebACL.RuleProperty(
            name="RateLimit",
            priority=0,
            statement=waf.CfnWebACL.StatementProperty(
                rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(aggregate_key_type="IP", limit=rate_limit)
            ),
            action=waf.CfnWebACL.RuleActionProperty(block={}),
            visibility_config=_visible("RateLimit"),
        )
        self.web_acl = waf.CfnWebACL(
            self,
            "Acl",
            scope=waf_scope,
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            rules=[limit, *rules],
            visibility_config=_visible("WebAcl"),
        )
        # AWS WAF requires this prefix.
        name = f"aws-waf-logs-{unique_name(deployed_path(self), limit=200)}"
        self.log_group = LogGroup(
            self, "Logs", log_group_name=name, encryption_key=encryption_key, removal_policy=NAMED_REMOVAL_POLICY
        )
        arn = cdk.Stack.of(self).format_arn(
            service="logs", resource="log-group", resource_name=name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
        )
        logging = waf.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.web_acl.attr_arn,
            log_destination_configs=[arn],
            redacted_fields=[{"singleHeader": {"Name": header}} for header in ("authorization", "cookie")],
        )
        logging.node.add_dependency(self.log_group)


def _visible(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )


def regional_web_acl(scope: IConstruct) -> WebAcl:
    """The default web ACL for the APIs of a stack; one per stack, created on the first call."""
    return stack_singleton(scope, "WebAcl", lambda holder, id: WebAcl(holder, id))


def regional_web_acl_arn(scope: IConstruct) -> str:
    """The ARN of the web ACL for the APIs of a stack: that of `use_web_acl`, by default that of the stack."""
    return stack_singleton(scope, "WebAclArn", lambda _, __: regional_web_acl(scope).web_acl.attr_arn)


def use_web_acl(scope: IConstruct, arn: str) -> None:
    """Use a web ACL of your own for the APIs of a stack; call it before creating the first API.

    Args:
        scope: A construct in the stack, or the stack.
        arn: The ARN of the web ACL.

    Raises:
        ValueError: an API of the stack has another web ACL already.
    """
    if existing_helper(scope, "WebAclArn") not in (None, arn):
        raise ValueError(
            f"{cdk.Stack.of(scope).node.path}: an API has another web ACL already; APIs of a stack share one. "
            "Call use_web_acl(...) before creating the first API of the stack."
        )
    stack_singleton(scope, "WebAclArn", lambda _, __: arn)


def cloudfront_web_acl(scope: IConstruct) -> WebAcl | None:
    """The default web ACL for distributions; None outside us-east-1, the only region that supports it."""
    if cdk.Stack.of(scope).region != "us-east-1":
        return None
    return stack_singleton(scope, "CloudFrontWebAcl", lambda holder, id: WebAcl(holder, id, waf_scope="CLOUDFRONT"))


if MYPY:
    from aws_cdk.aws_wafv2 import *
