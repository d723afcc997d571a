"""AWS KMS."""

from __future__ import annotations

from soc2_constructs.aws.policies import Statement, statements_of
from soc2_constructs.cloudformation import Resource, Verdict, all_of, any_of, failed, passed, unresolved
from soc2_constructs.controls import control

KEY = "AWS::KMS::Key"

#: Prefix of the condition keys by which KMS compares an enclave's attestation document.
_ATTESTATION = "kms:recipientattestation:"


@control(
    resource_types=KEY,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `enable_key_rotation=True` (EnableKeyRotation: true).",
    config_rule="CMK_BACKING_KEY_ROTATION_ENABLED",
    prowler=("kms_cmk_rotation_enabled",),
    also_mapped={"inferred": ("PI1.5",)},
)
def kms_cmk_rotation_enabled(key: Resource) -> Verdict:
    """Customer managed symmetric keys rotate on their own.

    Rotation limits how much data one piece of key material protects. KMS keeps earlier material, so nothing has to be
    encrypted anew, the key keeps its id, and nobody notices the day it happens. KMS can rotate neither asymmetric and
    HMAC keys nor keys whose material comes from elsewhere: those pass, and are yours to replace.
    """
    rotates = key["KeySpec"].default("SYMMETRIC_DEFAULT").equals("SYMMETRIC_DEFAULT") & key["Origin"].default(
        "AWS_KMS"
    ).equals("AWS_KMS")
    return rotates.implies(key["EnableKeyRotation"].equals(True))


@control(
    resource_types=KEY,
    kind="deletion_protection",
    severity="low",
    fix="Keep `removal_policy=RemovalPolicy.RETAIN`, or set `pending_window=Duration.days(30)` (DeletionPolicy: "
    "Retain, PendingWindowInDays: 30), and deploy the AWS Config rule KMS_CMK_NOT_SCHEDULED_FOR_DELETION.",
    config_rule="KMS_CMK_NOT_SCHEDULED_FOR_DELETION",
    prowler=("kms_cmk_not_deleted_unintentionally",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2")},
)
def kms_key_not_pending_deletion(key: Resource) -> Verdict:
    """Keys outlive their stack, or take the longest time to be deleted.

    What a key encrypted is lost with it. A template shows what happens when the key leaves the stack: it is kept, or
    it waits before it dies. Without a number KMS waits 30 days, the longest it can. Whether somebody has scheduled a
    key for deletion by hand is seen in the live account only.
    """
    return any_of(
        key.attribute("DeletionPolicy").default("Delete").one_of("Retain", "RetainExceptOnCreate"),
        key["PendingWindowInDays"].default(30).at_least(30),
    ).with_message("the key is deleted with its stack, after less than 30 days")


@control(
    resource_types=KEY,
    kind="encryption_at_rest",
    severity="medium",
    fix='Give every statement that allows kms:Decrypt a condition: `conditions={"StringEqualsIgnoreCase": '
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
    """Keys for enclaves are used by attested enclaves only.

    A key is for enclaves where one of its statements compares an attestation document. It protects nothing if another
    statement allows the same without: whoever holds that role decrypts outside of any enclave. A measurement that is
    all zeros is that of an enclave in debug mode, whose memory its parent can read. Whether the measurements are those
    of the image that you run is seen in the live account only. Keys that no enclave uses pass.
    """
    policy = statements_of(key, "KeyPolicy")
    unknown = [statement for statement in policy if statement.malformed]
    attested = [statement for statement in policy if statement.allows and _attests(statement)]
    if not attested:
        if unknown:
            return unresolved("a statement of the key policy is not known: {}", unknown[0].malformed)
        return passed("does not apply: no statement is about enclaves")
    return all_of(
        *(unresolved("a statement of the key policy is not known: {}", other.malformed) for other in unknown),
        *(_is_no_debug_enclave(statement) for statement in attested),
        *(
            _decrypts(statement).with_message("the statement says nothing of kms:Decrypt").implies(_demands(statement))
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


def _decrypts(statement: Statement) -> Verdict:
    return statement.covers_action("kms:Decrypt")


def _demands(statement: Statement) -> Verdict:
    """Whether nobody but an attested enclave gets through: a condition that may be missing demands nothing."""
    strict = ("StringEqualsIgnoreCase", "StringEquals")
    if any(operator in strict for operator, _ in _attestations(statement)):
        return passed("the statement demands attestation")
    return failed("a statement allows kms:Decrypt without attestation", path=statement.path)


def _is_no_debug_enclave(statement: Statement) -> Verdict:
    for values in _attestations(statement).values():
        for value in values:
            if isinstance(value, str) and not value.strip("0"):
                return failed("a measurement of zeros lets in enclaves in debug mode", path=statement.path)
    return passed("no measurement is that of a debug enclave")
