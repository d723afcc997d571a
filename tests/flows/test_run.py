"""How a run tells a flow that works from one that is refused and from one that breaks in silence."""

from __future__ import annotations

from collections.abc import Iterator

import aws_cdk as cdk
import pytest

from flows.access import Need, role
from flows.catalogue import Builder, Flow, Site
from flows.run import BREAKS, PLAIN, REFUSED, WORKS, run
from soc2_constructs import aws_s3


def works(site: Site) -> Iterator[Need]:
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    yield role(site.role("s3:GetObject", on=bucket.arn_for_objects("*"))).does("s3:GetObject", bucket, "/a")


def breaks(site: Site) -> Iterator[Need]:
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    yield role(site.role("s3:PutObject", on=bucket.arn_for_objects("*"))).does("s3:GetObject", bucket, "/a")


def breaks_beside_a_warning_of_the_cdk(site: Site) -> Iterator[Need]:
    for need in breaks(site):
        cdk.Annotations.of(site.stack.node.find_child("Bucket")).add_warning("something else")
        yield need


def breaks_beside_a_warning_elsewhere(site: Site) -> Iterator[Need]:
    cdk.Annotations.of(site.m.s3.Bucket(site.stack, "Other")).add_warning("s3_bucket_versioning_enabled")
    yield from breaks(site)


def is_announced(site: Site) -> Iterator[Need]:
    for need in breaks(site):
        bucket = site.stack.node.find_child("Bucket")
        cdk.Annotations.of(bucket).add_warning("s3_bucket_default_encryption_enabled_kms takes this bucket from Role")
        yield need


def is_refused(site: Site) -> Iterator[Need]:
    yield from works(site)
    aws_s3.Bucket(site.stack, "Bad", block_public_access=aws_s3.BlockPublicAccess.BLOCK_ACLS)


def stops_with_an_error_of_the_cdk(site: Site) -> Iterator[Need]:
    yield from works(site)
    site.m.s3.Bucket(site.stack, "Bucket")


@pytest.mark.parametrize(
    ("build", "status"),
    [
        (works, WORKS),
        (breaks, BREAKS),
        (breaks_beside_a_warning_of_the_cdk, BREAKS),
        (breaks_beside_a_warning_elsewhere, BREAKS),
        (is_announced, REFUSED),
        (is_refused, REFUSED),
        (stops_with_an_error_of_the_cdk, BREAKS),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_outcome(build: Builder, status: str) -> None:
    assert run(Flow(build.__name__, "", build), PLAIN).status == status
