"""Amazon Bedrock."""

from __future__ import annotations

from soc2_constructs.aws.iam import PRINCIPALS, attaches_none
from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types=PRINCIPALS,
    kind="permissions",
    severity="medium",
    fix="Replace `AmazonBedrockFullAccess` by a statement that allows bedrock:InvokeModel on the models that are used: "
    "`model.grant_invoke(role)` of an `IModel` with grants, or `iam.PolicyStatement` (ManagedPolicyArns).",
    prowler=("bedrock_full_access_policy_attached",),
    also_mapped={"Prowler": ("CC6.3",)},
)
def bedrock_full_access_policy_attached(principal: Resource) -> Verdict:
    """Nobody has the policy AmazonBedrockFullAccess.

    It allows not only to ask a model, but to train, to import and to delete models, and to switch off guardrails and
    the log of invocations. An application needs to invoke the models that it uses. Taking the policy away interrupts
    nothing that a narrower policy allows.
    """
    return attaches_none(principal, "AmazonBedrockFullAccess")


@control(
    kind="logging",
    severity="medium",
    fix="Set a destination in each region that invokes models "
    "(`aws bedrock put-model-invocation-logging-configuration`), and check it yourself: AWS Config has no rule for it.",
    prowler=("bedrock_model_invocation_logging_enabled",),
    also_mapped={"Powerpipe": ("A1.2",)},
)
def bedrock_model_invocation_logging_enabled() -> None:
    """Model invocations are logged.

    Without the log nobody can tell later what was asked of a model and what it answered. It is a setting of the region,
    switched off at first, for which no CloudFormation type exists, so only the live account shows it. Logs hold prompts
    and answers: encrypt their destination and expire them.
    """
