"""Patterns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from soc2_constructs.hardening import RECOVERY_REGION, NonCompliantError

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_backup as plain_backup
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match, Template

from soc2_constructs import aws_ec2 as ec2
from soc2_constructs import aws_rds as rds
from soc2_constructs import aws_s3 as s3
from soc2_constructs import patterns
from soc2_constructs.audit import audit

HERE = cdk.Environment(account="111111111111", region="eu-central-1")
POSTGRES = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9)
AURORA = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_9)


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def us_stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="111111111111", region="us-east-1"))


def function(stack: cdk.Stack) -> lambda_.IFunction:
    return lambda_.Function.from_function_name(stack, "Handler", "handler")


def isolated(stack: cdk.Stack) -> ec2.Vpc:
    subnets = [ec2.SubnetConfiguration(name="Data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)]
    return ec2.Vpc(stack, "Vpc", subnet_configuration=subnets)


def test_the_names() -> None:
    assert set(patterns.__all__) <= set(dir(patterns))
    for name in patterns.__all__:
        assert getattr(patterns, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Queue'"):
        patterns.Queue  # noqa: B018


# StaticWebsite


def test_a_website_is_private_behind_its_distribution(stack: cdk.Stack) -> None:
    site = patterns.StaticWebsite(stack, "Site", single_page=True)
    assert site.url.startswith("https://")
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::CloudFront::OriginAccessControl", 1)
    template.has_resource_properties(
        "AWS::CloudFront::Distribution",
        {"DistributionConfig": {"CustomErrorResponses": Match.array_with([Match.object_like({"ErrorCode": 404})])}},
    )


def test_a_website_with_a_name_has_a_certificate_and_records() -> None:
    stack = us_stack()
    zone = route53.HostedZone.from_hosted_zone_attributes(stack, "Zone", hosted_zone_id="Z1", zone_name="example.com")
    site = patterns.StaticWebsite(stack, "Site", domain_name="www.example.com", hosted_zone=zone)
    assert site.certificate is not None
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Route53::RecordSet", 2)
    template.has_resource_properties(
        "AWS::CertificateManager::Certificate", {"DomainName": "www.example.com", "ValidationMethod": "DNS"}
    )
    template.resource_count_is("AWS::WAFv2::WebACL", 1)


def test_a_name_without_a_certificate_is_refused(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match=r"S/Site: www\.example\.com has no certificate; CloudFront requires one"):
        patterns.StaticWebsite(stack, "Site", domain_name="www.example.com")


def test_a_bucket_of_the_users_is_served(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Mine")
    assert patterns.StaticWebsite(stack, "Site", bucket=bucket).bucket is bucket


def test_every_part_of_a_website_can_be_replaced(stack: cdk.Stack) -> None:
    logs = s3.Bucket(stack, "Logs", object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED)
    site = patterns.StaticWebsite(
        stack,
        "Site",
        behavior={"response_headers_policy": cloudfront.ResponseHeadersPolicy.CORS_ALLOW_ALL_ORIGINS},
        options={"log_bucket": logs, "default_root_object": "home.html"},
    )
    assert site.distribution.log_bucket is logs
    policy = cloudfront.ResponseHeadersPolicy.CORS_ALLOW_ALL_ORIGINS.response_headers_policy_id
    config = {"DefaultRootObject": "home.html", "DefaultCacheBehavior": {"ResponseHeadersPolicyId": policy}}
    Template.from_stack(stack).has_resource_properties("AWS::CloudFront::Distribution", {"DistributionConfig": config})


def test_a_website_in_china_has_no_origin_access_control() -> None:
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="111111111111", region="cn-north-1"))
    patterns.StaticWebsite(stack, "Site")
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::CloudFront::OriginAccessControl", 0)
    template.resource_count_is("AWS::CloudFront::CloudFrontOriginAccessIdentity", 1)
    (files,) = (
        bucket for name, bucket in template.find_resources("AWS::S3::Bucket").items() if name.startswith("SiteFiles")
    )
    # An origin access identity cannot read objects that are encrypted with KMS.
    (rule,) = files["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    warning = Match.string_like_regexp("does not exist in cn-north-1")
    assert Annotations.from_stack(stack).find_warning("/S/Site", warning)


# RestService


def test_a_service_raises_alarms(stack: cdk.Stack) -> None:
    service = patterns.RestService(stack, "Service", handler=function(stack))
    assert len(service.alarms) == 2
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::CloudWatch::Alarm", 2)
    template.all_resources_properties("AWS::CloudWatch::Alarm", {"AlarmActions": [Match.any_value()]})
    template.has_resource_properties("AWS::SNS::Topic", {"KmsMasterKeyId": Match.any_value()})
    template.all_resources_properties("AWS::ApiGateway::Method", {"AuthorizationType": "AWS_IAM"})


def test_a_service_over_any_integration(stack: cdk.Stack) -> None:
    topic = sns.Topic(stack, "Pager")
    api = apigateway.RestApi(stack, "Plain")
    service = patterns.RestService(
        stack,
        "Service",
        integration=apigateway.MockIntegration(),
        api=api,
        topic=topic,  # type: ignore[arg-type]
    )
    assert service.api is api
    assert service.topic is topic


def test_services_do_not_share_metrics(stack: cdk.Stack) -> None:
    """CloudWatch tells the metrics of APIs apart by their names."""
    for name in ("Shop", "Pay"):
        patterns.RestService(stack, name, handler=lambda_.Function.from_function_name(stack, f"{name}F", "handler"))
    template = Template.from_stack(stack)
    names = {api["Properties"]["Name"] for api in template.find_resources("AWS::ApiGateway::RestApi").values()}
    assert len(names) == 2
    dimensions = [
        alarm["Properties"]["Dimensions"] for alarm in template.find_resources("AWS::CloudWatch::Alarm").values()
    ]
    assert {each["Value"] for each, *_ in dimensions} == names


@pytest.mark.parametrize("both", [True, False])
def test_one_of_the_two_answers(both: bool, stack: cdk.Stack) -> None:
    given = {"handler": function(stack), "integration": apigateway.MockIntegration()} if both else {}
    with pytest.raises(ValueError, match=r"Write handler=\.\.\. or integration=\.\.\., not both"):
        patterns.RestService(stack, "Service", **given)  # type: ignore[arg-type]


# RelationalDatabase


def test_a_database_is_in_isolated_subnets(stack: cdk.Stack) -> None:
    database = patterns.RelationalDatabase(stack, "Accounts", engine=POSTGRES, vpc=isolated(stack))
    assert database.instance is database.database
    assert database.cluster is None
    assert len(database.alarms) == 2
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::RDS::DBSubnetGroup",
        {"SubnetIds": [{"Ref": Match.string_like_regexp("DataSubnet1")}, {"Ref": Match.string_like_regexp("Data")}]},
    )
    template.resource_count_is("AWS::Backup::BackupPlan", 1)


def test_a_cluster_engine_makes_a_cluster(stack: cdk.Stack) -> None:
    vpc = isolated(stack)
    database = patterns.RelationalDatabase(
        stack, "Events", engine=AURORA, vpc=vpc, options={"cluster_identifier": "events"}, backup_plan=False
    )
    assert database.cluster is database.database
    assert database.connections is not None
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::RDS::DBCluster", {"DBClusterIdentifier": "events"})
    template.resource_count_is("AWS::RDS::DBInstance", 2)
    template.resource_count_is("AWS::Backup::BackupPlan", 0)


def test_databases_of_a_stack_share_a_plan(stack: cdk.Stack) -> None:
    vpc = isolated(stack)
    for id in ("One", "Two"):
        patterns.RelationalDatabase(stack, id, engine=POSTGRES, vpc=vpc)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Backup::BackupPlan", 1)
    template.resource_count_is("AWS::Backup::BackupSelection", 1)
    template.resource_count_is("AWS::SNS::Topic", 1)


def test_a_network_of_public_subnets_is_refused(stack: cdk.Stack) -> None:
    subnets = [ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC)]
    vpc = ec2.Vpc(stack, "Vpc", subnet_configuration=subnets)
    with pytest.raises(ValueError, match="S/Accounts: S/Vpc has only public subnets"):
        patterns.RelationalDatabase(stack, "Accounts", engine=POSTGRES, vpc=vpc)


# BackupPolicy


def test_a_policy_has_all_its_parts(stack: cdk.Stack) -> None:
    policy = patterns.BackupPolicy(stack, "Backup", retention=cdk.Duration.days(90))
    assert policy.restore_testing is not None
    assert policy.audit_framework is not None
    template = Template.from_stack(stack)
    rule = Match.object_like({"Lifecycle": {"DeleteAfterDays": 90}})
    template.has_resource_properties("AWS::Backup::BackupPlan", {"BackupPlan": {"BackupPlanRule": [rule]}})
    for kind in ("BackupVault", "BackupSelection", "RestoreTestingPlan", "Framework", "ReportPlan"):
        template.resource_count_is(f"AWS::Backup::{kind}", 1)


def test_parts_of_a_policy_can_be_omitted(stack: cdk.Stack) -> None:
    policy = patterns.BackupPolicy(stack, "Backup", restore_tests=(), audit_framework=False)
    assert (policy.restore_testing, policy.audit_framework) == (None, None)


def test_a_policy_copies_to_the_region_that_was_named() -> None:
    app = cdk.App(context={RECOVERY_REGION: "eu-west-1"})
    stack = cdk.Stack(app, "S", env=HERE)
    patterns.BackupPolicy(stack, "Backup")
    rule = Match.object_like({"CopyActions": [Match.any_value()]})
    Template.from_stack(stack).has_resource_properties(
        "AWS::Backup::BackupPlan", {"BackupPlan": {"BackupPlanRule": [rule]}}
    )


@pytest.mark.parametrize(
    ("options", "control"),
    [
        ({"retention": cdk.Duration.days(7)}, "backup_plan_min_retention_35_days"),
        ({"schedule": events.Schedule.cron(week_day="SAT", hour="5")}, "backup_plan_min_retention_35_days"),
    ],
)
def test_a_policy_that_does_not_comply_is_refused(options: dict[str, object], control: str, stack: cdk.Stack) -> None:
    with pytest.raises(NonCompliantError) as caught:
        patterns.BackupPolicy(stack, "Backup", **options)  # type: ignore[arg-type]
    assert caught.value.control == control


def test_a_vault_of_the_users_is_used(stack: cdk.Stack) -> None:
    vault = plain_backup.BackupVault.from_backup_vault_name(stack, "Vault", "theirs")
    assert patterns.BackupPolicy(stack, "Backup", vault=vault).vault.backup_vault_name == "theirs"
    Template.from_stack(stack).resource_count_is("AWS::Backup::BackupVault", 0)


# All of them


def test_they_comply(tmp_path: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    app = cdk.App(outdir=str(tmp_path), context={RECOVERY_REGION: "eu-west-1"})
    stack = cdk.Stack(app, "S", env=HERE)
    patterns.StaticWebsite(stack, "Site")
    patterns.RestService(stack, "Service", handler=function(stack))
    vpc = isolated(stack)
    patterns.RelationalDatabase(stack, "Accounts", engine=POSTGRES, vpc=vpc, backup_plan=False)
    patterns.RelationalDatabase(stack, "Events", engine=AURORA, vpc=vpc, backup_plan=False)
    patterns.BackupPolicy(stack, "Backup")
    patterns.SecurityTrail(stack, "Audit")
    app.synth()
    results = [result for result in audit(tmp_path).results if result.status != "PASS" and result.template]
    assert {result.control.id for result in results if not result.is_cdk_helper} <= {
        "cloudfront_distribution_field_level_encryption_enabled",
        "s3_bucket_cross_region_replication_enabled",
    }
    assert cfn_lint(tmp_path) == []
