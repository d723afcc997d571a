"""Amazon Bedrock."""

from __future__ import annotations

from soc2_constructs.aws.iam import PERMISSION_SET, PRINCIPALS, attaches_none
from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types=(*PRINCIPALS, PERMISSION_SET),
    kind="permissions",
    severity="medium",
    severity_reason="The policy exceeds least privilege. It grants no access to anyone outside the account.",
    fix="Remove `AmazonBedrockFullAccess`, and allow the models in use: `role.add_to_principal_policy("
    'iam.PolicyStatement(actions=["bedrock:InvokeModel"], resources=[model.model_arn]))` (ManagedPolicyArns).',
    prowler=("bedrock_full_access_policy_attached",),
    also_mapped={"Prowler": ("CC6.3",)},
)
def bedrock_full_access_policy_attached(principal: Resource) -> Verdict:
    """Principals do not have the AmazonBedrockFullAccess policy.

    The policy also allows training, importing and deleting models, and switching off guardrails and invocation logs. An
    application needs permission only to invoke the models it uses.

    Nothing is interrupted if the replacement policy covers the actions in use.
    """
    return attaches_none(principal, "AmazonBedrockFullAccess")


@control(
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Run `aws bedrock put-model-invocation-logging-configuration` in each region that invokes models, and verify "
    "the setting manually, because AWS Config has no managed rule for it.",
    prowler=("bedrock_model_invocation_logging_enabled",),
    also_mapped={"Powerpipe": ("A1.2",)},
)
def bedrock_model_invocation_logging_enabled() -> None:
    """Model invocations are logged.

    Invocation logs record prompts and responses, which an investigation of misuse requires. The setting applies to a
    region and is off by default. CloudFormation has no resource type for it, so it is visible only in the live account.

    Nothing is interrupted. Logs contain prompts and responses, so encrypt their destination and set a retention period.
    """
