"""Policies of roles, users and groups, in every way in which CloudFormation attaches them."""

from __future__ import annotations

from soc2_constructs.aws.managed_policies import aws_managed
from soc2_constructs.aws.patterns import as_pattern
from soc2_constructs.aws.policies import Statement, statements, statements_of
from soc2_constructs.cloudformation import (
    FAIL,
    Reference,
    Resource,
    Text,
    Value,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    unresolved,
)
from soc2_constructs.cloudformation.wildcards import wildcard_match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ROLE = "AWS::IAM::Role"
USER = "AWS::IAM::User"
GROUP = "AWS::IAM::Group"
#: SAM creates a role for each of these.
SERVERLESS = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
PRINCIPALS = (ROLE, USER, GROUP, *SERVERLESS)

POLICY = "AWS::IAM::Policy"
ROLE_POLICY = "AWS::IAM::RolePolicy"
USER_POLICY = "AWS::IAM::UserPolicy"
GROUP_POLICY = "AWS::IAM::GroupPolicy"
INLINE_POLICIES = (POLICY, ROLE_POLICY, USER_POLICY, GROUP_POLICY)
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"

#: IAM Identity Center creates a role for each permission set in each account that it is assigned to.
PERMISSION_SET = "AWS::SSO::PermissionSet"

#: Resource types that contain a policy document, or attach a policy by its ARN.
HOLDERS = (*PRINCIPALS, PERMISSION_SET, *INLINE_POLICIES, MANAGED_POLICY)

#: Services that use a role for their own work only. AWS writes policies for these roles, below `service-role/`.
_ROLE_SERVICES = ("backup", "batch", "elasticbeanstalk", "elasticmapreduce", "spotfleet")

#: The property of a policy that lists its principals, by the type of principal.
_ATTACHED_TO = {ROLE: "Roles", USER: "Users", GROUP: "Groups"}
_NAMED_BY = {ROLE: (ROLE_POLICY, "RoleName"), USER: (USER_POLICY, "UserName"), GROUP: (GROUP_POLICY, "GroupName")}


def stated(holder: Resource) -> list[Statement]:
    """Return the statements of the policy documents that the resource itself contains."""
    if holder.type in SERVERLESS:
        # The policy templates of SAM are objects too, and have no statements.
        documents = [entry for entry in serverless_policies(holder) if type(entry.node) is dict]
    elif holder.type == PERMISSION_SET:
        documents = [holder["InlinePolicy"]]
    elif holder.type in PRINCIPALS:
        documents = [entry["PolicyDocument"] for entry in holder["Policies"].each()]
    else:
        return statements_of(holder, "PolicyDocument")
    return [statement for document in documents for statement in statements(document)]


def managed_policies(holder: Resource) -> list[Value]:
    """Return the policies that the resource attaches to itself by ARN or name, without policy templates of SAM."""
    if holder.type in SERVERLESS:
        return [entry for entry in serverless_policies(holder) if type(entry.node) is not dict]
    if holder.type == PERMISSION_SET:
        return holder["ManagedPolicies"].each()
    return holder["ManagedPolicyArns"].each() if holder.type in PRINCIPALS else []


def serverless_policies(function: Resource) -> list[Value]:
    """Return the policies of a SAM function or state machine; SAM ignores them if Role is set."""
    return function["Policies"].each() if function["Role"].is_absent else []


def grants(holder: Resource) -> list[Statement]:
    """Return the statements that grant permissions, with those of AWS managed policies that the resource attaches.

    The statements of a policy that is only a permissions boundary grant nothing.
    """
    if holder.type == MANAGED_POLICY and is_boundary(holder) and is_attached(holder).status is FAIL:
        return []
    return [*stated(holder), *(statement for value in managed_policies(holder) for statement in _attached(value))]


def _attached(policy: Value) -> list[Statement]:
    """Return the statements of an AWS managed policy that a resource attaches."""
    if "/service-role/" in as_pattern(policy.node) and _serves_aws(policy.resource):
        return []
    return aws_managed(policy) or []


def _serves_aws(role: Resource) -> bool:
    """Whether only services that run no code of a user can assume a role."""
    if role.type != ROLE:
        return False
    trusted = [statement for statement in statements_of(role, "AssumeRolePolicyDocument") if not statement.denies]
    return all(
        not statement.malformed
        and "NotPrincipal" not in statement.body
        and all(str(principal).partition(".")[0] in _ROLE_SERVICES for principal in statement.principals)
        for statement in trusted
    )


def is_attached(policy: Resource, to: tuple[str, ...] = (ROLE, GROUP, USER)) -> Verdict:
    """Whether a managed policy is attached to one of these types, by the policy or by the principal."""
    named = [policy[_ATTACHED_TO[kind]].is_set() for kind in to]
    sources = [source for kind in to for source in policy.referrers(kind, via="ManagedPolicyArns[]")]
    if ROLE in to:
        # SAM attaches the policy to the role that it creates.
        sources += [source for kind in SERVERLESS for source in policy.referrers(kind, via="Policies[]")]
        sources += policy.referrers(PERMISSION_SET, via="CustomerManagedPolicyReferences[].Name")
    return any_of(
        named, (passed("the policy is attached to {}", source.logical_id) for source in sources)
    ).with_message("the policy is not attached")


def is_boundary(policy: Resource) -> bool:
    """Whether a managed policy is the permissions boundary of a principal."""
    return any(policy.referrers(kind, via="PermissionsBoundary") for kind in (ROLE, USER, *SERVERLESS)) or bool(
        policy.referrers(PERMISSION_SET, via="PermissionsBoundary.CustomerManagedPolicyReference.Name")
    )


def attached_policies(principal: Resource) -> list[Resource]:
    """Return the policy resources of the assembly that are attached to a role, user or group."""
    named = managed_policies(principal)
    if principal.type == PERMISSION_SET:
        named = principal.values("CustomerManagedPolicyReferences[].Name")
    found = [policy for value in named if (policy := value.target) is not None]
    if principal.type in _ATTACHED_TO:
        via = f"{_ATTACHED_TO[principal.type]}[]"
        kind, name = _NAMED_BY[principal.type]
        found += principal.referrers(POLICY, via=via)
        found += principal.referrers(MANAGED_POLICY, via=via)
        found += principal.referrers(kind, via=name)
    return [policy for policy in dict.fromkeys(found) if policy.type in (*INLINE_POLICIES, MANAGED_POLICY)]


def principals_of(policy: Resource) -> list[Resource]:
    """Return the roles, users and groups of the assembly to which a policy resource is attached."""
    found = [
        principal
        for kind, (own, name) in _NAMED_BY.items()
        for value in ([policy[name]] if policy.type == own else [])
        if (principal := value.target_of(kind)) is not None
    ]
    if policy.type in (POLICY, MANAGED_POLICY):
        for kind, place in _ATTACHED_TO.items():
            targets = [value.target_of(kind) for value in policy[place].each()]
            found += [target for target in targets if target is not None]
    if policy.type == MANAGED_POLICY:
        found += [source for kind in _ATTACHED_TO for source in policy.referrers(kind, via="ManagedPolicyArns[]")]
        found += [source for kind in SERVERLESS for source in policy.referrers(kind, via="Policies[]")]
    return list(dict.fromkeys(found))


def no_grant(policy: list[Statement], gives: Callable[[Statement], Verdict], words: str) -> Verdict:
    """Whether no statement allows what it must not.

    Args:
        policy: The statements.
        gives: Whether an Allow statement allows it.
        words: What the statement must not allow, as the messages name it: `"every action of CloudTrail"`.
    """
    return all_of(
        passed("no statement allows {}", words), (_withholds(statement, gives, words) for statement in policy)
    )


def _withholds(statement: Statement, gives: Callable[[Statement], Verdict], words: str) -> Verdict:
    if statement.malformed:
        return unresolved("a statement is not known: {}", statement.malformed, path=statement.path)
    if statement.denies:
        return passed("the statement is a Deny statement")
    verdict = ~gives(statement)
    return failed("{} allows {}", statement.source, words, path=statement.path) if verdict.status is FAIL else verdict


def is_denied(policy: list[Statement], *actions: str) -> Verdict:
    """Whether the statements deny each of the actions on every resource, without conditions."""
    return all_of(
        passed("the policy denies {}", ", ".join(actions)),
        (any_of(_denies(statement, action) for statement in policy) for action in actions),
    )


def _denies(statement: Statement, action: str) -> Verdict:
    if statement.malformed:
        return unresolved("a statement is not known: {}", statement.malformed, path=statement.path)
    return _denies_for_certain(statement, action)


def _denies_for_certain(statement: Statement, action: str) -> Verdict:
    if not statement.denies or statement.conditions or "NotResource" in statement.body:
        return failed("the statement does not deny the action on every resource, without conditions")
    return statement.covers_action(action) & statement.covers_every_resource()


_POSITIVE = ("arnequals", "arnlike", "stringequals", "stringequalsignorecase", "stringlike")
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def is_limited(statement: Statement, keys: tuple[str, ...]) -> bool:
    """Whether a condition limits a statement by one of the keys, in lower case; ``":resourcetag/"`` is any tag."""
    for (operator, key), values in statement.conditions.items():
        quantifier, _, plain = operator.lower().rpartition(":")
        if plain not in _POSITIVE or quantifier == "forallvalues":
            continue
        if any(wanted in key for wanted in keys) and not any(_is_anything(value) for value in values):
            return True
    return False


def _is_anything(value: object) -> bool:
    return wildcard_match(as_pattern(value), _ADMINISTRATOR)


def attaches_none(holder: Resource, wanted: str) -> Verdict:
    """Whether the resource does not attach that AWS managed policy to itself."""
    return all_of(_is_another(policy, wanted) for policy in managed_policies(holder))


def _is_another(policy: Value, wanted: str) -> Verdict:
    node = policy.node
    if type(node) is Reference:
        return passed("the policy is {}", node.resource.logical_id)
    parts = node.parts if type(node) is Text else (node,)
    if type(parts[-1]) is not str:
        return unresolved("{} is known only at deployment", policy, path=policy.path)
    text = "".join(part if type(part) is str else "?" for part in parts)
    name = text.rpartition("/")[2]
    # Without a preceding slash, the known text may be the end of a longer name.
    if name != wanted and not ("?" in name and wanted.endswith(parts[-1])):
        return passed("the policy is {}", name)
    if text.split(":")[4:5] not in ([], ["aws"]):
        return passed("the policy is not an AWS managed policy")
    if "?" in name:
        return unresolved("{} is known only at deployment", policy, path=policy.path)
    return failed("{} is {}", policy, name, path=policy.path)
