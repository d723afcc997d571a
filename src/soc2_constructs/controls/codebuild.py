"""AWS CodeBuild."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, failed, passed, unresolved
from soc2_constructs.cloudformation.values import Text, text_with
from soc2_constructs.controls import control

PROJECT = "AWS::CodeBuild::Project"
SOURCE_CREDENTIAL = "AWS::CodeBuild::SourceCredential"

_REPOSITORIES = ("BITBUCKET", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED")
_TOKENLESS = ("OAUTH", "CODECONNECTIONS", "SECRETS_MANAGER")
REPORT_GROUP = "AWS::CodeBuild::ReportGroup"
#: Tools that build or run container images, and so need privileged mode.
_IMAGE_TOOLS = ("buildah", "cdk", "docker", "earthly", "finch", "nerdctl", "podman", "sam build", "testcontainers")


@control(
    resource_types=PROJECT,
    kind="permissions",
    severity="low",
    severity_reason="Every build runs on a host of its own.",
    fix="Remove `privileged=True` from `codebuild.BuildEnvironment(...)` (Environment.PrivilegedMode: false).",
    config_rule="CODEBUILD_PROJECT_ENVIRONMENT_PRIVILEGED_CHECK",
)
def codebuild_project_not_privileged(project: Resource) -> Verdict:
    """Only projects that build container images run in privileged mode.

    A privileged build controls its build host.

    Building images requires the mode. A project passes if its inline build specification calls a tool that builds
    images. If the specification is in the repository, the template does not show it. The change applies from the next
    build.
    """
    privileged = project["Environment.PrivilegedMode"].default(False).equals(True)
    return privileged.implies(_builds_images(project["Source.BuildSpec"]))


def _builds_images(specification: Value) -> Verdict:
    if type(specification.node) not in (str, Text):
        return unresolved("the build specification is not part of the template", path=specification.path)
    text = text_with(specification.node, "").strip().lower()
    if any(tool in text for tool in _IMAGE_TOOLS):
        return passed("the build specification calls a tool that builds images")
    if "\n" not in text:
        return unresolved("the build specification is a file in the repository", path=specification.path)
    return failed("PrivilegedMode is true, and the build specification builds no images", path=specification.path)


@control(
    resource_types=(PROJECT, REPORT_GROUP),
    kind="encryption_at_rest",
    severity="low",
    severity_reason="S3 encrypts every new object in any case.",
    fix="Remove `encryption=False` from artifacts and `encryption_disabled=True` from logs and reports of the project "
    "(Artifacts.EncryptionDisabled, LogsConfig.S3Logs.EncryptionDisabled, "
    "ExportConfig.S3Destination.EncryptionDisabled: false).",
    config_rule=("CODEBUILD_PROJECT_ARTIFACT_ENCRYPTION", "CODEBUILD_PROJECT_S3_LOGS_ENCRYPTED"),
    prowler=("codebuild_project_s3_logs_encrypted", "codebuild_report_group_export_encrypted"),
)
def codebuild_project_output_encrypted(resource: Resource) -> Verdict:
    """CodeBuild encrypts artifacts, logs and reports that it writes to S3.

    Artifacts contain source code and configuration.

    Encryption with the key of the project is the default. The change applies from the next build.
    """
    if resource.type == REPORT_GROUP:
        outputs = [resource["ExportConfig.S3Destination"]]
    else:
        artifacts = [resource["Artifacts"], *resource["SecondaryArtifacts"].each()]
        outputs = [resource["LogsConfig.S3Logs"], *artifacts]
    return all_of(output["EncryptionDisabled"].default(False).equals(False) for output in outputs)


@control(
    resource_types=PROJECT,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Remove `enabled=False` from `logging=codebuild.LoggingOptions(...)` (LogsConfig.CloudWatchLogs.Status or "
    "LogsConfig.S3Logs.Status: ENABLED).",
    config_rule="CODEBUILD_PROJECT_LOGGING_ENABLED",
    prowler=("codebuild_project_logging_enabled",),
    also_mapped={"inferred": ("A1.2",)},
)
def codebuild_project_logging_enabled(project: Resource) -> Verdict:
    """Build projects write logs to CloudWatch or S3.

    Build logs are the only record of the commands that ran with the permissions of the project. CodeBuild logs to
    CloudWatch by default.

    The change applies from the next build. Storage of the logs is charged.
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
    severity_reason="The keys give access to the account to every principal that can view the project.",
    fix="Remove the variables and grant the permissions to `role`. For keys of another account set "
    "`type=codebuild.BuildEnvironmentVariableType.SECRETS_MANAGER` (Environment.EnvironmentVariables[].Type: "
    "SECRETS_MANAGER).",
    config_rule="CODEBUILD_PROJECT_ENVVAR_AWSCRED_CHECK",
    prowler=("codebuild_project_no_secrets_in_variables",),
    also_mapped={"Powerpipe": ("CC7.2", "CC8.1")},
)
def codebuild_project_plaintext_env_variables_no_sensitive_aws_values(project: Resource) -> Verdict:
    """Build environment variables contain no plaintext access keys.

    Every principal that can view the project can read its plaintext variables, and build logs can contain them. This
    includes secrets that the template resolves into a plaintext variable.

    The change applies from the next build. Replace the exposed keys.
    """
    is_clean = all_of(
        ~(
            variable["Name"].one_of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
            & variable["Type"].default("PLAINTEXT").equals("PLAINTEXT")
        )
        for variable in project["Environment.EnvironmentVariables"].each()
    )
    names = "AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY"
    return is_clean.with_message(f"a variable of Type PLAINTEXT is named {names}").with_pass_message(
        "no variable of Type PLAINTEXT is named {}", names
    )


@control(
    resource_types=(PROJECT, SOURCE_CREDENTIAL),
    kind="secrets",
    severity="high",
    severity_reason="A token in the URL gives access to the repository to every principal that can view the project.",
    fix='Add `codebuild.CfnSourceCredential(self, "Source", auth_type="CODECONNECTIONS", server_type="GITHUB", '
    "token=connection_arn)`, and remove the user name and token from the URL (SourceCredential.AuthType, "
    "Project.Source.Location, Source.Auth.Type).",
    config_rule="CODEBUILD_PROJECT_SOURCE_REPO_URL_CHECK",
    prowler=("codebuild_project_source_repo_url_no_sensitive_credentials",),
    also_mapped={"Powerpipe": ("CC7.2", "CC8.1")},
)
def codebuild_project_source_repo_oauth_configured(resource: Resource) -> Verdict:
    """Projects access source repositories through OAuth or connections.

    A personal access token has all permissions of its owner, and stays valid after the owner leaves. A token in the URL
    is visible to every principal that can view the project. The AWS Config rule checks only the URL.

    The change applies from the next build. Revoke the exposed tokens.
    """
    if resource.type == SOURCE_CREDENTIAL:
        return resource["AuthType"].one_of(*_TOKENLESS)
    return all_of(
        source["Type"].one_of(*_REPOSITORIES).implies(_has_no_token(source))
        for source in (resource["Source"], *resource["SecondarySources"].each())
    )


def _has_no_token(source: Value) -> Verdict:
    url = source["Location"]
    # The value itself is kept out of the message, because it contains the token.
    has_clean_url = url.is_set().implies(url.satisfies(_has_no_user, "a URL without a user name and token"))
    # Without Auth the project uses the source credential of its account.
    has_tokenless_auth = source["Auth.Type"].default("OAUTH").one_of(*_TOKENLESS)
    return has_clean_url.with_message("Location contains a user name or a token") & has_tokenless_auth


def _has_no_user(url: object) -> bool:
    return "@" not in str(url).partition("://")[2].partition("/")[0]
