"""Amazon ECR."""

from __future__ import annotations

from soc2_constructs.aws.places import same_place
from soc2_constructs.aws.policies import statements_of
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.cloudformation import Resource, Value, Verdict, any_of, passed, unresolved
from soc2_constructs.cloudformation.wildcards import wildcard_match
from soc2_constructs.controls import control

REPOSITORY = "AWS::ECR::Repository"
REGISTRY_SCANNING = "AWS::ECR::RegistryScanningConfiguration"
PUBLIC_REPOSITORY = "AWS::ECR::PublicRepository"
REGISTRY_POLICY = "AWS::ECR::RegistryPolicy"

#: The property that holds the policy, and the service as IAM actions name it.
_POLICIES = {
    REPOSITORY: ("RepositoryPolicyText", "ecr"),
    PUBLIC_REPOSITORY: ("RepositoryPolicyText", "ecr-public"),
    REGISTRY_POLICY: ("PolicyText", "ecr"),
}


@control(
    resource_types=tuple(_POLICIES),
    kind="public_data",
    severity="high",
    fix="Set the account or service in `principals` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": organization}}` '
    "(RepositoryPolicyText).",
    prowler=("ecr_repositories_not_publicly_accessible",),
)
def ecr_repository_not_publicly_accessible(repository: Resource) -> Verdict:
    """Repository and registry policies do not allow public access.

    Images contain code and configuration. A principal that can push an image can run code in every deployment of it.

    Fixed values of an account, an organization, a network or a source narrow a statement for everyone. The
    change takes effect at once.
    """
    property, service = _POLICIES[repository.type]
    return no_public_grant(statements_of(repository, property), service)


@control(
    resource_types=REPOSITORY,
    kind="vulnerabilities",
    severity="medium",
    severity_reason="Images that are not scanned are an exception in an audit.",
    fix="Set `image_scan_on_push=True` (ImageScanningConfiguration.ScanOnPush: true), or add a scan rule for the "
    "repository to `ecr.CfnRegistryScanningConfiguration` (AWS::ECR::RegistryScanningConfiguration.Rules).",
    config_rule="ECR_PRIVATE_IMAGE_SCANNING_ENABLED",
    prowler=("ecr_repositories_scan_images_on_push_enabled",),
    also_mapped={"inferred": ("CC7.1",)},
)
def ecr_repository_image_scan_on_push_enabled(repository: Resource) -> Verdict:
    """Pushed images are scanned for vulnerabilities.

    Scans find known vulnerabilities before an image is deployed. A scan rule of the registry in the same account and
    region, on push or continuous, also passes.

    Nothing is interrupted. Existing images are scanned when they are pushed again or scanned manually. Basic scanning
    is free, and enhanced scanning is charged per image.
    """
    registries = repository.all_of_type(REGISTRY_SCANNING)
    return repository["ImageScanningConfiguration.ScanOnPush"].equals(True) | any_of(
        (same_place(registry, repository) & _covers(rule, repository)).with_pass_message(
            "a scan rule of {} covers the repository", registry.logical_id
        )
        for registry in registries
        for rule in registry["Rules"].each()
    ).with_message("no scan rule of the registry in its account and region covers the repository")


def _covers(rule: Value, repository: Resource) -> Verdict:
    scans = rule["ScanFrequency"].one_of("SCAN_ON_PUSH", "CONTINUOUS_SCAN")
    filters = rule["RepositoryFilters"].each()
    return scans & any_of(_matches(entry["Filter"], repository["RepositoryName"]) for entry in filters)


def _matches(pattern: Value, name: Value) -> Verdict:
    """Whether a filter matches the name: a filter without a wildcard matches every name that contains it."""
    text = pattern.known
    if text == "*":
        return passed("the filter matches every name")
    if not isinstance(text, str):
        return unresolved("a repository filter of the registry is not known before deployment")
    if name.is_absent:
        return unresolved("RepositoryName is not set, so the name is not known before deployment")
    glob = text if "*" in text else f"*{text}*"
    return name.satisfies(lambda known: wildcard_match(glob, str(known)), text)
