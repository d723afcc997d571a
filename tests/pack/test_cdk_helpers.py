"""What the CDK makes for itself, and what the Serverless Application Model says for all resources of a type."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from aws_cdk import custom_resources as resources

from soc2_constructs.audit import audit
from soc2_constructs.audit.cdk_helpers import is_exempt, is_made_by_cdk
from soc2_constructs.cloudformation import Assembly, read_assembly
from soc2_constructs.controls import catalogue
from support.evaluated import only_scope


def made_by_cdk(app: cdk.App) -> dict[str, bool]:
    """Every function and role of an app, by its construct path."""
    assembly = read_assembly([app.synth().directory])
    return {
        str(resource.construct_path): is_made_by_cdk(resource)
        for kind in ("AWS::Lambda::Function", "AWS::IAM::Role")
        for resource in assembly.of_type(kind)
    }


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    return cdk.Stack(cdk.App(outdir=str(tmp_path / "cdk.out")), "S")


def test_what_the_cdk_makes_for_itself(stack: cdk.Stack, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<p>")
    bucket = s3.Bucket(stack, "B", auto_delete_objects=True, removal_policy=cdk.RemovalPolicy.DESTROY)
    bucket.enable_event_bridge_notification()
    deployment.BucketDeployment(
        stack,
        "D",
        sources=[deployment.Source.asset(str(tmp_path / "site"))],
        destination_bucket=bucket,
        memory_limit=512,
    )
    logs.LogRetention(stack, "L", log_group_name="/x", retention=logs.RetentionDays.ONE_YEAR)
    call = resources.AwsSdkCall(
        service="S3", action="listBuckets", physical_resource_id=resources.PhysicalResourceId.of("x")
    )
    anything = resources.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"])
    resources.AwsCustomResource(stack, "C", on_create=call, policy=anything)
    ec2.Vpc(stack, "V", restrict_default_security_group=True, nat_gateways=0)
    found = made_by_cdk(cdk.App.of(stack))  # type: ignore[arg-type]
    assert len(found) >= 10
    assert all(found.values()), [path for path, made in found.items() if not made]


def test_what_the_user_makes(stack: cdk.Stack) -> None:
    from aws_cdk import aws_lambda as lambda_

    code = lambda_.Code.from_inline("x")
    lambda_.Function(stack, "MyCustomResourceProvider", runtime=lambda_.Runtime.PYTHON_3_13, handler="i.h", code=code)
    lambda_.Function(stack, "Handler", runtime=lambda_.Runtime.PYTHON_3_13, handler="i.h", code=code)
    found = made_by_cdk(cdk.App.of(stack))  # type: ignore[arg-type]
    assert not any(found.values())


def test_a_custom_resource_provider_of_the_user(stack: cdk.Stack, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "index.js").write_text("exports.handler = async () => {};")
    cdk.CustomResourceProvider.get_or_create(
        stack,
        "Custom::Mine",
        code_directory=str(tmp_path / "code"),
        runtime=cdk.CustomResourceProviderRuntime.NODEJS_20_X,
    )
    found = made_by_cdk(cdk.App.of(stack))  # type: ignore[arg-type]
    assert list(found.values()) == [False, False]


def test_a_path_that_is_written_by_hand(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "B", auto_delete_objects=True, removal_policy=cdk.RemovalPolicy.DESTROY)
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    helper = "S/Custom::S3AutoDeleteObjectsCustomResourceProvider/Role"
    cast(cdk.CfnResource, role.node.default_child).add_override("Metadata.aws:cdk:path", helper)
    resources = read_assembly([cdk.App.of(stack).synth().directory]).of_type("AWS::IAM::Role")  # type: ignore[union-attr]
    found = [
        (resource.logical_id[:4], resource.construct_path == helper, is_made_by_cdk(resource)) for resource in resources
    ]
    assert sorted(found) == [("Cust", True, True), ("Role", True, False)]


@pytest.mark.parametrize(
    ("control", "exempt"),
    [
        ("lambda_function_dead_letter_queue_configured", True),
        ("lambda_function_in_vpc", True),
        # Administrator access, public access, open ports and missing encryption are never exempt.
        ("iam_policy_no_star_star", False),
        ("s3_bucket_enforces_ssl", False),
        ("lambda_function_restrict_public_access", False),
        ("vpc_security_group_restrict_ingress_ssh_all", False),
        ("sns_topic_encrypted_at_rest", False),
        # CloudWatch Logs encrypts all log data; the control requires a key of the user.
        ("log_group_encryption_at_rest_enabled", True),
    ],
)
def test_controls_that_a_helper_has_to_meet(stack: cdk.Stack, control: str, exempt: bool) -> None:
    s3.Bucket(stack, "B", auto_delete_objects=True, removal_policy=cdk.RemovalPolicy.DESTROY)
    assembly = read_assembly([cdk.App.of(stack).synth().directory])  # type: ignore[union-attr]
    (function,) = assembly.of_type("AWS::Lambda::Function")
    assert is_exempt(catalogue()[control], function) is exempt


@pytest.mark.parametrize(
    "logical_id",
    [
        "CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F",
        "AWS679f53fac002430cb0da5b7982bd22872D164C4C",
        "CustomResourceProviderRole",
    ],
)
def test_outside_a_cloud_assembly_no_name_is_exempt(logical_id: str) -> None:
    path = "S/Custom::S3AutoDeleteObjectsCustomResourceProvider/Handler"
    body: dict[str, Any] = {
        "Resources": {logical_id: {"Type": "AWS::Lambda::Function", "Metadata": {"aws:cdk:path": path}}}
    }
    assembly = Assembly.of_document(body)
    (resource,) = assembly.of_type("AWS::Lambda::Function")
    assert not is_made_by_cdk(resource)
    assert not any(result.is_cdk_helper for result in audit(assembly=assembly).results)


def test_globals_of_the_serverless_application_model() -> None:
    document = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"Function": {"Timeout": 3, "Environment": {"Variables": {"A": "1", "B": "1"}}, "Layers": ["x"]}},
        "Resources": {
            "One": {
                "Type": "AWS::Serverless::Function",
                "Properties": {"Timeout": 5, "Environment": {"Variables": {"B": "2"}}, "Layers": ["y"]},
            },
            "Two": {"Type": "AWS::Serverless::Function"},
            "Three": {"Type": "AWS::Lambda::Function", "Properties": {}},
        },
    }
    scope = only_scope(Assembly.of_document(document))
    assert scope.template.resources["One"].properties == {
        "Timeout": 5,
        "Environment": {"Variables": {"A": "1", "B": "2"}},
        "Layers": ["x", "y"],
    }
    assert scope.resources["Two"]["Timeout"].known == 3
    assert scope.template.resources["Three"].properties == {}


def sam_function(*events: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    named = {f"Event{number}": event for number, event in enumerate(events)}
    return {"Type": "AWS::Serverless::Function", "Properties": {"Events": named}, **attributes}


def made_of(*functions: dict[str, Any], transform: bool = True, **others: dict[str, Any]) -> dict[str, Any]:
    """The resources of a SAM template beside its functions, by logical id."""
    document = {
        "Globals": {"Api": {"CacheClusterEnabled": True}},
        "Conditions": {"One": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-central-1"]}},
        "Resources": {f"Function{number}": function for number, function in enumerate(functions)} | others,
    }
    if transform:
        document["Transform"] = "AWS::Serverless-2016-10-31"
    resources = only_scope(Assembly.of_document(document)).resources
    return {name: resource for name, resource in resources.items() if not name.startswith("Function")}


API = {"Type": "Api", "Properties": {"Path": "/", "Method": "get"}}
HTTP_API = {"Type": "HttpApi"}


def test_apis_that_events_make() -> None:
    assert {name: made.type for name, made in made_of(sam_function(API), sam_function(HTTP_API, API)).items()} == {
        "ServerlessRestApi": "AWS::Serverless::Api",
        "ServerlessHttpApi": "AWS::Serverless::HttpApi",
    }
    named = {"Type": "Api", "Properties": {"RestApiId": {"Ref": "ServerlessRestApi"}}}
    assert list(made_of(sam_function(named))) == ["ServerlessRestApi"]
    assert made_of(sam_function(API))["ServerlessRestApi"]["CacheClusterEnabled"].known is True


def test_apis_that_no_event_makes() -> None:
    own = {"Type": "Api", "Properties": {"RestApiId": {"Ref": "Own"}}}
    assert made_of(sam_function(own, {"Type": "S3"})) == {}
    assert made_of(sam_function(API), transform=False) == {}
    assert made_of({"Type": "AWS::Lambda::Function", "Properties": {"Events": {"Event": API}}}) == {}
    assert made_of({"Type": "AWS::Serverless::Function"}) == {}
    declared = {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "prod"}}
    assert made_of(sam_function(API), ServerlessRestApi=declared)["ServerlessRestApi"]["StageName"].known == "prod"


def test_apis_exist_where_their_functions_do() -> None:
    conditional = sam_function(API, Condition="One")
    assert made_of(conditional)["ServerlessRestApi"].declaration.body["Condition"] == "One"
    assert "Condition" not in made_of(conditional, sam_function(API))["ServerlessRestApi"].declaration.body
