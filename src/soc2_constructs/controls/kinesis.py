"""Amazon Kinesis Data Streams."""

from __future__ import annotations

from soc2_constructs.aws.keys import is_customer_managed
from soc2_constructs.aws.policies import statements_of
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.aws.required import is_given
from soc2_constructs.cloudformation import Resource, Verdict, failed, passed
from soc2_constructs.controls import control

STREAM = "AWS::Kinesis::Stream"

#: Regions in which the CDK does not enable encryption of streams.
_WITHOUT_ENCRYPTION = ("cn-north-1", "cn-northwest-1")
STREAM_POLICY = "AWS::Kinesis::ResourcePolicy"


@control(
    resource_types=STREAM_POLICY,
    kind="public_data",
    severity="high",
    fix="Set the account or service in `principals` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": organization}}` '
    "(ResourcePolicy.ResourcePolicy).",
)
def kinesis_stream_not_publicly_accessible(policy: Resource) -> Verdict:
    """Stream policies do not allow public access.

    Everyone could read the records of a public stream, or write records that its consumers process.

    Fixed values of an account, an organization, a network or a source narrow a statement for everyone. The
    change takes effect at once.
    """
    return no_public_grant(statements_of(policy, "ResourcePolicy"), "kinesis")


@control(
    resource_types=STREAM,
    kind="encryption_at_rest",
    severity="high",
    severity_reason="Without the setting, records are stored unencrypted.",
    fix="Set `encryption=kinesis.StreamEncryption.KMS` (StreamEncryption.EncryptionType: KMS, and KeyId).",
    config_rule="KINESIS_STREAM_ENCRYPTED",
    prowler=("kinesis_stream_encrypted_at_rest",),
    also_mapped={"inferred": ("PI1.4",)},
)
def kinesis_stream_server_side_encryption_enabled(stream: Resource) -> Verdict:
    """Streams are encrypted at rest.

    Records may contain confidential data. CloudFormation does not encrypt a stream by default; the `Stream` of the CDK
    does.

    Encryption can be enabled at any time and applies to new records. In the China regions a stream without a setting
    passes, because the CDK does not enable encryption there.
    """
    return (~_is_exempt(stream)).implies(_is_encrypted(stream))


def _is_exempt(stream: Resource) -> Verdict:
    if stream["StreamEncryption"].is_absent and stream.present_region in _WITHOUT_ENCRYPTION:
        return passed("the CDK does not enable encryption in the China regions")
    return failed("StreamEncryption is required in this region")


def _is_encrypted(stream: Resource) -> Verdict:
    encryption = stream["StreamEncryption"]
    return encryption["EncryptionType"].equals("KMS") & is_given(encryption["KeyId"])


@control(
    resource_types=STREAM,
    kind="encryption_at_rest",
    severity="low",
    severity_reason="Encryption itself is required by kinesis_stream_server_side_encryption_enabled.",
    fix="Set `encryption=kinesis.StreamEncryption.KMS` and `encryption_key=key` (StreamEncryption.KeyId).",
    implies=("kinesis_stream_server_side_encryption_enabled",),
    prowler=("kinesis_stream_encrypted_at_rest",),
    also_mapped={"inferred": ("PI1.4",)},
)
def kinesis_stream_encrypted_with_kms_cmk(stream: Resource) -> Verdict:
    """Streams are encrypted with a customer managed key.

    Customer managed keys let you withdraw access to the data in one place, and CloudTrail records each use of the key.
    Other accounts can read an encrypted stream only with such a key.

    Producers and consumers need permission to use the key. The change interrupts nothing.
    """
    encryption = stream["StreamEncryption"]
    managed = is_customer_managed(encryption["KeyId"], "kinesis")
    return (~_is_exempt(stream)).implies(_is_encrypted(stream) & managed)


@control(
    resource_types=STREAM,
    kind="processing",
    severity="low",
    fix="Set `retention_period=Duration.days(7)` or longer (RetentionPeriodHours: 168 or more).",
    config_rule="KINESIS_STREAM_BACKUP_RETENTION_CHECK",
    config_parameters={"minimumBackupRetentionPeriod": "168"},
    prowler=("kinesis_stream_data_retention_period",),
    also_mapped={"inferred": ("C1.2",)},
)
def kinesis_stream_retention_period_168_hours(stream: Resource, *, stream_retention_hours: int = 168) -> Verdict:
    """Streams keep records for at least 7 days.

    A consumer that fails over a long weekend can still process all records. The default is 24 hours.

    A longer retention costs per shard and hour. A shorter period deletes older records at once.
    """
    return stream["RetentionPeriodHours"].default(24).at_least(stream_retention_hours)
