"""Amazon SageMaker."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, any_of
from soc2_constructs.controls import control

ENDPOINT_CONFIG = "AWS::SageMaker::EndpointConfig"
NOTEBOOK = "AWS::SageMaker::NotebookInstance"

#: Instance families with local disks, besides families with a d in their names such as c5d and g4dn.
_LOCAL_FAMILIES = ("g", "p5", "p6", "trn")
DOMAIN = "AWS::SageMaker::Domain"


@control(
    resource_types=DOMAIN,
    kind="network_boundary",
    severity="medium",
    severity_reason="The setting opens a way out for data, and no way in.",
    fix='Set `app_network_access_type="VpcOnly"` with `vpc_id` and `subnet_ids` on `sagemaker.CfnDomain` '
    "(AppNetworkAccessType: VpcOnly).",
    config_rule="SAGEMAKER_DOMAIN_IN_VPC",
)
def sagemaker_domain_in_vpc(domain: Resource) -> Verdict:
    """Apps of SageMaker domains use the VPC only.

    With the default, apps reach the internet through a network of SageMaker, without the firewalls and flow logs of the
    VPC.

    The change takes effect when apps are restarted. Without a NAT gateway or interface endpoints, apps cannot reach
    SageMaker APIs.
    """
    return domain["AppNetworkAccessType"].default("PublicInternetOnly").equals("VpcOnly")


@control(
    resource_types=ENDPOINT_CONFIG,
    kind="encryption_at_rest",
    severity="low",
    severity_reason="SageMaker encrypts the volume in any case; a KMS key adds control over access.",
    fix="Set `kms_key_id=key.key_arn` on `CfnEndpointConfig` (KmsKeyId).",
    config_rule="SAGEMAKER_ENDPOINT_CONFIGURATION_KMS_KEY_CONFIGURED",
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def sagemaker_endpoint_configuration_encryption_at_rest_enabled(config: Resource) -> Verdict:
    """Storage of SageMaker endpoints is encrypted with a KMS key.

    The storage volume contains the model and request data. Customer managed keys let you withdraw access to the data in
    one place, and CloudTrail records each use of the key.

    Instances with local disks encrypt them in hardware and do not accept a key, so their configurations pass. The AWS
    Config rule reports them. The change replaces the endpoint configuration.
    """
    variants = [*config["ProductionVariants"].each(), *config["ShadowProductionVariants"].each()]
    pools = [pool for variant in variants for pool in (variant, *variant["InstancePools"].each())]
    local = any_of(pool["InstanceType"].satisfies(_has_local_storage, "a type with local storage") for pool in pools)
    return (~local).implies(config["KmsKeyId"].is_set())


def _has_local_storage(instance_type: object) -> bool:
    family = str(instance_type).removeprefix("ml.").partition(".")[0]
    return "d" in family or family.startswith(_LOCAL_FAMILIES)


@control(
    resource_types=NOTEBOOK,
    kind="network_boundary",
    severity="high",
    fix='Set `direct_internet_access="Disabled"` with `subnet_id` and `security_group_ids` on '
    "`CfnNotebookInstance` (DirectInternetAccess: Disabled).",
    config_rule="SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS",
    prowler=("sagemaker_notebook_instance_without_direct_internet_access_configured",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def sagemaker_notebook_instance_direct_internet_access_disabled(notebook: Resource) -> Verdict:
    """Notebook instances have no direct internet access.

    With direct internet access, a notebook bypasses the VPC, and data can leave without network controls or flow logs.

    The change requires a subnet and replaces the notebook; its volume is deleted. Without a NAT gateway or interface
    endpoints, the notebook cannot reach SageMaker APIs.
    """
    return notebook["DirectInternetAccess"].equals("Disabled")


@control(
    resource_types=NOTEBOOK,
    kind="encryption_at_rest",
    severity="low",
    severity_reason="SageMaker encrypts the volume in any case; a KMS key adds control over access.",
    fix="Set `kms_key_id=key.key_arn` on `CfnNotebookInstance` (KmsKeyId).",
    config_rule="SAGEMAKER_NOTEBOOK_INSTANCE_KMS_KEY_CONFIGURED",
    prowler=("sagemaker_notebook_instance_encryption_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def sagemaker_notebook_instance_encryption_at_rest_enabled(notebook: Resource) -> Verdict:
    """Storage of notebook instances is encrypted with a KMS key.

    Users copy data to the volume of a notebook. Customer managed keys let you withdraw access to the data in one place,
    and CloudTrail records each use of the key.

    The change replaces the notebook; its volume is deleted.
    """
    return notebook["KmsKeyId"].is_set()
