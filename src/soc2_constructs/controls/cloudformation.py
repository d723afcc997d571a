"""AWS CloudFormation."""

from __future__ import annotations

from soc2_constructs.aws.secret_formats import secret_format
from soc2_constructs.aws.secrets import ENVIRONMENTS, SCRIPTS, SECRET_PROPERTIES, hides_secret, is_hidden, variables
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, failed, passed, unresolved
from soc2_constructs.cloudformation.gaps import FIX_NESTED
from soc2_constructs.controls import control


@control(
    resource_types=(
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::StackSet",
        "AWS::Serverless::Application",
        "AWS::ServiceCatalog::CloudFormationProduct",
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
    ),
    kind="configuration_detection",
    severity="medium",
    severity_reason="Resources in a template that is not checked have no evidence.",
    fix=FIX_NESTED,
)
def soc2_template_visible(deploying: Resource) -> Verdict:
    """Every template of the assembly can be checked.

    The template of a nested stack, a stack set or a Service Catalog product can be outside the assembly, and a module,
    macro or transform can add or rewrite resources during deployment. These resources are not checked. This control
    reports them instead of omitting them.

    The transforms for hosted secret rotation and AWS::LanguageExtensions pass. Nothing changes for deployed resources.
    """
    gap = deploying.gap
    if gap is None:
        return passed("its template is part of the assembly")
    return unresolved("{}", gap.reason).with_fix(gap.fix)


@control(
    resource_types=tuple(SECRET_PROPERTIES),
    kind="secrets",
    severity="high",
    severity_reason="Everyone who can read the template or describe the stack can read the secret.",
    fix='Set `cdk.SecretValue.secrets_manager("name")`, a managed password, or the credentials of a generated secret '
    "(a dynamic reference such as {{resolve:secretsmanager:name}}, ManageMasterUserPassword: true, or a parameter with "
    "NoEcho: true and without Default).",
)
def cloudformation_property_no_plaintext_secret(resource: Resource) -> Verdict:
    """Passwords and keys of resources are not part of the template.

    A template is stored in repositories, build logs and buckets, and CloudFormation shows it and the values of its
    parameters to everyone who can describe the stack. Dynamic references, managed passwords and generated secrets
    pass. No report contains the value.

    The change does not replace the resource. Replace the exposed secret.
    """
    return all_of(
        passed("no secret is part of the template"),
        (is_hidden(value) for path in SECRET_PROPERTIES[resource.type] for value in resource.values(path)),
    )


@control(
    resource_types=tuple(ENVIRONMENTS),
    kind="secrets",
    severity="high",
    severity_reason="Everyone who can read the template or describe the resource can read the secret.",
    fix="Pass the ARN of the secret and read it in the code, or set `secrets={...}` of a container "
    "(ContainerDefinitions[].Secrets; Environment without the secret).",
    config_rule="ECS_NO_ENVIRONMENT_SECRETS",
    prowler=("awslambda_function_no_secrets_in_variables", "ecs_task_definitions_no_environment_secrets"),
)
def cloudformation_environment_no_plaintext_secret(resource: Resource) -> Verdict:
    """Environment variables contain no plaintext secrets.

    Consoles and APIs show environment variables, and they end up in logs and crash reports. A variable counts as a
    secret by its name, such as `DB_PASSWORD`, or by the format of its value, such as an access key. The names and ARNs
    of secrets pass, and so do examples of documentation such as AKIAIOSFODNN7EXAMPLE. No report contains the value.

    The change deploys a new version of the function or task. Replace the exposed secret.
    """
    return all_of(
        passed("no environment variable is a plaintext secret"),
        (hides_secret(name, value) for name, value in variables(resource)),
    )


@control(
    resource_types=(*SCRIPTS, "AWS::AutoScaling::AutoScalingGroup"),
    kind="secrets",
    severity="high",
    severity_reason="Everyone who can read the template or describe the resource can read the secret.",
    fix="Read the secret at run time, with `aws secretsmanager get-secret-value` and `secret.grant_read(role)` "
    "(UserData, AWS::CloudFormation::Init and Parameter.Value without the secret).",
    prowler=(
        "ec2_instance_secrets_user_data",
        "ec2_launch_template_no_secrets",
        "awslambda_function_no_secrets_in_code",
    ),
)
def cloudformation_script_no_plaintext_secret(resource: Resource) -> Verdict:
    """Scripts, inline code and parameters contain no secrets in a known format.

    Instances serve their user data to every process, and SSM shows parameters of type String to everyone who can read
    them. Access keys, tokens of well-known services, private keys, JSON Web Tokens, and passwords in URLs are found by
    their format. Examples of documentation pass. No report contains the value.

    A change of user data can replace or restart the instance. Replace the exposed secret.
    """
    values = [(path, resource[path]) for path in SCRIPTS.get(resource.type, ())]
    sources = [(path, (*resource.texts(path.partition(".")[0]), *_default(value))) for path, value in values]
    if resource.type in _INITIALIZED:
        sources.append(("Metadata", tuple(resource.texts("Metadata", attribute=True))))
    unread = [value for (_, value), (_, texts) in zip(values, sources, strict=False) if not texts]
    return all_of(
        passed("no text has the format of a secret"),
        (_has_no_secret(path, text) for path, texts in sources for text in texts),
        (unresolved("{} is known only at deployment", value, path=value.path) for value in unread if value.unresolved),
    )


#: Resource types whose metadata AWS::CloudFormation::Init a script reads.
_INITIALIZED = (
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::EC2::Instance",
    "AWS::EC2::LaunchTemplate",
)


def _default(value: Value) -> tuple[str, ...]:
    """The text that comes from the default of a parameter, or from a mapping."""
    return (value.node,) if type(value.node) is str else ()


def _has_no_secret(path: str, text: str) -> Verdict:
    name = secret_format(text) or secret_format(_decoded(text))
    if name is None:
        return passed("{} contains no secret", path)
    return failed("{} contains {}", path, name, path=tuple(path.split(".")))


def _decoded(text: str) -> str:
    """The text of user data that is already Base64; empty for any other text."""
    import base64

    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""
