"""cfn-lint over cloud assemblies. Each distinct template is linted once per region, by all test processes together."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

#: The region of templates whose stack has none.
REGION = "eu-central-1"


class Finding(NamedTuple):
    """One match of cfn-lint."""

    rule: str
    message: str
    path: str


class Linter:
    """cfn-lint with a cache: a file per template and region, named by a hash of both, in a folder per version.

    Args:
        folder: Where the results are stored. Processes may share it: a result is written in one step.
    """

    def __init__(self, folder: Path) -> None:
        from cfnlint.version import __version__

        self._folder = folder / __version__
        self._folder.mkdir(parents=True, exist_ok=True)

    def assembly(self, assembly: Path) -> Iterator[tuple[str, Finding]]:
        """Lint every template of an assembly, stages and nested stacks included, each for the region of its stack.

        Yields:
            The file name of a template, and a finding.
        """
        templates = sorted(assembly.rglob("*.template.json"))
        assert templates, f"{assembly} holds no template"
        regions = _regions(assembly)
        for template in templates:
            for finding in self.template(template.read_text(), regions.get(template.name, REGION)):
                yield template.name, finding

    def template(self, text: str, region: str) -> list[Finding]:
        """Lint one template for a region, or return the stored result."""
        stored = self._folder / f"{hashlib.sha256(f'{region} {text}'.encode()).hexdigest()}.json"
        if not stored.exists():
            unfinished = stored.with_suffix(f".{os.getpid()}")
            unfinished.write_text(json.dumps(_lint(text, region)))
            unfinished.replace(stored)
        return [Finding(*found) for found in json.loads(stored.read_text())]


def _lint(text: str, region: str) -> list[Finding]:
    from cfnlint.decode import decode_str

    template, errors = decode_str(text)
    matches = errors or _runner(region).validate_template(template)
    return [Finding(match.rule.id, match.message, "/".join(map(str, match.path or ()))) for match in matches]


@functools.cache
def _runner(region: str) -> Any:
    """cfn-lint for a region. Loading its rules takes as long as linting a small template, so that is done once."""
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    return Runner(ConfigMixIn(regions=[region]))


def _regions(assembly: Path) -> dict[str, str]:
    """Template → the region of its stack, for stacks that have one."""
    regions = {}
    for manifest in assembly.rglob("manifest.json"):
        for artifact in json.loads(manifest.read_text()).get("artifacts", {}).values():
            region = artifact.get("environment", "").rpartition("/")[2]
            if artifact["type"] == "aws:cloudformation:stack" and region not in ("", "unknown-region"):
                regions[artifact["properties"]["templateFile"]] = region
    return regions
