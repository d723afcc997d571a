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
    """Security Hub is on.

    It gathers findings of GuardDuty, Inspector and others in one place and checks the account against standards. To
    declare it is to switch it on; checks and findings cost by their number. Whether every region of the account has it,
    the AWS Config rule shows.
    """
    return passed("{} switches it on", hub.logical_id)
