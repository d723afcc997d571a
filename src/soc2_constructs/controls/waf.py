"""AWS WAF, and WAF Classic."""

from __future__ import annotations

from soc2_constructs.aws.arns import names
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
    fix="Use `WebAcl` of soc2_constructs.aws_wafv2, or add `wafv2.CfnLoggingConfiguration(...)` with the ACL's ARN "
    "(AWS::WAFv2::LoggingConfiguration.ResourceArn and LogDestinationConfigs).",
    config_rule="WAFV2_LOGGING_ENABLED",
    prowler=("wafv2_webacl_logging_enabled",),
    also_mapped={"inferred": ("CC7.2", "A1.2", "PI1.2")},
)
def wafv2_web_acl_logging_enabled(acl: Resource) -> Verdict:
    """Web ACLs log the requests that they judge.

    Without the log nobody can tell an attack that was blocked from a customer who was. Destinations have names that
    start with aws-waf-logs-. Nothing is interrupted; volume costs, a LoggingFilter keeps what matters.
    """
    return any_of(
        names(logging["ResourceArn"], acl, "wafv2", "Name") & logging["LogDestinationConfigs"].is_set()
        for logging in acl.all_of_type(LOGGING)
    ).with_message("no LoggingConfiguration with a destination names it")


@control(
    resource_types=CLASSIC,
    kind="logging",
    severity="medium",
    fix="Move to `wafv2.CfnWebACL` with `wafv2.CfnLoggingConfiguration` (AWS::WAFv2::WebACL, "
    "AWS::WAFv2::LoggingConfiguration); until then deploy the AWS Config rule WAF_CLASSIC_LOGGING_ENABLED.",
    config_rule="WAF_CLASSIC_LOGGING_ENABLED",
    prowler=("waf_global_webacl_logging_enabled",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC7.2", "CC7.3", "A1.2", "PI1.2")},
)
def waf_web_acl_logging_enabled(acl: Resource) -> Verdict:
    """No web ACL is one of WAF Classic, which no template can make write logs.

    WAF Classic has reached its end of life, and its logging can be set by hand alone. The way out is WAF's second
    version: rules are written anew, and the new ACL takes over when it is associated.
    """
    return failed("{} is WAF Classic: CloudFormation cannot switch its logging on", acl.type)


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

    How often each rule matched is the first sign of an attack, and of a rule that blocks customers. Nothing is
    interrupted; each rule is a metric that costs. Of a web ACL the rules are judged, of a rule group itself as well.
    """
    published = all_of(rule["VisibilityConfig.CloudWatchMetricsEnabled"].equals(True) for rule in rules["Rules"].each())
    if rules.type == RULE_GROUP:
        return published & rules["VisibilityConfig.CloudWatchMetricsEnabled"].equals(True)
    return published
