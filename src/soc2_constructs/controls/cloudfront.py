"""Amazon CloudFront."""

from __future__ import annotations

from soc2_constructs.aws.log_delivery import delivers
from soc2_constructs.aws.required import is_given
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, passed, unresolved
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


@control(
    resource_types=DISTRIBUTION,
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="Current browsers negotiate TLS 1.2 or newer; only old clients use the older versions.",
    fix="Set `minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021` "
    "(DistributionConfig.ViewerCertificate.MinimumProtocolVersion: TLSv1.2_2021).",
    config_rule="CLOUDFRONT_SECURITY_POLICY_CHECK",
)
def cloudfront_distribution_viewer_tls_1_2(distribution: Resource) -> Verdict:
    """Distributions with their own certificate require TLS 1.2 from viewers.

    TLS 1.0 and 1.1 have known weaknesses, and the IETF has deprecated them. The default certificate of CloudFront has a
    fixed policy, so distributions with it pass here but not in the AWS Config rule.

    Nothing is interrupted. Clients that only support older versions cannot connect.
    """
    certificate = distribution["DistributionConfig.ViewerCertificate"]
    has_own = is_given(certificate["AcmCertificateArn"]) | is_given(certificate["IamCertificateId"])
    # Amazon CloudFront API Reference, "ViewerCertificate": the value is required with an own certificate.
    version = certificate["MinimumProtocolVersion"].default("TLSv1")
    return has_own.implies(version.satisfies(_is_tls_1_2, "TLSv1.2 or newer"))


def _is_tls_1_2(version: object) -> bool:
    return str(version).startswith(("TLSv1.2", "TLSv1.3"))


@control(
    resource_types=DISTRIBUTION,
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="Traffic to most origins stays on the network of AWS.",
    fix="Set `protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY` and "
    "`origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2]` on each custom origin "
    "(CustomOriginConfig.OriginProtocolPolicy: https-only; OriginSSLProtocols: TLSv1.2).",
    config_rule=("CLOUDFRONT_TRAFFIC_TO_ORIGIN_ENCRYPTED", "CLOUDFRONT_NO_DEPRECATED_SSL_PROTOCOLS"),
    prowler=(
        "cloudfront_distributions_origin_traffic_encrypted",
        "cloudfront_distributions_using_deprecated_ssl_protocols",
    ),
)
def cloudfront_distribution_origin_tls_1_2(distribution: Resource) -> Verdict:
    """Distributions connect to custom origins with TLS 1.2.

    Requests that viewers send over HTTPS otherwise reach the origin in plaintext, or with a version of TLS that has
    known weaknesses. `match-viewer` passes where every behavior requires HTTPS. Website endpoints of Amazon S3 offer no
    HTTPS; use the bucket as the origin, with origin access control.

    Nothing is interrupted, provided that the origin has a valid certificate.
    """
    https_viewers = cloudfront_distribution_encryption_in_transit_enabled(distribution)
    return all_of(
        passed("no origin is a custom origin without TLS 1.2"),
        (
            origin["CustomOriginConfig"].is_set().implies(_uses_tls(origin["CustomOriginConfig"], https_viewers))
            for origin in distribution["DistributionConfig.Origins"].each()
        ),
    )


def _uses_tls(origin: Value, https_viewers: Verdict) -> Verdict:
    policy, protocols = origin["OriginProtocolPolicy"], origin["OriginSSLProtocols"]
    if protocols.is_absent:
        is_current = unresolved("{} is not set, and its default is not documented", protocols, path=protocols.path)
    else:
        is_current = all_of(protocol.satisfies(_is_tls_1_2, "TLSv1.2") for protocol in protocols.each())
    return (policy.equals("https-only") | (policy.equals("match-viewer") & https_viewers)) & is_current
