"""AWS Systems Manager."""

from __future__ import annotations

from soc2_constructs.controls import control


@control(
    kind="configuration_detection",
    severity="medium",
    fix="Repair associations that report NON_COMPLIANT, and deploy the AWS Config rule "
    "EC2_MANAGEDINSTANCE_ASSOCIATION_COMPLIANCE_STATUS_CHECK.",
    config_rule="EC2_MANAGEDINSTANCE_ASSOCIATION_COMPLIANCE_STATUS_CHECK",
    also_mapped={"Powerpipe": ("CC3.2", "CC6.1", "CC6.2", "CC7.1")},
)
def ssm_managed_instance_compliance_association_compliant() -> None:
    """State Manager associations report compliant.

    An association says what state an instance is to be in; whether it is in it shows when it last ran, in the live
    account only. The AWS Config rule reports instances where it failed.
    """


@control(
    kind="vulnerabilities",
    severity="high",
    fix="Install the missing patches, by a maintenance window or a new image, and deploy the AWS Config rule "
    "EC2_MANAGEDINSTANCE_PATCH_COMPLIANCE_STATUS_CHECK.",
    config_rule="EC2_MANAGEDINSTANCE_PATCH_COMPLIANCE_STATUS_CHECK",
    prowler=("ssm_managed_compliant_patching",),
    also_mapped={"Powerpipe": ("CC3.2", "CC7.1")},
)
def ssm_managed_instance_compliance_patch_compliant() -> None:
    """Instances have the patches that their baseline asks for.

    A patch baseline and a maintenance window are an intention; whether the patches are there shows on the instance, in
    the live account only. The AWS Config rule reports instances that lack some. Patching may restart an instance.
    """
