"""Amazon Cognito: user pools and identity pools."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

USER_POOL = "AWS::Cognito::UserPool"
IDENTITY_POOL = "AWS::Cognito::IdentityPool"


@control(
    resource_types=USER_POOL,
    kind="authentication",
    severity="medium",
    severity_reason="Whether every user needs a second factor depends on the application.",
    fix="Set `mfa=cognito.Mfa.REQUIRED` or `cognito.Mfa.OPTIONAL` (MfaConfiguration: ON or OPTIONAL).",
    config_rule="COGNITO_USER_POOL_MFA_ENABLED",
    prowler=("cognito_user_pool_mfa_enabled",),
)
def cognito_user_pool_mfa_enabled(pool: Resource) -> Verdict:
    """User pools with passwords offer multi-factor authentication.

    A stolen or guessed password alone then does not give access. `OPTIONAL` passes, because each user or the
    application can require the second factor; the AWS Config rule requires it for all users. Pools without passwords,
    whose users sign in with passkeys or one-time codes, pass.

    Nothing is replaced. With `ON`, users without a second factor must register one at their next sign-in.
    """
    factors = pool["Policies.SignInPolicy.AllowedFirstAuthFactors"].default(["PASSWORD"])
    return factors.includes("PASSWORD").implies(pool["MfaConfiguration"].default("OFF").one_of("ON", "OPTIONAL"))


@control(
    resource_types=USER_POOL,
    kind="authentication",
    severity="medium",
    severity_reason="Cognito also locks out addresses that guess passwords.",
    fix="Remove `min_length`, or set `password_policy=cognito.PasswordPolicy(min_length=8)` or more "
    "(Policies.PasswordPolicy.MinimumLength: 8 or more).",
    config_rule="COGNITO_USER_POOL_PASSWORD_POLICY_CHECK",
    config_parameters={"minLength": "8"},
    prowler=("cognito_user_pool_password_policy_minimum_length_14",),
)
def cognito_user_pool_password_min_length(pool: Resource, *, user_password_length: int = 8) -> Verdict:
    """User pools require passwords of 8 characters or more.

    Short passwords can be guessed. The minimum of NIST SP 800-63B is 8 characters, which is also the default of
    Cognito; Prowler requires 14.

    The change applies to new passwords. Existing passwords stay valid.
    """
    return pool["Policies.PasswordPolicy.MinimumLength"].default(8).at_least(user_password_length)


@control(
    resource_types=USER_POOL,
    kind="threat_detection",
    severity="low",
    severity_reason="Threat protection requires the Plus plan, and adds to MFA and password policies.",
    fix="Set `feature_plan=cognito.FeaturePlan.PLUS` and "
    "`standard_threat_protection_mode=cognito.StandardThreatProtectionMode.FULL_FUNCTION` "
    "(UserPoolAddOns.AdvancedSecurityMode: ENFORCED).",
    config_rule="COGNITO_USER_POOL_ADVANCED_SECURITY_ENABLED",
    prowler=("cognito_user_pool_advanced_security_enabled",),
)
def cognito_user_pool_threat_protection_enabled(pool: Resource) -> Verdict:
    """User pools block compromised credentials and risky sign-ins.

    Threat protection compares passwords with known leaks, and sign-ins with the earlier ones of the user. `AUDIT` only
    records the risks.

    Nothing is interrupted, but a risky sign-in is then blocked or needs a second factor. Cognito charges for each
    active user.
    """
    return pool["UserPoolAddOns.AdvancedSecurityMode"].default("OFF").equals("ENFORCED")


@control(
    resource_types=IDENTITY_POOL,
    kind="authentication",
    severity="medium",
    severity_reason="The role for guests limits what anyone can do with the credentials.",
    fix="Set `allow_unauthenticated_identities=False` (AllowUnauthenticatedIdentities: false).",
    config_rule="COGNITO_IDENTITY_POOL_UNAUTH_ACCESS_CHECK",
    prowler=("cognito_identity_pool_guest_access_disabled",),
)
def cognito_identity_pool_guest_access_disabled(pool: Resource) -> Verdict:
    """Identity pools give no AWS credentials to guests.

    With unauthenticated identities, anyone who knows the id of the pool gets temporary AWS credentials. The id is part
    of every web client. Waive the control where guests need access, and keep their role minimal.

    Guests lose access at once. Nothing is replaced.
    """
    return pool["AllowUnauthenticatedIdentities"].equals(False)
