"""Amazon SQS."""

from __future__ import annotations

from soc2_constructs.aws.policies import statements_of
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

QUEUE = "AWS::SQS::Queue"
POLICIES = ("AWS::SQS::QueueInlinePolicy", "AWS::SQS::QueuePolicy")


@control(
    resource_types=POLICIES,
    kind="public_data",
    severity="high",
    fix="Set the account or service in `principals` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": organization}}` '
    "(QueuePolicy.PolicyDocument).",
    config_rule="SQS_QUEUE_NO_PUBLIC_ACCESS",
    prowler=("sqs_queues_not_publicly_accessible",),
    aliases=("sqs_queue_policy",),
)
def sqs_queue_not_publicly_accessible(policy: Resource) -> Verdict:
    """Queue policies do not allow public access.

    Everyone could read or delete the messages of a public queue, or send messages that its consumers process.

    Fixed values of an account, an organization, a network or a source narrow a statement for everyone. The
    change takes effect at once.
    """
    return no_public_grant(statements_of(policy, "PolicyDocument"), "sqs")


@control(
    resource_types=QUEUE,
    kind="encryption_at_rest",
    severity="medium",
    severity_reason="Messages stay on disk until a consumer deletes them, up to 14 days.",
    fix="Remove `encryption=sqs.QueueEncryption.UNENCRYPTED` (SqsManagedSseEnabled: true).",
    prowler=("sqs_queues_server_side_encryption_enabled",),
)
def sqs_queue_encrypted_at_rest(queue: Resource) -> Verdict:
    """Queues are encrypted at rest.

    SQS stores messages on disk until a consumer deletes them.

    SQS encrypts queues with its own key by default. The change needs no replacement and interrupts nothing.
    """
    # Absent means enabled: AWS CloudFormation User Guide, "AWS::SQS::Queue".
    return queue["SqsManagedSseEnabled"].default(True).equals(True) | queue["KmsMasterKeyId"].is_set()
