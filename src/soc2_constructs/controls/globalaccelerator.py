"""AWS Global Accelerator."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

ACCELERATOR = "AWS::GlobalAccelerator::Accelerator"


@control(
    resource_types=ACCELERATOR,
    kind="logging",
    severity="low",
    severity_reason="Flow logs of the VPC behind the accelerator show the same connections.",
    fix="Set `flow_logs_enabled=True`, `flow_logs_s3_bucket` and `flow_logs_s3_prefix` on "
    "`globalaccelerator.CfnAccelerator` (FlowLogsEnabled: true).",
)
def globalaccelerator_accelerator_flow_logs_enabled(accelerator: Resource) -> Verdict:
    """Global Accelerator writes flow logs.

    Flow logs show which addresses connected to an accelerator, which an investigation of an attack needs.

    The change interrupts nothing; storage costs.
    """
    return accelerator["FlowLogsEnabled"].equals(True)
