"""Drop-in modules: the same names, the same programs and the same types as the CDK; only the import changes."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import aws_cdk as cdk
import pytest

from support.minimal import MODULES, PROGRAMS, with_drop_in_modules

ROOT = Path(__file__).parent.parent.parent
PROGRAM = PROGRAMS / "app.py"


#: The resource types of the program that drop-in classes create under another logical id, or not at all.
GONE = {
    "AWS::ApiGateway::Deployment": "The logical id contains a digest of the API.",
    "AWS::Lambda::Version": "The logical id contains a digest of the function.",
    "AWS::CDK::Metadata": "The list of construct classes in use.",
    "AWS::SecretsManager::Secret": "RDS manages the password in a secret of its own.",
    "AWS::SecretsManager::SecretTargetAttachment": "As above.",
}


def ours_and_theirs(module: str) -> tuple[ModuleType, ModuleType]:
    return importlib.import_module(f"soc2_constructs.{module}"), importlib.import_module(f"aws_cdk.{module}")


def drop_in_classes(module: str) -> dict[str, type[Any]]:
    ours, theirs = ours_and_theirs(module)
    return {name: getattr(ours, name) for name in theirs.__all__ if hasattr(getattr(ours, name), "hardening")}


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
    return run(text, out / "plain"), run(with_drop_in_modules(text), out / "hardened")


@pytest.mark.parametrize("module", MODULES)
def test_every_name_of_the_cdk_is_there(module: str) -> None:
    ours, theirs = ours_and_theirs(module)
    replaced = drop_in_classes(module)
    for name in theirs.__all__:
        found, plain = getattr(ours, name), getattr(theirs, name)
        if inspect.ismodule(plain):
            assert found.__all__ == plain.__all__
        else:
            assert found is plain or (name in replaced and issubclass(found, plain)), f"{module}.{name} differs"


@pytest.mark.parametrize("module", MODULES)
def test_a_star_import_exports_the_names_of_both_libraries_and_no_others(module: str) -> None:
    ours, theirs = ours_and_theirs(module)
    star: dict[str, Any] = {}
    exec(f"from soc2_constructs.{module} import *", star)
    del star["__builtins__"]
    added = {
        name
        for name, value in vars(ours).items()
        if not name.startswith("_")
        and name not in theirs.__all__
        and (getattr(value, "__module__", "") or "").startswith(f"soc2_constructs.{module}")
    }
    constants = {name for name in ours.__all__ if name.isupper() and name not in theirs.__all__}
    assert set(star) == {*theirs.__all__, *added, *constants}
    assert all(star[name] is getattr(ours, name) for name in star)
    assert not {"cdk", "iam", "Any", "MYPY"} & set(star)


def submodules(module: str) -> list[str]:
    """The submodules of a module of the CDK."""
    theirs = importlib.import_module(f"aws_cdk.{module}")
    return [each.name for each in pkgutil.iter_modules(theirs.__path__) if not each.name.startswith("_")]


@pytest.mark.parametrize(
    ("module", "submodule"), [(module, submodule) for module in MODULES for submodule in submodules(module)]
)
def test_submodules_are_attributes_and_can_be_imported(module: str, submodule: str) -> None:
    ours, _ = ours_and_theirs(module)
    plain = importlib.import_module(f"aws_cdk.{module}.{submodule}")
    imported = importlib.import_module(f"soc2_constructs.{module}.{submodule}")
    assert imported.__all__ == plain.__all__
    for name in plain.__all__:
        assert getattr(imported, name) is getattr(getattr(ours, submodule), name) is getattr(plain, name)


def test_there_are_submodules() -> None:
    assert [(module, each) for module in MODULES for each in submodules(module)] == [
        ("aws_cloudfront", "experimental"),
        ("aws_ecr", "mixins"),
        ("aws_s3", "mixins"),
    ]


@pytest.mark.parametrize("module", MODULES)
def test_every_class_takes_the_arguments_of_its_base_class(module: str) -> None:
    _, theirs = ours_and_theirs(module)
    for name, cls in drop_in_classes(module).items():
        assert inspect.signature(cls) == inspect.signature(getattr(theirs, name))
        assert cls.__doc__ != getattr(theirs, name).__doc__, f"{name} has a docstring of its own"


def test_the_program_uses_every_module() -> None:
    text = with_drop_in_modules(PROGRAM.read_text())
    assert re.findall(r"^from soc2_constructs import (\w+)", text, flags=re.M) == MODULES


def test_the_same_program_runs(templates: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Every resource of the program keeps its logical id and its type."""
    plain, ours = templates
    assert set(ours) == set(plain)
    for stack, resources in plain.items():
        gone = {
            name: body["Type"]
            for name, body in resources.items()
            if ours[stack].get(name, {}).get("Type") != body["Type"]
        }
        assert {name: kind for name, kind in gone.items() if kind not in GONE} == {}


def test_values_of_the_program_stay(templates: tuple[dict[str, Any], dict[str, Any]]) -> None:
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


def test_the_same_programs_type_check(tmp_path: Path) -> None:
    """The app, and the minimal constructors of every hardened class, with the drop-in modules."""
    for program in PROGRAMS.glob("*.py"):
        (tmp_path / program.name).write_text(with_drop_in_modules(program.read_text()))
    assert type_check(tmp_path) == []


def test_type_checkers_know_every_class_and_its_arguments(tmp_path: Path) -> None:
    """Editors and mypy find our classes, and complain of an argument that the CDK's class does not have."""
    names = [(module, name) for module in MODULES for name in drop_in_classes(module)]
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
        assert f'Revealed type is "{getattr(ours_and_theirs(module)[0], name).__module__}.{name}"' in said
        assert f'Unexpected keyword argument "no_such_argument" for "{name}"' in said
