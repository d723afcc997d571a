"""AWS Certificate Manager."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

CERTIFICATE = "AWS::CertificateManager::Certificate"


@control(
    resource_types=CERTIFICATE,
    kind="encryption_in_transit",
    severity="medium",
    fix="Set `validation=acm.CertificateValidation.from_dns(zone)` (ValidationMethod: DNS), and deploy the AWS Config "
    "rule ACM_CERTIFICATE_EXPIRATION_CHECK.",
    config_rule="ACM_CERTIFICATE_EXPIRATION_CHECK",
    config_parameters={"daysToExpiration": "30"},
    prowler=("acm_certificates_expiration_check",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.7")},
)
def acm_certificate_expires_30_days(certificate: Resource) -> Verdict:
    """Certificates renew by themselves, and have more than 30 days left.

    A certificate that expires takes the site down with it. ACM renews what is validated by DNS or HTTP without asking;
    for email, which is also what it takes without a ValidationMethod, somebody has to answer each time. Certificates of
    a private authority need no validation, and pass. To change the method replaces the certificate: what uses it goes
    on with the old one until the new one is issued. Days left are seen in the live account only.
    """
    renewed = certificate["ValidationMethod"].default("EMAIL").one_of("DNS", "HTTP")
    return renewed | certificate["CertificateAuthorityArn"].is_set()
