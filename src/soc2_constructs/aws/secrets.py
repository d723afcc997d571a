"""Secrets in templates: the properties that take a secret, and whether a value exposes one.

Anyone who can read a template or describe a stack can read a literal, the default of a parameter, and the value of a
parameter without NoEcho. Source: "Do not embed credentials in your templates", AWS CloudFormation User Guide.

No message contains a value.
"""

from __future__ import annotations

from soc2_constructs.aws.secret_formats import secret_format
from soc2_constructs.cloudformation import (
    Reference,
    Resource,
    Text,
    Unresolved,
    Value,
    Verdict,
    failed,
    passed,
    unresolved,
)
from soc2_constructs.cloudformation.secret_names import is_secret_name
from soc2_constructs.cloudformation.values import as_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Properties whose value is a secret, by resource type.
SECRET_PROPERTIES = {
    "AWS::AmazonMQ::Broker": ("Users[].Password", "LdapServerMetadata.ServiceAccountPassword"),
    "AWS::Amplify::App": ("AccessToken", "OauthToken", "BasicAuthConfig.Password"),
    "AWS::Amplify::Branch": ("BasicAuthConfig.Password",),
    "AWS::ApiGateway::ApiKey": ("Value",),
    "AWS::CodeBuild::SourceCredential": ("Token",),
    "AWS::CodePipeline::Pipeline": ("Stages[].Actions[].Configuration.OAuthToken",),
    "AWS::CodePipeline::Webhook": ("AuthenticationConfiguration.SecretToken",),
    "AWS::Cognito::UserPoolIdentityProvider": ("ProviderDetails.client_secret",),
    "AWS::DMS::Endpoint": (
        "Password",
        "KafkaSettings.SaslPassword",
        "MongoDbSettings.Password",
        "OracleSettings.AsmPassword",
        "RedisSettings.AuthPassword",
    ),
    "AWS::DirectoryService::MicrosoftAD": ("Password",),
    "AWS::DirectoryService::SimpleAD": ("Password",),
    "AWS::DocDB::DBCluster": ("MasterUserPassword",),
    "AWS::DocDBElastic::Cluster": ("AdminUserPassword",),
    "AWS::EC2::VPNConnection": ("VpnTunnelOptionsSpecifications[].PreSharedKey",),
    "AWS::EMR::Cluster": ("KerberosAttributes.KdcAdminPassword",),
    "AWS::ElastiCache::ReplicationGroup": ("AuthToken",),
    "AWS::ElastiCache::User": ("Passwords[]",),
    "AWS::ElasticLoadBalancingV2::Listener": ("DefaultActions[].AuthenticateOidcConfig.ClientSecret",),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("Actions[].AuthenticateOidcConfig.ClientSecret",),
    "AWS::Events::Connection": (
        "AuthParameters.ApiKeyAuthParameters.ApiKeyValue",
        "AuthParameters.BasicAuthParameters.Password",
        "AuthParameters.OAuthParameters.ClientParameters.ClientSecret",
    ),
    "AWS::FSx::FileSystem": (
        "OntapConfiguration.FsxAdminPassword",
        "WindowsConfiguration.SelfManagedActiveDirectoryConfiguration.Password",
    ),
    "AWS::FSx::StorageVirtualMachine": (
        "ActiveDirectoryConfiguration.SelfManagedActiveDirectoryConfiguration.Password",
        "SvmAdminPassword",
    ),
    "AWS::IAM::ServerCertificate": ("PrivateKey",),
    "AWS::IAM::User": ("LoginProfile.Password",),
    "AWS::KinesisFirehose::DeliveryStream": (
        "HttpEndpointDestinationConfiguration.EndpointConfiguration.AccessKey",
        "RedshiftDestinationConfiguration.Password",
        "SnowflakeDestinationConfiguration.KeyPassphrase",
        "SnowflakeDestinationConfiguration.PrivateKey",
        "SplunkDestinationConfiguration.HECToken",
    ),
    "AWS::MemoryDB::User": ("AuthenticationMode.Passwords[]",),
    "AWS::OpenSearchService::Domain": ("AdvancedSecurityOptions.MasterUserOptions.MasterUserPassword",),
    "AWS::RDS::DBCluster": ("MasterUserPassword",),
    "AWS::RDS::DBInstance": ("MasterUserPassword", "TdeCredentialPassword"),
    "AWS::Redshift::Cluster": ("MasterUserPassword",),
    "AWS::RedshiftServerless::Namespace": ("AdminUserPassword",),
    "AWS::SecretsManager::Secret": ("SecretString",),
}

#: Environment variables by resource type: the path, and the names of the members of a list; empty for an object.
ENVIRONMENTS = {
    "AWS::Amplify::App": (("EnvironmentVariables", "Name", "Value"),),
    "AWS::Amplify::Branch": (("EnvironmentVariables", "Name", "Value"),),
    "AWS::AppRunner::Service": (
        ("SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables", "Name", "Value"),
    ),
    "AWS::Batch::JobDefinition": (("ContainerProperties.Environment", "Name", "Value"),),
    "AWS::CodeBuild::Project": (("Environment.EnvironmentVariables", "Name", "Value"),),
    "AWS::ECS::TaskDefinition": (("ContainerDefinitions[].Environment", "Name", "Value"),),
    "AWS::Lambda::Function": (("Environment.Variables", "", ""),),
    "AWS::SageMaker::Model": (("PrimaryContainer.Environment", "", ""), ("Containers[].Environment", "", "")),
    "AWS::Serverless::Function": (("Environment.Variables", "", ""),),
}

#: Types of variables of CodeBuild that hold the name of a secret or parameter, which the build reads.
_READ_AT_START = ("PARAMETER_STORE", "SECRETS_MANAGER")

#: Properties with code or text by resource type.
SCRIPTS = {
    "AWS::AutoScaling::LaunchConfiguration": ("UserData",),
    "AWS::CloudFront::Function": ("FunctionCode",),
    "AWS::CodeBuild::Project": ("Source.BuildSpec",),
    "AWS::EC2::Instance": ("UserData",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData.UserData",),
    "AWS::ECS::TaskDefinition": ("ContainerDefinitions",),
    "AWS::Lambda::Function": ("Code.ZipFile",),
    "AWS::SSM::Document": ("Content",),
    "AWS::SSM::Parameter": ("Value",),
    "AWS::Serverless::Function": ("InlineCode",),
    "AWS::StepFunctions::StateMachine": ("DefinitionString",),
}


def is_hidden(value: Value) -> Verdict:
    """Whether a property that takes a secret does not expose it."""
    node = value.node
    if value.is_absent or node == "":
        return passed("{} is not set", value)
    if type(node) is Reference:
        return passed("{} is an attribute of a resource", value)
    parts = node.parts if type(node) is Text else (node,)
    if any(type(part) is str and "{{resolve:" in part for part in parts):
        return passed("{} is a dynamic reference", value)
    unknown = [part for part in parts if type(part) is Unresolved]
    for part in unknown:
        if part.parameter and not part.hidden:
            return failed("{} is the parameter {}, which has no NoEcho", value, part.parameter, path=value.path)
    if any(part.hidden for part in unknown):
        return passed("{} is a dynamic reference or a parameter with NoEcho", value)
    if unknown:
        return unresolved("{} is known only at deployment", value, path=value.path)
    if type(node) is Text:
        return passed("{} contains an attribute of a resource", value)
    return failed("{} is a plaintext value, or the default of a parameter", value, path=value.path)


def variables(resource: Resource) -> Iterator[tuple[str, Value]]:
    """The environment variables of a resource, each with its name."""
    for path, name, value in ENVIRONMENTS[resource.type]:
        for environment in resource.values(path):
            if name:
                for item in environment.each():
                    if item.member("Type").known in _READ_AT_START:
                        continue
                    yield str(item[name].known or ""), item[value]
            else:
                for key in environment.keys():  # noqa: SIM118
                    yield key, environment.member(key)


def hides_secret(name: str, value: Value) -> Verdict:
    """Whether an environment variable exposes no secret, by its name and by the format of its value."""
    texts = [part for part in (value.node.parts if type(value.node) is Text else (value.node,)) if type(part) is str]
    found = next(filter(None, map(secret_format, texts)), None)
    if found is not None:
        return failed("{} contains {}", value, found, path=value.path)
    if type(value.node) is Reference and value.node.attribute == "SecretAccessKey":
        return failed("{} is the secret of an access key", value, path=value.path)
    if not is_secret_name(name) or _is_harmless(value.node):
        return passed("{} holds no secret", value)
    return is_hidden(value)


def _is_harmless(node: object) -> bool:
    """Whether a value is a switch, a number, or the name or address of a secret rather than a secret."""
    if as_number(node) is not None or str(node).lower() in ("true", "false", "none", "null"):
        return True
    if type(node) is not str:
        return False
    if node.startswith(("arn:", "/", "http://", "https://", "${", "<")):
        return True
    # A name in Secrets Manager or Parameter Store, such as `prod/db/password`.
    return "/" in node and all(step.replace("-", "").replace("_", "").isalpha() for step in node.split("/"))
