"""Amazon Data Lifecycle Manager."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, all_of, passed
from soc2_constructs.controls import control

POLICY = "AWS::DLM::LifecyclePolicy"


@control(
    resource_types=POLICY,
    kind="encryption_at_rest",
    severity="medium",
    severity_reason="Copies of encrypted snapshots are encrypted in any case.",
    fix="Set `encrypted=True` in each rule of `cross_region_copy_rules` of `dlm.CfnLifecyclePolicy` "
    "(PolicyDetails.Schedules[].CrossRegionCopyRules[].Encrypted: true).",
)
def dlm_lifecycle_policy_copies_encrypted(policy: Resource) -> Verdict:
    """Lifecycle policies encrypt the snapshots that they copy to other regions.

    An unencrypted snapshot can be shared without a key.

    The change applies to new copies and interrupts nothing.
    """
    rules = policy.values("PolicyDetails.Schedules[].CrossRegionCopyRules[]")
    copies = policy.values("PolicyDetails.Actions[].CrossRegionCopy[]")
    return all_of(
        passed("every copy to another region is encrypted"),
        (rule["Encrypted"].equals(True) for rule in rules),
        (copy["EncryptionConfiguration.Encrypted"].equals(True) for copy in copies),
    )
