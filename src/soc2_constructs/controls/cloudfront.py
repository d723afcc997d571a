"""Amazon CloudFront."""

from __future__ import annotations

from soc2_constructs.aws.log_delivery import delivers
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of
from soc2_constructs.controls import control

DISTRIBUTION = "AWS::CloudFront::Distribution"


def _behaviors(distribution: Resource) -> list[Value]:
    config = distribution["DistributionConfig"]
    return [config["DefaultCacheBehavior"], *config["CacheBehaviors"].each()]


@control(
    resource_types=DISTRIBUTION,
    kind="encryption_in_transit",
    severity="high",
    fix="Set `viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS` on every behavior "
    "(DefaultCacheBehavior and CacheBehaviors[].ViewerProtocolPolicy: redirect-to-https or https-only).",
    config_rule="CLOUDFRONT_VIEWER_POLICY_HTTPS",
    prowler=("cloudfront_distributions_https_enabled",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.7", "C1.1")},
)
def cloudfront_distribution_encryption_in_transit_enabled(distribution: Resource) -> Verdict:
    """Viewers reach distributions over HTTPS only.

    One behavior that answers HTTP lets a network in between read cookies and tokens, and send them back changed. With
    redirects, browsers find their own way; clients that never follow redirects have to be told the new address.
    """
    return all_of(
        behavior["ViewerProtocolPolicy"].one_of("redirect-to-https", "https-only")
        for behavior in _behaviors(distribution)
    )


@control(
    resource_types=DISTRIBUTION,
    kind="encryption_in_transit",
    severity="low",
    fix="Call `distribution.encrypt_fields(public_key, ...)` of soc2_constructs.aws_cloudfront "
    "(DefaultCacheBehavior.FieldLevelEncryptionId). It takes a public key of yours.",
    prowler=("cloudfront_distributions_field_level_encryption_enabled",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.7", "C1.1", "PI1.4")},
)
def cloudfront_distribution_field_level_encryption_enabled(distribution: Resource) -> Verdict:
    """Sensitive form fields are encrypted at the edge.

    Fields such as card numbers are encrypted with your public key where they come in, and stay so until the one service
    that has the private key reads them. It takes a key pair and an application that decrypts, so only you can decide;
    a distribution that takes no forms needs a waiver that says so.
    """
    return any_of(behavior["FieldLevelEncryptionId"].is_set() for behavior in _behaviors(distribution)).with_message(
        "no behavior has a FieldLevelEncryptionId"
    )


@control(
    resource_types=DISTRIBUTION,
    kind="logging",
    severity="medium",
    fix="Set `enable_logging=True` with a `log_bucket` (DistributionConfig.Logging.Bucket), or deliver ACCESS_LOGS of "
    "the distribution (AWS::Logs::DeliverySource and AWS::Logs::Delivery).",
    config_rule="CLOUDFRONT_ACCESSLOGS_ENABLED",
    prowler=("cloudfront_distributions_logging_enabled",),
    also_mapped={"Powerpipe": ("CC7.1", "CC7.2", "CC7.3", "A1.2", "PI1.2")},
)
def cloudfront_distribution_logging_enabled(distribution: Resource) -> Verdict:
    """Distributions write access logs.

    Who asked for what, from where, and what was answered: the first thing that is read after an incident. Logging needs
    no new deployment of what is served; storage costs.
    """
    return any_of(
        distribution["DistributionConfig.Logging.Bucket"].is_set(), delivers(distribution, "ACCESS_LOGS")
    ).with_message("neither standard logging nor a delivery of ACCESS_LOGS is configured")
