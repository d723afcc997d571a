"""AWS Identity and Access Management."""

from __future__ import annotations

from soc2_constructs.aws.iam import (
    GROUP,
    HOLDERS,
    INLINE_POLICIES,
    MANAGED_POLICY,
    POLICY,
    PRINCIPALS,
    ROLE,
    USER,
    USER_POLICY,
    grants,
    is_attached,
    is_boundary,
    is_denied,
    is_limited,
    no_grant,
    stated,
)
from soc2_constructs.aws.iam_escalation import GRANTING, opens_no_way
from soc2_constructs.aws.policies import SERVICES, Statement, statements_of
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.aws.role_trust import identifies_caller, limits_federation, other_account
from soc2_constructs.cloudformation import Resource, Verdict, all_of, any_of, failed, passed, unresolved
from soc2_constructs.controls import control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ACCESS_KEY = "AWS::IAM::AccessKey"
MEMBERSHIP = "AWS::IAM::UserToGroupAddition"

#: Actions that stop a trail or reduce the events that it records.
_SILENCING = (
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
)
#: Services of the SSM Agent, whose actions AWS's own policies allow on all resources.
#: Source: Systems Manager User Guide, "Add Session Manager permissions to an existing IAM role".
_AGENT_SERVICES = ("ec2messages", "ssmmessages")
#: Condition keys that limit a subscription to named products, or to subscriptions that an AWS service makes.
_NAMING_PRODUCTS = ("aws-marketplace:productid", "aws:calledvia")


@control(
    resource_types=ROLE,
    kind="permissions",
    severity="high",
    fix="Set `assumed_by=iam.ServicePrincipal(...)` or `iam.AccountPrincipal(account)` "
    "(AssumeRolePolicyDocument.Statement[].Principal).",
)
def iam_role_trust_not_public(role: Resource) -> Verdict:
    """Trust policies of roles do not admit everyone.

    Every AWS account can assume a role that trusts everyone, and then has its permissions.

    NotPrincipal with Allow admits everyone else. An external ID does not make such a statement acceptable, because it
    is not a secret. The change takes effect at once; sessions continue until they expire.
    """
    return no_public_grant(statements_of(role, "AssumeRolePolicyDocument"), "sts")


@control(
    resource_types=ROLE,
    kind="authentication",
    severity="high",
    severity_reason="Anyone can register at a public identity provider, or run a workflow on it.",
    fix='Set `conditions={"StringLike": {"token.actions.githubusercontent.com:sub": "repo:example/app:*"}}` of '
    "`iam.OpenIdConnectPrincipal(...)`, or use `iam.SamlConsolePrincipal(...)` "
    "(AssumeRolePolicyDocument.Statement[].Condition).",
)
def iam_role_federation_restricted(role: Resource) -> Verdict:
    """Roles for identity providers admit fixed users, repositories or applications only.

    Without a condition on the subject, every user of the provider can assume the role, such as every repository on
    GitHub.

    A condition on `sub` must name the organization (`repo:example/*`), or begin with a fixed text for other providers.
    Google, Facebook, Amazon and Cognito need a condition on the application. SAML needs `SAML:aud`. A condition that
    also holds for an absent key does not count. The change takes effect at once.
    """
    return all_of(
        passed("no statement trusts every user of an identity provider"),
        (
            unresolved("a statement is not known: {}", statement.malformed, path=statement.path)
            if statement.malformed
            else limits_federation(statement)
            for statement in statements_of(role, "AssumeRolePolicyDocument")
            if not statement.denies
        ),
    )


@control(
    resource_types=ROLE,
    kind="authentication",
    severity="low",
    severity_reason="The account may belong to your own organization.",
    fix="Set `external_ids=[external_id]` on the `iam.Role` for a vendor, or name the role of the other account with "
    "`iam.ArnPrincipal(arn)` (AssumeRolePolicyDocument.Statement[].Condition: sts:ExternalId).",
)
def iam_role_cross_account_trust_restricted(role: Resource) -> Verdict:
    """Roles for other accounts require an external ID, MFA or a fixed principal.

    A vendor that serves several customers can be tricked into using the role of one customer for another.

    A statement that names a role or user of the other account passes, as does a condition on an external ID, MFA, the
    organization or the principal. The change takes effect at once; the vendor must send the external ID.
    """
    own = role.template.account
    return all_of(
        passed("no statement trusts a whole other account"),
        (_identifies(statement, own) for statement in statements_of(role, "AssumeRolePolicyDocument")),
    )


def _identifies(statement: Statement, own: str | None) -> Verdict:
    if statement.malformed:
        return unresolved("a statement is not known: {}", statement.malformed, path=statement.path)
    others = [account for principal in statement.principals if (account := other_account(principal, own))]
    if statement.denies or not others:
        return passed("the statement trusts no whole other account")
    text = f"a statement trusts the whole account {others[0]} without an external ID or MFA"
    return identifies_caller(statement).with_message(text, path=statement.path)


@control(
    resource_types=HOLDERS,
    kind="permissions",
    severity="medium",
    fix="List the `actions` or `resources` of the `iam.PolicyStatement`, and attach no AWS managed policy with full "
    "access (PolicyDocument.Statement[].Action and Resource, ManagedPolicyArns).",
    config_rule="IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS",
    implies=("iam_group_user_role_no_inline_policies",),
)
def iam_policy_no_full_service_access(holder: Resource) -> Verdict:
    """Policies do not allow every action of a service on all of its resources.

    A principal with full access to a service can delete its data and change its configuration, also for other
    applications in the account.

    Actions such as `s3:*` on named resources pass. Every action on every resource is a finding of
    iam_policy_no_star_star only. AWS managed policies and permission sets are judged by their statements. Calls that
    the narrower policy does not allow fail at once.
    """
    words = "every action of a service on resources that it does not name"
    return _no_narrower_grant(grants(holder), _gives_a_service, words)


@control(
    resource_types=HOLDERS,
    kind="permissions",
    severity="medium",
    severity_reason="The permission needs another one, of a service that uses the role.",
    fix="Set `resources=[role.role_arn]` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"iam:PassedToService": service}}` '
    "(PolicyDocument.Statement[].Resource and Condition).",
)
def iam_policy_no_passrole_on_all_roles(holder: Resource) -> Verdict:
    """Policies do not allow passing any role to any service.

    A principal that can pass every role can run code with the permissions of the most powerful one.

    A condition on the service that receives the role passes, as does a named role or a tag. Every action on every
    resource is a finding of iam_policy_no_star_star only. Calls with other roles fail at once.
    """
    return _no_narrower_grant(grants(holder), _passes_any_role, "passing any role to any service")


def _passes_any_role(statement: Statement) -> Verdict:
    if is_limited(statement, ("iam:passedtoservice", "iam:associatedresourcearn", ":resourcetag/")):
        return failed("the statement is limited to some services or roles")
    return statement.covers_action("iam:PassRole") & statement.covers_unnamed_resources("iam")


@control(
    resource_types=HOLDERS,
    kind="permissions",
    severity="medium",
    fix="List the `actions` and `resources` in the `iam.PolicyStatement`; use `not_actions` and `not_resources` only "
    "with `effect=iam.Effect.DENY` (PolicyDocument.Statement[].Action and Resource).",
)
def iam_policy_no_allow_with_exceptions(holder: Resource) -> Verdict:
    """Policies allow actions and resources by name, not by exception.

    NotAction and NotResource with Allow also grant actions and resources that are added later, which were never
    reviewed.

    AWS managed policies are judged by other controls. NotAction on resources that the statement names passes. Calls
    that the new policy does not allow fail at once.
    """
    return no_grant(stated(holder), _allows_by_exception, "everything with exceptions (NotAction or NotResource)")


def _allows_by_exception(statement: Statement) -> Verdict:
    if "NotResource" in statement.body:
        return passed("NotResource takes in everything else")
    if "NotAction" in statement.body:
        return statement.covers_unnamed_resources()
    return failed("the statement names its actions and resources")


@control(
    resource_types=HOLDERS,
    kind="permissions",
    severity="high",
    fix="List the `actions` and `resources` in each `iam.PolicyStatement`, and do not attach AdministratorAccess "
    "(PolicyDocument.Statement[].Action and Resource, ManagedPolicyArns).",
    config_rule="IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS",
    prowler=(
        "iam_aws_attached_policy_no_administrative_privileges",
        "iam_customer_attached_policy_no_administrative_privileges",
        "iam_inline_policy_no_administrative_privileges",
    ),
    also_mapped={"Powerpipe": ("CC1.3", "CC6.1", "CC6.2", "CC6.3")},
)
def iam_policy_no_star_star(holder: Resource) -> Verdict:
    """Policies do not allow every action on every resource.

    Anyone who obtains the credentials of such a principal controls the whole account.

    NotAction counts as every action where it leaves permissions to change policies. Conditions do not make such a
    statement acceptable. A managed policy that is only a permissions boundary passes, because it grants nothing.

    Narrowing a policy replaces nothing. Calls that the narrower policy does not allow fail at once; check the last
    accessed information of the role first.
    """
    return no_grant(grants(holder), _gives_everything, "every action on every resource")


def _no_narrower_grant(policy: list[Statement], gives: Callable[[Statement], Verdict], words: str) -> Verdict:
    """Whether no statement allows an access, apart from statements that `iam_policy_no_star_star` reports."""
    verdict = no_grant(policy, lambda statement: gives(statement) & ~_gives_everything(statement), words)
    return verdict.with_pass_message("no statement allows {}, without allowing every action on every resource", words)


def _gives_everything(statement: Statement) -> Verdict:
    if "NotAction" in statement.body:
        actions = any_of(statement.covers_action(action) for action in GRANTING)
    else:
        actions = all_of(statement.covers_action(f"{name}:*") for name in SERVICES)
    return actions & statement.covers_every_resource()


@control(
    resource_types=HOLDERS,
    kind="permissions",
    severity="high",
    fix="List the `resources` of the `iam.PolicyStatement`, such as `[role.role_arn]` for iam:PassRole, or set "
    '`conditions={"StringEquals": {"iam:PermissionsBoundary": boundary.managed_policy_arn}}` '
    "(PolicyDocument.Statement[].Resource and Condition).",
    prowler=("iam_inline_policy_allows_privilege_escalation", "iam_policy_allows_privilege_escalation"),
    also_mapped={"Prowler": ("CC3.3",)},
)
def iam_inline_policy_allows_privilege_escalation(holder: Resource) -> Verdict:
    """Policies do not allow privilege escalation.

    Some permissions are equivalent to all permissions. Examples are attaching a policy to any role, or passing any role
    to a function whose code the caller controls.

    Known escalation paths are evaluated as sets of actions, over all policies of a role, user or group together. A
    path counts if all of its actions are allowed on resources that the policy does not name. Managed policies are
    evaluated too, those of AWS by their documents. A path is closed by a Deny statement, by a permissions boundary
    of the principal, or by a condition. Conditions can be on tags, on the service that receives a role, or on the
    permissions boundary of the target.

    Naming resources replaces nothing. Calls on other resources fail at once.
    """
    return opens_no_way(holder)


@control(
    resource_types=HOLDERS,
    kind="permissions",
    severity="medium",
    fix="List the `actions` in `iam.PolicyStatement` instead of cloudtrail:*, and do not attach "
    "AWSCloudTrail_FullAccess (PolicyDocument.Statement[].Action, ManagedPolicyArns).",
    prowler=("iam_inline_policy_no_full_access_to_cloudtrail", "iam_policy_no_full_access_to_cloudtrail"),
    also_mapped={"Prowler": ("CC3.3",)},
)
def iam_policy_no_full_access_to_cloudtrail(holder: Resource) -> Verdict:
    """Policies do not allow every CloudTrail action.

    A principal with full access to CloudTrail can stop the trail first, and act without a record afterwards.

    Reading trails needs only Get, Describe, List and Lookup actions. A policy that also denies the actions that stop or
    change trails passes. Every action on every resource is a finding of iam_policy_no_star_star only. The change
    replaces nothing.
    """
    return (~is_denied(grants(holder), *_SILENCING)).implies(
        _no_narrower_grant(grants(holder), _gives_cloudtrail, "every action of CloudTrail")
    )


def _gives_cloudtrail(statement: Statement) -> Verdict:
    if is_limited(statement, (":resourcetag/",)):
        return failed("the statement is limited to trails with a tag")
    return statement.covers_action("cloudtrail:*") & statement.covers_unnamed_resources("cloudtrail")


@control(
    resource_types=HOLDERS,
    kind="permissions",
    severity="medium",
    fix='Set `conditions={"ForAnyValue:StringEquals": {"aws-marketplace:ProductId": [product]}}` on the '
    "`iam.PolicyStatement`, or remove aws-marketplace:Subscribe (PolicyDocument.Statement[].Condition).",
    prowler=("iam_inline_policy_no_wildcard_marketplace_subscribe", "iam_policy_no_wildcard_marketplace_subscribe"),
    also_mapped={"Prowler": ("CC6.3",)},
)
def iam_policy_no_wildcard_marketplace_subscribe(holder: Resource) -> Verdict:
    """Policies do not allow subscribing to any AWS Marketplace product.

    A subscription commits the company to a price and a vendor. Vendors are assessed before they are engaged.

    The action has no resources, so only a condition can limit it to products. A condition on the calling service, such
    as Amazon Bedrock, passes as well. Every action on every resource is a finding of iam_policy_no_star_star only.
    Existing subscriptions are not affected.
    """
    action = "aws-marketplace:Subscribe"
    return (~is_denied(grants(holder), action)).implies(
        _no_narrower_grant(grants(holder), _subscribes, "subscribing to any product of AWS Marketplace")
    )


def _subscribes(statement: Statement) -> Verdict:
    if is_limited(statement, _NAMING_PRODUCTS):
        return failed("the statement is limited to some products")
    return statement.covers_action("aws-marketplace:Subscribe") & statement.covers_every_resource()


@control(
    resource_types=(*PRINCIPALS, *INLINE_POLICIES),
    kind="permissions",
    severity="low",
    severity_reason="Access for every action on every resource is reported by iam_policy_no_star_star as high.",
    fix="List the `actions` or the `resources` in each `iam.PolicyStatement`, or move the statements to an "
    "`iam.ManagedPolicy` (PolicyDocument.Statement[].Action and Resource, AWS::IAM::ManagedPolicy).",
    config_rule="IAM_NO_INLINE_POLICY_CHECK",
    also_mapped={"Powerpipe": ("CC1.3", "CC6.1", "CC6.2", "CC6.3")},
)
def iam_group_user_role_no_inline_policies(holder: Resource) -> Verdict:
    """Inline policies do not allow a whole service on all resources.

    Inline policies are seldom reviewed, because they do not appear in the list of policies. Broad permissions belong in
    a managed policy, which has versions and is visible in one place.

    Inline policies that name their actions or their resources pass; the grant methods of the CDK write such policies.
    Every action on every resource is a finding of iam_policy_no_star_star only.
    The AWS Config rule is stricter and reports every inline policy. Policies of SAM templates pass. Replacing an inline
    policy interrupts its use briefly, unless the managed policy is attached first.
    """
    words = "every action of a service on resources that it does not name"
    return _no_narrower_grant(stated(holder), _gives_a_service, words)


def _gives_a_service(statement: Statement) -> Verdict:
    if "NotAction" in statement.body:
        return statement.covers_unnamed_resources()
    return any_of(_is_every_action(action) for action in statement.actions) & statement.covers_unnamed_resources()


def _is_every_action(action: object) -> Verdict:
    """Whether an action stands for all actions of a service, as ``s3:*`` and ``*`` do."""
    if not isinstance(action, str):
        return unresolved("an action is known only when the template is deployed")
    service, _, name = action.rpartition(":")
    if name.strip("*?") or service.lower() in _AGENT_SERVICES:
        return failed("{} is not every action of a service", action)
    return passed("{} is every action", action)


@control(
    resource_types=MANAGED_POLICY,
    kind="permissions",
    severity="low",
    fix="Attach the policy to a role or group: `role.add_managed_policy(policy)` (Roles, Groups, or "
    "ManagedPolicyArns of the role or group).",
    implies=("iam_custom_policy_unused",),
    also_mapped={"Powerpipe": ("CC1.3", "CC6.3")},
)
def iam_custom_managed_policy_attached_to_role(policy: Resource) -> Verdict:
    """Managed policies are attached to a role or group.

    Permissions follow job functions, which roles and groups represent. A policy attached only to users grants access
    person by person.

    A policy that is used as a permissions boundary passes. Attaching a policy takes effect at once and replaces
    nothing.
    """
    return _in_use(policy) | is_attached(policy, to=(ROLE, GROUP))


@control(
    resource_types=MANAGED_POLICY,
    kind="permissions",
    severity="low",
    fix="Remove the `iam.ManagedPolicy`, or attach it: `role.add_managed_policy(policy)` (Roles, Groups, Users, "
    "or ManagedPolicyArns of those).",
    also_mapped={"Powerpipe": ("CC1.3",)},
)
def iam_custom_policy_unused(policy: Resource) -> Verdict:
    """Managed policies are in use.

    Unused policies are not reviewed, and may be attached later without a review.

    A policy is in use if a role, group, user or permission set has it attached or as its permissions boundary. Removing
    an unused policy affects nothing.
    """
    return _in_use(policy) | is_attached(policy)


def _in_use(policy: Resource) -> Verdict:
    if is_boundary(policy):
        return passed("the policy is a permissions boundary")
    return failed("the policy is not attached")


@control(
    resource_types=GROUP,
    kind="credential_lifecycle",
    severity="low",
    fix="Add users to the group: `group.add_user(user)` (AWS::IAM::User.Groups, or AWS::IAM::UserToGroupAddition).",
    config_rule="IAM_GROUP_HAS_USERS_CHECK",
    also_mapped={"Powerpipe": ("CC1.3", "CC6.1", "CC6.2", "CC6.3")},
)
def iam_group_not_empty(group: Resource) -> Verdict:
    """Groups have members.

    A group without members grants permissions that no current job function needs.

    Only the live account shows members that were added outside of a template. Adding a user takes effect at once.
    """
    return any_of(
        (passed("{} is a member", user.logical_id) for user in group.referrers(USER, via="Groups[]")),
        (addition["Users"].is_set() for addition in group.referrers(MEMBERSHIP, via="GroupName")),
    ).with_message("no user is a member")


@control(
    resource_types=USER,
    kind="permissions",
    severity="low",
    fix="Set `groups=[group]` (Groups), or add the user to an AWS::IAM::UserToGroupAddition.",
    config_rule="IAM_USER_GROUP_MEMBERSHIP_CHECK",
    also_mapped={"Powerpipe": ("CC1.3", "CC6.1", "CC6.2", "CC6.3")},
)
def iam_user_in_group(user: Resource) -> Verdict:
    """Users belong to a group.

    When a user changes jobs, permissions that come from groups change with the membership.

    Joining or leaving a group takes effect at once and replaces nothing.
    """
    return any_of(
        user["Groups"].is_set(),
        (passed("{} adds the user", entry.logical_id) for entry in user.referrers(MEMBERSHIP, via="Users[]")),
    ).with_message("the user is in no group")


@control(
    resource_types=(USER, POLICY, USER_POLICY, MANAGED_POLICY),
    kind="permissions",
    severity="medium",
    fix="Grant to an `iam.Group` and set `groups=[group]` on the user, or use a role (no Policies and "
    "ManagedPolicyArns on AWS::IAM::User, no Users on AWS::IAM::Policy and AWS::IAM::ManagedPolicy).",
    config_rule="IAM_USER_NO_POLICIES_CHECK",
    prowler=("iam_policy_attached_only_to_group_or_roles",),
    also_mapped={"Powerpipe": ("CC1.3", "CC6.1", "CC6.2", "CC6.3")},
)
def iam_user_no_inline_attached_policies(holder: Resource) -> Verdict:
    """Users receive permissions through groups or roles.

    Permissions attached to a person are easily forgotten when the job of that person changes.

    Each resource is judged by what it attaches: a user by its own policies, a policy by its Users. The grant methods of
    the CDK attach a policy to the user. A permissions boundary passes, because it grants nothing. Moving a policy to a
    group replaces nothing; attach it to the group first.
    """
    if holder.type == USER_POLICY:
        return failed("the policy is attached to a user")
    if holder.type != USER:
        return (~holder["Users"].is_set()).with_message("the policy is attached to users (Users)")
    return all_of(
        (~holder["Policies"].is_set()).with_message("Policies attaches inline policies to the user"),
        (~holder["ManagedPolicyArns"].is_set()).with_message("ManagedPolicyArns attaches managed policies to the user"),
    )


@control(
    resource_types=ACCESS_KEY,
    kind="credential_lifecycle",
    severity="medium",
    fix="Replace the `iam.AccessKey` with a role that the workload assumes (no AWS::IAM::AccessKey with Status: "
    "Active), and deploy the AWS Config rule ACCESS_KEYS_ROTATED.",
    config_rule="ACCESS_KEYS_ROTATED",
    config_parameters={"maxAccessKeyAge": "90"},
    prowler=("iam_rotate_access_key_90_days",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2")},
)
def iam_user_access_key_age_90(key: Resource) -> Verdict:
    """Access keys are younger than 90 days.

    A disclosed access key works until it is deactivated. CloudFormation replaces an access key only when its Serial
    changes, so a key in a template has no regular rotation. Its secret is also readable as an attribute.

    Roles provide credentials that expire within hours. An inactive key passes. Only the live account shows the age of
    other keys.
    """
    return (
        key["Status"]
        .default("Active")
        .equals("Inactive")
        .with_message("the stack creates an active access key, which never expires")
    )


@control(
    resource_types=USER,
    kind="authentication",
    severity="medium",
    fix="Remove `password` (LoginProfile), use IAM Identity Center for sign-in, and deploy the AWS Config rule "
    "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS.",
    config_rule="MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS",
    prowler=("iam_user_mfa_enabled_console_access",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC3.2", "CC6.6")},
)
def iam_user_console_access_mfa_enabled(user: Resource) -> Verdict:
    """Users sign in to the console with MFA.

    A template can give a user a password but no MFA device. Until a device is registered, the password alone gives
    access to the console.

    Users without a password pass. Removing LoginProfile ends no session, but prevents the next sign-in.
    """
    return (~user["LoginProfile"].is_set()).with_message("LoginProfile gives the user a password without an MFA device")


@control(
    kind="authentication",
    severity="medium",
    fix="Register an MFA device for each user that signs in (`aws iam enable-mfa-device`), or move users to IAM "
    "Identity Center. Deploy the AWS Config rule IAM_USER_MFA_ENABLED.",
    config_rule="IAM_USER_MFA_ENABLED",
    prowler=("iam_user_hardware_mfa_enabled",),
    also_mapped={"Powerpipe": ("CC6.6",)},
)
def iam_user_mfa_enabled() -> None:
    """Users have an MFA device.

    MFA protects an account whose password is disclosed.

    Registering a device requires codes that the device shows at that moment. No template can do that; the AWS Config
    rule reports users without a device.
    """


@control(
    kind="credential_lifecycle",
    severity="medium",
    fix="Disable unused keys and passwords (`aws iam get-credential-report` lists them), and deploy the AWS "
    "Config rule IAM_USER_UNUSED_CREDENTIALS_CHECK.",
    config_rule="IAM_USER_UNUSED_CREDENTIALS_CHECK",
    config_parameters={"maxCredentialUsageAge": "90"},
    prowler=("iam_user_accesskey_unused", "iam_user_console_access_unused"),
    also_mapped={"Powerpipe": ("CC1.3", "CC6.1", "CC6.2", "CC6.3")},
)
def iam_user_unused_credentials_90() -> None:
    """Credentials not used for 90 days are disabled.

    The disclosure of an unused credential often goes unnoticed.

    Only the live account shows when a credential was last used. Disabling a credential takes effect at once.
    """


@control(
    kind="authentication",
    severity="medium",
    fix="Set the password policy of the account (`aws iam update-account-password-policy`: at least 14 "
    "characters of four kinds, 24 remembered, 90 days), and deploy the AWS Config rule IAM_PASSWORD_POLICY.",
    config_rule="IAM_PASSWORD_POLICY",
    config_parameters={
        "RequireUppercaseCharacters": "true",
        "RequireLowercaseCharacters": "true",
        "RequireSymbols": "true",
        "RequireNumbers": "true",
        "MinimumPasswordLength": "14",
        "PasswordReusePrevention": "24",
        "MaxPasswordAge": "90",
    },
    prowler=(
        "iam_password_policy_lowercase",
        "iam_password_policy_minimum_length_14",
        "iam_password_policy_number",
        "iam_password_policy_reuse_24",
        "iam_password_policy_symbol",
        "iam_password_policy_uppercase",
    ),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def iam_account_password_policy_strong_min_reuse_24() -> None:
    """The password policy requires long passwords and prevents reuse.

    Long passwords resist guessing, and reuse prevention keeps a disclosed password from returning.

    The policy applies to the IAM users of the account, not to the root user. CloudFormation has no resource type for
    it; the AWS Config rule checks the live account. A stricter policy applies at the next password change, except a
    maximum age.
    """


@control(
    kind="authentication",
    severity="high",
    fix="Sign in as root, register an MFA device under Security credentials, and deploy the AWS Config rule "
    "ROOT_ACCOUNT_MFA_ENABLED.",
    config_rule="ROOT_ACCOUNT_MFA_ENABLED",
    prowler=("iam_root_mfa_enabled",),
    also_mapped={"Powerpipe": ("CC6.6",)},
)
def iam_root_user_mfa_enabled() -> None:
    """The root user has an MFA device.

    Policies of the account do not limit the root user. Without MFA, its password alone gives access to everything.

    Only the live account shows it. Registering a device interrupts nothing.
    """


@control(
    kind="authentication",
    severity="low",
    severity_reason="Any type of MFA device protects the root user, and iam_root_user_mfa_enabled requires one.",
    fix="Sign in as root, register a security key under Security credentials, and deploy the AWS Config rule "
    "ROOT_ACCOUNT_HARDWARE_MFA_ENABLED.",
    config_rule="ROOT_ACCOUNT_HARDWARE_MFA_ENABLED",
    prowler=("iam_root_hardware_mfa_enabled",),
    also_mapped={"Powerpipe": ("CC6.6",)},
)
def iam_root_user_hardware_mfa_enabled() -> None:
    """The root user has a hardware MFA device.

    A hardware device is harder to copy or to attack remotely than an app on a phone.

    Only the live account shows it. Registering a device interrupts nothing.
    """


@control(
    kind="secrets",
    severity="high",
    fix="Sign in as root, delete its access keys under Security credentials, and deploy the AWS Config rule "
    "IAM_ROOT_ACCESS_KEY_CHECK.",
    config_rule="IAM_ROOT_ACCESS_KEY_CHECK",
    prowler=("iam_no_root_access_key",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.3")},
)
def iam_root_user_no_access_keys() -> None:
    """The root user has no access keys.

    An access key of the root user gives access to everything, without MFA.

    Only the live account shows it. Deleting a key stops every program that uses it.
    """


@control(
    resource_types=ROLE,
    kind="permissions",
    severity="low",
    severity_reason="Sharing with a monitoring account is a common design, and the trust policy of the role "
    "limits the accounts.",
    fix="Remove the `iam.Role` with `role_name` CloudWatch-CrossAccountSharingRole (RoleName).",
    prowler=("cloudwatch_cross_account_sharing_disabled",),
    also_mapped={"Prowler": ("PI1.4",)},
)
def cloudwatch_cross_account_sharing(role: Resource) -> Verdict:
    """CloudWatch data is not shared with other accounts.

    CloudWatch lets other accounts read metrics, logs and dashboards through a role with a fixed name. Logs may contain
    confidential data.

    If a monitoring account is meant to read the data, record that in a waiver. Removing the role ends the sharing at
    once.
    """
    name = role["RoleName"]
    if name.is_absent:
        return passed("RoleName is not set")
    return (~name.equals("CloudWatch-CrossAccountSharingRole")).with_message(
        "the role shares CloudWatch data with other accounts"
    )
