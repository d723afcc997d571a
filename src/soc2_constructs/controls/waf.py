"""AWS WAF, and WAF Classic."""

from __future__ import annotations

from soc2_constructs.aws.arns import names, naming
from soc2_constructs.cloudformation import Resource, Verdict, all_of, any_of, failed
from soc2_constructs.controls import control

WEB_ACL = "AWS::WAFv2::WebACL"
RULE_GROUP = "AWS::WAFv2::RuleGroup"
LOGGING = "AWS::WAFv2::LoggingConfiguration"
CLASSIC = ("AWS::WAF::WebACL", "AWS::WAFRegional::WebACL")


@control(
    resource_types=WEB_ACL,
    kind="logging",
    severity="medium",
    fix="Use `WebAcl` of soc2_constructs.aws_wafv2, or add a `wafv2.CfnLoggingConfiguration(...)` with the ARN "
    "of the web ACL (AWS::WAFv2::LoggingConfiguration.ResourceArn and LogDestinationConfigs).",
    config_rule="WAFV2_LOGGING_ENABLED",
    prowler=("wafv2_webacl_logging_enabled",),
    also_mapped={"inferred": ("CC7.2", "A1.2", "PI1.2")},
)
def wafv2_web_acl_logging_enabled(acl: Resource) -> Verdict:
    """Web ACLs log requests.

    The log shows which requests were blocked, both attacks and legitimate requests.

    Names of log destinations must start with aws-waf-logs-. Logging interrupts nothing; log volume costs, and a
    LoggingFilter reduces it.
    """
    return any_of(
        logging["LogDestinationConfigs"].is_set() & names(logging["ResourceArn"], acl, "wafv2", "Name")
        for logging in naming(acl, LOGGING, "ResourceArn", "Name")
    ).with_message("no LoggingConfiguration with a destination names the web ACL")


@control(
    resource_types=CLASSIC,
    kind="logging",
    severity="medium",
    fix="Replace the web ACL with `wafv2.CfnWebACL` and `wafv2.CfnLoggingConfiguration` (AWS::WAFv2::WebACL, "
    "AWS::WAFv2::LoggingConfiguration). Until then deploy the AWS Config rule WAF_CLASSIC_LOGGING_ENABLED.",
    config_rule="WAF_CLASSIC_LOGGING_ENABLED",
    prowler=("waf_global_webacl_logging_enabled",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.2", "CC7.3", "A1.2", "PI1.2")},
)
def waf_web_acl_logging_enabled(acl: Resource) -> Verdict:
    """Web ACLs use AWS WAF v2, whose logs a template can enable.

    WAF Classic has reached its end of life, and CloudFormation cannot enable its logs.

    Rules must be rewritten for WAF v2. The new web ACL replaces the old one when it is associated. Until then, only the
    AWS Config rule shows logging that was enabled by hand.
    """
    return failed("{} is a resource of WAF Classic, whose logs CloudFormation cannot enable", acl.type)


@control(
    resource_types=(WEB_ACL, RULE_GROUP),
    kind="logging",
    severity="low",
    fix="Set `cloud_watch_metrics_enabled=True` in the `visibility_config` of each rule and of the rule group "
    "(Rules[].VisibilityConfig.CloudWatchMetricsEnabled: true).",
    config_rule="WAFV2_RULEGROUP_LOGGING_ENABLED",
    prowler=("wafv2_webacl_rule_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def wafv2_rule_group_logging_enabled(rules: Resource) -> Verdict:
    """WAF rules publish metrics.

    The number of matches of each rule is an early sign of an attack, and of rules that block legitimate requests.

    For a web ACL, its rules are judged; for a rule group, the group as well. The change interrupts nothing; each rule
    publishes a metric that costs.
    """
    published = all_of(rule["VisibilityConfig.CloudWatchMetricsEnabled"].equals(True) for rule in rules["Rules"].each())
    if rules.type == RULE_GROUP:
        return published & rules["VisibilityConfig.CloudWatchMetricsEnabled"].equals(True)
    return published
