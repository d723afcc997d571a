"""Our modules in the place of the CDK's: the same names, the same program, the same types; only the import changes."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import aws_cdk as cdk
import pytest

import soc2_constructs

ROOT = Path(__file__).parent.parent.parent
PROGRAM = Path(__file__).parent.parent / "programs" / "service.py"
MODULES = sorted(path.stem for path in Path(soc2_constructs.__file__).parent.glob("aws_*.py"))


#: What a program of the CDK's makes and ours does not, by type.
GONE = {
    "AWS::ApiGateway::Deployment": "The CDK writes a digest of the API into its id.",
    "AWS::Lambda::Version": "The CDK writes a digest of the function into its id.",
    "AWS::CDK::Metadata": "The CDK tells itself which constructs are in use.",
    "AWS::SecretsManager::Secret": "RDS keeps the password in a secret of its own, which `secret` of the database is.",
    "AWS::SecretsManager::SecretTargetAttachment": "As above.",
}


def ours_and_theirs(module: str) -> tuple[ModuleType, ModuleType]:
    return importlib.import_module(f"soc2_constructs.{module}"), importlib.import_module(f"aws_cdk.{module}")


def hardened_classes(module: str) -> dict[str, type[Any]]:
    ours, theirs = ours_and_theirs(module)
    return {name: getattr(ours, name) for name in theirs.__all__ if hasattr(getattr(ours, name), "hardening")}


def with_our_modules(text: str) -> str:
    """The program with the import changed, and nothing else."""
    return re.sub(
        rf"^from aws_cdk import ({'|'.join(MODULES)})\b(?!_)", r"from soc2_constructs import \1", text, flags=re.M
    )


def run(text: str, outdir: Path) -> dict[str, dict[str, Any]]:
    """Run a program; the resources of each of its stacks."""
    names: dict[str, Any] = {"__name__": "program"}
    exec(compile(text, str(PROGRAM), "exec"), names)
    app = cdk.App(outdir=str(outdir))
    names["build"](app)
    return {stack.stack_name: stack.template["Resources"] for stack in app.synth().stacks}


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    text = PROGRAM.read_text()
    out = tmp_path_factory.mktemp("programs")
    return run(text, out / "plain"), run(with_our_modules(text), out / "hardened")


@pytest.mark.parametrize("module", MODULES)
def test_every_name_of_the_cdk_is_there(module: str) -> None:
    ours, theirs = ours_and_theirs(module)
    replaced = hardened_classes(module)
    for name in theirs.__all__:
        found, plain = getattr(ours, name), getattr(theirs, name)
        assert found is plain or (name in replaced and issubclass(found, plain)), f"{module}.{name} is another thing"
    star: dict[str, Any] = {}
    exec(f"from soc2_constructs.{module} import *", star)
    assert set(theirs.__all__) <= set(star), "a star import brings them along"


@pytest.mark.parametrize("module", MODULES)
def test_every_class_takes_the_arguments_of_its_sister(module: str) -> None:
    _, theirs = ours_and_theirs(module)
    for name, cls in hardened_classes(module).items():
        assert inspect.signature(cls) == inspect.signature(getattr(theirs, name))
        assert cls.__doc__ != getattr(theirs, name).__doc__, f"{name} says what it does"


def test_the_program_is_about_every_module() -> None:
    text = with_our_modules(PROGRAM.read_text())
    assert re.findall(r"^from soc2_constructs import (\w+)", text, flags=re.M) == MODULES


def test_the_same_program_runs(templates: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Nothing that the program makes is renamed, replaced by another type, or left out."""
    plain, ours = templates
    assert set(ours) == set(plain)
    for stack, resources in plain.items():
        gone = {
            name: body["Type"]
            for name, body in resources.items()
            if ours[stack].get(name, {}).get("Type") != body["Type"]
        }
        assert {name: kind for name, kind in gone.items() if kind not in GONE} == {}


def test_what_the_program_says_stays(templates: tuple[dict[str, Any], dict[str, Any]]) -> None:
    _, ours = templates
    files = _only(ours["Storage"], "AWS::S3::Bucket", "Files")
    assert files["CorsConfiguration"]["CorsRules"][0]["AllowedOrigins"] == ["https://example.com"]
    assert files["LifecycleConfiguration"]["Rules"][0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    assert _only(ours["Storage"], "AWS::Logs::LogGroup", "Group")["RetentionInDays"] == 731
    assert _only(ours["Databases"], "AWS::RDS::DBInstance", "Accounts")["BackupRetentionPeriod"] == 14
    assert _only(ours["Databases"], "AWS::SecretsManager::Secret", "DatabasesAccountsSecret")
    assert _only(ours["Streams"], "AWS::Kinesis::Stream", "Stream")["RetentionPeriodHours"] == 336
    assert _only(ours["Streams"], "AWS::DynamoDB::Table", "Table")["BillingMode"] == "PAY_PER_REQUEST"
    web = _only(ours["Apis"], "AWS::CloudFront::Distribution", "Web")["DistributionConfig"]
    assert web["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"
    stage = _only(ours["Apis"], "AWS::ApiGateway::Stage", "RestDeploymentStagelive")
    assert stage["MethodSettings"][0]["ThrottlingRateLimit"] == 50


def _only(resources: dict[str, Any], kind: str, start: str) -> dict[str, Any]:
    (found,) = (body for name, body in resources.items() if body["Type"] == kind and name.startswith(start))
    properties: dict[str, Any] = found["Properties"]
    return properties


# Types


def type_check(path: Path) -> list[str]:
    """What mypy says, strictly: with the settings and so the cache of the project, without which it takes minutes."""
    from mypy import api

    with contextlib.chdir(ROOT):
        out, errors, _ = api.run(["--config-file", "pyproject.toml", "--no-error-summary", str(path)])
    assert not errors
    return [line.partition(": ")[2] for line in out.splitlines()]


def test_the_same_program_type_checks(tmp_path: Path) -> None:
    path = tmp_path / "service.py"
    path.write_text(with_our_modules(PROGRAM.read_text()))
    assert type_check(path) == []


def test_type_checkers_know_every_class_and_its_arguments(tmp_path: Path) -> None:
    """Editors and mypy find our classes, and complain of an argument that the CDK's class does not have."""
    names = [(module, name) for module in MODULES for name in hardened_classes(module)]
    path = tmp_path / "wrong.py"
    path.write_text(
        "\n".join(
            [
                "import aws_cdk as cdk",
                *(f"from soc2_constructs import {module}" for module in MODULES),
                "def make(stack: cdk.Stack) -> None:",
                *(f'    reveal_type({module}.{name}(stack, "Id", no_such_argument=1))' for module, name in names),
            ]
        )
    )
    said = "\n".join(type_check(path))
    for module, name in names:
        assert f'Revealed type is "soc2_constructs.{module}.{name}"' in said
        assert f'Unexpected keyword argument "no_such_argument" for "{name}"' in said
