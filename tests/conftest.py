"""Settings of every test process, and the judge that every test may call."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The framework's own template validator takes seconds per synth; one end-to-end test runs with it, the others without.
# Rule packs run all the same.
os.environ.setdefault("CDK_VALIDATION", "false")

# A busy machine is no reason to fail: what is slow shows in benchmarks/.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

#: The region for which templates are judged that do not tell theirs.
REGION = "eu-central-1"

#: What cfn-lint says of templates that is not ours to change, by rule.
PINNED_LINT = {
    "W3005": "The CDK lets functions and state machines wait for their role, although they name it anyway.",
    "W3010": "In a stack that tells its region, the CDK names the zones of a network.",
}


@pytest.fixture(scope="session")
def cfn_lint() -> Callable[..., list[str]]:
    """Judge every template of an assembly, stages and nested stacks included, for the region that it is made for."""
    from cfnlint.api import lint

    def judge(assembly: Path, pinned: bool = False) -> list[str]:
        templates = sorted(assembly.rglob("*.template.json"))
        assert templates, f"{assembly} holds no template"
        regions = _regions(assembly)
        return [
            f"{template.name}: {match.rule.id} {match.message} at {'/'.join(map(str, match.path or ()))}"
            for template in templates
            for match in lint(template.read_text(), regions=[regions.get(template.name, REGION)])
            if (match.rule.id in PINNED_LINT) is pinned
        ]

    return judge


def _regions(assembly: Path) -> dict[str, str]:
    """The region of each template whose stack tells it."""
    found = {}
    for manifest in assembly.rglob("manifest.json"):
        for artifact in json.loads(manifest.read_text()).get("artifacts", {}).values():
            region = artifact.get("environment", "").rpartition("/")[2]
            if artifact["type"] == "aws:cloudformation:stack" and region not in ("", "unknown-region"):
                found[artifact["properties"]["templateFile"]] = region
    return found
