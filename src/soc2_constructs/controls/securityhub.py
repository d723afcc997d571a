"""AWS Security Hub."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, passed
from soc2_constructs.controls import control


@control(
    resource_types="AWS::SecurityHub::Hub",
    kind="configuration_detection",
    severity="medium",
    fix="Add a `securityhub.CfnHub` in each region (AWS::SecurityHub::Hub), and deploy the AWS Config rule "
    "SECURITYHUB_ENABLED.",
    config_rule="SECURITYHUB_ENABLED",
    prowler=("securityhub_enabled",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC3.1", "CC6.6", "CC6.8", "CC7.1", "CC7.2", "CC7.3", "CC7.4")},
)
def securityhub_enabled(hub: Resource) -> Verdict:
    """Security Hub is enabled.

    Security Hub collects findings of GuardDuty, Inspector and other services, and checks the account against standards.

    Enabling it affects no workload. Checks and findings cost by their number. Only the live account shows whether every
    region has it.
    """
    return passed("{} enables Security Hub", hub.logical_id)
