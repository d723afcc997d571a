"""Whether the action of an alarm takes effect: CloudWatch may publish to the topic, and use its key.

Source: Amazon CloudWatch User Guide, "Notifying users on alarm changes", section "Amazon SNS topics and alarms"; Amazon
SNS Developer Guide, "Amazon SNS key management". The default policy of a topic allows the account; a topic policy
replaces it. The policy of the AWS managed key does not allow CloudWatch.
"""

from __future__ import annotations

from soc2_constructs.aws.keys import is_aws_managed
from soc2_constructs.aws.policies import Statement, statements_of
from soc2_constructs.cloudformation import FAIL, Resource, Value, Verdict, all_of, any_of, failed, passed, unresolved

TOPIC = "AWS::SNS::Topic"
_TOPIC_POLICY = "AWS::SNS::TopicPolicy"
_KEY = "AWS::KMS::Key"
_ALIAS = "AWS::KMS::Alias"
_SERVICE = "cloudwatch.amazonaws.com"


def takes_effect(action: Value) -> Verdict:
    """Whether an action of an alarm takes effect. An action that is not a topic of the assembly is assumed to.

    Args:
        action: An item of AlarmActions.
    """
    topic = action.target_of(TOPIC)
    if topic is None:
        return action.is_set()
    return all_of(_accepts(topic), _decrypts(topic["KmsMasterKeyId"])).with_pass_message(
        "{} notifies {}", action, topic.logical_id
    )


def _accepts(topic: Resource) -> Verdict:
    policies = topic.referrers(_TOPIC_POLICY, via="Topics[]")
    if not policies:
        return passed("the default policy of the topic allows CloudWatch")
    document = [statement for policy in policies for statement in statements_of(policy, "PolicyDocument")]
    return _allows(document, "sns:Publish").with_message(
        f"the policy of the topic {topic.logical_id} does not allow CloudWatch to publish"
    )


def _decrypts(key: Value) -> Verdict:
    if key.is_absent:
        return passed("the topic has no KMS key")
    if is_aws_managed(key, "sns"):
        return failed("the AWS managed key of the topic does not allow CloudWatch", path=key.path)
    alias = key.target_of(_ALIAS)
    target = alias["TargetKeyId"].target_of(_KEY) if alias is not None else key.target_of(_KEY)
    if target is None:
        return passed("the key is not part of the assembly")
    document = statements_of(target, "KeyPolicy")
    return all_of(_allows(document, action) for action in ("kms:Decrypt", "kms:GenerateDataKey")).with_message(
        f"the policy of the key {target.logical_id} does not allow CloudWatch"
    )


def _allows(document: list[Statement], action: str) -> Verdict:
    """Whether the statements allow CloudWatch an action, and none denies it."""
    denied = any_of(
        _covers(statement, action) for statement in document if statement.denies and not statement.conditions
    )
    return any_of(_covers(statement, action) for statement in document if not statement.denies) & ~denied


def _covers(statement: Statement, action: str) -> Verdict:
    if statement.malformed:
        return unresolved("a statement is not known: {}", statement.malformed)
    everyone = statement.is_for_everyone()
    if everyone.status is FAIL and _SERVICE in statement.principals:
        everyone = passed("the principal is CloudWatch")
    return everyone & statement.covers_action(action)
