"""Amazon SNS."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::SNS::Topic",
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `master_key=key`, a key that lets the services which publish use it: for alarms call `key.grant("
    'iam.ServicePrincipal("cloudwatch.amazonaws.com"), "kms:Decrypt", "kms:GenerateDataKey*")` (KmsMasterKeyId).',
    config_rule="SNS_ENCRYPTED_KMS",
    prowler=("sns_topics_kms_encryption_at_rest_enabled",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "PI1.4")},
)
def sns_topic_encrypted_at_rest(topic: Resource) -> Verdict:
    """Topics are encrypted with a KMS key.

    A message waits on disk until each subscriber has it; with a KMS key, only who may use the key can read it there.
    AWS's own `alias/aws/sns` passes, but other services such as CloudWatch alarms and EventBridge cannot publish with
    it: those need a key of yours whose policy lets them. The change interrupts nothing and holds for new messages.
    """
    return topic["KmsMasterKeyId"].is_set()
