"""AWS Secrets Manager."""

from __future__ import annotations

from soc2_constructs.aws.policies import statements_of
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.cloudformation import Resource, Verdict, any_of
from soc2_constructs.controls import control

SECRET = "AWS::SecretsManager::Secret"
ROTATION = "AWS::SecretsManager::RotationSchedule"
ATTACHMENT = "AWS::SecretsManager::SecretTargetAttachment"
POLICY = "AWS::SecretsManager::ResourcePolicy"


@control(
    resource_types=POLICY,
    kind="public_data",
    severity="high",
    fix="Set the account or service in `principals` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": organization}}` '
    "(ResourcePolicy.ResourcePolicy).",
    prowler=("secretsmanager_not_publicly_accessible",),
)
def secretsmanager_secret_not_publicly_accessible(policy: Resource) -> Verdict:
    """Secret policies do not allow public access.

    Everyone could read a public secret.

    Fixed values of an account, an organization, a network or a source narrow a statement for everyone. The
    change takes effect at once.
    """
    return no_public_grant(statements_of(policy, "ResourcePolicy"), "secretsmanager")


@control(
    resource_types=SECRET,
    kind="secrets",
    severity="medium",
    fix="For the password of a database call `database.add_rotation_single_user()`. For the master user of an "
    "OpenSearch domain, set `master_user_arn=role.role_arn` in `fine_grained_access_control` instead of a "
    "password, so that there is no secret. For any other secret call "
    '`secret.add_rotation_schedule("Rotation", rotation_lambda=function)` '
    "(AWS::SecretsManager::RotationSchedule with RotationRules and RotationLambdaARN or "
    "HostedRotationLambda).",
    config_rule="SECRETSMANAGER_ROTATION_ENABLED_CHECK",
    prowler=("secretsmanager_automatic_rotation_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def secretsmanager_secret_automatic_rotation_enabled(secret: Resource) -> Verdict:
    """Secrets are rotated automatically.

    A disclosed secret is valid until it is changed. Manual rotation is often forgotten.

    A schedule needs a function that changes the secret in the target system. The first rotation starts when the
    schedule is deployed, so clients must read the secret again. Waive secrets that a third party issues without an API.
    A schedule can name the secret or its attachment to a database.
    """
    attachments = secret.referrers(ATTACHMENT, via="SecretId")
    schedules = [schedule for named in (secret, *attachments) for schedule in named.referrers(ROTATION, via="SecretId")]
    return any_of(_is_scheduled(schedule) & _has_rotator(schedule) for schedule in schedules).with_message(
        "no RotationSchedule with RotationRules and a function names the secret"
    )


def _is_scheduled(schedule: Resource) -> Verdict:
    rules = schedule["RotationRules"]
    return any_of(rules["AutomaticallyAfterDays"].is_set(), rules["ScheduleExpression"].is_set())


def _has_rotator(schedule: Resource) -> Verdict:
    return any_of(
        schedule["RotationLambdaARN"].is_set(),
        schedule["HostedRotationLambda"].is_set(),
        # Secrets Manager rotates managed external secrets itself, with this role.
        schedule["ExternalSecretRotationRoleArn"].is_set(),
    )


@control(
    resource_types=ROTATION,
    kind="secrets",
    severity="medium",
    fix="Set `automatically_after=Duration.days(30)` (RotationRules.AutomaticallyAfterDays or "
    "ScheduleExpression), and deploy the AWS Config rule SECRETSMANAGER_SCHEDULED_ROTATION_SUCCESS_CHECK.",
    config_rule="SECRETSMANAGER_SCHEDULED_ROTATION_SUCCESS_CHECK",
    prowler=("secretsmanager_secret_rotated_periodically",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2")},
)
def secretsmanager_secret_rotated_as_scheduled(schedule: Resource) -> Verdict:
    """Rotation schedules have an interval, and rotations succeed.

    A schedule without an interval rotates the secret once, when it is deployed. The CDK writes such a schedule for
    `Duration.days(0)`.

    Only the live account shows whether a rotation succeeded. If the function fails, the previous secret stays valid.
    """
    return _is_scheduled(schedule).with_message(
        "RotationRules sets neither AutomaticallyAfterDays nor ScheduleExpression"
    )
