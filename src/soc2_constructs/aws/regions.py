"""Resource types and features that do not exist in all regions."""

from __future__ import annotations

_CHINA = ("cn-north-1", "cn-northwest-1")
_GOV_CLOUD = ("us-gov-east-1", "us-gov-west-1")
_WITHOUT_AUDIT_MANAGER = (
    "ap-east-2",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "il-central-1",
    "mx-central-1",
)

#: The regions without a resource type, for the types that this library creates by itself. The resource provider schemas
#: of CloudFormation list the types of each region.
_MISSING = {
    "AWS::Backup::Framework": (*_WITHOUT_AUDIT_MANAGER, *_CHINA),
    "AWS::Backup::ReportPlan": (*_WITHOUT_AUDIT_MANAGER, *_CHINA),
    "AWS::Backup::RestoreTestingPlan": ("ap-southeast-5", "ap-southeast-7", *_CHINA, *_GOV_CLOUD),
    "AWS::Backup::RestoreTestingSelection": ("ap-southeast-5", "ap-southeast-7", *_CHINA, *_GOV_CLOUD),
    "AWS::CloudFront::Distribution": _GOV_CLOUD,
    "AWS::CloudFront::OriginAccessControl": (*_CHINA, *_GOV_CLOUD),
}

#: The types that exist in one region only.
_ONLY = {
    "AWS::CloudFront::FieldLevelEncryptionConfig": "us-east-1",
    "AWS::CloudFront::FieldLevelEncryptionProfile": "us-east-1",
}

#: The types whose regions this module knows.
REGIONAL_TYPES = (*_MISSING, *_ONLY)

#: Opt-in regions, to whose buckets CloudFront delivers no standard logs.
#: Amazon CloudFront Developer Guide, "Configure standard logging (legacy)".
WITHOUT_DISTRIBUTION_LOGS = frozenset(
    (
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
    )
)


def has_type(kind: str, region: str) -> bool:
    """Whether a resource type exists in a region."""
    only = _ONLY.get(kind)
    return region == only if only is not None else region not in _MISSING.get(kind, ())
