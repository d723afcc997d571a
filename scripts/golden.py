"""Write the golden templates of the constructs to tests/golden: what an upgrade of this library changes.

    python scripts/golden.py

Each file is the template of the minimal constructor of a class. The diff of a change shows what the change does to
resources that are deployed already; `git diff` in a review, and `soc2 plan` in a test.

The first change of a template after a release copies the released one to tests/golden/released. For each file there,
the changelog must name the class under "Unreleased". A release deletes the folder.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts")]

import aws_cdk as cdk  # noqa: E402

from soc2_constructs import patterns  # noqa: E402
from support.minimal import Make, constructors  # noqa: E402

GOLDEN = ROOT / "tests" / "golden"
RELEASED = GOLDEN / "released"
#: The hash of an asset, which changes with the code of the CDK.
_HASH = re.compile("[0-9a-f]{64}")


def _relational_database(stack: cdk.Stack, id: str) -> Any:
    from aws_cdk import aws_rds as rds

    from soc2_constructs import aws_ec2 as ec2

    subnets = [ec2.SubnetConfiguration(name="Data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)]
    vpc = ec2.Vpc(stack, "Vpc", subnet_configuration=subnets)
    engine = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9)
    return patterns.RelationalDatabase(stack, id, engine=engine, vpc=vpc)


def _rest_service(stack: cdk.Stack, id: str) -> Any:
    from aws_cdk import aws_lambda as lambda_

    return patterns.RestService(stack, id, handler=lambda_.Function.from_function_name(stack, "Handler", "handler"))


#: The minimal constructors of the patterns.
PATTERNS: dict[str, Make] = {
    "patterns.BackupPolicy": patterns.BackupPolicy,
    "patterns.RelationalDatabase": _relational_database,
    "patterns.RestService": _rest_service,
    "patterns.SecurityTrail": patterns.SecurityTrail,
    "patterns.StaticWebsite": patterns.StaticWebsite,
}


def minimal_constructors() -> dict[str, Make]:
    """The minimal constructors of all classes and patterns, by module and name."""
    return {**constructors(drop_in=True), **PATTERNS}


def template_of(make: Make) -> str:
    """The template of a construct with no more arguments than the class requires, without what the CDK adds."""
    with tempfile.TemporaryDirectory() as folder:
        app = cdk.App(outdir=folder, analytics_reporting=False, context={"aws:cdk:disable-asset-staging": True})
        stack = cdk.Stack(app, "S", env=cdk.Environment(account="111111111111", region="eu-central-1"))
        make(stack, "Good")
        template = app.synth().get_stack_by_name("S").template
    for section in ("Parameters", "Rules"):
        template.pop(section, None)
    for resource in template["Resources"].values():
        resource.pop("Metadata", None)
    return _HASH.sub("0" * 64, json.dumps(template, indent=1, sort_keys=True, ensure_ascii=False)) + "\n"


def unlisted(released: Mapping[str, str], current: Mapping[str, str], changelog: str) -> list[str]:
    """The classes whose template differs from the released one, and that the changelog does not name."""
    _, _, rest = changelog.partition("\n## Unreleased\n")
    unreleased = rest.partition("\n## ")[0]
    return [name for name, text in released.items() if text != current.get(name) and f"`{name}`" not in unreleased]


def templates(folder: Path) -> dict[str, str]:
    """The templates in a folder, by class."""
    return {path.stem: path.read_text() for path in sorted(folder.glob("*.json"))}


def main() -> None:
    """Write the templates."""
    made = {name: template_of(make) for name, make in minimal_constructors().items()}
    for name, text in templates(GOLDEN).items():
        path = GOLDEN / f"{name}.json"
        if text == made.get(name):
            continue
        if not (RELEASED / path.name).exists():
            RELEASED.mkdir(exist_ok=True)
            (RELEASED / path.name).write_text(text)
        path.unlink()
    GOLDEN.mkdir(exist_ok=True)
    for name, text in made.items():
        (GOLDEN / f"{name}.json").write_text(text)
    for name in unlisted(templates(RELEASED), made, (ROOT / "CHANGELOG.md").read_text()):
        print(f"CHANGELOG.md does not name `{name}` under Unreleased; its defaults have changed.")


if __name__ == "__main__":
    main()
