"""Amazon GuardDuty."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

DETECTOR = "AWS::GuardDuty::Detector"


@control(
    resource_types=DETECTOR,
    kind="threat_detection",
    severity="medium",
    severity_reason="A missing detector exposes no data, but leaves attacks undetected.",
    fix="Set `enable=True` on a `guardduty.CfnDetector` in each region (Enable: true), and deploy the AWS Config "
    "rule GUARDDUTY_ENABLED_CENTRALIZED.",
    config_rule="GUARDDUTY_ENABLED_CENTRALIZED",
    prowler=("guardduty_is_enabled",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC3.1", "CC3.2", "CC4.2", "CC6.6", "CC6.8", "CC7.1", "CC7.2", "CC7.3", "CC7.4")},
)
def guardduty_enabled(detector: Resource) -> Verdict:
    """GuardDuty detectors are enabled.

    GuardDuty analyzes CloudTrail events, VPC flow logs and DNS queries, and reports signs of an attack. A disabled
    detector reports nothing.

    Enabling it needs no agents and does not affect workloads. GuardDuty charges by the volume of events. Only the live
    account shows whether every region has a detector.
    """
    return detector["Enable"].equals(True)


@control(
    kind="incident_response",
    severity="medium",
    severity_reason="An old finding shows that the review is late; it does not expose data by itself.",
    fix="Review each finding, resolve its cause, and archive it (`aws guardduty archive-findings`). Deploy the "
    "AWS Config rule GUARDDUTY_NON_ARCHIVED_FINDINGS.",
    config_rule="GUARDDUTY_NON_ARCHIVED_FINDINGS",
    config_parameters={"daysHighSev": "1", "daysMediumSev": "7", "daysLowSev": "30"},
    prowler=("guardduty_no_high_severity_findings",),
    also_mapped={"Powerpipe": ("CC3.2", "CC4.2", "CC7.3", "CC7.4")},
)
def guardduty_finding_archived() -> None:
    """GuardDuty findings are resolved in time.

    A finding that is not reviewed may be an attack in progress. Auditors ask for evidence that findings are reviewed
    and resolved.

    The AWS Config rule reports unarchived findings older than 1, 7 or 30 days for high, medium and low severity. No
    template shows them.
    """
