"""AWS KMS."""

from __future__ import annotations

from soc2_constructs.aws.policies import Statement, statements_of
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.aws.retention import KEY_ROTATION_DAYS
from soc2_constructs.cloudformation import Resource, Verdict, all_of, any_of, failed, passed, unresolved
from soc2_constructs.controls import control

KEY = "AWS::KMS::Key"

#: Prefix of the condition keys that compare the attestation document of an enclave.
_ATTESTATION = "kms:recipientattestation:"
REPLICA = "AWS::KMS::ReplicaKey"


@control(
    resource_types=(KEY, REPLICA),
    kind="public_data",
    severity="high",
    fix="Set the account or service in `principals` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": organization}}` '
    "(KeyPolicy).",
    config_rule="KMS_KEY_POLICY_NO_PUBLIC_ACCESS",
    prowler=("kms_key_not_publicly_accessible",),
)
def kms_key_not_publicly_accessible(key: Resource) -> Verdict:
    """Key policies do not allow public access.

    Everyone could decrypt data with a public key, or delete it.

    Fixed values of an account, an organization, a network or a source narrow a statement for everyone. The
    change takes effect at once.
    """
    return no_public_grant(statements_of(key, "KeyPolicy"), "kms")


@control(
    resource_types=KEY,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `enable_key_rotation=True` and no `rotation_period` above 365 days (EnableKeyRotation: true, "
    "RotationPeriodInDays: 365).",
    config_rule="CMK_BACKING_KEY_ROTATION_ENABLED",
    prowler=("kms_cmk_rotation_enabled",),
    also_mapped={"inferred": ("PI1.5",)},
)
def kms_cmk_rotation_enabled(key: Resource, *, key_rotation_days: int = KEY_ROTATION_DAYS) -> Verdict:
    """Customer managed keys are rotated automatically, at least once a year.

    Rotation limits the amount of data that one version of the key material protects. KMS rotates every 365 days by
    default; RotationPeriodInDays allows up to 2,560 days, which is seven years.

    KMS keeps earlier key material, so no data has to be encrypted again, and the key ID stays the same. KMS cannot
    rotate asymmetric keys, HMAC keys or imported key material automatically; such keys pass.
    """
    rotates = key["KeySpec"].default("SYMMETRIC_DEFAULT").equals("SYMMETRIC_DEFAULT") & key["Origin"].default(
        "AWS_KMS"
    ).equals("AWS_KMS")
    period = key["RotationPeriodInDays"].default(365, "365 days")
    return rotates.implies(key["EnableKeyRotation"].equals(True) & period.at_most(key_rotation_days))


@control(
    resource_types=KEY,
    kind="deletion_protection",
    severity="low",
    severity_reason="KMS always waits at least 7 days, during which the deletion can be canceled.",
    fix="Keep `removal_policy=RemovalPolicy.RETAIN`, or set `pending_window=Duration.days(30)` (DeletionPolicy: "
    "Retain, PendingWindowInDays: 30), and deploy the AWS Config rule KMS_CMK_NOT_SCHEDULED_FOR_DELETION.",
    config_rule="KMS_CMK_NOT_SCHEDULED_FOR_DELETION",
    prowler=("kms_cmk_not_deleted_unintentionally",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2")},
)
def kms_key_not_pending_deletion(key: Resource) -> Verdict:
    """Keys are retained, or are deleted after 30 days.

    Data that a key encrypts cannot be decrypted after the key is deleted. A long waiting period leaves time to cancel
    the deletion.

    The template shows what happens when the key is removed from the stack. The default waiting period is 30 days, which
    is also the maximum. Only the live account shows deletions that were scheduled by hand.
    """
    return any_of(
        key.attribute("DeletionPolicy").default("Delete").one_of("Retain", "RetainExceptOnCreate"),
        key["PendingWindowInDays"].default(30).at_least(30),
    ).with_message("DeletionPolicy deletes the key, and PendingWindowInDays is less than 30")


@control(
    resource_types=KEY,
    kind="encryption_at_rest",
    severity="medium",
    fix='Add a condition to every statement that allows kms:Decrypt: `conditions={"StringEqualsIgnoreCase": '
    '{"kms:RecipientAttestation:ImageSha384": measurement}}` (KeyPolicy).',
    prowler=(
        "kms_key_enclave_attestation_bypassable_path",
        "kms_key_enclave_attestation_no_deployment_binding",
        "kms_key_enclave_attestation_not_enforced",
        "kms_key_enclave_attestation_pcr_mismatch",
        "kms_key_enclave_attestation_unknown_image",
        "kms_key_enclave_debug_attestation_detected",
    ),
    live_only=True,
    also_mapped={"Prowler": ("CC6.1", "CC6.3", "CC7.1", "CC7.2")},
)
def kms_key_enclave_attestation(key: Resource) -> Verdict:
    """Keys for enclaves require attestation.

    A key is for enclaves if a statement of its policy compares an attestation document. Another statement that allows
    kms:Decrypt without attestation lets a role decrypt outside of the enclave.

    A measurement of zeros belongs to an enclave in debug mode, whose memory the parent instance can read. Only the live
    account shows whether the measurements match the deployed image. Keys without attestation conditions pass. The
    change replaces nothing.
    """
    policy = statements_of(key, "KeyPolicy")
    unknown = [statement for statement in policy if statement.malformed]
    attested = [statement for statement in policy if statement.allows and _attests(statement)]
    if not attested:
        if unknown:
            return unresolved("a statement of KeyPolicy is not known: {}", unknown[0].malformed)
        return passed("does not apply: no statement requires attestation")
    return all_of(
        *(unresolved("a statement of KeyPolicy is not known: {}", other.malformed) for other in unknown),
        *(_is_no_debug_enclave(statement) for statement in attested),
        *(
            _allows_decrypt(statement)
            .with_message("the statement does not allow kms:Decrypt")
            .implies(_requires_attestation(statement))
            for statement in policy
            if statement.allows and not statement.malformed
        ),
    )


def _attestations(statement: Statement) -> dict[tuple[str, str], list[object]]:
    return {
        (operator, key): values
        for (operator, key), values in statement.conditions.items()
        if key.startswith(_ATTESTATION)
    }


def _attests(statement: Statement) -> bool:
    return bool(_attestations(statement))


def _allows_decrypt(statement: Statement) -> Verdict:
    return statement.covers_action("kms:Decrypt")


def _requires_attestation(statement: Statement) -> Verdict:
    """Whether the statement requires attestation; operators that accept a missing key do not."""
    strict = ("StringEqualsIgnoreCase", "StringEquals")
    if any(operator in strict for operator, _ in _attestations(statement)):
        return passed("the statement requires attestation")
    return failed("a statement allows kms:Decrypt without attestation", path=statement.path)


def _is_no_debug_enclave(statement: Statement) -> Verdict:
    for values in _attestations(statement).values():
        for value in values:
            if isinstance(value, str) and not value.strip("0"):
                return failed("a measurement of zeros allows enclaves in debug mode", path=statement.path)
    return passed("no measurement allows an enclave in debug mode")
