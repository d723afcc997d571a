"""AWS Certificate Manager."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

CERTIFICATE = "AWS::CertificateManager::Certificate"


@control(
    resource_types=CERTIFICATE,
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="An expired certificate interrupts the service. It exposes no data.",
    fix="Set `validation=acm.CertificateValidation.from_dns(zone)` (ValidationMethod: DNS), and deploy the AWS Config "
    "rule ACM_CERTIFICATE_EXPIRATION_CHECK.",
    config_rule="ACM_CERTIFICATE_EXPIRATION_CHECK",
    config_parameters={"daysToExpiration": "30"},
    prowler=("acm_certificates_expiration_check",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.7")},
)
def acm_certificate_expires_30_days(certificate: Resource) -> Verdict:
    """Certificates are renewed automatically and are valid for more than 30 days.

    An expired certificate makes its site unavailable. ACM renews certificates that are validated by DNS or HTTP.
    Validation by email, the default, requires a person to approve each renewal. Certificates of a private authority
    need no validation, and pass.

    Changing the validation method replaces the certificate. Its users keep the old one until the new one is issued. The
    AWS Config rule checks the remaining days in the live account.
    """
    is_renewed = certificate["ValidationMethod"].default("EMAIL").one_of("DNS", "HTTP")
    return is_renewed | certificate["CertificateAuthorityArn"].is_set()
