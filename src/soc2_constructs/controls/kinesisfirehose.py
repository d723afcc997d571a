"""Amazon Data Firehose."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

STREAM = "AWS::KinesisFirehose::DeliveryStream"


@control(
    resource_types=STREAM,
    kind="encryption_at_rest",
    severity="medium",
    severity_reason="Firehose stores records for up to 24 hours, until it delivers them.",
    fix="Set `encryption=kinesisfirehose.StreamEncryption.aws_owned_key()` "
    "(DeliveryStreamEncryptionConfigurationInput.KeyType).",
    config_rule="KINESIS_FIREHOSE_DELIVERY_STREAM_ENCRYPTED",
    prowler=("firehose_stream_encrypted_at_rest",),
)
def firehose_delivery_stream_encrypted_at_rest(stream: Resource) -> Verdict:
    """Delivery streams are encrypted at rest.

    Firehose stores records while it buffers them and while a destination is not available.

    A stream with another source, such as a Kinesis stream or an MSK cluster, takes no setting: the source decides, so
    it passes. The change interrupts nothing and applies to new records.
    """
    is_direct = stream["DeliveryStreamType"].default("DirectPut").equals("DirectPut")
    return is_direct.implies(stream["DeliveryStreamEncryptionConfigurationInput"].is_set())
