"""AWS Systems Manager."""

from __future__ import annotations

from soc2_constructs.controls import control


@control(
    kind="public_data",
    severity="high",
    fix="Block public sharing with `aws ssm update-service-setting --setting-id "
    "/ssm/documents/console/public-sharing-permission --setting-value Disable`, and deploy the AWS Config rule "
    "SSM_DOCUMENT_NOT_PUBLIC.",
    config_rule="SSM_DOCUMENT_NOT_PUBLIC",
    prowler=("ssm_documents_set_as_public",),
)
def ssm_document_not_publicly_accessible() -> None:
    """Documents of Systems Manager are not public.

    A public document shows scripts and resource names of the account to everyone.

    CloudFormation cannot share a document, so only the live account shows it. The block takes effect at once for new
    sharing; stop the sharing of documents that are already public.
    """


@control(
    kind="configuration_detection",
    severity="medium",
    fix="Correct associations that report NON_COMPLIANT, and deploy the AWS Config rule "
    "EC2_MANAGEDINSTANCE_ASSOCIATION_COMPLIANCE_STATUS_CHECK.",
    config_rule="EC2_MANAGEDINSTANCE_ASSOCIATION_COMPLIANCE_STATUS_CHECK",
    also_mapped={"Powerpipe": ("CC3.2", "CC6.1", "CC6.2", "CC7.1")},
)
def ssm_managed_instance_compliance_association_compliant() -> None:
    """State Manager associations are compliant.

    An association declares the required configuration of an instance. A failed association leaves the instance in an
    unknown state.

    Only the live account shows the result of the last run. The AWS Config rule reports failed instances.
    """


@control(
    kind="vulnerabilities",
    severity="high",
    fix="Install the missing patches in a maintenance window or with a new image, and deploy the AWS Config rule "
    "EC2_MANAGEDINSTANCE_PATCH_COMPLIANCE_STATUS_CHECK.",
    config_rule="EC2_MANAGEDINSTANCE_PATCH_COMPLIANCE_STATUS_CHECK",
    prowler=("ssm_managed_compliant_patching",),
    also_mapped={"Powerpipe": ("CC3.2", "CC7.1")},
)
def ssm_managed_instance_compliance_patch_compliant() -> None:
    """Instances have the patches that their patch baseline requires.

    Missing patches leave known vulnerabilities open to attack.

    Only the live account shows which patches are installed. The AWS Config rule reports instances with missing patches.
    Patching may restart an instance.
    """
