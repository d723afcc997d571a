"""Amazon EventBridge."""

from __future__ import annotations

from soc2_constructs.aws.patterns import has_wildcard
from soc2_constructs.aws.policies import Statement, statements_of
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

BUS = "AWS::Events::EventBus"
BUS_POLICY = "AWS::Events::EventBusPolicy"


@control(
    resource_types=(BUS, BUS_POLICY),
    kind="public_data",
    severity="high",
    fix="Set the account or service in `principals` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": organization}}` '
    "(EventBusPolicy.Statement).",
    prowler=("eventbridge_bus_exposed",),
)
def events_bus_not_publicly_accessible(resource: Resource) -> Verdict:
    """Event bus policies do not allow public access.

    Everyone could send events to a public bus, and so start its targets.

    Fixed values of an account, an organization, a network or a source narrow a statement for everyone. The
    change takes effect at once.
    """
    if resource.type == BUS:
        return no_public_grant(statements_of(resource, "Policy"), "events")
    if resource["Statement"].is_absent:
        return _names_sender(resource)
    return no_public_grant([Statement(resource["Statement"].parsed())], "events")


def _names_sender(policy: Resource) -> Verdict:
    """Whether a policy in the form of PutPermission names an account, or an organization for everyone."""
    everyone = policy["Principal"].equals("*")
    named = policy["Condition.Value"].satisfies(lambda value: not has_wildcard(str(value)), "one organization")
    verdict = everyone.implies(policy["Condition.Type"].equals("StringEquals") & named)
    return verdict.with_message("Principal is *, and Condition names no organization", path=("Principal",))
