"""Audits for the tests of reports: one of each status, and what is about no single resource."""

from __future__ import annotations

from typing import Any

from soc2_constructs.audit import Audit, audit
from soc2_constructs.audit.baseline import Baseline
from soc2_constructs.cloudformation import Assembly
from soc2_constructs.cloudformation.construct_tree import ConstructTree
from soc2_constructs.waivers import Waiver

PATH = "out/Stack.template.json"
VERSIONING = "s3_bucket_versioning_enabled"
RETENTION = "cloudwatch_log_group_retention_period_365"
ACCOUNT_BLOCK = "s3_public_access_block_account"
REGION = "backup_plan_region_configured"


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


#: The id of a construct that the CDK adds itself.
_HELPER = "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a"


def of_every_status(**options: Any) -> Audit:
    """Two buckets fail, one passes, one is unresolved, one is waived, as is a helper's log group."""
    on = {"VersioningConfiguration": {"Status": "Enabled"}}
    open_ = {"VersioningConfiguration": {"Status": {"Fn::ImportValue": "elsewhere"}}}
    document = {
        "Resources": {
            "Off": bucket(),
            "Suspended": bucket(VersioningConfiguration={"Status": "Suspended"}),
            "On": bucket(**on),
            "Open": bucket(**open_),
            "Accepted": {**bucket(), "Metadata": {"aws:cdk:path": "Stack/Accepted/Resource"}},
            "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aLogs": {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {"RetentionInDays": 1},
                "Metadata": {"aws:cdk:path": f"Stack/{_HELPER}/Logs"},
            },
        }
    }
    terms = {"ticket": "SEC-1", "since": "2026-11-01", "scope": "Stack/Accepted"}
    waiver = Waiver(VERSIONING, "Scratch data", "data team", "2999-12-31", **terms)
    options = {"include": [VERSIONING, RETENTION, ACCOUNT_BLOCK, REGION], "waivers": [waiver], **options}
    assembly = Assembly.of_document(document, PATH, account="111111111111", region="eu-central-1")
    assembly.templates[0].tree = _Tree("tree.json")
    return audit(assembly=assembly, **options)


class _Tree(ConstructTree):
    """The construct tree of a stack with one helper of the CDK."""

    def class_of(self, construct_path: str) -> str | None:
        return "constructs.Construct" if construct_path == f"Stack/{_HELPER}" else None


def with_baseline() -> Audit:
    """The same, where the bucket without versioning was known before, and another one has been put right since."""
    path = "VersioningConfiguration.Status"
    counts = {(VERSIONING, f"{PATH}#{name}", path): 1 for name in ("Off", "Gone")}
    return of_every_status(baseline=Baseline("soc2-baseline.json", counts))


ENCRYPTION = "rds_db_instance_encryption_at_rest_enabled"
SNAPSHOT = "rds_db_snapshot_encrypted_at_rest"
PUBLIC = "rds_db_instance_prohibit_public_access"


def of_one_weakness() -> Audit:
    """Return the audit of a public database without encryption: two controls fail on one property, one on another.

    A type without a control is there too.
    """
    database = {"Type": "AWS::RDS::DBInstance", "Properties": {"PubliclyAccessible": True}}
    resources = {"Db": database, "Thing": {"Type": "AWS::IoT::Thing"}}
    return audit(assembly=Assembly.of_document({"Resources": resources}, PATH), include=[ENCRYPTION, SNAPSHOT, PUBLIC])
