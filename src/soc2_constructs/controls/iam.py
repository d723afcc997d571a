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
    SERVERLESS,
    USER,
    USER_POLICY,
    attaches_none,
    grants,
    is_attached,
    is_boundary,
    is_denied,
    is_limited,
    no_grant,
    serverless_policies,
)
from soc2_constructs.aws.iam_escalation import GRANTING, opens_no_way
from soc2_constructs.aws.policies import Statement
from soc2_constructs.cloudformation import Resource, Verdict, all_of, any_of, failed, passed
from soc2_constructs.controls import control

ACCESS_KEY = "AWS::IAM::AccessKey"
MEMBERSHIP = "AWS::IAM::UserToGroupAddition"

#: What silences a trail, or takes from it what it records.
_SILENCING = (
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
)
#: Condition keys that limit a subscription to named products, or to those that a service subscribes to by itself.
_NAMING_PRODUCTS = ("aws-marketplace:productid", "aws:calledvia")


@control(
    resource_types=HOLDERS,
    kind="permissions",
    severity="high",
    fix="Name `actions` and `resources` of `iam.PolicyStatement`, and attach no AdministratorAccess "
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
    """No policy allows everything on everything.

    Whoever takes over such a principal owns the account. A NotAction that leaves in the right to change policies counts
    as everything: the rest is one call away. Conditions change nothing, for an administrator with a second factor is
    still one. A managed policy that serves as a permissions boundary and is attached to nobody passes: it grants
    nothing. To narrow a policy replaces nothing; what was allowed and is used stops working at once, so look at the
    service's last accessed information first.
    """
    return all_of(
        no_grant(holder, _gives_everything, "a statement allows every action on every resource"),
        attaches_none(holder, "AdministratorAccess"),
    )


def _gives_everything(statement: Statement) -> Verdict:
    if "NotAction" in statement.body:
        actions = any_of(statement.covers_action(action) for action in GRANTING)
    else:
        actions = statement.covers_action("*:*")
    return actions & statement.covers_every_resource()


@control(
    resource_types=HOLDERS,
    kind="permissions",
    severity="high",
    fix="Name the `resources` of `iam.PolicyStatement` that may be changed or passed, such as `[role.role_arn]` for "
    'iam:PassRole, or set `conditions={"StringEquals": {"iam:PermissionsBoundary": boundary.managed_policy_arn}}` '
    "(PolicyDocument.Statement[].Resource and Condition).",
    prowler=("iam_inline_policy_allows_privilege_escalation", "iam_policy_allows_privilege_escalation"),
    also_mapped={"Prowler": ("CC3.3",)},
)
def iam_inline_policy_allows_privilege_escalation(holder: Resource) -> Verdict:
    """No policy lets its holder gain rights that it was not given.

    Some rights are as good as all: to attach a policy to any role, to pass any role to a function that one writes. The
    known ways are judged as sets of actions, over all policies of a role, user or group together; a way counts where
    all of its actions are allowed on resources that the policy does not name. What closes a way passes: a statement
    that denies it, a condition on tags, on the service that roles are passed to or on the permissions boundary of who
    gets the rights, a permissions boundary of the holder itself. Managed policies are judged like inline ones. To name
    resources interrupts nothing but the use of others.
    """
    return opens_no_way(holder)


@control(
    resource_types=HOLDERS,
    kind="permissions",
    severity="medium",
    fix="Name the `actions` of `iam.PolicyStatement` instead of cloudtrail:*, and attach no AWSCloudTrail_FullAccess "
    "(PolicyDocument.Statement[].Action, ManagedPolicyArns).",
    prowler=("iam_inline_policy_no_full_access_to_cloudtrail", "iam_policy_no_full_access_to_cloudtrail"),
    also_mapped={"Prowler": ("CC3.3",)},
)
def iam_policy_no_full_access_to_cloudtrail(holder: Resource) -> Verdict:
    """No policy allows all of CloudTrail.

    Who may do everything with trails may stop them first and do the rest unseen. Reading needs the actions Get,
    Describe, List and Lookup only. A policy that also denies what silences a trail passes.
    """
    return (~is_denied(grants(holder), *_SILENCING)).implies(
        all_of(
            no_grant(holder, _gives_cloudtrail, "a statement allows every action of CloudTrail"),
            attaches_none(holder, "AWSCloudTrail_FullAccess"),
        )
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
    "`iam.PolicyStatement`, or leave aws-marketplace:Subscribe out (PolicyDocument.Statement[].Condition).",
    prowler=("iam_inline_policy_no_wildcard_marketplace_subscribe", "iam_policy_no_wildcard_marketplace_subscribe"),
    also_mapped={"Prowler": ("CC6.3",)},
)
def iam_policy_no_wildcard_marketplace_subscribe(holder: Resource) -> Verdict:
    """No policy allows subscribing to any product of AWS Marketplace.

    A subscription binds the company to a price and to a vendor that nobody has looked at. The action knows no
    resources, so only a condition can name the products; a condition by which a service such as Amazon Bedrock
    subscribes by itself passes as well. Subscriptions that exist stay.
    """
    action = "aws-marketplace:Subscribe"
    return (~is_denied(grants(holder), action)).implies(
        all_of(
            no_grant(holder, _subscribes, "a statement allows subscribing to any product of AWS Marketplace"),
            attaches_none(holder, "AWSMarketplaceFullAccess"),
            attaches_none(holder, "AWSMarketplaceManageSubscriptions"),
        )
    )


def _subscribes(statement: Statement) -> Verdict:
    if is_limited(statement, _NAMING_PRODUCTS):
        return failed("the statement is limited to some products")
    return statement.covers_action("aws-marketplace:Subscribe") & statement.covers_every_resource()


@control(
    resource_types=(*PRINCIPALS, *INLINE_POLICIES),
    kind="permissions",
    severity="low",
    fix="Put the statements into an `iam.ManagedPolicy` (AWS::IAM::ManagedPolicy instead of Policies and "
    "AWS::IAM::Policy).",
    config_rule="IAM_NO_INLINE_POLICY_CHECK",
    also_mapped={"Powerpipe": ("CC1.3", "CC6.1", "CC6.2", "CC6.3")},
)
def iam_group_user_role_no_inline_policies(holder: Resource) -> Verdict:
    """Roles, users and groups have managed policies only.

    A managed policy has versions, can be attached to several roles and is found in one list; an inline policy is seen
    only by who looks at its role. Whatever the CDK grants becomes an inline policy, which serves one role and dies with
    it: that is why this is shown and fails no synth. To change the kind of a policy interrupts its use for a moment
    unless the new one is attached first.
    """
    if holder.type in INLINE_POLICIES:
        return failed("the policy is an inline policy")
    if holder.type in SERVERLESS:
        # What is not known can only be a name or an ARN: documents and templates are objects.
        inline = any(type(entry.node) is dict for entry in serverless_policies(holder))
        return failed("Policies holds a document or template") if inline else passed("Policies names policies only")
    return (~holder["Policies"].is_set()).with_message("Policies holds inline policies")


@control(
    resource_types=MANAGED_POLICY,
    kind="permissions",
    severity="low",
    fix="Add the policy to a role or group: `role.add_managed_policy(policy)` (Roles, Groups, or ManagedPolicyArns of "
    "the role or group).",
    also_mapped={"Powerpipe": ("CC1.3", "CC6.3")},
)
def iam_custom_managed_policy_attached_to_role(policy: Resource) -> Verdict:
    """Managed policies are attached to a role or group.

    Rights belong to what people do, and so to roles and groups; a policy that only users have is granted person by
    person. A policy that is the permissions boundary of somebody passes, for that is its use.
    """
    return _in_use(policy) | is_attached(policy, to=(ROLE, GROUP))


@control(
    resource_types=MANAGED_POLICY,
    kind="permissions",
    severity="low",
    fix="Remove the `iam.ManagedPolicy`, or attach it: `role.add_managed_policy(policy)` (Roles, Groups, Users, or "
    "ManagedPolicyArns of those).",
    also_mapped={"Powerpipe": ("CC1.3",)},
)
def iam_custom_policy_unused(policy: Resource) -> Verdict:
    """Managed policies are in use.

    What nobody uses nobody reviews, until somebody attaches it. A policy counts as used where a role, group, user or
    permission set of what is deployed has it, or has it as permissions boundary.
    """
    return _in_use(policy) | is_attached(policy)


def _in_use(policy: Resource) -> Verdict:
    if is_boundary(policy):
        return passed("it is a permissions boundary")
    return failed("nothing is attached to the policy")


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

    A group without members is a set of rights that waits for somebody. Members who join by another way than a template
    are seen in the live account only.
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

    Who changes jobs changes groups: rights that come from groups go with them. To join or leave a group takes effect
    at once and replaces nothing.
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
    """Users get their rights from groups and roles.

    Rights that hang on one person are forgotten when that person's task changes. Each resource answers for what it
    attaches: a user for its own policies, a policy for the users that it names, which is what `grant` of the CDK writes
    for a user. A permissions boundary only takes away, and passes. Nothing is replaced when the policy moves to a
    group; attach it there before it goes here.
    """
    if holder.type == USER_POLICY:
        return failed("the policy is attached to a user")
    if holder.type != USER:
        return (~holder["Users"].is_set()).with_message("the policy is attached to users")
    return all_of(
        (~holder["Policies"].is_set()).with_message("Policies are attached to the user"),
        (~holder["ManagedPolicyArns"].is_set()).with_message("ManagedPolicyArns are attached to the user"),
    )


@control(
    resource_types=ACCESS_KEY,
    kind="credential_lifecycle",
    severity="medium",
    fix="Replace the `iam.AccessKey` by a role that is assumed (no AWS::IAM::AccessKey with Status: Active), and "
    "deploy the AWS Config rule ACCESS_KEYS_ROTATED.",
    config_rule="ACCESS_KEYS_ROTATED",
    config_parameters={"maxAccessKeyAge": "90"},
    prowler=("iam_rotate_access_key_90_days",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2")},
)
def iam_user_access_key_age_90(key: Resource) -> Verdict:
    """Access keys are younger than 90 days.

    CloudFormation makes an access key once and keeps it until somebody raises its Serial: a key in a template grows old
    by design, and its secret is an attribute that others can read. Roles hand out keys that live for hours. An inactive
    key opens nothing and passes. The age of keys that were made otherwise is seen in the live account only.
    """
    return (
        key["Status"]
        .default("Active")
        .equals("Inactive")
        .with_message("the stack makes an access key that never expires")
    )


@control(
    resource_types=USER,
    kind="authentication",
    severity="medium",
    fix="Leave out `password` (LoginProfile), let people sign in through IAM Identity Center, and deploy the AWS "
    "Config rule MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS.",
    config_rule="MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS",
    prowler=("iam_user_mfa_enabled_console_access",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC3.2", "CC6.6")},
)
def iam_user_console_access_mfa_enabled(user: Resource) -> Verdict:
    """Who signs in to the console does so with a second factor.

    A stack can give a user a password and cannot give the second factor with it: from the first day that password alone
    opens the console. Users without a password pass. To take the LoginProfile away signs nobody out, and lets nobody
    sign in again.
    """
    return (~user["LoginProfile"].is_set()).with_message(
        "the stack gives the user a password, and no second factor with it"
    )


@control(
    kind="authentication",
    severity="medium",
    fix="Enrol a device for each user that signs in (`aws iam enable-mfa-device`), or move people to IAM Identity "
    "Center, and deploy the AWS Config rule IAM_USER_MFA_ENABLED.",
    config_rule="IAM_USER_MFA_ENABLED",
    prowler=("iam_user_hardware_mfa_enabled",),
    also_mapped={"Powerpipe": ("CC6.6",)},
)
def iam_user_mfa_enabled() -> None:
    """Every user has a second factor.

    A device is enrolled with codes that it shows at that moment, so no template can do it: the AWS Config rule sees who
    has none.
    """


@control(
    kind="credential_lifecycle",
    severity="medium",
    fix="Disable keys and passwords that nobody uses (`aws iam get-credential-report` lists them), and deploy the AWS "
    "Config rule IAM_USER_UNUSED_CREDENTIALS_CHECK.",
    config_rule="IAM_USER_UNUSED_CREDENTIALS_CHECK",
    config_parameters={"maxCredentialUsageAge": "90"},
    prowler=("iam_user_accesskey_unused", "iam_user_console_access_unused"),
    also_mapped={"Powerpipe": ("CC1.3", "CC6.1", "CC6.2", "CC6.3")},
)
def iam_user_unused_credentials_90() -> None:
    """Credentials that were not used for 90 days are disabled.

    Nobody notices when a forgotten key is taken. When a key was last used is seen in the live account only.
    """


@control(
    kind="authentication",
    severity="medium",
    fix="Set the account's password policy (`aws iam update-account-password-policy`: at least 14 characters of four "
    "kinds, 24 remembered, 90 days), and deploy the AWS Config rule IAM_PASSWORD_POLICY.",
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
    """The account's password policy asks for long passwords and remembers 24 of them.

    It holds for the users of the account, and not for its root user. No CloudFormation type exists for it: the AWS
    Config rule sees it in the live account. A stricter policy asks nobody for a new password before the next change,
    unless a maximum age makes theirs too old.
    """


@control(
    kind="authentication",
    severity="high",
    fix="Sign in as root, enrol a second factor under Security credentials, and deploy the AWS Config rule "
    "ROOT_ACCOUNT_MFA_ENABLED.",
    config_rule="ROOT_ACCOUNT_MFA_ENABLED",
    prowler=("iam_root_mfa_enabled",),
    also_mapped={"Powerpipe": ("CC6.6",)},
)
def iam_root_user_mfa_enabled() -> None:
    """The root user has a second factor.

    No policy limits the root user: its password alone must open nothing. Seen in the live account only.
    """


@control(
    kind="authentication",
    severity="medium",
    fix="Sign in as root, enrol a security key under Security credentials, and deploy the AWS Config rule "
    "ROOT_ACCOUNT_HARDWARE_MFA_ENABLED.",
    config_rule="ROOT_ACCOUNT_HARDWARE_MFA_ENABLED",
    prowler=("iam_root_hardware_mfa_enabled",),
    also_mapped={"Powerpipe": ("CC6.6",)},
)
def iam_root_user_hardware_mfa_enabled() -> None:
    """The root user's second factor is a device of its own.

    A telephone is lost, shared and attacked more often than a key in a safe. Seen in the live account only.
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

    An access key of the root user opens everything, without a second factor. Seen in the live account only.
    """


@control(
    resource_types=ROLE,
    kind="public_data",
    severity="low",
    fix="Remove the `iam.Role` with `role_name` CloudWatch-CrossAccountSharingRole (RoleName).",
    prowler=("cloudwatch_cross_account_sharing_disabled",),
    also_mapped={"Prowler": ("PI1.4",)},
)
def cloudwatch_cross_account_sharing(role: Resource) -> Verdict:
    """CloudWatch data is not shared with other accounts.

    CloudWatch lets another account read metrics, logs and dashboards through a role of one certain name. Logs hold what
    applications write. Where a monitoring account of your own is meant to read them, waive this and say so: that is why
    it is shown and fails no synth.
    """
    return (~role["RoleName"].equals("CloudWatch-CrossAccountSharingRole")).with_message(
        "the role shares the account's CloudWatch data"
    )
