"""Distributions that comply."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from soc2_constructs.hardening import NonCompliantError

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudfront as plain
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3_plain
from aws_cdk.assertions import Annotations, Match, Template

from soc2_constructs import aws_cloudfront as cloudfront
from soc2_constructs import aws_s3 as s3
from soc2_constructs.audit import audit

DISTRIBUTION = "AWS::CloudFront::Distribution"
ORIGIN = origins.HttpOrigin("example.com")
HTTP = plain.ViewerProtocolPolicy.ALLOW_ALL


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def web(stack: cdk.Stack, **props: Any) -> cloudfront.Distribution:
    return cloudfront.Distribution(stack, "Web", default_behavior=plain.BehaviorOptions(origin=ORIGIN), **props)


def config_of(stack: cdk.Stack) -> dict[str, Any]:
    (found,) = Template.from_stack(stack).find_resources(DISTRIBUTION).values()
    return dict(found["Properties"]["DistributionConfig"])


def test_everything_of_the_cdk_is_there() -> None:
    assert set(plain.__all__) <= set(dir(cloudfront))
    assert cloudfront.BehaviorOptions is plain.BehaviorOptions
    assert issubclass(cloudfront.Distribution, plain.Distribution)


def test_defaults(stack: cdk.Stack) -> None:
    web(stack, additional_behaviors={"/a": plain.BehaviorOptions(origin=ORIGIN)})
    config = config_of(stack)
    for behavior in (config["DefaultCacheBehavior"], *config["CacheBehaviors"]):
        assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
        assert behavior["ResponseHeadersPolicyId"]
    # An API answers requests for the root itself.
    assert "DefaultRootObject" not in config
    assert config["Logging"]["Prefix"] == "S/Web/"
    assert "WebACLId" not in config


def test_only_a_bucket_has_a_default_root_object(stack: cdk.Stack) -> None:
    origin = origins.S3BucketOrigin.with_origin_access_control(s3.Bucket(stack, "Files"))
    cloudfront.Distribution(stack, "Web", default_behavior=plain.BehaviorOptions(origin=origin))
    assert config_of(stack)["DefaultRootObject"] == "index.html"


def test_log_delivery_may_use_the_bucket_key(stack: cdk.Stack) -> None:
    web(stack)
    template = Template.from_stack(stack)
    (statement,) = (
        statement
        for key in template.find_resources("AWS::KMS::Key").values()
        for statement in key["Properties"]["KeyPolicy"]["Statement"]
        if statement.get("Sid") == "LogDelivery"
    )
    # As on the page "Configure standard logging (legacy)": without a condition.
    assert statement == {
        "Sid": "LogDelivery",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }


@pytest.mark.parametrize(("region", "warns"), [("me-central-1", True), ("eu-west-1", False)])
def test_regions_without_log_delivery_are_a_warning(region: str, warns: bool) -> None:
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(region=region))
    web(stack)
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("delivers no standard logs"))
    assert bool(found) is warns


def test_a_partition_without_distributions_is_a_warning() -> None:
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(region="us-gov-west-1"))
    web(stack)
    assert Annotations.from_stack(stack).find_warning("/S/Web", Match.string_like_regexp("does not exist in us-gov"))


def test_a_certificate_comes_with_tls_12(stack: cdk.Stack) -> None:
    from aws_cdk import aws_certificatemanager as acm

    certificate = acm.Certificate.from_certificate_arn(
        stack, "Certificate", "arn:aws:acm:us-east-1:111111111111:certificate/c"
    )
    web(stack, certificate=certificate, domain_names=["example.com"])
    assert config_of(stack)["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    ownership = s3.ObjectOwnership.OBJECT_WRITER
    logs = s3.Bucket(stack, "Logs", object_ownership=ownership)
    own = cloudfront.Distribution(
        stack,
        "Web",
        default_behavior={"origin": ORIGIN, "viewer_protocol_policy": plain.ViewerProtocolPolicy.HTTPS_ONLY},
        log_bucket=logs,
        log_file_prefix="mine/",
        web_acl_id="arn:aws:wafv2:us-east-1:111111111111:global/webacl/a/b",
        default_root_object="home.html",
    )
    assert own.log_bucket is logs
    config = config_of(stack)
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"
    assert config["Logging"]["Prefix"] == "mine/"
    assert config["DefaultRootObject"] == "home.html"
    assert config["WebACLId"].endswith("webacl/a/b")


def test_a_behavior_that_is_added_later_is_no_different(stack: cdk.Stack) -> None:
    distribution = web(stack)
    distribution.add_behavior("/a", ORIGIN)
    (behavior,) = config_of(stack)["CacheBehaviors"]
    assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
    assert behavior["ResponseHeadersPolicyId"]
    with pytest.raises(NonCompliantError) as caught:
        distribution.add_behavior("/b", ORIGIN, viewer_protocol_policy=HTTP)
    assert caught.value.construct_path == "S/Web//b"


def test_a_bucket_that_takes_no_delivery_is_refused(stack: cdk.Stack) -> None:
    with pytest.raises(NonCompliantError, match="BUCKET_OWNER_PREFERRED"):
        web(stack, log_bucket=s3.Bucket(stack, "Logs"))


def test_a_web_acl_where_one_can_be_made() -> None:
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(region="us-east-1"))
    for id in ("One", "Two"):
        cloudfront.Distribution(stack, id, default_behavior=plain.BehaviorOptions(origin=ORIGIN))
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::WAFv2::WebACL", {"Scope": "CLOUDFRONT"})
    template.resource_count_is("AWS::WAFv2::WebACL", 1)
    template.all_resources_properties(DISTRIBUTION, {"DistributionConfig": {"WebACLId": Match.any_value()}})


def forms(stack: cdk.Stack) -> cloudfront.Distribution:
    behavior = plain.BehaviorOptions(origin=ORIGIN, allowed_methods=plain.AllowedMethods.ALLOW_ALL)
    return cloudfront.Distribution(stack, "Forms", default_behavior=behavior)


def test_fields_are_encrypted_only_where_cloudformation_and_the_behavior_allow_it(stack: cdk.Stack) -> None:
    key = plain.PublicKey.from_public_key_id(stack, "Key", "K1")
    with pytest.raises(ValueError, match=r"does not allow POST.*AllowedMethods\.ALLOW_ALL"):
        web(stack).encrypt_fields(key, "card*")
    there = cdk.Stack(cdk.App(), "S", env=cdk.Environment(region="eu-west-1"))
    with pytest.raises(ValueError, match="in us-east-1 only"):
        forms(there).encrypt_fields(plain.PublicKey.from_public_key_id(there, "Key", "K1"), "card*")


def test_fields_are_encrypted(stack: cdk.Stack) -> None:
    distribution = forms(stack)
    key = plain.PublicKey(stack, "Key", encoded_key="-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n")
    distribution.encrypt_fields(key, "card*")
    assert config_of(stack)["DefaultCacheBehavior"]["FieldLevelEncryptionId"]
    (profile,) = Template.from_stack(stack).find_resources("AWS::CloudFront::FieldLevelEncryptionProfile").values()
    (entity,) = profile["Properties"]["FieldLevelEncryptionProfileConfig"]["EncryptionEntities"]
    assert entity["FieldPatterns"] == ["card*"]
    assert entity["PublicKeyId"]["Ref"].startswith("Key")
    with pytest.raises(ValueError, match="encrypt_fields has no field"):
        distribution.encrypt_fields(key)


def test_it_complies(tmp_path: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    app = cdk.App(outdir=str(tmp_path))
    for id, region in (("Here", "eu-central-1"), ("There", "us-east-1")):
        web(cdk.Stack(app, id, env=cdk.Environment(account="111111111111", region=region)))
    app.synth()
    found = {(r.control.id, r.construct_path) for r in audit(tmp_path).results if r.status != "PASS" and r.resource}
    # Which fields are sensitive, and where copies go, only the user knows.
    assert {control for control, _ in found} == {
        "cloudfront_distribution_field_level_encryption_enabled",
        "s3_bucket_cross_region_replication_enabled",
    }
    assert cfn_lint(tmp_path) == []


@pytest.mark.parametrize("protocol", ["TLS_V1_2_2021", "TLS_V1_2_2025", "TLS_V1_3_2025", "TLS_V1_2_2019", "TLS_V1"])
def test_old_tls_is_refused(protocol: str, stack: cdk.Stack) -> None:
    from aws_cdk import aws_certificatemanager as acm

    arn = "arn:aws:acm:us-east-1:111111111111:certificate/c"
    given = {
        "certificate": acm.Certificate.from_certificate_arn(stack, "Certificate", arn),
        "domain_names": ["example.com"],
        "minimum_protocol_version": plain.SecurityPolicyProtocol[protocol],
    }
    if protocol in ("TLS_V1_2_2019", "TLS_V1"):
        with pytest.raises(NonCompliantError, match=r"TLS_V1_2_2021 or newer"):
            web(stack, **given)
    else:
        web(stack, **given)


def origin(protocol: str, *ssl: str) -> plain.IOrigin:
    versions = [plain.OriginSslPolicy[version] for version in ssl] or None
    return origins.HttpOrigin(
        "example.com", protocol_policy=plain.OriginProtocolPolicy[protocol], origin_ssl_protocols=versions
    )


@pytest.mark.parametrize(
    ("bad", "property"),
    [
        (lambda _: origin("HTTP_ONLY"), "origin_protocol_policy"),
        (lambda _: origin("HTTPS_ONLY", "TLS_V1_1", "TLS_V1_2"), "origin_ssl_protocols"),
        (lambda _: origin("HTTPS_ONLY", "SSL_V3"), "origin_ssl_protocols"),
        (
            lambda _: origins.OriginGroup(primary_origin=ORIGIN, fallback_origin=origin("HTTP_ONLY")),
            "origin_protocol_policy",
        ),
        (
            lambda stack: origins.S3StaticWebsiteOrigin(
                s3_plain.Bucket(stack, "Site", website_index_document="index.html")
            ),
            "origin_protocol_policy",
        ),
    ],
)
def test_origins_are_reached_over_tls_12(bad: Any, property: str, stack: cdk.Stack) -> None:
    good = web(stack)
    with pytest.raises(NonCompliantError) as caught:
        good.add_behavior("/a", bad(stack))
    assert (caught.value.property, caught.value.construct_path) == (property, "S/Web//a")
    other = cdk.Stack(cdk.App(), "T")
    with pytest.raises(NonCompliantError) as caught:
        cloudfront.Distribution(other, "Web", default_behavior={"origin": bad(other)})
    assert (caught.value.property, caught.value.construct_path) == (property, "T/Web")
    assert caught.value.control == "cloudfront_distribution_encryption_in_transit_enabled"


def test_origins_over_https_are_taken(stack: cdk.Stack) -> None:
    distribution = web(stack)
    # Viewers come over HTTPS only: so what matches them does.
    distribution.add_behavior("/a", origin("MATCH_VIEWER", "TLS_V1_2"))
    distribution.add_behavior("/b", origins.S3BucketOrigin.with_origin_access_control(s3.Bucket(stack, "Files")))
    assert len(config_of(stack)["Origins"]) == 3


def test_the_shared_web_acl_can_be_reached() -> None:
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(region="us-east-1"))
    ours = web(stack)
    assert ours.web_acl is not None
    assert ours.web_acl.log_group.node.path.startswith("S/Soc2/CloudFrontWebAcl/")
    behavior = plain.BehaviorOptions(origin=ORIGIN)
    arn = "arn:aws:wafv2:us-east-1:111111111111:global/webacl/a/b"
    assert cloudfront.Distribution(stack, "Theirs", default_behavior=behavior, web_acl_id=arn).web_acl is None
