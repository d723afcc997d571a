"""AWS Secrets Manager."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, any_of
from soc2_constructs.controls import control

SECRET = "AWS::SecretsManager::Secret"
ROTATION = "AWS::SecretsManager::RotationSchedule"
ATTACHMENT = "AWS::SecretsManager::SecretTargetAttachment"


@control(
    resource_types=SECRET,
    kind="secrets",
    severity="medium",
    fix="For the password of a database call `database.add_rotation_single_user()`, for any other secret "
    '`secret.add_rotation_schedule("Rotation", rotation_lambda=function)` (AWS::SecretsManager::RotationSchedule with '
    "RotationRules and RotationLambdaARN or HostedRotationLambda).",
    config_rule="SECRETSMANAGER_ROTATION_ENABLED_CHECK",
    prowler=("secretsmanager_automatic_rotation_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def secretsmanager_secret_automatic_rotation_enabled(secret: Resource) -> Verdict:
    """Secrets rotate by themselves.

    A secret that leaked is worth something until it is changed; nobody changes secrets by hand for long. A schedule
    needs a function that knows how to change the secret at its other end, and rotates at once when it is deployed:
    clients have to read the secret anew. What a third party issues and cannot renew by an API is a case for a waiver. A
    schedule may name the secret or its attachment to a database.
    """
    attachments = secret.referrers(ATTACHMENT, via="SecretId")
    schedules = [schedule for named in (secret, *attachments) for schedule in named.referrers(ROTATION, via="SecretId")]
    return any_of(_is_scheduled(schedule) & _has_rotator(schedule) for schedule in schedules).with_message(
        "no rotation schedule with rules and a function names the secret"
    )


def _is_scheduled(schedule: Resource) -> Verdict:
    rules = schedule["RotationRules"]
    return any_of(rules["AutomaticallyAfterDays"].is_set(), rules["ScheduleExpression"].is_set())


def _has_rotator(schedule: Resource) -> Verdict:
    return any_of(
        schedule["RotationLambdaARN"].is_set(),
        schedule["HostedRotationLambda"].is_set(),
        # Managed external secrets are rotated by Secrets Manager itself, under this role.
        schedule["ExternalSecretRotationRoleArn"].is_set(),
    )


@control(
    resource_types=ROTATION,
    kind="secrets",
    severity="medium",
    fix="Set `automatically_after=Duration.days(30)` (RotationRules.AutomaticallyAfterDays or ScheduleExpression), and "
    "deploy the AWS Config rule SECRETSMANAGER_SCHEDULED_ROTATION_SUCCESS_CHECK.",
    config_rule="SECRETSMANAGER_SCHEDULED_ROTATION_SUCCESS_CHECK",
    prowler=("secretsmanager_secret_rotated_periodically",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2")},
)
def secretsmanager_secret_rotated_as_scheduled(schedule: Resource) -> Verdict:
    """Rotations have a schedule and happen on it.

    A rotation without a schedule happens when it is deployed, and never again: that is what the CDK writes for
    `automatically_after=Duration.days(0)`. Whether a rotation succeeded is seen in the live account only; a function
    that fails leaves the old secret in force.
    """
    return _is_scheduled(schedule).with_message("RotationRules says neither after how many days nor when")
