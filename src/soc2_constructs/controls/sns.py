"""Amazon SNS."""

from __future__ import annotations

from soc2_constructs.aws.policies import statements_of
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

POLICIES = ("AWS::SNS::TopicInlinePolicy", "AWS::SNS::TopicPolicy")


@control(
    resource_types=POLICIES,
    kind="public_data",
    severity="high",
    fix="Set the account or service in `principals` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": organization}}` '
    "(TopicPolicy.PolicyDocument).",
    config_rule="SNS_TOPIC_NO_PUBLIC_ACCESS",
    prowler=("sns_topics_not_publicly_accessible",),
    aliases=("sns_topic_policy",),
)
def sns_topic_not_publicly_accessible(policy: Resource) -> Verdict:
    """Topic policies do not allow public access.

    Everyone could read the messages of a public topic, or send messages to its subscribers.

    Fixed values of an account, an organization, a network or a source narrow a statement for everyone. The
    change takes effect at once.
    """
    return no_public_grant(statements_of(policy, "PolicyDocument"), "sns")


@control(
    resource_types="AWS::SNS::Topic",
    kind="encryption_at_rest",
    severity="low",
    severity_reason="SNS uses disk encryption in any case; a KMS key adds control over access.",
    fix="Set `master_key=key`, with a key policy that allows the services that publish to use it. For alarms "
    'call `key.grant(iam.ServicePrincipal("cloudwatch.amazonaws.com"), "kms:Decrypt", '
    '"kms:GenerateDataKey*")` (KmsMasterKeyId).',
    config_rule="SNS_ENCRYPTED_KMS",
    prowler=("sns_topics_kms_encryption_at_rest_enabled",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "PI1.4")},
)
def sns_topic_encrypted_at_rest(topic: Resource) -> Verdict:
    """Topics are encrypted with a KMS key.

    SNS stores messages until they are delivered. With a KMS key, reading stored messages also requires permission to
    use the key.

    The AWS managed key `alias/aws/sns` passes, but CloudWatch alarms and EventBridge cannot publish with it. They need
    a customer managed key whose policy allows them. The change interrupts nothing and applies to new messages.
    """
    return topic["KmsMasterKeyId"].is_set()
