"""Amazon SageMaker."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, any_of
from soc2_constructs.controls import control

ENDPOINT_CONFIG = "AWS::SageMaker::EndpointConfig"
NOTEBOOK = "AWS::SageMaker::NotebookInstance"

#: Families with disks of their own beside those that have a d in their names, as c5d and g4dn.
_LOCAL_FAMILIES = ("g", "p5", "p6", "trn")


@control(
    resource_types=ENDPOINT_CONFIG,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `kms_key_id=key.key_arn` on CfnEndpointConfig (KmsKeyId).",
    config_rule="SAGEMAKER_ENDPOINT_CONFIGURATION_KMS_KEY_CONFIGURED",
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def sagemaker_endpoint_configuration_encryption_at_rest_enabled(config: Resource) -> Verdict:
    """Endpoint storage is encrypted with a KMS key.

    The volume holds the model and what passes through it. Without a key of yours its encryption is SageMaker's own, and
    nobody can withdraw it. Instances with local disks encrypt those in hardware and refuse a key, so their
    configurations pass, other than in the AWS Config rule. The change replaces the configuration.
    """
    variants = [*config["ProductionVariants"].each(), *config["ShadowProductionVariants"].each()]
    kinds = [kind["InstanceType"] for variant in variants for kind in (variant, *variant["InstancePools"].each())]
    local = any_of(kind.satisfies(_has_local_storage, "one with local storage") for kind in kinds)
    return config["KmsKeyId"].is_set() | local.with_message("its instances have no local storage, so they accept a key")


def _has_local_storage(kind: object) -> bool:
    family = str(kind).removeprefix("ml.").partition(".")[0]
    return "d" in family or family.startswith(_LOCAL_FAMILIES)


@control(
    resource_types=NOTEBOOK,
    kind="network_boundary",
    severity="high",
    fix='Set `direct_internet_access="Disabled"` with `subnet_id` and `security_group_ids` on CfnNotebookInstance '
    "(DirectInternetAccess: Disabled).",
    config_rule="SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS",
    prowler=("sagemaker_notebook_instance_without_direct_internet_access_configured",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def sagemaker_notebook_instance_direct_internet_access_disabled(notebook: Resource) -> Verdict:
    """Notebooks have no direct internet access.

    Unless it is switched off, a notebook reaches the internet past the VPC, and what it has read goes with it. To
    switch it off takes a subnet and replaces the notebook; its volume is lost. SageMaker's own endpoints need a NAT
    gateway or interface endpoints from then on.
    """
    return notebook["DirectInternetAccess"].equals("Disabled")


@control(
    resource_types=NOTEBOOK,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `kms_key_id=key.key_arn` on CfnNotebookInstance (KmsKeyId).",
    config_rule="SAGEMAKER_NOTEBOOK_INSTANCE_KMS_KEY_CONFIGURED",
    prowler=("sagemaker_notebook_instance_encryption_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def sagemaker_notebook_instance_encryption_at_rest_enabled(notebook: Resource) -> Verdict:
    """Notebook storage is encrypted with a KMS key.

    Whoever works in a notebook copies data to its volume. Access to a key of yours can be withdrawn and its use stands
    in CloudTrail. The change replaces the notebook; its volume is lost.
    """
    return notebook["KmsKeyId"].is_set()
