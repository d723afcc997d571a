"""Resource types that do not exist in all regions, against the schemas of CloudFormation that cfn-lint carries."""

from __future__ import annotations

import json
from pathlib import Path

import cfnlint
import pytest

from soc2_constructs.aws.regions import REGIONAL_TYPES, WITHOUT_DISTRIBUTION_LOGS, has_type

PROVIDERS = Path(cfnlint.__file__).parent / "data" / "schemas" / "providers"
#: cfn-lint has no schemas of isolated regions and of the European Sovereign Cloud.
REGIONS = {
    path.stem: path
    for path in PROVIDERS.glob("*-*-*.json")
    if "-iso" not in path.stem and not path.stem.startswith("eusc")
}


@pytest.mark.parametrize("kind", REGIONAL_TYPES)
def test_the_regions_of_a_type(kind: str) -> None:
    found = {region: kind in json.loads(path.read_text()) for region, path in REGIONS.items()}
    assert {region: has_type(kind, region) for region in REGIONS} == found
    assert not all(found.values()), f"{kind} exists in all regions: remove it"


def test_other_types_exist_everywhere() -> None:
    assert has_type("AWS::S3::Bucket", "cn-north-1")


def test_regions_without_log_delivery_exist() -> None:
    assert set(REGIONS) | {"me-south-1"} >= WITHOUT_DISTRIBUTION_LOGS
