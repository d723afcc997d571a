"""Amazon ECR."""

from __future__ import annotations

from soc2_constructs.aws.places import same_place
from soc2_constructs.cloudformation import Resource, Value, Verdict, any_of, passed, unresolved
from soc2_constructs.cloudformation.wildcards import wildcard_match
from soc2_constructs.controls import control

REPOSITORY = "AWS::ECR::Repository"
REGISTRY_SCANNING = "AWS::ECR::RegistryScanningConfiguration"


@control(
    resource_types=REPOSITORY,
    kind="vulnerabilities",
    severity="medium",
    fix="Set `image_scan_on_push=True` (ImageScanningConfiguration.ScanOnPush: true), or let a rule of the registry "
    "cover the repository (AWS::ECR::RegistryScanningConfiguration.Rules).",
    config_rule="ECR_PRIVATE_IMAGE_SCANNING_ENABLED",
    prowler=("ecr_repositories_scan_images_on_push_enabled",),
    also_mapped={"inferred": ("CC7.1",)},
)
def ecr_repository_image_scan_on_push_enabled(repository: Resource) -> Verdict:
    """Pushed images are scanned for vulnerabilities.

    The repository says so itself, or a rule of the registry in its account and region does, on push or continuously.
    Images that exist are scanned when they are pushed again or scanned by hand. Basic scans cost nothing, enhanced ones
    by the image.
    """
    registries = repository.all_of_type(REGISTRY_SCANNING)
    return repository["ImageScanningConfiguration.ScanOnPush"].equals(True) | any_of(
        same_place(registry, repository) & _covers(rule, repository)
        for registry in registries
        for rule in registry["Rules"].each()
    ).with_message("no rule of the registry in its account and region covers it")


def _covers(rule: Value, repository: Resource) -> Verdict:
    scans = rule["ScanFrequency"].one_of("SCAN_ON_PUSH", "CONTINUOUS_SCAN")
    filters = rule["RepositoryFilters"].each()
    return scans & any_of(_matches(entry["Filter"], repository["RepositoryName"]) for entry in filters)


def _matches(pattern: Value, name: Value) -> Verdict:
    """Whether a filter takes the name: one without a wildcard takes every name that contains it."""
    text = pattern.known
    if text == "*":
        return passed("it takes every name")
    if not isinstance(text, str):
        return unresolved("a filter of the registry is known only when it is deployed")
    if name.is_absent:
        return unresolved("the name that the repository gets is known only when it is deployed")
    whole = text if "*" in text else f"*{text}*"
    return name.satisfies(lambda found: wildcard_match(whole, str(found)), text)
