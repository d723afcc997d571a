"""AWS Network Firewall."""

from __future__ import annotations

from soc2_constructs.aws.arns import names, naming
from soc2_constructs.cloudformation import Resource, Verdict, any_of
from soc2_constructs.controls import control

FIREWALL = "AWS::NetworkFirewall::Firewall"
LOGGING = "AWS::NetworkFirewall::LoggingConfiguration"


@control(
    resource_types=FIREWALL,
    kind="logging",
    severity="medium",
    fix="Add a `networkfirewall.CfnLoggingConfiguration(...)` with the `firewall_arn` and destinations for ALERT "
    "and FLOW (AWS::NetworkFirewall::LoggingConfiguration.LoggingConfiguration.LogDestinationConfigs).",
    config_rule="NETFW_LOGGING_ENABLED",
    prowler=("networkfirewall_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def networkfirewall_firewall_logging_enabled(firewall: Resource) -> Verdict:
    """Network firewalls write logs.

    Logs show which traffic the firewall blocked or allowed, which an investigation needs.

    ALERT logs contain matches of rules, FLOW logs the traffic; each needs a destination. Logging interrupts nothing;
    delivery and storage cost.
    """
    return any_of(
        logging["LoggingConfiguration.LogDestinationConfigs"].is_set()
        & names(logging["FirewallArn"], firewall, "network-firewall", "FirewallName")
        for logging in naming(firewall, LOGGING, "FirewallArn", "FirewallName")
    ).with_message("no LoggingConfiguration with a destination names the firewall")
