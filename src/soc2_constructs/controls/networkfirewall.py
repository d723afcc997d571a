"""AWS Network Firewall."""

from __future__ import annotations

from soc2_constructs.aws.arns import names
from soc2_constructs.cloudformation import Resource, Verdict, any_of
from soc2_constructs.controls import control

FIREWALL = "AWS::NetworkFirewall::Firewall"
LOGGING = "AWS::NetworkFirewall::LoggingConfiguration"


@control(
    resource_types=FIREWALL,
    kind="logging",
    severity="medium",
    fix="Add `networkfirewall.CfnLoggingConfiguration(...)` with the `firewall_arn` and a destination for ALERT and "
    "FLOW (AWS::NetworkFirewall::LoggingConfiguration.LoggingConfiguration.LogDestinationConfigs).",
    config_rule="NETFW_LOGGING_ENABLED",
    prowler=("networkfirewall_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def networkfirewall_firewall_logging_enabled(firewall: Resource) -> Verdict:
    """Firewalls write logs.

    A firewall that drops in silence protects and explains nothing. ALERT tells what its rules caught, FLOW what went
    through; each needs a destination of its own. Nothing is interrupted; delivery and storage cost.
    """
    return any_of(
        names(logging["FirewallArn"], firewall, "network-firewall", "FirewallName")
        & logging["LoggingConfiguration.LogDestinationConfigs"].is_set()
        for logging in firewall.all_of_type(LOGGING)
    ).with_message("no LoggingConfiguration with a destination names it")
