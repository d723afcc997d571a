"""The golden templates: what an upgrade changes, and properties that deployments rely on.

`python scripts/golden.py` writes them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from golden import GOLDEN, RELEASED, ROOT, minimal_constructors, template_of, templates, unlisted
from soc2_constructs.cli import main
from soc2_constructs.deployment import compare
from soc2_constructs.deployment.updates import STATEFUL

WRITTEN = templates(GOLDEN)
#: A resource of a template: class, logical id, resource.
Found = tuple[str, str, dict[str, Any]]


def resources(kind: str = "") -> Iterator[Found]:
    """The resources of all golden templates, or those of a type."""
    for name, text in WRITTEN.items():
        for id, resource in json.loads(text)["Resources"].items():
            if kind in ("", resource["Type"]):
                yield name, id, resource


def statements(policy: Any) -> list[dict[str, Any]]:
    found = policy["Statement"]
    return found if isinstance(found, list) else [found]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# Upgrade


@pytest.mark.parametrize("name", sorted({*minimal_constructors(), *WRITTEN}))
def test_the_golden_template_is_current(name: str) -> None:
    """`python scripts/golden.py` writes it; the diff is what an upgrade changes on deployed resources."""
    assert WRITTEN.get(name) == template_of(minimal_constructors()[name])


def test_the_changelog_names_each_class_with_changed_defaults() -> None:
    assert unlisted(templates(RELEASED), WRITTEN, (ROOT / "CHANGELOG.md").read_text()) == []


def test_a_changed_default_without_a_changelog_entry_fails() -> None:
    released = {"aws_s3.Bucket": "old", "aws_kms.Key": "same", "aws_sqs.Queue": "gone"}
    current = {"aws_s3.Bucket": "new", "aws_kms.Key": "same"}
    entry = "# Changelog\n\n## Unreleased\n\n- `aws_s3.Bucket` differs.\n\n## 1.0.0\n\n- `aws_sqs.Queue`\n"
    assert unlisted(released, current, entry) == ["aws_sqs.Queue"]
    assert unlisted(released, current, "# Changelog\n\n## Unreleased\n") == ["aws_s3.Bucket", "aws_sqs.Queue"]
    assert unlisted(released, current, entry.replace("## 1.0.0\n\n", "")) == []


def test_soc2_plan_shows_what_an_upgrade_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As for a released template: the deployed version has another default."""
    template = json.loads(WRITTEN["aws_s3.Bucket"])
    (bucket,) = (
        resource
        for id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::S3::Bucket" and id.startswith("Good")
    )
    bucket["Properties"]["VersioningConfiguration"] = {"Status": "Suspended"}
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(template))
    new.write_text(WRITTEN["aws_s3.Bucket"])
    assert main(["plan", str(new), "--against", str(old)]) == 0
    shown = capsys.readouterr().out
    assert "VersioningConfiguration.Status: 'Suspended' -> 'Enabled'  [no interruption" in shown


@pytest.mark.parametrize("name", sorted(templates(RELEASED)))
def test_an_upgrade_loses_no_data(name: str) -> None:
    assert name not in WRITTEN or compare(RELEASED / f"{name}.json", GOLDEN / f"{name}.json").losses == []


# The reviewer's table


def test_the_table_of_aws_pages_has_a_row_for_each_class() -> None:
    rows = re.findall(
        r"^\| `([a-z_0-9]+\.\w+)` \| ([^|]+) \|([^|]*)\|$",
        (ROOT / "docs" / "decisions" / "0011-aws-pages.md").read_text(),
        re.M,
    )
    assert [name for name, *_ in rows] == sorted(minimal_constructors())
    for name, text, pages in rows:
        refers = set(re.findall("`([a-z_0-9]+)", text)) if text.startswith("as ") else set()
        assert '"' in pages or refers or text == "none", f"{name} rests on no page"


# Properties of all templates

#: The maximum size of a policy document in bytes, by type and property. AWS pages: "Bucket policies", "Resource quotas"
#: of AWS KMS, "IAM and AWS STS quotas", "Amazon SNS endpoints and quotas", "Amazon SQS policy quotas".
SIZES = {
    ("AWS::S3::BucketPolicy", "PolicyDocument"): 20 * 1024,
    ("AWS::KMS::Key", "KeyPolicy"): 32 * 1024,
    ("AWS::IAM::Role", "AssumeRolePolicyDocument"): 2048,
    ("AWS::IAM::Policy", "PolicyDocument"): 10240,
    ("AWS::SNS::TopicPolicy", "PolicyDocument"): 30 * 1024,
    ("AWS::SQS::QueuePolicy", "PolicyDocument"): 8 * 1024,
    ("AWS::Backup::BackupVault", "AccessPolicy"): 20 * 1024,
}


def test_policies_have_room() -> None:
    """With half of the maximum size left for the statements of users and of grants."""
    for name, id, resource in resources():
        for (kind, property), limit in SIZES.items():
            if resource["Type"] == kind and property in resource["Properties"]:
                size = len(json.dumps(resource["Properties"][property], separators=(",", ":")))
                assert size <= limit / 2, f"{name} {id}: {size} bytes"


#: The properties that contain a name which must be unique in the account and region, and its form. AWS page: that of
#: the resource type in the CloudFormation Template Reference.
NAMES = {
    ("AWS::Backup::BackupVault", "BackupVaultName"): "[a-zA-Z0-9_-]{2,50}",
    ("AWS::Backup::Framework", "FrameworkName"): "[a-zA-Z][_a-zA-Z0-9]{0,255}",
    ("AWS::Backup::ReportPlan", "ReportPlanName"): "[a-zA-Z][_a-zA-Z0-9]{0,255}",
    ("AWS::Backup::RestoreTestingPlan", "RestoreTestingPlanName"): "[a-zA-Z0-9_]{1,50}",
    ("AWS::Logs::LogGroup", "LogGroupName"): "[.a-zA-Z0-9_/#-]{1,512}",
    ("AWS::RDS::DBCluster", "DBClusterIdentifier"): "[a-z](-?[a-z0-9]){0,62}",
    ("AWS::RDS::DBInstance", "DBInstanceIdentifier"): "[a-z](-?[a-z0-9]){0,62}",
    ("AWS::S3::Bucket", "BucketName"): "[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
}
#: Names that end with the digest of a path, or contain it before the type of a log.
DIGEST = re.compile("[-_][0-9a-f]{10}(/[a-z]+)?$")
#: The only name of the CDK: that of a vault, which the user creates. Its logical id contains a digest.
OF_THE_CDK = ("aws_backup.BackupVault", "BackupVaultName")


def named() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """The resources with a fixed name: class, property, name, resource."""
    for name, _, resource in resources():
        for (kind, property), form in NAMES.items():
            value = resource.get("Properties", {}).get(property)
            if resource["Type"] == kind and isinstance(value, str):
                assert re.fullmatch(form, value), f"{name}: {value}"
                yield name, property, value, resource


def test_fixed_names_are_unique() -> None:
    without = {(name, property) for name, property, value, _ in named() if not DIGEST.search(value)}
    assert without == {OF_THE_CDK}


def test_a_fixed_name_does_not_block_the_deployment_after_one_that_failed() -> None:
    """CloudFormation retains a resource with the policy `Retain` when it rolls back its creation."""
    kept = {(name, value) for name, _, value, resource in named() if resource.get("DeletionPolicy") == "Retain"}
    assert kept == set()


#: The types of stateful resources that are deleted with their stack, with the reason.
DELETED = {
    "AWS::EC2::Instance": "CloudFormation has no deletion policy for its volumes; a backup plan selects it.",
    "AWS::SQS::Queue": "Its messages are in transit.",
}


def test_stateful_resources_are_retained() -> None:
    deleted = {
        resource["Type"]
        for _, _, resource in resources()
        if resource["Type"] in STATEFUL and not str(resource.get("DeletionPolicy")).startswith("Retain")
    }
    assert deleted == set(DELETED)


def test_stateful_resources_are_retained_when_they_are_replaced() -> None:
    """Members of a cluster contain no data."""
    for name, id, resource in resources():
        member = "DBClusterIdentifier" in resource.get("Properties", {}) and resource["Type"] == "AWS::RDS::DBInstance"
        if resource["Type"] in STATEFUL and resource["Type"] not in DELETED and not member:
            assert resource.get("UpdateReplacePolicy") == "Retain", f"{name} {id}"


#: The types that write to a bucket when they are created, and the property with the name of the bucket.
WRITERS = {"AWS::CloudTrail::Trail": "S3BucketName", "AWS::ElasticLoadBalancingV2::LoadBalancer": ""}


@pytest.mark.parametrize("kind", WRITERS)
def test_the_policy_of_a_bucket_precedes_its_writers(kind: str) -> None:
    """CloudTrail and Elastic Load Balancing test their access when they are created."""
    found = list(resources(kind))
    assert found
    for name, id, resource in found:
        policies = {
            policy
            for policy, other in json.loads(WRITTEN[name])["Resources"].items()
            if other["Type"] == "AWS::S3::BucketPolicy"
        }
        assert policies & set(listed(resource.get("DependsOn", ()))), f"{name} {id}"


def test_writers_may_use_the_bucket_key() -> None:
    """A service that writes to a bucket with an S3 Bucket Key decrypts the data key of the bucket."""
    checked = set()
    for name, id, resource in resources("AWS::S3::Bucket"):
        template = json.loads(WRITTEN[name])["Resources"]
        (rule,) = resource["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        key = rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID")
        if not rule.get("BucketKeyEnabled") or key is None:
            continue
        allowed: dict[str, set[str]] = {}
        for statement in statements(template[key["Fn::GetAtt"][0]]["Properties"]["KeyPolicy"]):
            for service in listed(statement["Principal"].get("Service", [])) if statement["Principal"] != "*" else []:
                allowed.setdefault(str(service), set()).update(listed(statement["Action"]))
        services = {
            str(service)
            for policy in template.values()
            if policy["Type"] == "AWS::S3::BucketPolicy" and policy["Properties"]["Bucket"] == {"Ref": id}
            for statement in statements(policy["Properties"]["PolicyDocument"])
            if statement["Effect"] == "Allow" and "s3:PutObject" in listed(statement["Action"])
            for service in listed(statement["Principal"].get("Service", []))
        }
        if "DistributionLogs" in id:
            # CloudFront writes with an access control list, without a bucket policy.
            services.add("delivery.logs.amazonaws.com")
        for service in services:
            checked.add(service)
            assert {"kms:Decrypt", "kms:GenerateDataKey*"} <= allowed[service], f"{name} {id}: {service}"
    assert checked >= {"cloudtrail.amazonaws.com", "delivery.logs.amazonaws.com"}
