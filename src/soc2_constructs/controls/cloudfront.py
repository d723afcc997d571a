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
    severity_reason="Cookies, tokens and content are exposed on the network path.",
    fix="Set `viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS` on every behavior "
    "(DefaultCacheBehavior and CacheBehaviors[].ViewerProtocolPolicy: redirect-to-https or https-only).",
    config_rule="CLOUDFRONT_VIEWER_POLICY_HTTPS",
    prowler=("cloudfront_distributions_https_enabled",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.7", "C1.1")},
)
def cloudfront_distribution_encryption_in_transit_enabled(distribution: Resource) -> Verdict:
    """Distributions serve viewers over HTTPS only.

    A behavior that allows HTTP exposes cookies, tokens and content to anyone on the network path, who can also change
    them.

    Nothing is interrupted for browsers, which follow the redirect. Clients that do not follow redirects must use the
    HTTPS address.
    """
    return all_of(
        behavior["ViewerProtocolPolicy"].one_of("redirect-to-https", "https-only")
        for behavior in _behaviors(distribution)
    )


@control(
    resource_types=DISTRIBUTION,
    kind="encryption_in_transit",
    severity="low",
    severity_reason="HTTPS already protects the fields in transit; only some applications need encryption beyond that.",
    fix='Call `distribution.encrypt_fields(cloudfront.PublicKey(self, "Key", encoded_key=pem), "card_number")` of '
    "soc2_constructs.aws_cloudfront (DefaultCacheBehavior.FieldLevelEncryptionId).",
    prowler=("cloudfront_distributions_field_level_encryption_enabled",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.7", "C1.1", "PI1.4")},
)
def cloudfront_distribution_field_level_encryption_enabled(distribution: Resource) -> Verdict:
    """Sensitive form fields are encrypted at the edge.

    CloudFront encrypts fields such as card numbers with your public key. Only the service that holds the private key
    can read them. A distribution that receives no sensitive fields needs a waiver with that reason.

    The application must decrypt the fields, so deploy that change first.
    """
    return any_of(behavior["FieldLevelEncryptionId"].is_set() for behavior in _behaviors(distribution)).with_message(
        "no behavior has a FieldLevelEncryptionId"
    )


@control(
    resource_types=DISTRIBUTION,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `enable_logging=True` with a `log_bucket` (DistributionConfig.Logging.Bucket), or deliver ACCESS_LOGS of "
    "the distribution (AWS::Logs::DeliverySource and AWS::Logs::Delivery).",
    config_rule="CLOUDFRONT_ACCESSLOGS_ENABLED",
    prowler=("cloudfront_distributions_logging_enabled",),
    also_mapped={"Powerpipe": ("CC7.1", "CC7.2", "CC7.3", "A1.2", "PI1.2")},
)
def cloudfront_distribution_logging_enabled(distribution: Resource) -> Verdict:
    """Distributions write access logs.

    Access logs record the client address, the request and the response status. They are the first source in an
    investigation.

    Nothing is interrupted. Storage of the logs is charged.
    """
    return any_of(
        distribution["DistributionConfig.Logging.Bucket"].is_set(), delivers(distribution, "ACCESS_LOGS")
    ).with_message("DistributionConfig.Logging.Bucket is not set, and no AWS::Logs::Delivery delivers ACCESS_LOGS")
