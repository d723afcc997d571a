"""Amazon GuardDuty."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

DETECTOR = "AWS::GuardDuty::Detector"


@control(
    resource_types=DETECTOR,
    kind="threat_detection",
    severity="high",
    fix="Set `enable=True` on a `guardduty.CfnDetector` in each region (Enable: true), and deploy the AWS Config rule "
    "GUARDDUTY_ENABLED_CENTRALIZED.",
    config_rule="GUARDDUTY_ENABLED_CENTRALIZED",
    prowler=("guardduty_is_enabled",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC3.1", "CC3.2", "CC4.2", "CC6.6", "CC6.8", "CC7.1", "CC7.2", "CC7.3", "CC7.4")},
)
def guardduty_enabled(detector: Resource) -> Verdict:
    """Threat detection runs wherever it is declared.

    GuardDuty reads events, flow logs and DNS queries and reports what looks like an attack, without agents and without
    touching a workload. A detector that is declared and switched off detects nothing. It costs by the volume of events.
    Whether every region of the account has a detector, the AWS Config rule shows.
    """
    return detector["Enable"].equals(True)


@control(
    kind="incident_response",
    severity="high",
    fix="Work through the findings and archive what is dealt with, and deploy the AWS Config rule "
    "GUARDDUTY_NON_ARCHIVED_FINDINGS.",
    config_rule="GUARDDUTY_NON_ARCHIVED_FINDINGS",
    config_parameters={"daysHighSev": "1", "daysMediumSev": "7", "daysLowSev": "30"},
    prowler=("guardduty_no_high_severity_findings",),
    also_mapped={"Powerpipe": ("CC3.2", "CC4.2", "CC7.3", "CC7.4")},
)
def guardduty_finding_archived() -> None:
    """Findings are dealt with in time.

    A finding that nobody looks at detects nothing. The AWS Config rule reports findings that are older than a day, a
    week or a month by their severity and not archived; no template shows them.
    """
