"""AWS CodeBuild."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of
from soc2_constructs.controls import control

PROJECT = "AWS::CodeBuild::Project"
SOURCE_CREDENTIAL = "AWS::CodeBuild::SourceCredential"

_REPOSITORIES = ("BITBUCKET", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED")
_NO_TOKENS = ("OAUTH", "CODECONNECTIONS", "SECRETS_MANAGER")


@control(
    resource_types=PROJECT,
    kind="logging",
    severity="medium",
    fix="Drop `enabled=False` from `logging=codebuild.LoggingOptions(...)` (LogsConfig.CloudWatchLogs.Status or "
    "LogsConfig.S3Logs.Status: ENABLED).",
    config_rule="CODEBUILD_PROJECT_LOGGING_ENABLED",
    prowler=("codebuild_project_logging_enabled",),
    also_mapped={"inferred": ("A1.2",)},
)
def codebuild_project_logging_enabled(project: Resource) -> Verdict:
    """Build projects write logs to CloudWatch or S3.

    What a build did with its permissions is in its log and nowhere else. Where nothing is said CodeBuild logs to
    CloudWatch. The change holds from the next build on.
    """
    logs = project["LogsConfig"]
    return any_of(
        logs["CloudWatchLogs.Status"].default("ENABLED").equals("ENABLED"),
        logs["S3Logs.Status"].equals("ENABLED"),
    )


@control(
    resource_types=PROJECT,
    kind="secrets",
    severity="high",
    fix="Give the project's `role` the permissions; where a build needs foreign keys set "
    "`type=codebuild.BuildEnvironmentVariableType.SECRETS_MANAGER` (Environment.EnvironmentVariables[].Type).",
    config_rule="CODEBUILD_PROJECT_ENVVAR_AWSCRED_CHECK",
    prowler=("codebuild_project_no_secrets_in_variables",),
    also_mapped={"Powerpipe": ("CC7.2", "CC8.1")},
)
def codebuild_project_plaintext_env_variables_no_sensitive_aws_values(project: Resource) -> Verdict:
    """Build variables hold no access keys in plain text.

    Everyone who may look at the project reads its plain variables, and logs repeat them. A secret that the template
    resolves into a plain variable is as plain. The change holds from the next build on; a key that was there is known
    and must be replaced.
    """
    return all_of(
        ~(
            variable["Name"].one_of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
            & variable["Type"].default("PLAINTEXT").equals("PLAINTEXT")
        )
        for variable in project["Environment.EnvironmentVariables"].each()
    ).with_message("a plain variable holds an access key")


@control(
    resource_types=(PROJECT, SOURCE_CREDENTIAL),
    kind="secrets",
    severity="medium",
    fix='Connect by `codebuild.CfnSourceCredential(auth_type="CODECONNECTIONS", token=connection_arn, ...)`, and take '
    "user and token out of the URL (SourceCredential.AuthType, Project.Source.Location, Source.Auth.Type).",
    config_rule="CODEBUILD_PROJECT_SOURCE_REPO_URL_CHECK",
    prowler=("codebuild_project_source_repo_url_no_sensitive_credentials",),
    also_mapped={"Powerpipe": ("CC7.2", "CC8.1")},
)
def codebuild_project_source_repo_oauth_configured(resource: Resource) -> Verdict:
    """Source repositories are reached by OAuth or connections, without personal tokens.

    A personal token has all that its owner may do, and lives on when the owner leaves. A token inside of the URL is
    shown to everyone who may look at the project. A project that says nothing uses the credential of its account, which
    is judged where the assembly makes it; the AWS Config rule looks at the URL alone. The change holds from the next
    build on.
    """
    if resource.type == SOURCE_CREDENTIAL:
        return resource["AuthType"].one_of(*_NO_TOKENS)
    return all_of(
        source["Type"].one_of(*_REPOSITORIES).implies(_needs_no_token(source))
        for source in (resource["Source"], *resource["SecondarySources"].each())
    )


def _needs_no_token(source: Value) -> Verdict:
    url = source["Location"]
    clean = url.is_set().implies(url.satisfies(_names_nobody, "a URL without user and token"))
    by_connection = source["Auth.Type"].default("OAUTH").one_of(*_NO_TOKENS)
    return clean.with_message("Location holds a user or a token") & by_connection


def _names_nobody(url: object) -> bool:
    return "@" not in str(url).partition("://")[2].partition("/")[0]
