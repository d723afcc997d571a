"""Amazon Kinesis Data Streams."""

from __future__ import annotations

from soc2_constructs.aws.keys import is_customer_managed
from soc2_constructs.cloudformation import Resource, Verdict, passed
from soc2_constructs.controls import control

STREAM = "AWS::Kinesis::Stream"

#: Regions for which the CDK leaves encryption out, since Kinesis did not offer it there.
_WITHOUT_ENCRYPTION = ("cn-north-1", "cn-northwest-1")


@control(
    resource_types=STREAM,
    kind="encryption_at_rest",
    severity="high",
    fix="Set `encryption=kinesis.StreamEncryption.KMS` (StreamEncryption.EncryptionType: KMS, and KeyId).",
    config_rule="KINESIS_STREAM_ENCRYPTED",
    prowler=("kinesis_stream_encrypted_at_rest",),
    also_mapped={"inferred": ("PI1.4",)},
)
def kinesis_stream_server_side_encryption_enabled(stream: Resource) -> Verdict:
    """Streams are encrypted at rest.

    CloudFormation leaves a stream unencrypted where nothing is said; the CDK's `Stream` is encrypted by itself. It can
    be switched on at any time, for records from then on. In China's regions a stream that says nothing passes: there
    the CDK leaves encryption out.
    """
    encryption = stream["StreamEncryption"]
    if encryption.is_absent and stream.present_region in _WITHOUT_ENCRYPTION:
        return passed("does not apply: the CDK leaves encryption out in China's regions")
    return encryption["EncryptionType"].equals("KMS") & encryption["KeyId"].is_set()


@control(
    resource_types=STREAM,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `encryption=kinesis.StreamEncryption.KMS` and `encryption_key=key` (StreamEncryption.KeyId).",
    prowler=("kinesis_stream_encrypted_at_rest",),
    also_mapped={"inferred": ("PI1.4",)},
)
def kinesis_stream_encrypted_with_kms_cmk(stream: Resource) -> Verdict:
    """Streams are encrypted with a customer managed key.

    Access to a key of yours can be withdrawn, and accounts other than yours can be let in to read; AWS's own key for
    Kinesis allows neither. Producers and consumers need permission to use the key. The change interrupts nothing.
    """
    encryption = stream["StreamEncryption"]
    if encryption.is_absent and stream.present_region in _WITHOUT_ENCRYPTION:
        return passed("does not apply: the CDK leaves encryption out in China's regions")
    return is_customer_managed(encryption["KeyId"], "kinesis")


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
    """Streams keep records for a week or longer.

    What a consumer missed over a long weekend is still there on Tuesday. Where nothing is said Kinesis keeps records
    for a day. Longer costs by the shard and hour; a shorter period than before deletes what is older at once.
    """
    return stream["RetentionPeriodHours"].default(24).at_least(stream_retention_hours)
