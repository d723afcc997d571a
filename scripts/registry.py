"""Coverage of the CloudFormation registry: how many resource types the controls evaluate.

python scripts/registry.py
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from soc2_constructs.audit.coverage import controls_by_type
from soc2_constructs.controls import Control, definitions

#: Common resource types, one per line, with the source of the selection.
COMMON_TYPES = Path(__file__).with_name("common_types.txt")

#: Which types the registry has hardly depends on the region; this one has most.
_REGION = "us-east-1"
#: Types that CloudFormation never creates: a transform replaces the first, the CDK's metadata deploys nothing.
_NOT_CREATED = ("AWS::Serverless::", "AWS::CDK::")


class Coverage(NamedTuple):
    """How many resource types the controls evaluate."""

    #: AWS resource types in the registry.
    types: list[str]
    #: Those of them that a control evaluates.
    judged: list[str]
    #: The common types.
    common: list[str]
    #: Those of them that no control evaluates.
    common_not_judged: list[str]

    @property
    def statement(self) -> str:
        """The coverage in two sentences, for README and documentation."""
        missing = len(self.common_not_judged)
        return (
            f"The controls evaluate {len(self.judged)} of the {len(self.types)} AWS resource types in the "
            f"CloudFormation registry. Of {len(self.common)} common types they evaluate {len(self.common) - missing}."
        )


def registry_coverage(controls: list[Control] | None = None) -> Coverage:
    """Return the coverage of the CloudFormation registry.

    The types of the registry are those of the resource schemas that cfn-lint ships.

    Args:
        controls: Default: the catalogue.
    """
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    types = sorted(
        type
        for type in PROVIDER_SCHEMA_MANAGER.get_resource_types(_REGION)
        if type.startswith("AWS::") and not type.startswith(_NOT_CREATED)
    )
    judged = controls_by_type(definitions() if controls is None else controls)
    common = [line for line in COMMON_TYPES.read_text().splitlines() if line and not line.startswith("#")]
    return Coverage(
        types, [type for type in types if type in judged], common, [type for type in common if type not in judged]
    )


def page(controls: list[Control]) -> str:
    """Return the page of the documentation on coverage."""
    coverage = registry_coverage(controls)
    return "\n".join(
        [
            "# Coverage of resource types",
            "",
            coverage.statement,
            "",
            "A resource of another type is not compliant or non-compliant: it is not judged. `soc2 check` lists these "
            "types in every report, and `soc2 controls --types` lists the types that are judged. The list of common "
            "types is a selection by the maintainers, as AWS publishes no usage statistics.",
            "",
            "## Common types that no control evaluates",
            "",
            *(f"- `{type}`" for type in coverage.common_not_judged),
            "",
            "Controls of other types read some of these. A subnet, for example, is public or not by its routes.",
            "",
        ]
    )


if __name__ == "__main__":
    result = registry_coverage()
    print(result.statement)
    print("not judged:", ", ".join(result.common_not_judged))
